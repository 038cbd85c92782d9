/* SPDX-License-Identifier: MIT */
/*
 * stack.h - the driver, the simulator and a device in this process, under a GL library for Linux. A test build.
 *
 * It starts with the first device that is opened, and ends when the process does: files are closed, the driver is
 * unloaded, and the audit runs. The environment says which device (./vgpu-native sets it):
 *   VGPU_SIM_BUS, VGPU_SIM_RAM   a device process on this socket, and the file that is guest RAM
 *   VGPU_SIM_MVISOR              without these: the model of Mvisor's device in this process, with options like
 *                                "staging=1,blob=on"; may be empty
 *   VGPU_SIM_MODULE              that model's file
 *   VGPU_SIM_SEED, VGPU_SIM_INTERRUPTS, VGPU_SIM_PARAMETERS   as for Windows programs
 */
#ifndef VGPU_NATIVE_STACK_H
#define VGPU_NATIVE_STACK_H

#include "sim.h"

#define STACK_EXIT_VIOLATION 97 /* the audit found a broken rule */
#define STACK_EXIT_STUCK 98 /* a thread does not come back from the driver */

/* True: the simulator runs, and does so until StackLeave. Called around every use of SimUser*. */
BOOLEAN StackEnter(void);
void StackLeave(void);

/* Files that are closed at the end, if they still are open. StackForget is false when that has happened. */
BOOLEAN StackRemember(SIM_USER_FILE *File);
BOOLEAN StackForget(SIM_USER_FILE *File);

#endif /* VGPU_NATIVE_STACK_H */
