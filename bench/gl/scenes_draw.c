/* SPDX-License-Identifier: MIT */
/* Scenes that draw: much area, many calls, many changes of state, new programs. */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>

#define LAYERS 4
#define GRID 100u /* draw calls a row and a column */
#define STATE_CHANGES 2000u
#define TEXTURES 8u
#define PROGRAMS 10u
#define TEXTURE_SIZE 64u

struct drawing {
	struct quad quad;
	GLuint programs[2];
	GLint places[2], tints[2];
	GLuint textures[TEXTURES];
	unsigned compiled; /* programs so far, no two alike */
};

static const char declarations[] = "uniform sampler2D image;\nuniform vec4 tint;\n";

static struct drawing *drawing_begin(struct bench *bench, const char *first, const char *second)
{
	const struct gl *gl = &bench->gl;
	struct drawing *drawing = calloc(1, sizeof(*drawing));
	const char *const bodies[] = {first, second};
	uint8_t pixels[TEXTURE_SIZE * TEXTURE_SIZE * 4];

	bench->state = drawing;
	if (!drawing) {
		bench_fail(bench, "not enough memory");
		return NULL;
	}
	quad_begin(gl, &drawing->quad);
	for (unsigned i = 0; i < TEXTURES; i++) {
		bench_pixels(pixels, TEXTURE_SIZE, TEXTURE_SIZE, i);
		drawing->textures[i] = bench_texture(gl, TEXTURE_SIZE, TEXTURE_SIZE, pixels);
	}
	for (unsigned i = 0; i < 2 && bodies[i]; i++) {
		drawing->programs[i] = bench_program(bench, declarations, bodies[i]);
		if (!drawing->programs[i])
			return NULL;
		drawing->places[i] = gl->GetUniformLocation(drawing->programs[i], "place");
		drawing->tints[i] = gl->GetUniformLocation(drawing->programs[i], "tint");
		gl->UseProgram(drawing->programs[i]);
	}
	return drawing;
}

static void drawing_end(struct bench *bench)
{
	const struct gl *gl = &bench->gl;
	struct drawing *drawing = bench->state;

	gl->Disable(GL_BLEND);
	gl->Disable(GL_SCISSOR_TEST);
	gl->UseProgram(0);
	if (!drawing)
		return;
	gl->DeleteTextures(TEXTURES, drawing->textures);
	gl->DeleteProgram(drawing->programs[0]);
	gl->DeleteProgram(drawing->programs[1]);
	quad_end(gl, &drawing->quad);
	free(drawing);
}

static bool fill_begin(struct bench *bench)
{
	struct drawing *drawing = drawing_begin(bench,
		"	vec4 texel = texture(image, at * 2.0);\n"
		"	float wave = 0.5 + 0.5 * sin(at.x * 20.0 + tint.x) * cos(at.y * 15.0 + tint.y);\n"
		"	colour = vec4(mix(texel.rgb, tint.rgb, wave), 0.5);\n",
		NULL);

	bench->gl.Enable(GL_BLEND);
	bench->gl.BlendFunc(GL_SRC_ALPHA, GL_ONE_MINUS_SRC_ALPHA);
	return drawing != NULL;
}

static void fill_draw(struct bench *bench, unsigned number)
{
	const struct gl *gl = &bench->gl;
	const struct drawing *drawing = bench->state;

	gl->Clear(GL_COLOR_BUFFER_BIT);
	for (unsigned i = 0; i < LAYERS; i++) {
		gl->Uniform4f(drawing->tints[0], (float)(number % 16) / 16, (float)i / LAYERS, 0.5f, 1);
		gl->Uniform4f(drawing->places[0], -1, -1, 2, 2);
		gl->DrawArrays(GL_TRIANGLE_STRIP, 0, 4);
	}
}

static bool draws_begin(struct bench *bench)
{
	return drawing_begin(bench, "	colour = tint + 0.0 * texture(image, at);\n", NULL) != NULL;
}

