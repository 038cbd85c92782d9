/* SPDX-License-Identifier: MIT */
/* Pixel formats, pixel buffers, and the extensions that WGL says it has. */
#include "wgl_test.h"

#include <stdio.h>
#include <string.h>

static const struct {
	const char *extension, *functions[4];
} extensions[] = {
	{"WGL_ARB_create_context", {"wglCreateContextAttribsARB"}},
	{"WGL_ARB_extensions_string", {"wglGetExtensionsStringARB"}},
	{"WGL_EXT_extensions_string", {"wglGetExtensionsStringEXT"}},
	{"WGL_ARB_make_current_read", {"wglMakeContextCurrentARB", "wglGetCurrentReadDCARB"}},
	{"WGL_ARB_pbuffer",
		{"wglCreatePbufferARB", "wglGetPbufferDCARB", "wglReleasePbufferDCARB", "wglQueryPbufferARB"}},
	{"WGL_ARB_pixel_format",
		{"wglChoosePixelFormatARB", "wglGetPixelFormatAttribivARB", "wglGetPixelFormatAttribfvARB"}},
	{"WGL_ARB_render_texture", {"wglBindTexImageARB", "wglReleaseTexImageARB", "wglSetPbufferAttribARB"}},
	{"WGL_EXT_swap_control", {"wglSwapIntervalEXT", "wglGetSwapIntervalEXT"}},
	{"WGL_EXT_create_context_es2_profile", {NULL}},
	{"WGL_ARB_create_context_profile", {NULL}},
	{"WGL_ARB_create_context_robustness", {NULL}},
	{"WGL_ARB_multisample", {NULL}},
	{"WGL_ARB_framebuffer_sRGB", {NULL}},
};

static const char *extension_functions(void)
{
	static char why[128];
	struct view view;

	CHECK(view_start(&view, 0, SIDE, SIDE), "no context");
	for (unsigned i = 0; i < sizeof(extensions) / sizeof(extensions[0]); i++) {
		bool has = has_wgl_extension(extensions[i].extension);
		/* These three are what this driver's applications rely on most; others may come and go with the host.
		 */
		snprintf(why, sizeof(why), "no %s", extensions[i].extension);
		CHECK(has || i > 6, why);
		for (unsigned k = 0; has && k < 4 && extensions[i].functions[k]; k++) {
			snprintf(why, sizeof(why), "no %s", extensions[i].functions[k]);
			CHECK(wgl_function(extensions[i].functions[k]), why);
		}
	}
	CHECK(!wgl_function("wglNoSuchFunctionVGPU"), "a function that does not exist");
	view_close(&view);
	return NULL;
}

/* The old description and the new attributes of a format say the same. */
static const char *compare_format(HDC device, int format, PFNWGLGETPIXELFORMATATTRIBIVARBPROC get)
{
	static const int names[] = {WGL_COLOR_BITS_ARB, WGL_DEPTH_BITS_ARB, WGL_STENCIL_BITS_ARB, WGL_DOUBLE_BUFFER_ARB,
		WGL_ALPHA_BITS_ARB, WGL_SUPPORT_OPENGL_ARB, WGL_DRAW_TO_WINDOW_ARB, WGL_RED_BITS_ARB};
	PIXELFORMATDESCRIPTOR d;
	int v[8];

	CHECK(DescribePixelFormat(device, format, sizeof(d), &d), "a format is not described");
	CHECK(get(device, format, 0, 8, names, v), "a format has no attributes");
	CHECK(v[0] == d.cColorBits && v[1] == d.cDepthBits && v[2] == d.cStencilBits && v[4] == d.cAlphaBits &&
			v[7] == d.cRedBits,
		"bits differ");
	CHECK(!v[3] == !(d.dwFlags & PFD_DOUBLEBUFFER) && !v[5] == !(d.dwFlags & PFD_SUPPORT_OPENGL) &&
			!v[6] == !(d.dwFlags & PFD_DRAW_TO_WINDOW),
		"flags differ");
	return NULL;
}

