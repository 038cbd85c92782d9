/* SPDX-License-Identifier: MIT */
/* vgpu-info's parts that ask nothing of the system: names, JSON, the command line, and which driver is chosen. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>

#include "choice.h"
#include "json.h"
#include "names.h"
#include "options.h"

#define MAX_ARGUMENTS 8

/* A system where both bitnesses get our driver. */
static struct system_view good_view(void)
{
	struct registration registered = {
		.present = true, .dll_exists = true, .version = 2, .driver_version = 1, .flags = 1};
	struct system_view view = {.registered = {registered, registered}};

	strcpy(view.registered[BITS_64].dll, "MvisorVGPUx64.dll");
	strcpy(view.registered[BITS_32].dll, "mvisorvgpuX86");
	return view;
}

static enum reason reason_64(const struct system_view *view)
{
	return choice_make(view, BITS_64).reason;
}

static void registry_chooses(void **state)
{
	struct system_view view = good_view();

	(void)state;
	assert_int_equal(reason_64(&view), REASON_OURS);
	assert_string_equal(choice_make(&view, BITS_64).driver, "MvisorVGPUx64.dll");
	assert_int_equal(choice_make(&view, BITS_32).reason, REASON_OURS);

	/* Each bitness by its own view. */
	view.registered[BITS_32].present = false;
	assert_int_equal(choice_make(&view, BITS_32).reason, REASON_NOT_REGISTERED);
	assert_int_equal(reason_64(&view), REASON_OURS);

	strcpy(view.registered[BITS_64].dll, "C:\\some folder\\MVISORVGPUX64.DLL");
	assert_int_equal(reason_64(&view), REASON_OURS);
	view.registered[BITS_64].dll_exists = false;
	assert_int_equal(reason_64(&view), REASON_FILE_MISSING);
	view.registered[BITS_64].flags = 0;
	assert_int_equal(reason_64(&view), REASON_BAD_REGISTRATION);
	view.registered[BITS_64].dll[0] = '\0';
	assert_int_equal(reason_64(&view), REASON_NOT_REGISTERED);
}

static void bad_registrations(void **state)
{
	static const char *const others[] = {"MvisorVGPUx86.dll", "MvisorVGPU", "MvisorVGPUx64.dll.old",
		"MvisorVGPUx64.d", "MvisorVGPUx64.dll\\other", "nvoglv64.dll"};
	struct system_view view = good_view();

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		strcpy(view.registered[BITS_64].dll, others[i]);
		assert_int_equal(reason_64(&view), REASON_OTHER_REGISTERED);
		assert_string_equal(choice_make(&view, BITS_64).driver, others[i]);
	}
	view = good_view();
	view.registered[BITS_64].version = 1;
	assert_int_equal(reason_64(&view), REASON_BAD_REGISTRATION);
	view = good_view();
	view.registered[BITS_64].driver_version = 0;
	assert_int_equal(reason_64(&view), REASON_BAD_REGISTRATION);
}

/* What comes before the registration, and in which order. */
static void precedence(void **state)
{
	struct system_view view = good_view();

	(void)state;
	view.compatibility_pack = true;
	assert_int_equal(reason_64(&view), REASON_COMPATIBILITY_PACK);

	view.num_adapters = 2;
	strcpy(view.adapters[0].name, "Basic");
	strcpy(view.adapters[1].name, "Other");
	assert_int_equal(reason_64(&view), REASON_COMPATIBILITY_PACK);
	strcpy(view.adapters[1].driver[BITS_64], "nvoglv64.dll");
	assert_int_equal(reason_64(&view), REASON_ADAPTER);
	assert_string_equal(choice_make(&view, BITS_64).driver, "nvoglv64.dll");
	assert_string_equal(choice_make(&view, BITS_64).adapter, "Other");
	assert_int_equal(choice_make(&view, BITS_32).reason, REASON_COMPATIBILITY_PACK);

	/* Only the primary adapter counts when it is known. */
	view.compatibility_pack = false;
	view.adapters[0].primary = true;
	assert_int_equal(reason_64(&view), REASON_OURS);
	view.adapters[1].primary = true;
	assert_int_equal(reason_64(&view), REASON_ADAPTER);
	strcpy(view.adapters[1].driver[BITS_64], "MvisorVGPUx64.dll");
	assert_int_equal(reason_64(&view), REASON_OURS);

	strcpy(view.beside, "C:\\game\\opengl32.dll");
	assert_int_equal(reason_64(&view), REASON_BESIDE);
	assert_string_equal(choice_make(&view, BITS_32).driver, "C:\\game\\opengl32.dll");
}

