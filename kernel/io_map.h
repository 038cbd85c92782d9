/* SPDX-License-Identifier: MIT */
/*
 * io_map.h - device memory in the kernel's address space.
 */
#ifndef VGPU_IO_MAP_H
#define VGPU_IO_MAP_H

#include "nt.h"

/* Uncached. NULL: no room. IoUnmap ends it. */
_IRQL_requires_max_(PASSIVE_LEVEL)
PVOID IoMap(_In_ PHYSICAL_ADDRESS Address, _In_ SIZE_T Bytes);
_IRQL_requires_max_(DISPATCH_LEVEL)
VOID IoUnmap(_In_ PVOID Address, _In_ SIZE_T Bytes);

#endif /* VGPU_IO_MAP_H */
