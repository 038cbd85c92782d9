/* SPDX-License-Identifier: MIT */
#include "gpu.h"
#include "clock.h"
#include "events.h"

_Use_decl_annotations_
NTSTATUS GpuCheck(const GPU *Gpu, const HOST_OBJECT *Object)
{
	switch (ReadNoFence(&Gpu->State)) {
	case GpuRunning:
		if (Object && Object->Generation != (ULONG)ReadNoFence(&Gpu->Generation))
			return STATUS_DEVICE_REQUIRES_CLEANING;
		return STATUS_SUCCESS;
	case GpuBroken:
		return STATUS_DEVICE_HARDWARE_ERROR;
	case GpuRemoved:
		return STATUS_DEVICE_REMOVED;
	case GpuResetting:
		return STATUS_DEVICE_REQUIRES_CLEANING;
	default:
		return Object ? STATUS_DEVICE_REQUIRES_CLEANING : STATUS_DEVICE_NOT_READY;
	}
}

static NTSTATUS GpuReserveFor(
	GPU *Gpu, COMMAND_ACCOUNT *Account, COMMAND_BATCH *Batch, ULONG Commands, ULONG Pages, BOOLEAN GiveUp)
{
	BOOLEAN Waited;
	NTSTATUS Status = CommandReserve(&Gpu->Pool, Account, Batch, Commands, Pages, GiveUp, &Waited);

	if (Waited)
		StatsAdd(&Gpu->Statistics.QueueFull, 1);
	return Status;
}

_Use_decl_annotations_
NTSTATUS GpuReserve(GPU *Gpu, COMMAND_ACCOUNT *Account, COMMAND_BATCH *Batch, ULONG Commands, ULONG Pages)
{
	return GpuReserveFor(Gpu, Account, Batch, Commands, Pages, TRUE);
}

_Use_decl_annotations_
NTSTATUS GpuReserveToEnd(GPU *Gpu, COMMAND_ACCOUNT *Account, COMMAND_BATCH *Batch, ULONG Commands, ULONG Pages)
{
	return GpuReserveFor(Gpu, Account, Batch, Commands, Pages, FALSE);
}

_Use_decl_annotations_
NTSTATUS GpuSettle(GPU *Gpu)
{
	/* Ends: a reset is given up after a second. */
	if (ReadNoFence(&Gpu->State) == GpuResetting)
		(VOID) KeWaitForSingleObject(&Gpu->Settled, Executive, KernelMode, FALSE, NULL);
	return GpuCheck(Gpu, NULL);
}

_Use_decl_annotations_
VOID GpuRemove(GPU *Gpu)
{
	KIRQL Irql;

	KeAcquireSpinLock(&Gpu->QueueLock, &Irql);
	WriteNoFence(&Gpu->State, GpuRemoved);
	(VOID) KeSetEvent(&Gpu->Settled, IO_NO_INCREMENT, FALSE);
	KeReleaseSpinLock(&Gpu->QueueLock, Irql);
	WdfWorkItemEnqueue(Gpu->Recovery);
}

_Use_decl_annotations_
VOID GpuFail(GPU *Gpu, LONG64 WorkedUntil)
{
	LONG64 Interval = (LONG64)Gpu->Settings.ResetIntervalMs * CLOCK_PER_MILLISECOND;

	if (Gpu->State == GpuStarting || (Gpu->WasReset && WorkedUntil - Gpu->ResetAt < Interval)) {
		WriteNoFence(&Gpu->State, GpuBroken);
	} else {
		WriteNoFence(&Gpu->State, GpuResetting);
		KeClearEvent(&Gpu->Settled);
	}
	VgpuTrace(Gpu->TraceLevel, TRACE_ERROR, "device lost, state %d\n", Gpu->State);
}

/* FALSE: ids have run out, and can start again only when the device owes nothing. */
_Requires_lock_held_(Gpu->QueueLock)
static BOOLEAN GpuHasFenceId(GPU *Gpu, const COMMAND *Command)
{
	if (!Command->Fenced || !Gpu->Dialect->LastFenceId || Gpu->LastFenceId < Gpu->Dialect->LastFenceId)
		return TRUE;
	if (!IsListEmpty(&Gpu->InFlight))
		return FALSE;
	Gpu->LastFenceId = 0;
	return TRUE;
}

