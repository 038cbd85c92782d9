/* SPDX-License-Identifier: MIT */
#include "options.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void options_usage(const char *program)
{
	printf("usage: %s [OPTIONS]\n"
	       "Draws a moving scene with OpenGL 3.3 core in a window and says how fast that was.\n"
	       "  --frames N      frames to draw, 1 to %u (300)\n"
	       "  --size WxH      the window's inside in pixels, up to %ux%u (640x480)\n"
	       "  --dump FILE     draw all frames a second time and write each one's pixels: raw RGBA, bottom row "
	       "first\n"
	       "  --report FILE   write what was measured, as JSON\n"
	       "  --hold SECONDS  leave the last frame on the screen, up to %u (0)\n"
	       "  --gate          before the timed frames say \"ready\" and wait for a line of standard input\n"
	       "  --help          this text\n",
		program, OPTIONS_MAX_FRAMES, OPTIONS_MAX_SIZE, OPTIONS_MAX_SIZE, OPTIONS_MAX_HOLD);
}

/* A decimal number from min to max that ends at end_character. *end is behind it. */
static bool parse_number(
	const char *text, unsigned min, unsigned max, char end_character, const char **end, unsigned *number)
{
	char *stop;

	if (!isdigit((unsigned char)text[0]))
		return false;
	unsigned long value = strtoul(text, &stop, 10);
	if (*stop != end_character || stop - text > 9 || value < min || value > max)
		return false;
	*number = (unsigned)value;
	*end = stop + 1;
	return true;
}

static bool parse_size(struct options *options, const char *text)
{
	const char *rest = NULL;

	return parse_number(text, 1, OPTIONS_MAX_SIZE, 'x', &rest, &options->width) &&
	       parse_number(rest, 1, OPTIONS_MAX_SIZE, '\0', &rest, &options->height);
}

static bool parse_value(struct options *options, const char *name, const char *value, bool *known)
{
	const char *rest;

	*known = true;
	if (!strcmp(name, "--frames"))
		return parse_number(value, 1, OPTIONS_MAX_FRAMES, '\0', &rest, &options->frames);
	if (!strcmp(name, "--hold"))
		return parse_number(value, 0, OPTIONS_MAX_HOLD, '\0', &rest, &options->hold);
	if (!strcmp(name, "--size"))
		return parse_size(options, value);
	if (!strcmp(name, "--dump"))
		options->dump = value;
	else if (!strcmp(name, "--report"))
		options->report = value;
	else
		*known = false;
	return *known && value[0];
}

bool options_parse(struct options *options, int argc, char **argv)
{
	*options = (struct options){.frames = 300, .width = 640, .height = 480};
	for (int i = 1; i < argc; i++) {
		const char *value = i + 1 < argc ? argv[i + 1] : "";
		bool known;

		if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "--gate")) {
			*(argv[i][2] == 'h' ? &options->help : &options->gate) = true;
			continue;
		}
		if (!parse_value(options, argv[i], value, &known)) {
			if (!known)
				fprintf(stderr, "%s: unknown option %s; try --help\n", argv[0], argv[i]);
			else
				fprintf(stderr, "%s: bad or missing value '%s' for %s; try --help\n", argv[0], value,
					argv[i]);
			return false;
		}
		i++;
	}
	return true;
}
