/* SPDX-License-Identifier: MIT */
/* What OpenGL this process gets. opengl32.dll is loaded by name, so that the rest is shown even where it does not load.
 */
#include "info.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <windows.h>
#include <GL/glcorearb.h>
#include <GL/wgl.h>
#include <GL/wglext.h>

#define CLASS_NAME "vgpu-info"

struct gl {
	HMODULE library;
	HWND window;
	HDC device;
	HGLRC(WINAPI *create)(HDC);
	BOOL(WINAPI *destroy)(HGLRC);
	BOOL(WINAPI *make_current)(HDC, HGLRC);
	PROC(WINAPI *get_function)(LPCSTR);
	PFNGLGETSTRINGPROC get_string;
	PFNGLGETINTEGERVPROC get_integer;
};

static bool load_export(const struct gl *gl, const char *name, void *pointer)
{
	FARPROC function = gl->library ? GetProcAddress(gl->library, name) : NULL;

	memcpy(pointer, &function, sizeof(function));
	return function != NULL;
}

/* wglGetProcAddress answers small numbers for functions it does not know. */
static bool load_function(const struct gl *gl, const char *name, void *pointer)
{
	PROC function = gl->get_function(name);
	INT_PTR value = (INT_PTR)function;

	if (value >= -1 && value <= 3)
		return false;
	memcpy(pointer, &function, sizeof(function));
	return true;
}

static bool load_library(struct gl *gl, struct gl_report *report)
{
	gl->library = LoadLibraryA("opengl32.dll");
	if (gl->library)
		GetModuleFileNameA(gl->library, report->library, sizeof(report->library) - 1);
	return load_export(gl, "wglCreateContext", &gl->create) && load_export(gl, "wglDeleteContext", &gl->destroy) &&
	       load_export(gl, "wglMakeCurrent", &gl->make_current) &&
	       load_export(gl, "wglGetProcAddress", &gl->get_function) &&
	       load_export(gl, "glGetString", &gl->get_string) && load_export(gl, "glGetIntegerv", &gl->get_integer);
}

static bool open_window(struct gl *gl)
{
	WNDCLASSA window_class = {
		.style = CS_OWNDC,
		.lpfnWndProc = DefWindowProcA,
		.hInstance = GetModuleHandleA(NULL),
		.lpszClassName = CLASS_NAME,
	};

	if (!RegisterClassA(&window_class))
		return false;
	gl->window =
		CreateWindowA(CLASS_NAME, CLASS_NAME, WS_POPUP, 0, 0, 16, 16, NULL, NULL, window_class.hInstance, NULL);
	gl->device = gl->window ? GetDC(gl->window) : NULL;
	return gl->device != NULL;
}

static bool set_pixel_format(const struct gl *gl)
{
	PIXELFORMATDESCRIPTOR wanted = {
		.nSize = sizeof(wanted),
		.nVersion = 1,
		.dwFlags = PFD_DRAW_TO_WINDOW | PFD_SUPPORT_OPENGL | PFD_DOUBLEBUFFER,
		.iPixelType = PFD_TYPE_RGBA,
		.cColorBits = 24,
		.cDepthBits = 24,
	};
	int format = ChoosePixelFormat(gl->device, &wanted);

	return format && SetPixelFormat(gl->device, format, &wanted);
}

static void close_all(struct gl *gl)
{
	if (gl->device)
		ReleaseDC(gl->window, gl->device);
	if (gl->window)
		DestroyWindow(gl->window);
	UnregisterClassA(CLASS_NAME, GetModuleHandleA(NULL));
}

static void copy_string(const struct gl *gl, char *to, GLenum name)
{
	const char *value = (const char *)gl->get_string(name);

	snprintf(to, INFO_TEXT, "%s", value ? value : "");
}

