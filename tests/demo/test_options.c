/* SPDX-License-Identifier: MIT */
/* The demo's command line: what it takes, and that it refuses the rest. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "options.h"

#define MAX_ARGUMENTS 8

/* Arguments up to a NULL. */
static bool parse(struct options *options, ...)
{
	char *arguments[MAX_ARGUMENTS] = {"demo"};
	int count = 1;
	va_list list;

	va_start(list, options);
	for (char *argument = va_arg(list, char *); argument; argument = va_arg(list, char *))
		arguments[count++] = argument;
	va_end(list);
	return options_parse(options, count, arguments);
}

static void defaults(void **state)
{
	struct options options;

	(void)state;
	assert_true(parse(&options, NULL));
	assert_int_equal(options.frames, 300);
	assert_int_equal(options.width, 640);
	assert_int_equal(options.height, 480);
	assert_int_equal(options.hold, 0);
	assert_null(options.dump);
	assert_null(options.report);
	assert_false(options.gate);
	assert_false(options.help);
}

static void values(void **state)
{
	struct options options;

	(void)state;
	assert_true(parse(&options, "--frames", "7", "--size", "4096x1", "--dump", "a file", NULL));
	assert_int_equal(options.frames, 7);
	assert_int_equal(options.width, 4096);
	assert_int_equal(options.height, 1);
	assert_string_equal(options.dump, "a file");
	assert_true(parse(&options, "--help", "--hold", "3600", "--report", "r", NULL));
	assert_true(options.help);
	assert_false(options.gate);
	assert_true(parse(&options, "--gate", "--hold", "3600", "--report", "r", NULL));
	assert_true(options.gate);
	assert_false(options.help);
	assert_int_equal(options.hold, 3600);
	assert_string_equal(options.report, "r");
}

static void bad_values(void **state)
{
	static const char *const frames[] = {
		"", "0", "-1", "+1", " 1", "1 ", "1x", "0x10", "1000001", "99999999999999999999"};
	static const char *const sizes[] = {
		"", "640", "640x", "x480", "0x480", "640x0", "4097x1", "1x4097", "640x480x1", "640X480"};
	struct options options;

	(void)state;
	for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++)
		assert_false(parse(&options, "--frames", frames[i], NULL));
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		assert_false(parse(&options, "--size", sizes[i], NULL));
	assert_false(parse(&options, "--hold", "3601", NULL));
	assert_false(parse(&options, "--dump", "", NULL));
}

static void bad_options(void **state)
{
	struct options options;

	(void)state;
	assert_false(parse(&options, "--frame", "1", NULL));
	assert_false(parse(&options, "1", NULL));
	assert_false(parse(&options, "", NULL));
	assert_false(parse(&options, "--frames", NULL));
	assert_false(parse(&options, "--report", NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults),
		cmocka_unit_test(values),
		cmocka_unit_test(bad_values),
		cmocka_unit_test(bad_options),
	};

	return cmocka_run_group_tests_name("demo options", tests, NULL, NULL);
}
