/* SPDX-License-Identifier: MIT */
/*
 * hostile.c - asks for what no host can do, or should not: sizes beyond all memory, textures that are read while they
 * are drawn to, indices beyond all buffers, shaders at every limit, contexts that end with work under way. None of it
 * may cost more than an OpenGL error: after each step the context still clears and reads back, or, where it was lost, a
 * new one does. Exit status 0: so it was.
 */
#include <stdio.h>
#include <string.h>

#include "gl.h"
#include "window.h"

#define SIDE 64
#define ROUNDS 2u
#define HUGE_SIDE 16384
#define HUGE_TEXTURES 64 /* of 4 GiB each */
#define BEYOND 0x3fffffffu

/* What gl.h lacks. */
#define MORE_FUNCTIONS(X) \
	X(PFNGLBINDFRAMEBUFFERPROC, BindFramebuffer) \
	X(PFNGLCOPYTEXSUBIMAGE2DPROC, CopyTexSubImage2D) \
	X(PFNGLDELETEFRAMEBUFFERSPROC, DeleteFramebuffers) \
	X(PFNGLDRAWARRAYSPROC, DrawArrays) \
	X(PFNGLDRAWARRAYSINSTANCEDPROC, DrawArraysInstanced) \
	X(PFNGLFLUSHPROC, Flush) \
	X(PFNGLFRAMEBUFFERTEXTURE2DPROC, FramebufferTexture2D) \
	X(PFNGLGENFRAMEBUFFERSPROC, GenFramebuffers) \
	X(PFNGLTEXIMAGE3DPROC, TexImage3D)

static struct gl gl;
#define MEMBER(Type, Name) Type Name;
static struct {
	MORE_FUNCTIONS(MEMBER)
} more;
#undef MEMBER

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

static struct window *open_window(void)
{
	const char *why = "its functions are incomplete";
	struct window *window = window_open(SIDE, SIDE, &why);

	if (window && load())
		return window;
	fprintf(stderr, "no context: %s\n", why);
	window_close(window);
	return NULL;
}

/* A program of these two, or 0 when they do not compile or link, which is not wrong. */
static GLuint link(const char *vertex, const char *fragment)
{
	const char *sources[] = {vertex, fragment};
	const GLenum kinds[] = {GL_VERTEX_SHADER, GL_FRAGMENT_SHADER};
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
	gl.DeleteProgram(program);
	return 0;
}

static const char whole_vertex[] = "#version 330\n"
				   "void main() { vec2 p = vec2(gl_VertexID & 1, gl_VertexID >> 1) * 4.0 - 1.0;\n"
				   "gl_Position = vec4(p, 0.0, 1.0); }\n";

static const char attribute_vertex[] = "#version 330\n"
				       "layout(location = 0) in vec4 p;\n"
				       "void main() { gl_Position = p; }\n";

static const char plain_fragment[] = "#version 330\nout vec4 c;\nvoid main() { c = vec4(0.5); }\n";

static const char texture_fragment[] = "#version 330\nuniform sampler2D t;\nout vec4 c;\n"
				       "void main() { c = texture(t, vec2(0.5)) + vec4(0.01); }\n";

/* Uniforms and an array by an unknown index at their limits, recursion by nesting: some hosts' compilers give up. */
static const char limits_fragment[] =
	"#version 330\nuniform vec4 u[900];\nuniform int n;\nout vec4 c;\n"
	"void main() { float s[128]; for (int i = 0; i < 128; i++) s[i] = u[i % 900].x;\n"
	"float r = 0.0; for (int i = 0; i < n; i++) r += s[(i * 7919) & 127] + s[n * 4096];\n"
	"c = vec4(r); }\n";

static const char too_much_fragment[] = "#version 330\nuniform vec4 u[10000000];\nuniform int n;\nout vec4 c;\n"
					"void main() { c = u[n]; }\n";

static void huge_textures(void)
{
	GLuint textures[HUGE_TEXTURES];

	gl.GenTextures(HUGE_TEXTURES, textures);
	for (unsigned i = 0; i < HUGE_TEXTURES; i++) {
		gl.BindTexture(GL_TEXTURE_2D, textures[i]);
		gl.TexImage2D(
			GL_TEXTURE_2D, 0, GL_RGBA32F, HUGE_SIDE << (i & 1), HUGE_SIDE, 0, GL_RGBA, GL_FLOAT, NULL);
		if (gl.GetError() == GL_OUT_OF_MEMORY)
			break;
	}
	gl.DeleteTextures(HUGE_TEXTURES, textures);
	gl.GenTextures(1, textures);
	gl.BindTexture(GL_TEXTURE_3D, textures[0]);
	more.TexImage3D(GL_TEXTURE_3D, 0, GL_RGBA32F, 2048, 2048, 2048, 0, GL_RGBA, GL_FLOAT, NULL);
	gl.DeleteTextures(1, textures);
}

static void huge_buffers(void)
{
	GLuint buffer;

	gl.GenBuffers(1, &buffer);
	gl.BindBuffer(GL_ARRAY_BUFFER, buffer);
	gl.BufferData(GL_ARRAY_BUFFER, (GLsizeiptr)0x7fffffff, NULL, GL_STATIC_DRAW);
	gl.BufferData(GL_ARRAY_BUFFER, (GLsizeiptr)((size_t)-1 >> 1), NULL, GL_STATIC_DRAW);
	gl.BufferData(GL_ARRAY_BUFFER, (GLsizeiptr)((size_t)-1 >> 2), NULL, GL_STREAM_DRAW);
	gl.DeleteBuffers(1, &buffer);
}

