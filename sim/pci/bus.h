/* SPDX-License-Identifier: MIT */
/*
 * bus.h - a PCI bus with a device behind it: QEMU over the qtest protocol, or a model in this process.
 *
 * All functions may be called from any thread. When the device is gone, reads give all ones and writes vanish. The
 * device reads and writes guest RAM by itself; message interrupts are stores there.
 */
#ifndef SIM_BUS_H
#define SIM_BUS_H

#include <stdbool.h>
#include <stdint.h>

typedef struct SIM_BUS SIM_BUS;

typedef struct SIM_BUS_OPERATIONS {
	/* Guest RAM is mapped here; called once, before anything else. May be NULL. */
	void (*Attach)(SIM_BUS *Bus, uint8_t *Ram, uint64_t RamSize);
	/* Configuration space of bus 0. DeviceFunction: slot << 3 | function. Width: 1, 2 or 4 bytes. */
	uint32_t (*ConfigRead)(SIM_BUS *Bus, unsigned DeviceFunction, unsigned Offset, unsigned Width);
	void (*ConfigWrite)(SIM_BUS *Bus, unsigned DeviceFunction, unsigned Offset, unsigned Width, uint32_t Value);
	/* Device memory at a physical address; 1, 2, 4 or 8 bytes. A write may be on its way when this returns. */
	uint64_t (*MmioRead)(SIM_BUS *Bus, uint64_t Address, unsigned Width);
	void (*MmioWrite)(SIM_BUS *Bus, uint64_t Address, unsigned Width, uint64_t Value);
	/* Where device memory lies in this process, for programs to read and write; NULL: it is in another process, or
	 * these are registers. Page aligned; good until the device maps something else there. May be NULL: there is
	 * none. */
	uint8_t *(*Memory)(SIM_BUS *Bus, uint64_t Address, uint64_t Length);
	/* Line interrupts from now on; returns whether a PCI line is asserted. */
	bool (*LineAsserted)(SIM_BUS *Bus);
	/* Arrived is called from now on after messages were stored and lines asserted, on any thread; NULL: no more,
	 * and none is in progress when this returns. The operation itself may be NULL: then somebody has to look. */
	void (*Listen)(SIM_BUS *Bus, void (*Arrived)(void));
	/* Whether the device may still read or write any of this memory. May be NULL: not known. */
	bool (*Touches)(SIM_BUS *Bus, uint64_t Address, uint64_t Length);
	void (*Poll)(SIM_BUS *Bus); /* chores, called now and then. May be NULL. */
	void (*Close)(SIM_BUS *Bus);
	void (*Detach)(SIM_BUS *Bus); /* the device is pulled out: it touches no memory any more. May be NULL. */
} SIM_BUS_OPERATIONS;

struct SIM_BUS {
	const SIM_BUS_OPERATIONS *Operations;
};

/* Connects to QEMU's -qtest socket: 0 or -errno. Lines: ask for line interrupts of the I/O APIC. */
int SimQtestOpen(const char *UnixPath, bool Lines, SIM_BUS **Bus);

#endif /* SIM_BUS_H */
