/* SPDX-License-Identifier: MIT */
/*
 * chunk.h - contiguous memory of the kernel's, mapped into the process that asks for it, for devices that need one
 * piece.
 *
 * A chunk is memory like pinned memory is (memory.h): resources, streams and fence pages lie in either. When it is
 * released its mapping goes at once; the pages stay until the device uses them no longer.
 */
#ifndef VGPU_CHUNK_H
#define VGPU_CHUNK_H

#include "memory.h"

/* Bytes that all chunks of a device may have together: what the device grants, and what the administrator says. 0:
 * there are no chunks. */
ULONG64 ChunkBudget(_In_ const GPU *Gpu);

/* VGPU_IOCTL_MEMORY_ALLOC. */
_IRQL_requires_max_(PASSIVE_LEVEL)
NTSTATUS ChunkAllocate(_Inout_ FILE_CONTEXT *File, _Inout_ struct vgpu_memory_alloc *Alloc);

#endif /* VGPU_CHUNK_H */
