/* SPDX-License-Identifier: MIT */
/*
 * harness.h - the native tests' harness, as far as programs can have it, for a Windows program: its requests go to the
 * driver that is installed. Whoever starts the program has started driver and device.
 */
#ifndef WINDOWS_HARNESS_H
#define WINDOWS_HARNESS_H

#define WIN32_NO_STATUS
#include <windows.h>
#undef WIN32_NO_STATUS
#include <winternl.h>
#include <ntstatus.h>
#include <stdbool.h>

#include <cmocka.h>

#ifndef RTL_NUMBER_OF
#define RTL_NUMBER_OF(Array) (sizeof(Array) / sizeof((Array)[0]))
#endif
#define FAKE_VIRTIO_VENDOR 0x1af4
#define HARNESS_FUNCTION (1u << 3) /* where QEMU puts the device */

typedef struct SIM_USER_FILE SIM_USER_FILE; /* a handle */
typedef struct SIM_BUS SIM_BUS; /* there is none */
typedef struct SIM_OPTIONS SIM_OPTIONS;
typedef enum SIM_INTERRUPTS { SimInterruptsMessage } SIM_INTERRUPTS;
typedef int FAKE_FAULT;

typedef struct HARNESS_REQUEST {
	NTSTATUS Status;
	ULONG_PTR Information;
	IO_STATUS_BLOCK Block;
	HANDLE Event;
} HARNESS_REQUEST;

SIM_USER_FILE *HarnessOpen(const GUID *Class);
void SimUserClose(SIM_USER_FILE *File);
NTSTATUS HarnessSend(SIM_USER_FILE *File, ULONG Code, const void *Input, ULONG InputLength, void *Output,
	ULONG OutputLength, HARNESS_REQUEST *Request);
NTSTATUS HarnessWait(HARNESS_REQUEST *Request);
NTSTATUS HarnessIoctl(SIM_USER_FILE *File, ULONG Code, const void *Input, ULONG InputLength, void *Output,
	ULONG OutputLength, ULONG_PTR *Information);
NTSTATUS HarnessCancel(SIM_USER_FILE *File, HARNESS_REQUEST *Request);
void *HarnessPages(size_t Bytes);
void HarnessPagesFree(void *Memory);
BOOLEAN HarnessPrivileged(BOOLEAN Is); /* FALSE: no program can give itself what it has not */

#endif /* WINDOWS_HARNESS_H */
