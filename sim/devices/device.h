/* SPDX-License-Identifier: MIT */
/* device.h - the whole device: virtio's registers, the queues, and buffers on their way. */
#ifndef MV_DEVICE_H
#define MV_DEVICE_H

#include "commands.h"
#include "fences.h"
#include "mvisor_vgpu.h"
#include "pci.h"
#include "queue.h"

#define MV_QUEUES 64 /* that the registers know of; only the first num_queues have entries */
#define MV_USED_QUEUES 2

typedef struct MV_DEVICE {
	MV_MEMORY Memory;
	MV_PCI Pci;
	MV_COMMANDS Commands;
	MV_FENCES Fences;
	struct mvisor_vgpu_config Config;
	uint8_t Common[56]; /* as last written; most of it cannot be read back */
	uint64_t Features; /* the driver's; a reset leaves them */
	uint8_t Isr;
	MV_QUEUE Queues[MV_QUEUES];
} MV_DEVICE;

typedef struct MV_OPTIONS MV_OPTIONS;

/* Device->Memory has guest RAM already. 0, or a message was printed. */
int MvDeviceStart(MV_DEVICE *Device, const MV_OPTIONS *Options);
/* On the thread that started it: the renderer ends. Nothing may be in flight. */
void MvDeviceStop(MV_DEVICE *Device);
/* Whether it may still read or write any of this memory: rings, and backing. */
bool MvDeviceTouches(const MV_DEVICE *Device, uint64_t Address, uint64_t Length);
/* The virtio BAR. */
uint64_t MvDeviceRead(MV_DEVICE *Device, uint64_t Offset, unsigned Width);
void MvDeviceWrite(MV_DEVICE *Device, uint64_t Offset, unsigned Width, uint64_t Value);
/* Takes and carries out what is in queues whose doorbell was rung. */
void MvDeviceRunQueues(MV_DEVICE *Device);
/* Every millisecond while MvDeviceWaits. */
void MvDeviceTick(MV_DEVICE *Device);
/* Between commands, when there is nothing to do: writes a recording that was asked for. */
void MvDeviceRest(MV_DEVICE *Device);
bool MvDeviceWaits(const MV_DEVICE *Device);

#endif /* MV_DEVICE_H */
