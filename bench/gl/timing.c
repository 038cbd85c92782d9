/* SPDX-License-Identifier: MIT */
#include "timing.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_DRAWS 5000u

static bool target_begin(struct bench *bench, const struct scene_kind *kind)
{
	const struct gl *gl = &bench->gl;

	bench->width = kind->width ? kind->width : BENCH_WIDTH;
	bench->height = kind->height ? kind->height : BENCH_HEIGHT;
	if (kind->width) {
		bench->target = bench_texture(gl, kind->width, kind->height, NULL);
		gl->GenFramebuffers(1, &bench->framebuffer);
		gl->BindFramebuffer(GL_FRAMEBUFFER, bench->framebuffer);
		gl->FramebufferTexture2D(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D, bench->target, 0);
		if (gl->CheckFramebufferStatus(GL_FRAMEBUFFER) != GL_FRAMEBUFFER_COMPLETE) {
			bench_fail(bench, "the framebuffer is not complete");
			return false;
		}
	}
	gl->Viewport(0, 0, (GLsizei)bench->width, (GLsizei)bench->height);
	gl->ClearColor(0.1f, 0.1f, 0.1f, 1);
	return true;
}

static void target_end(struct bench *bench)
{
	const struct gl *gl = &bench->gl;

	gl->BindFramebuffer(GL_FRAMEBUFFER, 0);
	gl->DeleteFramebuffers(1, &bench->framebuffer);
	gl->DeleteTextures(1, &bench->target);
	bench->framebuffer = bench->target = 0;
}

static void check_gl(struct bench *bench, const char *when)
{
	GLenum code = bench->gl.GetError();

	if (code != GL_NO_ERROR)
		bench_fail(bench, "OpenGL error 0x%04x %s", code, when);
}

static double draw_and_finish(struct bench *bench, const struct scene_kind *kind, unsigned number)
{
	double begin = system_seconds();

	kind->draw(bench, number);
	bench->gl.Finish();
	return system_seconds() - begin;
}

static unsigned draws_for(double seconds, double once)
{
	double draws = once > 0 ? seconds / once : MAX_DRAWS;

	return draws < 1 ? 1 : draws > MAX_DRAWS ? MAX_DRAWS : (unsigned)draws;
}

static void measure(struct bench *bench, const struct scene_kind *kind, double seconds, struct timing *timing)
{
	timing->draws = 1;
	if (seconds <= 0)
		return;
	draw_and_finish(bench, kind, 0);
	timing->draws = draws_for(seconds, kind->interval > 0 ? kind->interval : draw_and_finish(bench, kind, 1));
}

/* The draws are not awaited one by one, but for paced ones. */
static void draw_all(struct bench *bench, const struct scene_kind *kind, struct timing *timing)
{
	double begin = system_seconds();

	timing->seconds = 0;
	for (unsigned i = 0; i < timing->draws && !bench->error[0]; i++) {
		if (kind->interval > 0) {
			system_sleep_until(begin + i * kind->interval);
			timing->seconds += draw_and_finish(bench, kind, i);
		} else {
			kind->draw(bench, i);
		}
	}
	if (kind->interval > 0)
		return;
	bench->gl.Finish();
	timing->seconds = system_seconds() - begin;
}

static void take_picture(struct bench *bench, const char *path)
{
	size_t size = (size_t)bench->width * bench->height * 4;
	uint8_t *pixels = calloc(1, size);
	FILE *file = fopen(path, "wb");

	if (pixels && file) {
		bench->gl.ReadPixels(
			0, 0, (GLsizei)bench->width, (GLsizei)bench->height, GL_RGBA, GL_UNSIGNED_BYTE, pixels);
		check_gl(bench, "after the picture was read");
	}
	if (!pixels || !file || fwrite(pixels, 1, size, file) != size)
		bench_fail(bench, "%s: %s", path, strerror(errno));
	if (file && fclose(file))
		bench_fail(bench, "%s: %s", path, strerror(errno));
	free(pixels);
}

bool timing_run(struct bench *bench, const struct scene_kind *kind, double seconds, const char *picture,
	struct system_counters *counters, struct timing *timing)
{
	bench->error[0] = '\0';
	bench->state = NULL;
	if (target_begin(bench, kind) && kind->begin(bench)) {
		measure(bench, kind, seconds, timing);
		if (counters)
			system_counters_begin(counters);
		draw_all(bench, kind, timing);
		if (counters)
			system_counters_end(counters);
		draw_and_finish(bench, kind, 0);
		check_gl(bench, "after the draws");
		if (picture && kind->width && !bench->error[0])
			take_picture(bench, picture);
	}
	kind->end(bench);
	target_end(bench);
	return !bench->error[0];
}
