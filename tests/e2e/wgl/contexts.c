/* SPDX-License-Identifier: MIT */
/* Contexts: many, shared, on several windows, in several threads. */
#include "wgl_test.h"

#include <stdio.h>
#include <string.h>

#define MANY 64
#define THREADS 4
#define ROUNDS 30

static const char *many_contexts(void)
{
	static HGLRC contexts[MANY];
	struct view view;

	CHECK(view_open(&view, 0, SIDE, SIDE), "no window");
	for (unsigned i = 0; i < MANY; i++)
		CHECK((contexts[i] = wglCreateContext(view.device)), "a context is not made");
	for (unsigned i = 0; i < MANY; i++) {
		uint32_t colour = 0x010203 * i;
		CHECK(wglMakeCurrent(view.device, contexts[i]), "a context cannot be made current");
		CHECK(wglGetCurrentContext() == contexts[i] && wglGetCurrentDC() == view.device, "another is current");
		clear_to(colour);
		CHECK(all_pixels(SIDE, SIDE, colour), "wrong pixels");
	}
	wglMakeCurrent(NULL, NULL);
	for (unsigned i = 0; i < MANY; i++)
		CHECK(wglDeleteContext(contexts[i]), "a context is not deleted");
	CHECK(!wglMakeCurrent(view.device, contexts[0]), "a deleted context can be made current");
	view_close(&view);
	return NULL;
}

static GLuint make_texture(const uint8_t colour[4])
{
	GLuint texture;

	glGenTextures(1, &texture);
	glBindTexture(GL_TEXTURE_2D, texture);
	glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_NEAREST);
	glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA8, 1, 1, 0, GL_RGBA, GL_UNSIGNED_BYTE, colour);
	return texture;
}

static bool draws_texture(GLuint texture, uint32_t expected)
{
	clear_to(0);
	glEnable(GL_TEXTURE_2D);
	glTexEnvi(GL_TEXTURE_ENV, GL_TEXTURE_ENV_MODE, GL_REPLACE);
	glBindTexture(GL_TEXTURE_2D, texture);
	glRectf(-1, -1, 1, 1);
	return all_pixels(SIDE, SIDE, expected);
}

static const char *share_lists(void)
{
	static const uint8_t colour[4] = {0x12, 0x34, 0x56, 0xff};
	struct view view;
	HGLRC other, late;
	GLuint texture, list;

	CHECK(view_start(&view, 0, SIDE, SIDE), "no context");
	other = wglCreateContext(view.device);
	CHECK(other && wglShareLists(view.context, other), "lists are not shared");
	texture = make_texture(colour);
	list = glGenLists(1);
	glNewList(list, GL_COMPILE);
	glColor3f(0, 1, 0);
	glRectf(-1, -1, 1, 1);
	glEndList();
	CHECK(wglMakeCurrent(view.device, other), "the other cannot be made current");
	CHECK(draws_texture(texture, 0x123456), "a shared texture has other pixels");
	CHECK(wglDeleteContext(view.context), "the first is not deleted");
	view.context = other;
	CHECK(draws_texture(texture, 0x123456), "its texture went with the first context");
	glDisable(GL_TEXTURE_2D);
	glCallList(list);
	CHECK(all_pixels(SIDE, SIDE, 0x00ff00), "a shared list draws something else");

	FUNCTION(PFNWGLCREATECONTEXTATTRIBSARBPROC, create, "wglCreateContextAttribsARB");
	CHECK(create, "no wglCreateContextAttribsARB");
	late = create(view.device, other, NULL);
	CHECK(late && wglMakeCurrent(view.device, late), "no context that shares from the beginning");
	CHECK(draws_texture(texture, 0x123456), "it does not share");
	wglMakeCurrent(NULL, NULL);
	wglDeleteContext(late);
	view_close(&view);
	return NULL;
}

struct worker {
	unsigned number;
	const char *failure;
};

