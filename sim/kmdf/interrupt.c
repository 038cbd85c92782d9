/* SPDX-License-Identifier: MIT */
/* interrupt.c - WDFINTERRUPT: ISRs under the interrupt's lock at device IRQL, DPCs on a thread of their own. */
#include "kmdf.h"

typedef struct SIM_INTERRUPT {
	SIM_OBJECT Object;
	SIM_DEVICE *Device;
	LIST_ENTRY Link; /* in the device's */
	WDF_INTERRUPT_CONFIG Config;
	ULONG Index;
	BOOLEAN Connected;
	KSPIN_LOCK Lock;
	/* under DpcLock */
	LIST_ENTRY DpcLink;
	BOOLEAN DpcQueued;
} SIM_INTERRUPT;

static struct {
	HOST_LOCK Lock;
	HOST_CONDITION Changed;
	HOST_THREAD *Thread;
	LIST_ENTRY Queue;
	SIM_INTERRUPT *Running;
	BOOLEAN Stop;
} Dpcs;

/* ---- DPCs ---- */
static void RunDpc(SIM_INTERRUPT *Interrupt)
{
	SIM_SECTION Section = SimCallbackEnter("EvtInterruptDpc", DISPATCH_LEVEL);

	Interrupt->Config.EvtInterruptDpc((WDFINTERRUPT)(void *)Interrupt, Interrupt->Device);
	SimCallbackLeave(&Section);
}

static void DpcThread(void *Context)
{
	(void)Context;
	HostLockAcquire(&Dpcs.Lock);
	while (!Dpcs.Stop) {
		if (IsListEmpty(&Dpcs.Queue)) {
			HostConditionWait(&Dpcs.Changed, &Dpcs.Lock, HOST_FOREVER);
			continue;
		}
		Dpcs.Running = CONTAINING_RECORD(RemoveHeadList(&Dpcs.Queue), SIM_INTERRUPT, DpcLink);
		Dpcs.Running->DpcQueued = FALSE;
		HostLockRelease(&Dpcs.Lock);
		RunDpc(Dpcs.Running);
		HostLockAcquire(&Dpcs.Lock);
		Dpcs.Running = NULL;
		HostConditionSignalAll(&Dpcs.Changed);
	}
	HostLockRelease(&Dpcs.Lock);
}

static void FlushDpcs(void)
{
	HostLockAcquire(&Dpcs.Lock);
	while (!IsListEmpty(&Dpcs.Queue) || Dpcs.Running)
		HostConditionWait(&Dpcs.Changed, &Dpcs.Lock, HOST_FOREVER);
	HostLockRelease(&Dpcs.Lock);
}

void SimDpcStart(void)
{
	HostLockInit(&Dpcs.Lock);
	HostConditionInit(&Dpcs.Changed);
	InitializeListHead(&Dpcs.Queue);
	Dpcs.Stop = FALSE;
	if (HostThreadCreate(&Dpcs.Thread, "sim-dpc", DpcThread, NULL) != 0)
		HostAbort();
}

void SimDpcStop(void)
{
	HostLockAcquire(&Dpcs.Lock);
	Dpcs.Stop = TRUE;
	HostConditionSignalAll(&Dpcs.Changed);
	HostLockRelease(&Dpcs.Lock);
	HostThreadJoin(Dpcs.Thread);
	HostConditionDestroy(&Dpcs.Changed);
	HostLockDestroy(&Dpcs.Lock);
}

/* ---- the interrupt's lock ---- */
static void LockAcquire(SIM_INTERRUPT *Interrupt)
{
	SIM_THREAD *Thread = SimThread();
	KIRQL OldIrql = Thread->Irql;

	if (!SimLockTaking(&Interrupt->Lock, SimLockInterrupt))
		return;
	Thread->Irql = SIM_DEVICE_IRQL;
	SimSpinAcquire(&Interrupt->Lock);
	SimLockTaken(&Interrupt->Lock, SimLockInterrupt, OldIrql);
}

static void LockRelease(SIM_INTERRUPT *Interrupt)
{
	SIM_HELD Held;

	if (!SimLockReleasing(&Interrupt->Lock, SimLockInterrupt, &Held))
		return;
	SimSpinRelease(&Interrupt->Lock);
	SimThread()->Irql = Held.OldIrql;
}

static BOOLEAN Isr(void *Context, ULONG Message)
{
	SIM_INTERRUPT *Interrupt = Context;
	BOOLEAN Claimed;

	LockAcquire(Interrupt);
	Claimed = Interrupt->Config.EvtInterruptIsr((WDFINTERRUPT)(void *)Interrupt, Message);
	LockRelease(Interrupt);
	return Claimed;
}

