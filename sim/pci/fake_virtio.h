/* SPDX-License-Identifier: MIT */
/*
 * fake_virtio.h - a bus with one virtio-gpu function whose device is a model in this process, for tests that need no
 * QEMU, or a device that misbehaves.
 *
 * The model answers every command of the standard dialect with success and counts what is alive; it draws nothing, but
 * transfers copy the first bytes of a resource. Work is done inside the write that rings the doorbell, unless answers
 * are held or it has a temper. It checks the driver in turn: what breaks the virtio rules (a descriptor loop, an
 * unknown buffer, a command for an id that does not exist) is counted in Errors.
 */
#ifndef SIM_FAKE_VIRTIO_H
#define SIM_FAKE_VIRTIO_H

#include "bus.h"

#define FAKE_VIRTIO_VENDOR 0x1af4
#define FAKE_VIRTIO_DEVICE 0x1050
#define FAKE_MVISOR_DEVICE 0x105b
#define FAKE_VIRTIO_FUNCTION (2u << 3) /* device and function on the bus */

typedef enum FAKE_FAULT {
	FakeFaultNone,
	FakeFaultErrorAnswer, /* the response says VIRTIO_GPU_RESP_ERR_UNSPEC */
	FakeFaultBadId, /* the used ring names a descriptor that does not exist */
	FakeFaultRepeatedId, /* the used ring names the previous descriptor again */
	FakeFaultBadLength, /* the used ring says more bytes than the buffers hold */
	FakeFaultBadType, /* the response's type is that of another command */
	FakeFaultNoFeaturesOk, /* the device refuses every choice of features */
	FakeFaultNoReset, /* the device ignores that it is to be reset */
	FakeFaultBadMapInfo, /* an answer to a mapping says a caching that there is not */
	FakeFaultGone /* all reads give ones, as after the device was pulled out */
} FAKE_FAULT;

typedef struct FAKE_COUNTS {
	unsigned Commands;
	unsigned Notifications;
	unsigned Interrupts;
	unsigned Contexts; /* alive */
	unsigned Resources; /* alive */
	unsigned Backings; /* resources with memory attached */
	unsigned Blobs; /* alive */
	unsigned Maps; /* blobs in the host-visible region */
	unsigned Errors; /* of the driver */
	unsigned Resets;
	unsigned StatusReads; /* of the device status */
} FAKE_COUNTS;

/* A device that does its work on a thread of its own, in an order and with delays that are chosen. */
typedef struct FAKE_TEMPER {
	uint32_t (*Choose)(void *Context, uint32_t Limit); /* a number below Limit */
	/* A stream is executed. May be NULL. */
	void (*Stream)(void *Context, const uint8_t *Stream, uint32_t Length);
	void *Context;
	uint64_t MostDelayNs; /* between two steps of its work */
	uint32_t WrongOneIn; /* so often it breaks the rules, refuses, or is silent for long; 0: never */
} FAKE_TEMPER;

/* What a model can have that not every device has. */
#define FAKE_OFFER_BLOB 1u /* RESOURCE_BLOB */
#define FAKE_OFFER_REGION 2u /* the host-visible region */
#define FAKE_OFFER_CONTEXT_INIT 4u /* with a second capset, of Venus */

SIM_BUS *FakeVirtioCreate(void); /* NULL: no memory; freed with the bus' Close */
/* The same as Mvisor's device, for the driver's other dialect. Wrong only in being late, and where an answer is. What
 * makes Mvisor's host panic ends the process with a line that names the rule. */
SIM_BUS *FakeVirtioCreateMvisor(void);
void FakeVirtioComeRound(SIM_BUS *Bus); /* from now on its temper is not silent */
void FakeVirtioOffer(SIM_BUS *Bus, unsigned Offers); /* FAKE_OFFER_*, before SimStart */
/* While the driver has it asleep: another one takes its place, that knows nothing and offers this, as when a machine is
 * continued on another host. What was once offered in configuration space stays there. */
void FakeVirtioReplace(SIM_BUS *Bus, unsigned Offers);
void FakeVirtioMapInfo(SIM_BUS *Bus, uint32_t MapInfo); /* what it says of blobs that it maps; at first 1, cached */
/* Reads or writes a blob's memory, as the host does. False: there is no such blob, or it is not as long. */
bool FakeVirtioBlob(SIM_BUS *Bus, uint32_t Id, uint64_t Offset, void *Data, uint32_t Length, bool Write);
/* Fences of a ring wait from now on; false: they are signalled, and the ring's others too. Ring 0 to 63. */
void FakeVirtioHoldRing(SIM_BUS *Bus, unsigned Ring, bool Hold);
void FakeVirtioFault(SIM_BUS *Bus, FAKE_FAULT Fault); /* from the next answer or access on */
/* True: no more answers, until it loses power; false: answers what has waited. */
void FakeVirtioHold(SIM_BUS *Bus, bool Hold);
void FakeVirtioAnswer(SIM_BUS *Bus, unsigned Count); /* so many answers of those that are held */
void FakeVirtioRaise(SIM_BUS *Bus); /* an interrupt without cause, as a confused device sends */
/* Before SimStart; *Temper outlives the bus. */
void FakeVirtioTemper(SIM_BUS *Bus, const FAKE_TEMPER *Temper);
/* Before SimStart: Moment is called once, just before the driver's access number Access to registers or configuration
 * space, counted from 1, by the thread that makes it and at its IRQL. */
void FakeVirtioMoment(SIM_BUS *Bus, unsigned Access, void (*Moment)(void *Context), void *Context);
unsigned FakeVirtioAccesses(SIM_BUS *Bus); /* so far */
FAKE_COUNTS FakeVirtioCounts(SIM_BUS *Bus);

#endif /* SIM_FAKE_VIRTIO_H */
