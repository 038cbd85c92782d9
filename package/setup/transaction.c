/* SPDX-License-Identifier: MIT */
#include "transaction.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "log.h"

#define COMMIT "commit"
#define UNDONE "undone "
#define LINE_SIZE 24576u

/* What a journal says: former states, which of them are so again, and whether all changes were made. */
struct journal {
	struct state_list former;
	bool *undone; /* one for each state; NULL before the first */
	size_t room; /* of `undone` */
	bool committed;
};

/* Lines that are no states: "commit", "undone N". */
static bool read_mark(void *context, const char *line)
{
	struct journal *journal = context;
	size_t index;

	if (!strcmp(line, COMMIT))
		journal->committed = true;
	if (strncmp(line, UNDONE, strlen(UNDONE)))
		return true;
	if (!journal->undone) {
		journal->room = journal->former.count;
		journal->undone = calloc(journal->room + 1, sizeof(*journal->undone));
		if (!journal->undone)
			return false;
	}
	index = strtoul(line + strlen(UNDONE), NULL, 10);
	if (index < journal->room)
		journal->undone[index] = true;
	return true;
}

static DWORD journal_read(struct journal *journal, const WCHAR *path)
{
	return state_list_read(&journal->former, path, read_mark, journal);
}

static void journal_free(struct journal *journal)
{
	state_list_free(&journal->former);
	free(journal->undone);
}

static void read_test(struct transaction *transaction)
{
	WCHAR value[32];
	DWORD length = GetEnvironmentVariableW(L"VGPU_SETUP_TEST", value, ARRAYSIZE(value));

	if (!length || length >= ARRAYSIZE(value))
		return;
	if (!wcsncmp(value, L"fail:", 5) || !wcsncmp(value, L"end:", 4))
		transaction->test_step = wcstoul(wcschr(value, L':') + 1, NULL, 10);
	transaction->test_ends = value[0] == L'e';
}

static DWORD step(struct transaction *transaction)
{
	if (++transaction->steps != transaction->test_step)
		return ERROR_SUCCESS;
	if (transaction->test_ends)
		TerminateProcess(GetCurrentProcess(), 99);
	note(L"step %u fails, as VGPU_SETUP_TEST says", transaction->steps);
	return ERROR_GEN_FAILURE;
}

DWORD transaction_begin(struct transaction *transaction, const WCHAR *path)
{
	*transaction = (struct transaction){0};
	read_test(transaction);
	wcscpy(transaction->path, path);
	transaction->journal = CreateFileW(path, GENERIC_WRITE, FILE_SHARE_READ, NULL, CREATE_NEW,
		FILE_ATTRIBUTE_NORMAL | FILE_FLAG_WRITE_THROUGH, NULL);
	return transaction->journal == INVALID_HANDLE_VALUE ? GetLastError() : ERROR_SUCCESS;
}

static DWORD write_line(struct transaction *transaction, const char *line, size_t length)
{
	DWORD written;

	if (!length)
		return ERROR_INSUFFICIENT_BUFFER;
	if (!WriteFile(transaction->journal, line, (DWORD)length, &written, NULL) ||
		!FlushFileBuffers(transaction->journal))
		return GetLastError();
	return ERROR_SUCCESS;
}

static DWORD write_former(struct transaction *transaction, const struct state *former)
{
	char *line = malloc(LINE_SIZE);
	DWORD error = line ? ERROR_SUCCESS : ERROR_NOT_ENOUGH_MEMORY;

	if (!error)
		error = write_line(transaction, line, state_write(former, line, LINE_SIZE));
	free(line);
	return error;
}

/* The change itself. A file that is there is renamed, and disposed of only at the end. */
static DWORD change(struct transaction *transaction, const struct state *former, const struct state *wanted)
{
	if (former->moved)
		return MoveFileExW(former->name, former->source, MOVEFILE_WRITE_THROUGH) ? ERROR_SUCCESS
											 : GetLastError();
	return thing_make(wanted, &transaction->effects);
}

static DWORD set_one(struct transaction *transaction, const struct state *wanted)
{
	struct state *former = calloc(1, sizeof(*former));
	DWORD error;

	if (!former)
		return ERROR_NOT_ENOUGH_MEMORY;
	former->kind = wanted->kind;
	wcscpy(former->name, wanted->name);
	wcscpy(former->item, wanted->item);
	error = thing_look(former);
	if (!error && former->kind == KIND_FILE && former->present) {
		former->moved = true;
		error = file_find_aside(former->name, former->source);
	}
	if (former->kind == KIND_DRIVER && !wanted->present)
		wcscpy(former->source, wanted->source);
	if (!error)
		error = step(transaction);
	if (!error)
		error = write_former(transaction, former);
	if (!error)
		error = step(transaction);
	if (!error)
		error = change(transaction, former, wanted);
	free(former);
	return error;
}

