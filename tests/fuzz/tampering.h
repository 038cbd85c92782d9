/* SPDX-License-Identifier: MIT */
/*
 * tampering.h - a bus between the simulator and the model device that changes what the driver reads: capabilities,
 * registers, the used ring. The device itself stays honest underneath and keeps to the memory that it was given.
 */
#ifndef FUZZ_TAMPERING_H
#define FUZZ_TAMPERING_H

#include "../kernel/actor.h"
#include "../../sim/pci/bus.h"

/* What is changed is chosen now. The inner bus is closed with this one. */
SIM_BUS *TamperingCreate(SIM_BUS *Inner, ACTOR_CHOOSE Choose, void *Context);
/* Writes to the used ring, while the device has one. */
void TamperingPoke(SIM_BUS *Bus, ACTOR_CHOOSE Choose, void *Context);

#endif /* FUZZ_TAMPERING_H */
