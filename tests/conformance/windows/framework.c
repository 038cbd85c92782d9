/* SPDX-License-Identifier: MIT */
/*
 * framework.c - piglit's programs on Windows: a window and a context from WGL alone.
 *
 * Takes the place of piglit's framework for GLUT, whose one function it defines, so that nothing but the tests
 * themselves is between Windows' OpenGL and what is measured. It knows what -auto needs: init, one display, the result.
 */
#include "piglit-framework-gl/piglit_glut_framework.h"
#include "piglit-util-gl.h"

#include <windows.h>

#define CONTEXT_MAJOR_VERSION 0x2091 /* WGL_ARB_create_context */
#define CONTEXT_MINOR_VERSION 0x2092
#define CONTEXT_FLAGS 0x2094
#define CONTEXT_PROFILE_MASK 0x9126
#define CONTEXT_DEBUG 1
#define CONTEXT_FORWARD_COMPATIBLE 2
#define CONTEXT_CORE_PROFILE 1
#define CONTEXT_COMPATIBILITY_PROFILE 2

#define FORMAT_SUPPORT_OPENGL 0x2010 /* WGL_ARB_pixel_format */
#define FORMAT_DOUBLE_BUFFER 0x2011
#define FORMAT_COLOR_BITS 0x2014
#define FORMAT_ALPHA_BITS 0x201b
#define FORMAT_DEPTH_BITS 0x2022
#define FORMAT_STENCIL_BITS 0x2023
#define FORMAT_SAMPLE_BUFFERS 0x2041 /* WGL_ARB_multisample */
#define FORMAT_SAMPLES 0x2042

#define WINDOW_CLASS "piglit"

typedef HGLRC(WINAPI *create_context_function)(HDC, HGLRC, const int *);
typedef BOOL(WINAPI *choose_format_function)(HDC, const int *, const FLOAT *, UINT, int *, UINT *);

static struct {
	struct piglit_gl_framework gl_fw;
	HWND window;
	HDC dc;
	HGLRC context;
} the;

static void close_window(void)
{
	wglMakeCurrent(NULL, NULL);
	if (the.context)
		wglDeleteContext(the.context);
	if (the.dc)
		ReleaseDC(the.window, the.dc);
	if (the.window)
		DestroyWindow(the.window);
	the.context = NULL;
	the.dc = NULL;
	the.window = NULL;
}

static void destroy(struct piglit_gl_framework *gl_fw)
{
	close_window();
	piglit_gl_framework_teardown(gl_fw);
}

static void swap_buffers(struct piglit_gl_framework *gl_fw)
{
	(void)gl_fw;
	SwapBuffers(the.dc);
}

static void pump(void)
{
	MSG message;

	while (PeekMessageA(&message, NULL, 0, 0, PM_REMOVE)) {
		TranslateMessage(&message);
		DispatchMessageA(&message);
	}
}

static void run_test(struct piglit_gl_framework **framework, int argc, char *argv[])
{
	const struct piglit_gl_test_config *config = (*framework)->test_config;
	enum piglit_result result = PIGLIT_PASS;

	if (config->init)
		config->init(argc, argv);
	pump();
	if (config->display)
		result = config->display();
	piglit_report_result(result);
}

static void skip(const char *why)
{
	printf("%s (error %lu)\n", why, GetLastError());
	piglit_report_result(PIGLIT_SKIP);
}

static void open_window(const struct piglit_gl_test_config *config)
{
	WNDCLASSA class = {.style = CS_OWNDC,
		.lpfnWndProc = DefWindowProcA,
		.hInstance = GetModuleHandleA(NULL),
		.lpszClassName = WINDOW_CLASS};

	RegisterClassA(&class); /* fails when it is there, from the context before */
	the.window = CreateWindowA(WINDOW_CLASS, WINDOW_CLASS, WS_POPUP | WS_VISIBLE, 0, 0, config->window_width,
		config->window_height, NULL, NULL, class.hInstance, NULL);
	if (!the.window)
		skip("no window");
	the.dc = GetDC(the.window);
	pump();
}

static void choose_format(const struct piglit_gl_test_config *config)
{
	PIXELFORMATDESCRIPTOR format = {.nSize = sizeof(format),
		.nVersion = 1,
		.dwFlags = PFD_DRAW_TO_WINDOW | PFD_SUPPORT_OPENGL,
		.iPixelType = PFD_TYPE_RGBA,
		.cColorBits = 24,
		.cAlphaBits = 8,
		.cDepthBits = 24,
		.cStencilBits = 8};
	int number;

	if (config->window_visual & PIGLIT_GL_VISUAL_DOUBLE)
		format.dwFlags |= PFD_DOUBLEBUFFER;
	if (config->window_visual & PIGLIT_GL_VISUAL_ACCUM)
		format.cAccumBits = 64;
	number = ChoosePixelFormat(the.dc, &format);
	if (!number || !SetPixelFormat(the.dc, number, &format))
		skip("no pixel format");
}