DWORD transaction_set(struct transaction *transaction, const struct state *wanted, bool again)
{
	struct state *absent;
	DWORD error = ERROR_SUCCESS;

	if (!again && thing_is(wanted))
		return ERROR_SUCCESS;
	note(L"%ls: %ls", state_words(wanted), wanted->present ? L"set" : L"remove");
	if (wanted->kind == KIND_FILE && wanted->present) {
		absent = calloc(1, sizeof(*absent));
		if (!absent)
			return ERROR_NOT_ENOUGH_MEMORY;
		absent->kind = KIND_FILE;
		wcscpy(absent->name, wanted->name);
		if (!thing_is(absent))
			error = set_one(transaction, absent);
		free(absent);
	}
	if (!error)
		error = set_one(transaction, wanted);
	if (error)
		complain(L"%ls: %ls", state_words(wanted), error_text(error));
	return error;
}

bool transaction_list_path(const struct transaction *transaction, WCHAR *path)
{
	return text_format(path, STATE_PATH, L"%ls.list", transaction->path);
}

static void end_journal(struct transaction *transaction)
{
	WCHAR list[STATE_PATH];

	if (transaction->journal)
		CloseHandle(transaction->journal);
	transaction->journal = NULL;
	if (transaction_list_path(transaction, list))
		DeleteFileW(list);
	if (!DeleteFileW(transaction->path))
		complain(L"%ls: %ls", transaction->path, error_text(GetLastError()));
}

/* What was set aside is cleared away; then the folders that were to go, in the order in which they were named. */
static void finish(struct transaction *transaction, const struct state_list *former)
{
	for (size_t i = 0; i < former->count; i++) {
		if (!former->states[i]->moved)
			continue;
		step(transaction);
		file_dispose(former->states[i]->source, &transaction->effects);
	}
	for (size_t i = 0; i < former->count; i++) {
		if (former->states[i]->kind != KIND_FOLDER || !former->states[i]->present)
			continue;
		step(transaction);
		folder_remove(former->states[i]->name);
	}
	end_journal(transaction);
}

void transaction_commit(struct transaction *transaction)
{
	struct journal journal = {0};

	write_line(transaction, COMMIT "\n", sizeof(COMMIT));
	if (!journal_read(&journal, transaction->path))
		finish(transaction, &journal.former);
	journal_free(&journal);
}

static DWORD undo_one(struct transaction *transaction, const struct state *former, size_t index)
{
	char line[32];
	DWORD error = step(transaction);

	if (!error)
		error = thing_make(former, &transaction->effects);
	if (error) {
		complain(L"%ls cannot be made as it was: %ls", state_words(former), error_text(error));
		return error;
	}
	if (former->kind == KIND_FOLDER && !former->present)
		folder_remove(former->name);
	note(L"undone: %ls", state_words(former));
	return write_line(transaction, line, (size_t)snprintf(line, sizeof(line), UNDONE "%zu\n", index));
}

/* Whether a later state of the same thing could not be made: an earlier one must wait for it. */
static bool is_held_up(const struct state_list *failed, const struct state *former)
{
	return state_list_find(failed, former) != NULL;
}

/* A state that is so again is marked in the journal: made so once more, it would undo what came after it. */
static bool undo(struct transaction *transaction, const struct journal *journal)
{
	struct state_list failed = {0};
	bool undone = true;

	for (size_t i = journal->former.count; i > 0; i--) {
		const struct state *former = journal->former.states[i - 1];
		if (journal->undone && i <= journal->room && journal->undone[i - 1])
			continue;
		if (is_held_up(&failed, former) || undo_one(transaction, former, i - 1)) {
			undone = false;
			if (!state_list_add(&failed, former))
				break;
		}
	}
	state_list_free(&failed);
	if (undone)
		end_journal(transaction);
	return undone;
}

bool transaction_roll_back(struct transaction *transaction)
{
	struct journal journal = {0};
	bool undone = !journal_read(&journal, transaction->path) && undo(transaction, &journal);

	if (transaction->journal)
		CloseHandle(transaction->journal);
	transaction->journal = NULL;
	journal_free(&journal);
	return undone;
}

static DWORD recover(struct transaction *transaction, const struct journal *journal)
{
	transaction->journal = CreateFileW(transaction->path, FILE_APPEND_DATA, FILE_SHARE_READ, NULL, OPEN_EXISTING,
		FILE_FLAG_WRITE_THROUGH, NULL);
	if (transaction->journal == INVALID_HANDLE_VALUE) {
		transaction->journal = NULL;
		return GetLastError();
	}
	/* Whatever line was not finished is one by itself. */
	write_line(transaction, "\n", 1);
	say(L"An earlier run was cut short. It is %ls first.", journal->committed ? L"finished" : L"undone");
	if (journal->committed)
		finish(transaction, &journal->former);
	else if (!undo(transaction, journal))
		return ERROR_CAN_NOT_COMPLETE;
	return ERROR_SUCCESS;
}

DWORD transaction_recover(const WCHAR *path)
{
	struct transaction transaction = {0};
	struct journal journal = {0};
	DWORD error;

	read_test(&transaction);
	wcscpy(transaction.path, path);
	error = journal_read(&journal, path);
	if (error == ERROR_FILE_NOT_FOUND || error == ERROR_PATH_NOT_FOUND)
		error = ERROR_SUCCESS;
	else if (!error)
		error = recover(&transaction, &journal);
	if (transaction.journal)
		CloseHandle(transaction.journal);
	journal_free(&journal);
	return error;
}
