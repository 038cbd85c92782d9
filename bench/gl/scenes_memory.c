/* SPDX-License-Identifier: MIT */
/* Scenes that move memory: textures, buffers, pixels that are read back. */
#include "bench.h"

#include <stdlib.h>
#include <string.h>

#include "window.h"

#define MIB (1024u * 1024u)
#define UPLOADS 16u /* of 4 MiB: 64 in a draw */
#define TEXTURES 4u
#define UPDATES 100u
#define BUFFER_SIZE (64u * 1024u)
#define PIECE_SIZE 4096u
#define REGIONS 4u
#define WAIT_LIMIT 10000000000ull /* nanoseconds */

struct moving {
	struct quad quad;
	GLuint program, textures[TEXTURES], buffer;
	GLint place;
	uint8_t *memory; /* owned; what is uploaded, or where pixels go */
	uint8_t *mapped; /* BUFFER_SIZE bytes for each region */
	GLsync fences[REGIONS];
};

static struct moving *moving_begin(struct bench *bench, size_t size)
{
	const struct gl *gl = &bench->gl;
	struct moving *moving = calloc(1, sizeof(*moving));

	bench->state = moving;
	if (!moving || !(moving->memory = calloc(1, size))) {
		bench_fail(bench, "not enough memory");
		return NULL;
	}
	quad_begin(gl, &moving->quad);
	moving->program =
		bench_program(bench, "uniform sampler2D image;\n", "	colour = vec4(texture(image, at).rgb, 1.0);\n");
	moving->place = gl->GetUniformLocation(moving->program, "place");
	gl->UseProgram(moving->program);
	return moving->program ? moving : NULL;
}

static void moving_end(struct bench *bench)
{
	const struct gl *gl = &bench->gl;
	struct moving *moving = bench->state;

	gl->Disable(GL_SCISSOR_TEST);
	gl->UseProgram(0);
	if (!moving)
		return;
	for (unsigned i = 0; i < REGIONS; i++) {
		if (moving->fences[i])
			gl->DeleteSync(moving->fences[i]);
	}
	gl->DeleteTextures(TEXTURES, moving->textures);
	gl->DeleteBuffers(1, &moving->buffer);
	gl->DeleteProgram(moving->program);
	quad_end(gl, &moving->quad);
	free(moving->memory);
	free(moving);
}

static void place_part(const struct gl *gl, const struct moving *moving, unsigned part, unsigned parts)
{
	gl->Uniform4f(moving->place, -1, 2 * (float)part / (float)parts - 1, 2, 2 / (float)parts);
}

/* The first of the pixels say which upload it is. */
static void upload(struct bench *bench, unsigned height, unsigned number, unsigned part, unsigned parts)
{
	const struct gl *gl = &bench->gl;
	struct moving *moving = bench->state;

	memset(moving->memory, (int)(number * 16 + part * 8) & 0xff, 64 * 1024);
	gl->BindTexture(GL_TEXTURE_2D, moving->textures[part % TEXTURES]);
	gl->TexSubImage2D(GL_TEXTURE_2D, 0, 0, 0, 1024, (GLsizei)height, GL_RGBA, GL_UNSIGNED_BYTE, moving->memory);
	place_part(gl, moving, part, parts);
	gl->DrawArrays(GL_TRIANGLE_STRIP, 0, 4);
}

static bool upload_begin(struct bench *bench)
{
	struct moving *moving = moving_begin(bench, 4 * MIB);

	if (!moving)
		return false;
	bench_pixels(moving->memory, 1024, 1024, 1);
	for (unsigned i = 0; i < TEXTURES; i++)
		moving->textures[i] = bench_texture(&bench->gl, 1024, 1024, moving->memory);
	return true;
}

static void upload_draw(struct bench *bench, unsigned number)
{
	for (unsigned i = 0; i < UPLOADS; i++)
		upload(bench, 1024, number, i, UPLOADS);
}

static void upload_paced_draw(struct bench *bench, unsigned number)
{
	upload(bench, 256, number, 0, 1);
}

static bool readback_begin(struct bench *bench)
{
	return moving_begin(bench, (size_t)BENCH_WIDTH * BENCH_HEIGHT * 4) != NULL;
}

static void readback_draw(struct bench *bench, unsigned number)
{
	const struct gl *gl = &bench->gl;
	struct moving *moving = bench->state;
	uint8_t expected = (uint8_t)(number % 16 * 17);

	gl->ClearColor((float)(number % 16) / 15, 0.4f, 0.6f, 1);
	gl->Clear(GL_COLOR_BUFFER_BIT);
	gl->ReadPixels(0, 0, BENCH_WIDTH, BENCH_HEIGHT, GL_RGBA, GL_UNSIGNED_BYTE, moving->memory);
	if (moving->memory[0] != expected || moving->memory[4 * BENCH_WIDTH * BENCH_HEIGHT - 4] != expected)
		bench_fail(bench, "draw %u read back %u instead of %u", number, moving->memory[0], expected);
}

/* The triangle strip that each update puts at the buffer's start, a stripe of the picture. */
static void write_strip(uint8_t *memory, unsigned part)
{
	float low = (float)part / UPDATES, high = (float)(part + 1) / UPDATES;
	const float corners[] = {0, low, 1, low, 0, high, 1, high};

	memcpy(memory, corners, sizeof(corners));
}

