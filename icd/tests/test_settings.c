/* SPDX-License-Identifier: MIT */
/* What becomes of the values of settings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "vgpu_settings.h"

static const char *wanted, *value; /* the one value that the source has */

static bool source(const char *name, const char *variable, char *text, size_t size)
{
	assert_true(strncmp(variable, "VGPU_", 5) == 0);
	if (!wanted || strcmp(name, wanted) || strlen(value) >= size)
		return false;
	strcpy(text, value);
	return true;
}

static struct vgpu_settings with(const char *name, const char *text)
{
	struct vgpu_settings settings;

	wanted = name;
	value = text;
	vgpu_settings_read(&settings, source);
	return settings;
}

static void defaults(void **state)
{
	struct vgpu_settings settings = with(NULL, NULL);

	(void)state;
	assert_false(settings.has_swap_interval);
	assert_false(settings.present_waits);
	assert_true(settings.shader_cache);
	assert_int_equal(settings.shader_cache_mib, 256);
	assert_string_equal(settings.shader_cache_folder, "");
	assert_string_equal(settings.gl_version, "");
	assert_false(settings.debug_output);
}

static void numbers(void **state)
{
	static const struct {
		const char *text;
		bool good;
		int interval;
	} cases[] = {{"0", true, 0}, {"-1", true, -1}, {"60", true, 60}, {"-60", true, -60}, {"61", false, 0},
		{"-61", false, 0}, {"", false, 0}, {"1x", false, 0}, {"x", false, 0},
		{"99999999999999999999", false, 0}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct vgpu_settings settings = with("SwapInterval", cases[i].text);
		assert_int_equal(settings.has_swap_interval, cases[i].good);
		assert_int_equal(settings.swap_interval, cases[i].interval);
	}
	assert_true(with("PresentWaits", "1").present_waits);
	assert_false(with("ShaderCache", "0").shader_cache);
	assert_int_equal(with("ShaderCacheMiB", "65536").shader_cache_mib, 65536);
	assert_int_equal(with("ShaderCacheMiB", "0").shader_cache_mib, 256);
	assert_true(with("DebugOutput", "1").debug_output);
}

static void texts(void **state)
{
	static const char *const versions[] = {"4.1", "3.3COMPAT", "3.2FC"};
	static const char *const others[] = {"4", "4.", "41", "4.10", "3.3compat", "x.y", "4.1 COMPAT"};

	(void)state;
	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++)
		assert_string_equal(with("GLVersion", versions[i]).gl_version, versions[i]);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_string_equal(with("GLVersion", others[i]).gl_version, "");
	assert_string_equal(with("ShaderCacheFolder", "D:\\cache").shader_cache_folder, "D:\\cache");
}

static void environment(void **state)
{
	struct vgpu_settings settings;

	(void)state;
	setenv("VGPU_SWAP_INTERVAL", "2", 1);
	setenv("VGPU_GL_VERSION", "3.3", 1);
	setenv("VGPU_SHADER_CACHE", "", 1); /* empty: not set */
	vgpu_settings_read(&settings, vgpu_settings_system);
	assert_int_equal(settings.swap_interval, 2);
	assert_string_equal(settings.gl_version, "3.3");
	assert_true(settings.shader_cache);
	vgpu_settings_set_variable("VGPU_SWAP_INTERVAL", "");
	vgpu_settings_set_variable("VGPU_GL_VERSION", "4.0");
	vgpu_settings_read(&settings, vgpu_settings_system);
	assert_false(settings.has_swap_interval);
	assert_string_equal(settings.gl_version, "4.0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults),
		cmocka_unit_test(numbers),
		cmocka_unit_test(texts),
		cmocka_unit_test(environment),
	};

	return cmocka_run_group_tests_name("settings", tests, NULL, NULL);
}
