/* SPDX-License-Identifier: MIT */
/*
 * frames.h - draws the frames of the demo and measures them. Knows nothing of windows: the platform gives a way to swap
 * buffers, a clock and a hook around the timed part.
 */
#ifndef DEMO_FRAMES_H
#define DEMO_FRAMES_H

#include "options.h"
#include "scene.h"

struct frames_platform {
	void *context; /* handed to each function */
	bool (*swap)(void *context); /* shows the frame and keeps the window alive; false: it cannot be shown */
	double (*seconds)(void); /* a steady clock */
	void (*timed_begin)(void *context); /* may be NULL: just before the first and just after the last timed frame */
	void (*timed_end)(void *context);
};

struct frames_result {
	unsigned frames; /* timed */
	double fps;
};

/*
 * Draws options->frames frames without read-back, which are timed, and, with options->dump, all of them again with
 * read-back. The last frame stays on the window. False, after an explanation on standard error, when something failed.
 */
bool frames_run(const struct gl *gl, const struct options *options, const struct frames_platform *platform,
	struct frames_result *result);

#endif /* DEMO_FRAMES_H */
