/* SPDX-License-Identifier: MIT */
#include "scene.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "matrix.h"
#include "mesh.h"
#include "shader.h"

#define TURN 6.28318530717958647692
#define STONE_SIZE 256
#define SCREEN_SIZE 128
/* The part of the moving texture that each frame uploads; the frame around it stays. */
#define SCREEN_BORDER 16
#define SCREEN_INNER (SCREEN_SIZE - 2 * SCREEN_BORDER)

struct body {
	GLuint vertex_array, vertices, indices;
	GLsizei index_count;
};

struct scene {
	const struct gl *gl;
	struct shader shader;
	struct body plane, cube, sphere, torus;
	GLuint stone, screen; /* textures */
	uint8_t pixels[STONE_SIZE * STONE_SIZE * 4];
};

static uint8_t *put_pixel(uint8_t *pixel, unsigned r, unsigned g, unsigned b)
{
	pixel[0] = (uint8_t)r;
	pixel[1] = (uint8_t)g;
	pixel[2] = (uint8_t)b;
	pixel[3] = 255;
	return pixel + 4;
}

static void paint_stone(uint8_t *pixel)
{
	uint32_t noise = 12345;

	for (unsigned y = 0; y < STONE_SIZE; y++) {
		for (unsigned x = 0; x < STONE_SIZE; x++) {
			noise = noise * 1664525u + 1013904223u;
			unsigned grain = noise >> 27, base = ((x / 32) ^ (y / 32)) & 1 ? 205 : 120;
			bool joint = x % 32 == 0 || y % 32 == 0;
			pixel = joint ? put_pixel(pixel, 60, 60, 66)
				      : put_pixel(pixel, base + grain, base + grain - 8, base + grain - 16);
		}
	}
}

/* A triangle wave of period 256 and height 255, in integers so that every machine paints the same. */
static unsigned wave(unsigned phase)
{
	phase &= 255;
	return phase < 128 ? phase * 2 : 510 - phase * 2;
}

static void paint_screen(uint8_t *pixel, unsigned size, unsigned frame)
{
	for (unsigned y = 0; y < size; y++) {
		for (unsigned x = 0; x < size; x++) {
			unsigned a = wave(x * 3 + frame * 5), b = wave(y * 4 + frame * 3),
				 c = wave((x + y) * 2 - frame * 7);
			pixel = put_pixel(pixel, (a + c) / 2, (b + c) / 2, (a + b) / 2);
		}
	}
}

static GLuint make_texture(const struct gl *gl, unsigned size, const uint8_t *pixels, GLint minify)
{
	GLuint texture;

	gl->GenTextures(1, &texture);
	gl->BindTexture(GL_TEXTURE_2D, texture);
	gl->TexImage2D(GL_TEXTURE_2D, 0, GL_RGBA8, (GLsizei)size, (GLsizei)size, 0, GL_RGBA, GL_UNSIGNED_BYTE, pixels);
	gl->TexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, minify);
	gl->TexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, GL_LINEAR);
	if (minify == GL_LINEAR_MIPMAP_LINEAR)
		gl->GenerateMipmap(GL_TEXTURE_2D);
	return texture;
}

static void make_textures(struct scene *scene)
{
	paint_stone(scene->pixels);
	scene->stone = make_texture(scene->gl, STONE_SIZE, scene->pixels, GL_LINEAR_MIPMAP_LINEAR);
	for (unsigned i = 0; i < SCREEN_SIZE * SCREEN_SIZE; i++)
		put_pixel(&scene->pixels[i * 4], 230, 170, 60);
	scene->screen = make_texture(scene->gl, SCREEN_SIZE, scene->pixels, GL_LINEAR);
}

static void attribute(const struct gl *gl, GLuint index, GLint components, size_t offset)
{
	gl->EnableVertexAttribArray(index);
	gl->VertexAttribPointer(index, components, GL_FLOAT, GL_FALSE, sizeof(struct vertex), (const void *)offset);
}

