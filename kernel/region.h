/* SPDX-License-Identifier: MIT */
/*
 * region.h - who has which part of an address range: page granular, first fit. Pure; the owner serializes every call.
 *
 * Bookkeeping lies in the ranges themselves: whoever has one provides its memory.
 */
#ifndef VGPU_REGION_H
#define VGPU_REGION_H

#include "nt.h"

typedef struct _REGION {
	LIST_ENTRY Ranges; /* REGION_RANGE.Link, by rising offset */
	ULONG64 Bytes;
} REGION;

typedef struct _REGION_RANGE {
	LIST_ENTRY Link; /* Flink NULL: has nothing */
	ULONG64 Offset;
	ULONG64 Bytes; /* whole pages */
} REGION_RANGE;

VOID RegionInit(_Out_ REGION *Region);

/* What has been given out stays so, even past the new end. */
VOID RegionResize(_Inout_ REGION *Region, _In_ ULONG64 Bytes);

/* Bytes: whole pages, not 0. FALSE: there is no gap as long as that. */
_Must_inspect_result_
BOOLEAN RegionTake(_Inout_ REGION *Region, _Inout_ REGION_RANGE *Range, _In_ ULONG64 Bytes);

/* FALSE: not whole pages, not all within the region, or not all free. */
_Must_inspect_result_
BOOLEAN RegionTakeAt(_Inout_ REGION *Region, _Inout_ REGION_RANGE *Range, _In_ ULONG64 Offset, _In_ ULONG64 Bytes);

/* Does nothing for a range that has nothing. */
VOID RegionGive(_Inout_ REGION_RANGE *Range);

#endif /* VGPU_REGION_H */