/* The function that knows of samples is had from a context, and a window keeps its first format: so that window goes.
 */
static void choose_samples(const struct piglit_gl_test_config *config)
{
	const int wanted[] = {FORMAT_SUPPORT_OPENGL, 1, FORMAT_DOUBLE_BUFFER,
		(config->window_visual & PIGLIT_GL_VISUAL_DOUBLE) != 0, FORMAT_COLOR_BITS, 24, FORMAT_ALPHA_BITS, 8,
		FORMAT_DEPTH_BITS, 24, FORMAT_STENCIL_BITS, 8, FORMAT_SAMPLE_BUFFERS, 1, FORMAT_SAMPLES,
		config->window_samples, 0};
	PIXELFORMATDESCRIPTOR format = {.nSize = sizeof(format), .nVersion = 1};
	choose_format_function choose = NULL;
	UINT count = 0;
	int number;

	choose_format(config);
	the.context = wglCreateContext(the.dc);
	if (the.context && wglMakeCurrent(the.dc, the.context))
		choose = (choose_format_function)(void *)wglGetProcAddress("wglChoosePixelFormatARB");
	close_window();
	open_window(config);
	if (!choose || !choose(the.dc, wanted, NULL, 1, &number, &count) || !count ||
		!DescribePixelFormat(the.dc, number, sizeof(format), &format) ||
		!SetPixelFormat(the.dc, number, &format))
		skip("no pixel format with so many samples");
}

/* OpenGL 3.1 without what it deprecates: WGL may give a context that has it, but one of 3.2 says which profile it has.
 */
static int context_version(const struct piglit_gl_test_config *config, bool core)
{
	int version = core ? config->supports_gl_core_version : config->supports_gl_compat_version;

	return core && version == 31 ? 32 : version;
}

/* The context that the test asks for: of the core profile where it supports that, else of the compatibility profile. */
static void make_context(const struct piglit_gl_test_config *config, bool core)
{
	int version = context_version(config, core);
	int flags = (config->require_debug_context ? CONTEXT_DEBUG : 0) |
		    (config->require_forward_compatible_context ? CONTEXT_FORWARD_COMPATIBLE : 0);
	int attributes[] = {CONTEXT_MAJOR_VERSION, version / 10, CONTEXT_MINOR_VERSION, version % 10, CONTEXT_FLAGS,
		flags, version >= 32 ? CONTEXT_PROFILE_MASK : 0,
		core ? CONTEXT_CORE_PROFILE : CONTEXT_COMPATIBILITY_PROFILE, 0};
	create_context_function create;
	HGLRC first = wglCreateContext(the.dc);

	if (!first || !wglMakeCurrent(the.dc, first))
		skip("no context");
	the.context = first;
	if (!core && version < 31 && !flags)
		return;
	create = (create_context_function)(void *)wglGetProcAddress("wglCreateContextAttribsARB");
	if (!create)
		skip("no WGL_ARB_create_context");
	the.context = create(the.dc, NULL, attributes);
	wglMakeCurrent(NULL, NULL);
	wglDeleteContext(first);
	if (!the.context || !wglMakeCurrent(the.dc, the.context))
		skip("no context of this version and profile");
}

/* What piglit's own code must know of the context, whose version may still be too low. */
static void check_version(const struct piglit_gl_test_config *config, bool core)
{
	int wanted = core ? config->supports_gl_core_version : config->supports_gl_compat_version;
	int version;

	piglit_dispatch_default_init(PIGLIT_DISPATCH_GL);
	version = piglit_get_gl_version();
	piglit_is_core_profile = core;
	if (version < wanted)
		skip("the context's version is too low");
}

struct piglit_gl_framework *piglit_glut_framework_create(const struct piglit_gl_test_config *config)
{
	bool core = config->supports_gl_core_version != 0;

	if (!piglit_gl_framework_init(&the.gl_fw, config))
		return NULL;
	open_window(config);
	if (config->window_samples > 1)
		choose_samples(config);
	else
		choose_format(config);
	make_context(config, core);
	check_version(config, core);
	the.gl_fw.swap_buffers = swap_buffers;
	the.gl_fw.run_test = run_test;
	the.gl_fw.destroy = destroy;
	return &the.gl_fw;
}