typedef NTSTATUS (*ENABLE_EVENT)(WDFINTERRUPT Interrupt, WDFDEVICE Device);

static void Enable(SIM_INTERRUPT *Interrupt, ENABLE_EVENT Event)
{
	SIM_SECTION Section;

	if (!Event)
		return;
	LockAcquire(Interrupt);
	Section = SimCallbackEnter("EvtInterruptEnable or Disable", SIM_DEVICE_IRQL);
	Event((WDFINTERRUPT)(void *)Interrupt, (WDFDEVICE)(void *)Interrupt->Device);
	SimCallbackLeave(&Section);
	LockRelease(Interrupt);
}

/* Interrupt objects take messages in the order of their making; those beyond the granted number stay unconnected. */
void SimInterruptsConnect(SIM_DEVICE *Device)
{
	ULONG Granted = max(Device->Init.Function->Messages, 1);

	for (LIST_ENTRY *Link = Device->Interrupts.Flink; Link != &Device->Interrupts; Link = Link->Flink) {
		SIM_INTERRUPT *Interrupt = CONTAINING_RECORD(Link, SIM_INTERRUPT, Link);

		if (Interrupt->Index >= Granted)
			continue;
		SimInterruptConnect(Device->Init.Function, Interrupt->Index, Isr, Interrupt);
		Interrupt->Connected = TRUE;
		Enable(Interrupt, Interrupt->Config.EvtInterruptEnable);
	}
}

void SimInterruptsDisconnect(SIM_DEVICE *Device)
{
	for (LIST_ENTRY *Link = Device->Interrupts.Flink; Link != &Device->Interrupts; Link = Link->Flink) {
		SIM_INTERRUPT *Interrupt = CONTAINING_RECORD(Link, SIM_INTERRUPT, Link);

		if (!Interrupt->Connected)
			continue;
		Enable(Interrupt, Interrupt->Config.EvtInterruptDisable);
		SimInterruptDisconnect(Isr, Interrupt);
		Interrupt->Connected = FALSE;
	}
	FlushDpcs();
}

/* ---- the driver's functions ---- */
static NTSTATUS InterruptCreate(PWDF_DRIVER_GLOBALS Globals, WDFDEVICE Device, PWDF_INTERRUPT_CONFIG Config,
	PWDF_OBJECT_ATTRIBUTES Attributes, WDFINTERRUPT *Interrupt)
{
	SIM_DEVICE *Owner = SimObjectCheck(Device, SimKindDevice, "WdfInterruptCreate");
	SIM_INTERRUPT *New;
	NTSTATUS Status;

	(void)Globals;
	SimIrqlMax("WdfInterruptCreate", PASSIVE_LEVEL);
	if (!Owner || !SimWdfSize(Config->Size, sizeof(*Config), "WDF_INTERRUPT_CONFIG"))
		return STATUS_INVALID_PARAMETER;
	if (!Config->EvtInterruptIsr || Config->PassiveHandling || Config->SpinLock || Config->WaitLock ||
		Owner->State != SimDeviceStopped) {
		SimViolation(SimRuleWdfNotImplemented,
			"WdfInterruptCreate: no ISR, passive handling, a lock of the driver's, or a started device");
		return STATUS_NOT_SUPPORTED;
	}
	if (SimFault("WdfInterruptCreate"))
		return STATUS_INSUFFICIENT_RESOURCES;
	New = SimObjectCreate(SimKindInterrupt, sizeof(*New), &Owner->Object, Attributes, &Status);
	if (!New)
		return Status;
	New->Device = Owner;
	New->Config = *Config;
	New->Index = Owner->InterruptCount++;
	InsertTailList(&Owner->Interrupts, &New->Link);
	*Interrupt = (WDFINTERRUPT)(void *)New;
	return STATUS_SUCCESS;
}

static BOOLEAN InterruptQueueDpcForIsr(PWDF_DRIVER_GLOBALS Globals, WDFINTERRUPT Handle)
{
	SIM_INTERRUPT *Interrupt = SimObjectCheck(Handle, SimKindInterrupt, "WdfInterruptQueueDpcForIsr");
	BOOLEAN Queued;

	(void)Globals;
	if (!Interrupt || !Interrupt->Config.EvtInterruptDpc)
		return FALSE;
	HostLockAcquire(&Dpcs.Lock);
	Queued = !Interrupt->DpcQueued;
	if (Queued) {
		Interrupt->DpcQueued = TRUE;
		InsertTailList(&Dpcs.Queue, &Interrupt->DpcLink);
		HostConditionSignalAll(&Dpcs.Changed);
	}
	HostLockRelease(&Dpcs.Lock);
	return Queued;
}

