/* SPDX-License-Identifier: MIT */
/*
 * fence.h - fences: rising numbers per ring, and who waits for them.
 *
 * FENCES is one per device, with one lock and one timer for all waits. A wait is a pended request or a thread in the
 * kernel. Whoever unlinks a wait, under the lock, is the one who ends it:
 *   linked --signal, time-out, failure--> unlinked, then the request is completed unless its cancel routine got it
 * first linked --cancel--> unlinked by the cancel routine, which completes it
 */
#ifndef VGPU_FENCE_H
#define VGPU_FENCE_H

#include "leave.h"
#include "stats.h"
#include <wdf.h>

/* Who waits, a handle or a whole device: counted, up to a limit. */
typedef struct _FENCE_CLIENT {
	STATISTICS *Statistics;
	ULONG MaxWaits;
	ULONG Waits; /* under FENCES.Lock */
} FENCE_CLIENT;

typedef struct _FENCES {
	KSPIN_LOCK Lock;
	_Guarded_by_(Lock) LIST_ENTRY Timed; /* waits with an end */
	_Guarded_by_(Lock) LONG64 TimerDue; /* 100 ns since an arbitrary point; MAXLONG64: not set */
	WDFTIMER Timer;
	FENCE_CLIENT Device;
	LEAVERS *Leavers;
} FENCES;

typedef struct _FENCE_RING {
	ULONG64 Given; /* the last number; under the command queue's lock */
	volatile LONG64 Completed; /* all up to here; rises only, under FENCES.Lock; read by anyone */
	NTSTATUS Failure; /* not STATUS_SUCCESS: waits end with this; under FENCES.Lock */
	LIST_ENTRY Waits; /* in the order of their numbers; under FENCES.Lock */
	volatile LONG64 *Page; /* where the user reads Completed, or NULL; under FENCES.Lock once the ring is in use */
} FENCE_RING;

/* The context of every request; used by those that wait. */
typedef struct _FENCE_WAIT {
	LIST_ENTRY RingLink; /* under FENCES.Lock, as all the rest */
	LIST_ENTRY TimeLink; /* self-linked without an end */
	FENCES *Fences;
	WDFREQUEST Request; /* NULL: a thread waits on Event */
	FENCE_CLIENT *Client; /* the request's handle */
	PKEVENT Event;
	ULONG64 Number;
	LONG64 Due;
	NTSTATUS Status; /* how the wait ended */
	BOOLEAN Linked;
	BOOLEAN Left; /* unlinked and being cancelled: one of the two who handle it is done */
} FENCE_WAIT;
WDF_DECLARE_CONTEXT_TYPE_WITH_NAME(FENCE_WAIT, FenceWaitOfRequest)

_IRQL_requires_max_(PASSIVE_LEVEL)
_Must_inspect_result_
NTSTATUS FencesInit(_Out_ FENCES *Fences, _In_ WDFDEVICE Device, _In_ STATISTICS *Statistics, _In_ ULONG MaxWaits,
	_In_ LEAVERS *Leavers);

/* Stops the timer; no wait is left. */
_IRQL_requires_max_(PASSIVE_LEVEL)
VOID FencesStop(_Inout_ FENCES *Fences);

VOID FenceRingInit(_Out_ FENCE_RING *Ring, _In_opt_ volatile LONG64 *Page);

/* Writes to the users' page no more. */
_IRQL_requires_max_(DISPATCH_LEVEL)
VOID FenceForgetPages(_Inout_ FENCES *Fences, _Inout_updates_(Count) FENCE_RING *Rings, _In_ ULONG Count);

/* Numbers up to Number are complete: tells the user's page and ends the waits. */
_IRQL_requires_max_(DISPATCH_LEVEL)
VOID FenceSignal(_Inout_ FENCES *Fences, _Inout_ FENCE_RING *Ring, _In_ ULONG64 Number);

/* Ends all waits on the ring with a status, and those to come. The first failure stays. */
_IRQL_requires_max_(DISPATCH_LEVEL)
VOID FenceFail(_Inout_ FENCES *Fences, _Inout_ FENCE_RING *Ring, _In_ NTSTATUS Status);

/* Pends a request of the framework's queue until Number is complete or Nanoseconds have passed. It is completed here,
 * now or later; STATUS_QUOTA_EXCEEDED: too many wait. */
_IRQL_requires_max_(DISPATCH_LEVEL)
VOID FencePend(_Inout_ FENCES *Fences, _Inout_ FENCE_RING *Ring, _Inout_ FENCE_CLIENT *Client, _In_ WDFREQUEST Request,
	_In_ ULONG64 Number, _In_ ULONG64 Nanoseconds);

/* Blocks the calling thread. It always ends: the device answers or is declared broken. STATUS_CANCELLED: the thread is
 * to end. */
_IRQL_requires_max_(APC_LEVEL)
NTSTATUS FenceBlock(_Inout_ FENCES *Fences, _Inout_ FENCE_RING *Ring, _In_ ULONG64 Number);

FORCEINLINE ULONG64 FenceCompleted(_In_ const FENCE_RING *Ring)
{
	return (ULONG64)ReadNoFence64(&Ring->Completed);
}

#endif /* VGPU_FENCE_H */
