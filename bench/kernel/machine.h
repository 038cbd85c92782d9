/* SPDX-License-Identifier: MIT */
/* machine.h - the driver on the simulator's model device, and the requests that are measured. Failures end the process.
 */
#ifndef BENCH_MACHINE_H
#define BENCH_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

#include "vgpu_ioctl.h"

#define MACHINE_STREAM_BYTES 256u
#define MACHINE_MAX_CONTEXTS 64u

void MachineStart(void);
void MachineStop(void); /* ends the process when the simulator has seen a rule broken */

uint32_t MachineContext(void);
void MachineContextDestroy(uint32_t Context);
uint64_t MachineSubmit(uint32_t Context); /* MACHINE_STREAM_BYTES in place, with a fence */
void MachineWait(uint32_t Context, uint64_t Number);
uint32_t MachineResource(uint32_t Context); /* a small texture with backing */
void MachineResourceDestroy(uint32_t Resource);
void MachineHold(bool Hold); /* true: the device answers no more; false: it answers what has waited */
struct vgpu_statistics MachineStatistics(void);
uint64_t MachinePoolBytes(void); /* in use by the driver */

#endif /* BENCH_MACHINE_H */
