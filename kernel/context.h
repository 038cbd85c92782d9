/* SPDX-License-Identifier: MIT */
/*
 * context.h - a rendering context on the host, with its rings of fences.
 */
#ifndef VGPU_CONTEXT_H
#define VGPU_CONTEXT_H

#include "memory.h"

typedef struct _GPU_CONTEXT {
	OBJECT Object; /* references: the table's, one per command under way */
	GPU *Gpu;
	HOST_OBJECT Host;
	HANDLE_ENTRY OnHost; /* in GPU.ContextIds */
	ULONG Id; /* on the host as well: unique on the device */
	volatile LONG Failed; /* the host refused a stream: what follows is not to be trusted */
	MEMORY *FenceMemory; /* NULL: no fence page */
	PMDL FenceMdl;
	PVOID FencePage; /* kernel mapping of the page with the user's numbers */
	ULONG RingCount;
	FENCE_RING Rings[1]; /* RingCount of them */
} GPU_CONTEXT;

/* Waits for the host's answer. */
_IRQL_requires_max_(PASSIVE_LEVEL)
NTSTATUS ContextCreate(_Inout_ FILE_CONTEXT *File, _Inout_ struct vgpu_context_create *Create);

_IRQL_requires_max_(PASSIVE_LEVEL)
NTSTATUS ContextDestroy(_Inout_ FILE_CONTEXT *File, _In_ ULONG Id);

_IRQL_requires_max_(PASSIVE_LEVEL)
VOID ContextDestroyAll(_Inout_ FILE_CONTEXT *File);

/* A new reference to a context of the file that the host still has. */
_IRQL_requires_max_(DISPATCH_LEVEL)
_Must_inspect_result_
NTSTATUS ContextFind(_Inout_ FILE_CONTEXT *File, _In_ ULONG Id, _Out_ GPU_CONTEXT **Context);

FORCEINLINE VOID ContextRelease(_Inout_ GPU_CONTEXT *Context)
{
	ObjectRelease(&Context->Object);
}

/* Makes the command one of the context's: when it is done, its fence is signalled and the references are dropped. Ring:
 * NULL without a fence. Used: another object that it needs; a reference of each is taken here. */
VOID ContextOwnCommand(
	_Inout_ GPU_CONTEXT *Context, _Inout_ COMMAND *Command, _In_opt_ FENCE_RING *Ring, _In_opt_ OBJECT *Used);

/* Drops the references again, when the command was not accepted. */
_IRQL_requires_max_(DISPATCH_LEVEL)
VOID ContextDisownCommand(_Inout_ GPU_CONTEXT *Context, _In_opt_ OBJECT *Used);

/* STATUS_PENDING: not complete yet, and there is time left to wait (see ContextPendWait). */
_IRQL_requires_max_(DISPATCH_LEVEL)
NTSTATUS ContextWait(_Inout_ FILE_CONTEXT *File, _In_ const struct vgpu_wait *Wait);

/* On the framework's queue. Completes the request now or later. */
_IRQL_requires_max_(DISPATCH_LEVEL)
VOID ContextPendWait(_Inout_ FILE_CONTEXT *File, _In_ WDFREQUEST Request, _In_ const struct vgpu_wait *Wait);

/* Blocks until a fence of the file is complete. */
_IRQL_requires_max_(APC_LEVEL)
NTSTATUS ContextBlock(_Inout_ FILE_CONTEXT *File, _In_ const struct vgpu_fence *Fence);

#endif /* VGPU_CONTEXT_H */
