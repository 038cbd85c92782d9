/* SPDX-License-Identifier: MIT */
/* timing.h - runs one scene: how long a draw takes, and what it drew. */
#ifndef BENCH_GL_TIMING_H
#define BENCH_GL_TIMING_H

#include "bench.h"
#include "system.h"

struct timing {
	double seconds; /* of all draws; of a paced scene without the pauses */
	unsigned draws;
};

/* Draws for about so many seconds (0: once, which is no measurement), and takes its picture, raw RGBA, bottom row
 * first, into a file: NULL for none, and scenes that draw into the window have none. counters may be NULL. False, with
 * bench->error, when something failed. */
bool timing_run(struct bench *bench, const struct scene_kind *kind, double seconds, const char *picture,
	struct system_counters *counters, struct timing *timing);

#endif /* BENCH_GL_TIMING_H */