/* Takes the mesh over: it is freed. */
static void make_body(const struct gl *gl, struct body *body, struct mesh *mesh)
{
	gl->GenVertexArrays(1, &body->vertex_array);
	gl->BindVertexArray(body->vertex_array);
	gl->GenBuffers(1, &body->vertices);
	gl->BindBuffer(GL_ARRAY_BUFFER, body->vertices);
	gl->BufferData(GL_ARRAY_BUFFER, (GLsizeiptr)(mesh->vertex_count * sizeof(struct vertex)), mesh->vertices,
		GL_STATIC_DRAW);
	gl->GenBuffers(1, &body->indices);
	gl->BindBuffer(GL_ELEMENT_ARRAY_BUFFER, body->indices);
	gl->BufferData(GL_ELEMENT_ARRAY_BUFFER, (GLsizeiptr)(mesh->index_count * sizeof(uint16_t)), mesh->indices,
		GL_STATIC_DRAW);
	attribute(gl, SHADER_POSITION, 3, offsetof(struct vertex, position));
	attribute(gl, SHADER_NORMAL, 3, offsetof(struct vertex, normal));
	attribute(gl, SHADER_UV, 2, offsetof(struct vertex, uv));
	body->index_count = (GLsizei)mesh->index_count;
	mesh_free(mesh);
}

static bool make_bodies(struct scene *scene)
{
	struct mesh mesh;

	if (!mesh_plane(&mesh, 12, 6))
		return false;
	make_body(scene->gl, &scene->plane, &mesh);
	if (!mesh_cube(&mesh))
		return false;
	make_body(scene->gl, &scene->cube, &mesh);
	if (!mesh_sphere(&mesh, 24, 48))
		return false;
	make_body(scene->gl, &scene->sphere, &mesh);
	if (!mesh_torus(&mesh, 0.3f, 20, 60))
		return false;
	make_body(scene->gl, &scene->torus, &mesh);
	return true;
}

struct scene *scene_create(const struct gl *gl, char error[SCENE_ERROR_LENGTH])
{
	struct scene *scene = calloc(1, sizeof(*scene));

	if (!scene) {
		snprintf(error, SCENE_ERROR_LENGTH, "not enough memory");
		return NULL;
	}
	scene->gl = gl;
	if (!shader_create(&scene->shader, gl, error, SCENE_ERROR_LENGTH))
		goto destroy;
	if (!make_bodies(scene)) {
		snprintf(error, SCENE_ERROR_LENGTH, "not enough memory");
		goto destroy;
	}
	make_textures(scene);
	gl->Enable(GL_DEPTH_TEST);
	gl->Enable(GL_CULL_FACE);
	GLenum code = gl->GetError();
	if (code != GL_NO_ERROR) {
		snprintf(error, SCENE_ERROR_LENGTH, "GL error 0x%04x while the scene was made", code);
		goto destroy;
	}
	return scene;

destroy:
	scene_destroy(scene);
	return NULL;
}

static void destroy_body(const struct gl *gl, struct body *body)
{
	gl->DeleteVertexArrays(1, &body->vertex_array);
	gl->DeleteBuffers(1, &body->vertices);
	gl->DeleteBuffers(1, &body->indices);
}

void scene_destroy(struct scene *scene)
{
	if (!scene)
		return;
	const struct gl *gl = scene->gl;
	destroy_body(gl, &scene->plane);
	destroy_body(gl, &scene->cube);
	destroy_body(gl, &scene->sphere);
	destroy_body(gl, &scene->torus);
	gl->DeleteTextures(1, &scene->stone);
	gl->DeleteTextures(1, &scene->screen);
	gl->DeleteProgram(scene->shader.program);
	free(scene);
}

static void draw(struct scene *scene, const struct body *body, GLuint texture, const struct matrix *model,
	const float colour[3], float glow)
{
	const struct gl *gl = scene->gl;
	float light[3] = {glow * colour[0], glow * colour[1], glow * colour[2]};

	gl->BindTexture(GL_TEXTURE_2D, texture);
	gl->UniformMatrix4fv(scene->shader.model, 1, GL_FALSE, model->m);
	gl->Uniform3fv(scene->shader.colour, 1, colour);
	gl->Uniform3fv(scene->shader.glow, 1, light);
	gl->BindVertexArray(body->vertex_array);
	gl->DrawElements(GL_TRIANGLES, body->index_count, GL_UNSIGNED_SHORT, NULL);
}

static void update_screen(struct scene *scene, unsigned frame)
{
	const struct gl *gl = scene->gl;

	paint_screen(scene->pixels, SCREEN_INNER, frame);
	gl->BindTexture(GL_TEXTURE_2D, scene->screen);
	gl->TexSubImage2D(GL_TEXTURE_2D, 0, SCREEN_BORDER, SCREEN_BORDER, SCREEN_INNER, SCREEN_INNER, GL_RGBA,
		GL_UNSIGNED_BYTE, scene->pixels);
}

