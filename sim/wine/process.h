/* SPDX-License-Identifier: MIT */
/*
 * process.h - the system calls that end the program or a thread of it.
 */
#ifndef PROCESS_H
#define PROCESS_H

#include "nt.h"

/* Puts the hooks in place; false after a line in the log. */
bool ProcessInstall(void);

/* Past the hooks. */
NTSTATUS ProcessTerminateThread(HANDLE Thread, NTSTATUS ExitStatus);
_Noreturn void ProcessTerminate(NTSTATUS ExitStatus);

#endif /* PROCESS_H */
