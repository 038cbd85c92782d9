/* SPDX-License-Identifier: MIT */
#include "plan.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include <shlobj.h>

#include "registration.h"
#include "things.h"

#define FOLDER L"\\Virtual GPU"
#define ENTRY L"64\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\VirtualGPU"
#define PROGRAM L"vgpu-setup.exe"

enum where { TO_TARGET, TO_SYSTEM, TO_WOW };

struct part {
	const WCHAR *name; /* in the package; may have wildcards when it is not needed */
	bool needed;
};

static const struct part parts[] = {
	{PROGRAM, true},
	{L"vgpu-info.exe", true},
	{INF_FILE, true},
	{L"vgpu.sys", true},
	{CATALOG_FILE, true},
	{DRIVER_64, true},
	{DRIVER_32, true},
	{L"x64\\opengl32.dll", true},
	{L"x86\\opengl32.dll", true},
	{L"README.txt", false},
	{L"LICENSE*", false},
	{CERTIFICATE_FILE, false},
};

static const WCHAR *const subfolders[] = {L"", L"\\saved", L"\\x64", L"\\x86"};
static const WCHAR *const stores[] = {L"Root", L"TrustedPublisher"};

static DWORD find_package(WCHAR *path)
{
	DWORD length = GetModuleFileNameW(NULL, path, STATE_PATH);

	if (!length || length >= STATE_PATH)
		return ERROR_FILENAME_EXCED_RANGE;
	*wcsrchr(path, L'\\') = 0;
	return ERROR_SUCCESS;
}

DWORD places_find(struct places *places)
{
	WCHAR *programs = NULL;
	DWORD error = find_package(places->package);

	if (error)
		return error;
	if (FAILED(SHGetKnownFolderPath(&FOLDERID_ProgramFiles, 0, NULL, &programs)))
		return ERROR_PATH_NOT_FOUND;
	if (!text_format(places->target, STATE_PATH, L"%ls" FOLDER, programs) ||
		!text_format(places->saved, STATE_PATH, L"%ls\\saved", places->target) ||
		!text_format(places->originals, STATE_PATH, L"%ls\\originals", places->saved) ||
		!text_format(places->journal, STATE_PATH, L"%ls.journal", places->target))
		error = ERROR_FILENAME_EXCED_RANGE;
	CoTaskMemFree(programs);
	return error;
}

bool places_installed(const struct places *places)
{
	return !_wcsicmp(places->package, places->target);
}

bool plan_installed_version(WCHAR *version)
{
	struct state state = {.kind = KIND_VALUE, .name = ENTRY, .item = L"DisplayVersion"};

	if (value_look(&state) || !state.present || state.type != REG_SZ || state.size > VERSION_TEXT * sizeof(WCHAR))
		return false;
	memset(version, 0, VERSION_TEXT * sizeof(WCHAR));
	memcpy(version, state.data, state.size);
	version[VERSION_TEXT - 1] = 0;
	return true;
}

const WCHAR *plan_missing_file(const WCHAR *folder)
{
	WCHAR path[STATE_PATH];

	for (unsigned i = 0; i < ARRAYSIZE(parts); i++) {
		if (parts[i].needed && (!text_format(path, STATE_PATH, L"%ls\\%ls", folder, parts[i].name) ||
					       GetFileAttributesW(path) == INVALID_FILE_ATTRIBUTES))
			return parts[i].name;
	}
	return NULL;
}

/* Adds one state that has no data. */
static DWORD add(struct state_list *plan, enum kind kind, const WCHAR *name, const WCHAR *source)
{
	struct state *state = calloc(1, sizeof(*state));
	bool added;

	if (!state)
		return ERROR_NOT_ENOUGH_MEMORY;
	state->kind = kind;
	state->present = true;
	added = text_format(state->name, STATE_PATH, L"%ls", name) &&
		text_format(state->source, STATE_PATH, L"%ls", source) && state_list_add(plan, state);
	free(state);
	return added ? ERROR_SUCCESS : ERROR_NOT_ENOUGH_MEMORY;
}

