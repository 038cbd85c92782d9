/* SPDX-License-Identifier: MIT */
/*
 * memory.h - what resources, streams and fence pages lie in: the caller's own pages, pinned by a request that stays
 * pending, or chunks of the kernel's (chunk.h). Of pins:
 *
 *   pending: in the table, cancellable to the end
 *   --release, close, cancel, end of the process--> out of the table; the id is free again
 *   --cancel, end of the process--> leaving: what is in it is ended on the host, so that it is used no longer
 *   --last reference: no resource, fence page or submit uses it--> the request is completed, the pages are unlocked
 */
#ifndef VGPU_MEMORY_H
#define VGPU_MEMORY_H

#include "file.h"
#include "process.h"

typedef struct _MEMORY {
	OBJECT Object; /* references: the table's, one per user of the pages */
	FILE_CONTEXT *File; /* alive as long as the memory is */
	LIST_ENTRY Users; /* under FILE_CONTEXT.Lock: OBJECT.InMemory of those that are in a table */
	BOOLEAN Leaving; /* under FILE_CONTEXT.Lock: no users any more */
	BOOLEAN Counted; /* as live memory; a pin also as a pin of the file */
	/* Taken out of the table, at PASSIVE_LEVEL: drops the table's reference. NULL: nothing else is to be done. */
	VOID (*End)(struct _MEMORY *Memory);
	PUCHAR Kernel; /* where the kernel has it mapped; NULL: nowhere */
	PMDL Mdl;
	const PFN_NUMBER *Pages;
	ULONG64 Bytes;
	/* of pins */
	volatile LONG Left; /* by the first of the two who end a cancelled request */
	volatile LONG Status; /* to complete the request with */
	PROCESS_ITEM Process; /* whose pages they are */
	LEAVER Leaver; /* while Leaving */
	LIST_ENTRY EvictionLink; /* in GPU_EVICTIONS, once cancelled */
	WDFREQUEST Request;
} MEMORY;

/* When the device is added. */
_IRQL_requires_max_(PASSIVE_LEVEL)
_Must_inspect_result_
NTSTATUS MemoryInit(_Inout_ GPU *Gpu);

/* On the framework's queue. Completes the request on failure, else keeps it. */
_IRQL_requires_max_(DISPATCH_LEVEL)
VOID MemoryPin(_Inout_ FILE_CONTEXT *File, _In_ WDFREQUEST Request);

_IRQL_requires_max_(PASSIVE_LEVEL)
NTSTATUS MemoryRelease(_Inout_ FILE_CONTEXT *File, _In_ ULONG Id);

_IRQL_requires_max_(PASSIVE_LEVEL)
VOID MemoryReleaseAll(_Inout_ FILE_CONTEXT *File);

/* FileInsert for an object that needs the memory, if any: STATUS_INVALID_HANDLE when that is on its way out. */
_IRQL_requires_max_(DISPATCH_LEVEL)
_Must_inspect_result_
NTSTATUS MemoryInsertUser(_Inout_ FILE_CONTEXT *File, _Inout_ HANDLE_TABLE *Table, _Inout_ OBJECT *Object,
	_In_ ULONG Limit, _Inout_opt_ MEMORY *Memory);

/* For those who make memory: sets up a zeroed one. Bytes, Mdl and Pages are theirs to set. */
VOID MemoryPrepare(_Out_ MEMORY *Memory, _In_ FILE_CONTEXT *File, _In_ ULONG Id, _In_ VOID (*Free)(OBJECT *Object),
	_In_opt_ VOID (*End)(MEMORY *Memory));
/* Into the table, if the quotas allow it; from then on it is counted. */
_IRQL_requires_max_(DISPATCH_LEVEL)
_Must_inspect_result_
NTSTATUS MemoryInsertCounted(_Inout_ FILE_CONTEXT *File, _Inout_ MEMORY *Memory);
/* STATUS_QUOTA_EXCEEDED: so many bytes more do not fit now. Not binding. */
_Must_inspect_result_
NTSTATUS MemoryCheckRoom(_In_ const FILE_CONTEXT *File, _In_ ULONG64 Bytes);
VOID MemoryUncount(_Inout_ FILE_CONTEXT *File, _In_ ULONG64 Bytes);

/* A new reference to the memory that a range names, which lies within it. Also checks the range's reserved fields. */
_IRQL_requires_max_(DISPATCH_LEVEL)
_Must_inspect_result_
NTSTATUS MemoryFindRange(_Inout_ FILE_CONTEXT *File, _In_ const struct vgpu_range *Range, _Out_ MEMORY **Memory);

#endif /* VGPU_MEMORY_H */
