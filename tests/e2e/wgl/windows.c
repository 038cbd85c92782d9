/* SPDX-License-Identifier: MIT */
/* Windows: their sizes, states and ends, and what else draws in them. */
#include "wgl_test.h"

#include <stdio.h>

static const char *check_size(struct view *view, int width, int height, uint32_t colour)
{
	RECT client;

	SetWindowPos(view->window, NULL, 0, 0, width, height, SWP_NOZORDER);
	answer_messages();
	GetClientRect(view->window, &client);
	CHECK(client.right == width && client.bottom == height, "the window has another size");
	glViewport(0, 0, width, height);
	clear_to(colour);
	if (width && height) {
		CHECK(all_pixels(width, height, colour), "wrong pixels after a change of size");
		CHECK(read_pixel(width - 1, height - 1) == colour, "the last pixel is wrong after a change of size");
	}
	SwapBuffers(view->device);
	return glGetError() ? "an OpenGL call fails after a change of size" : NULL;
}

static const char *resize(void)
{
	static const int sizes[][2] = {
		{300, 200}, {17, 400}, {0, 0}, {128, 128}, {1, 1}, {0, 50}, {500, 500}, {SIDE, SIDE}};
	struct view view;

	CHECK(view_start(&view, 0, SIDE, SIDE), "no context");
	for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		const char *why = check_size(&view, sizes[i][0], sizes[i][1], 0x112233 + 0x080402 * i);
		if (why)
			return why;
	}
	view_close(&view);
	return NULL;
}

static const char *initial_viewport(void)
{
	struct view view;
	GLint viewport[4];
	RECT client;

	CHECK(view_start(&view, 0, 150, 90), "no context");
	GetClientRect(view.window, &client);
	glGetIntegerv(GL_VIEWPORT, viewport);
	CHECK(viewport[2] == client.right && viewport[3] == client.bottom, "the viewport is not the window's inside");
	view_close(&view);
	return NULL;
}

struct drawing {
	struct view *view;
	volatile LONG end;
	unsigned frames;
	bool swapped;
};

static DWORD WINAPI draw_on(void *argument)
{
	struct drawing *drawing = argument;

	if (!wglMakeCurrent(drawing->view->device, drawing->view->context))
		return 1;
	drawing->swapped = true;
	while (!drawing->end || drawing->frames < 20) {
		clear_to(0x010101 * (drawing->frames++ & 255));
		drawing->swapped &= SwapBuffers(drawing->view->device) != 0;
	}
	wglMakeCurrent(NULL, NULL);
	return 0;
}

static const char *resize_while_drawing(void)
{
	struct view view;
	struct drawing drawing = {.view = &view};
	HANDLE thread;
	DWORD status;

	CHECK(view_start(&view, 0, SIDE, SIDE), "no context");
	wglMakeCurrent(NULL, NULL);
	thread = CreateThread(NULL, 0, draw_on, &drawing, 0, NULL);
	for (int i = 0; i < 60; i++) {
		int side = i % 6 == 5 ? 0 : 20 + i * 37 % 300;
		SetWindowPos(view.window, NULL, 0, 0, side, side, SWP_NOZORDER);
		answer_messages();
		Sleep(5);
	}
	drawing.end = 1;
	while (MsgWaitForMultipleObjects(1, &thread, FALSE, INFINITE, QS_ALLINPUT) != WAIT_OBJECT_0)
		answer_messages();
	GetExitCodeThread(thread, &status);
	CloseHandle(thread);
	CHECK(!status, "it cannot be made current in the thread");
	CHECK(drawing.swapped, "SwapBuffers fails while the size changes");
	CHECK(wglMakeCurrent(view.device, view.context), "it does not come back");
	const char *why = check_size(&view, 100, 80, 0x77aa11);
	view_close(&view);
	return why;
}

static const char *minimise(void)
{
	struct view view;

	CHECK(view_start(&view, 0, SIDE, SIDE), "no context");
	for (unsigned i = 0; i < 3; i++) {
		ShowWindow(view.window, SW_MINIMIZE);
		answer_messages();
		clear_to(0x202020);
		CHECK(SwapBuffers(view.device), "SwapBuffers fails while minimised");
		ShowWindow(view.window, SW_RESTORE);
		answer_messages();
		clear_to(0x30405 * (i + 1));
		CHECK(all_pixels(SIDE, SIDE, 0x30405 * (i + 1)), "wrong pixels after it was minimised");
		CHECK(SwapBuffers(view.device), "SwapBuffers fails after it was minimised");
		ShowWindow(view.window, SW_HIDE);
		clear_to(0x112200);
		CHECK(SwapBuffers(view.device), "SwapBuffers fails while hidden");
		ShowWindow(view.window, SW_SHOW);
	}
	view_close(&view);
	return NULL;
}

