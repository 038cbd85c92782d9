/* SPDX-License-Identifier: MIT */
/*
 * shaders.c - makes many programs, all different, draws a patch of the window with each, and reads the window back.
 *
 *     shaders [PROGRAMS [link]]     link: without drawing
 *
 * Prints what a cache of shaders can change, milliseconds to compile and link and to draw, and what it must not change:
 * a hash of all pixels. Exit status 0: all programs link and no OpenGL call failed.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gl.h"
#include "system.h"
#include "window.h"

#define MAX_PROGRAMS 1024
#define SIDE 256
#define PATCH 8 /* pixels */
#define PER_ROW (SIDE / PATCH)
#define SOURCE_BYTES 4096

static struct gl gl;
static GLuint programs[MAX_PROGRAMS];
static uint8_t pixels[SIDE * SIDE * 4];

static const char vertex_source[] =
	"#version 330 core\n"
	"out vec2 place;\n"
	"void main() { place = vec2(gl_VertexID == 1 ? 2.0 : 0.0, gl_VertexID == 2 ? 2.0 : 0.0);\n"
	"gl_Position = vec4(2.0 * place - 1.0, 0.0, 1.0); }\n";

/* Lights, noise and a loop, as games have them; the number makes it another shader and another picture. */
static void write_fragment(char *source, unsigned number)
{
	snprintf(source, SOURCE_BYTES,
		"#version 330 core\n"
		"const float number = %u.0;\n"
		"struct light { vec3 place; vec3 colour; float power; };\n"
		"in vec2 place;\n"
		"out vec4 result;\n"
		"float noise(vec2 p) { return fract(sin(dot(p, vec2(12.9898, 78.233 + number))) * 43758.5453); }\n"
		"float smooth_noise(vec2 p) {\n"
		"  vec2 cell = floor(p), f = fract(p); f = f * f * (3.0 - 2.0 * f);\n"
		"  return mix(mix(noise(cell), noise(cell + vec2(1, 0)), f.x),\n"
		"    mix(noise(cell + vec2(0, 1)), noise(cell + vec2(1, 1)), f.x), f.y);\n"
		"}\n"
		"vec3 shade(vec3 normal, vec3 eye, light l, vec3 at) {\n"
		"  vec3 to = l.place - at; float fall = l.power / (1.0 + dot(to, to)); to = normalize(to);\n"
		"  vec3 half_way = normalize(to + eye);\n"
		"  float shine = pow(max(dot(normal, half_way), 0.0), 8.0 + mod(number, 24.0));\n"
		"  return l.colour * fall * (max(dot(normal, to), 0.0) + shine);\n"
		"}\n"
		"void main() {\n"
		"  float height = 0.0, scale = 0.5;\n"
		"  for (int i = 0; i < %u; i++) { height += scale * smooth_noise(place * float(2 << i)); scale *= 0.5; "
		"}\n"
		"  vec3 normal = normalize(vec3(dFdx(height), dFdy(height), 0.25));\n"
		"  vec3 at = vec3(place, height), sum = vec3(0.1);\n"
		"  light lights[2];\n"
		"  for (int i = 0; i < 2; i++) {\n"
		"    lights[i].place = vec3(cos(float(i) + number), sin(float(i) * 2.0 + number), 1.0 + 0.25 * "
		"float(i));\n"
		"    lights[i].colour = 0.5 + 0.5 * cos(vec3(0, 2, 4) + number * 0.37 + float(i));\n"
		"    lights[i].power = 1.0 + 0.5 * float(i);\n"
		"    sum += shade(normal, vec3(0, 0, 1), lights[i], at);\n"
		"  }\n"
		"  if (number > 9.0 && height > 0.7) sum = sum.zxy;\n"
		"  result = vec4(sum, 1.0);\n"
		"}\n",
		number, 2 + number % 3);
}

static GLuint compile(GLenum kind, const char *source)
{
	GLuint shader = gl.CreateShader(kind);

	gl.ShaderSource(shader, 1, &source, NULL);
	gl.CompileShader(shader);
	return shader;
}