static struct moving *buffer_begin(struct bench *bench)
{
	const struct gl *gl = &bench->gl;
	struct moving *moving = moving_begin(bench, BUFFER_SIZE);
	uint8_t pixels[16 * 16 * 4];

	if (!moving)
		return NULL;
	bench_pixels(pixels, 16, 16, 3);
	moving->textures[0] = bench_texture(gl, 16, 16, pixels);
	place_part(gl, moving, 0, 1);
	gl->GenBuffers(1, &moving->buffer);
	gl->BindBuffer(GL_ARRAY_BUFFER, moving->buffer);
	return moving;
}

static bool buffer_data_begin(struct bench *bench)
{
	struct moving *moving = buffer_begin(bench);

	if (!moving)
		return false;
	bench->gl.BufferData(GL_ARRAY_BUFFER, BUFFER_SIZE, NULL, GL_STREAM_DRAW);
	bench->gl.VertexAttribPointer(0, 2, GL_FLOAT, GL_FALSE, 0, NULL);
	return true;
}

static void orphan_draw(struct bench *bench, unsigned number)
{
	const struct gl *gl = &bench->gl;
	struct moving *moving = bench->state;

	gl->Clear(GL_COLOR_BUFFER_BIT);
	for (unsigned i = 0; i < UPDATES; i++) {
		write_strip(moving->memory, (i + number) % UPDATES);
		gl->BufferData(GL_ARRAY_BUFFER, BUFFER_SIZE, NULL, GL_STREAM_DRAW);
		gl->BufferSubData(GL_ARRAY_BUFFER, 0, BUFFER_SIZE, moving->memory);
		gl->DrawArrays(GL_TRIANGLE_STRIP, 0, 4);
	}
}

static void subdata_draw(struct bench *bench, unsigned number)
{
	const struct gl *gl = &bench->gl;
	struct moving *moving = bench->state;

	gl->Clear(GL_COLOR_BUFFER_BIT);
	for (unsigned i = 0; i < UPDATES; i++) {
		write_strip(moving->memory, (i + number) % UPDATES);
		gl->BufferSubData(GL_ARRAY_BUFFER, 0, PIECE_SIZE, moving->memory);
		gl->DrawArrays(GL_TRIANGLE_STRIP, 0, 4);
	}
}

static bool persistent_begin(struct bench *bench)
{
	const GLbitfield access = GL_MAP_WRITE_BIT | GL_MAP_PERSISTENT_BIT | GL_MAP_COHERENT_BIT;
	window_function function = window_get_function("glBufferStorage");
	struct moving *moving = buffer_begin(bench);
	PFNGLBUFFERSTORAGEPROC storage;
	GLint major = 0, minor = 0;

	memcpy(&storage, &function, sizeof(storage));
	if (!moving)
		return false;
	bench->gl.GetIntegerv(GL_MAJOR_VERSION, &major);
	bench->gl.GetIntegerv(GL_MINOR_VERSION, &minor);
	if (!storage || major * 10 + minor < 44) {
		bench_fail(bench, "OpenGL %d.%d has no persistent mappings", major, minor);
		return false;
	}
	storage(GL_ARRAY_BUFFER, REGIONS * BUFFER_SIZE, NULL, access);
	moving->mapped = bench->gl.MapBufferRange(GL_ARRAY_BUFFER, 0, REGIONS * BUFFER_SIZE, access);
	if (!moving->mapped)
		bench_fail(bench, "the buffer cannot be mapped");
	return moving->mapped != NULL;
}

static void persistent_draw(struct bench *bench, unsigned number)
{
	const struct gl *gl = &bench->gl;
	struct moving *moving = bench->state;

	gl->Clear(GL_COLOR_BUFFER_BIT);
	for (unsigned i = 0; i < UPDATES; i++) {
		unsigned region = i % REGIONS;
		if (moving->fences[region]) {
			gl->ClientWaitSync(moving->fences[region], GL_SYNC_FLUSH_COMMANDS_BIT, WAIT_LIMIT);
			gl->DeleteSync(moving->fences[region]);
		}
		write_strip(moving->memory, (i + number) % UPDATES);
		memcpy(moving->mapped + region * BUFFER_SIZE, moving->memory, BUFFER_SIZE);
		gl->VertexAttribPointer(0, 2, GL_FLOAT, GL_FALSE, 0, (const void *)(uintptr_t)(region * BUFFER_SIZE));
		gl->DrawArrays(GL_TRIANGLE_STRIP, 0, 4);
		moving->fences[region] = gl->FenceSync(GL_SYNC_GPU_COMMANDS_COMPLETE, 0);
	}
}

const struct scene_kind scenes_memory[] = {
	{"upload", 512, 512, 64, 0, upload_begin, upload_draw, moving_end},
	{"upload_64mib_s", 512, 512, 1, 1.0 / 64, upload_begin, upload_paced_draw, moving_end},
	{"buffer_orphan", 256, 256, UPDATES, 0, buffer_data_begin, orphan_draw, moving_end},
	{"buffer_subdata", 256, 256, UPDATES, 0, buffer_data_begin, subdata_draw, moving_end},
	{"buffer_persistent", 256, 256, UPDATES, 0, persistent_begin, persistent_draw, moving_end},
	{"readback", BENCH_WIDTH, BENCH_HEIGHT, 1, 0, readback_begin, readback_draw, moving_end},
	{0},
};