static const char *moved(void)
{
	static const int places[][2] = {{300, 200}, {-40, -40}, {5000, 5000}, {0, 0}};
	struct view view;

	CHECK(view_start(&view, 0, SIDE, SIDE), "no context");
	for (unsigned i = 0; i < 4; i++) {
		SetWindowPos(view.window, NULL, places[i][0], places[i][1], 0, 0, SWP_NOZORDER | SWP_NOSIZE);
		answer_messages();
		clear_to(0x404142 + i);
		CHECK(all_pixels(SIDE, SIDE, 0x404142 + i), "wrong pixels after a move");
		CHECK(SwapBuffers(view.device), "SwapBuffers fails after a move");
	}
	view_close(&view);
	return NULL;
}

/* The window goes, the context stays current: calls must be harmless, and the context good for the next window. */
static const char *destroyed_while_current(void)
{
	struct view view, next;
	HGLRC context;

	for (unsigned round = 0; round < 3; round++) {
		CHECK(view_start(&view, 0, SIDE, SIDE), "no context");
		context = view.context;
		clear_to(0x123456);
		SwapBuffers(view.device);
		DestroyWindow(view.window);
		answer_messages();
		clear_to(0x654321);
		glFinish();
		read_pixel(1, 1);
		SwapBuffers(view.device);
		CHECK(view_open(&next, 0, 2 * SIDE, SIDE), "no next window");
		CHECK(wglMakeCurrent(next.device, context), "it cannot be made current on the next window");
		clear_to(0x0a0b0c);
		CHECK(all_pixels(2 * SIDE, SIDE, 0x0a0b0c), "wrong pixels in the next window");
		CHECK(SwapBuffers(next.device), "SwapBuffers fails in the next window");
		next.context = context;
		view_close(&next);
	}
	return NULL;
}

static const char *swap_without_context(void)
{
	struct view view;

	CHECK(view_start(&view, 0, SIDE, SIDE), "no context");
	clear_to(0x00ff80);
	glFlush();
	wglMakeCurrent(NULL, NULL);
	CHECK(SwapBuffers(view.device), "SwapBuffers fails without a context");
	CHECK(wglMakeCurrent(view.device, view.context), "it does not come back");
	clear_to(0x8000ff);
	CHECK(all_pixels(SIDE, SIDE, 0x8000ff), "wrong pixels after it");
	view_close(&view);
	CHECK(view_open(&view, 0, SIDE, SIDE), "no window");
	SwapBuffers(view.device); /* nothing was ever drawn */
	view_close(&view);
	return NULL;
}

/* What OpenGL drew is sure to be in the window after glFinish. */
static COLORREF on_screen(const struct view *view, int x, int y)
{
	GdiFlush();
	return GetPixel(view->device, x, y);
}

/* GDI draws over what OpenGL has shown, and the next frame over that. */
static const char *gdi_over(void)
{
	struct view view;
	RECT part = {8, 8, 24, 24};
	HBRUSH brush = CreateSolidBrush(RGB(255, 0, 0));

	CHECK(view_start(&view, 0, SIDE, SIDE), "no context");
	for (unsigned round = 0; round < 3; round++) {
		clear_to(0x0000ff);
		CHECK(SwapBuffers(view.device), "SwapBuffers fails");
		glFinish();
		FillRect(view.device, &part, brush);
		CHECK(on_screen(&view, 10, 10) == RGB(255, 0, 0), "what GDI drew is not seen");
		CHECK(on_screen(&view, 40, 40) == RGB(0, 0, 255), "what OpenGL drew is not seen beside it");
	}
	clear_to(0x00ff00);
	CHECK(SwapBuffers(view.device), "SwapBuffers fails");
	glFinish();
	CHECK(on_screen(&view, 10, 10) == RGB(0, 255, 0), "the next frame does not cover what GDI drew");
	DeleteObject(brush);
	view_close(&view);
	return NULL;
}

