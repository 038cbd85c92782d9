/* SPDX-License-Identifier: MIT */
/* timer.c - WDFTIMER: one thread runs all callbacks, at DISPATCH_LEVEL unless the timer asked for passive execution. */
#include "kmdf.h"

typedef struct SIM_TIMER {
	SIM_OBJECT Object;
	WDF_TIMER_CONFIG Config;
	KIRQL Irql; /* of the callback */
	/* under Timers.Lock */
	LIST_ENTRY Link; /* while it is set */
	BOOLEAN Set;
	uint64_t Due; /* HostNow */
} SIM_TIMER;

static struct {
	HOST_LOCK Lock;
	HOST_CONDITION Changed;
	HOST_THREAD *Thread;
	LIST_ENTRY Set; /* in no order: there are few */
	SIM_TIMER *Running;
	uint64_t RunningThread;
	BOOLEAN Stop;
} Timers;

static BOOLEAN OnTimerThread(void)
{
	return HostThreadId() == __atomic_load_n(&Timers.RunningThread, __ATOMIC_RELAXED);
}

static SIM_TIMER *Earliest(void)
{
	SIM_TIMER *First = NULL;

	for (LIST_ENTRY *Link = Timers.Set.Flink; Link != &Timers.Set; Link = Link->Flink) {
		SIM_TIMER *Timer = CONTAINING_RECORD(Link, SIM_TIMER, Link);

		if (!First || Timer->Due < First->Due)
			First = Timer;
	}
	return First;
}

static void Unset(SIM_TIMER *Timer)
{
	if (Timer->Set)
		RemoveEntryList(&Timer->Link);
	Timer->Set = FALSE;
}

static void Fire(SIM_TIMER *Timer)
{
	SIM_SECTION Section;

	Unset(Timer);
	if (Timer->Config.Period) {
		Timer->Due += Timer->Config.Period * 1000000ull;
		Timer->Set = TRUE;
		InsertTailList(&Timers.Set, &Timer->Link);
	}
	Timers.Running = Timer;
	SimObjectReference(&Timer->Object);
	HostLockRelease(&Timers.Lock);
	Section = SimCallbackEnter("EvtTimerFunc", Timer->Irql);
	Timer->Config.EvtTimerFunc((WDFTIMER)(void *)Timer);
	SimCallbackLeave(&Section);
	SimObjectDereference(&Timer->Object);
	HostLockAcquire(&Timers.Lock);
	Timers.Running = NULL;
	HostConditionSignalAll(&Timers.Changed);
}

static void TimerThread(void *Context)
{
	(void)Context;
	HostLockAcquire(&Timers.Lock);
	__atomic_store_n(&Timers.RunningThread, HostThreadId(), __ATOMIC_RELAXED);
	while (!Timers.Stop) {
		SIM_TIMER *Timer = Earliest();
		uint64_t Now = HostNow();

		if (Timer && Timer->Due <= Now)
			Fire(Timer);
		else
			HostConditionWait(&Timers.Changed, &Timers.Lock, Timer ? Timer->Due - Now : HOST_FOREVER);
	}
	HostLockRelease(&Timers.Lock);
}

void SimTimersStart(void)
{
	HostLockInit(&Timers.Lock);
	HostConditionInit(&Timers.Changed);
	InitializeListHead(&Timers.Set);
	Timers.Stop = FALSE;
	if (HostThreadCreate(&Timers.Thread, "sim-timer", TimerThread, NULL) != 0)
		HostAbort();
}

void SimTimersStop(void)
{
	HostLockAcquire(&Timers.Lock);
	Timers.Stop = TRUE;
	HostConditionSignalAll(&Timers.Changed);
	HostLockRelease(&Timers.Lock);
	HostThreadJoin(Timers.Thread);
	HostConditionDestroy(&Timers.Changed);
	HostLockDestroy(&Timers.Lock);
}