static bool make_program(GLuint *program, unsigned number)
{
	char source[SOURCE_BYTES], why[1024] = "";
	GLuint vertex = compile(GL_VERTEX_SHADER, vertex_source), fragment;
	GLint linked = 0;

	write_fragment(source, number);
	fragment = compile(GL_FRAGMENT_SHADER, source);
	*program = gl.CreateProgram();
	gl.AttachShader(*program, vertex);
	gl.AttachShader(*program, fragment);
	gl.LinkProgram(*program);
	gl.GetProgramiv(*program, GL_LINK_STATUS, &linked);
	if (!linked) {
		gl.GetProgramInfoLog(*program, sizeof(why), NULL, why);
		fprintf(stderr, "program %u does not link: %s\n", number, why);
	}
	gl.DeleteShader(vertex);
	gl.DeleteShader(fragment);
	return linked;
}

static bool prepare(void)
{
	static const uint8_t corners[] = {0, 1, 2};
	const char *missing;
	GLuint array, buffer;

	if (!gl_load(&gl, window_get_function, &missing)) {
		fprintf(stderr, "OpenGL lacks %s\n", missing);
		return false;
	}
	gl.GenVertexArrays(1, &array);
	gl.BindVertexArray(array);
	gl.GenBuffers(1, &buffer);
	gl.BindBuffer(GL_ELEMENT_ARRAY_BUFFER, buffer);
	gl.BufferData(GL_ELEMENT_ARRAY_BUFFER, sizeof(corners), corners, GL_STATIC_DRAW);
	gl.Clear(GL_COLOR_BUFFER_BIT);
	gl.Finish();
	return true;
}

static void draw_all(unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		gl.Viewport((GLint)(i % PER_ROW * PATCH), (GLint)(i / PER_ROW * PATCH), PATCH, PATCH);
		gl.UseProgram(programs[i]);
		gl.DrawElements(GL_TRIANGLES, 3, GL_UNSIGNED_BYTE, NULL);
		if (i % 4 == 3)
			gl.Finish(); /* the host compiles now, which may take its time */
	}
	gl.ReadPixels(0, 0, SIDE, SIDE, GL_RGBA, GL_UNSIGNED_BYTE, pixels);
}

static uint64_t hash_pixels(void)
{
	uint64_t hash = 0xcbf29ce484222325u;

	for (size_t i = 0; i < sizeof(pixels); i++)
		hash = (hash ^ pixels[i]) * 0x100000001b3u;
	return hash;
}

static bool run(unsigned count, bool draw)
{
	double begin, linked, drawn;
	bool right = true;

	if (!prepare())
		return false;
	begin = system_seconds();
	for (unsigned i = 0; i < count; i++)
		right &= make_program(&programs[i], i);
	linked = system_seconds();
	if (draw)
		draw_all(count);
	drawn = system_seconds();
	if (right && gl.GetError() != GL_NO_ERROR) {
		fprintf(stderr, "an OpenGL call failed\n");
		right = false;
	}
	printf("link_ms %.1f\ndraw_ms %.1f\npixels %016llx\n", (linked - begin) * 1e3, (drawn - linked) * 1e3,
		(unsigned long long)hash_pixels());
	return right;
}

int main(int argc, char **argv)
{
	unsigned count = argc > 1 ? (unsigned)atoi(argv[1]) : 200;
	const char *why;
	struct window *window;
	bool right;

	if (!count || count > MAX_PROGRAMS) {
		fprintf(stderr, "usage: shaders [PROGRAMS (1 to %u) [link]]\n", MAX_PROGRAMS);
		return 2;
	}
	window = window_open(SIDE, SIDE, &why);
	if (!window) {
		fprintf(stderr, "%s\n", why);
		return 1;
	}
	right = run(count, argc < 3 || strcmp(argv[2], "link") != 0);
	window_close(window);
	return right ? 0 : 1;
}