static const char *layered(void)
{
	struct view view;

	CHECK(view_open_format(&view, 0, SIDE, SIDE, WS_EX_LAYERED, 0), "no layered window");
	SetLayeredWindowAttributes(view.window, 0, 128, LWA_ALPHA);
	view.context = wglCreateContext(view.device);
	CHECK(view.context && wglMakeCurrent(view.device, view.context), "no context");
	for (unsigned i = 0; i < 5; i++) {
		clear_to(0x101112 * i);
		CHECK(all_pixels(SIDE, SIDE, 0x101112 * i), "wrong pixels");
		CHECK(SwapBuffers(view.device), "SwapBuffers fails");
	}
	view_close(&view);
	return NULL;
}

static const char *child_window(void)
{
	struct view view;
	PIXELFORMATDESCRIPTOR description = {.nSize = sizeof(description), .nVersion = 1};
	HWND child;
	HDC device;

	CHECK(view_start(&view, 0, 2 * SIDE, 2 * SIDE), "no context");
	child = CreateWindowA(
		"vgpu-wgl", "child", WS_CHILD | WS_VISIBLE, SIDE, SIDE, SIDE, SIDE, view.window, NULL, NULL, NULL);
	device = GetDC(child);
	CHECK(device && SetPixelFormat(device, GetPixelFormat(view.device), &description),
		"no pixel format for a child");
	CHECK(wglMakeCurrent(device, view.context), "it cannot be made current on a child");
	clear_to(0x998877);
	CHECK(all_pixels(SIDE, SIDE, 0x998877), "wrong pixels in a child");
	CHECK(SwapBuffers(device), "SwapBuffers fails in a child");
	wglMakeCurrent(NULL, NULL);
	ReleaseDC(child, device);
	view_close(&view);
	return NULL;
}

static const char *layer_planes(void)
{
	LAYERPLANEDESCRIPTOR plane = {.nSize = sizeof(plane), .nVersion = 1};
	struct view view;

	CHECK(view_start(&view, 0, SIDE, SIDE), "no context");
	clear_to(0x224466);
	CHECK(wglSwapLayerBuffers(view.device, WGL_SWAP_MAIN_PLANE), "the main plane cannot be swapped");
	CHECK(!wglDescribeLayerPlane(view.device, GetPixelFormat(view.device), 1, sizeof(plane), &plane),
		"there is an overlay plane");
	CHECK(!wglRealizeLayerPalette(view.device, 1, TRUE), "an overlay plane has a palette");
	wglSwapLayerBuffers(view.device, WGL_SWAP_OVERLAY1 | WGL_SWAP_UNDERLAY1);
	clear_to(0x665544);
	CHECK(all_pixels(SIDE, SIDE, 0x665544), "wrong pixels");
	view_close(&view);
	return NULL;
}

static const char *swap_interval(void)
{
	struct view view;

	CHECK(view_start(&view, 0, SIDE, SIDE), "no context");
	FUNCTION(PFNWGLSWAPINTERVALEXTPROC, set, "wglSwapIntervalEXT");
	FUNCTION(PFNWGLGETSWAPINTERVALEXTPROC, get, "wglGetSwapIntervalEXT");
	CHECK(set && get, "no WGL_EXT_swap_control");
	for (int interval = 0; interval < 3; interval++) {
		CHECK(set(interval) && get() == interval, "the interval is not kept");
		clear_to(0x333333);
		CHECK(SwapBuffers(view.device), "SwapBuffers fails");
	}
	if (has_wgl_extension("WGL_EXT_swap_control_tear"))
		CHECK(set(-1) && get() == -1, "-1 is not kept");
	else
		CHECK(!set(-1), "-1 is taken, which no extension allows");
	set(0);
	view_close(&view);
	return NULL;
}

const struct named_case window_cases[] = {
	{"resize", resize},
	{"initial-viewport", initial_viewport},
	{"resize-while-drawing", resize_while_drawing},
	{"minimise", minimise},
	{"moved", moved},
	{"destroyed-while-current", destroyed_while_current},
	{"swap-without-context", swap_without_context},
	{"gdi-over", gdi_over},
	{"layered", layered},
	{"child-window", child_window},
	{"layer-planes", layer_planes},
	{"swap-interval", swap_interval},
	{NULL, NULL},
};
