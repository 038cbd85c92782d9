/* SPDX-License-Identifier: MIT */
#include "fence.h"
#include "clock.h"

#define NEVER MAXLONG64
#define LONGEST_TIMER (3600 * CLOCK_PER_SECOND) /* it looks again after that */
#ifndef MAXLONG64
#define MAXLONG64 0x7fffffffffffffffll
#endif

static EVT_WDF_TIMER FencesTimer;
static EVT_WDF_REQUEST_CANCEL FenceWaitCancelled;

/* The device's FENCES, for the timer. */
typedef struct _FENCES_POINTER {
	FENCES *Fences;
} FENCES_POINTER;
WDF_DECLARE_CONTEXT_TYPE_WITH_NAME(FENCES_POINTER, FencesOfTimer)

_Use_decl_annotations_
NTSTATUS FencesInit(FENCES *Fences, WDFDEVICE Device, STATISTICS *Statistics, ULONG MaxWaits, LEAVERS *Leavers)
{
	WDF_OBJECT_ATTRIBUTES Attributes;
	WDF_TIMER_CONFIG Config;
	NTSTATUS Status;

	KeInitializeSpinLock(&Fences->Lock);
	InitializeListHead(&Fences->Timed);
	Fences->TimerDue = NEVER;
	Fences->Device.Statistics = Statistics;
	Fences->Device.MaxWaits = MaxWaits;
	Fences->Device.Waits = 0;
	Fences->Leavers = Leavers;
	WDF_TIMER_CONFIG_INIT(&Config, FencesTimer);
	Config.AutomaticSerialization = FALSE;
	WDF_OBJECT_ATTRIBUTES_INIT_CONTEXT_TYPE(&Attributes, FENCES_POINTER);
	Attributes.ParentObject = Device;
	Status = WdfTimerCreate(&Config, &Attributes, &Fences->Timer);
	if (NT_SUCCESS(Status))
		FencesOfTimer(Fences->Timer)->Fences = Fences;
	return Status;
}

_Use_decl_annotations_
VOID FencesStop(FENCES *Fences)
{
	KIRQL Irql;

	(VOID) WdfTimerStop(Fences->Timer, TRUE);
	KeAcquireSpinLock(&Fences->Lock, &Irql);
	Fences->TimerDue = NEVER;
	KeReleaseSpinLock(&Fences->Lock, Irql);
}

_Use_decl_annotations_
VOID FenceRingInit(FENCE_RING *Ring, volatile LONG64 *Page)
{
	RtlZeroMemory(Ring, sizeof(*Ring));
	InitializeListHead(&Ring->Waits);
	Ring->Page = Page;
	Ring->Failure = STATUS_SUCCESS;
}

_Use_decl_annotations_
VOID FenceForgetPages(FENCES *Fences, FENCE_RING *Rings, ULONG Count)
{
	KIRQL Irql;

	KeAcquireSpinLock(&Fences->Lock, &Irql);
	for (ULONG Index = 0; Index < Count; Index++)
		Rings[Index].Page = NULL;
	KeReleaseSpinLock(&Fences->Lock, Irql);
}

_Requires_lock_held_(Fences->Lock)
static VOID FenceUncount(FENCE_WAIT *Wait)
{
	if (Wait->Client) {
		Wait->Client->Waits--;
		Wait->Fences->Device.Waits--;
	}
}

/* From here on the wait is the caller's to end, with FenceEnd; a cancel routine leaves the request to it. */
_Requires_lock_held_(Fences->Lock)
static VOID FenceUnlink(FENCE_WAIT *Wait, NTSTATUS Status, LIST_ENTRY *Ended)
{
	RemoveEntryList(&Wait->RingLink);
	RemoveEntryList(&Wait->TimeLink);
	InitializeListHead(&Wait->TimeLink);
	FenceUncount(Wait);
	Wait->Linked = FALSE;
	Wait->Status = Status;
	InsertTailList(Ended, &Wait->RingLink);
}

/* An unlinked wait whose request is being cancelled is left by two: its cancel routine and FenceEnd. The request must
 * not be completed before both are done with it. TRUE: the caller is the second, and completes it. */
static BOOLEAN FenceLeave(FENCE_WAIT *Wait)
{
	FENCES *Fences = Wait->Fences;
	BOOLEAN Second;
	KIRQL Irql;

	KeAcquireSpinLock(&Fences->Lock, &Irql);
	Second = Wait->Left;
	Wait->Left = TRUE;
	KeReleaseSpinLock(&Fences->Lock, Irql);
	return Second;
}

static VOID FenceComplete(FENCE_WAIT *Wait, NTSTATUS Status)
{
	StatsFailure(Wait->Client->Statistics, Wait->Fences->Device.Statistics, Status);
	WdfRequestComplete(Wait->Request, Status);
}