static BOOLEAN Stop(SIM_TIMER *Timer, BOOLEAN Wait)
{
	BOOLEAN WasSet;

	HostLockAcquire(&Timers.Lock);
	WasSet = Timer->Set;
	Unset(Timer);
	if (Wait && Timers.Running == Timer && OnTimerThread())
		SimViolation(SimRuleWorkDeadlock, "a timer's callback waits for its own end");
	else
		while (Wait && Timers.Running == Timer)
			HostConditionWait(&Timers.Changed, &Timers.Lock, HOST_FOREVER);
	HostLockRelease(&Timers.Lock);
	return WasSet;
}

static void TimerDispose(SIM_OBJECT *Object)
{
	Stop((SIM_TIMER *)Object, !OnTimerThread());
}

static NTSTATUS TimerCreate(
	PWDF_DRIVER_GLOBALS Globals, PWDF_TIMER_CONFIG Config, PWDF_OBJECT_ATTRIBUTES Attributes, WDFTIMER *Timer)
{
	SIM_TIMER *New;
	NTSTATUS Status;

	(void)Globals;
	SimIrqlMax("WdfTimerCreate", DISPATCH_LEVEL);
	if (!SimWdfSize(Config->Size, sizeof(*Config), "WDF_TIMER_CONFIG"))
		return STATUS_INVALID_PARAMETER;
	if (!Attributes || !Attributes->ParentObject || !Config->EvtTimerFunc) {
		SimViolation(SimRuleWdfParameter, "WdfTimerCreate: a parent and a callback are needed");
		return STATUS_INVALID_PARAMETER;
	}
	if (SimFault("WdfTimerCreate"))
		return STATUS_INSUFFICIENT_RESOURCES;
	New = SimObjectCreate(SimKindTimer, sizeof(*New), NULL, Attributes, &Status);
	if (!New)
		return Status;
	New->Object.Dispose = TimerDispose;
	New->Config = *Config;
	New->Irql = Attributes->ExecutionLevel == WdfExecutionLevelPassive ? PASSIVE_LEVEL : DISPATCH_LEVEL;
	*Timer = (WDFTIMER)(void *)New;
	return STATUS_SUCCESS;
}

static BOOLEAN TimerStart(PWDF_DRIVER_GLOBALS Globals, WDFTIMER Handle, LONGLONG DueTime)
{
	SIM_TIMER *Timer = SimObjectCheck(Handle, SimKindTimer, "WdfTimerStart");
	BOOLEAN WasSet;

	(void)Globals;
	SimIrqlMax("WdfTimerStart", DISPATCH_LEVEL);
	if (!Timer)
		return FALSE;
	if (DueTime > 0 || Timer->Object.Deleted) {
		SimViolation(
			SimRuleTimerState, "WdfTimerStart: absolute times are not simulated, or the timer is deleted");
		return FALSE;
	}
	HostLockAcquire(&Timers.Lock);
	WasSet = Timer->Set;
	Unset(Timer);
	Timer->Due = HostNow() + (uint64_t)-DueTime * 100;
	Timer->Set = TRUE;
	InsertTailList(&Timers.Set, &Timer->Link);
	HostConditionSignalAll(&Timers.Changed);
	HostLockRelease(&Timers.Lock);
	return WasSet;
}

static BOOLEAN TimerStop(PWDF_DRIVER_GLOBALS Globals, WDFTIMER Handle, BOOLEAN Wait)
{
	SIM_TIMER *Timer = SimObjectCheck(Handle, SimKindTimer, "WdfTimerStop");

	(void)Globals;
	SimIrqlMax("WdfTimerStop", Wait ? PASSIVE_LEVEL : DISPATCH_LEVEL);
	return Timer ? Stop(Timer, Wait) : FALSE;
}

static WDFOBJECT TimerGetParentObject(PWDF_DRIVER_GLOBALS Globals, WDFTIMER Handle)
{
	SIM_TIMER *Timer = SimObjectCheck(Handle, SimKindTimer, "WdfTimerGetParentObject");

	(void)Globals;
	return Timer ? Timer->Object.Parent : NULL;
}

void SimWdfTableTimer(WDFFUNC *Table)
{
	SIM_WDF_ENTRY(Table, TimerCreate);
	SIM_WDF_ENTRY(Table, TimerStart);
	SIM_WDF_ENTRY(Table, TimerStop);
	SIM_WDF_ENTRY(Table, TimerGetParentObject);
}
