/* SPDX-License-Identifier: MIT */
/* The engine's life: what it is made of, starting, stopping, watching the device. */
#include "gpu.h"
#include "clock.h"
#include "events.h"

#define MAX_QUEUE_SIZE 1024u

static EVT_WDF_TIMER GpuWatchdog;
static EVT_WDF_WORKITEM GpuRecovery;

typedef struct _GPU_POINTER {
	GPU *Gpu;
} GPU_POINTER;
WDF_DECLARE_CONTEXT_TYPE_WITH_NAME(GPU_POINTER, GpuPointerOf)

_Use_decl_annotations_
NTSTATUS GpuInit(GPU *Gpu, WDFDEVICE Device)
{
	WDF_OBJECT_ATTRIBUTES Attributes;
	WDF_WORKITEM_CONFIG WorkItem;
	WDF_TIMER_CONFIG Timer;
	NTSTATUS Status;

	Gpu->Device = Device;
	Gpu->Dialect = &DialectStandard;
	KeInitializeSpinLock(&Gpu->QueueLock);
	CapsetsInit(&Gpu->Capsets);
	LeaversInit(&Gpu->Leavers);
	IdSpaceInit(&Gpu->ContextIds);
	IdSpaceInit(&Gpu->ResourceIds);
	InitializeListHead(&Gpu->Pending);
	InitializeListHead(&Gpu->InFlight);
	InitializeListHead(&Gpu->Kept);
	Gpu->Quiet = TRUE;
	KeInitializeEvent(&Gpu->Settled, NotificationEvent, TRUE);

	WDF_OBJECT_ATTRIBUTES_INIT_CONTEXT_TYPE(&Attributes, GPU_POINTER);
	Attributes.ParentObject = Device;
	WDF_TIMER_CONFIG_INIT(&Timer, GpuWatchdog);
	Timer.AutomaticSerialization = FALSE;
	Status = WdfTimerCreate(&Timer, &Attributes, &Gpu->Watchdog);
	if (!NT_SUCCESS(Status))
		return Status;
	GpuPointerOf(Gpu->Watchdog)->Gpu = Gpu;

	WDF_WORKITEM_CONFIG_INIT(&WorkItem, GpuRecovery);
	WorkItem.AutomaticSerialization = FALSE;
	Status = WdfWorkItemCreate(&WorkItem, &Attributes, &Gpu->Recovery);
	if (!NT_SUCCESS(Status))
		return Status;
	GpuPointerOf(Gpu->Recovery)->Gpu = Gpu;
	return FencesInit(&Gpu->Fences, Device, &Gpu->Statistics, Gpu->Settings.MaxDeviceWaits, &Gpu->Leavers);
}

_Use_decl_annotations_
NTSTATUS GpuPrepare(GPU *Gpu, WDFCMRESLIST Raw, WDFCMRESLIST Translated)
{
	NTSTATUS Status = VirtioPciMap(&Gpu->Pci, Gpu->Device, Raw, Translated, DialectConfigBytes);

	if (NT_SUCCESS(Status))
		Gpu->Dialect = DialectFind(&Gpu->Pci.Identity);
	if (NT_SUCCESS(Status) && !Gpu->Pool.ChunkCount)
		Status = CommandPoolInit(&Gpu->Pool, &Gpu->Leavers);
	Gpu->ContextIds.Once = Gpu->ResourceIds.Once = Gpu->Dialect->IdsOnce;
	if (!NT_SUCCESS(Status))
		GpuUnprepare(Gpu);
	return Status;
}

static VOID GpuFreeRing(GPU *Gpu)
{
	DmaFree(&Gpu->CapsetAnswer);
	DmaFree(&Gpu->Ring);
	if (Gpu->Tokens)
		VgpuFree(Gpu->Tokens);
	Gpu->Tokens = NULL;
}

_Use_decl_annotations_
VOID GpuUnprepare(GPU *Gpu)
{
	WdfWorkItemFlush(Gpu->Recovery); /* a surprise removal without power queues it and no D0 exit follows */
	if (!Gpu->Abandoned)
		GpuFreeRing(Gpu);
	VirtioPciUnmap(&Gpu->Pci);
}

