/* SPDX-License-Identifier: MIT */
/*
 * state.h - what an installation consists of, one thing at a time: a file, a folder, a registry key, a registry value,
 * a certificate, the driver package. A state says how such a thing is or shall be, so that installing, uninstalling and
 * undoing are all the same: making states so.
 *
 * kind         name                        item            source, data
 * file         its path                    -               source: the file that has its content
 * folder       its path                    -               -
 * key          "64\..." or "32\...", below  -               -
 *              HKEY_LOCAL_MACHINE
 * value        the key, as above           the value's     data of some registry type
 *                                          name
 * certificate  a store of the machine      SHA-1, in hex   data: the certificate, DER
 * driver       "vgpu"                      what is         source: an INF, with its files beside it
 *                                          published,
 *                                          "oem3.inf;"...
 */
#ifndef VGPU_SETUP_STATE_H
#define VGPU_SETUP_STATE_H

#include <stdbool.h>

#include <windows.h>

#define STATE_PATH 512u
#define STATE_ITEM 128u
#define STATE_DATA 8192u

enum kind { KIND_FILE, KIND_FOLDER, KIND_KEY, KIND_VALUE, KIND_CERTIFICATE, KIND_DRIVER, KIND_COUNT };

struct state {
	enum kind kind;
	bool present;
	bool moved; /* file: the source is the thing itself, set aside, and goes back by renaming */
	WCHAR name[STATE_PATH];
	WCHAR item[STATE_ITEM];
	WCHAR source[STATE_PATH];
	DWORD type; /* registry type */
	DWORD size; /* bytes of data */
	BYTE data[STATE_DATA];
};

struct state_list {
	struct state **states;
	size_t count;
};

/* Printf into a buffer of `count` characters; false when it does not fit. */
bool text_format(WCHAR *to, size_t count, const WCHAR *format, ...);
/* Whether both speak of the same thing. */
bool state_same_thing(const struct state *a, const struct state *b);
/* A few words for the log, valid until the next call. */
const WCHAR *state_words(const struct state *state);

/* Appends a copy. False: out of memory. */
bool state_list_add(struct state_list *list, const struct state *state);
/* NULL when there is none. */
struct state *state_list_find(const struct state_list *list, const struct state *thing);
void state_list_free(struct state_list *list);

/* One line of a file, UTF-8, with its end. Returns its length, 0 when it does not fit. */
size_t state_write(const struct state *state, char *line, size_t size);
/* The line without its end; it is changed. False: not a line of state_write. */
bool state_read(struct state *state, char *line);
/* A whole file of such lines, without an unfinished last one. Each line that is none of state_write's is given to
 * `other`, which may be NULL, and ends the reading by returning false (ERROR_NOT_ENOUGH_MEMORY). No such file:
 * ERROR_FILE_NOT_FOUND and an empty list. */
DWORD state_list_read(
	struct state_list *list, const WCHAR *path, bool (*other)(void *context, const char *line), void *context);
DWORD state_list_write(const struct state_list *list, const WCHAR *path);

#endif /* VGPU_SETUP_STATE_H */
