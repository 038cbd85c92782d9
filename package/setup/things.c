/* SPDX-License-Identifier: MIT */
#include "things.h"

struct operations {
	DWORD (*look)(struct state *state);
	bool (*is)(const struct state *wanted); /* NULL: presence is all */
	DWORD (*make)(const struct state *wanted, struct effects *effects);
};

static const struct operations operations[KIND_COUNT] = {
	[KIND_FILE] = {file_look, file_is, file_make},
	[KIND_FOLDER] = {folder_look, NULL, folder_make},
	[KIND_KEY] = {key_look, NULL, key_make},
	[KIND_VALUE] = {value_look, value_is, value_make},
	[KIND_CERTIFICATE] = {certificate_look, NULL, certificate_make},
	[KIND_DRIVER] = {driver_look, driver_is, driver_make},
};

DWORD thing_look(struct state *state)
{
	return operations[state->kind].look(state);
}

bool thing_is(const struct state *wanted)
{
	struct state now = {.kind = wanted->kind};

	wcscpy(now.name, wanted->name);
	wcscpy(now.item, wanted->item);
	if (thing_look(&now) || now.present != wanted->present)
		return false;
	return !wanted->present || !operations[wanted->kind].is || operations[wanted->kind].is(wanted);
}

DWORD thing_make(const struct state *wanted, struct effects *effects)
{
	return operations[wanted->kind].make(wanted, effects);
}