_Use_decl_annotations_
VOID GpuDestroy(GPU *Gpu)
{
	CapsetsFree(&Gpu->Capsets);
	if (!Gpu->Abandoned) /* a leak, against memory that the device still writes to */
		CommandPoolFree(&Gpu->Pool);
	if (Gpu->Device) { /* GpuInit was called */
		IdSpaceFree(&Gpu->ContextIds);
		IdSpaceFree(&Gpu->ResourceIds);
	}
}

/* Later starts find the ring of the first, and a size that stays: requests plan with it while the device restarts. */
static NTSTATUS GpuAllocateRing(GPU *Gpu)
{
	USHORT Size = VirtioPciQueueSize(&Gpu->Pci, Gpu->Dialect->Queue);
	VIRTQUEUE_LAYOUT Layout;
	NTSTATUS Status;

	if (Size < 8 || Size > VIRTQUEUE_MAX_SIZE || (Size & (Size - 1)))
		return STATUS_DEVICE_CONFIGURATION_ERROR;
	if (Size > MAX_QUEUE_SIZE)
		Size = MAX_QUEUE_SIZE;
	if (Gpu->QueueSize && Size != Gpu->QueueSize)
		return STATUS_DEVICE_CONFIGURATION_ERROR;
	if (Gpu->Ring.Address)
		return STATUS_SUCCESS;
	VirtqueueLayout(Size, &Layout);
	Gpu->Tokens = VgpuAllocate(sizeof(*Gpu->Tokens) * Size);
	if (!Gpu->Tokens)
		return STATUS_INSUFFICIENT_RESOURCES;
	Status = DmaAllocate(&Gpu->Ring, Layout.Total);
	if (NT_SUCCESS(Status))
		Gpu->QueueSize = Size;
	else
		GpuFreeRing(Gpu);
	return Status;
}

static NTSTATUS GpuSetUpQueue(GPU *Gpu)
{
	VIRTIO_QUEUE_SETUP Setup = {.Index = Gpu->Dialect->Queue, .Vector = Gpu->Vector};
	VIRTQUEUE_LAYOUT Layout;
	NTSTATUS Status = GpuAllocateRing(Gpu);
	KIRQL Irql;

	if (!NT_SUCCESS(Status))
		return Status;
	KeAcquireSpinLock(&Gpu->QueueLock, &Irql);
	VirtqueueInit(&Gpu->Queue, Gpu->QueueSize, VirtioPciHas(&Gpu->Pci, VIRTIO_F_EVENT_IDX), Gpu->Ring.Address,
		Gpu->Tokens);
	KeReleaseSpinLock(&Gpu->QueueLock, Irql);
	VirtqueueLayout(Gpu->QueueSize, &Layout);
	Setup.Size = Gpu->QueueSize;
	Setup.Descriptors = Gpu->Ring.Physical;
	Setup.Available = Gpu->Ring.Physical + Layout.Available;
	Setup.Used = Gpu->Ring.Physical + Layout.Used;
	Status = VirtioPciSetQueue(&Gpu->Pci, &Setup);
	Gpu->Doorbell = Setup.Doorbell;
	return Status;
}

/* From a reset device to DRIVER_OK. */
static NTSTATUS GpuSetUp(GPU *Gpu)
{
	NTSTATUS Status = VirtioPciNegotiate(&Gpu->Pci, Gpu->Dialect->Features);

	if (NT_SUCCESS(Status))
		VirtioPciReadDeviceConfig(&Gpu->Pci, Gpu->Dialect->ConfigBytes);
	if (NT_SUCCESS(Status) && !(Gpu->Dialect->Capabilities(&Gpu->Pci) & VGPU_CAP_3D))
		Status = STATUS_NOT_SUPPORTED;
	if (NT_SUCCESS(Status))
		Status = GpuSetUpQueue(Gpu);
	if (NT_SUCCESS(Status))
		Status = VirtioPciStart(&Gpu->Pci, Gpu->Vector);
	if (!NT_SUCCESS(Status)) {
		VgpuTrace(Gpu->TraceLevel, TRACE_ERROR, "start: status %x\n", (ULONG)Status);
		(VOID) VirtioPciReset(&Gpu->Pci);
	}
	if (Status == STATUS_DEVICE_CONFIGURATION_ERROR)
		StatsViolation(&Gpu->Statistics, &Gpu->Statistics.ViolationsConfig);
	return Status;
}

