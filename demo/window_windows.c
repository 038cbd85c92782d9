/* SPDX-License-Identifier: MIT */
#include "window.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <windows.h>
#include <GL/gl.h>
#include <GL/wglext.h>

#include "core_versions.h"

#define CLASS_NAME "vgpu-demo"

struct window {
	HWND handle;
	HDC device;
	HGLRC context;
	char best_version[128];
};

/* wglGetProcAddress knows the functions beyond OpenGL 1.1 and answers small numbers for others. */
window_function window_get_function(const char *name)
{
	window_function function;
	PROC address = wglGetProcAddress(name);
	INT_PTR value = (INT_PTR)address;

	if (value >= -1 && value <= 3) {
		FARPROC exported = GetProcAddress(GetModuleHandleA("opengl32.dll"), name);
		memcpy(&function, &exported, sizeof(function));
	} else {
		memcpy(&function, &address, sizeof(function));
	}
	return function;
}

static void answer_messages(void)
{
	MSG message;

	while (PeekMessageA(&message, NULL, 0, 0, PM_REMOVE))
		DispatchMessageA(&message);
}

bool window_swap(void *context)
{
	struct window *window = context;

	answer_messages();
	return SwapBuffers(window->device);
}

/* What GDI drew may reach the screen only when the thread looks for messages. */
void window_hold(struct window *window, unsigned seconds)
{
	ULONGLONG end = GetTickCount64() + seconds * 1000ull;

	(void)window;
	do {
		answer_messages();
		Sleep(10);
	} while (GetTickCount64() < end);
}

static bool create_handle(struct window *window, unsigned width, unsigned height)
{
	WNDCLASSA window_class = {
		.style = CS_OWNDC,
		.lpfnWndProc = DefWindowProcA,
		.hInstance = GetModuleHandleA(NULL),
		.lpszClassName = CLASS_NAME,
	};

	if (!RegisterClassA(&window_class))
		return false;
	window->handle = CreateWindowA(CLASS_NAME, CLASS_NAME, WS_POPUP | WS_VISIBLE, 0, 0, (int)width, (int)height,
		NULL, NULL, window_class.hInstance, NULL);
	window->device = window->handle ? GetDC(window->handle) : NULL;
	return window->device != NULL;
}

static bool set_pixel_format(struct window *window)
{
	PIXELFORMATDESCRIPTOR wanted = {
		.nSize = sizeof(wanted),
		.nVersion = 1,
		.dwFlags = PFD_DRAW_TO_WINDOW | PFD_SUPPORT_OPENGL | PFD_DOUBLEBUFFER,
		.iPixelType = PFD_TYPE_RGBA,
		.cColorBits = 24,
		.cDepthBits = 24,
	};
	int format = ChoosePixelFormat(window->device, &wanted);

	return format && SetPixelFormat(window->device, format, &wanted);
}

static HGLRC create_context(struct window *window, PFNWGLCREATECONTEXTATTRIBSARBPROC create, size_t version)
{
	const int attributes[] = {WGL_CONTEXT_MAJOR_VERSION_ARB, core_versions[version].major,
		WGL_CONTEXT_MINOR_VERSION_ARB, core_versions[version].minor, WGL_CONTEXT_PROFILE_MASK_ARB,
		WGL_CONTEXT_CORE_PROFILE_BIT_ARB, 0};
	HGLRC context = create(window->device, NULL, attributes);

	if (context && wglMakeCurrent(window->device, context))
		return context;
	if (context)
		wglDeleteContext(context);
	return NULL;
}

static void find_best_version(struct window *window, PFNWGLCREATECONTEXTATTRIBSARBPROC create)
{
	for (size_t i = 0; i < CORE_VERSION_COUNT; i++) {
		HGLRC context = create_context(window, create, i);
		if (!context)
			continue;
		snprintf(window->best_version, sizeof(window->best_version), "%s",
			(const char *)glGetString(GL_VERSION));
		wglMakeCurrent(NULL, NULL);
		wglDeleteContext(context);
		return;
	}
}

/* A plain context is needed first: the function that makes a core one can be asked for only with one current. */
static PFNWGLCREATECONTEXTATTRIBSARBPROC get_create_context(struct window *window, HGLRC plain)
{
	PFNWGLCREATECONTEXTATTRIBSARBPROC create = NULL;

	if (wglMakeCurrent(window->device, plain)) {
		window_function function = window_get_function("wglCreateContextAttribsARB");
		memcpy(&create, &function, sizeof(create));
	}
	return create;
}

const char *window_best_version(struct window *window)
{
	PFNWGLCREATECONTEXTATTRIBSARBPROC create = get_create_context(window, window->context);

	if (create && !window->best_version[0]) {
		find_best_version(window, create);
		wglMakeCurrent(window->device, window->context);
	}
	return window->best_version;
}

static bool create_core_context(struct window *window)
{
	HGLRC plain = wglCreateContext(window->device);
	PFNWGLSWAPINTERVALEXTPROC swap_interval;

	if (!plain)
		return false;
	PFNWGLCREATECONTEXTATTRIBSARBPROC create = get_create_context(window, plain);
	if (create)
		window->context = create_context(window, create, DEMO_VERSION);
	if (!window->context)
		wglMakeCurrent(NULL, NULL);
	wglDeleteContext(plain);
	if (!window->context)
		return false;
	window_function function = window_get_function("wglSwapIntervalEXT");
	memcpy(&swap_interval, &function, sizeof(swap_interval));
	if (swap_interval)
		swap_interval(0);
	return true;
}

struct window *window_open(unsigned width, unsigned height, const char **why)
{
	struct window *window = calloc(1, sizeof(*window));

	*why = "not enough memory";
	if (!window)
		return NULL;
	*why = "a window cannot be made";
	if (!create_handle(window, width, height))
		goto close;
	*why = "there is no OpenGL pixel format for a window (is the OpenGL driver installed, and is there a device?)";
	if (!set_pixel_format(window))
		goto close;
	*why = "there is no OpenGL 3.3 core context";
	if (!create_core_context(window))
		goto close;
	return window;

close:
	window_close(window);
	return NULL;
}

void window_close(struct window *window)
{
	if (!window)
		return;
	if (window->context) {
		wglMakeCurrent(NULL, NULL);
		wglDeleteContext(window->context);
	}
	if (window->device)
		ReleaseDC(window->handle, window->device);
	if (window->handle)
		DestroyWindow(window->handle);
	UnregisterClassA(CLASS_NAME, GetModuleHandleA(NULL));
	free(window);
}