static void feedback_loop(void)
{
	GLuint program = link(whole_vertex, texture_fragment), texture, framebuffer;

	gl.GenTextures(1, &texture);
	gl.BindTexture(GL_TEXTURE_2D, texture);
	gl.TexImage2D(GL_TEXTURE_2D, 0, GL_RGBA8, SIDE, SIDE, 0, GL_RGBA, GL_UNSIGNED_BYTE, NULL);
	gl.TexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_NEAREST);
	more.GenFramebuffers(1, &framebuffer);
	more.BindFramebuffer(GL_FRAMEBUFFER, framebuffer);
	more.FramebufferTexture2D(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D, texture, 0);
	gl.UseProgram(program);
	for (unsigned i = 0; i < 20; i++) {
		more.DrawArrays(GL_TRIANGLES, 0, 3);
		more.CopyTexSubImage2D(GL_TEXTURE_2D, 0, 1, 1, 0, 0, SIDE - 1, SIDE - 1);
	}
	/* The texture goes while it is drawn to. */
	gl.DeleteTextures(1, &texture);
	more.DrawArrays(GL_TRIANGLES, 0, 3);
	more.BindFramebuffer(GL_FRAMEBUFFER, 0);
	more.DeleteFramebuffers(1, &framebuffer);
	gl.UseProgram(0);
	gl.DeleteProgram(program);
}

static void beyond_buffers(void)
{
	static const GLuint indices[] = {0, BEYOND, 0xfffffffeu, 7, 1u << 31, 0x10000};
	GLuint program = link(attribute_vertex, plain_fragment), buffers[2];

	gl.GenBuffers(2, buffers);
	gl.BindBuffer(GL_ARRAY_BUFFER, buffers[0]);
	gl.BufferData(GL_ARRAY_BUFFER, 64, NULL, GL_STATIC_DRAW);
	gl.BindBuffer(GL_ELEMENT_ARRAY_BUFFER, buffers[1]);
	gl.BufferData(GL_ELEMENT_ARRAY_BUFFER, sizeof(indices), indices, GL_STATIC_DRAW);
	gl.EnableVertexAttribArray(0);
	gl.VertexAttribPointer(0, 4, GL_FLOAT, GL_FALSE, 1024, (const void *)(size_t)0x100000);
	gl.UseProgram(program);
	gl.DrawElements(GL_TRIANGLES, 6, GL_UNSIGNED_INT, NULL);
	gl.DrawElements(GL_TRIANGLES, 6, GL_UNSIGNED_INT, (const void *)(size_t)0x7ffffff0);
	more.DrawArrays(GL_TRIANGLES, (GLint)BEYOND, 3);
	more.DrawArraysInstanced(GL_TRIANGLES, 0, 3, 0);
	gl.UseProgram(0);
	gl.DeleteProgram(program);
	gl.DeleteBuffers(2, buffers);
}

static void shader_limits(void)
{
	static const char *const fragments[] = {limits_fragment, too_much_fragment, "\xff\xfe(((", ""};

	for (unsigned i = 0; i < sizeof(fragments) / sizeof(fragments[0]); i++) {
		GLuint program = link(whole_vertex, fragments[i]);

		if (!program)
			continue;
		gl.UseProgram(program);
		gl.Uniform1i(gl.GetUniformLocation(program, "n"), 3);
		more.DrawArrays(GL_TRIANGLES, 0, 3);
		gl.UseProgram(0);
		gl.DeleteProgram(program);
	}
}

/* Whether what is cleared can be read. */
static bool alive(unsigned round)
{
	static unsigned char seen[SIDE * SIDE * 4];
	unsigned char wanted = (unsigned char)(round * 51 % 256);

	while (gl.GetError() != GL_NO_ERROR) {
	}
	gl.Viewport(0, 0, SIDE, SIDE);
	gl.ClearColor((float)wanted / 255, 1, 0, 1);
	gl.Clear(GL_COLOR_BUFFER_BIT);
	memset(seen, 0, sizeof(seen));
	gl.ReadPixels(0, 0, SIDE, SIDE, GL_RGBA, GL_UNSIGNED_BYTE, seen);
	for (unsigned i = 0; i < SIDE * SIDE; i++) {
		if (seen[4 * i] != wanted || seen[4 * i + 1] != 255)
			return false;
	}
	return true;
}

struct step {
	const char *name;
	void (*run)(void);
};

static const struct step steps[] = {
	{"huge buffers", huge_buffers},
	{"feedback loop", feedback_loop},
	{"beyond buffers", beyond_buffers},
	{"shader limits", shader_limits},
	{"huge textures", huge_textures},
};

/* One step; the context may be lost by it, and is ended with work under way in any case. */
static bool run(const struct step *step, unsigned round)
{
	struct window *window = open_window();
	GLuint array;
	bool survived;

	if (!window)
		return false;
	gl.GenVertexArrays(1, &array);
	gl.BindVertexArray(array);
	if (!alive(round)) {
		fprintf(stderr, "%s, round %u: a new context does not work\n", step->name, round);
		window_close(window);
		return false;
	}
	step->run();
	survived = alive(round + 1);
	printf("%s, round %u: %s\n", step->name, round, survived ? "survived" : "context lost");
	step->run();
	more.Flush();
	window_close(window);
	return true;
}

int main(void)
{
	bool right = true;

	setvbuf(stdout, NULL, _IONBF, 0); /* what was said stays said when the program is ended */
	for (unsigned round = 0; round < ROUNDS && right; round++) {
		for (unsigned i = 0; i < sizeof(steps) / sizeof(steps[0]) && right; i++)
			right = run(&steps[i], round);
	}
	if (right) {
		struct window *window = open_window();

		right = window && alive(1);
		window_close(window);
	}
	printf(right ? "all is right\n" : "failed\n");
	return right ? 0 : 1;
}
