/* SPDX-License-Identifier: MIT */
/* workitem.c - the worker thread, and WDFWORKITEM on it. */
#include "kmdf.h"

typedef struct SIM_WORKITEM {
	SIM_OBJECT Object;
	SIM_WORK Work;
	WDF_WORKITEM_CONFIG Config;
} SIM_WORKITEM;

static struct {
	HOST_LOCK Lock;
	HOST_CONDITION Changed;
	HOST_THREAD *Thread;
	uint64_t ThreadId;
	LIST_ENTRY Queue;
	SIM_WORK *Running; /* only compared: it may be freed by its routine */
	BOOLEAN Stop;
} Workers;

static BOOLEAN OnWorkerThread(void)
{
	return HostThreadId() == __atomic_load_n(&Workers.ThreadId, __ATOMIC_RELAXED);
}

static void WorkerThread(void *Context)
{
	(void)Context;
	HostLockAcquire(&Workers.Lock);
	__atomic_store_n(&Workers.ThreadId, HostThreadId(), __ATOMIC_RELAXED);
	while (!Workers.Stop || !IsListEmpty(&Workers.Queue)) {
		SIM_WORK *Work;

		if (IsListEmpty(&Workers.Queue)) {
			HostConditionWait(&Workers.Changed, &Workers.Lock, HOST_FOREVER);
			continue;
		}
		Work = CONTAINING_RECORD(RemoveHeadList(&Workers.Queue), SIM_WORK, Link);
		Work->Queued = FALSE;
		Workers.Running = Work;
		HostLockRelease(&Workers.Lock);
		Work->Routine(Work);
		HostLockAcquire(&Workers.Lock);
		Workers.Running = NULL;
		HostConditionSignalAll(&Workers.Changed);
	}
	HostLockRelease(&Workers.Lock);
}

void SimWorkersStart(void)
{
	HostLockInit(&Workers.Lock);
	HostConditionInit(&Workers.Changed);
	InitializeListHead(&Workers.Queue);
	Workers.Stop = FALSE;
	if (HostThreadCreate(&Workers.Thread, "sim-worker", WorkerThread, NULL) != 0)
		HostAbort();
}

void SimWorkersStop(void)
{
	HostLockAcquire(&Workers.Lock);
	Workers.Stop = TRUE;
	HostConditionSignalAll(&Workers.Changed);
	HostLockRelease(&Workers.Lock);
	HostThreadJoin(Workers.Thread);
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
	if (OnWorkerThread()) {
		if (Workers.Running == Work || Work->Queued)
			SimViolation(SimRuleWorkDeadlock, "a work item waits for itself, or for one behind it");
	} else {
		while (Work->Queued || Workers.Running == Work)
			HostConditionWait(&Workers.Changed, &Workers.Lock, HOST_FOREVER);
	}
	HostLockRelease(&Workers.Lock);
}

void SimWorkDrain(void)
{
	HostLockAcquire(&Workers.Lock);
	while (!OnWorkerThread() && (!IsListEmpty(&Workers.Queue) || Workers.Running))
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

	if (!OnWorkerThread())
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
