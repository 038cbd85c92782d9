/* SPDX-License-Identifier: MIT */
/*
 * registry.h - shows the simulated device's interfaces to SetupDi functions.
 */
#ifndef REGISTRY_H
#define REGISTRY_H

#include "nt.h"

/* Name: \??\PCI#...#{class guid}, as the simulator gives it. A Win32 error code. */
LONG RegistryAddInterface(const WCHAR *Name);

#endif /* REGISTRY_H */