static const char *attributes(void)
{
	static const int number[] = {WGL_NUMBER_PIXEL_FORMATS_ARB};
	struct view view;
	int count = 0;

	CHECK(view_start(&view, 0, SIDE, SIDE), "no context");
	FUNCTION(PFNWGLGETPIXELFORMATATTRIBIVARBPROC, get, "wglGetPixelFormatAttribivARB");
	CHECK(get && get(view.device, 1, 0, 1, number, &count) && count > 0, "formats are not counted");
	for (int format = 1; format <= count; format++) {
		const char *why = compare_format(view.device, format, get);
		if (why)
			return why;
	}
	CHECK(!get(view.device, count + 1, 0, 1, (const int[]){WGL_DEPTH_BITS_ARB}, &count), "a format too many");
	view_close(&view);
	return NULL;
}

/* A window with a format that has these attributes, and a context. */
static const char *start_with(struct view *view, const int *wanted)
{
	struct view first;
	UINT count = 0;
	int format = 0;

	CHECK(view_start(&first, 0, SIDE, SIDE), "no context");
	FUNCTION(PFNWGLCHOOSEPIXELFORMATARBPROC, choose, "wglChoosePixelFormatARB");
	CHECK(choose && choose(first.device, wanted, NULL, 1, &format, &count) && count, "no such format");
	view_close(&first);
	CHECK(view_open_format(view, 0, SIDE, SIDE, 0, format), "the format cannot be set");
	CHECK((view->context = wglCreateContext(view->device)) && wglMakeCurrent(view->device, view->context),
		"no context");
	return NULL;
}

/* A slanted edge has pixels in between; samples that are not resolved, or one sample, have none. */
static const char *multisample_of(int samples, int double_buffer)
{
	const int wanted[] = {WGL_DRAW_TO_WINDOW_ARB, 1, WGL_SUPPORT_OPENGL_ARB, 1, WGL_DOUBLE_BUFFER_ARB,
		double_buffer, WGL_SAMPLE_BUFFERS_ARB, 1, WGL_SAMPLES_ARB, samples, 0};
	struct view view;
	GLint given = 0;
	unsigned between = 0;
	const char *why = start_with(&view, wanted);

	if (why)
		return why;
	glGetIntegerv(0x80A9 /* GL_SAMPLES */, &given);
	CHECK(given >= samples, "fewer samples than the format says");
	glEnable(GL_MULTISAMPLE);
	clear_to(0);
	glColor3f(1, 1, 1);
	glBegin(GL_TRIANGLES);
	glVertex2f(-1, -1);
	glVertex2f(1, -1);
	glVertex2f(-1, 0.7f);
	glEnd();
	for (int y = 0; y < SIDE; y++) {
		for (int x = 0; x < SIDE; x++) {
			uint32_t pixel = read_pixel(x, y);
			between += pixel != 0 && pixel != 0xffffff;
		}
	}
	CHECK(read_pixel(2, 2) == 0xffffff && read_pixel(SIDE - 2, SIDE - 2) == 0, "wrong pixels");
	CHECK(between >= SIDE / 4, "edges are not smooth");
	CHECK(SwapBuffers(view.device), "SwapBuffers fails");
	view_close(&view);
	return NULL;
}

static const char *multisample(void)
{
	return multisample_of(4, 1);
}

static const char *multisample_single_buffer(void)
{
	return multisample_of(4, 0);
}

static const char *srgb(void)
{
	static const int wanted[] = {WGL_DRAW_TO_WINDOW_ARB, 1, WGL_SUPPORT_OPENGL_ARB, 1, WGL_DOUBLE_BUFFER_ARB, 1,
		WGL_FRAMEBUFFER_SRGB_CAPABLE_ARB, 1, 0};
	struct view view;
	const char *why = start_with(&view, wanted);

	if (why)
		return why;
	glColor3f(0.5f, 0.25f, 1);
	glRectf(-1, -1, 1, 1);
	CHECK(nearly(read_pixel(5, 5), 0x8040ff, 1), "wrong pixels without conversion");
	glEnable(GL_FRAMEBUFFER_SRGB);
	glRectf(-1, -1, 1, 1);
	CHECK(nearly(read_pixel(5, 5), 0xbc89ff, 1), "wrong pixels with conversion");
	CHECK(SwapBuffers(view.device), "SwapBuffers fails");
	glDisable(GL_FRAMEBUFFER_SRGB);
	glRectf(-1, -1, 1, 1);
	CHECK(nearly(read_pixel(5, 5), 0x8040ff, 1), "wrong pixels after the conversion");
	view_close(&view);
	return NULL;
}

