/* SPDX-License-Identifier: MIT */
/* harness.h - guest RAM, devices and requests for tests of the simulator and of drivers on it. Failures end the test.
 */
#ifndef SIM_HARNESS_H
#define SIM_HARNESS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <ntddk.h>

#include "../nt/rules.h"
#include "../pci/fake_virtio.h"
#include "../sim.h"

#define HARNESS_RAM_SIZE (64u << 20)
#define HARNESS_FUNCTION FAKE_VIRTIO_FUNCTION /* where the device is on the bus */

/* A fresh file of guest RAM; the name is good until the next call. HarnessRamRemove unlinks it. */
const char *HarnessRam(void);
void HarnessRamRemove(void);

/* QEMU with virtio-gpu-gl and a halted CPU, as a child; FALSE: there is no QEMU here. HarnessQemuStop ends it. */
BOOLEAN HarnessQemuStart(void);
void HarnessQemuKill(void); /* at once, as if it had crashed */
void HarnessQemuStop(void);
const char *HarnessQemuRam(void);
const char *HarnessQemuSocket(void);

/* The simulator with guest RAM and the model device; violations are collected. Returns the bus. */
SIM_BUS *HarnessStartFake(SIM_INTERRUPTS Interrupts, ULONG PatienceMs);
SIM_USER_FILE *HarnessOpen(const GUID *Class);

/* A request and, if it was left pending, its completion. */
typedef struct HARNESS_REQUEST {
	volatile LONG Completions;
	NTSTATUS Status;
	ULONG_PTR Information;
} HARNESS_REQUEST;
/* What is sent while this is set is not cancelled by its thread's end. */
extern BOOLEAN HarnessThreadAgnostic;
/* Sends it; the status may be STATUS_PENDING. */
NTSTATUS HarnessSend(SIM_USER_FILE *File, ULONG Code, const void *Input, ULONG InputLength, void *Output,
	ULONG OutputLength, HARNESS_REQUEST *Request);
NTSTATUS HarnessWait(HARNESS_REQUEST *Request); /* its final status; fails the test after 20 s */
NTSTATUS HarnessIoctl(SIM_USER_FILE *File, ULONG Code, const void *Input, ULONG InputLength, void *Output,
	ULONG OutputLength, ULONG_PTR *Information); /* both */

/* As CancelIoEx. */
NTSTATUS HarnessCancel(SIM_USER_FILE *File, HARNESS_REQUEST *Request);

/* Zeroed, page aligned memory. */
void *HarnessPages(size_t Bytes);
void HarnessPagesFree(void *Memory);
/* From now on the user holds an administrator's privileges, or does not. FALSE: that cannot be had here. */
BOOLEAN HarnessPrivileged(BOOLEAN Is);

#endif /* SIM_HARNESS_H */
