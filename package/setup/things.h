/* SPDX-License-Identifier: MIT */
/*
 * things.h - the things of state.h in the machine: looking at one, and making it as a state says. Errors are Windows'.
 * Each change of a file is one rename, so that a thing is always either as it was or as it shall be.
 */
#ifndef VGPU_SETUP_THINGS_H
#define VGPU_SETUP_THINGS_H

#include "state.h"

/* What making things so has brought about. Only ever set. */
struct effects {
	bool restart; /* Windows has to be restarted before all is in effect */
	bool driver_refused; /* Windows did not take the driver package, or did not give it up */
};

/* Given kind, name and (values, certificates) item, fills in the rest. */
DWORD thing_look(struct state *state);
/* Whether it is so already. */
bool thing_is(const struct state *wanted);
DWORD thing_make(const struct state *wanted, struct effects *effects);

bool file_is(const struct state *wanted);
DWORD file_look(struct state *state);
DWORD file_make(const struct state *wanted, struct effects *effects);
/* A name beside the file that is not taken. */
DWORD file_find_aside(const WCHAR *path, WCHAR *aside);
/* To be called before this program's own file may be renamed. */
void file_know_own(void);
/* Deletes a file; one that is in use goes to Windows' folder for temporary files until the next start, this program's
 * own until it has ended. */
void file_dispose(const WCHAR *path, struct effects *effects);
/* Where the new content of a file is written before it gets the name. */
bool file_staged(const WCHAR *path, WCHAR *staged);
DWORD folder_look(struct state *state);
/* Absent: nothing is done; folders are removed at the end, when they are empty (folder_remove). */
DWORD folder_make(const struct state *wanted, struct effects *effects);
void folder_remove(const WCHAR *path);

DWORD key_look(struct state *state);
/* Absent: a key that is not empty stays. */
DWORD key_make(const struct state *wanted, struct effects *effects);
DWORD value_look(struct state *state);
bool value_is(const struct state *wanted);
DWORD value_make(const struct state *wanted, struct effects *effects);
/* Opens a key by a name as state.h has it. */
DWORD registry_open(const WCHAR *name, REGSAM access, HKEY *key);

DWORD certificate_look(struct state *state);
DWORD certificate_make(const struct state *wanted, struct effects *effects);
/* Reads a certificate from a DER file into item and data; `subject` gets a name for people. */
DWORD certificate_read(struct state *state, const WCHAR *file, WCHAR *subject, size_t count);

DWORD driver_look(struct state *state);
bool driver_is(const struct state *wanted);
/* With pnputil. Present: a package that is published already is installed again. Absent: all of ours go. */
DWORD driver_make(const struct state *wanted, struct effects *effects);
/* Ends what is published and is not the content of this INF. What does not go is only noted. */
void driver_remove_others(const WCHAR *inf);
bool driver_has_pnputil(WCHAR *path, size_t count);

#endif /* VGPU_SETUP_THINGS_H */