static DWORD add_text(struct state_list *plan, const WCHAR *name, const WCHAR *format, const WCHAR *argument)
{
	struct state *state = calloc(1, sizeof(*state));
	bool added;

	if (!state)
		return ERROR_NOT_ENOUGH_MEMORY;
	*state = (struct state){.kind = KIND_VALUE, .present = true, .name = ENTRY, .type = REG_SZ};
	wcscpy(state->item, name);
	added = text_format((WCHAR *)(void *)state->data, STATE_DATA / sizeof(WCHAR), format, argument);
	state->size = (DWORD)((wcslen((WCHAR *)(void *)state->data) + 1) * sizeof(WCHAR));
	added = added && state_list_add(plan, state);
	free(state);
	return added ? ERROR_SUCCESS : ERROR_NOT_ENOUGH_MEMORY;
}

static DWORD add_number(struct state_list *plan, const WCHAR *name, DWORD number)
{
	struct state *state = calloc(1, sizeof(*state));
	bool added;

	if (!state)
		return ERROR_NOT_ENOUGH_MEMORY;
	*state = (struct state){
		.kind = KIND_VALUE, .present = true, .name = ENTRY, .type = REG_DWORD, .size = sizeof(number)};
	wcscpy(state->item, name);
	memcpy(state->data, &number, sizeof(number));
	added = state_list_add(plan, state);
	free(state);
	return added ? ERROR_SUCCESS : ERROR_NOT_ENOUGH_MEMORY;
}

static DWORD add_folders(struct state_list *plan, const struct places *places)
{
	WCHAR path[STATE_PATH];
	DWORD error = ERROR_SUCCESS;

	for (unsigned i = 0; !error && i < ARRAYSIZE(subfolders); i++) {
		error = text_format(path, STATE_PATH, L"%ls%ls", places->target, subfolders[i])
				? add(plan, KIND_FOLDER, path, L"")
				: ERROR_FILENAME_EXCED_RANGE;
	}
	return error;
}

static DWORD add_certificate(struct state_list *plan, const WCHAR *folder)
{
	struct state *state = calloc(1, sizeof(*state));
	WCHAR subject[256], path[STATE_PATH];
	DWORD error = state ? ERROR_SUCCESS : ERROR_NOT_ENOUGH_MEMORY;

	if (!error && !text_format(path, STATE_PATH, L"%ls\\" CERTIFICATE_FILE, folder))
		error = ERROR_FILENAME_EXCED_RANGE;
	if (!error && GetFileAttributesW(path) != INVALID_FILE_ATTRIBUTES) {
		state->kind = KIND_CERTIFICATE;
		state->present = true;
		error = certificate_read(state, path, subject, ARRAYSIZE(subject));
		for (unsigned i = 0; !error && i < ARRAYSIZE(stores); i++) {
			wcscpy(state->name, stores[i]);
			if (!state_list_add(plan, state))
				error = ERROR_NOT_ENOUGH_MEMORY;
		}
	}
	free(state);
	return error;
}

static DWORD add_driver(struct state_list *plan, const WCHAR *folder)
{
	WCHAR inf[STATE_PATH];

	return text_format(inf, STATE_PATH, L"%ls\\" INF_FILE, folder) ? add(plan, KIND_DRIVER, L"vgpu", inf)
								       : ERROR_FILENAME_EXCED_RANGE;
}

static DWORD add_file(struct state_list *plan, const WCHAR *to, const WCHAR *from, const WCHAR *name)
{
	WCHAR path[STATE_PATH], source[STATE_PATH];

	if (!text_format(path, STATE_PATH, L"%ls\\%ls", to, name) ||
		!text_format(source, STATE_PATH, L"%ls\\%ls", from, name))
		return ERROR_FILENAME_EXCED_RANGE;
	return add(plan, KIND_FILE, path, source);
}

