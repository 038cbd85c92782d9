/* SPDX-License-Identifier: MIT */
#include "verbs.h"

#include <wchar.h>

#include "caches.h"
#include "log.h"
#include "originals.h"

/* A key with others in the plan below it: Windows has it, too. */
static bool is_parent(const struct state_list *plan, const struct state *key)
{
	size_t length = wcslen(key->name);

	for (size_t i = 0; i < plan->count; i++) {
		const struct state *other = plan->states[i];
		if (other->kind == KIND_KEY && !_wcsnicmp(other->name, key->name, length) &&
			other->name[length] == L'\\')
			return true;
	}
	return false;
}

/* The list is lost: then nothing stood there before. */
static DWORD assume_originals(struct state_list *originals, const struct places *places)
{
	struct state_list plan = {0};
	DWORD error = plan_make(&plan, places, places->target, L"");

	note(L"%ls is missing: what is installed is removed, nothing is put back", places->originals);
	for (size_t i = 0; !error && i < plan.count; i++) {
		struct state *state = plan.states[i];
		if (state->kind == KIND_KEY && is_parent(&plan, state))
			continue;
		state->present = false;
		state->size = 0;
		if (state->kind != KIND_DRIVER && !state_list_add(originals, state))
			error = ERROR_NOT_ENOUGH_MEMORY;
	}
	state_list_free(&plan);
	return error;
}

static DWORD remove_driver(const struct places *places, struct transaction *transaction)
{
	struct state driver = {.kind = KIND_DRIVER, .name = L"vgpu"};

	say(L"Driver");
	text_format(driver.source, STATE_PATH, L"%ls\\" INF_FILE, places->target);
	return transaction_set(transaction, &driver, false);
}

/* The list itself, and the copies that were put back. */
static DWORD remove_saved(const struct places *places, struct transaction *transaction)
{
	struct state file = {.kind = KIND_FILE};
	WCHAR pattern[STATE_PATH];
	WIN32_FIND_DATAW found;
	HANDLE search;
	DWORD error = ERROR_SUCCESS;

	if (!text_format(pattern, STATE_PATH, L"%ls\\*", places->saved))
		return ERROR_FILENAME_EXCED_RANGE;
	search = FindFirstFileW(pattern, &found);
	if (search == INVALID_HANDLE_VALUE)
		return ERROR_SUCCESS;
	do {
		/* What was set aside just now is found again; it goes at the end. */
		if ((found.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) || wcsstr(found.cFileName, L".vgpu-old"))
			continue;
		if (!text_format(file.name, STATE_PATH, L"%ls\\%ls", places->saved, found.cFileName))
			error = ERROR_FILENAME_EXCED_RANGE;
		else
			error = transaction_set(transaction, &file, false);
	} while (!error && FindNextFileW(search, &found));
	FindClose(search);
	return error;
}

static DWORD change(struct state_list *originals, const struct places *places, struct transaction *transaction)
{
	DWORD error = originals_load(originals, places);

	if (!error && !originals->count)
		error = assume_originals(originals, places);
	if (!error)
		error = remove_driver(places, transaction);
	if (!error)
		error = originals_put_back(originals, NULL, transaction);
	return error ? error : remove_saved(places, transaction);
}

static enum code run(const struct places *places)
{
	struct transaction transaction;
	struct state_list originals = {0};
	enum code code;
	DWORD error = transaction_begin(&transaction, places->journal);

	if (error) {
		complain(L"%ls: %ls", places->journal, error_text(error));
		return CODE_FAILED;
	}
	error = change(&originals, places, &transaction);
	state_list_free(&originals);
	if (error) {
		code = transaction.effects.driver_refused ? CODE_DRIVER : CODE_FAILED;
		say(L"It failed: %ls. What was changed is undone.", error_text(error));
		return transaction_roll_back(&transaction) ? code : CODE_NOT_UNDONE;
	}
	transaction_commit(&transaction);
	return transaction.effects.restart ? CODE_RESTART : CODE_DONE;
}

enum code verb_uninstall(const struct places *places, const struct options *options)
{
	struct state driver = {.kind = KIND_DRIVER, .name = L"vgpu"};
	WCHAR installed[VERSION_TEXT] = L"";
	enum code code;

	(void)options;
	if (!plan_installed_version(installed) && GetFileAttributesW(places->target) == INVALID_FILE_ATTRIBUTES &&
		thing_is(&driver)) {
		say(L"It is not installed: there is nothing to do.");
		return CODE_DONE;
	}
	/* Without it the driver would stay. */
	code = thing_is(&driver) ? CODE_DONE : checks_tools();
	if (code)
		return code;
	say(L"Uninstalling version %ls", installed[0] ? installed : L"(unknown)");
	code = run(places);
	if (code == CODE_DONE || code == CODE_RESTART) {
		caches_remove();
		say(L"It is uninstalled. Programs that run still use the old files until they end.");
	}
	return code;
}
