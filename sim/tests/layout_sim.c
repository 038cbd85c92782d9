/* SPDX-License-Identifier: MIT */
/* layout_sim.c - the simulator's headers against the common numbers. */
#include <ntddk.h>

#include "layout.h"
