/* SPDX-License-Identifier: MIT */
/*
 * start.h - what the runner calls in the program's process.
 *
 * Options come in the environment, as vgpu-run sets them:
 *   VGPU_SIM_RAM         Linux path of the file that is guest RAM
 *   VGPU_SIM_BUS         Linux path of the qtest socket; unset: no device
 *   VGPU_SIM_DRIVER      DOS path of vgpu.sys
 *   VGPU_SIM_INTERRUPTS  msi (default) or line
 *   VGPU_SIM_VECTORS     at most so many messages are granted; unset or 0: all
 *   VGPU_SIM_SEED        a number
 *   VGPU_SIM_COLLECT     1: go on after a broken rule; the report counts them
 *   VGPU_SIM_PARAMETERS  driver parameters, "Name=Number,Name=Number"
 *   VGPU_SIM_REPORT      Linux path of the report; a line "violations N" is written when the process ends properly
 */
#ifndef START_H
#define START_H

/* The name of the function below, as the runner looks for it. */
#define START_EXPORT "VgpuSimStart"

/* The exit code of the thread that the runner makes: these, or what LoadLibrary said. */
enum { StartOk = 0, StartNoLibrary = 1, StartNoExport = 2, StartFailed = 3 };

#endif /* START_H */
