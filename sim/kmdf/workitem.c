/* SPDX-License-Identifier: MIT */
/* workitem.c - the worker threads, and WDFWORKITEM on them. */
#include "kmdf.h"

typedef struct SIM_WORKITEM {
	SIM_OBJECT Object;
	SIM_WORK Work;
	WDF_WORKITEM_CONFIG Config;
} SIM_WORKITEM;

#define WORKERS 3 /* Windows adds threads when all of them block; here none may need more than these */

static struct {
	HOST_LOCK Lock;
	HOST_CONDITION Changed;
	struct {
		HOST_THREAD *Thread;
		uint64_t Id;
		SIM_WORK *Running; /* only compared: it may be freed by its routine */
	} Worker[WORKERS];
	LIST_ENTRY Queue;
	BOOLEAN Stop;
} Workers;

static BOOLEAN IsRunning(const SIM_WORK *Work)
{
	for (ULONG i = 0; i < WORKERS; i++) {
		if (Workers.Worker[i].Running == Work)
			return TRUE;
	}
	return FALSE;
}

/* What the calling thread, if it is a worker, is running. */
static SIM_WORK *MyWork(void)
{
	uint64_t Id = HostThreadId();

	for (ULONG i = 0; i < WORKERS; i++) {
		if (Workers.Worker[i].Id == Id)
			return Workers.Worker[i].Running;
	}
	return NULL;
}

/* The first that is not running already. */
static SIM_WORK *Next(void)
{
	for (LIST_ENTRY *Link = Workers.Queue.Flink; Link != &Workers.Queue; Link = Link->Flink) {
		SIM_WORK *Work = CONTAINING_RECORD(Link, SIM_WORK, Link);

		if (!IsRunning(Work)) {
			RemoveEntryList(&Work->Link);
			Work->Queued = FALSE;
			return Work;
		}
	}
	return NULL;
}

static void WorkerThread(void *Context)
{
	ULONG Self = (ULONG)(ULONG_PTR)Context;

	HostLockAcquire(&Workers.Lock);
	Workers.Worker[Self].Id = HostThreadId();
	while (!Workers.Stop || !IsListEmpty(&Workers.Queue)) {
		SIM_WORK *Work = Next();

		if (!Work) {
			HostConditionWait(&Workers.Changed, &Workers.Lock, HOST_FOREVER);
			continue;
		}
		Workers.Worker[Self].Running = Work;
		HostLockRelease(&Workers.Lock);
		Work->Routine(Work);
		HostLockAcquire(&Workers.Lock);
		Workers.Worker[Self].Running = NULL;
		HostConditionSignalAll(&Workers.Changed);
	}
	HostLockRelease(&Workers.Lock);
}

void SimWorkersStart(void)
{
	memset(&Workers, 0, sizeof(Workers));
	HostLockInit(&Workers.Lock);
	HostConditionInit(&Workers.Changed);
	InitializeListHead(&Workers.Queue);
	for (ULONG i = 0; i < WORKERS; i++) {
		if (HostThreadCreate(&Workers.Worker[i].Thread, "sim-worker", WorkerThread, (void *)(ULONG_PTR)i) != 0)
			HostAbort();
	}
}

void SimWorkersStop(void)
{
	HostLockAcquire(&Workers.Lock);
	Workers.Stop = TRUE;
	HostConditionSignalAll(&Workers.Changed);
	HostLockRelease(&Workers.Lock);
	for (ULONG i = 0; i < WORKERS; i++)
		HostThreadJoin(Workers.Worker[i].Thread);
	HostConditionDestroy(&Workers.Changed);
	HostLockDestroy(&Workers.Lock);
}

BOOLEAN SimWorkQueue(SIM_WORK *Work)
{
	BOOLEAN Added;

	HostLockAcquire(&Workers.Lock);
	Added = !Work->Queued;
	if (Added) {
		Work->Queued = TRUE;
		InsertTailList(&Workers.Queue, &Work->Link);
		HostConditionSignalAll(&Workers.Changed);
	}
	HostLockRelease(&Workers.Lock);
	return Added;
}

void SimWorkFlush(SIM_WORK *Work)
{
	HostLockAcquire(&Workers.Lock);
	if (MyWork() == Work) {
		SimViolation(SimRuleWorkDeadlock, "a work item waits for itself");
	} else {
		while (Work->Queued || IsRunning(Work))
			HostConditionWait(&Workers.Changed, &Workers.Lock, HOST_FOREVER);
	}
	HostLockRelease(&Workers.Lock);
}