/* Ids rise in the order in which the device gets the commands. It does not see the command before it is published. */
_Requires_lock_held_(Gpu->QueueLock)
static VOID GpuNumberFence(GPU *Gpu, COMMAND *Command)
{
	struct virtio_gpu_ctrl_hdr *Header = CommandRequest(Command);

	if (!Command->Fenced)
		return;
	Command->FenceId = ++Gpu->LastFenceId;
	Header->flags |= VIRTIO_GPU_FLAG_FENCE;
	Header->fence_id = Command->FenceId;
}

/* Moves what fits from Pending to the ring and shows it to the device. TRUE: the doorbell is to be rung, and Ringing
 * has been raised for it. */
_Requires_lock_held_(Gpu->QueueLock)
static BOOLEAN GpuPump(GPU *Gpu)
{
	BOOLEAN Indirect = VirtioPciHas(&Gpu->Pci, VIRTIO_F_INDIRECT_DESC);
	BOOLEAN Added = FALSE;

	if (Gpu->State != GpuRunning && Gpu->State != GpuStarting)
		return FALSE;
	while (!IsListEmpty(&Gpu->Pending)) {
		COMMAND *Command = CONTAINING_RECORD(Gpu->Pending.Flink, COMMAND, Link);

		if (!GpuHasFenceId(Gpu, Command) || !VirtqueueAdd(&Gpu->Queue, Command->Table, Command->Count,
							    Indirect ? Command->TablePhysical : 0, Command))
			break;
		GpuNumberFence(Gpu, Command);
		RemoveEntryList(&Command->Link);
		if (IsListEmpty(&Gpu->InFlight))
			Gpu->OldestSince = ClockNow();
		InsertTailList(&Gpu->InFlight, &Command->Link);
		Added = TRUE;
	}
	if (!Added)
		return FALSE;
	if (!Gpu->WatchdogRuns) {
		Gpu->WatchdogRuns = TRUE;
		(VOID) WdfTimerStart(Gpu->Watchdog, WDF_REL_TIMEOUT_IN_MS(GPU_WATCHDOG_MS));
	}
	if (!VirtqueuePublish(&Gpu->Queue)) {
		StatsAdd(&Gpu->Statistics.DoorbellsAvoided, 1);
		return FALSE;
	}
	(VOID) InterlockedIncrement(&Gpu->Ringing);
	return TRUE;
}

/* Without the lock: the write is slow. GpuReset waits for Ringing before registers can go away. */
static VOID GpuRing(GPU *Gpu)
{
	VirtioPciRing(Gpu->Doorbell, Gpu->Dialect->Queue);
	StatsAdd(&Gpu->Statistics.Doorbells, 1);
	(VOID) InterlockedDecrement(&Gpu->Ringing);
}

_Requires_lock_held_(Gpu->QueueLock)
static NTSTATUS GpuAdmit(GPU *Gpu, GPU_SEND *Send)
{
	NTSTATUS Status = Gpu->State == GpuStarting ? STATUS_SUCCESS : GpuCheck(Gpu, NULL);

	for (ULONG Index = 0; NT_SUCCESS(Status) && Index < RTL_NUMBER_OF(Send->Needs); Index++) {
		if (!Send->Needs[Index])
			continue;
		Status = GpuCheck(Gpu, Send->Needs[Index]);
		if (NT_SUCCESS(Status) && Send->Needs[Index]->Gone)
			Status = STATUS_INVALID_HANDLE;
	}
	if (NT_SUCCESS(Status) && Send->Ends)
		Status = Send->Ends->Gone ? STATUS_INVALID_HANDLE : GpuCheck(Gpu, Send->Ends);
	else if (Send->Ends && !Gpu->Quiet && Send->Ends->Generation == (ULONG)Gpu->Generation)
		Status = STATUS_SUCCESS; /* GpuGiveBack does so */
	for (LIST_ENTRY *Link = Send->Batch->Ready.Flink; Link != &Send->Batch->Ready; Link = Link->Flink)
		if (CONTAINING_RECORD(Link, COMMAND, Link)->Count > GpuMaxChain(Gpu))
			Status = STATUS_INVALID_BUFFER_SIZE;
	return Status;
}

