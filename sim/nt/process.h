/* SPDX-License-Identifier: MIT */
/*
 * process.h - the processes of the machine: who locks pages, who has handles, who is told of a process' end.
 *
 * There is one process to begin with, the one that the simulator lives in, and tests make more (SimProcessCreate in
 * sim.h); all share the one address space. A thread is in one process at a time. What a process has is under a lock of
 * this module's.
 */
#ifndef SIM_PROCESS_H
#define SIM_PROCESS_H

#include <ntddk.h>

#include "../sim.h"

void SimProcessesStart(void);
void SimProcessesStop(void); /* ProcessNotifyLeak */

/* Pages that the process has locked, or has no longer. */
void SimProcessPages(PEPROCESS Process, LONG64 Change);

/* The process (NULL: the calling thread's) has one handle more. */
void SimProcessHandleAdd(SIM_PROCESS *Process, SIM_USER_FILE *File);
void SimProcessHandleDrop(SIM_USER_FILE *File); /* the calling thread's process has one less, if it had one */
SIM_USER_FILE *SimProcessHandle(SIM_PROCESS *Process); /* any that is left, or NULL */

void SimProcessNotify(SIM_PROCESS *Process, BOOLEAN Create); /* calls the routines that drivers have registered */
void SimProcessFree(SIM_PROCESS *Process); /* ProcessLockedPages */

#endif /* SIM_PROCESS_H */
