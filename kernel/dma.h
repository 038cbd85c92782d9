/* SPDX-License-Identifier: MIT */
/*
 * dma.h - physically contiguous memory that the device reads and writes.
 */
#ifndef VGPU_DMA_H
#define VGPU_DMA_H

#include "nt.h"

typedef struct _DMA_MEMORY {
	PVOID Address; /* NULL: none */
	ULONG64 Physical;
	SIZE_T Bytes;
} DMA_MEMORY;

/* Page aligned and zeroed. */
_IRQL_requires_max_(PASSIVE_LEVEL)
_Must_inspect_result_
NTSTATUS DmaAllocate(_Out_ DMA_MEMORY *Memory, _In_ SIZE_T Bytes);

/* Does nothing where there is none. */
_IRQL_requires_max_(DISPATCH_LEVEL)
VOID DmaFree(_Inout_ DMA_MEMORY *Memory);

#endif /* VGPU_DMA_H */
