/* SPDX-License-Identifier: MIT */
/* What vgpu-info writes of things that a test machine does not have. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>

#include "show.h"

/* In place of the client library's. */
const char *vgpu_result_text(enum vgpu_result result)
{
	return result == VGPU_NO_DEVICE ? "no device" : "another result";
}

typedef void (*show_function)(FILE *file, const struct info *info, bool extensions);

/* Owned by the caller. */
static char *written(show_function show, const struct info *info, bool extensions)
{
	char *text = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&text, &size);

	show(file, info, extensions);
	fclose(file);
	return text;
}

static void assert_says(show_function show, const struct info *info, bool extensions, const char *expected)
{
	char *text = written(show, info, extensions);

	if (!strstr(text, expected))
		print_error("no \"%s\" in: %s\n", expected, text);
	assert_non_null(strstr(text, expected));
	free(text);
}

static void other_driver_has_the_device(void **state)
{
	struct info info = {.device = {.result = VGPU_NO_DEVICE}, .status = STATUS_NO_DEVICE};

	(void)state;
	for (unsigned i = 0; i < BITNESS_COUNT; i++)
		info.choices[i] = choice_make(&info.view, (enum bitness)i);
	assert_says(show_text, &info, false, "install the driver, and look in Device Manager");
	strcpy(info.view.gpu_service, "VioGpuDo");
	assert_says(show_text, &info, false, "has the driver VioGpuDo");
	assert_says(show_text, &info, false, "give the machine a second virtio GPU");
	assert_says(show_json, &info, false, "\"other_service\": \"VioGpuDo\"");
	assert_says(show_json, &info, false, "\"status\": 2");
}

static void every_failure_has_advice(void **state)
{
	struct info info = {.status = STATUS_DEVICE_UNUSABLE};

	(void)state;
	info.choices[BITS_64] = info.choices[BITS_32] = choice_make(&info.view, BITS_64);
	for (int result = VGPU_NO_DEVICE; result <= VGPU_FAILED; result++) {
		info.device.result = (enum vgpu_result)result;
		assert_true(show_device_advice(&info)[0]);
		assert_says(show_text, &info, false, "What to do: ");
		assert_says(show_json, &info, false, "\"usable\": false");
	}
}

static void adapter_and_session(void **state)
{
	struct info info = {.status = STATUS_NOT_CHOSEN, .view = {.num_adapters = 1, .remote_session = true}};

	(void)state;
	strcpy(info.view.adapters[0].name, "A \"fast\" adapter");
	strcpy(info.view.adapters[0].driver[BITS_64], "C:\\fast.dll");
	for (unsigned i = 0; i < BITNESS_COUNT; i++)
		info.choices[i] = choice_make(&info.view, (enum bitness)i);
	assert_says(show_text, &info, false, "The adapter: A \"fast\" adapter");
	assert_says(show_text, &info, false, "Remote Desktop session");
	assert_says(show_json, &info, false, "\"adapter\": \"A \\\"fast\\\" adapter\"");
	assert_says(show_json, &info, false, "\"driver\": \"C:\\\\fast.dll\"");
	assert_says(show_json, &info, false, "\"remote_session\": true");
}

static void unknown_bits_and_extensions(void **state)
{
	char one[] = "GL_one", two[] = "GL_two";
	char *names[] = {one, two};
	struct info info = {.device.info = {.device_features = 1ull << 63 | 1, .capabilities = 1u << 31}};

	(void)state;
	info.choices[BITS_64] = info.choices[BITS_32] = choice_make(&info.view, BITS_64);
	info.gl.profiles[PROFILE_CORE] = (struct gl_profile){.works = true, .extensions = names, .num_extensions = 2};
	assert_says(show_text, &info, false, "features offered   VIRGL bit-63\n");
	assert_says(show_text, &info, false, "features used      none\n");
	assert_says(show_text, &info, false, "compatibility      none\n");
	assert_says(show_text, &info, true, "    GL_one\n    GL_two\n");
	assert_says(show_json, &info, false, "\"bit 31\"");
	assert_says(show_json, &info, false, "\"extension_count\": 2\n");
	assert_says(show_json, &info, true, "\"GL_one\",\n        \"GL_two\"\n");
	assert_says(show_json, &info, true, "\"compatibility\": null");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(other_driver_has_the_device),
		cmocka_unit_test(every_failure_has_advice),
		cmocka_unit_test(adapter_and_session),
		cmocka_unit_test(unknown_bits_and_extensions),
	};

	return cmocka_run_group_tests_name("vgpu-info shows", tests, NULL, NULL);
}
