/* SPDX-License-Identifier: MIT */
/* A window with an OpenGL pixel format, for the Windows programs here, and what it shows. */
#ifndef WGL_WINDOW_H
#define WGL_WINDOW_H

#define WIN32_LEAN_AND_MEAN
#include <windows.h>
#include <GL/gl.h>
#include <GL/glext.h>
#include <GL/wglext.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define WINDOW_CLASS "STATIC"

struct wgl_window {
	HWND handle;
	HDC device;
};

/* Through memcpy: a plain cast between function pointer types is what compilers warn about. */
static inline bool wgl_look_up(const char *name, void *function)
{
	PROC address = wglGetProcAddress(name);

	memcpy(function, &address, sizeof(address));
	return address != NULL;
}

static inline void wgl_handle_messages(void)
{
	MSG message;

	while (PeekMessageA(&message, NULL, 0, 0, PM_REMOVE))
		DispatchMessageA(&message);
}

static inline bool wgl_window_open(struct wgl_window *window, int x, int width, int height)
{
	const PIXELFORMATDESCRIPTOR wanted = {
		.nSize = sizeof(wanted),
		.nVersion = 1,
		.dwFlags = PFD_DRAW_TO_WINDOW | PFD_SUPPORT_OPENGL | PFD_DOUBLEBUFFER,
		.cColorBits = 24,
	};

	window->handle = CreateWindowA(
		WINDOW_CLASS, "", WS_POPUP | WS_VISIBLE, x, 0, width, height, NULL, NULL, GetModuleHandleA(NULL), NULL);
	window->device = window->handle ? GetDC(window->handle) : NULL;
	if (!window->device)
		return false;
	wgl_handle_messages(); /* the window paints its background now, not later over what is drawn */
	return SetPixelFormat(window->device, ChoosePixelFormat(window->device, &wanted), &wanted);
}

static inline void wgl_window_close(struct wgl_window *window)
{
	ReleaseDC(window->handle, window->device);
	DestroyWindow(window->handle);
}

/* The number of a frame, as a colour that survives 8 bits per channel. */
static inline COLORREF wgl_colour(unsigned frame)
{
	return RGB(40 + frame * 7 % 200, 250 - frame * 13 % 200, 30 + frame * 31 % 200);
}

static inline void wgl_clear(COLORREF colour)
{
	glClearColor((float)GetRValue(colour) / 255, (float)GetGValue(colour) / 255, (float)GetBValue(colour) / 255, 1);
	glClear(GL_COLOR_BUFFER_BIT);
}

#endif /* WGL_WINDOW_H */