/* A part that need not be there: each file in the package that its name matches. */
static DWORD add_found(struct state_list *plan, const struct places *places, const WCHAR *folder, const WCHAR *name)
{
	WCHAR pattern[STATE_PATH];
	WIN32_FIND_DATAW found;
	DWORD error = ERROR_SUCCESS;
	HANDLE search;

	if (!text_format(pattern, STATE_PATH, L"%ls\\%ls", folder, name))
		return ERROR_FILENAME_EXCED_RANGE;
	search = FindFirstFileW(pattern, &found);
	if (search == INVALID_HANDLE_VALUE)
		return ERROR_SUCCESS;
	do {
		if (!(found.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY))
			error = add_file(plan, places->target, folder, found.cFileName);
	} while (!error && FindNextFileW(search, &found));
	FindClose(search);
	return error;
}

static DWORD add_files(struct state_list *plan, const struct places *places, const WCHAR *folder)
{
	WCHAR system[MAX_PATH], wow[MAX_PATH];
	DWORD error = ERROR_SUCCESS;

	if (!GetSystemDirectoryW(system, MAX_PATH))
		return GetLastError();
	for (unsigned i = 0; !error && i < ARRAYSIZE(parts); i++) {
		error = parts[i].needed ? add_file(plan, places->target, folder, parts[i].name)
					: add_found(plan, places, folder, parts[i].name);
	}
	if (!error)
		error = add_file(plan, system, folder, DRIVER_64);
	/* A Windows may lack what runs 32-bit programs. */
	if (!error && GetSystemWow64DirectoryW(wow, MAX_PATH))
		error = add_file(plan, wow, folder, DRIVER_32);
	return error;
}

/* Windows shows it in KiB. */
static DWORD installed_size(const struct state_list *plan)
{
	WIN32_FILE_ATTRIBUTE_DATA data;
	ULONGLONG size = 0;

	for (size_t i = 0; i < plan->count; i++) {
		if (plan->states[i]->kind == KIND_FILE &&
			GetFileAttributesExW(plan->states[i]->source, GetFileExInfoStandard, &data))
			size += ((ULONGLONG)data.nFileSizeHigh << 32) + data.nFileSizeLow;
	}
	return (DWORD)(size >> 10);
}

static DWORD add_entry(struct state_list *plan, const struct places *places, const WCHAR *version)
{
	DWORD error = registration_plan_key(plan, ENTRY) ? ERROR_SUCCESS : ERROR_NOT_ENOUGH_MEMORY;
	const struct {
		const WCHAR *name;
		const WCHAR *format;
		const WCHAR *argument;
	} texts[] = {
		{L"DisplayName", L"%ls", L"Virtual GPU (OpenGL for virtual machines)"},
		{L"DisplayVersion", L"%ls", version},
		{L"Publisher", L"%ls", L"Virtual GPU for Windows guests"},
		{L"InstallLocation", L"%ls", places->target},
		{L"DisplayIcon", L"%ls\\" PROGRAM, places->target},
		{L"UninstallString", L"\"%ls\\" PROGRAM L"\" uninstall", places->target},
		{L"QuietUninstallString", L"\"%ls\\" PROGRAM L"\" uninstall /S", places->target},
	};

	for (unsigned i = 0; !error && i < ARRAYSIZE(texts); i++)
		error = add_text(plan, texts[i].name, texts[i].format, texts[i].argument);
	if (!error)
		error = add_number(plan, L"EstimatedSize", installed_size(plan));
	if (!error)
		error = add_number(plan, L"NoModify", 1);
	return error ? error : add_number(plan, L"NoRepair", 1);
}

DWORD plan_make(struct state_list *plan, const struct places *places, const WCHAR *folder, const WCHAR *version)
{
	DWORD error = add_folders(plan, places);

	if (!error)
		error = add_certificate(plan, folder);
	if (!error)
		error = add_driver(plan, folder);
	if (!error)
		error = add_files(plan, places, folder);
	if (!error && !registration_plan(plan))
		error = ERROR_NOT_ENOUGH_MEMORY;
	return error ? error : add_entry(plan, places, version);
}