static void words_for_every_reason(void **state)
{
	(void)state;
	for (int reason = REASON_OURS; reason <= REASON_FILE_MISSING; reason++) {
		assert_true(choice_reason_name((enum reason)reason)[0]);
		assert_int_equal(choice_why((enum reason)reason)[0] != '\0', reason != REASON_OURS);
		assert_int_equal(choice_what_to_do((enum reason)reason)[0] != '\0', reason != REASON_OURS);
	}
}

static void statuses(void **state)
{
	struct outcome outcome = {.device_present = true, .device_usable = true, .gl_works = true, .gl_ours = true};

	(void)state;
	assert_int_equal(choice_status(&outcome), STATUS_ALL_WELL);
	outcome.reasons[BITS_32] = REASON_BESIDE;
	assert_int_equal(choice_status(&outcome), STATUS_NOT_CHOSEN);
	outcome.reasons[BITS_32] = REASON_OURS;
	outcome.gl_ours = false;
	assert_int_equal(choice_status(&outcome), STATUS_NOT_CHOSEN);
	outcome.gl_works = false;
	assert_int_equal(choice_status(&outcome), STATUS_NO_OPENGL);
	outcome.device_usable = false;
	assert_int_equal(choice_status(&outcome), STATUS_DEVICE_UNUSABLE);
	outcome.device_present = false;
	assert_int_equal(choice_status(&outcome), STATUS_NO_DEVICE);
}

static void names(void **state)
{
	struct vgpu_statistics statistics;
	uint64_t values[sizeof(statistics) / sizeof(uint64_t)];

	(void)state;
	assert_string_equal(name_of_feature(0), "VIRGL");
	assert_string_equal(name_of_feature(4), "CONTEXT_INIT");
	assert_string_equal(name_of_feature(32), "VERSION_1");
	assert_null(name_of_feature(23));
	assert_null(name_of_feature(63));
	assert_string_equal(name_of_capability(6), "STAGING");
	assert_string_equal(name_of_capability(7), "BLOB_TEMPLATE");
	assert_null(name_of_capability(8));
	assert_null(name_of_capability(32));
	assert_string_equal(name_of_capset(2), "virgl2");
	assert_string_equal(name_of_capset(99), "unknown");
	assert_string_equal(name_of_device_kind(VGPU_DEVICE_KIND_MVISOR), "mvisor");
	assert_string_equal(name_of_device_kind(0), "unknown");

	/* Every field is a counter, in order. */
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		values[i] = 100 + i;
	memcpy(&statistics, values, sizeof(statistics));
	assert_int_equal(counters[COUNTER_COUNT - 1].offset + 8, sizeof(struct vgpu_statistics));
	assert_true(counters[offsetof(struct vgpu_statistics, errors) / 8].handle);
	assert_false(counters[offsetof(struct vgpu_statistics, commands) / 8].handle);
	for (unsigned i = 0; i < COUNTER_COUNT; i++)
		assert_int_equal(counter_value(&statistics, i), 100 + i);
}

/* What a JSON string is written as. */
static void assert_written(const char *value, const char *expected)
{
	char *text = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&text, &size);
	struct json json = {.file = file, .compact = true};

	json_open(&json, NULL, '[');
	json_string(&json, NULL, value);
	json_close(&json, ']');
	fclose(file);
	assert_string_equal(text, expected);
	free(text);
}

