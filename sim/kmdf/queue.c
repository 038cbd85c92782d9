/* SPDX-License-Identifier: MIT */
/* queue.c - WDFQUEUE: presents requests to the driver, mostly on the caller's thread, and now and then on a worker. */
#include "kmdf.h"

#include <stdlib.h>

#define ELSEWHERE 16 /* one request of so many is presented on another thread */
#define DEFAULT_PATIENCE_MS 15000 /* a driver that keeps requests longer than this has lost them */

static uint64_t Patience;
HOST_LOCK SimIoLock;
HOST_CONDITION SimIoChanged;

void SimPatience(ULONG Milliseconds)
{
	Patience = (Milliseconds ? Milliseconds : DEFAULT_PATIENCE_MS) * 1000000ull;
}

uint64_t SimPatienceNs(void)
{
	return Patience;
}

static BOOLEAN MayPresent(const SIM_QUEUE *Queue)
{
	ULONG Limit = Queue->Config.DispatchType == WdfIoQueueDispatchParallel
			      ? Queue->Config.Settings.Parallel.NumberOfPresentedRequests
			      : 1;

	return Queue->Started && (Queue->Powered || !Queue->PowerManaged) &&
	       Queue->Config.DispatchType != WdfIoQueueDispatchManual && Queue->Presented < Limit;
}

static void Present(SIM_QUEUE *Queue, SIM_REQUEST *Request)
{
	SIM_SECTION Section = SimCallbackEnter("EvtIoDeviceControl", PASSIVE_LEVEL);
	WDFQUEUE Handle = (WDFQUEUE)(void *)Queue;
	WDFREQUEST RequestHandle = (WDFREQUEST)(void *)Request;

	if (Request->Type == WdfRequestTypeDeviceControl && Queue->Config.EvtIoDeviceControl)
		Queue->Config.EvtIoDeviceControl(
			Handle, RequestHandle, Request->OutputLength, Request->InputLength, Request->Code);
	else if (Queue->Config.EvtIoDefault)
		Queue->Config.EvtIoDefault(Handle, RequestHandle);
	else
		SimRequestComplete(Request, STATUS_INVALID_DEVICE_REQUEST, 0);
	SimCallbackLeave(&Section);
}

static SIM_REQUEST *Next(SIM_QUEUE *Queue)
{
	SIM_REQUEST *Request = NULL;

	HostLockAcquire(&SimIoLock);
	if (!IsListEmpty(&Queue->Waiting) && MayPresent(Queue)) {
		Request = CONTAINING_RECORD(RemoveHeadList(&Queue->Waiting), SIM_REQUEST, QueueLink);
		Request->State = SimRequestOwned;
		Queue->Presented++;
	}
	HostLockRelease(&SimIoLock);
	return Request;
}

typedef struct RUN {
	SIM_WORK Work;
	SIM_QUEUE *Queue;
} RUN;

void SimQueueRun(SIM_QUEUE *Queue)
{
	SIM_REQUEST *Request;

	SimObjectReference(&Queue->Object);
	while ((Request = Next(Queue)) != NULL)
		Present(Queue, Request);
	SimObjectDereference(&Queue->Object);
}

static void RunWork(SIM_WORK *Work)
{
	RUN *Run = CONTAINING_RECORD(Work, RUN, Work);

	SimQueueRun(Run->Queue);
	SimObjectDereference(&Run->Queue->Object);
	free(Run);
}

static void RunOnWorker(SIM_QUEUE *Queue)
{
	RUN *Run = calloc(1, sizeof(*Run));

	if (!Run)
		HostAbort();
	SimObjectReference(&Queue->Object);
	Run->Queue = Queue;
	Run->Work.Routine = RunWork;
	SimWorkQueue(&Run->Work);
}

NTSTATUS SimQueueInsert(SIM_QUEUE *Queue, SIM_REQUEST *Request)
{
	NTSTATUS Status = STATUS_SUCCESS;

	HostLockAcquire(&SimIoLock);
	if (!Queue->Accepting) {
		Status = STATUS_INVALID_DEVICE_STATE;
	} else if (Request->Cancelled) {
		Status = STATUS_CANCELLED;
	} else {
		Request->Queue = Queue;
		Request->State = SimRequestQueued;
		InsertTailList(&Queue->Waiting, &Request->QueueLink);
	}
	HostLockRelease(&SimIoLock);
	if (!NT_SUCCESS(Status))
		return Status;
	/* A request may be presented by whoever is at the queue: also after its own thread has gone on. */
	if (SimRandom() % ELSEWHERE == 0)
		RunOnWorker(Queue);
	else
		SimQueueRun(Queue);
	return Status;
}

BOOLEAN SimQueueTake(SIM_REQUEST *Request)
{
	BOOLEAN Taken = FALSE;

	HostLockAcquire(&SimIoLock);
	if (Request->State == SimRequestQueued) {
		RemoveEntryList(&Request->QueueLink);
		Request->State = SimRequestOwned;
		Request->Queue->Presented++;
		Taken = TRUE;
	}
	HostLockRelease(&SimIoLock);
	return Taken;
}