/* Without the lock. */
static VOID FenceEnd(LIST_ENTRY *Ended)
{
	while (!IsListEmpty(Ended)) {
		FENCE_WAIT *Wait = CONTAINING_RECORD(RemoveHeadList(Ended), FENCE_WAIT, RingLink);
		NTSTATUS Status = Wait->Status;
		WDFREQUEST Request = Wait->Request;

		if (!Request)
			(VOID) KeSetEvent(Wait->Event, IO_NO_INCREMENT, FALSE); /* the wait was on the thread's stack */
		else if (WdfRequestUnmarkCancelable(Request) != STATUS_CANCELLED || FenceLeave(Wait))
			FenceComplete(Wait, Status);
	}
}

_Use_decl_annotations_
VOID FenceSignal(FENCES *Fences, FENCE_RING *Ring, ULONG64 Number)
{
	LIST_ENTRY Ended;
	KIRQL Irql;

	InitializeListHead(&Ended);
	KeAcquireSpinLock(&Fences->Lock, &Irql);
	if ((LONG64)Number > Ring->Completed) {
		/* The page first: a wait that looks at Completed without the lock must not end before the page says so.
		 */
		if (Ring->Page)
			WriteRelease64(Ring->Page, (LONG64)Number);
		WriteRelease64(&Ring->Completed, (LONG64)Number);
	}
	while (!IsListEmpty(&Ring->Waits)) {
		FENCE_WAIT *Wait = CONTAINING_RECORD(Ring->Waits.Flink, FENCE_WAIT, RingLink);

		if (Wait->Number > Number)
			break;
		FenceUnlink(Wait, STATUS_SUCCESS, &Ended);
	}
	KeReleaseSpinLock(&Fences->Lock, Irql);
	FenceEnd(&Ended);
}

_Use_decl_annotations_
VOID FenceFail(FENCES *Fences, FENCE_RING *Ring, NTSTATUS Status)
{
	LIST_ENTRY Ended;
	KIRQL Irql;

	InitializeListHead(&Ended);
	KeAcquireSpinLock(&Fences->Lock, &Irql);
	if (NT_SUCCESS(Ring->Failure))
		Ring->Failure = Status;
	while (!IsListEmpty(&Ring->Waits))
		FenceUnlink(CONTAINING_RECORD(Ring->Waits.Flink, FENCE_WAIT, RingLink), Status, &Ended);
	KeReleaseSpinLock(&Fences->Lock, Irql);
	FenceEnd(&Ended);
}

static VOID FenceWaitCancelled(WDFREQUEST Request)
{
	FENCE_WAIT *Wait = FenceWaitOfRequest(Request);
	FENCES *Fences = Wait->Fences;
	NTSTATUS Status = STATUS_CANCELLED;
	BOOLEAN Linked;
	KIRQL Irql;

	KeAcquireSpinLock(&Fences->Lock, &Irql);
	Linked = Wait->Linked;
	if (Linked) {
		RemoveEntryList(&Wait->RingLink);
		RemoveEntryList(&Wait->TimeLink);
		FenceUncount(Wait);
		Wait->Linked = FALSE;
	} else {
		Status = Wait->Status;
	}
	KeReleaseSpinLock(&Fences->Lock, Irql);
	if (Linked || FenceLeave(Wait))
		FenceComplete(Wait, Status);
}

/* From the end: younger fences are mostly waited for later. */
_Requires_lock_held_(Fences->Lock)
static VOID FenceInsert(FENCE_RING *Ring, FENCE_WAIT *Wait)
{
	LIST_ENTRY *Before = Ring->Waits.Blink;

	while (Before != &Ring->Waits && CONTAINING_RECORD(Before, FENCE_WAIT, RingLink)->Number > Wait->Number)
		Before = Before->Blink;
	InsertHeadList(Before, &Wait->RingLink);
}

/* STATUS_PENDING: linked. Anything else: the answer is known already. */
_Requires_lock_held_(Fences->Lock)
static NTSTATUS FenceLink(FENCE_RING *Ring, FENCE_WAIT *Wait)
{
	if (Wait->Number <= (ULONG64)Ring->Completed)
		return STATUS_SUCCESS;
	if (!NT_SUCCESS(Ring->Failure))
		return Ring->Failure;
	if (Wait->Client && (Wait->Client->Waits >= Wait->Client->MaxWaits ||
				    Wait->Fences->Device.Waits >= Wait->Fences->Device.MaxWaits))
		return STATUS_QUOTA_EXCEEDED;
	/* With the lock held, so that a cancel routine that runs at once waits until the wait is linked. */
	if (Wait->Request && !NT_SUCCESS(WdfRequestMarkCancelableEx(Wait->Request, FenceWaitCancelled)))
		return STATUS_CANCELLED;
	if (Wait->Client) {
		Wait->Client->Waits++;
		Wait->Fences->Device.Waits++;
	}
	Wait->Linked = TRUE;
	FenceInsert(Ring, Wait);
	return STATUS_PENDING;
}

