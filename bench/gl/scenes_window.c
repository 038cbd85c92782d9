/* SPDX-License-Identifier: MIT */
/* Scenes of the window system: frames with nothing in them, the copy that a frame cannot avoid, many contexts. */
#include "bench.h"

#include <stdlib.h>

#include "platform.h"
#include "window.h"

#define CONTEXTS 16u

static bool platform_begin(struct bench *bench)
{
	bench->state = platform_open();
	if (!bench->state)
		bench_fail(bench, "the window's configuration is not known");
	return bench->state != NULL;
}

static void platform_end(struct bench *bench)
{
	platform_close(bench->state);
}

/* Four colours, so that a picture which is upside down is not taken for right. */
static void four_colours(const struct gl *gl, unsigned number, unsigned width, unsigned height)
{
	static const float colours[4][3] = {
		{0.8f, 0.2f, 0.2f}, {0.2f, 0.8f, 0.2f}, {0.2f, 0.2f, 0.8f}, {0.8f, 0.8f, 0.2f}};

	gl->Enable(GL_SCISSOR_TEST);
	for (unsigned i = 0; i < 4; i++) {
		const float *colour = colours[(i + number) % 4];
		gl->Scissor((GLint)(i % 2 * width / 2), (GLint)(i / 2 * height / 2), (GLsizei)width / 2,
			(GLsizei)height / 2);
		gl->ClearColor(colour[0], colour[1], colour[2], 1);
		gl->Clear(GL_COLOR_BUFFER_BIT);
	}
	gl->Disable(GL_SCISSOR_TEST);
}

static bool present_begin(struct bench *bench)
{
	if (!platform_begin(bench))
		return false;
	platform_show(bench->state, true);
	return true;
}

static void present_draw(struct bench *bench, unsigned number)
{
	if (number == 0)
		four_colours(&bench->gl, number, BENCH_WIDTH, BENCH_HEIGHT);
	if (!window_swap(bench->window))
		bench_fail(bench, "frame %u could not be shown", number);
}

/* The last frame stays until the next "hide"; it may reach the screen only when the thread looks for messages. */
static void present_end(struct bench *bench)
{
	window_hold(bench->window, 0);
	platform_end(bench);
}

struct blit {
	struct platform *platform;
	uint8_t *pixels;
};

static bool blit_begin(struct bench *bench)
{
	struct blit *blit = calloc(1, sizeof(*blit));

	bench->state = blit;
	if (blit)
		blit->platform = platform_open();
	if (!blit || !blit->platform || !(blit->pixels = malloc((size_t)BENCH_WIDTH * BENCH_HEIGHT * 4))) {
		bench_fail(bench, "not enough memory");
		return false;
	}
	bench_pixels(blit->pixels, BENCH_WIDTH, BENCH_HEIGHT, 0);
	platform_show(blit->platform, true);
	return true;
}

static void blit_draw(struct bench *bench, unsigned number)
{
	struct blit *blit = bench->state;

	if (!platform_blit(blit->platform, blit->pixels, BENCH_WIDTH, BENCH_HEIGHT))
		bench_fail(bench, "copy %u failed", number);
}

static void blit_end(struct bench *bench)
{
	struct blit *blit = bench->state;

	if (!blit)
		return;
	platform_close(blit->platform);
	free(blit->pixels);
	free(blit);
}

/* Each clears a corner of the window's back buffer to a colour of its own, and looks at it. */
static void contexts_draw(struct bench *bench, unsigned number)
{
	const struct gl *gl = &bench->gl;
	struct platform *platform = bench->state;

	if (!platform_contexts_create(platform, CONTEXTS))
		bench_fail(bench, "not all of %u contexts could be made", CONTEXTS);
	for (unsigned i = 0; i < CONTEXTS && !bench->error[0]; i++) {
		uint8_t pixel[4] = {0}, wanted = (uint8_t)((i + number) % 16 * 17);
		if (!platform_context_use(platform, i)) {
			bench_fail(bench, "context %u cannot be made current", i);
			break;
		}
		gl->ClearColor((float)wanted / 255, 0.5f, 0.25f, 1);
		gl->Clear(GL_COLOR_BUFFER_BIT);
		gl->ReadPixels(0, 0, 1, 1, GL_RGBA, GL_UNSIGNED_BYTE, pixel);
		if (pixel[0] != wanted || gl->GetError() != GL_NO_ERROR)
			bench_fail(bench, "context %u read back %u instead of %u", i, pixel[0], wanted);
	}
	if (!platform_context_back(platform))
		bench_fail(bench, "the window's context cannot be made current again");
	platform_contexts_destroy(platform);
	four_colours(gl, 0, 64, 64);
}

const struct scene_kind scenes_window[] = {
	{"present", 0, 0, 1, 0, present_begin, present_draw, present_end},
	{"blit", 0, 0, 1, 0, blit_begin, blit_draw, blit_end},
	{"contexts", 0, 0, CONTEXTS, 0, platform_begin, contexts_draw, platform_end},
	{0},
};
