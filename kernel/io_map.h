/* SPDX-License-Identifier: MIT */
/*
 * io_map.h - device memory in the kernel's address space, and described for the address space of a program.
 */
#ifndef VGPU_IO_MAP_H
#define VGPU_IO_MAP_H

#include "nt.h"

/* Uncached. NULL: no room. IoUnmap ends it. */
_IRQL_requires_max_(PASSIVE_LEVEL)
PVOID IoMap(_In_ PHYSICAL_ADDRESS Address, _In_ SIZE_T Bytes);
_IRQL_requires_max_(DISPATCH_LEVEL)
VOID IoUnmap(_In_ PVOID Address, _In_ SIZE_T Bytes);

/* Pages of device memory, to be mapped into a program. */
typedef struct _IO_PAGES {
	PMDL Mdl; /* NULL: none */
	PVOID Kernel; /* where kernels that cannot do without have them mapped; NULL: nowhere */
	SIZE_T Bytes;
} IO_PAGES;

/* Whole pages, less than 4 GiB. Cache: how they will be mapped, for all mappings of a page have to agree. */
_IRQL_requires_max_(PASSIVE_LEVEL)
_Must_inspect_result_
NTSTATUS IoPagesDescribe(
	_Out_ IO_PAGES *Pages, _In_ PHYSICAL_ADDRESS Address, _In_ SIZE_T Bytes, _In_ MEMORY_CACHING_TYPE Cache);

/* Mapped nowhere else any more. Does nothing where there are none. */
_IRQL_requires_max_(DISPATCH_LEVEL)
VOID IoPagesForget(_Inout_ IO_PAGES *Pages);

/* Whether any of it is RAM of the machine's, as the kernel knows it; so too if the kernel does not say. */
_IRQL_requires_max_(PASSIVE_LEVEL)
BOOLEAN IoIsRam(_In_ ULONG64 Address, _In_ ULONG64 Bytes);

#endif /* VGPU_IO_MAP_H */