_Requires_lock_held_(Fences->Lock)
static VOID FenceSetTimer(FENCES *Fences, LONG64 Due, LONG64 Now)
{
	LONG64 Left = Due > Now ? Due - Now : 1;

	if (Due >= Fences->TimerDue)
		return;
	Fences->TimerDue = Due;
	if (Left > LONGEST_TIMER)
		Left = LONGEST_TIMER;
	(VOID) WdfTimerStart(Fences->Timer, -Left);
}

_Use_decl_annotations_
VOID FencePend(
	FENCES *Fences, FENCE_RING *Ring, FENCE_CLIENT *Client, WDFREQUEST Request, ULONG64 Number, ULONG64 Nanoseconds)
{
	FENCE_WAIT *Wait = FenceWaitOfRequest(Request);
	ULONG64 Units = Nanoseconds / 100 + (Nanoseconds % 100 ? 1 : 0);
	LONG64 Now = ClockNow();
	NTSTATUS Status;
	KIRQL Irql;

	Wait->Fences = Fences;
	Wait->Client = Client;
	Wait->Request = Request;
	Wait->Event = NULL;
	Wait->Number = Number;
	Wait->Due = Nanoseconds != VGPU_WAIT_FOREVER ? Now + (LONG64)Units : NEVER;
	InitializeListHead(&Wait->TimeLink);
	KeAcquireSpinLock(&Fences->Lock, &Irql);
	Status = FenceLink(Ring, Wait);
	if (Status == STATUS_PENDING && Wait->Due != NEVER) {
		InsertTailList(&Fences->Timed, &Wait->TimeLink);
		FenceSetTimer(Fences, Wait->Due, Now);
	}
	KeReleaseSpinLock(&Fences->Lock, Irql);
	if (Status != STATUS_PENDING)
		FenceComplete(Wait, Status);
}

/* A wait of a thread. If it was unlinked already, the event is about to be set. */
static VOID FenceGiveUp(FENCES *Fences, FENCE_WAIT *Wait)
{
	LIST_ENTRY Mine;
	BOOLEAN Linked;
	KIRQL Irql;

	InitializeListHead(&Mine);
	KeAcquireSpinLock(&Fences->Lock, &Irql);
	Linked = Wait->Linked;
	if (Linked)
		FenceUnlink(Wait, STATUS_CANCELLED, &Mine);
	KeReleaseSpinLock(&Fences->Lock, Irql);
	if (!Linked)
		(VOID) KeWaitForSingleObject(Wait->Event, Executive, KernelMode, FALSE, NULL);
}

_Use_decl_annotations_
NTSTATUS FenceBlock(FENCES *Fences, FENCE_RING *Ring, ULONG64 Number)
{
	FENCE_WAIT Wait;
	KEVENT Event;
	NTSTATUS Status;
	KIRQL Irql;

	RtlZeroMemory(&Wait, sizeof(Wait));
	KeInitializeEvent(&Event, NotificationEvent, FALSE);
	InitializeListHead(&Wait.TimeLink);
	Wait.Fences = Fences;
	Wait.Event = &Event;
	Wait.Number = Number;
	KeAcquireSpinLock(&Fences->Lock, &Irql);
	Status = FenceLink(Ring, &Wait);
	KeReleaseSpinLock(&Fences->Lock, Irql);
	if (Status != STATUS_PENDING)
		return Status;
	if (!NT_SUCCESS(LeaveWait(Fences->Leavers, &Event, TRUE)))
		FenceGiveUp(Fences, &Wait);
	return Wait.Status;
}

static VOID FencesTimer(WDFTIMER Timer)
{
	FENCES *Fences = FencesOfTimer(Timer)->Fences;
	LONG64 Now = ClockNow();
	LONG64 Earliest = NEVER;
	LIST_ENTRY Ended;
	KIRQL Irql;

	InitializeListHead(&Ended);
	KeAcquireSpinLock(&Fences->Lock, &Irql);
	Fences->TimerDue = NEVER;
	for (LIST_ENTRY *Link = Fences->Timed.Flink, *Next; Link != &Fences->Timed; Link = Next) {
		FENCE_WAIT *Wait = CONTAINING_RECORD(Link, FENCE_WAIT, TimeLink);

		Next = Link->Flink;
		if (Wait->Due <= Now)
			FenceUnlink(Wait, STATUS_IO_TIMEOUT, &Ended);
		else if (Wait->Due < Earliest)
			Earliest = Wait->Due;
	}
	FenceSetTimer(Fences, Earliest, Now);
	KeReleaseSpinLock(&Fences->Lock, Irql);
	FenceEnd(&Ended);
}
