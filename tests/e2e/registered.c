/* SPDX-License-Identifier: MIT */
/*
 * What Windows' opengl32.dll does with the OpenGL driver that is registered as MSOGL, for an application that draws:
 * the driver is found by the registry, loaded from the system folder, and asked through the entry points of an
 * installable client driver (Microsoft, "Loading an OpenGL Installable Client Driver"; places in the table of functions
 * by OpenGL 1.1's order). Exit status 0: every pixel is right; 2: no driver is registered.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <windows.h>
#include <GL/gl.h>

#define MSOGL L"SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\OpenGLDrivers\\MSOGL"
#define CLASS_NAME "vgpu-registered"
#define SIDE 64 /* of the window, pixels */
#define FUNCTIONS 336 /* of OpenGL 1.1 */

enum place {
	PLACE_COLOR = 13,
	PLACE_RECT = 88,
	PLACE_CLEAR = 203,
	PLACE_CLEAR_COLOR = 206,
	PLACE_READ = 256,
	PLACE_STRING = 275
};

struct table {
	int count;
	PROC functions[FUNCTIONS];
};

struct driver {
	HMODULE library;
	BOOL(WINAPI *validate)(ULONG);
	int(WINAPI *describe)(HDC, int, ULONG, PIXELFORMATDESCRIPTOR *);
	BOOL(WINAPI *set_format)(HDC, int);
	ULONG(WINAPI *create)(HDC, int);
	const struct table *(WINAPI *set)(HDC, ULONG, void *);
	BOOL(WINAPI *release)(ULONG);
	BOOL(WINAPI *destroy)(ULONG);
	BOOL(WINAPI *swap)(HDC);
};

static uint8_t pixels[SIDE * SIDE * 4];

static int fail(const char *why)
{
	fprintf(stderr, "registered: %s\n", why);
	return 1;
}

/* The same code runs with 32 and 64 bits: each sees its own half of the registry. */
static bool read_registered(WCHAR *name, DWORD *version)
{
	DWORD size = MAX_PATH * sizeof(*name), number = sizeof(*version);

	return !RegGetValueW(HKEY_LOCAL_MACHINE, MSOGL, L"DLL", RRF_RT_REG_SZ, NULL, name, &size) &&
	       !RegGetValueW(HKEY_LOCAL_MACHINE, MSOGL, L"DriverVersion", RRF_RT_REG_DWORD, NULL, version, &number);
}

static bool load(struct driver *driver, const WCHAR *name)
{
	const struct {
		const char *name;
		void *to;
	} entries[] = {
		{"DrvValidateVersion", &driver->validate},
		{"DrvDescribePixelFormat", &driver->describe},
		{"DrvSetPixelFormat", &driver->set_format},
		{"DrvCreateLayerContext", &driver->create},
		{"DrvSetContext", &driver->set},
		{"DrvReleaseContext", &driver->release},
		{"DrvDeleteContext", &driver->destroy},
		{"DrvSwapBuffers", &driver->swap},
	};
	char path[MAX_PATH];

	driver->library = LoadLibraryExW(name, NULL, LOAD_LIBRARY_SEARCH_SYSTEM32);
	if (!driver->library)
		return false;
	GetModuleFileNameA(driver->library, path, MAX_PATH);
	printf("driver %s\n", path);
	for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++) {
		FARPROC function = GetProcAddress(driver->library, entries[i].name);
		if (!function)
			return false;
		memcpy(entries[i].to, &function, sizeof(function));
	}
	return true;
}

static HDC open_window(void)
{
	WNDCLASSA window_class = {
		.style = CS_OWNDC,
		.lpfnWndProc = DefWindowProcA,
		.hInstance = GetModuleHandleA(NULL),
		.lpszClassName = CLASS_NAME,
	};
	HWND window;

	RegisterClassA(&window_class);
	window = CreateWindowA(CLASS_NAME, CLASS_NAME, WS_POPUP | WS_VISIBLE, 0, 0, SIDE, SIDE, NULL, NULL,
		window_class.hInstance, NULL);
	return window ? GetDC(window) : NULL;
}

