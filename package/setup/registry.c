/* SPDX-License-Identifier: MIT */
/* Registry keys and values. */
#include "things.h"

#include <string.h>
#include <wchar.h>

#include "log.h"

#define VIEW_LENGTH 3u /* "64\" */

static REGSAM view(const WCHAR *name)
{
	return name[0] == L'3' ? KEY_WOW64_32KEY : KEY_WOW64_64KEY;
}

DWORD registry_open(const WCHAR *name, REGSAM access, HKEY *key)
{
	return (DWORD)RegOpenKeyExW(HKEY_LOCAL_MACHINE, name + VIEW_LENGTH, 0, access | view(name), key);
}

static DWORD create(const WCHAR *name, HKEY *key)
{
	return (DWORD)RegCreateKeyExW(
		HKEY_LOCAL_MACHINE, name + VIEW_LENGTH, 0, NULL, 0, KEY_READ | KEY_WRITE | view(name), NULL, key, NULL);
}

DWORD key_look(struct state *state)
{
	HKEY key;
	DWORD error = registry_open(state->name, KEY_READ, &key);

	state->present = !error;
	if (!error)
		RegCloseKey(key);
	return error == ERROR_FILE_NOT_FOUND ? ERROR_SUCCESS : error;
}

static DWORD remove_empty(const WCHAR *name)
{
	DWORD error, keys = 0, values = 0;
	HKEY key;

	error = registry_open(name, KEY_READ, &key);
	if (error)
		return error == ERROR_FILE_NOT_FOUND ? ERROR_SUCCESS : error;
	error = (DWORD)RegQueryInfoKeyW(key, NULL, NULL, NULL, &keys, NULL, NULL, &values, NULL, NULL, NULL, NULL);
	RegCloseKey(key);
	if (error)
		return error;
	if (keys || values) {
		note(L"key %ls stays: it is not empty", name);
		return ERROR_SUCCESS;
	}
	return (DWORD)RegDeleteKeyExW(HKEY_LOCAL_MACHINE, name + VIEW_LENGTH, view(name), 0);
}

DWORD key_make(const struct state *wanted, struct effects *effects)
{
	DWORD error;
	HKEY key;

	(void)effects;
	if (!wanted->present)
		return remove_empty(wanted->name);
	error = create(wanted->name, &key);
	if (!error)
		RegCloseKey(key);
	return error;
}

DWORD value_look(struct state *state)
{
	DWORD error;
	HKEY key;

	state->present = false;
	state->size = STATE_DATA;
	error = registry_open(state->name, KEY_READ, &key);
	if (!error) {
		error = (DWORD)RegQueryValueExW(key, state->item, NULL, &state->type, state->data, &state->size);
		state->present = !error;
		RegCloseKey(key);
	}
	if (error)
		state->size = 0;
	return error == ERROR_FILE_NOT_FOUND ? ERROR_SUCCESS : error;
}

bool value_is(const struct state *wanted)
{
	struct state now = {.kind = KIND_VALUE};

	wcscpy(now.name, wanted->name);
	wcscpy(now.item, wanted->item);
	return !value_look(&now) && now.present && now.type == wanted->type && now.size == wanted->size &&
	       !memcmp(now.data, wanted->data, now.size);
}

DWORD value_make(const struct state *wanted, struct effects *effects)
{
	DWORD error;
	HKEY key;

	(void)effects;
	if (wanted->present) {
		error = create(wanted->name, &key);
		if (!error) {
			error = (DWORD)RegSetValueExW(key, wanted->item, 0, wanted->type, wanted->data, wanted->size);
			RegCloseKey(key);
		}
		return error;
	}
	error = registry_open(wanted->name, KEY_READ | KEY_WRITE, &key);
	if (!error) {
		error = (DWORD)RegDeleteValueW(key, wanted->item);
		RegCloseKey(key);
	}
	return error == ERROR_FILE_NOT_FOUND ? ERROR_SUCCESS : error;
}