_Requires_lock_held_(Gpu->QueueLock)
static VOID GpuBegin(GPU *Gpu, GPU_STATE State)
{
	WriteNoFence(&Gpu->Generation, Gpu->Generation + 1);
	Gpu->Quiet = FALSE;
	WriteNoFence(&Gpu->State, State);
}

_Use_decl_annotations_
NTSTATUS GpuStart(GPU *Gpu, USHORT Vector)
{
	NTSTATUS Status;
	KIRQL Irql;

	if (GpuKeeps(Gpu) && !NT_SUCCESS(GpuReset(Gpu)))
		return STATUS_DEVICE_HARDWARE_ERROR;
	Status = VirtioPciReset(&Gpu->Pci);
	Gpu->Vector = Vector;
	if (NT_SUCCESS(Status))
		Status = GpuSetUp(Gpu);
	if (!NT_SUCCESS(Status))
		return Status;
	KeAcquireSpinLock(&Gpu->QueueLock, &Irql);
	Gpu->WasReset = FALSE;
	Gpu->LastFenceId = Gpu->Settings.FirstFenceId;
	GpuBegin(Gpu, GpuStarting);
	KeReleaseSpinLock(&Gpu->QueueLock, Irql);
	return STATUS_SUCCESS;
}

_Use_decl_annotations_
NTSTATUS GpuRun(GPU *Gpu)
{
	NTSTATUS Status = CapsetsRead(Gpu);
	KIRQL Irql;

	if (!NT_SUCCESS(Status)) {
		VgpuTrace(Gpu->TraceLevel, TRACE_ERROR, "capsets: status %x\n", (ULONG)Status);
		GpuStop(Gpu);
		return Status;
	}
	KeAcquireSpinLock(&Gpu->QueueLock, &Irql);
	if (Gpu->State == GpuStarting)
		WriteNoFence(&Gpu->State, GpuRunning);
	KeReleaseSpinLock(&Gpu->QueueLock, Irql);
	return STATUS_SUCCESS;
}

_Use_decl_annotations_
VOID GpuStop(GPU *Gpu)
{
	KIRQL Irql;

	KeAcquireSpinLock(&Gpu->QueueLock, &Irql);
	if (Gpu->State != GpuRemoved)
		WriteNoFence(&Gpu->State, GpuStopped);
	(VOID) KeSetEvent(&Gpu->Settled, IO_NO_INCREMENT, FALSE);
	Gpu->WatchdogRuns = FALSE;
	KeReleaseSpinLock(&Gpu->QueueLock, Irql);
	(VOID) WdfTimerStop(Gpu->Watchdog, TRUE);
	WdfWorkItemFlush(Gpu->Recovery);
	Gpu->Views.Hide(Gpu);
	(VOID) GpuReset(Gpu);
	GpuGiveBack(Gpu);
	FencesStop(&Gpu->Fences);
}

/* ---- a device that is lost ---- */

/* Ends Resetting, unless power or the device went away meanwhile: then there is nothing to end. */
static VOID GpuEndReset(GPU *Gpu, GPU_STATE State)
{
	BOOLEAN Ended;
	KIRQL Irql;

	KeAcquireSpinLock(&Gpu->QueueLock, &Irql);
	Ended = Gpu->State == GpuResetting;
	if (Ended && State == GpuRunning) {
		Gpu->WasReset = TRUE;
		Gpu->ResetAt = ClockNow();
		GpuBegin(Gpu, State);
	} else if (Ended) {
		WriteNoFence(&Gpu->State, State);
	}
	(VOID) KeSetEvent(&Gpu->Settled, IO_NO_INCREMENT, FALSE);
	KeReleaseSpinLock(&Gpu->QueueLock, Irql);
	if (!Ended)
		return;
	VgpuTrace(Gpu->TraceLevel, TRACE_ERROR, "after the reset: state %d\n", State);
	EventWrite(Gpu->Device, State == GpuRunning ? EVENT_WORKS_AGAIN : EVENT_BROKEN, STATUS_SUCCESS);
}

