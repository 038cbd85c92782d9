/* SPDX-License-Identifier: MIT */
/*
 * Draws until the device is lost, does all kinds of calls on the lost context, and then makes a new one for the same
 * window. Prints "drawing" once frames are shown, "lost" when OpenGL says so and every call was harmless, and then
 * "alive" when a new context draws the right pixels. Ends with status 0 then; 3 when there is no new context.
 *
 *   icd_loss [SECONDS]      how long to try to make a new context
 */
#include "wgl_window.h"

#include <stdint.h>
#include <stdlib.h>

#define SIDE 128
#define LONGEST_WAIT_MS 60000
#define NO_CONTEXT 3

#define FUNCTIONS(X) \
	X(PFNWGLCREATECONTEXTATTRIBSARBPROC, create_context, "wglCreateContextAttribsARB") \
	X(PFNGLGETGRAPHICSRESETSTATUSARBPROC, reset_status, "glGetGraphicsResetStatusARB") \
	X(PFNGLGENBUFFERSPROC, gen_buffers, "glGenBuffers") \
	X(PFNGLBINDBUFFERPROC, bind_buffer, "glBindBuffer") \
	X(PFNGLBUFFERDATAPROC, buffer_data, "glBufferData") \
	X(PFNGLMAPBUFFERPROC, map_buffer, "glMapBuffer") \
	X(PFNGLUNMAPBUFFERPROC, unmap_buffer, "glUnmapBuffer") \
	X(PFNGLGENQUERIESPROC, gen_queries, "glGenQueries") \
	X(PFNGLBEGINQUERYPROC, begin_query, "glBeginQuery") \
	X(PFNGLENDQUERYPROC, end_query, "glEndQuery") \
	X(PFNGLGETQUERYOBJECTUIVPROC, get_query, "glGetQueryObjectuiv") \
	X(PFNGLFENCESYNCPROC, fence_sync, "glFenceSync") \
	X(PFNGLCLIENTWAITSYNCPROC, client_wait_sync, "glClientWaitSync")

#define DECLARE(Type, Name, String) static Type Name;
FUNCTIONS(DECLARE)

static int fail(const char *what)
{
	fprintf(stderr, "loss: %s\n", what);
	return 1;
}

static void say(const char *what)
{
	puts(what);
	fflush(stdout);
}

static bool look_up_all(HDC device)
{
	HGLRC plain = wglCreateContext(device);
	bool found = plain && wglMakeCurrent(device, plain);

#define LOOK_UP(Type, Name, String) found = found && wgl_look_up(String, &Name);
	FUNCTIONS(LOOK_UP)
	wglMakeCurrent(NULL, NULL);
	if (plain)
		wglDeleteContext(plain);
	return found;
}

static HGLRC robust_context(HDC device, HGLRC share)
{
	static const int attributes[] = {WGL_CONTEXT_FLAGS_ARB, WGL_CONTEXT_ROBUST_ACCESS_BIT_ARB,
		WGL_CONTEXT_RESET_NOTIFICATION_STRATEGY_ARB, WGL_LOSE_CONTEXT_ON_RESET_ARB, 0};
	HGLRC context = create_context(device, share, attributes);

	if (context && !wglMakeCurrent(device, context)) {
		wglDeleteContext(context);
		return NULL;
	}
	return context;
}

