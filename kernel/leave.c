/* SPDX-License-Identifier: MIT */
#include "leave.h"
#include "clock.h"

#define LOOK_MS 100 /* between two looks whether the thread is to end */

_Use_decl_annotations_
VOID LeaversInit(LEAVERS *Leavers)
{
	KeInitializeSpinLock(&Leavers->Lock);
	InitializeListHead(&Leavers->List);
}

_Use_decl_annotations_
VOID LeaveBegin(LEAVERS *Leavers, LEAVER *Leaver)
{
	KIRQL Irql;

	KeAcquireSpinLock(&Leavers->Lock, &Irql);
	Leaver->Since = ClockNow();
	InsertTailList(&Leavers->List, &Leaver->Link);
	KeReleaseSpinLock(&Leavers->Lock, Irql);
}

_Use_decl_annotations_
VOID LeaveEnd(LEAVERS *Leavers, LEAVER *Leaver)
{
	KIRQL Irql;

	KeAcquireSpinLock(&Leavers->Lock, &Irql);
	RemoveEntryList(&Leaver->Link);
	KeReleaseSpinLock(&Leavers->Lock, Irql);
}

_Use_decl_annotations_
LONG64 LeaveSince(LEAVERS *Leavers)
{
	LONG64 Since = LEAVE_NOBODY;
	KIRQL Irql;

	KeAcquireSpinLock(&Leavers->Lock, &Irql);
	if (!IsListEmpty(&Leavers->List))
		Since = CONTAINING_RECORD(Leavers->List.Flink, LEAVER, Link)->Since;
	KeReleaseSpinLock(&Leavers->Lock, Irql);
	return Since;
}

/* Threads wait in critical regions, where no APC reaches them that would end the wait: so they look by themselves. */
_Use_decl_annotations_
NTSTATUS LeaveWait(LEAVERS *Leavers, PKEVENT Event, BOOLEAN GiveUp)
{
	LARGE_INTEGER Look = {.QuadPart = -LOOK_MS * CLOCK_PER_MILLISECOND};
	BOOLEAN Leaving = FALSE;
	LEAVER Leaver;

	while (KeWaitForSingleObject(Event, Executive, KernelMode, FALSE, &Look) == STATUS_TIMEOUT) {
		if (Leaving || !PsIsThreadTerminating((PETHREAD)KeGetCurrentThread()))
			continue;
		if (GiveUp)
			return STATUS_CANCELLED;
		LeaveBegin(Leavers, &Leaver);
		Leaving = TRUE;
	}
	if (Leaving)
		LeaveEnd(Leavers, &Leaver);
	return STATUS_SUCCESS;
}
