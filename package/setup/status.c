/* SPDX-License-Identifier: MIT */
#include "verbs.h"

#include <wchar.h>

#include "log.h"
#include "things.h"

static bool is_whole(const struct places *places, const WCHAR *installed)
{
	const WCHAR *missing = plan_missing_file(places->target);
	struct state_list plan = {0};
	bool whole = !missing;
	DWORD error = plan_make(&plan, places, places->target, installed);

	if (missing)
		say(L"missing: %ls\\%ls", places->target, missing);
	if (error) {
		complain(L"%ls", error_text(error));
		whole = false;
	}
	for (size_t i = 0; !error && i < plan.count; i++) {
		if (thing_is(plan.states[i]))
			continue;
		say(L"not as installed: %ls", state_words(plan.states[i]));
		whole = false;
	}
	state_list_free(&plan);
	return whole;
}

enum code verb_status(const struct places *places)
{
	WCHAR installed[VERSION_TEXT];
	struct state driver = {.kind = KIND_DRIVER};

	if (GetFileAttributesW(places->journal) != INVALID_FILE_ATTRIBUTES)
		say(L"An earlier run was cut short; the next install, repair or uninstall puts that in order.");
	if (!plan_installed_version(installed)) {
		say(L"It is not installed.");
		return CODE_NOT_INSTALLED;
	}
	say(L"Version %ls is installed in %ls.", installed, places->target);
	if (!driver_look(&driver))
		say(L"Driver package: %ls", driver.present ? driver.item : L"none");
	if (is_whole(places, installed)) {
		say(L"It is whole.");
		return CODE_DONE;
	}
	say(L"It is damaged. Run as administrator: \"%ls\\vgpu-setup.exe\" repair, or that of the original package.",
		places->target);
	return CODE_DAMAGED;
}
