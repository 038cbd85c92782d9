/* SPDX-License-Identifier: MIT */
/*
 * fake_pair.h - a bus with two models of fake_virtio.h on it: the first at its usual place, the second one slot
 * further.
 */
#ifndef SIM_FAKE_PAIR_H
#define SIM_FAKE_PAIR_H

#include "fake_virtio.h"

/* Owns both, which its Close closes. NULL: no memory. */
SIM_BUS *FakePairCreate(SIM_BUS *First, SIM_BUS *Second);

#endif /* SIM_FAKE_PAIR_H */