/* A device that is another one after its reset is not trusted again: requests have planned with its features. */
static NTSTATUS GpuRestart(GPU *Gpu)
{
	ULONG64 Features = Gpu->Pci.Features;
	NTSTATUS Status = GpuSetUp(Gpu);

	if (NT_SUCCESS(Status) && Gpu->Pci.Features != Features) {
		(VOID) VirtioPciReset(&Gpu->Pci);
		Status = STATUS_DEVICE_CONFIGURATION_ERROR;
		StatsViolation(&Gpu->Statistics, &Gpu->Statistics.ViolationsConfig);
	}
	if (!NT_SUCCESS(Status))
		StatsAdd(&Gpu->Statistics.FailedResets, 1);
	return Status;
}

static VOID GpuRecovery(WDFWORKITEM WorkItem)
{
	GPU *Gpu = GpuPointerOf(WorkItem)->Gpu;
	BOOLEAN WasBroken = ReadNoFence(&Gpu->State) == GpuBroken; /* too soon after a reset, or while starting */

	Gpu->Views.Hide(Gpu);
	/* Before the commands come back, so that they tell the truth about a device that stays lost. */
	if (!NT_SUCCESS(GpuReset(Gpu)))
		GpuEndReset(Gpu, GpuBroken);
	GpuGiveBack(Gpu);
	if (WasBroken)
		EventWrite(Gpu->Device, EVENT_BROKEN, STATUS_SUCCESS);
	if (ReadNoFence(&Gpu->State) == GpuResetting)
		GpuEndReset(Gpu, NT_SUCCESS(GpuRestart(Gpu)) ? GpuRunning : GpuBroken);
}

/* The device owes an answer for too long, or somebody wants to end and cannot, although it answers now and then. */
_Requires_lock_held_(Gpu->QueueLock)
static BOOLEAN GpuIsLate(const GPU *Gpu, LONG64 Now, LONG64 LeaveSince)
{
	LONG64 Timeout = (LONG64)Gpu->Settings.TimeoutMs * CLOCK_PER_MILLISECOND;

	return Now - Gpu->OldestSince > Timeout ||
	       (LeaveSince != LEAVE_NOBODY && Now - LeaveSince > GPU_LEAVE_TIMEOUTS * Timeout);
}

/* Looks once a second, while anything is in flight, whether the device is there and answers in order of age. */
static VOID GpuWatchdog(WDFTIMER Timer)
{
	GPU *Gpu = GpuPointerOf(Timer)->Gpu;
	LONG Generation = ReadNoFence(&Gpu->Generation);
	BOOLEAN Alive = VirtioPciAlive(&Gpu->Pci);
	BOOLEAN Lost = FALSE;
	LONG64 LeaveFrom = LeaveSince(&Gpu->Leavers);
	LONG64 Now = ClockNow();
	KIRQL Irql;

	KeAcquireSpinLock(&Gpu->QueueLock, &Irql);
	if (Gpu->Generation != Generation)
		Alive = TRUE; /* the device was being reset when it was looked at */
	Gpu->WatchdogRuns = FALSE;
	if ((Gpu->State == GpuRunning || Gpu->State == GpuStarting) && !IsListEmpty(&Gpu->InFlight)) {
		if (!Alive || GpuIsLate(Gpu, Now, LeaveFrom)) {
			GpuFail(Gpu, Alive ? Gpu->OldestSince : Now);
			Lost = TRUE;
			StatsAdd(&Gpu->Statistics.Hangs, 1);
		} else {
			(VOID) WdfTimerStart(Timer, WDF_REL_TIMEOUT_IN_MS(GPU_WATCHDOG_MS));
			Gpu->WatchdogRuns = TRUE;
		}
	}
	KeReleaseSpinLock(&Gpu->QueueLock, Irql);
	if (Lost) {
		EventWrite(Gpu->Device, EVENT_HUNG, Alive ? STATUS_IO_TIMEOUT : STATUS_DEVICE_HARDWARE_ERROR);
		WdfWorkItemEnqueue(Gpu->Recovery);
	}
}
