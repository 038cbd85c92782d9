/* SPDX-License-Identifier: MIT */
/*
 * Swaps, and what the window shows after them: frames one after the other, the last one without anything behind it,
 * windows that change their size, are hidden or end with a frame on its way, swap intervals, two windows, a swap by a
 * thread without a context. Prints "ok" and returns 0, or says what was wrong.
 *
 *   icd_present [pixels]     without what needs GDI to show something
 */
#include "wgl_window.h"

#include <stdlib.h>

#define FRAMES 40
#define PATIENCE_MS 10000

static unsigned failures;
static PFNWGLSWAPINTERVALEXTPROC swap_interval;
static PFNWGLGETSWAPINTERVALEXTPROC get_swap_interval;
static PFNWGLGETEXTENSIONSSTRINGARBPROC extensions;

static void expect(bool condition, const char *what, unsigned frame)
{
	if (condition)
		return;
	failures++;
	fprintf(stderr, "present: %s (%u)\n", what, frame);
}

static void frame(unsigned number)
{
	wgl_clear(wgl_colour(number));
}

static void swap(const struct wgl_window *window, unsigned number)
{
	expect(SwapBuffers(window->device), "a swap fails", number);
}

static bool shows(const struct wgl_window *window, unsigned number, int x, int y)
{
	return GetPixel(window->device, x, y) == wgl_colour(number);
}

/* Waits for it, as a person would. */
static bool comes_to_show(const struct wgl_window *window, unsigned number)
{
	for (ULONGLONG end = GetTickCount64() + PATIENCE_MS; GetTickCount64() < end; Sleep(1)) {
		if (shows(window, number, 5, 5))
			return true;
	}
	return false;
}

static void try_finish(const struct wgl_window *window)
{
	for (unsigned i = 0; i < FRAMES; i++) {
		frame(i);
		swap(window, i);
		glFinish();
		expect(shows(window, i, 5, 5), "after glFinish the window shows another frame", i);
	}
}

static void try_last_frame(const struct wgl_window *window)
{
	for (unsigned i = 0; i < 5; i++) {
		for (unsigned j = 0; j <= i; j++) {
			frame(i * 10 + j);
			swap(window, i * 10 + j);
		}
		expect(comes_to_show(window, i * 11), "the last frame is never shown", i);
	}
}

static void try_front_buffer(const struct wgl_window *window)
{
	GLubyte pixel[4];

	frame(1);
	swap(window, 1);
	frame(2);
	glReadBuffer(GL_FRONT);
	glReadPixels(0, 0, 1, 1, GL_RGBA, GL_UNSIGNED_BYTE, pixel);
	expect(RGB(pixel[0], pixel[1], pixel[2]) == wgl_colour(1), "the front buffer is not the last frame", 1);
	glReadBuffer(GL_BACK);
	glReadPixels(0, 0, 1, 1, GL_RGBA, GL_UNSIGNED_BYTE, pixel);
	expect(RGB(pixel[0], pixel[1], pixel[2]) == wgl_colour(2), "the back buffer is not what was drawn", 2);
	swap(window, 2);
	glDrawBuffer(GL_FRONT);
	frame(3);
	glFlush();
	expect(shows(window, 3, 5, 5), "after glFlush the window lacks what was drawn to its front", 3);
	frame(4);
	glFlush();
	expect(shows(window, 4, 5, 5), "after another glFlush the window lacks what was drawn to its front", 4);
	glDrawBuffer(GL_BACK);
	frame(5);
	swap(window, 5);
	glFinish();
	expect(shows(window, 5, 5, 5), "a swap after drawing to the front shows another frame", 5);
}

static void try_sizes(const struct wgl_window *window)
{
	static const int sides[] = {64, 200, 1, 333, 128};

	for (unsigned i = 0; i < sizeof(sides) / sizeof(sides[0]); i++) {
		frame(i);
		swap(window, i); /* of the old size, on its way while the window changes */
		SetWindowPos(window->handle, NULL, 0, 0, sides[i], sides[i], SWP_NOZORDER | SWP_NOMOVE);
		wgl_handle_messages();
		glViewport(0, 0, sides[i], sides[i]);
		frame(i + 50);
		swap(window, i + 50);
		glFinish();
		expect(shows(window, i + 50, sides[i] - 1, sides[i] - 1), "the window is not filled",
			(unsigned)sides[i]);
	}
	SetWindowPos(window->handle, NULL, 0, 0, 0, 0, SWP_NOZORDER | SWP_NOMOVE);
	swap(window, 0);
	ShowWindow(window->handle, SW_HIDE);
	for (unsigned i = 0; i < 5; i++) {
		frame(i);
		swap(window, i);
	}
	SetWindowPos(window->handle, NULL, 0, 0, 100, 100, SWP_NOZORDER | SWP_NOMOVE | SWP_SHOWWINDOW);
	wgl_handle_messages();
	frame(60);
	swap(window, 60);
	glFinish();
	expect(shows(window, 60, 99, 99), "a window that was hidden does not show its frame", 60);
}

