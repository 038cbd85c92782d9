/* SPDX-License-Identifier: MIT */
/* The driver package in Windows' driver store, put there and taken away with pnputil. */
#include "things.h"

#include <stdio.h>
#include <string.h>
#include <wchar.h>

#include "inf.h"
#include "log.h"
#include "run.h"

#define PNPUTIL_SECONDS 600u

bool driver_has_pnputil(WCHAR *path, size_t count)
{
	WCHAR folder[MAX_PATH];

	return GetSystemDirectoryW(folder, ARRAYSIZE(folder)) &&
	       text_format(path, count, L"%ls\\pnputil.exe", folder) &&
	       GetFileAttributesW(path) != INVALID_FILE_ATTRIBUTES;
}

static bool published_path(WCHAR *path, const WCHAR *name)
{
	WCHAR folder[MAX_PATH];

	return GetSystemWindowsDirectoryW(folder, ARRAYSIZE(folder)) &&
	       text_format(path, STATE_PATH, L"%ls\\INF\\%ls", folder, name);
}

/* Windows copies a package's INF to INF\oemN.inf. Those that are ours: "oem3.inf;oem7.inf;". */
static DWORD list_published(WCHAR *names)
{
	WCHAR path[STATE_PATH];
	WIN32_FIND_DATAW found;
	HANDLE search;
	size_t length = 0;
	DWORD error = ERROR_SUCCESS;

	names[0] = 0;
	if (!published_path(path, L"oem*.inf"))
		return ERROR_FILENAME_EXCED_RANGE;
	search = FindFirstFileW(path, &found);
	if (search == INVALID_HANDLE_VALUE)
		return GetLastError() == ERROR_FILE_NOT_FOUND || GetLastError() == ERROR_PATH_NOT_FOUND
			       ? ERROR_SUCCESS
			       : GetLastError();
	do {
		if (!published_path(path, found.cFileName) || !inf_is_ours(path))
			continue;
		if (!text_format(names + length, STATE_ITEM - length, L"%ls;", found.cFileName))
			error = ERROR_INSUFFICIENT_BUFFER;
		length = wcslen(names);
	} while (!error && FindNextFileW(search, &found));
	FindClose(search);
	return error;
}

DWORD driver_look(struct state *state)
{
	DWORD error = list_published(state->item);

	state->present = state->item[0] != 0;
	return error;
}

/* Takes the next name off a list; false at its end. */
static bool next_name(const WCHAR **list, WCHAR *name)
{
	size_t length = wcscspn(*list, L";");

	if (!length || length >= STATE_ITEM)
		return false;
	wmemcpy(name, *list, length);
	name[length] = 0;
	*list += length + ((*list)[length] == L';');
	return true;
}

static bool has_content_of(const WCHAR *published, const WCHAR *inf)
{
	struct state file = {.kind = KIND_FILE, .present = true};

	wcscpy(file.source, inf);
	return published_path(file.name, published) && file_is(&file);
}

bool driver_is(const struct state *wanted)
{
	WCHAR names[STATE_ITEM], name[STATE_ITEM];
	const WCHAR *list = names;

	if (list_published(names))
		return false;
	while (next_name(&list, name)) {
		if (has_content_of(name, wanted->source))
			return true;
	}
	return false;
}

static DWORD pnputil(const WCHAR *arguments, DWORD *status)
{
	WCHAR path[MAX_PATH];

	if (!driver_has_pnputil(path, ARRAYSIZE(path)))
		return ERROR_FILE_NOT_FOUND;
	return run_program(path, arguments, PNPUTIL_SECONDS, status);
}

/* ERROR_NO_MORE_ITEMS: no device takes it now, for there is none or it has a better one. */
static DWORD add(const WCHAR *inf, struct effects *effects)
{
	WCHAR arguments[STATE_PATH + 64];
	DWORD status, error;

	if (!text_format(arguments, ARRAYSIZE(arguments), L"/add-driver \"%ls\" /install", inf))
		return ERROR_FILENAME_EXCED_RANGE;
	error = pnputil(arguments, &status);
	if (!error && status == ERROR_NO_MORE_ITEMS) {
		say(L"  Windows has the driver, but no device uses it now.");
	} else if (!error && (status == ERROR_SUCCESS_REBOOT_REQUIRED || status == ERROR_SUCCESS_REBOOT_INITIATED)) {
		effects->restart = true;
	} else if (!error && status) {
		effects->driver_refused = true;
		error = status;
	}
	return error;
}

static DWORD remove_one(const WCHAR *name, const WCHAR *how, struct effects *effects)
{
	WCHAR arguments[STATE_ITEM + 64];
	DWORD status, error;

	text_format(arguments, ARRAYSIZE(arguments), L"/delete-driver %ls %ls", name, how);
	error = pnputil(arguments, &status);
	if (!error && (status == ERROR_SUCCESS_REBOOT_REQUIRED || status == ERROR_SUCCESS_REBOOT_INITIATED)) {
		effects->restart = true;
	} else if (!error && status) {
		effects->driver_refused = true;
		error = status;
	}
	return error;
}

/* Of ours, only those of the list `kept` stay. */
static DWORD remove_all_but(const WCHAR *kept, struct effects *effects)
{
	WCHAR names[STATE_ITEM], name[STATE_ITEM];
	const WCHAR *list = names;
	DWORD error = list_published(names);

	while (!error && next_name(&list, name)) {
		if (!wcsstr(kept, name))
			error = remove_one(name, L"/uninstall /force", effects);
	}
	return error;
}

DWORD driver_make(const struct state *wanted, struct effects *effects)
{
	struct state now = {.kind = KIND_DRIVER};
	DWORD error;

	if (wanted->present && !wanted->item[0])
		return add(wanted->source, effects);
	/* Undoing, or uninstalling: what is not in the list goes; all gone counts as one that is missing. */
	error = remove_all_but(wanted->item, effects);
	if (!error)
		error = driver_look(&now);
	if (!error && wanted->present && !now.present)
		error = add(wanted->source, effects);
	return error;
}

void driver_remove_others(const WCHAR *inf)
{
	struct effects ignored = {0};
	WCHAR names[STATE_ITEM], name[STATE_ITEM];
	const WCHAR *list = names;

	if (list_published(names))
		return;
	while (next_name(&list, name)) {
		if (!has_content_of(name, inf) && remove_one(name, L"", &ignored))
			note(L"the older driver package %ls stays in the driver store", name);
	}
}
