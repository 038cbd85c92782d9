/* SPDX-License-Identifier: MIT */
/*
 * bench.h - what the scenes share. One program for every platform: it opens a window with an OpenGL 3.3 core context,
 * and draws the scenes that it is asked for, each into a target of its own, so that windows cost only where they are
 * measured.
 */
#ifndef BENCH_GL_BENCH_H
#define BENCH_GL_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gl.h"

#define BENCH_WIDTH 1920u
#define BENCH_HEIGHT 1080u
#define BENCH_ERROR_LENGTH 512

struct bench {
	struct gl gl;
	void *window; /* window.h */
	GLuint framebuffer, target; /* of the scene that runs; 0 when it draws into the window */
	unsigned width, height; /* of what it draws into */
	void *state; /* the scene's own, from begin to end */
	char error[BENCH_ERROR_LENGTH]; /* why begin or a draw failed; empty: none did */
};

struct scene_kind {
	const char *name;
	unsigned width,
		height; /* of the target; 0: the window, which is as large as BENCH_WIDTH and BENCH_HEIGHT say */
	unsigned units; /* how many of what is counted are in one draw: draw calls, MiB, programs */
	double interval; /* seconds from one draw to the next, each with its end awaited; 0: as fast as possible */
	bool (*begin)(struct bench *bench); /* false, with an error: not possible here; end is called all the same */
	void (*draw)(struct bench *bench, unsigned number); /* the same number draws the same picture */
	void (*end)(struct bench *bench);
};

/* Each ends with an entry whose name is NULL. */
extern const struct scene_kind scenes_draw[], scenes_memory[], scenes_window[];

/* Keeps the first error. */
void bench_fail(struct bench *bench, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A program with the attribute 0 "corner" (a vec2 from 0 to 1) and the uniform "place" (x, y, width, height in clip
 * space), which hands "at" to this fragment shader's body. 0, with an error, when it does not compile. */
GLuint bench_program(struct bench *bench, const char *declarations, const char *body);

/* A vertex array with a buffer of one quad, as a strip of 4, bound. */
struct quad {
	GLuint array, buffer;
};
void quad_begin(const struct gl *gl, struct quad *quad);
void quad_end(const struct gl *gl, struct quad *quad);

/* A texture of 4 bytes a pixel without mipmaps, bound to unit 0; pixels may be NULL. */
GLuint bench_texture(const struct gl *gl, unsigned width, unsigned height, const void *pixels);

/* The same bytes everywhere: a smooth picture of so many pixels, RGBA. */
void bench_pixels(uint8_t *pixels, unsigned width, unsigned height, unsigned number);

#endif /* BENCH_GL_BENCH_H */
