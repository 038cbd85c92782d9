/* SPDX-License-Identifier: MIT */
/*
 * host_wine.h - what the PE side of the simulator needs from host_wine.c beyond host.h.
 */
#ifndef HOST_WINE_H
#define HOST_WINE_H

#include <stdbool.h>
#include <stdint.h>

/* The exit status of a process that broke one of the simulator's rules. */
#define HOST_WINE_VIOLATION_EXIT 97

/* True for a thread that HostThreadCreate made, which must outlive the program's own threads. */
bool HostWineOwnsThread(uint32_t ThreadId);

/* True in a 32-bit program: only the simulator's threads, and the system calls of others, run 64-bit code. */
bool HostWineIsWow64(void);

/* True once HostAbort was called: nothing may be cleaned up any more. */
bool HostWineAborting(void);

#endif /* HOST_WINE_H */