static void json_strings(void **state)
{
	(void)state;
	assert_written("", "[\"\"]\n");
	assert_written(NULL, "[null]\n");
	assert_written("a\"b\\c/", "[\"a\\\"b\\\\c/\"]\n");
	assert_written("\n\t\x01\x7f", "[\"\\u000a\\u0009\\u0001\\u007f\"]\n");
	assert_written("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", "[\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"]\n");
	/* Not UTF-8: cut off, overlong, a surrogate, beyond the last character, a lone continuation. */
	assert_written("\xc3", "[\"\\ufffd\"]\n");
	assert_written("\xe2\x82", "[\"\\ufffd\\ufffd\"]\n");
	assert_written("\xc0\x80", "[\"\\ufffd\\ufffd\"]\n");
	assert_written("\xed\xa0\x80", "[\"\\ufffd\\ufffd\\ufffd\"]\n");
	assert_written("\xf4\x90\x80\x80", "[\"\\ufffd\\ufffd\\ufffd\\ufffd\"]\n");
	assert_written("\x80z", "[\"\\ufffdz\"]\n");
}

static void json_structure(void **state)
{
	char *text = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&text, &size);
	struct json json = {.file = file};

	(void)state;
	json_open(&json, NULL, '{');
	json_open(&json, "empty", '[');
	json_close(&json, ']');
	json_number(&json, "n", UINT64_MAX);
	json_open(&json, "o", '{');
	json_bool(&json, "t", true);
	json_bool(&json, "f", false);
	json_close(&json, '}');
	json_close(&json, '}');
	fclose(file);
	assert_string_equal(text, "{\n  \"empty\": [],\n  \"n\": 18446744073709551615,\n  \"o\": {\n    \"t\": true,\n"
				  "    \"f\": false\n  }\n}\n");
	free(text);
}

/* Arguments up to a NULL. */
static bool parse(struct options *options, ...)
{
	char *arguments[MAX_ARGUMENTS] = {"vgpu-info"};
	int count = 1;
	va_list list;

	va_start(list, options);
	for (char *argument = va_arg(list, char *); argument; argument = va_arg(list, char *))
		arguments[count++] = argument;
	va_end(list);
	return options_parse(options, count, arguments);
}

static void good_arguments(void **state)
{
	struct options options;

	(void)state;
	assert_true(parse(&options, NULL));
	assert_int_equal(options.watch, 0);
	assert_false(options.json);
	assert_true(parse(&options, "--json", "--watch", "--count=3", "--device=2", NULL));
	assert_true(options.json);
	assert_int_equal(options.watch, 1);
	assert_int_equal(options.count, 3);
	assert_int_equal(options.device, 2);
	assert_true(parse(&options, "--watch=3600", NULL));
	assert_int_equal(options.watch, 3600);
	assert_true(parse(&options, "--extensions", "--application=C:\\a b.exe", "--help", NULL));
	assert_true(options.extensions && options.help);
	assert_string_equal(options.application, "C:\\a b.exe");
}

static void bad_arguments(void **state)
{
	static const char *const bad[] = {"", "-h", "json", "--jso", "--json=1", "--watch=", "--watch=0",
		"--watch=3601", "--watch=1s", "--watch=-1", "--watch= 1", "--watching", "--count", "--count=0",
		"--count=1", "--device=", "--device=64", "--application",
		"--application=", "--watch=99999999999999999999"};
	struct options options;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(parse(&options, bad[i], NULL));
	assert_false(parse(&options, "--watch", "--extensions", NULL));
	assert_false(parse(&options, "--watch", "--application=a", NULL));
	assert_false(parse(&options, "--watch", "--count=1000001", NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(registry_chooses),
		cmocka_unit_test(bad_registrations),
		cmocka_unit_test(precedence),
		cmocka_unit_test(words_for_every_reason),
		cmocka_unit_test(statuses),
		cmocka_unit_test(names),
		cmocka_unit_test(json_strings),
		cmocka_unit_test(json_structure),
		cmocka_unit_test(good_arguments),
		cmocka_unit_test(bad_arguments),
	};

	return cmocka_run_group_tests_name("vgpu-info", tests, NULL, NULL);
}
