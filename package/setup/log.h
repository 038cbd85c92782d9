/* SPDX-License-Identifier: MIT */
/* log.h - what is said on the console and kept in the log. One process has one log. */
#ifndef VGPU_SETUP_LOG_H
#define VGPU_SETUP_LOG_H

#include <windows.h>

/* Appends to a file, made if missing. A log that cannot be opened is not an error: the console remains. */
BOOL log_open(const WCHAR *path);
void log_close(void);
/* To the console and the log, on a line of its own. */
void say(const WCHAR *format, ...);
/* The same, on the console's error stream. */
void complain(const WCHAR *format, ...);
/* To the log alone. */
void note(const WCHAR *format, ...);
/* Windows' own words for an error, in English or the system's language; the text is valid until the next call. */
const WCHAR *error_text(DWORD error);

#endif /* VGPU_SETUP_LOG_H */
