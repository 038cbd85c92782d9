/* SPDX-License-Identifier: MIT */
/* driver_test.h - an opened device, pinned memory and the requests of vgpu_ioctl.h, for tests of the driver. */
#ifndef DRIVER_TEST_H
#define DRIVER_TEST_H

#include "harness.h"
#include "vgpu_ioctl.h"
#include "virtio_gpu.h"

extern const GUID DriverInterface;

/* The driver on the model device, and on QEMU's. Violations stop the test at DriverStop. */
SIM_BUS *DriverStartFake(SIM_INTERRUPTS Interrupts);
SIM_BUS *DriverStartFakeWith(SIM_INTERRUPTS Interrupts, const char *RegistryValues);
/* With contiguous memory in pieces of so many bytes at most. */
SIM_BUS *DriverStartFragmented(const char *RegistryValues, uint64_t LargestContiguous);
/* The same on a kernel that lacks these routines (SIM_OPTIONS.MissingRoutines). */
/* A model that has more than others: FAKE_OFFER_*. Vary: what is not as usual. */
SIM_BUS *DriverStartOffering(unsigned Offers, SIM_OPTIONS Vary);
SIM_BUS *DriverStartFakeWithout(const char *Routines);
/* Two model devices on the bus; Buses are theirs. */
void DriverStartPair(SIM_INTERRUPTS Interrupts, SIM_BUS *Buses[2]);
/* On the device with this index, as DriverOpen. */
SIM_USER_FILE *DriverOpenDevice(ULONG Index);
/* What starting ends with on a model that misbehaves from the beginning; all is undone again. */
NTSTATUS DriverTryStart(FAKE_FAULT Fault);
void DriverStartQemu(SIM_INTERRUPTS Interrupts);
void DriverStop(void);

/* A handle on which the version is agreed. */
SIM_USER_FILE *DriverOpen(void);

/* Page-aligned memory, pinned under Id by a pending request. */
typedef struct PINNED {
	void *Memory;
	size_t Bytes;
	HARNESS_REQUEST Request;
} PINNED;
void DriverPin(SIM_USER_FILE *File, uint32_t Id, size_t Bytes, PINNED *Pinned);
/* The pin's final status, then the memory is freed. */
void DriverUnpinned(PINNED *Pinned, NTSTATUS Expected);

/* Input and output are the same structure; output may be 0 bytes. */
NTSTATUS DriverCall(SIM_USER_FILE *File, ULONG Code, void *Buffer, ULONG InputBytes, ULONG OutputBytes);
#define CALL_BOTH(File, Code, Structure) \
	DriverCall((File), (Code), (Structure), sizeof(*(Structure)), sizeof(*(Structure)))
#define CALL_IN(File, Code, Structure) DriverCall((File), (Code), (Structure), sizeof(*(Structure)), 0)

/* Each expects success. */
uint32_t DriverContext(SIM_USER_FILE *File, uint32_t FenceMemory, uint64_t FenceOffset);
uint32_t DriverTexture(
	SIM_USER_FILE *File, uint32_t Context, uint32_t Width, uint32_t Height, uint32_t Memory, uint64_t Offset);
uint64_t DriverFence(SIM_USER_FILE *File, uint32_t Context); /* a fence alone */
struct vgpu_statistics DriverStatistics(SIM_USER_FILE *File, uint32_t Scope);

NTSTATUS DriverWaitFor(SIM_USER_FILE *File, uint32_t Context, uint64_t Number, uint64_t TimeoutNs);

#endif /* DRIVER_TEST_H */
