/* SPDX-License-Identifier: MIT */
/* run.h - running one of Windows' own programs. */
#ifndef VGPU_SETUP_RUN_H
#define VGPU_SETUP_RUN_H

#include <windows.h>

/* Runs it without a window and without input; what it prints goes to the log. A program that takes longer than
 * `seconds` is ended (WAIT_TIMEOUT). `status` is its exit status. */
DWORD run_program(const WCHAR *path, const WCHAR *arguments, DWORD seconds, DWORD *status);

#endif /* VGPU_SETUP_RUN_H */
