/* SPDX-License-Identifier: MIT */
/*
 * exit.h - the end of the process: the program's threads stop first, the simulator last.
 */
#ifndef EXIT_H
#define EXIT_H

#include "nt.h"

/* Around every call into the simulator proper on a program's thread. Once the process ends, GateEnter does not return,
 * except on the thread that ends it. */
void GateEnter(void);
void GateLeave(void);

/* Starts the watchdog. False: no thread, or no memory. */
bool ExitPrepare(void);

/* NtTerminateProcess(NULL): every other thread of the program ends; the simulator goes on. */
void ExitStopThreads(void);
/* NtTerminateProcess(current process): closes what is open, stops the simulator and writes the report. Once only. */
void ExitStopSimulator(void);

/* True when no other thread of the program exists; the simulator's do not count. */
bool ExitIsLastThread(void);

#endif /* EXIT_H */
