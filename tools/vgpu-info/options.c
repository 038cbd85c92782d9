/* SPDX-License-Identifier: MIT */
#include "options.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void options_usage(void)
{
	printf("usage: vgpu-info [OPTIONS]\n"
	       "Shows the virtio GPU, its driver, and which OpenGL driver applications get.\n"
	       "  --json               as JSON; with --watch one object a line\n"
	       "  --extensions         list every OpenGL extension, not just their number\n"
	       "  --device=N           the N-th device, from 0 (0)\n"
	       "  --application=FILE   look for an opengl32.dll beside this program (beside vgpu-info)\n"
	       "  --watch[=SECONDS]    show the device's counters every so many seconds, 1 to %u (1)\n"
	       "  --count=N            with --watch: end after N samples, 1 to %u\n"
	       "  --help               this text\n"
	       "exit status:\n"
	       "  0  all is well\n"
	       "  1  the device works, but some applications get another OpenGL driver\n"
	       "  2  there is no device, or its driver did not start\n"
	       "  3  the device cannot be used\n"
	       "  4  the device works, but OpenGL does not\n"
	       "  5  bad arguments, or the output cannot be written\n",
		OPTIONS_MAX_WATCH, OPTIONS_MAX_COUNT);
}

static bool parse_number(const char *text, unsigned min, unsigned max, unsigned *number)
{
	char *end;

	if (!isdigit((unsigned char)text[0]) || strlen(text) > 9)
		return false;
	unsigned long value = strtoul(text, &end, 10);
	if (*end || value < min || value > max)
		return false;
	*number = (unsigned)value;
	return true;
}

/* The value of --NAME=VALUE when the argument is that; "" when it is --NAME alone; NULL when it is another. */
static const char *value_of(const char *argument, const char *name)
{
	size_t length = strlen(name);

	if (strncmp(argument, name, length))
		return NULL;
	if (argument[length] == '=')
		return argument + length + 1;
	return argument[length] ? NULL : argument + length;
}

enum outcome { TAKEN, BAD_VALUE, UNKNOWN };

static enum outcome parse_value(struct options *options, const char *argument)
{
	const char *value;
	bool good;

	if (!strcmp(argument, "--watch")) {
		options->watch = 1;
		return TAKEN;
	}
	if ((value = value_of(argument, "--watch")))
		good = parse_number(value, 1, OPTIONS_MAX_WATCH, &options->watch);
	else if ((value = value_of(argument, "--count")))
		good = parse_number(value, 1, OPTIONS_MAX_COUNT, &options->count);
	else if ((value = value_of(argument, "--device")))
		good = parse_number(value, 0, OPTIONS_MAX_DEVICE, &options->device);
	else if ((value = value_of(argument, "--application"))) {
		options->application = value;
		good = value[0] != '\0';
	} else
		return UNKNOWN;
	return good ? TAKEN : BAD_VALUE;
}

static bool refuse(const char *what, const char *argument)
{
	fprintf(stderr, "vgpu-info: %s: %s; try --help\n", argument, what);
	return false;
}

bool options_parse(struct options *options, int argc, char **argv)
{
	*options = (struct options){0};
	for (int i = 1; i < argc; i++) {
		enum outcome outcome = TAKEN;

		if (!strcmp(argv[i], "--help"))
			options->help = true;
		else if (!strcmp(argv[i], "--json"))
			options->json = true;
		else if (!strcmp(argv[i], "--extensions"))
			options->extensions = true;
		else
			outcome = parse_value(options, argv[i]);
		if (outcome == UNKNOWN)
			return refuse("unknown option", argv[i]);
		if (outcome == BAD_VALUE)
			return refuse("bad or missing value", argv[i]);
	}
	if (options->count && !options->watch)
		return refuse("only together with --watch", "--count");
	if (options->watch && options->extensions)
		return refuse("not together with --watch", "--extensions");
	if (options->watch && options->application)
		return refuse("not together with --watch", "--application");
	return true;
}
