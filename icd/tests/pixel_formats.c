/* SPDX-License-Identifier: MIT */
/*
 * Draws into a window of every kind of pixel format, with and without back buffer and multisampling, before and after
 * the window changed its size, and looks at what OpenGL reads back and at what the window shows. Exit status 0: all
 * right.
 */
#define WIN32_LEAN_AND_MEAN
#include <windows.h>
#include <GL/gl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#define TOLERANCE 24 /* formats with four bits a channel */

struct colour {
	int red, green, blue;
};

static const struct colour orange = {255, 128, 0};
static const struct colour blue = {0, 0, 255};
static const struct colour green = {0, 255, 0};
static unsigned failures;

static void handle_messages(void)
{
	MSG message;

	while (PeekMessageA(&message, NULL, 0, 0, PM_REMOVE))
		DispatchMessageA(&message);
}

static bool close_to(int value, int wanted)
{
	return abs(value - wanted) <= TOLERANCE;
}

static void expect(int format, const char *where, struct colour seen, struct colour wanted)
{
	if (close_to(seen.red, wanted.red) && close_to(seen.green, wanted.green) && close_to(seen.blue, wanted.blue))
		return;
	failures++;
	fprintf(stderr, "format %d: %s is %d,%d,%d and not %d,%d,%d\n", format, where, seen.red, seen.green, seen.blue,
		wanted.red, wanted.green, wanted.blue);
}

static struct colour window_pixel(HDC device, int x, int y)
{
	const COLORREF colour = GetPixel(device, x, y);

	return (struct colour){GetRValue(colour), GetGValue(colour), GetBValue(colour)};
}

static struct colour drawn_pixel(int x, int y)
{
	GLubyte pixel[4] = {0};

	glReadPixels(x, y, 1, 1, GL_RGBA, GL_UNSIGNED_BYTE, pixel);
	return (struct colour){pixel[0], pixel[1], pixel[2]};
}

/* Orange, with a blue bar at the bottom. */
static void draw(int width, int height)
{
	glViewport(0, 0, width, height);
	glClearColor(1.0f, 0.5f, 0.0f, 1.0f);
	glClear(GL_COLOR_BUFFER_BIT | GL_DEPTH_BUFFER_BIT);
	glColor3f(0.0f, 0.0f, 1.0f);
	glRectf(-1.0f, -1.0f, 1.0f, -0.5f);
}

static void try_size(int format, HDC device, bool double_buffered, int width, int height)
{
	draw(width, height);
	expect(format, "the top read back", drawn_pixel(3, height - 3), orange);
	expect(format, "the bottom read back", drawn_pixel(3, 3), blue);
	if (double_buffered)
		SwapBuffers(device);
	else
		glFlush();
	glFinish(); /* a swap does not wait for the window */
	expect(format, "the window's top", window_pixel(device, width / 2, 5), orange);
	expect(format, "the window's right edge", window_pixel(device, width - 2, 5), orange);
	expect(format, "the window's bottom", window_pixel(device, width / 2, height - 5), blue);
}

static void try_context(int format, HWND window, HDC device, bool double_buffered)
{
	try_size(format, device, double_buffered, 101, 77);
	SetWindowPos(window, NULL, 0, 0, 150, 90, SWP_NOZORDER);
	handle_messages();
	try_size(format, device, double_buffered, 150, 90);

	glDrawBuffer(GL_FRONT);
	glClearColor(0.0f, 1.0f, 0.0f, 1.0f);
	glClear(GL_COLOR_BUFFER_BIT);
	glFlush();
	expect(format, "the window after drawing to its front", window_pixel(device, 75, 5), green);
	if (glGetError() != GL_NO_ERROR) {
		failures++;
		fprintf(stderr, "format %d: OpenGL reports an error\n", format);
	}
}

static void try_format(int format, const PIXELFORMATDESCRIPTOR *description)
{
	HWND window = CreateWindowA("STATIC", "", WS_POPUP | WS_VISIBLE, 0, 0, 101, 77, NULL, NULL, NULL, NULL);
	HDC device = window ? GetDC(window) : NULL;
	HGLRC context;

	handle_messages(); /* the window paints its background now, not later over what is drawn */
	if (!device || !SetPixelFormat(device, format, description)) {
		failures++;
		fprintf(stderr, "format %d: no window\n", format);
		return;
	}
	context = wglCreateContext(device);
	if (context && wglMakeCurrent(device, context)) {
		try_context(format, window, device, description->dwFlags & PFD_DOUBLEBUFFER);
		wglMakeCurrent(NULL, NULL);
	} else {
		failures++;
		fprintf(stderr, "format %d: no context\n", format);
	}
	wglDeleteContext(context);
	ReleaseDC(window, device); /* the window stays, below the next: under Wine, closing one takes seconds */
}

/* One depth buffer is as good as another here. */
static bool worth_trying(const PIXELFORMATDESCRIPTOR *description)
{
	return description->cDepthBits == 24 && description->cStencilBits == 8 && description->cAccumBits == 0 &&
	       !(description->dwFlags & PFD_SUPPORT_GDI);
}

int main(void)
{
	HWND window = CreateWindowA("STATIC", "", WS_POPUP, 0, 0, 8, 8, NULL, NULL, NULL, NULL);
	HDC device = GetDC(window);
	PIXELFORMATDESCRIPTOR description;
	const int formats = DescribePixelFormat(device, 1, 0, NULL);
	unsigned tried = 0;

	for (int format = 1; format <= formats; format++) {
		if (!DescribePixelFormat(device, format, sizeof(description), &description) ||
			!worth_trying(&description))
			continue;
		try_format(format, &description);
		tried++;
	}
	printf("%u of %d pixel formats tried, %u failures\n", tried, formats, failures);
	return tried > 0 && failures == 0 ? 0 : 1;
}