static SIM_INTERRUPT *Lockable(WDFINTERRUPT Handle, const char *Function)
{
	SIM_INTERRUPT *Interrupt = SimObjectCheck(Handle, SimKindInterrupt, Function);

	SimIrqlMax(Function, SIM_DEVICE_IRQL);
	if (Interrupt && !Interrupt->Connected)
		SimViolation(SimRuleInterruptState, "%s: the interrupt is not connected", Function);
	return Interrupt;
}

static VOID InterruptAcquireLock(PWDF_DRIVER_GLOBALS Globals, WDFINTERRUPT Handle)
{
	SIM_INTERRUPT *Interrupt = Lockable(Handle, "WdfInterruptAcquireLock");

	(void)Globals;
	if (Interrupt)
		LockAcquire(Interrupt);
}

static VOID InterruptReleaseLock(PWDF_DRIVER_GLOBALS Globals, WDFINTERRUPT Handle)
{
	SIM_INTERRUPT *Interrupt = SimObjectCheck(Handle, SimKindInterrupt, "WdfInterruptReleaseLock");

	(void)Globals;
	if (Interrupt)
		LockRelease(Interrupt);
}

static BOOLEAN InterruptSynchronize(
	PWDF_DRIVER_GLOBALS Globals, WDFINTERRUPT Handle, PFN_WDF_INTERRUPT_SYNCHRONIZE Callback, WDFCONTEXT Context)
{
	SIM_INTERRUPT *Interrupt = Lockable(Handle, "WdfInterruptSynchronize");
	BOOLEAN Result;

	(void)Globals;
	if (!Interrupt)
		return FALSE;
	LockAcquire(Interrupt);
	Result = Callback(Handle, Context);
	LockRelease(Interrupt);
	return Result;
}

static VOID InterruptGetInfo(PWDF_DRIVER_GLOBALS Globals, WDFINTERRUPT Handle, PWDF_INTERRUPT_INFO Info)
{
	SIM_INTERRUPT *Interrupt = SimObjectCheck(Handle, SimKindInterrupt, "WdfInterruptGetInfo");
	const SIM_PCI_FUNCTION *Function;
	ULONG Size = Info->Size;

	(void)Globals;
	SimIrqlMax("WdfInterruptGetInfo", DISPATCH_LEVEL);
	if (!Interrupt || !SimWdfSize(Size, sizeof(*Info), "WDF_INTERRUPT_INFO"))
		return;
	memset(Info, 0, sizeof(*Info));
	Info->Size = Size;
	Function = Interrupt->Device->Init.Function;
	if (Interrupt->Index >= max(Function->Messages, 1)) /* no resource: all zero, as the framework leaves it */
		return;
	Info->TargetProcessorSet = 1;
	Info->MessageNumber = Interrupt->Index;
	Info->Vector = 0x60 + Interrupt->Index;
	Info->Irql = SIM_DEVICE_IRQL;
	Info->Mode = Function->Messages ? Latched : LevelSensitive;
	Info->MessageSignaled = Function->Messages != 0;
	Info->ShareDisposition = Function->Messages ? CmResourceShareDeviceExclusive : CmResourceShareShared;
}

static WDFDEVICE InterruptGetDevice(PWDF_DRIVER_GLOBALS Globals, WDFINTERRUPT Handle)
{
	SIM_INTERRUPT *Interrupt = SimObjectCheck(Handle, SimKindInterrupt, "WdfInterruptGetDevice");

	(void)Globals;
	return Interrupt ? (WDFDEVICE)(void *)Interrupt->Device : NULL;
}

void SimWdfTableInterrupt(WDFFUNC *Table)
{
	SIM_WDF_ENTRY(Table, InterruptCreate);
	SIM_WDF_ENTRY(Table, InterruptQueueDpcForIsr);
	SIM_WDF_ENTRY(Table, InterruptAcquireLock);
	SIM_WDF_ENTRY(Table, InterruptReleaseLock);
	SIM_WDF_ENTRY(Table, InterruptSynchronize);
	SIM_WDF_ENTRY(Table, InterruptGetInfo);
	SIM_WDF_ENTRY(Table, InterruptGetDevice);
}
