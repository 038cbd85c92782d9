/* SPDX-License-Identifier: MIT */
/*
 * persistent.c - buffers that stay mapped while OpenGL uses them (ARB_buffer_storage), checked byte by byte: what the
 * program writes is what copies and draws read, and what OpenGL writes is what the program sees. Exit status 0: all is
 * right.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "gl.h"
#include "window.h"

#define SIZE (64u * 1024)
#define ROUNDS 40u
#define MANY 48u
#define SIDE 32
#define WAIT_NS 10000000000ull

/* What gl.h lacks. */
#define MORE_FUNCTIONS(X) \
	X(PFNGLBUFFERSTORAGEPROC, BufferStorage) \
	X(PFNGLBUFFERSUBDATAPROC, BufferSubData) \
	X(PFNGLCLIENTWAITSYNCPROC, ClientWaitSync) \
	X(PFNGLCOPYBUFFERSUBDATAPROC, CopyBufferSubData) \
	X(PFNGLDELETESYNCPROC, DeleteSync) \
	X(PFNGLDRAWARRAYSPROC, DrawArrays) \
	X(PFNGLFENCESYNCPROC, FenceSync) \
	X(PFNGLGETBUFFERSUBDATAPROC, GetBufferSubData) \
	X(PFNGLMAPBUFFERRANGEPROC, MapBufferRange) \
	X(PFNGLUNMAPBUFFERPROC, UnmapBuffer)

static struct gl gl;
#define MEMBER(Type, Name) Type Name;
static struct {
	MORE_FUNCTIONS(MEMBER)
} more;
#undef MEMBER

static uint8_t expected[SIZE], seen[SIZE];