/* The first double-buffered RGBA format with 24 bits of colour, 0: none. */
static int choose_format(const struct driver *driver, HDC device)
{
	const DWORD flags = PFD_DRAW_TO_WINDOW | PFD_SUPPORT_OPENGL | PFD_DOUBLEBUFFER;
	PIXELFORMATDESCRIPTOR format;
	int count = driver->describe(device, 0, 0, NULL);

	for (int i = 1; i <= count; i++) {
		if (driver->describe(device, i, sizeof(format), &format) && (format.dwFlags & flags) == flags &&
			format.iPixelType == PFD_TYPE_RGBA && format.cColorBits >= 24)
			return i;
	}
	return 0;
}

/* Blue, and the left half red. */
static void draw(const struct table *table)
{
	void(WINAPI * clear_color)(GLfloat, GLfloat, GLfloat, GLfloat);
	void(WINAPI * clear)(GLbitfield);
	void(WINAPI * color)(GLfloat, GLfloat, GLfloat);
	void(WINAPI * rectangle)(GLfloat, GLfloat, GLfloat, GLfloat);
	void(WINAPI * read)(GLint, GLint, GLsizei, GLsizei, GLenum, GLenum, void *);
	const GLubyte *(WINAPI * get_string)(GLenum);

	memcpy(&clear_color, &table->functions[PLACE_CLEAR_COLOR], sizeof(PROC));
	memcpy(&clear, &table->functions[PLACE_CLEAR], sizeof(PROC));
	memcpy(&color, &table->functions[PLACE_COLOR], sizeof(PROC));
	memcpy(&rectangle, &table->functions[PLACE_RECT], sizeof(PROC));
	memcpy(&read, &table->functions[PLACE_READ], sizeof(PROC));
	memcpy(&get_string, &table->functions[PLACE_STRING], sizeof(PROC));
	printf("renderer %s\n", (const char *)get_string(GL_RENDERER));
	clear_color(0, 0, 1, 1);
	clear(GL_COLOR_BUFFER_BIT);
	color(1, 0, 0);
	rectangle(-1, -1, 0, 1);
	read(0, 0, SIDE, SIDE, GL_RGBA, GL_UNSIGNED_BYTE, pixels);
}

static unsigned wrong_pixels(void)
{
	unsigned wrong = 0;

	for (unsigned i = 0; i < SIDE * SIDE; i++) {
		bool left = i % SIDE < SIDE / 2;
		const uint8_t expected[3] = {left ? 255 : 0, 0, left ? 0 : 255};
		wrong += memcmp(&pixels[4 * (size_t)i], expected, 3) != 0;
	}
	return wrong;
}

static int run(const struct driver *driver, HDC device)
{
	int format = choose_format(driver, device);
	const struct table *table;
	unsigned wrong;
	ULONG context;
	BOOL swapped;

	if (!format)
		return fail("the driver offers no pixel format");
	context = driver->set_format(device, format) ? driver->create(device, 0) : 0;
	table = context ? driver->set(device, context, NULL) : NULL;
	if (!table || table->count != FUNCTIONS)
		return fail("the driver makes no context");
	draw(table);
	swapped = driver->swap(device);
	wrong = wrong_pixels();
	driver->release(context);
	driver->destroy(context);
	printf("%u wrong pixels\n", wrong);
	return wrong ? fail("pixels are wrong") : swapped ? 0 : fail("the frame is not shown");
}

int main(void)
{
	struct driver driver = {0};
	WCHAR name[MAX_PATH];
	DWORD version;
	HDC device;

	if (!read_registered(name, &version)) {
		fail("no OpenGL driver is registered");
		return 2;
	}
	if (!load(&driver, name))
		return fail("the registered driver does not load");
	if (!driver.validate(version))
		return fail("the driver refuses the registered version");
	device = open_window();
	return device ? run(&driver, device) : fail("no window");
}
