/* SPDX-License-Identifier: MIT */
/* options.h - the command line, the same for the demo on every platform. */
#ifndef DEMO_OPTIONS_H
#define DEMO_OPTIONS_H

#include <stdbool.h>

#define OPTIONS_MAX_FRAMES 1000000u
#define OPTIONS_MAX_SIZE 4096u /* pixels, width or height */
#define OPTIONS_MAX_HOLD 3600u /* seconds */

struct options {
	unsigned frames;
	unsigned width, height; /* of the window's inside, pixels */
	unsigned hold; /* seconds that the last frame stays on the screen */
	const char *dump; /* file for the pixels of every frame, or NULL */
	const char *report; /* file for the report, or NULL */
	bool gate; /* wait for a line of standard input before the timed frames */
	bool help;
};

/* False, after an explanation on standard error, when the arguments make no sense. */
bool options_parse(struct options *options, int argc, char **argv);
void options_usage(const char *program);

#endif /* DEMO_OPTIONS_H */
