/* SPDX-License-Identifier: MIT */
#include "frames.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WARM_UP_FRAMES 10u

static bool check_gl(const struct gl *gl, const char *when)
{
	GLenum code = gl->GetError();

	if (code == GL_NO_ERROR)
		return true;
	fprintf(stderr, "GL error 0x%04x %s\n", code, when);
	return false;
}

static bool show(
	struct scene *scene, unsigned frame, const struct options *options, const struct frames_platform *platform)
{
	scene_draw(scene, frame, options->width, options->height);
	if (platform->swap(platform->context))
		return true;
	fprintf(stderr, "frame %u could not be shown\n", frame);
	return false;
}

/* Shaders are compiled and buffers are made while the first frames are drawn; those are not timed. */
static bool run_timed(struct scene *scene, const struct gl *gl, const struct options *options,
	const struct frames_platform *platform, struct frames_result *result)
{
	for (unsigned frame = 0; frame < WARM_UP_FRAMES; frame++) {
		if (!show(scene, frame, options, platform))
			return false;
	}
	gl->Finish();
	if (platform->timed_begin)
		platform->timed_begin(platform->context);
	double begin = platform->seconds();
	for (unsigned frame = 0; frame < options->frames; frame++) {
		if (!show(scene, frame, options, platform))
			return false;
	}
	gl->Finish();
	double end = platform->seconds();
	if (platform->timed_end)
		platform->timed_end(platform->context);
	result->frames = options->frames;
	result->fps = end > begin ? options->frames / (end - begin) : 0;
	return check_gl(gl, "after the timed frames");
}

static bool dump_frames(struct scene *scene, const struct gl *gl, const struct options *options,
	const struct frames_platform *platform, FILE *file, uint8_t *pixels, size_t size)
{
	for (unsigned frame = 0; frame < options->frames; frame++) {
		scene_draw(scene, frame, options->width, options->height);
		memset(pixels, 0, size);
		gl->ReadPixels(
			0, 0, (GLsizei)options->width, (GLsizei)options->height, GL_RGBA, GL_UNSIGNED_BYTE, pixels);
		if (!check_gl(gl, "after glReadPixels"))
			return false;
		if (fwrite(pixels, 1, size, file) != size) {
			fprintf(stderr, "%s: %s\n", options->dump, strerror(errno));
			return false;
		}
		if (!platform->swap(platform->context)) {
			fprintf(stderr, "frame %u could not be shown\n", frame);
			return false;
		}
	}
	gl->Finish();
	return true;
}

static bool run_dump(
	struct scene *scene, const struct gl *gl, const struct options *options, const struct frames_platform *platform)
{
	size_t size = (size_t)options->width * options->height * 4;
	uint8_t *pixels = malloc(size);
	FILE *file = fopen(options->dump, "wb");
	bool done = false;

	if (!pixels || !file)
		fprintf(stderr, "%s: %s\n", options->dump, strerror(errno));
	else
		done = dump_frames(scene, gl, options, platform, file, pixels, size);
	if (file && fclose(file) && done) {
		fprintf(stderr, "%s: %s\n", options->dump, strerror(errno));
		done = false;
	}
	free(pixels);
	return done;
}

bool frames_run(const struct gl *gl, const struct options *options, const struct frames_platform *platform,
	struct frames_result *result)
{
	char error[SCENE_ERROR_LENGTH] = "";
	struct scene *scene = scene_create(gl, error);

	if (!scene) {
		fprintf(stderr, "the scene cannot be made: %s\n", error);
		return false;
	}
	gl->PixelStorei(GL_PACK_ALIGNMENT, 1);
	bool done = run_timed(scene, gl, options, platform, result) &&
		    (!options->dump || run_dump(scene, gl, options, platform));
	scene_destroy(scene);
	return done;
}
