/* SPDX-License-Identifier: MIT */
/*
 * leave.h - who must get away from the device: threads that end, handles that are closed, memory that is taken back.
 *
 * A device that answers a command now and then is not hung, but nobody may have to wait for thousands of its answers in
 * order to end. So whoever ends is in a list, in order of time, and the watchdog counts the device as hung when the
 * first of them has been there for long.
 */
#ifndef VGPU_LEAVE_H
#define VGPU_LEAVE_H

#include "nt.h"

#define LEAVE_NOBODY 0x7fffffffffffffffll

typedef struct _LEAVERS {
	KSPIN_LOCK Lock; /* none is taken inside it */
	_Guarded_by_(Lock) LIST_ENTRY List;
} LEAVERS;

typedef struct _LEAVER {
	LIST_ENTRY Link; /* under LEAVERS.Lock */
	LONG64 Since; /* on ClockNow's scale */
} LEAVER;

VOID LeaversInit(_Out_ LEAVERS *Leavers);

_IRQL_requires_max_(DISPATCH_LEVEL)
VOID LeaveBegin(_Inout_ LEAVERS *Leavers, _Out_ LEAVER *Leaver);
_IRQL_requires_max_(DISPATCH_LEVEL)
VOID LeaveEnd(_Inout_ LEAVERS *Leavers, _Inout_ LEAVER *Leaver);

/* Since when the first one wants to leave, or LEAVE_NOBODY. */
_IRQL_requires_max_(DISPATCH_LEVEL)
LONG64 LeaveSince(_Inout_ LEAVERS *Leavers);

/* Waits for an event that the device's answers set. When the thread is being terminated meanwhile: with GiveUp it
 * returns STATUS_CANCELLED, though the event may be set at any moment; without, the thread is one that leaves. */
_IRQL_requires_max_(APC_LEVEL)
NTSTATUS LeaveWait(_Inout_ LEAVERS *Leavers, _In_ PKEVENT Event, _In_ BOOLEAN GiveUp);

#endif /* VGPU_LEAVE_H */
