/* SPDX-License-Identifier: MIT */
/*
 * postmortem.h - says where threads are, in terms of modules, when nothing else can any more: uses no heap, no loader's
 * lock and no C runtime that might wait.
 */
#ifndef POSTMORTEM_H
#define POSTMORTEM_H

#include "nt.h"

/* Logs the place where a thread is, and what on its stack looks like return addresses. */
void PostmortemContext(const char *What, const CONTEXT *Context);

/* PostmortemContext for every other thread of the process. They stay suspended. */
void PostmortemThreads(void);

/* At the start, while the heap can be relied on. False: no memory. */
bool PostmortemInstall(void);
/* From now on an exception that nobody could handle is logged; then Done, which does not return. For when the program's
 * code runs no more: there, Wine's search for a debugger would hang. */
void PostmortemCatch(void (*Done)(void));

#endif /* POSTMORTEM_H */
