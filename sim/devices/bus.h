/* SPDX-License-Identifier: MIT */
/* bus.h - port I/O and memory accesses, as a processor makes them, and where they go. */
#ifndef MV_BUS_H
#define MV_BUS_H

#include "device.h"

typedef struct MV_BUS {
	MV_DEVICE *Device;
	uint32_t ConfigAddress; /* configuration mechanism #1 */
} MV_BUS;

/* Width: 1, 2, 4, for memory also 8 bytes. Where nothing is, reads give ones and writes vanish. */
uint32_t MvBusPortRead(MV_BUS *Bus, uint64_t Port, unsigned Width);
void MvBusPortWrite(MV_BUS *Bus, uint64_t Port, unsigned Width, uint32_t Value);
uint64_t MvBusMemoryRead(MV_BUS *Bus, uint64_t Address, unsigned Width);
void MvBusMemoryWrite(MV_BUS *Bus, uint64_t Address, unsigned Width, uint64_t Value);

#endif /* MV_BUS_H */