static bool load(void)
{
	const char *missing;
	bool all = gl_load(&gl, window_get_function, &missing);

	if (!all)
		fprintf(stderr, "OpenGL lacks %s\n", missing);
#define LOAD(Type, Name) \
	more.Name = (Type)window_get_function("gl" #Name); \
	if (!more.Name) { \
		fprintf(stderr, "OpenGL lacks gl" #Name "\n"); \
		all = false; \
	}
	MORE_FUNCTIONS(LOAD)
#undef LOAD
	return all;
}

static void fill(uint8_t *bytes, size_t size, uint32_t seed)
{
	for (size_t i = 0; i < size; i++) {
		seed = seed * 1664525u + 1013904223u;
		bytes[i] = (uint8_t)(seed >> 24);
	}
}

static bool same(const uint8_t *bytes, const char *what, unsigned round)
{
	for (size_t i = 0; i < SIZE; i++) {
		if (bytes[i] == expected[i])
			continue;
		fprintf(stderr, "%s, round %u: byte %zu is %02x, not %02x\n", what, round, i, bytes[i], expected[i]);
		return false;
	}
	return true;
}

/* A mapped buffer; NULL, with the error said, when it is not to be had. */
static uint8_t *map_new(GLuint *buffer, size_t size)
{
	const GLbitfield flags = GL_MAP_READ_BIT | GL_MAP_WRITE_BIT | GL_MAP_PERSISTENT_BIT | GL_MAP_COHERENT_BIT;
	uint8_t *bytes;

	gl.GenBuffers(1, buffer);
	gl.BindBuffer(GL_COPY_READ_BUFFER, *buffer);
	more.BufferStorage(GL_COPY_READ_BUFFER, (GLsizeiptr)size, NULL, flags);
	bytes = more.MapBufferRange(GL_COPY_READ_BUFFER, 0, (GLsizeiptr)size, flags);
	if (!bytes)
		fprintf(stderr, "a persistent buffer is not mapped: GL error 0x%04x\n", gl.GetError());
	return bytes;
}

static bool wait_for_gl(void)
{
	GLsync sync = more.FenceSync(GL_SYNC_GPU_COMMANDS_COMPLETE, 0);
	GLenum result = more.ClientWaitSync(sync, GL_SYNC_FLUSH_COMMANDS_BIT, WAIT_NS);

	more.DeleteSync(sync);
	if (result == GL_ALREADY_SIGNALED || result == GL_CONDITION_SATISFIED)
		return true;
	fprintf(stderr, "the fence is not signalled: 0x%04x\n", result);
	return false;
}

/* Copies from the mapped buffer, and into it. */
static bool check_copies(GLuint mapped, uint8_t *bytes)
{
	GLuint plain;
	bool right = true;

	gl.GenBuffers(1, &plain);
	gl.BindBuffer(GL_COPY_WRITE_BUFFER, plain);
	gl.BufferData(GL_COPY_WRITE_BUFFER, SIZE, NULL, GL_STREAM_COPY);
	for (unsigned round = 0; round < ROUNDS && right; round++) {
		fill(expected, SIZE, 2 * round);
		memcpy(bytes, expected, SIZE);
		gl.BindBuffer(GL_COPY_READ_BUFFER, mapped);
		more.CopyBufferSubData(GL_COPY_READ_BUFFER, GL_COPY_WRITE_BUFFER, 0, 0, SIZE);
		more.GetBufferSubData(GL_COPY_WRITE_BUFFER, 0, SIZE, seen);
		right = same(seen, "from the mapping to OpenGL", round);
		fill(expected, SIZE, 2 * round + 1);
		more.BufferSubData(GL_COPY_WRITE_BUFFER, 0, SIZE, expected);
		more.CopyBufferSubData(GL_COPY_WRITE_BUFFER, GL_COPY_READ_BUFFER, 0, 0, SIZE);
		right = right && wait_for_gl() && same(bytes, "from OpenGL to the mapping", round);
	}
	gl.DeleteBuffers(1, &plain);
	return right;
}

static GLuint make_program(void)
{
	static const char *const sources[] = {
		"#version 330 core\n"
		"layout(location = 0) in vec4 colour; flat out vec4 shade;\n"
		"void main() { shade = colour; gl_Position = vec4(gl_VertexID == 1 ? 3.0 : -1.0,\n"
		"gl_VertexID == 2 ? 3.0 : -1.0, 0.0, 1.0); }\n",
		"#version 330 core\n"
		"flat in vec4 shade; out vec4 result;\n"
		"void main() { result = shade; }\n"};
	static const GLenum kinds[] = {GL_VERTEX_SHADER, GL_FRAGMENT_SHADER};
	GLuint program = gl.CreateProgram();
	GLint linked = 0;

	for (unsigned i = 0; i < 2; i++) {
		GLuint shader = gl.CreateShader(kinds[i]);

		gl.ShaderSource(shader, 1, &sources[i], NULL);
		gl.CompileShader(shader);
		gl.AttachShader(program, shader);
		gl.DeleteShader(shader);
	}
	gl.LinkProgram(program);
	gl.GetProgramiv(program, GL_LINK_STATUS, &linked);
	if (linked)
		return program;
	fprintf(stderr, "the program does not link\n");
	gl.DeleteProgram(program);
	return 0;
}

/* A triangle over the whole window, whose colour the program changes in the mapping between draws. */
static bool check_draws(GLuint mapped, uint8_t *bytes)
{
	GLuint program = make_program();
	GLuint array;
	bool right = program != 0;

	if (!program)
		return false;
	gl.GenVertexArrays(1, &array);
	gl.BindVertexArray(array);
	gl.BindBuffer(GL_ARRAY_BUFFER, mapped);
	gl.VertexAttribPointer(0, 4, GL_UNSIGNED_BYTE, GL_TRUE, 4, NULL);
	gl.EnableVertexAttribArray(0);
	gl.UseProgram(program);
	gl.Viewport(0, 0, SIDE, SIDE);
	for (unsigned round = 0; round < ROUNDS && right; round++) {
		const uint8_t colour[4] = {(uint8_t)(round * 6), (uint8_t)(255 - round), (uint8_t)(round * 37), 255};
		uint8_t pixel[4] = {0};

		for (unsigned i = 0; i < 3; i++)
			memcpy(bytes + 4 * i, colour, sizeof(colour));
		more.DrawArrays(GL_TRIANGLES, 0, 3);
		gl.ReadPixels(SIDE / 2, SIDE / 2, 1, 1, GL_RGBA, GL_UNSIGNED_BYTE, pixel);
		right = memcmp(pixel, colour, 3) == 0;
		if (!right)
			fprintf(stderr, "round %u: the pixel is %02x%02x%02x, not %02x%02x%02x\n", round, pixel[0],
				pixel[1], pixel[2], colour[0], colour[1], colour[2]);
	}
	gl.DeleteVertexArrays(1, &array);
	gl.DeleteProgram(program);
	return right;
}

/* Many mappings at a time, each with memory of its own, twice. */
static bool check_many(void)
{
	GLuint buffers[MANY];
	uint8_t *bytes[MANY];
	bool right = true;

	for (unsigned turn = 0; turn < 2; turn++) {
		for (unsigned i = 0; i < MANY; i++) {
			bytes[i] = map_new(&buffers[i], SIZE);
			if (!bytes[i])
				return false;
			fill(bytes[i], SIZE, 1000 * turn + i);
		}
		for (unsigned i = 0; i < MANY; i++) {
			fill(expected, SIZE, 1000 * turn + i);
			right = right && same(bytes[i], "one of many mappings", i);
			gl.BindBuffer(GL_COPY_READ_BUFFER, buffers[i]);
			more.GetBufferSubData(GL_COPY_READ_BUFFER, 0, SIZE, seen);
			right = right && same(seen, "one of many buffers", i);
			more.UnmapBuffer(GL_COPY_READ_BUFFER);
		}
		gl.DeleteBuffers(MANY, buffers);
	}
	return right;
}

static bool run(struct window *window)
{
	uint8_t *bytes;
	GLuint mapped;
	bool right;

	if (!load())
		return false;
	printf("gl_version: %s\n", window_best_version(window));
	bytes = map_new(&mapped, SIZE);
	if (!bytes)
		return false;
	right = check_copies(mapped, bytes) && check_draws(mapped, bytes) && check_many() &&
		check_copies(mapped, bytes);
	gl.BindBuffer(GL_COPY_READ_BUFFER, mapped);
	more.UnmapBuffer(GL_COPY_READ_BUFFER);
	gl.DeleteBuffers(1, &mapped);
	if (right && gl.GetError() != GL_NO_ERROR) {
		fprintf(stderr, "an OpenGL call failed\n");
		right = false;
	}
	return right;
}

int main(void)
{
	const char *why;
	struct window *window = window_open(SIDE, SIDE, &why);
	bool right;

	if (!window) {
		fprintf(stderr, "%s\n", why);
		return 1;
	}
	right = run(window);
	window_close(window);
	printf(right ? "all is right\n" : "failed\n");
	return right ? 0 : 1;
}