static const char *draw_rounds(unsigned number)
{
	struct view view;

	CHECK(view_start(&view, (int)number * 2 * SIDE, SIDE, SIDE), "no context in a thread");
	for (unsigned round = 0; round < ROUNDS; round++) {
		uint32_t colour = 0x3f0000 * number + 0x000107 * round;
		clear_to(colour);
		CHECK(all_pixels(SIDE, SIDE, colour), "wrong pixels in a thread");
		CHECK(SwapBuffers(view.device), "SwapBuffers fails in a thread");
	}
	view_close(&view);
	return NULL;
}

static DWORD WINAPI work(void *argument)
{
	struct worker *worker = argument;

	worker->failure = draw_rounds(worker->number);
	return 0;
}

static const char *threads_with_windows(void)
{
	static struct worker workers[THREADS];
	HANDLE threads[THREADS];

	for (unsigned i = 0; i < THREADS; i++) {
		workers[i] = (struct worker){.number = i};
		threads[i] = CreateThread(NULL, 0, work, &workers[i], 0, NULL);
	}
	WaitForMultipleObjects(THREADS, threads, TRUE, INFINITE);
	for (unsigned i = 0; i < THREADS; i++) {
		CloseHandle(threads[i]);
		CHECK(!workers[i].failure, workers[i].failure);
	}
	return NULL;
}

static const char *several_windows(void)
{
	static const int sides[] = {64, 200, 33};
	struct view views[3];
	HGLRC context = NULL;

	for (unsigned i = 0; i < 3; i++)
		CHECK(view_open(&views[i], (int)i * 220, sides[i], sides[i]), "no window");
	context = wglCreateContext(views[0].device);
	for (unsigned round = 0; round < 10; round++) {
		for (unsigned i = 0; i < 3; i++) {
			uint32_t colour = 0x400000 * i + 0x11 * round;
			CHECK(wglMakeCurrent(views[i].device, context), "it cannot be made current on a window");
			clear_to(colour);
			CHECK(all_pixels(sides[i], sides[i], colour), "wrong pixels in one of the windows");
			CHECK(SwapBuffers(views[i].device), "SwapBuffers fails");
		}
	}
	wglMakeCurrent(NULL, NULL);
	wglDeleteContext(context);
	for (unsigned i = 0; i < 3; i++)
		view_close(&views[i]);
	return NULL;
}

struct loan {
	struct view *view;
	GLuint texture;
	const char *failure;
};

static const char *use_loan(struct loan *loan)
{
	CHECK(wglMakeCurrent(loan->view->device, loan->view->context), "it cannot be made current in another thread");
	CHECK(draws_texture(loan->texture, 0x654321), "wrong pixels in another thread");
	clear_to(0x0f1e2d);
	glFlush();
	CHECK(wglMakeCurrent(NULL, NULL), "it cannot be given back");
	return NULL;
}

static DWORD WINAPI borrow(void *argument)
{
	struct loan *loan = argument;

	loan->failure = use_loan(loan);
	return 0;
}

static const char *lend(struct loan *loan)
{
	HANDLE thread = CreateThread(NULL, 0, borrow, loan, 0, NULL);

	WaitForSingleObject(thread, INFINITE);
	CloseHandle(thread);
	return loan->failure;
}

static const char *across_threads(void)
{
	static const uint8_t colour[4] = {0x65, 0x43, 0x21, 0xff};
	struct view view;
	struct loan loan = {.view = &view};

	CHECK(view_start(&view, 0, SIDE, SIDE), "no context");
	loan.texture = make_texture(colour);
	for (unsigned round = 0; round < 8; round++) {
		const char *why;

		wglMakeCurrent(NULL, NULL);
		if ((why = lend(&loan)))
			return why;
		CHECK(wglMakeCurrent(view.device, view.context), "it does not come back");
		CHECK(all_pixels(SIDE, SIDE, 0x0f1e2d), "what the other thread drew is not seen");
	}
	view_close(&view);
	return NULL;
}

