/* SPDX-License-Identifier: MIT */
/* fake_internal.h - shared by the two halves of the model: the PCI function (fake_virtio.c) and the GPU (fake_gpu.c).
 */
#ifndef SIM_FAKE_INTERNAL_H
#define SIM_FAKE_INTERNAL_H

#include "../host/host.h"
#include "fake_virtio.h"

#define FAKE_QUEUES 2
#define FAKE_QUEUE_SIZE 64
#define FAKE_VECTORS 3
#define FAKE_MAX_IDS (1u << 18)
#define FAKE_CAPSET_SIZE 308

typedef struct FAKE_QUEUE {
	uint16_t Size;
	uint16_t Vector;
	uint16_t Enabled;
	uint16_t NextAvailable;
	uint16_t NextUsed;
	uint32_t LastId;
	uint64_t Descriptors;
	uint64_t Available;
	uint64_t Used;
} FAKE_QUEUE;

typedef struct FAKE_VIRTIO {
	SIM_BUS Bus;
	HOST_LOCK Lock; /* guards everything */
	uint8_t *Ram;
	uint64_t RamSize;
	uint8_t Config[256];
	uint8_t Msix[FAKE_VECTORS * 16];
	uint32_t DeviceFeatureSelect;
	uint32_t DriverFeatureSelect;
	uint64_t DriverFeatures;
	uint16_t ConfigVector;
	uint8_t Status;
	uint8_t Isr;
	uint16_t QueueSelect;
	FAKE_QUEUE Queues[FAKE_QUEUES];
	FAKE_FAULT Fault;
	bool Held;
	FAKE_COUNTS Counts;
	uint8_t Contexts[FAKE_MAX_IDS];
	uint8_t Resources[FAKE_MAX_IDS]; /* bit 0: exists, bit 1: has backing */
} FAKE_VIRTIO;

/* Guest memory, or NULL when the range is not all RAM. */
void *FakeRam(FAKE_VIRTIO *Fake, uint64_t Address, uint64_t Length);
/* Answers the command; the bytes written to the response. */
uint32_t FakeGpuCommand(FAKE_VIRTIO *Fake, const uint8_t *Command, uint32_t Length, uint8_t *Answer, uint32_t Room);
/* Takes and answers what is available on the queue. */
void FakeQueueRun(FAKE_VIRTIO *Fake, unsigned Index);
void FakeInterrupt(FAKE_VIRTIO *Fake, uint16_t Vector);
bool FakeIsBusMaster(const FAKE_VIRTIO *Fake); /* else it reaches no memory */

#endif /* SIM_FAKE_INTERNAL_H */