/* Everything that could wait for the device, or look at what it has written. */
static void use_all(void)
{
	static GLubyte pixels[SIDE * SIDE * 4];
	GLuint texture, buffer, query, result;
	void *map;

	glGenTextures(1, &texture);
	glBindTexture(GL_TEXTURE_2D, texture);
	glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA8, SIDE, SIDE, 0, GL_RGBA, GL_UNSIGNED_BYTE, pixels);
	glTexSubImage2D(GL_TEXTURE_2D, 0, 0, 0, SIDE / 2, SIDE / 2, GL_RGBA, GL_UNSIGNED_BYTE, pixels);
	gen_buffers(1, &buffer);
	bind_buffer(GL_ARRAY_BUFFER, buffer);
	buffer_data(GL_ARRAY_BUFFER, sizeof(pixels), pixels, GL_DYNAMIC_DRAW);
	map = map_buffer(GL_ARRAY_BUFFER, GL_READ_WRITE);
	if (map) {
		memset(map, 1, sizeof(pixels));
		unmap_buffer(GL_ARRAY_BUFFER);
	}
	gen_queries(1, &query);
	begin_query(GL_SAMPLES_PASSED, query);
	glRectf(-1, -1, 1, 1);
	end_query(GL_SAMPLES_PASSED);
	get_query(query, GL_QUERY_RESULT, &result);
	client_wait_sync(fence_sync(GL_SYNC_GPU_COMMANDS_COMPLETE, 0), GL_SYNC_FLUSH_COMMANDS_BIT, UINT64_MAX);
	glReadPixels(0, 0, SIDE, SIDE, GL_RGBA, GL_UNSIGNED_BYTE, pixels);
	glGetTexImage(GL_TEXTURE_2D, 0, GL_RGBA, GL_UNSIGNED_BYTE, pixels);
	bind_buffer(GL_ARRAY_BUFFER, 0);
	glBindTexture(GL_TEXTURE_2D, 0);
	glFinish();
}

/* Draws until OpenGL says that the context is lost. */
static bool draw_until_lost(const struct wgl_window *window)
{
	const ULONGLONG end = GetTickCount64() + LONGEST_WAIT_MS;

	for (unsigned i = 0; GetTickCount64() < end; i++) {
		wgl_clear(wgl_colour(i));
		glRectf(-0.5f, -0.5f, 0.5f, 0.5f);
		SwapBuffers(window->device);
		if (reset_status() != GL_NO_ERROR)
			return true;
		if (i == 5) {
			use_all();
			say("drawing");
		}
	}
	return false;
}

static bool draws_right(const struct wgl_window *window)
{
	for (unsigned i = 0; i < 5; i++) {
		const COLORREF colour = wgl_colour(i);
		GLubyte pixel[4] = {0};

		wgl_clear(colour);
		glReadPixels(SIDE / 2, SIDE / 2, 1, 1, GL_RGBA, GL_UNSIGNED_BYTE, pixel);
		if (RGB(pixel[0], pixel[1], pixel[2]) != colour || !SwapBuffers(window->device) ||
			reset_status() != GL_NO_ERROR)
			return false;
		use_all();
	}
	return glGetError() == GL_NO_ERROR;
}

static HGLRC make_another(const struct wgl_window *window, unsigned seconds)
{
	const ULONGLONG end = GetTickCount64() + seconds * 1000ull;
	HGLRC context;

	while (!(context = robust_context(window->device, NULL)) && GetTickCount64() < end)
		Sleep(100);
	return context;
}

int main(int argc, char **argv)
{
	const unsigned seconds = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 0;
	struct wgl_window window, another;
	HGLRC lost, idle, context;

	if (!wgl_window_open(&window, 0, SIDE, SIDE) || !look_up_all(window.device) ||
		!(idle = robust_context(window.device, NULL)) || !(lost = robust_context(window.device, idle)))
		return fail("no robust context");
	if (!draw_until_lost(&window))
		return fail("the context was never lost");
	use_all();
	if (SwapBuffers(window.device))
		return fail("a swap succeeds on a lost device");
	say("lost");

	/* One lost context stays beside the new one, and is used again later. */
	wglMakeCurrent(NULL, NULL);
	wglDeleteContext(lost);
	context = make_another(&window, seconds);
	if (!context) {
		say("no new context");
		return NO_CONTEXT;
	}
	if (!draws_right(&window))
		return fail("a new context does not draw right in the old window");
	if (!wglMakeCurrent(window.device, idle) || reset_status() == GL_NO_ERROR)
		return fail("the other old context is not lost");
	use_all();
	wglDeleteContext(idle);
	if (!wgl_window_open(&another, SIDE, SIDE, SIDE) || !wglMakeCurrent(another.device, context) ||
		!draws_right(&another))
		return fail("a new context does not draw right in a new window");
	say("alive");
	wglMakeCurrent(NULL, NULL);
	wglDeleteContext(context);
	wgl_window_close(&another);
	wgl_window_close(&window);
	return 0;
}