static BOOLEAN Busy(void)
{
	for (ULONG i = 0; i < WORKERS; i++) {
		if (Workers.Worker[i].Running)
			return TRUE;
	}
	return !IsListEmpty(&Workers.Queue);
}

void SimWorkDrain(void)
{
	HostLockAcquire(&Workers.Lock);
	while (!MyWork() && Busy())
		HostConditionWait(&Workers.Changed, &Workers.Lock, HOST_FOREVER);
	HostLockRelease(&Workers.Lock);
}

/* ---- work items ---- */
static void ItemRoutine(SIM_WORK *Work)
{
	SIM_WORKITEM *Item = CONTAINING_RECORD(Work, SIM_WORKITEM, Work);
	SIM_SECTION Section = SimCallbackEnter("EvtWorkItemFunc", PASSIVE_LEVEL);

	SimObjectReference(&Item->Object);
	Item->Config.EvtWorkItemFunc((WDFWORKITEM)(void *)Item);
	SimCallbackLeave(&Section);
	SimObjectDereference(&Item->Object);
}

static void ItemDispose(SIM_OBJECT *Object)
{
	SIM_WORKITEM *Item = (SIM_WORKITEM *)Object;
	BOOLEAN Itself;

	HostLockAcquire(&Workers.Lock);
	Itself = MyWork() == &Item->Work;
	HostLockRelease(&Workers.Lock);
	if (!Itself)
		SimWorkFlush(&Item->Work);
}

static NTSTATUS WorkItemCreate(PWDF_DRIVER_GLOBALS Globals, PWDF_WORKITEM_CONFIG Config,
	PWDF_OBJECT_ATTRIBUTES Attributes, WDFWORKITEM *WorkItem)
{
	SIM_WORKITEM *New;
	NTSTATUS Status;

	(void)Globals;
	SimIrqlMax("WdfWorkItemCreate", DISPATCH_LEVEL);
	if (!SimWdfSize(Config->Size, sizeof(*Config), "WDF_WORKITEM_CONFIG"))
		return STATUS_INVALID_PARAMETER;
	if (!Attributes || !Attributes->ParentObject || !Config->EvtWorkItemFunc) {
		SimViolation(SimRuleWdfParameter, "WdfWorkItemCreate: a parent and a callback are needed");
		return STATUS_INVALID_PARAMETER;
	}
	if (SimFault("WdfWorkItemCreate"))
		return STATUS_INSUFFICIENT_RESOURCES;
	New = SimObjectCreate(SimKindWorkItem, sizeof(*New), NULL, Attributes, &Status);
	if (!New)
		return Status;
	New->Object.Dispose = ItemDispose;
	New->Config = *Config;
	New->Work.Routine = ItemRoutine;
	*WorkItem = (WDFWORKITEM)(void *)New;
	return STATUS_SUCCESS;
}

static VOID WorkItemEnqueue(PWDF_DRIVER_GLOBALS Globals, WDFWORKITEM Handle)
{
	SIM_WORKITEM *Item = SimObjectCheck(Handle, SimKindWorkItem, "WdfWorkItemEnqueue");

	(void)Globals;
	SimIrqlMax("WdfWorkItemEnqueue", DISPATCH_LEVEL);
	if (Item)
		SimWorkQueue(&Item->Work);
}

static VOID WorkItemFlush(PWDF_DRIVER_GLOBALS Globals, WDFWORKITEM Handle)
{
	SIM_WORKITEM *Item = SimObjectCheck(Handle, SimKindWorkItem, "WdfWorkItemFlush");

	(void)Globals;
	SimIrqlMax("WdfWorkItemFlush", PASSIVE_LEVEL);
	if (Item)
		SimWorkFlush(&Item->Work);
}

static WDFOBJECT WorkItemGetParentObject(PWDF_DRIVER_GLOBALS Globals, WDFWORKITEM Handle)
{
	SIM_WORKITEM *Item = SimObjectCheck(Handle, SimKindWorkItem, "WdfWorkItemGetParentObject");

	(void)Globals;
	return Item ? Item->Object.Parent : NULL;
}

void SimWdfTableWorkItem(WDFFUNC *Table)
{
	SIM_WDF_ENTRY(Table, WorkItemCreate);
	SIM_WDF_ENTRY(Table, WorkItemEnqueue);
	SIM_WDF_ENTRY(Table, WorkItemFlush);
	SIM_WDF_ENTRY(Table, WorkItemGetParentObject);
}