/* The driver gave a request back. */
void SimQueueRequestDone(SIM_QUEUE *Queue)
{
	PFN_WDF_IO_QUEUE_STATE WhenIdle = NULL;
	WDFCONTEXT Context = NULL;
	BOOLEAN More;

	HostLockAcquire(&SimIoLock);
	Queue->Presented--;
	if (Queue->Presented == 0) {
		WhenIdle = Queue->WhenIdle;
		Context = Queue->WhenIdleContext;
		Queue->WhenIdle = NULL;
	}
	More = !IsListEmpty(&Queue->Waiting) && MayPresent(Queue);
	HostConditionSignalAll(&SimIoChanged);
	HostLockRelease(&SimIoLock);
	if (WhenIdle)
		WhenIdle((WDFQUEUE)(void *)Queue, Context);
	if (More)
		RunOnWorker(Queue);
}

static void WaitIdle(SIM_QUEUE *Queue, const char *Why)
{
	uint64_t End = HostNow() + Patience;

	HostLockAcquire(&SimIoLock);
	while (Queue->Presented > 0 && HostNow() < End)
		HostConditionWait(&SimIoChanged, &SimIoLock, 100000000);
	HostLockRelease(&SimIoLock);
	if (Queue->Presented > 0)
		SimViolation(SimRuleRequestLeak, "the driver keeps %u requests of a queue at %s",
			(unsigned)Queue->Presented, Why);
}

static void CancelWaiting(SIM_QUEUE *Queue, const SIM_USER_FILE *File)
{
	for (;;) {
		SIM_REQUEST *Found = NULL;

		HostLockAcquire(&SimIoLock);
		for (LIST_ENTRY *Link = Queue->Waiting.Flink; Link != &Queue->Waiting && !Found; Link = Link->Flink) {
			SIM_REQUEST *Request = CONTAINING_RECORD(Link, SIM_REQUEST, QueueLink);

			if (!File || Request->File == File)
				Found = Request;
		}
		HostLockRelease(&SimIoLock);
		if (!Found)
			return;
		if (SimQueueTake(Found))
			SimRequestComplete(Found, STATUS_CANCELLED, 0);
	}
}

void SimQueuesFlushFile(SIM_USER_FILE *File)
{
	for (LIST_ENTRY *Link = File->Device->Queues.Flink; Link != &File->Device->Queues; Link = Link->Flink)
		CancelWaiting(CONTAINING_RECORD(Link, SIM_QUEUE, Link), File);
}

void SimQueuesPower(SIM_DEVICE *Device, BOOLEAN Up)
{
	for (LIST_ENTRY *Link = Device->Queues.Flink; Link != &Device->Queues; Link = Link->Flink) {
		SIM_QUEUE *Queue = CONTAINING_RECORD(Link, SIM_QUEUE, Link);

		HostLockAcquire(&SimIoLock);
		Queue->Powered = Up;
		HostLockRelease(&SimIoLock);
		if (Up)
			SimQueueRun(Queue);
		else if (Queue->PowerManaged)
			WaitIdle(Queue, "power down");
	}
}

static void StopAccepting(SIM_QUEUE *Queue, BOOLEAN Cancel, PFN_WDF_IO_QUEUE_STATE WhenIdle, WDFCONTEXT Context)
{
	HostLockAcquire(&SimIoLock);
	Queue->Started = FALSE;
	if (Cancel)
		Queue->Accepting = FALSE;
	if (Queue->Presented > 0) {
		Queue->WhenIdle = WhenIdle;
		Queue->WhenIdleContext = Context;
		WhenIdle = NULL;
	}
	HostLockRelease(&SimIoLock);
	if (Cancel)
		CancelWaiting(Queue, NULL);
	if (WhenIdle)
		WhenIdle((WDFQUEUE)(void *)Queue, Context);
}

void SimQueuesPurge(SIM_DEVICE *Device)
{
	for (LIST_ENTRY *Link = Device->Queues.Flink; Link != &Device->Queues; Link = Link->Flink)
		StopAccepting(CONTAINING_RECORD(Link, SIM_QUEUE, Link), TRUE, NULL, NULL);
}

/* ---- the driver's functions ---- */
static void QueueDispose(SIM_OBJECT *Object)
{
	SIM_QUEUE *Queue = (SIM_QUEUE *)Object;

	StopAccepting(Queue, TRUE, NULL, NULL);
	WaitIdle(Queue, "its deletion");
	RemoveEntryList(&Queue->Link);
}

static BOOLEAN QueueConfigCheck(const SIM_DEVICE *Device, const WDF_IO_QUEUE_CONFIG *Config)
{
	if (!SimWdfSize(Config->Size, sizeof(*Config), "WDF_IO_QUEUE_CONFIG"))
		return FALSE;
	if (Config->DispatchType <= WdfIoQueueDispatchInvalid || Config->DispatchType >= WdfIoQueueDispatchMax ||
		(Config->DefaultQueue && Device->DefaultQueue) ||
		(Config->DispatchType == WdfIoQueueDispatchParallel &&
			Config->Settings.Parallel.NumberOfPresentedRequests == 0)) {
		SimViolation(SimRuleWdfParameter, "WdfIoQueueCreate: dispatch type, or a second default queue");
		return FALSE;
	}
	return TRUE;
}

