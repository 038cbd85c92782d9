/* SPDX-License-Identifier: MIT */
/*
 * transaction.h - changes that are all made, or all undone. Before each change a line with the former state goes to a
 * file, the journal; undoing is making those states so, backwards. The journal outlives the process: what was cut short
 * is undone by the next run (or finished, if all changes were made).
 *
 * One at a time in the machine. For tests, the environment variable VGPU_SETUP_TEST counts the steps (two for each
 * change, one for each thing that is cleared away at the end): "fail:N" lets step N fail, "end:N" ends the process
 * there.
 */
#ifndef VGPU_SETUP_TRANSACTION_H
#define VGPU_SETUP_TRANSACTION_H

#include "things.h"

struct transaction {
	HANDLE journal;
	WCHAR path[STATE_PATH];
	struct effects effects;
	unsigned steps;
	unsigned test_step;
	bool test_ends;
};

DWORD transaction_begin(struct transaction *transaction, const WCHAR *path);
/* Nothing when it is so already. `again`: make it even then. */
DWORD transaction_set(struct transaction *transaction, const struct state *wanted, bool again);
/* A file for somebody's use that goes with the journal. */
bool transaction_list_path(const struct transaction *transaction, WCHAR *path);
/* From here on nothing can fail any more. */
void transaction_commit(struct transaction *transaction);
/* False: something is not as it was; the journal is kept, and the next run tries again. */
bool transaction_roll_back(struct transaction *transaction);
/* What an earlier run left. ERROR_SUCCESS: nothing, or it is in order now. */
DWORD transaction_recover(const WCHAR *path);

#endif /* VGPU_SETUP_TRANSACTION_H */
