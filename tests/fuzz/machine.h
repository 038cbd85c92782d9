/* SPDX-License-Identifier: MIT */
/*
 * machine.h - simulator, driver and programs for one input. Threads and time are host_seeded.c's, decided by a number
 * that is part of the input: nothing sleeps, and a run that hangs is found by its count of decisions. Whatever is wrong
 * ends the process.
 */
#ifndef FUZZ_MACHINE_H
#define FUZZ_MACHINE_H

#include "input.h"
#include "../kernel/actor.h"
#include "../../sim/pci/bus.h"
#include "../../sim/pci/fake_virtio.h"
#include "../../sim/sim.h"

#define MACHINE_PROGRAMS 3u

typedef struct MACHINE {
	INPUT *Input;
	bool Kept; /* as told to MachineBegin */
	bool Mvisor; /* the device, which is not a kept machine's; Actors.KernelMemory says so too */
	SIM_BUS *Bus; /* the model device; NULL: the kept machine's */
	SIM_BUS *Tampered; /* what the simulator gets instead of Bus; NULL: Bus itself */
	unsigned Programs; /* threads */
	ACTOR_OPTIONS Actors;
	void (*Step)(struct MACHINE *Machine); /* what a program does next, until the input is dry */
	void (*Disturb)(struct MACHINE *Machine); /* what happens around the programs now and then; may be NULL */
	void (*End)(struct MACHINE *Machine); /* the programs end; may be NULL */
	bool MayNotStart; /* the driver, on this device */
	ACTOR_WORLD *World;
	bool Runs; /* the driver does */
	unsigned Acting;
	uint32_t FaultAt; /* the call that runs out of something, counted from the start; 0: none */
} MACHINE;

/* Everything that the model can have. */
#define MACHINE_OFFERS (FAKE_OFFER_BLOB | FAKE_OFFER_REGION | FAKE_OFFER_CONTEXT_INIT)

/* Decisions about threads and time follow from Seed. Kept: this run may have the machine of earlier ones, on which
 * every handle is closed and all that was made through them is gone. TRUE: it has; else the caller makes Bus. */
bool MachineBegin(uint64_t Seed, bool Kept);
void MachineRun(MACHINE *Machine);

#endif /* FUZZ_MACHINE_H */
