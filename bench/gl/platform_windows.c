/* SPDX-License-Identifier: MIT */
#include "platform.h"

#include <stdlib.h>

#include <windows.h>

struct platform {
	HWND window;
	HDC device;
	HGLRC own;
	HGLRC *contexts; /* owned */
	unsigned count;
};

static void answer_messages(void)
{
	MSG message;

	while (PeekMessageA(&message, NULL, 0, 0, PM_REMOVE))
		DispatchMessageA(&message);
}

void platform_warm_up(void)
{
	HWND window = CreateWindowA(
		"STATIC", "", WS_POPUP | WS_VISIBLE, 0, 0, 8, 8, NULL, NULL, GetModuleHandleA(NULL), NULL);

	answer_messages();
	if (window)
		DestroyWindow(window);
}

struct platform *platform_open(void)
{
	struct platform *platform = calloc(1, sizeof(*platform));

	if (!platform)
		return NULL;
	platform->device = wglGetCurrentDC();
	platform->own = wglGetCurrentContext();
	platform->window = WindowFromDC(platform->device);
	return platform;
}

void platform_close(struct platform *platform)
{
	free(platform);
}

void platform_show(struct platform *platform, bool shown)
{
	ShowWindow(platform->window, shown ? SW_SHOW : SW_HIDE);
	if (shown)
		SetWindowPos(platform->window, HWND_TOP, 0, 0, 0, 0, SWP_NOMOVE | SWP_NOSIZE);
	answer_messages();
}

bool platform_contexts_create(struct platform *platform, unsigned count)
{
	platform->contexts = calloc(count, sizeof(platform->contexts[0]));
	for (platform->count = 0; platform->contexts && platform->count < count; platform->count++) {
		platform->contexts[platform->count] = wglCreateContext(platform->device);
		if (!platform->contexts[platform->count])
			return false;
	}
	return platform->contexts != NULL;
}

void platform_contexts_destroy(struct platform *platform)
{
	while (platform->count)
		wglDeleteContext(platform->contexts[--platform->count]);
	free(platform->contexts);
	platform->contexts = NULL;
}

bool platform_context_use(struct platform *platform, unsigned number)
{
	return wglMakeCurrent(platform->device, platform->contexts[number]);
}

bool platform_context_back(struct platform *platform)
{
	return wglMakeCurrent(platform->device, platform->own);
}

bool platform_blit(struct platform *platform, void *pixels, unsigned width, unsigned height)
{
	const BITMAPINFO info = {.bmiHeader = {.biSize = sizeof(info.bmiHeader),
					 .biWidth = (LONG)width,
					 .biHeight = -(LONG)height,
					 .biPlanes = 1,
					 .biBitCount = 32,
					 .biCompression = BI_RGB}};

	answer_messages();
	return SetDIBitsToDevice(
		       platform->device, 0, 0, width, height, 0, 0, 0, height, pixels, &info, DIB_RGB_COLORS) > 0;
}