static const char *format_is_final(void)
{
	PIXELFORMATDESCRIPTOR description = {.nSize = sizeof(description), .nVersion = 1};
	struct view view;
	int format;

	CHECK(view_start(&view, 0, SIDE, SIDE), "no context");
	format = GetPixelFormat(view.device);
	CHECK(SetPixelFormat(view.device, format, &description), "the same format cannot be set again");
	CHECK(!SetPixelFormat(view.device, format == 1 ? 2 : 1, &description), "another format can be set");
	CHECK(GetPixelFormat(view.device) == format, "the format has changed");
	view_close(&view);
	return NULL;
}

struct pbuffers {
	PFNWGLCREATEPBUFFERARBPROC create;
	PFNWGLGETPBUFFERDCARBPROC get_device;
	PFNWGLRELEASEPBUFFERDCARBPROC release_device;
	PFNWGLDESTROYPBUFFERARBPROC destroy;
	PFNWGLQUERYPBUFFERARBPROC query;
};

/* What ReleaseDC answers for any window: Wine 8 says 0 to 32-bit programs, though it does it. */
static int release_answer(const struct view *view)
{
	return ReleaseDC(view->window, GetDC(view->window));
}

static const char *use_pbuffer(const struct pbuffers *p, struct view *view, int format, unsigned round)
{
	HPBUFFERARB buffer = p->create(view->device, format, 100, 60, NULL);
	int width = 0, height = 0;
	HGLRC context;
	HDC device;

	CHECK(buffer, "no pixel buffer");
	CHECK(p->query(buffer, WGL_PBUFFER_WIDTH_ARB, &width) && p->query(buffer, WGL_PBUFFER_HEIGHT_ARB, &height),
		"no size");
	CHECK(width == 100 && height == 60, "it has another size");
	device = p->get_device(buffer);
	context = device ? wglCreateContext(device) : NULL;
	CHECK(context && wglMakeCurrent(device, context), "no context for it");
	clear_to(0x314159 + round);
	CHECK(all_pixels(100, 60, 0x314159 + round), "wrong pixels in it");
	CHECK(wglMakeCurrent(view->device, view->context), "the window does not come back");
	clear_to(0x271828);
	CHECK(all_pixels(SIDE, SIDE, 0x271828), "wrong pixels in the window");
	CHECK(wglMakeCurrent(device, context), "it does not come back");
	CHECK(all_pixels(100, 60, 0x314159 + round), "its pixels are lost");
	CHECK(wglMakeCurrent(view->device, view->context), "the window does not come back");
	CHECK(wglDeleteContext(context), "its context is not deleted");
	CHECK(p->release_device(buffer, device) == release_answer(view) && p->destroy(buffer), "it is not destroyed");
	return NULL;
}

static const char *pixel_buffers(void)
{
	static const int wanted[] = {WGL_DRAW_TO_PBUFFER_ARB, 1, WGL_SUPPORT_OPENGL_ARB, 1, WGL_COLOR_BITS_ARB, 24, 0};
	struct view view;
	UINT count = 0;
	int format = 0;

	CHECK(view_start(&view, 0, SIDE, SIDE), "no context");
	FUNCTION(PFNWGLCHOOSEPIXELFORMATARBPROC, choose, "wglChoosePixelFormatARB");
	FUNCTION(PFNWGLCREATEPBUFFERARBPROC, create, "wglCreatePbufferARB");
	FUNCTION(PFNWGLGETPBUFFERDCARBPROC, get_device, "wglGetPbufferDCARB");
	FUNCTION(PFNWGLRELEASEPBUFFERDCARBPROC, release_device, "wglReleasePbufferDCARB");
	FUNCTION(PFNWGLDESTROYPBUFFERARBPROC, destroy, "wglDestroyPbufferARB");
	FUNCTION(PFNWGLQUERYPBUFFERARBPROC, query, "wglQueryPbufferARB");
	const struct pbuffers functions = {create, get_device, release_device, destroy, query};
	CHECK(choose && create && get_device && release_device && destroy && query, "no WGL_ARB_pbuffer");
	CHECK(choose(view.device, wanted, NULL, 1, &format, &count) && count, "no format for pixel buffers");
	for (unsigned round = 0; round < 10; round++) {
		const char *why = use_pbuffer(&functions, &view, format, round);
		if (why)
			return why;
	}
	view_close(&view);
	return NULL;
}

