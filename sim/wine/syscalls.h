/* SPDX-License-Identifier: MIT */
/*
 * syscalls.h - the system calls of the program that concern the simulated device.
 */
#ifndef SYSCALLS_H
#define SYSCALLS_H

#include "nt.h"

/* Puts the hooks in place; false after a line in the log. */
bool SyscallsInstall(void);

#endif /* SYSCALLS_H */