static NTSTATUS IoQueueCreate(PWDF_DRIVER_GLOBALS Globals, WDFDEVICE Device, PWDF_IO_QUEUE_CONFIG Config,
	PWDF_OBJECT_ATTRIBUTES Attributes, WDFQUEUE *Queue)
{
	SIM_DEVICE *Owner = SimObjectCheck(Device, SimKindDevice, "WdfIoQueueCreate");
	SIM_QUEUE *New;
	NTSTATUS Status;

	(void)Globals;
	SimIrqlMax("WdfIoQueueCreate", DISPATCH_LEVEL);
	if (!Owner || !QueueConfigCheck(Owner, Config))
		return STATUS_INVALID_PARAMETER;
	if (SimFault("WdfIoQueueCreate"))
		return STATUS_INSUFFICIENT_RESOURCES;
	New = SimObjectCreate(SimKindQueue, sizeof(*New), &Owner->Object, Attributes, &Status);
	if (!New)
		return Status;
	New->Object.Dispose = QueueDispose;
	New->Device = Owner;
	New->Config = *Config;
	New->PowerManaged = Config->PowerManaged != WdfFalse; /* the default of a function driver */
	New->Accepting = New->Started = TRUE;
	New->Powered = Owner->State == SimDeviceWorking;
	InitializeListHead(&New->Waiting);
	InsertTailList(&Owner->Queues, &New->Link);
	if (Config->DefaultQueue)
		Owner->DefaultQueue = New;
	if (Queue)
		*Queue = (WDFQUEUE)(void *)New;
	return STATUS_SUCCESS;
}

static VOID IoQueueStart(PWDF_DRIVER_GLOBALS Globals, WDFQUEUE Handle)
{
	SIM_QUEUE *Queue = SimObjectCheck(Handle, SimKindQueue, "WdfIoQueueStart");

	(void)Globals;
	SimIrqlMax("WdfIoQueueStart", DISPATCH_LEVEL);
	if (!Queue)
		return;
	HostLockAcquire(&SimIoLock);
	Queue->Accepting = Queue->Started = TRUE;
	Queue->WhenIdle = NULL;
	HostLockRelease(&SimIoLock);
	SimQueueRun(Queue);
}

static VOID IoQueueStop(
	PWDF_DRIVER_GLOBALS Globals, WDFQUEUE Handle, PFN_WDF_IO_QUEUE_STATE Stopped, WDFCONTEXT Context)
{
	SIM_QUEUE *Queue = SimObjectCheck(Handle, SimKindQueue, "WdfIoQueueStop");

	(void)Globals;
	SimIrqlMax("WdfIoQueueStop", DISPATCH_LEVEL);
	if (Queue)
		StopAccepting(Queue, FALSE, Stopped, Context);
}

static VOID IoQueuePurge(
	PWDF_DRIVER_GLOBALS Globals, WDFQUEUE Handle, PFN_WDF_IO_QUEUE_STATE Purged, WDFCONTEXT Context)
{
	SIM_QUEUE *Queue = SimObjectCheck(Handle, SimKindQueue, "WdfIoQueuePurge");

	(void)Globals;
	SimIrqlMax("WdfIoQueuePurge", DISPATCH_LEVEL);
	if (Queue)
		StopAccepting(Queue, TRUE, Purged, Context);
}

static VOID IoQueuePurgeSynchronously(PWDF_DRIVER_GLOBALS Globals, WDFQUEUE Handle)
{
	SIM_QUEUE *Queue = SimObjectCheck(Handle, SimKindQueue, "WdfIoQueuePurgeSynchronously");

	(void)Globals;
	SimIrqlMax("WdfIoQueuePurgeSynchronously", PASSIVE_LEVEL);
	if (!Queue)
		return;
	StopAccepting(Queue, TRUE, NULL, NULL);
	WaitIdle(Queue, "WdfIoQueuePurgeSynchronously");
}

static WDFDEVICE IoQueueGetDevice(PWDF_DRIVER_GLOBALS Globals, WDFQUEUE Handle)
{
	SIM_QUEUE *Queue = SimObjectCheck(Handle, SimKindQueue, "WdfIoQueueGetDevice");

	(void)Globals;
	return Queue ? (WDFDEVICE)(void *)Queue->Device : NULL;
}

void SimWdfTableQueue(WDFFUNC *Table)
{
	SIM_WDF_ENTRY(Table, IoQueueCreate);
	SIM_WDF_ENTRY(Table, IoQueueStart);
	SIM_WDF_ENTRY(Table, IoQueueStop);
	SIM_WDF_ENTRY(Table, IoQueuePurge);
	SIM_WDF_ENTRY(Table, IoQueuePurgeSynchronously);
	SIM_WDF_ENTRY(Table, IoQueueGetDevice);
}