/* Milliseconds that so many swaps take at least: the first is free, and one may be on its way. */
static ULONGLONG least_time(const struct wgl_window *window, unsigned swaps, int interval)
{
	DEVMODEA mode = {.dmSize = sizeof(mode)};
	DWORD rate = 60;

	if (EnumDisplaySettingsA(NULL, ENUM_CURRENT_SETTINGS, &mode) && mode.dmDisplayFrequency > 1)
		rate = mode.dmDisplayFrequency;
	(void)window;
	return (ULONGLONG)(swaps - 2) * (ULONGLONG)abs(interval) * 1000 / rate;
}

static void try_interval(const struct wgl_window *window, int interval)
{
	const unsigned swaps = 20;
	ULONGLONG begin, took;

	expect(swap_interval(interval), "the swap interval is refused", (unsigned)interval);
	expect(get_swap_interval() == interval, "the swap interval is another", (unsigned)interval);
	begin = GetTickCount64();
	for (unsigned i = 0; i < swaps; i++) {
		frame(i);
		swap(window, i);
	}
	took = GetTickCount64() - begin + 20; /* the clock's steps */
	expect(took >= least_time(window, swaps, interval), "swaps are faster than the screen", (unsigned)interval);
}

static void try_intervals(const struct wgl_window *window)
{
	expect(strstr(extensions(window->device), "WGL_EXT_swap_control_tear") != NULL, "no late swaps", 0);
	expect(get_swap_interval() == 1, "the first swap interval is not 1", (unsigned)get_swap_interval());
	try_interval(window, 1);
	try_interval(window, 2);
	try_interval(window, -1);
	try_interval(window, -2);
	try_interval(window, 0);
}

static DWORD WINAPI swap_without_context(void *argument)
{
	return SwapBuffers(((const struct wgl_window *)argument)->device);
}

static void try_other_thread(const struct wgl_window *window)
{
	DWORD swapped = 0;
	HANDLE thread;

	frame(33);
	glFinish();
	thread = CreateThread(NULL, 0, swap_without_context, (void *)window, 0, NULL);
	WaitForSingleObject(thread, INFINITE);
	GetExitCodeThread(thread, &swapped);
	CloseHandle(thread);
	expect(swapped, "a thread without a context cannot swap", 0);
	expect(comes_to_show(window, 33), "a swap without a context shows nothing", 33);
}

/* One context on two windows, with an interval each. */
static void try_two_windows(const struct wgl_window *first, HGLRC context)
{
	struct wgl_window second;

	expect(wgl_window_open(&second, 400, 80, 80), "no second window", 0);
	for (unsigned i = 0; i < 10; i++) {
		expect(wglMakeCurrent(second.device, context), "not current on the second window", i);
		expect(swap_interval(i % 3 ? 0 : 1), "the swap interval is refused", i);
		frame(i + 100);
		swap(&second, i + 100);
		expect(wglMakeCurrent(first->device, context), "not current on the first window", i);
		expect(get_swap_interval() == 0, "windows share an interval", i);
		frame(i);
		swap(first, i);
		glFinish();
		expect(shows(first, i, 5, 5), "the first window shows another frame", i);
	}
	expect(comes_to_show(&second, 109), "the second window shows another frame", 9);
	wgl_window_close(&second);
}

/* The window ends while its frame is on its way, with the context current on it or not. */
static void try_ends(const struct wgl_window *other, HGLRC context)
{
	struct wgl_window window;

	for (unsigned i = 0; i < 6; i++) {
		expect(wgl_window_open(&window, 400, 60, 60), "no other window", i);
		expect(wglMakeCurrent(window.device, context), "not current on the window", i);
		for (unsigned j = 0; j < i; j++) {
			frame(j);
			swap(&window, j);
		}
		if (i % 2)
			expect(wglMakeCurrent(other->device, context), "not current on the first window", i);
		wgl_window_close(&window);
		wglMakeCurrent(other->device, context);
	}
}

int main(int argc, char **argv)
{
	const bool has_gdi = argc < 2 || strcmp(argv[1], "pixels") != 0;
	struct wgl_window window;
	HGLRC context;

	if (!wgl_window_open(&window, 0, 128, 128) || !(context = wglCreateContext(window.device)) ||
		!wglMakeCurrent(window.device, context) || !wgl_look_up("wglSwapIntervalEXT", &swap_interval) ||
		!wgl_look_up("wglGetSwapIntervalEXT", &get_swap_interval) ||
		!wgl_look_up("wglGetExtensionsStringARB", &extensions)) {
		fprintf(stderr, "present: no window with OpenGL\n");
		return 1;
	}
	try_intervals(&window);
	if (has_gdi) {
		try_finish(&window);
		try_last_frame(&window);
		try_other_thread(&window);
		try_sizes(&window);
		try_two_windows(&window, context);
		try_front_buffer(&window);
	}
	try_ends(&window, context);
	expect(glGetError() == GL_NO_ERROR, "OpenGL reports an error", 0);
	wglMakeCurrent(NULL, NULL);
	expect(!swap_interval(1), "a swap interval without a window", 0);
	wglDeleteContext(context);
	wgl_window_close(&window);
	if (failures)
		return 1;
	puts("ok");
	return 0;
}