/* Draws in one window what is read from another. */
static const char *separate_read(void)
{
	struct view draw, read;

	CHECK(view_start(&draw, 0, SIDE, SIDE), "no context");
	FUNCTION(PFNWGLMAKECONTEXTCURRENTARBPROC, make_current, "wglMakeContextCurrentARB");
	FUNCTION(PFNWGLGETCURRENTREADDCARBPROC, get_read, "wglGetCurrentReadDCARB");
	CHECK(make_current && get_read, "no WGL_ARB_make_current_read");
	CHECK(view_open(&read, 2 * SIDE, SIDE, SIDE), "no second window");
	CHECK(wglMakeCurrent(read.device, draw.context), "it cannot be made current");
	clear_to(0xabcdef);
	CHECK(make_current(draw.device, read.device, draw.context), "no separate window for reading");
	CHECK(get_read() == read.device && wglGetCurrentDC() == draw.device, "another is current for reading");
	clear_to(0x102030);
	CHECK(all_pixels(SIDE, SIDE, 0xabcdef), "it is not the window for reading that is read");
	glRasterPos2f(-1, -1);
	glCopyPixels(0, 0, SIDE, SIDE, GL_COLOR);
	CHECK(wglMakeCurrent(draw.device, draw.context), "it cannot be made current");
	CHECK(all_pixels(SIDE, SIDE, 0xabcdef), "it is not copied from the window for reading");
	view_close(&read);
	CHECK(wglMakeCurrent(draw.device, draw.context), "it cannot be made current");
	clear_to(0x445566);
	CHECK(all_pixels(SIDE, SIDE, 0x445566), "wrong pixels after the other window is gone");
	view_close(&draw);
	return NULL;
}

static const char *bad_attributes(void)
{
	static const int versions[] = {WGL_CONTEXT_MAJOR_VERSION_ARB, 9, WGL_CONTEXT_MINOR_VERSION_ARB, 9, 0};
	static const int profiles[] = {WGL_CONTEXT_MAJOR_VERSION_ARB, 3, WGL_CONTEXT_MINOR_VERSION_ARB, 3,
		WGL_CONTEXT_PROFILE_MASK_ARB, 0x40, 0};
	static const int unknown[] = {0x7fff, 1, 0};
	static const int debug[] = {WGL_CONTEXT_MAJOR_VERSION_ARB, 3, WGL_CONTEXT_MINOR_VERSION_ARB, 3,
		WGL_CONTEXT_FLAGS_ARB, WGL_CONTEXT_DEBUG_BIT_ARB, WGL_CONTEXT_PROFILE_MASK_ARB,
		WGL_CONTEXT_CORE_PROFILE_BIT_ARB, 0};
	struct view view;
	HGLRC context;
	GLint flags = 0;

	CHECK(view_start(&view, 0, SIDE, SIDE), "no context");
	FUNCTION(PFNWGLCREATECONTEXTATTRIBSARBPROC, create, "wglCreateContextAttribsARB");
	CHECK(!create(view.device, NULL, versions), "a context of OpenGL 9.9");
	CHECK(!create(view.device, NULL, profiles), "a context of an unknown profile");
	CHECK(!create(view.device, NULL, unknown), "a context with an unknown attribute");
	CHECK(!create(NULL, NULL, NULL), "a context without a window");
	context = create(view.device, NULL, debug);
	CHECK(context && wglMakeCurrent(view.device, context), "no debug context");
	glGetIntegerv(0x821E /* GL_CONTEXT_FLAGS */, &flags);
	CHECK(flags & 2, "the debug context is none");
	wglMakeCurrent(NULL, NULL);
	wglDeleteContext(context);
	view_close(&view);
	return NULL;
}

/* A call that OpenGL refuses, which settings can make it say. */
static const char *wrong_enum(void)
{
	struct view view;

	CHECK(view_start(&view, 0, SIDE, SIDE), "no context");
	glEnable(GL_TEXTURE_WIDTH);
	CHECK(glGetError() == GL_INVALID_ENUM, "a wrong argument is taken");
	view_close(&view);
	return NULL;
}

const struct named_case context_cases[] = {
	{"many-contexts", many_contexts},
	{"share-lists", share_lists},
	{"threads-with-windows", threads_with_windows},
	{"several-windows", several_windows},
	{"across-threads", across_threads},
	{"separate-read", separate_read},
	{"bad-attributes", bad_attributes},
	{"wrong-enum", wrong_enum},
	{NULL, NULL},
};