_Requires_lock_held_(Gpu->QueueLock)
static VOID GpuAccept(GPU *Gpu, GPU_SEND *Send)
{
	ULONG Count = 0;

	if (Send->Begins) {
		Send->Begins->Generation = (ULONG)Gpu->Generation;
		Send->Begins->Gone = FALSE;
	}
	if (Send->Ends)
		Send->Ends->Gone = TRUE;
	while (!IsListEmpty(&Send->Batch->Ready)) {
		COMMAND *Command = CONTAINING_RECORD(RemoveHeadList(&Send->Batch->Ready), COMMAND, Link);

		if (Command->Timeline) {
			Command->Number = *Command->Timeline + 1;
			WriteNoFence64((volatile LONG64 *)Command->Timeline, (LONG64)Command->Number);
			Send->FenceNumber = Command->Number;
		}
		InsertTailList(&Gpu->Pending, &Command->Link);
		Count++;
	}
	StatsAdd(&Gpu->Statistics.Commands, Count);
}

_Use_decl_annotations_
NTSTATUS GpuSend(GPU *Gpu, GPU_SEND *Send)
{
	BOOLEAN Ring = FALSE;
	NTSTATUS Status;
	KIRQL Irql;

	KeAcquireSpinLock(&Gpu->QueueLock, &Irql);
	Status = GpuAdmit(Gpu, Send);
	if (NT_SUCCESS(Status)) {
		GpuAccept(Gpu, Send);
		Ring = GpuPump(Gpu);
	}
	KeReleaseSpinLock(&Gpu->QueueLock, Irql);
	if (Ring)
		GpuRing(Gpu);
	if (!NT_SUCCESS(Status) || !IsListEmpty(&Send->Batch->Spare) || Send->Batch->SparePage != COMMAND_NO_PAGE)
		CommandFreeBatch(&Gpu->Pool, Send->Batch);
	return Status;
}

/* ---- completion ---- */

static NTSTATUS GpuErrorStatus(ULONG Type)
{
	switch (Type) {
	case VIRTIO_GPU_RESP_ERR_OUT_OF_MEMORY:
		return STATUS_INSUFFICIENT_RESOURCES;
	case VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID:
	case VIRTIO_GPU_RESP_ERR_INVALID_CONTEXT_ID:
	case VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER:
		return STATUS_INVALID_PARAMETER;
	default:
		return STATUS_IO_DEVICE_ERROR;
	}
}

static NTSTATUS GpuJudgeAnswer(GPU *Gpu, COMMAND *Command)
{
	const struct virtio_gpu_ctrl_hdr *Answer = CommandAnswer(Command);
	ULONG Type;

	if (!Command->Expected)
		return STATUS_SUCCESS;
	Type = (ULONG)ReadNoFence((const volatile LONG *)&Answer->type);
	if (Command->Written >= sizeof(*Answer) && Type >= VIRTIO_GPU_RESP_ERR_UNSPEC &&
		Type <= VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER) {
		StatsAdd(&Gpu->Statistics.DeviceErrors, 1);
		VgpuTrace(Gpu->TraceLevel, TRACE_WARNING, "command %x: answer %x\n",
			((struct virtio_gpu_ctrl_hdr *)CommandRequest(Command))->type, Type);
		return GpuErrorStatus(Type);
	}
	if (Type != Command->Expected || Command->Written < Command->ExpectedBytes) {
		StatsViolation(&Gpu->Statistics, &Gpu->Statistics.ViolationsAnswer);
		return STATUS_DEVICE_PROTOCOL_ERROR;
	}
	return STATUS_SUCCESS;
}

static VOID GpuFinish(GPU *Gpu, LIST_ENTRY *Finished)
{
	while (!IsListEmpty(Finished)) {
		COMMAND *Command = CONTAINING_RECORD(RemoveHeadList(Finished), COMMAND, Link);

		if (Command->Done)
			Command->Done(Command);
		CommandFree(&Gpu->Pool, Command);
	}
}

static VOID GpuFinishAnswered(GPU *Gpu, LIST_ENTRY *Finished)
{
	for (LIST_ENTRY *Link = Finished->Flink; Link != Finished; Link = Link->Flink) {
		COMMAND *Command = CONTAINING_RECORD(Link, COMMAND, Link);

		Command->Status = GpuJudgeAnswer(Gpu, Command);
	}
	GpuFinish(Gpu, Finished);
}