/* The eye swings around a point above the floor and looks at it from above. */
static void set_view(struct scene *scene, double turn, double aspect, const float light[3])
{
	const struct gl *gl = scene->gl;
	const float height = 2, distance = 11;
	const double tilt = 0.42, swing = 0.35 * sin(turn);
	struct matrix projection = matrix_perspective(TURN / 8, aspect, 1, 60);
	struct matrix back = matrix_translation(0, 0, -distance), down = matrix_translation(0, -height, 0);
	struct matrix tilted = matrix_rotation(tilt, 1, 0, 0), swung = matrix_rotation(swing, 0, 1, 0);
	struct matrix view = matrix_multiply(&projection, &back);

	view = matrix_multiply(&view, &tilted);
	view = matrix_multiply(&view, &swung);
	view = matrix_multiply(&view, &down);
	const float eye[3] = {
		(float)(-distance * cos(tilt) * sin(swing)),
		(float)(height + distance * sin(tilt)),
		(float)(distance * cos(tilt) * cos(swing)),
	};
	gl->UseProgram(scene->shader.program);
	gl->Uniform1i(scene->shader.image, 0);
	gl->UniformMatrix4fv(scene->shader.view_projection, 1, GL_FALSE, view.m);
	gl->Uniform3fv(scene->shader.light, 1, light);
	gl->Uniform3fv(scene->shader.eye, 1, eye);
}

static void draw_cubes(struct scene *scene, double turn)
{
	static const float colours[4][3] = {
		{1, 0.35f, 0.3f}, {0.4f, 0.9f, 0.4f}, {0.4f, 0.55f, 1}, {0.95f, 0.85f, 0.3f}};

	for (int i = 0; i < 4; i++) {
		double around = turn + TURN * i / 4;
		struct matrix place = matrix_translation((float)(4 * cos(around)), 1.6f, (float)(4 * sin(around)));
		struct matrix spin = matrix_rotation(turn * (2 + i), 0.6f, 0.8f, 0), size = matrix_scale(0.75f);
		struct matrix model = matrix_multiply(&place, &spin);
		model = matrix_multiply(&model, &size);
		draw(scene, &scene->cube, scene->stone, &model, colours[i], 0);
	}
}

void scene_draw(struct scene *scene, unsigned frame, unsigned width, unsigned height)
{
	static const float white[3] = {1, 1, 1}, copper[3] = {0.95f, 0.6f, 0.4f}, warm[3] = {1, 0.95f, 0.7f};
	const struct gl *gl = scene->gl;
	double turn = TURN * (frame % 360) / 360;
	const float light[3] = {(float)(3 * sin(2 * turn)), 5.5f, (float)(3 + 2 * cos(turn))};

	gl->Viewport(0, 0, (GLsizei)width, (GLsizei)height);
	gl->ClearColor(0.08f, 0.10f, 0.16f, 1);
	gl->Clear(GL_COLOR_BUFFER_BIT | GL_DEPTH_BUFFER_BIT);
	gl->ActiveTexture(GL_TEXTURE0);
	update_screen(scene, frame);
	set_view(scene, turn, (double)width / height, light);

	struct matrix model = matrix_translation(0, 0, 0);
	draw(scene, &scene->plane, scene->stone, &model, white, 0);
	draw_cubes(scene, turn);

	struct matrix place = matrix_translation(0, 2.6f, 0), spin = matrix_rotation(turn, 0, 1, 0);
	struct matrix size = matrix_scale(1.2f);
	model = matrix_multiply(&place, &spin);
	model = matrix_multiply(&model, &size);
	draw(scene, &scene->sphere, scene->screen, &model, white, 0);

	spin = matrix_rotation(0.5 + turn, 0, 0, 1);
	size = matrix_scale(2);
	model = matrix_multiply(&place, &spin);
	model = matrix_multiply(&model, &size);
	draw(scene, &scene->torus, scene->stone, &model, copper, 0);

	place = matrix_translation(light[0], light[1], light[2]);
	size = matrix_scale(0.15f);
	model = matrix_multiply(&place, &size);
	draw(scene, &scene->sphere, scene->stone, &model, warm, 0.8f);
}