static void add_extension(struct gl_profile *profile, const char *name, size_t length)
{
	char **list = realloc(profile->extensions, (profile->num_extensions + 1) * sizeof(*list));
	char *copy = list ? calloc(1, length + 1) : NULL;

	if (list)
		profile->extensions = list;
	if (!copy)
		return;
	memcpy(copy, name, length);
	list[profile->num_extensions++] = copy;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* One by one where glGetStringi is there (OpenGL 3.0), else from the one long string. */
static void read_extensions(const struct gl *gl, struct gl_profile *profile)
{
	PFNGLGETSTRINGIPROC get_string_at;
	const char *all;
	GLint count = 0;

	if (atoi(profile->version) >= 3 && load_function(gl, "glGetStringi", &get_string_at)) {
		gl->get_integer(GL_NUM_EXTENSIONS, &count);
		for (GLint i = 0; i < count; i++) {
			const char *name = (const char *)get_string_at(GL_EXTENSIONS, (GLuint)i);
			if (name)
				add_extension(profile, name, strlen(name));
		}
	} else if ((all = (const char *)gl->get_string(GL_EXTENSIONS))) {
		for (size_t length; *all; all += length + (all[length] != '\0')) {
			length = strcspn(all, " ");
			if (length)
				add_extension(profile, all, length);
		}
	}
	if (profile->num_extensions)
		qsort(profile->extensions, profile->num_extensions, sizeof(char *), compare_names);
}

static void read_profile(const struct gl *gl, struct gl_profile *profile)
{
	profile->works = true;
	copy_string(gl, profile->version, GL_VERSION);
	copy_string(gl, profile->renderer, GL_RENDERER);
	copy_string(gl, profile->vendor, GL_VENDOR);
	if (atoi(profile->version) >= 2)
		copy_string(gl, profile->glsl, GL_SHADING_LANGUAGE_VERSION);
	read_extensions(gl, profile);
}

/* The newest core version that the driver gives; the plain context is current and is not afterwards. */
static void try_core(const struct gl *gl, struct gl_profile *profile)
{
	static const int versions[][2] = {
		{4, 6}, {4, 5}, {4, 4}, {4, 3}, {4, 2}, {4, 1}, {4, 0}, {3, 3}, {3, 2}, {3, 1}};
	PFNWGLCREATECONTEXTATTRIBSARBPROC create;

	if (!load_function(gl, "wglCreateContextAttribsARB", &create))
		return;
	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]) && !profile->works; i++) {
		const int attributes[] = {WGL_CONTEXT_MAJOR_VERSION_ARB, versions[i][0], WGL_CONTEXT_MINOR_VERSION_ARB,
			versions[i][1], WGL_CONTEXT_PROFILE_MASK_ARB, WGL_CONTEXT_CORE_PROFILE_BIT_ARB, 0};
		HGLRC context = create(gl->device, NULL, attributes);
		if (!context)
			continue;
		if (gl->make_current(gl->device, context))
			read_profile(gl, profile);
		gl->make_current(NULL, NULL);
		gl->destroy(context);
	}
}

void gl_find_out(struct gl_report *report)
{
	struct gl gl = {0};
	HGLRC plain = NULL;

	*report = (struct gl_report){.error = "opengl32.dll does not load"};
	if (!load_library(&gl, report))
		return;
	report->error = "a window cannot be made";
	if (!open_window(&gl))
		goto close;
	report->error = "the OpenGL driver offers no pixel format for a window";
	if (!set_pixel_format(&gl))
		goto close;
	report->error = "the OpenGL driver makes no context";
	plain = gl.create(gl.device);
	if (!plain || !gl.make_current(gl.device, plain))
		goto close;
	report->error = NULL;
	report->ours = GetModuleHandleA(choice_our_driver(sizeof(void *) == 8 ? BITS_64 : BITS_32)) != NULL;
	read_profile(&gl, &report->profiles[PROFILE_COMPATIBILITY]);
	try_core(&gl, &report->profiles[PROFILE_CORE]);
	gl.make_current(NULL, NULL);

close:
	if (plain)
		gl.destroy(plain);
	close_all(&gl);
}

void gl_free(struct gl_report *report)
{
	for (unsigned i = 0; i < PROFILE_COUNT; i++) {
		struct gl_profile *profile = &report->profiles[i];
		for (unsigned k = 0; k < profile->num_extensions; k++)
			free(profile->extensions[k]);
		free(profile->extensions);
	}
}
