/* SPDX-License-Identifier: MIT */
#include "bench.h"

#include <stdarg.h>
#include <stdio.h>

static const char vertex_source[] = "#version 330 core\n"
				    "layout(location = 0) in vec2 corner;\n"
				    "uniform vec4 place;\n"
				    "out vec2 at;\n"
				    "void main()\n"
				    "{\n"
				    "	at = corner;\n"
				    "	gl_Position = vec4(place.xy + corner * place.zw, 0.0, 1.0);\n"
				    "}\n";

void bench_fail(struct bench *bench, const char *format, ...)
{
	va_list arguments;

	if (bench->error[0])
		return;
	va_start(arguments, format);
	vsnprintf(bench->error, sizeof(bench->error), format, arguments);
	va_end(arguments);
}

static GLuint compile(struct bench *bench, GLenum kind, const char *const *parts, GLsizei count)
{
	const struct gl *gl = &bench->gl;
	GLuint shader = gl->CreateShader(kind);
	GLint compiled = 0;
	char why[BENCH_ERROR_LENGTH] = "no reason given";

	gl->ShaderSource(shader, count, parts, NULL);
	gl->CompileShader(shader);
	gl->GetShaderiv(shader, GL_COMPILE_STATUS, &compiled);
	if (compiled)
		return shader;
	gl->GetShaderInfoLog(shader, sizeof(why), NULL, why);
	bench_fail(bench, "a shader does not compile: %s", why);
	gl->DeleteShader(shader);
	return 0;
}

static GLuint link_program(struct bench *bench, GLuint vertex, GLuint fragment)
{
	const struct gl *gl = &bench->gl;
	GLuint program = gl->CreateProgram();
	GLint linked = 0;

	gl->AttachShader(program, vertex);
	gl->AttachShader(program, fragment);
	gl->LinkProgram(program);
	gl->GetProgramiv(program, GL_LINK_STATUS, &linked);
	if (linked)
		return program;
	bench_fail(bench, "a program does not link");
	gl->DeleteProgram(program);
	return 0;
}

GLuint bench_program(struct bench *bench, const char *declarations, const char *body)
{
	const char *const vertex_parts[] = {vertex_source};
	const char *const fragment_parts[] = {
		"#version 330 core\nin vec2 at;\nout vec4 colour;\n", declarations, "void main()\n{\n", body, "}\n"};
	GLuint vertex = compile(bench, GL_VERTEX_SHADER, vertex_parts, 1);
	GLuint fragment = vertex ? compile(bench, GL_FRAGMENT_SHADER, fragment_parts, 5) : 0;
	GLuint program = fragment ? link_program(bench, vertex, fragment) : 0;

	bench->gl.DeleteShader(vertex);
	bench->gl.DeleteShader(fragment);
	return program;
}

void quad_begin(const struct gl *gl, struct quad *quad)
{
	static const float corners[] = {0, 0, 1, 0, 0, 1, 1, 1};

	gl->GenVertexArrays(1, &quad->array);
	gl->BindVertexArray(quad->array);
	gl->GenBuffers(1, &quad->buffer);
	gl->BindBuffer(GL_ARRAY_BUFFER, quad->buffer);
	gl->BufferData(GL_ARRAY_BUFFER, sizeof(corners), corners, GL_STATIC_DRAW);
	gl->EnableVertexAttribArray(0);
	gl->VertexAttribPointer(0, 2, GL_FLOAT, GL_FALSE, 0, NULL);
}

void quad_end(const struct gl *gl, struct quad *quad)
{
	gl->DeleteVertexArrays(1, &quad->array);
	gl->DeleteBuffers(1, &quad->buffer);
}

GLuint bench_texture(const struct gl *gl, unsigned width, unsigned height, const void *pixels)
{
	GLuint texture = 0;

	gl->GenTextures(1, &texture);
	gl->ActiveTexture(GL_TEXTURE0);
	gl->BindTexture(GL_TEXTURE_2D, texture);
	gl->TexImage2D(
		GL_TEXTURE_2D, 0, GL_RGBA8, (GLsizei)width, (GLsizei)height, 0, GL_RGBA, GL_UNSIGNED_BYTE, pixels);
	gl->TexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_NEAREST);
	gl->TexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, GL_NEAREST);
	gl->TexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAX_LEVEL, 0);
	return texture;
}

void bench_pixels(uint8_t *pixels, unsigned width, unsigned height, unsigned number)
{
	for (unsigned y = 0; y < height; y++) {
		for (unsigned x = 0; x < width; x++, pixels += 4) {
			pixels[0] = (uint8_t)(x * 255 / width);
			pixels[1] = (uint8_t)(y * 255 / height);
			pixels[2] = (uint8_t)((x + y + number * 29) & 0xff);
			pixels[3] = 255;
		}
	}
}
