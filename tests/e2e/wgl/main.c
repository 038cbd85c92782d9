/* SPDX-License-Identifier: MIT */
/*
 * What WGL promises, case by case, on pixels that are read back. Says each case's name and result; with arguments only
 * the cases that are named. Exit status 0: all right.
 */
#include "wgl_test.h"

#include <stdio.h>
#include <string.h>

#define CLASS_NAME "vgpu-wgl"

void answer_messages(void)
{
	MSG message;

	while (PeekMessageA(&message, NULL, 0, 0, PM_REMOVE))
		DispatchMessageA(&message);
}

static int usual_format(HDC device)
{
	PIXELFORMATDESCRIPTOR wanted = {
		.nSize = sizeof(wanted),
		.nVersion = 1,
		.dwFlags = PFD_DRAW_TO_WINDOW | PFD_SUPPORT_OPENGL | PFD_DOUBLEBUFFER,
		.iPixelType = PFD_TYPE_RGBA,
		.cColorBits = 24,
		.cDepthBits = 24,
	};

	return ChoosePixelFormat(device, &wanted);
}

bool view_open_format(struct view *view, int x, int width, int height, DWORD extended_style, int format)
{
	PIXELFORMATDESCRIPTOR description = {.nSize = sizeof(description), .nVersion = 1};

	*view = (struct view){0};
	view->window = CreateWindowExA(extended_style, CLASS_NAME, CLASS_NAME, WS_POPUP | WS_VISIBLE, x, 0, width,
		height, NULL, NULL, GetModuleHandleA(NULL), NULL);
	view->device = view->window ? GetDC(view->window) : NULL;
	if (!view->device)
		return false;
	if (!format)
		format = usual_format(view->device);
	return format && SetPixelFormat(view->device, format, &description);
}

bool view_open(struct view *view, int x, int width, int height)
{
	return view_open_format(view, x, width, height, 0, 0);
}

bool view_start(struct view *view, int x, int width, int height)
{
	if (!view_open(view, x, width, height))
		return false;
	view->context = wglCreateContext(view->device);
	return view->context && wglMakeCurrent(view->device, view->context);
}

void view_close(struct view *view)
{
	wglMakeCurrent(NULL, NULL);
	if (view->context)
		wglDeleteContext(view->context);
	if (view->device)
		ReleaseDC(view->window, view->device);
	if (view->window)
		DestroyWindow(view->window);
	*view = (struct view){0};
	answer_messages();
}

void clear_to(uint32_t colour)
{
	glClearColor(
		(float)(colour >> 16 & 255) / 255, (float)(colour >> 8 & 255) / 255, (float)(colour & 255) / 255, 1);
	glClear(GL_COLOR_BUFFER_BIT);
}

uint32_t read_pixel(int x, int y)
{
	uint8_t pixel[4] = {0};

	glReadPixels(x, y, 1, 1, GL_RGBA, GL_UNSIGNED_BYTE, pixel);
	return (uint32_t)pixel[0] << 16 | (uint32_t)pixel[1] << 8 | pixel[2];
}

bool all_pixels(int width, int height, uint32_t colour)
{
	static _Thread_local uint8_t pixels[512 * 512 * 4];

	memset(pixels, 0x5a, sizeof(pixels));
	glReadPixels(0, 0, width, height, GL_RGBA, GL_UNSIGNED_BYTE, pixels);
	for (int i = 0; i < width * height; i++) {
		if (((uint32_t)pixels[4 * i] << 16 | (uint32_t)pixels[4 * i + 1] << 8 | pixels[4 * i + 2]) != colour)
			return false;
	}
	return true;
}

bool nearly(uint32_t colour, uint32_t expected, int tolerance)
{
	for (int shift = 0; shift < 24; shift += 8) {
		int difference = (int)(colour >> shift & 255) - (int)(expected >> shift & 255);
		if (difference > tolerance || difference < -tolerance)
			return false;
	}
	return true;
}

PROC wgl_function(const char *name)
{
	PROC function = wglGetProcAddress(name);
	INT_PTR value = (INT_PTR)function;

	return value >= -1 && value <= 3 ? NULL : function;
}

bool has_wgl_extension(const char *name)
{
	FUNCTION(PFNWGLGETEXTENSIONSSTRINGARBPROC, get, "wglGetExtensionsStringARB");
	const char *all = get ? get(wglGetCurrentDC()) : NULL;
	size_t length = strlen(name);

	for (; all && (all = strstr(all, name)); all += length) {
		if (all[length] == ' ' || !all[length])
			return true;
	}
	return false;
}

static bool is_wanted(const char *name, int argc, char **argv)
{
	if (argc < 2)
		return true;
	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], name))
			return true;
	}
	return false;
}

static unsigned run_all(const struct named_case *cases, int argc, char **argv, unsigned *count)
{
	unsigned failed = 0;

	for (; cases->name; cases++) {
		const char *why;

		if (!is_wanted(cases->name, argc, argv))
			continue;
		why = cases->run();
		wglMakeCurrent(NULL, NULL);
		printf("%s %s%s%s\n", why ? "FAILED" : "ok", cases->name, why ? ": " : "", why ? why : "");
		fflush(stdout);
		failed += why != NULL;
		++*count;
	}
	return failed;
}

int main(int argc, char **argv)
{
	WNDCLASSA window_class = {
		.style = CS_OWNDC,
		.lpfnWndProc = DefWindowProcA,
		.hInstance = GetModuleHandleA(NULL),
		.lpszClassName = CLASS_NAME,
	};
	unsigned failed, count = 0;

	SetProcessDPIAware();
	if (!RegisterClassA(&window_class))
		return 2;
	failed = run_all(context_cases, argc, argv, &count);
	failed += run_all(window_cases, argc, argv, &count);
	failed += run_all(format_cases, argc, argv, &count);
	printf("%u of %u cases failed\n", failed, count);
	return failed || !count;
}