/* Takes all that the device has answered. */
_Requires_lock_held_(Gpu->QueueLock)
static VOID GpuCollect(GPU *Gpu, LIST_ENTRY *Finished)
{
	BOOLEAN OldestDone = FALSE;
	PVOID Token;
	ULONG Written;

	do {
		while (VirtqueueTake(&Gpu->Queue, &Token, &Written)) {
			COMMAND *Command = Token;

			OldestDone |= Gpu->InFlight.Flink == &Command->Link;
			RemoveEntryList(&Command->Link);
			Command->Written = Written;
			InsertTailList(Finished, &Command->Link);
		}
	} while (!VirtqueueArm(&Gpu->Queue));
	if (OldestDone)
		Gpu->OldestSince = ClockNow();
}

_Use_decl_annotations_
VOID GpuPoll(GPU *Gpu)
{
	LIST_ENTRY Finished;
	BOOLEAN Ring, Lost;
	KIRQL Irql;

	InitializeListHead(&Finished);
	KeAcquireSpinLock(&Gpu->QueueLock, &Irql);
	if (Gpu->State != GpuRunning && Gpu->State != GpuStarting) {
		KeReleaseSpinLock(&Gpu->QueueLock, Irql);
		return;
	}
	GpuCollect(Gpu, &Finished);
	Lost = Gpu->Queue.Broken;
	if (Lost)
		GpuFail(Gpu, ClockNow());
	Ring = GpuPump(Gpu);
	KeReleaseSpinLock(&Gpu->QueueLock, Irql);

	if (Ring)
		GpuRing(Gpu);
	if (Lost) {
		StatsViolation(&Gpu->Statistics, &Gpu->Statistics.ViolationsRing);
		EventWrite(Gpu->Device, EVENT_BROKE_RULES, STATUS_DEVICE_PROTOCOL_ERROR);
		WdfWorkItemEnqueue(Gpu->Recovery);
	}
	GpuFinishAnswered(Gpu, &Finished);
}

/* Before a reset that the host survives only when nothing is under way: takes answers, interrupt or not, until nothing
 * is. FALSE: the device keeps something. A device that is gone keeps nothing. */
static BOOLEAN GpuDrain(GPU *Gpu)
{
	LARGE_INTEGER Millisecond = {.QuadPart = -CLOCK_PER_MILLISECOND};
	/* A device that was waited for already gets little more. */
	ULONG Patience = ReadNoFence(&Gpu->State) == GpuStopped ? Gpu->Settings.TimeoutMs : GPU_WATCHDOG_MS;
	LONG64 End = ClockNow() + (LONG64)Patience * CLOCK_PER_MILLISECOND;
	LIST_ENTRY Finished;
	BOOLEAN Idle;
	KIRQL Irql;

	for (;;) {
		InitializeListHead(&Finished);
		KeAcquireSpinLock(&Gpu->QueueLock, &Irql);
		if (!Gpu->Quiet) /* else everything was given back, whatever the device still writes */
			GpuCollect(Gpu, &Finished);
		Idle = IsListEmpty(&Gpu->InFlight);
		KeReleaseSpinLock(&Gpu->QueueLock, Irql);
		GpuFinishAnswered(Gpu, &Finished);
		if (Idle || VirtioPciGone(&Gpu->Pci))
			return TRUE;
		if (ClockNow() > End)
			return FALSE;
		(VOID) KeDelayExecutionThread(KernelMode, FALSE, &Millisecond);
	}
}

_Use_decl_annotations_
NTSTATUS GpuReset(GPU *Gpu)
{
	LARGE_INTEGER Millisecond = {.QuadPart = -CLOCK_PER_MILLISECOND};
	NTSTATUS Status;

	while (ReadNoFence(&Gpu->Ringing))
		(VOID) KeDelayExecutionThread(KernelMode, FALSE, &Millisecond);
	if (Gpu->Dialect->ResetNeedsIdle && !GpuDrain(Gpu)) {
		(VOID) InterlockedExchange(&Gpu->Abandoned, 1);
		return STATUS_IO_TIMEOUT;
	}
	if (InterlockedExchange(&Gpu->Abandoned, 0)) /* it has answered after all */
		CommandPoolBreak(&Gpu->Pool, STATUS_SUCCESS);
	/* A device that does not confirm the reset has had a second to stop; the machine must not wait for it. */
	Status = VirtioPciReset(&Gpu->Pci);
	StatsAdd(&Gpu->Statistics.Resets, 1);
	if (!NT_SUCCESS(Status)) {
		StatsAdd(&Gpu->Statistics.FailedResets, 1);
		VgpuTrace(Gpu->TraceLevel, TRACE_ERROR, "reset: status %x\n", (ULONG)Status);
	}
	return Status;
}

