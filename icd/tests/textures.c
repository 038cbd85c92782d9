/* SPDX-License-Identifier: MIT */
/*
 * A scene for replays: pictures that come from other pictures. Each frame draws into a texture, copies a part of that,
 * makes mipmaps, changes a texture and streams vertices through immediate mode, then shows all of it; a texture that is
 * drawn from is deleted and made again now and then. Says "done" after the last frame and holds it.
 *
 *   icd_textures [FRAMES [SECONDS]]
 */
#define WIN32_LEAN_AND_MEAN
#include <windows.h>
#include <GL/gl.h>
#include <GL/glext.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIDE 256
#define TEXELS 64
#define NEW_TEXTURE_FRAMES 3

static PFNGLGENFRAMEBUFFERSPROC gen_framebuffers;
static PFNGLBINDFRAMEBUFFERPROC bind_framebuffer;
static PFNGLFRAMEBUFFERTEXTURE2DPROC framebuffer_texture_2d;
static PFNGLGENERATEMIPMAPPROC generate_mipmap;

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
		.cDepthBits = 24,
	};
	HGLRC context;

	if (!SetPixelFormat(device, ChoosePixelFormat(device, &wanted), &wanted))
		return false;
	context = wglCreateContext(device);
	return context && wglMakeCurrent(device, context) && look_up("glGenFramebuffers", &gen_framebuffers) &&
	       look_up("glBindFramebuffer", &bind_framebuffer) &&
	       look_up("glFramebufferTexture2D", &framebuffer_texture_2d) &&
	       look_up("glGenerateMipmap", &generate_mipmap);
}

static GLuint make_texture(unsigned frame)
{
	static GLubyte texels[TEXELS][TEXELS][4];
	GLuint texture;

	for (unsigned y = 0; y < TEXELS; y++) {
		for (unsigned x = 0; x < TEXELS; x++) {
			texels[y][x][0] = (GLubyte)(x * 4 + frame * 16);
			texels[y][x][1] = (GLubyte)(y * 4);
			texels[y][x][2] = (x ^ y) & 8 ? 255 : 0;
			texels[y][x][3] = 255;
		}
	}
	glGenTextures(1, &texture);
	glBindTexture(GL_TEXTURE_2D, texture);
	glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA, TEXELS, TEXELS, 0, GL_RGBA, GL_UNSIGNED_BYTE, texels);
	glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_LINEAR_MIPMAP_LINEAR);
	generate_mipmap(GL_TEXTURE_2D);
	return texture;
}

static GLuint empty_texture(void)
{
	GLuint texture;

	glGenTextures(1, &texture);
	glBindTexture(GL_TEXTURE_2D, texture);
	glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA, TEXELS, TEXELS, 0, GL_RGBA, GL_UNSIGNED_BYTE, NULL);
	glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_LINEAR);
	return texture;
}

static void quad(GLuint texture, float x, float y, float size)
{
	glBindTexture(GL_TEXTURE_2D, texture);
	glBegin(GL_TRIANGLE_STRIP);
	for (unsigned corner = 0; corner < 4; corner++) {
		glTexCoord2f((float)(corner & 1), (float)(corner >> 1));
		glVertex2f(x + size * (float)(corner & 1), y + size * (float)(corner >> 1));
	}
	glEnd();
}

/* Into the texture that the framebuffer has. */
static void draw_picture(GLuint from, unsigned frame)
{
	glViewport(0, 0, TEXELS, TEXELS);
	glClearColor(0.2f, 0.1f * (float)(frame % 8), 0.4f, 1);
	glClear(GL_COLOR_BUFFER_BIT);
	quad(from, -0.8f, -0.8f, 1.2f);
	quad(from, 0.1f * sinf((float)frame), 0, 0.7f);
}

static void draw_frame(const GLuint textures[3], unsigned frame)
{
	static GLubyte square[16][16][4];

	draw_picture(textures[0], frame);
	glBindTexture(GL_TEXTURE_2D, textures[2]);
	glCopyTexSubImage2D(GL_TEXTURE_2D, 0, 8, 8, 4, 4, 40, 40);
	memset(square, (int)(frame * 40), sizeof(square));
	glTexSubImage2D(GL_TEXTURE_2D, 0, 0, 0, 16, 16, GL_RGBA, GL_UNSIGNED_BYTE, square);
	bind_framebuffer(GL_FRAMEBUFFER, 0);
	glViewport(0, 0, SIDE, SIDE);
	glClearColor(0.1f, 0.1f, 0.1f, 1);
	glClear(GL_COLOR_BUFFER_BIT | GL_DEPTH_BUFFER_BIT);
	for (unsigned i = 0; i < 3; i++)
		quad(textures[i], -0.95f + 0.65f * (float)i, -0.9f, 0.6f);
	quad(textures[0], -0.5f, 0.2f, 0.15f);
	quad(textures[1], 0.2f, 0.1f + 0.05f * (float)(frame % 4), 0.7f);
}

int main(int count, char **arguments)
{
	unsigned frames = count > 1 ? (unsigned)atoi(arguments[1]) : 10;
	unsigned seconds = count > 2 ? (unsigned)atoi(arguments[2]) : 0;
	HWND window = CreateWindowA("STATIC", "", WS_POPUP | WS_VISIBLE, 0, 0, SIDE, SIDE, NULL, NULL, NULL, NULL);
	HDC device = GetDC(window);
	GLuint textures[3], framebuffer;

	if (!make_context(device)) {
		fprintf(stderr, "textures: no context\n");
		return 1;
	}
	glEnable(GL_TEXTURE_2D);
	textures[0] = make_texture(0);
	textures[1] = empty_texture();
	textures[2] = empty_texture();
	gen_framebuffers(1, &framebuffer);
	for (unsigned frame = 0; frame < frames; frame++) {
		if (frame % NEW_TEXTURE_FRAMES == NEW_TEXTURE_FRAMES - 1) {
			glDeleteTextures(1, &textures[0]);
			textures[0] = make_texture(frame);
		}
		bind_framebuffer(GL_FRAMEBUFFER, framebuffer);
		framebuffer_texture_2d(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D, textures[1], 0);
		draw_frame(textures, frame);
		if (!SwapBuffers(device) || glGetError() != GL_NO_ERROR) {
			fprintf(stderr, "textures: frame %u is not drawn\n", frame);
			Sleep(1000); /* why, the thread that presents may say a moment later */
			return 1;
		}
	}
	glFinish();
	puts("done");
	fflush(stdout);
	Sleep(seconds * 1000);
	return 0;
}
