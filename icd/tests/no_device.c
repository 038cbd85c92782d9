/* SPDX-License-Identifier: MIT */
/*
 * What a program sees when there is no vgpu device: opengl32.dll loads, offers no pixel format, makes no context, and
 * unloads. Prints "ok" and returns 0, or says what was wrong. Needs the project's opengl32.dll beside it or on the
 * path.
 */
#define WIN32_LEAN_AND_MEAN
#include <windows.h>
#include <stdio.h>
#include <string.h>

typedef int(WINAPI *choose_pixel_format)(HDC, const PIXELFORMATDESCRIPTOR *);
typedef int(WINAPI *describe_pixel_format)(HDC, int, UINT, PIXELFORMATDESCRIPTOR *);
typedef HGLRC(WINAPI *create_context)(HDC);

static int fail(const char *what)
{
	fprintf(stderr, "no_device: %s (error %lu)\n", what, GetLastError());
	return 1;
}

/* Through memcpy: a plain cast between function pointer types is what compilers warn about. */
static int look_up(HMODULE module, const char *name, void *function)
{
	FARPROC address = GetProcAddress(module, name);

	memcpy(function, &address, sizeof(address));
	return address != NULL;
}

static int check(HMODULE opengl, HDC hdc)
{
	const PIXELFORMATDESCRIPTOR wanted = {
		.nSize = sizeof(wanted),
		.nVersion = 1,
		.dwFlags = PFD_DRAW_TO_WINDOW | PFD_SUPPORT_OPENGL | PFD_DOUBLEBUFFER,
		.cColorBits = 24,
		.cDepthBits = 24,
	};
	choose_pixel_format choose;
	describe_pixel_format describe;
	create_context create;

	if (!look_up(opengl, "wglChoosePixelFormat", &choose) ||
		!look_up(opengl, "wglDescribePixelFormat", &describe) || !look_up(opengl, "wglCreateContext", &create))
		return fail("opengl32.dll lacks wgl functions");
	if (describe(hdc, 1, 0, NULL) != 0)
		return fail("there are pixel formats without a device");
	if (choose(hdc, &wanted) != 0)
		return fail("a pixel format was chosen without a device");
	if (create(hdc))
		return fail("a context was made without a device");
	return 0;
}

int main(void)
{
	HMODULE opengl = LoadLibraryW(L"opengl32.dll");
	HWND window;
	int result;
	HDC hdc;

	if (!opengl)
		return fail("opengl32.dll does not load");
	window = CreateWindowW(
		L"STATIC", L"no device", WS_OVERLAPPEDWINDOW, 0, 0, 64, 64, NULL, NULL, GetModuleHandleW(NULL), NULL);
	if (!window)
		return fail("no window");
	hdc = GetDC(window);
	result = check(opengl, hdc);
	ReleaseDC(window, hdc);
	DestroyWindow(window);
	if (!FreeLibrary(opengl))
		return fail("opengl32.dll does not unload");
	if (result == 0)
		puts("ok");
	return result;
}