static COMMAND_DONE GpuExecuted;

/* The device has commands that it neither answers nor may be made to forget. They and what they name stay; who waits
 * for them does not. The list is nobody else's: no state lets answers in. */
static VOID GpuAbandon(GPU *Gpu, NTSTATUS Status)
{
	for (LIST_ENTRY *Link = Gpu->InFlight.Flink; Link != &Gpu->InFlight; Link = Link->Flink) {
		COMMAND *Command = CONTAINING_RECORD(Link, COMMAND, Link);

		Command->Status = Status;
		if (Command->Timeline)
			FenceFail(&Gpu->Fences, CONTAINING_RECORD(Command->Timeline, FENCE_RING, Given), Status);
		if (Command->Done == GpuExecuted) {
			GpuExecuted(Command);
			Command->Done = NULL;
		}
	}
	CommandPoolBreak(&Gpu->Pool, Status);
}

_Use_decl_annotations_
VOID GpuGiveBack(GPU *Gpu)
{
	LIST_ENTRY Finished;
	NTSTATUS Status;
	KIRQL Irql;

	InitializeListHead(&Finished);
	Status = GpuCheck(Gpu, &(HOST_OBJECT){.Generation = 0});
	if (ReadNoFence(&Gpu->Abandoned))
		GpuAbandon(Gpu, Status);
	KeAcquireSpinLock(&Gpu->QueueLock, &Irql);
	while (!Gpu->Abandoned && !IsListEmpty(&Gpu->InFlight))
		InsertTailList(&Finished, RemoveHeadList(&Gpu->InFlight));
	while (!IsListEmpty(&Gpu->Pending))
		InsertTailList(&Finished, RemoveHeadList(&Gpu->Pending));
	Gpu->Quiet = !Gpu->Abandoned;
	KeReleaseSpinLock(&Gpu->QueueLock, Irql);
	for (LIST_ENTRY *Link = Finished.Flink; Link != &Finished; Link = Link->Flink) {
		CONTAINING_RECORD(Link, COMMAND, Link)->Status = Status;
		CONTAINING_RECORD(Link, COMMAND, Link)->Lost = TRUE;
		StatsAdd(&Gpu->Statistics.CommandsLost, 1);
	}
	GpuFinish(Gpu, &Finished);
}

/* ---- a command and its answer ---- */

typedef struct _GPU_EXECUTION {
	KEVENT Answered;
	NTSTATUS Status;
	PVOID Answer;
	ULONG AnswerBytes;
} GPU_EXECUTION;

static VOID GpuExecuted(COMMAND *Command)
{
	GPU_EXECUTION *Execution = Command->Owner;

	Execution->Status = Command->Status;
	if (NT_SUCCESS(Command->Status) && Execution->AnswerBytes)
		RtlCopyMemory(Execution->Answer, CommandAnswer(Command), Execution->AnswerBytes);
	(VOID) KeSetEvent(&Execution->Answered, IO_NO_INCREMENT, FALSE);
}

_Use_decl_annotations_
NTSTATUS GpuExecute(GPU *Gpu, GPU_SEND *Send, PVOID Answer, ULONG AnswerBytes)
{
	COMMAND *Command = CONTAINING_RECORD(Send->Batch->Ready.Flink, COMMAND, Link);
	GPU_EXECUTION Execution;
	NTSTATUS Status;

	KeInitializeEvent(&Execution.Answered, NotificationEvent, FALSE);
	Execution.Status = STATUS_PENDING;
	Execution.Answer = Answer;
	Execution.AnswerBytes = AnswerBytes;
	Command->Done = GpuExecuted;
	Command->Owner = &Execution;
	Status = GpuSend(Gpu, Send);
	if (!NT_SUCCESS(Status))
		return Status;
	/* Ends: every accepted command gets its Done call, at the latest after the watchdog's time. */
	(VOID) LeaveWait(&Gpu->Leavers, &Execution.Answered, FALSE);
	return Execution.Status;
}