/* A pixel buffer as a texture. */
static const char *render_texture(void)
{
	static const int wanted[] = {WGL_DRAW_TO_PBUFFER_ARB, 1, WGL_BIND_TO_TEXTURE_RGBA_ARB, 1,
		WGL_SUPPORT_OPENGL_ARB, 1, WGL_COLOR_BITS_ARB, 24, WGL_ALPHA_BITS_ARB, 8, WGL_DEPTH_BITS_ARB, 24, 0};
	static const int as_texture[] = {
		WGL_TEXTURE_FORMAT_ARB, WGL_TEXTURE_RGBA_ARB, WGL_TEXTURE_TARGET_ARB, WGL_TEXTURE_2D_ARB, 0};
	struct view view;
	HPBUFFERARB buffer;
	HGLRC context;
	HDC device;
	GLuint texture;
	UINT count = 0;
	int format = 0;

	CHECK(view_start(&view, 0, SIDE, SIDE), "no context");
	FUNCTION(PFNWGLCHOOSEPIXELFORMATARBPROC, choose, "wglChoosePixelFormatARB");
	FUNCTION(PFNWGLCREATEPBUFFERARBPROC, create, "wglCreatePbufferARB");
	FUNCTION(PFNWGLGETPBUFFERDCARBPROC, get_device, "wglGetPbufferDCARB");
	FUNCTION(PFNWGLDESTROYPBUFFERARBPROC, destroy, "wglDestroyPbufferARB");
	FUNCTION(PFNWGLRELEASEPBUFFERDCARBPROC, release_device, "wglReleasePbufferDCARB");
	FUNCTION(PFNWGLBINDTEXIMAGEARBPROC, bind, "wglBindTexImageARB");
	FUNCTION(PFNWGLRELEASETEXIMAGEARBPROC, release, "wglReleaseTexImageARB");
	CHECK(choose && create && get_device && destroy && release_device && bind && release,
		"no WGL_ARB_render_texture");
	CHECK(choose(view.device, wanted, NULL, 1, &format, &count) && count, "no format for it");
	buffer = create(view.device, format, SIDE, SIDE, as_texture);
	CHECK(buffer, "no pixel buffer");
	device = get_device(buffer);
	context = wglCreateContext(device);
	CHECK(context && wglShareLists(view.context, context) && wglMakeCurrent(device, context), "no context for it");
	clear_to(0x20a0e0);
	glFlush();
	CHECK(wglMakeCurrent(view.device, view.context), "the window does not come back");
	glGenTextures(1, &texture);
	glBindTexture(GL_TEXTURE_2D, texture);
	glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_NEAREST);
	CHECK(bind(buffer, WGL_FRONT_LEFT_ARB), "it is not bound as a texture");
	clear_to(0);
	glEnable(GL_TEXTURE_2D);
	glTexEnvi(GL_TEXTURE_ENV, GL_TEXTURE_ENV_MODE, GL_REPLACE);
	glRectf(-1, -1, 1, 1);
	CHECK(all_pixels(SIDE, SIDE, 0x20a0e0), "the texture has other pixels");
	CHECK(release(buffer, WGL_FRONT_LEFT_ARB), "it is not released");
	CHECK(wglDeleteContext(context) && release_device(buffer, device) == release_answer(&view) && destroy(buffer),
		"it is not destroyed");
	view_close(&view);
	return NULL;
}

const struct named_case format_cases[] = {
	{"extension-functions", extension_functions},
	{"attributes", attributes},
	{"multisample", multisample},
	{"multisample-single-buffer", multisample_single_buffer},
	{"srgb", srgb},
	{"format-is-final", format_is_final},
	{"pixel-buffers", pixel_buffers},
	{"render-texture", render_texture},
	{NULL, NULL},
};
