/* SPDX-License-Identifier: MIT */
/* options.h - the command line. */
#ifndef VGPU_INFO_OPTIONS_H
#define VGPU_INFO_OPTIONS_H

#include <stdbool.h>

#define OPTIONS_MAX_WATCH 3600u /* seconds */
#define OPTIONS_MAX_COUNT 1000000u
#define OPTIONS_MAX_DEVICE 63u

struct options {
	bool help;
	bool json;
	bool extensions;
	unsigned device;
	unsigned watch; /* seconds between samples; 0: do not watch */
	unsigned count; /* samples; 0: without end */
	const char *application; /* a program whose folder is looked at, or NULL: this one */
};

/* False, after an explanation on standard error, when the arguments make no sense. */
bool options_parse(struct options *options, int argc, char **argv);
void options_usage(void);

#endif /* VGPU_INFO_OPTIONS_H */
