/* SPDX-License-Identifier: MIT */
#include "originals.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "log.h"
#include "registration.h"

DWORD originals_load(struct state_list *originals, const struct places *places)
{
	DWORD error = state_list_read(originals, places->originals, NULL, NULL);

	return error == ERROR_FILE_NOT_FOUND || error == ERROR_PATH_NOT_FOUND ? ERROR_SUCCESS : error;
}

/* A copy of a file of somebody else's, under the first number that is free. */
static DWORD save_file(struct state *original, const struct places *places, struct transaction *transaction)
{
	struct state *copy = calloc(1, sizeof(*copy));
	DWORD error = copy ? ERROR_SUCCESS : ERROR_NOT_ENOUGH_MEMORY;

	for (unsigned i = 1; !error; i++) {
		*copy = (struct state){.kind = KIND_FILE};
		if (!text_format(copy->name, STATE_PATH, L"%ls\\%u", places->saved, i))
			error = ERROR_FILENAME_EXCED_RANGE;
		else
			error = thing_look(copy);
		if (!error && !copy->present)
			break;
	}
	if (!error) {
		copy->present = true;
		wcscpy(copy->source, original->name);
		wcscpy(original->source, copy->name);
		error = transaction_set(transaction, copy, false);
	}
	free(copy);
	return error;
}

/* Whether the thing, as it is now, is something to put back one day; `original` has been looked at. */
static bool is_others(const struct state *wanted, const struct state *original)
{
	switch (wanted->kind) {
	case KIND_VALUE:
		return original->present && (registration_is_others(wanted->name) || !thing_is(wanted));
	case KIND_FILE:
		return original->present && !thing_is(wanted);
	default:
		return original->present;
	}
}

static DWORD take(struct state_list *originals, const struct state *wanted, const struct places *places,
	struct transaction *transaction)
{
	struct state *known = state_list_find(originals, wanted);
	struct state *original;
	DWORD error;

	if (wanted->kind == KIND_DRIVER ||
		(known && !(wanted->kind == KIND_VALUE && registration_is_others(wanted->name))))
		return ERROR_SUCCESS;
	original = calloc(1, sizeof(*original));
	if (!original)
		return ERROR_NOT_ENOUGH_MEMORY;
	original->kind = wanted->kind;
	wcscpy(original->name, wanted->name);
	wcscpy(original->item, wanted->item);
	error = thing_look(original);
	if (!error && !is_others(wanted, original) && (wanted->kind == KIND_FILE || wanted->kind == KIND_VALUE)) {
		original->present = false;
		original->size = 0;
	}
	if (!error && original->present && wanted->kind == KIND_FILE)
		error = save_file(original, places, transaction);
	if (!error && known)
		*known = *original;
	else if (!error && (!original->present || wanted->kind == KIND_FILE || wanted->kind == KIND_VALUE) &&
		 !state_list_add(originals, original))
		error = ERROR_NOT_ENOUGH_MEMORY;
	free(original);
	return error;
}

DWORD originals_take(struct state_list *originals, const struct state_list *plan, const struct places *places,
	struct transaction *transaction)
{
	DWORD error = ERROR_SUCCESS;

	for (size_t i = 0; !error && i < plan->count; i++) {
		error = take(originals, plan->states[i], places, transaction);
		/* Copies of files need their folder. */
		if (!error && plan->states[i]->kind == KIND_FOLDER)
			error = transaction_set(transaction, plan->states[i], false);
	}
	return error;
}

static void remove_at(struct state_list *list, size_t index)
{
	free(list->states[index]);
	list->count--;
	memmove(list->states + index, list->states + index + 1, (list->count - index) * sizeof(*list->states));
}

DWORD originals_put_back(struct state_list *originals, const struct state_list *but, struct transaction *transaction)
{
	/* Told before the first value is put back: then a key's driver is no longer ours. */
	bool *others = calloc(originals->count + 1, sizeof(*others));
	DWORD error = others ? ERROR_SUCCESS : ERROR_NOT_ENOUGH_MEMORY;

	for (size_t i = 0; !error && i < originals->count; i++) {
		const struct state *state = originals->states[i];
		others[i] = state->kind == KIND_VALUE && registration_is_others(state->name);
	}
	for (size_t i = originals->count; !error && i > 0; i--) {
		const struct state *state = originals->states[i - 1];
		if (but && state_list_find(but, state))
			continue;
		if (others[i - 1])
			note(L"%ls: another driver's now, stays", state_words(state));
		else
			error = transaction_set(transaction, state, false);
		if (!error)
			remove_at(originals, i - 1);
	}
	free(others);
	return error;
}

DWORD originals_store(const struct state_list *originals, const struct places *places, struct transaction *transaction)
{
	struct state *file = calloc(1, sizeof(*file));
	DWORD error = ERROR_NOT_ENOUGH_MEMORY;

	if (!file)
		return error;
	*file = (struct state){.kind = KIND_FILE, .present = true};
	wcscpy(file->name, places->originals);
	error = transaction_list_path(transaction, file->source) ? state_list_write(originals, file->source)
								 : ERROR_FILENAME_EXCED_RANGE;
	if (!error)
		error = transaction_set(transaction, file, false);
	free(file);
	return error;
}
