/* SPDX-License-Identifier: MIT */
#ifndef VGPU_DRIVER_H
#define VGPU_DRIVER_H

#include "nt.h"

/* Called by the entry stub once the framework is bound. */
DRIVER_INITIALIZE DriverEntry;

#endif /* VGPU_DRIVER_H */
