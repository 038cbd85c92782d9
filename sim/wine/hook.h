/* SPDX-License-Identifier: MIT */
/*
 * hook.h - replaces ntdll's system-call stubs in memory.
 */
#ifndef HOOK_H
#define HOOK_H

#include <stdbool.h>

typedef struct HOOK {
	const char *Name; /* an export of ntdll that is a system-call stub */
	void *Replacement;
	void **Original; /* out: calls the system as the stub did */
} HOOK;

/* All or nothing. Call it while no other thread of the program runs. False after a line in the log. */
bool HookInstall(const HOOK *Hooks, unsigned Count);

#endif /* HOOK_H */
