/* SPDX-License-Identifier: MIT */
/*
 * Asks for more buffer memory than the device may reach, and for things that no device takes: OpenGL must say
 * GL_OUT_OF_MEMORY, and work on once the memory is given back. Exit status 0: all right.
 */
#define WIN32_LEAN_AND_MEAN
#include <windows.h>
#include <GL/gl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUFFER_SIZE (48u << 20) /* bytes */
#define MAX_BUFFERS 256u
#define ARRAY_BUFFER 0x8892u
#define STATIC_DRAW 0x88e4u
#define RGBA32F 0x8814
#define PROXY_TEXTURE_2D 0x8064
#define HUGE_BUFFER (2040u << 20) /* bytes */

static void(APIENTRY *gen_buffers)(GLsizei, GLuint *);
static void(APIENTRY *delete_buffers)(GLsizei, const GLuint *);
static void(APIENTRY *bind_buffer)(GLenum, GLuint);
static void(APIENTRY *buffer_data)(GLenum, ptrdiff_t, const void *, GLenum);

static int fail(const char *what)
{
	fprintf(stderr, "out_of_memory: %s\n", what);
	return 1;
}

static bool look_up(const char *name, void *function)
{
	PROC address = wglGetProcAddress(name);

	memcpy(function, &address, sizeof(address));
	return address != NULL;
}

static bool make_context(HDC device)
{
	const PIXELFORMATDESCRIPTOR wanted = {
		.nSize = sizeof(wanted),
		.nVersion = 1,
		.dwFlags = PFD_DRAW_TO_WINDOW | PFD_SUPPORT_OPENGL | PFD_DOUBLEBUFFER,
		.cColorBits = 24,
	};
	HGLRC context;

	if (!SetPixelFormat(device, ChoosePixelFormat(device, &wanted), &wanted))
		return false;
	context = wglCreateContext(device);
	return context && wglMakeCurrent(device, context) && look_up("glGenBuffers", &gen_buffers) &&
	       look_up("glDeleteBuffers", &delete_buffers) && look_up("glBindBuffer", &bind_buffer) &&
	       look_up("glBufferData", &buffer_data);
}

/* GL_NO_ERROR when there was no end to the memory. */
static GLenum fill(const void *data)
{
	static GLuint buffers[MAX_BUFFERS];
	GLenum error = GL_NO_ERROR;

	gen_buffers(MAX_BUFFERS, buffers);
	for (unsigned i = 0; i < MAX_BUFFERS && error == GL_NO_ERROR; i++) {
		bind_buffer(ARRAY_BUFFER, buffers[i]);
		buffer_data(ARRAY_BUFFER, BUFFER_SIZE, data, STATIC_DRAW);
		error = glGetError();
	}
	delete_buffers(MAX_BUFFERS, buffers);
	glFinish();
	return error;
}

/* A buffer, and a texture whose 4 GiB are 0 in 32 bits. */
static bool refuses_giants(void)
{
	GLint side = 0, width = -1;
	GLuint buffer, texture;

	gen_buffers(1, &buffer);
	bind_buffer(ARRAY_BUFFER, buffer);
	buffer_data(ARRAY_BUFFER, HUGE_BUFFER, NULL, STATIC_DRAW);
	if (glGetError() != GL_OUT_OF_MEMORY)
		return false;
	delete_buffers(1, &buffer);
	glGetIntegerv(GL_MAX_TEXTURE_SIZE, &side);
	if (side != 16384) {
		printf("textures have at most %d pixels a side: the size is not tried\n", (int)side);
		return true;
	}
	glTexImage2D(PROXY_TEXTURE_2D, 0, RGBA32F, side, side, 0, GL_RGBA, GL_FLOAT, NULL);
	glGetTexLevelParameteriv(PROXY_TEXTURE_2D, 0, GL_TEXTURE_WIDTH, &width);
	if (width != 0 || glGetError() != GL_NO_ERROR)
		return false;
	glGenTextures(1, &texture);
	glBindTexture(GL_TEXTURE_2D, texture);
	glTexImage2D(GL_TEXTURE_2D, 0, RGBA32F, side, side, 0, GL_RGBA, GL_FLOAT, NULL);
	if (glGetError() != GL_OUT_OF_MEMORY)
		return false;
	glDeleteTextures(1, &texture);
	return true;
}

static bool still_draws(HDC device)
{
	GLubyte pixel[4] = {0};

	glClearColor(1.0f, 0.0f, 0.0f, 1.0f);
	glClear(GL_COLOR_BUFFER_BIT);
	glReadPixels(1, 1, 1, 1, GL_RGBA, GL_UNSIGNED_BYTE, pixel);
	return pixel[0] == 255 && pixel[1] == 0 && SwapBuffers(device) && glGetError() == GL_NO_ERROR;
}

int main(void)
{
	HWND window = CreateWindowA("STATIC", "", WS_POPUP | WS_VISIBLE, 0, 0, 64, 64, NULL, NULL, NULL, NULL);
	HDC device = GetDC(window);
	void *data = calloc(1, BUFFER_SIZE);
	GLenum error;

	if (!data || !make_context(device))
		return fail("no context");
	error = fill(data);
	if (error != GL_OUT_OF_MEMORY)
		return fail(error == GL_NO_ERROR ? "there was no end to the memory" : "the wrong error");
	if (!refuses_giants())
		return fail("what is too large is not refused");
	if (!still_draws(device))
		return fail("drawing does not work any more");
	puts("ok");
	return 0;
}
