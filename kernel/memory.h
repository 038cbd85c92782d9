/* SPDX-License-Identifier: MIT */
/*
 * memory.h - the caller's own pages, pinned by a request that stays pending.
 *
 *   pending: in the table, cancellable
 *   --release, close, cancel--> out of the table; the id is free again
 *   --last reference: no resource, fence page or submit uses it--> the request is completed, the pages are unlocked
 */
#ifndef VGPU_MEMORY_H
#define VGPU_MEMORY_H

#include "file.h"

typedef struct _MEMORY {
	OBJECT Object; /* references: the table's, the cancel routine's, one per user of the pages */
	FILE_CONTEXT *File; /* alive as long as the request is pending */
	WDFREQUEST Request;
	PMDL Mdl;
	const PFN_NUMBER *Pages;
	ULONG64 Bytes;
	volatile LONG Cancelled;
} MEMORY;

/* On the framework's queue. Completes the request on failure, else keeps it. */
_IRQL_requires_max_(DISPATCH_LEVEL)
VOID MemoryPin(_Inout_ FILE_CONTEXT *File, _In_ WDFREQUEST Request);

_IRQL_requires_max_(DISPATCH_LEVEL)
NTSTATUS MemoryRelease(_Inout_ FILE_CONTEXT *File, _In_ ULONG Id);

_IRQL_requires_max_(DISPATCH_LEVEL)
VOID MemoryReleaseAll(_Inout_ FILE_CONTEXT *File);

/* A new reference to the memory that a range names, which lies within it. Also checks the range's reserved fields. */
_IRQL_requires_max_(DISPATCH_LEVEL)
_Must_inspect_result_
NTSTATUS MemoryFindRange(_Inout_ FILE_CONTEXT *File, _In_ const struct vgpu_range *Range, _Out_ MEMORY **Memory);

#endif /* VGPU_MEMORY_H */
