/* SPDX-License-Identifier: MIT */
/*
 * threads.h - the threads of the process that this module is in.
 */
#ifndef THREADS_H
#define THREADS_H

#include "nt.h"

/* False: no more visits. */
typedef bool THREAD_VISIT(DWORD ThreadId, void *Context);

typedef enum THREAD_SET {
	ThreadsOfProgram, /* not the simulator's */
	ThreadsOfProcess,
} THREAD_SET;

/* Calls Visit for the threads of the set other than the caller. The list is of one moment: threads on it may have ended
 * since. Takes no lock and allocates nothing from the program's heap, so it works at the program's end too. */
void ThreadsVisit(THREAD_SET Set, THREAD_VISIT *Visit, void *Context);

#endif /* THREADS_H */
