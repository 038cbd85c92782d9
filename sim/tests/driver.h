/* SPDX-License-Identifier: MIT */
/* driver.h - the real driver in tests: its entry point, and its requests with their structures filled in. */
#ifndef SIM_TEST_DRIVER_H
#define SIM_TEST_DRIVER_H

#include "harness.h"
#include "vgpu_ioctl.h"

extern const GUID DriverClass;
NTSTATUS NTAPI FxDriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath);

/* Opens a handle and agrees on the version. */
SIM_USER_FILE *DriverOpen(void);
/* A request whose input and output are the same structure; fails the test unless it succeeds. */
void DriverCall(SIM_USER_FILE *File, ULONG Code, void *Both, ULONG Length);
/* The same with input only. */
NTSTATUS DriverTell(SIM_USER_FILE *File, ULONG Code, const void *Input, ULONG Length);
uint32_t DriverContext(SIM_USER_FILE *File);
/* Pins memory; the request stays pending until the memory is released. */
void DriverPin(SIM_USER_FILE *File, uint32_t Id, void *Memory, ULONG Length, HARNESS_REQUEST *Request);
uint32_t DriverTexture(
	SIM_USER_FILE *File, uint32_t Context, uint32_t Width, uint32_t Height, uint32_t Memory, uint64_t Offset);
/* Submits a stream that lies in memory; returns its fence. */
uint64_t DriverSubmit(SIM_USER_FILE *File, uint32_t Context, uint32_t Memory, uint64_t Offset, uint64_t Size);
void DriverFenceWait(SIM_USER_FILE *File, uint32_t Context, uint64_t Fence);

#endif /* SIM_TEST_DRIVER_H */