static void draws_draw(struct bench *bench, unsigned number)
{
	const struct gl *gl = &bench->gl;
	const struct drawing *drawing = bench->state;

	gl->Clear(GL_COLOR_BUFFER_BIT);
	for (unsigned i = 0; i < GRID * GRID; i++) {
		float x = (float)(i % GRID) / GRID, y = (float)(i / GRID) / GRID;
		gl->Uniform4f(drawing->places[0], 2 * x - 1, 2 * y - 1, 1.5f / GRID, 1.5f / GRID);
		gl->Uniform4f(drawing->tints[0], x, y, (float)((number + i) % 16) / 16, 1);
		gl->DrawArrays(GL_TRIANGLE_STRIP, 0, 4);
	}
}

static bool states_begin(struct bench *bench)
{
	return drawing_begin(bench, "	colour = vec4(texture(image, at).rgb * tint.rgb, 0.6);\n",
		       "	colour = vec4(texture(image, at.yx).bgr + tint.rgb * 0.2, 0.4);\n") != NULL;
}

static void states_draw(struct bench *bench, unsigned number)
{
	static const GLenum factors[] = {GL_ONE_MINUS_SRC_ALPHA, GL_ONE, GL_ZERO};
	const struct gl *gl = &bench->gl;
	const struct drawing *drawing = bench->state;
	GLsizei width = (GLsizei)bench->width, height = (GLsizei)bench->height;

	gl->Disable(GL_SCISSOR_TEST);
	gl->Clear(GL_COLOR_BUFFER_BIT);
	gl->Enable(GL_SCISSOR_TEST);
	for (unsigned i = 0; i < STATE_CHANGES; i++) {
		unsigned which = i % 2;
		float x = (float)(i % 50) / 50, y = (float)(i / 50) / 40;
		(i % 3 ? gl->Enable : gl->Disable)(GL_BLEND);
		gl->BlendFunc(GL_SRC_ALPHA, factors[i % 3]);
		gl->Scissor(0, 0, width - (GLsizei)(i % 4), height - (GLsizei)(i % 5));
		gl->UseProgram(drawing->programs[which]);
		gl->BindTexture(GL_TEXTURE_2D, drawing->textures[(i + number) % TEXTURES]);
		gl->Uniform4f(drawing->places[which], 2 * x - 1, 2 * y - 1, 0.05f, 0.06f);
		gl->Uniform4f(drawing->tints[which], 1 - x, 1 - y, 0.5f, 1);
		gl->DrawArrays(GL_TRIANGLE_STRIP, 0, 4);
	}
}

/* No two programs are alike, so that no cache knows one, but they draw the same. */
static bool shaders_begin(struct bench *bench)
{
	return drawing_begin(bench, "	colour = tint;\n", NULL) != NULL;
}

static void shaders_draw(struct bench *bench, unsigned number)
{
	const struct gl *gl = &bench->gl;
	struct drawing *drawing = bench->state;
	char body[512];

	gl->Clear(GL_COLOR_BUFFER_BIT);
	for (unsigned i = 0; i < PROGRAMS; i++) {
		snprintf(body, sizeof(body),
			"	vec3 light = normalize(vec3(at - 0.5, 1.0 + tint.w * %.9f));\n"
			"	float shine = pow(max(light.z, 0.0), 24.0);\n"
			"	colour = vec4(light.xy * 0.5 + 0.5, shine, 1.0) * texture(image, at) + tint * 0.1;\n",
			1e-6 * drawing->compiled++);
		GLuint program = bench_program(bench, declarations, body);
		if (!program)
			return;
		gl->UseProgram(program);
		gl->Uniform4f(
			gl->GetUniformLocation(program, "place"), -1, 2 * (float)i / PROGRAMS - 1, 2, 2.0f / PROGRAMS);
		gl->Uniform4f(gl->GetUniformLocation(program, "tint"), (float)(number % 4) / 4, 0.5f, 0.25f, 1);
		gl->DrawArrays(GL_TRIANGLE_STRIP, 0, 4);
		gl->UseProgram(0);
		gl->DeleteProgram(program);
	}
}

const struct scene_kind scenes_draw[] = {
	{"fill", BENCH_WIDTH, BENCH_HEIGHT, 1, 0, fill_begin, fill_draw, drawing_end},
	{"draws", 512, 512, GRID *GRID, 0, draws_begin, draws_draw, drawing_end},
	{"states", 512, 512, STATE_CHANGES, 0, states_begin, states_draw, drawing_end},
	{"shaders", 256, 256, PROGRAMS, 0, shaders_begin, shaders_draw, drawing_end},
	{0},
};
