/* SPDX-License-Identifier: MIT */
/*
 * threads.h - the threads of the program that this module is in.
 */
#ifndef THREADS_H
#define THREADS_H

#include "nt.h"

/* False: no more visits. */
typedef bool THREAD_VISIT(DWORD ThreadId, void *Context);

/* Calls Visit for the program's threads other than the caller and the simulator's. The list is of one moment: threads
 * on it may have ended since. Takes no lock and allocates nothing from the program's heap, so it works at the program's
 * end too. */
void ThreadsVisitOthers(THREAD_VISIT *Visit, void *Context);

#endif /* THREADS_H */
