/* SPDX-License-Identifier: MIT */
/* ke.c - events, waits, time. One dispatcher lock and one condition serve all events: there are few threads. */
#include <stdio.h>

#include "../host/host.h"
#include "nt.h"

#define EVENT_SIZE (sizeof(KEVENT) / sizeof(LONG))
#define UNITS_PER_SECOND 10000000 /* of 100 ns */

static HOST_LOCK Dispatcher;
static HOST_CONDITION Signalled;

void SimKeStart(void)
{
	HostLockInit(&Dispatcher);
	HostConditionInit(&Signalled);
}

void SimKeStop(void)
{
	HostConditionDestroy(&Signalled);
	HostLockDestroy(&Dispatcher);
}

VOID NTAPI KeInitializeEvent(PRKEVENT Event, EVENT_TYPE Type, BOOLEAN State)
{
	memset(Event, 0, sizeof(*Event));
	Event->Header.Type = (UCHAR)Type;
	Event->Header.Size = EVENT_SIZE;
	Event->Header.SignalState = State ? 1 : 0;
	InitializeListHead(&Event->Header.WaitListHead);
}

static BOOLEAN EventCheck(const KEVENT *Event, const char *Function)
{
	if (Event->Header.Type <= SynchronizationEvent && Event->Header.Size == EVENT_SIZE &&
		Event->Header.WaitListHead.Flink == &Event->Header.WaitListHead)
		return TRUE;
	SimViolation(SimRuleObjectNotInitialized, "%s: %p is not an initialised event", Function, (const void *)Event);
	return FALSE;
}

static LONG EventChange(PRKEVENT Event, LONG State, const char *Function)
{
	LONG Old;

	SimIrqlMax(Function, DISPATCH_LEVEL);
	if (!EventCheck(Event, Function))
		return 0;
	HostLockAcquire(&Dispatcher);
	Old = Event->Header.SignalState;
	Event->Header.SignalState = State;
	if (State)
		HostConditionSignalAll(&Signalled);
	HostLockRelease(&Dispatcher);
	return Old;
}

LONG NTAPI KeSetEvent(PRKEVENT Event, KPRIORITY Increment, BOOLEAN Wait)
{
	(void)Increment;
	(void)Wait;
	return EventChange(Event, 1, "KeSetEvent");
}

VOID NTAPI KeClearEvent(PRKEVENT Event)
{
	EventChange(Event, 0, "KeClearEvent");
}

LONG NTAPI KeResetEvent(PRKEVENT Event)
{
	return EventChange(Event, 0, "KeResetEvent");
}

LONG NTAPI KeReadStateEvent(PRKEVENT Event)
{
	LONG State;

	if (!EventCheck(Event, "KeReadStateEvent"))
		return 0;
	HostLockAcquire(&Dispatcher);
	State = Event->Header.SignalState;
	HostLockRelease(&Dispatcher);
	return State;
}

/* Negative: relative; positive: system time since 1601. Nanoseconds from now. */
static uint64_t TimeoutNanoseconds(const LARGE_INTEGER *Timeout)
{
	LONGLONG Units = Timeout->QuadPart;

	if (Units > 0) {
		Units -= (LONGLONG)(HostWallTime() / 100) + 11644473600ll * UNITS_PER_SECOND;
		return Units > 0 ? (uint64_t)Units * 100 : 0;
	}
	if (Units < -(INT64_MAX / 100))
		return HOST_FOREVER - 1;
	return (uint64_t)-Units * 100;
}

static NTSTATUS EventWait(PRKEVENT Event, uint64_t TimeoutNs)
{
	uint64_t Start = HostNow();
	uint64_t Passed = 0;
	NTSTATUS Status = STATUS_SUCCESS;

	HostLockAcquire(&Dispatcher);
	while (!Event->Header.SignalState) {
		if (TimeoutNs != HOST_FOREVER) {
			Passed = HostNow() - Start;
			if (Passed >= TimeoutNs) {
				Status = STATUS_TIMEOUT;
				break;
			}
		}
		HostConditionWait(
			&Signalled, &Dispatcher, TimeoutNs == HOST_FOREVER ? HOST_FOREVER : TimeoutNs - Passed);
	}
	if (Status == STATUS_SUCCESS && Event->Header.Type == SynchronizationEvent)
		Event->Header.SignalState = 0;
	HostLockRelease(&Dispatcher);
	return Status;
}

NTSTATUS NTAPI KeWaitForSingleObject(
	PVOID Object, KWAIT_REASON Reason, KPROCESSOR_MODE Mode, BOOLEAN Alertable, PLARGE_INTEGER Timeout)
{
	BOOLEAN Blocks = !Timeout || Timeout->QuadPart != 0;
	NTSTATUS Status;

	(void)Reason;
	(void)Mode;
	(void)Alertable;
	if (Blocks && SimThread()->Irql > APC_LEVEL) {
		SimViolation(SimRuleWaitAtRaisedIrql, "KeWaitForSingleObject would block");
		return STATUS_TIMEOUT;
	}
	SimIrqlMax("KeWaitForSingleObject", DISPATCH_LEVEL);
	if (!EventCheck(Object, "KeWaitForSingleObject"))
		return STATUS_UNSUCCESSFUL;
	if (Blocks)
		SimWaitersAdd(1);
	/* A wait with an end may reach it, whatever the device does. */
	if (Blocks && Timeout && SimFault("KeWaitForSingleObject"))
		Status = STATUS_TIMEOUT;
	else
		Status = EventWait(Object, Timeout ? TimeoutNanoseconds(Timeout) : HOST_FOREVER);
	if (Blocks)
		SimWaitersAdd(-1);
	return Status;
}

NTSTATUS NTAPI KeDelayExecutionThread(KPROCESSOR_MODE Mode, BOOLEAN Alertable, PLARGE_INTEGER Interval)
{
	(void)Mode;
	(void)Alertable;
	if (SimThread()->Irql > APC_LEVEL) {
		SimViolation(SimRuleWaitAtRaisedIrql, "KeDelayExecutionThread");
		return STATUS_SUCCESS;
	}
	HostSleep(TimeoutNanoseconds(Interval));
	return STATUS_SUCCESS;
}

VOID NTAPI KeStallExecutionProcessor(ULONG Microseconds)
{
	uint64_t End = HostNow() + Microseconds * 1000ull;

	while (HostNow() < End)
		HostThreadYield();
}

LARGE_INTEGER NTAPI KeQueryPerformanceCounter(PLARGE_INTEGER Frequency)
{
	LARGE_INTEGER Now;

	if (Frequency)
		Frequency->QuadPart = UNITS_PER_SECOND;
	Now.QuadPart = (LONGLONG)(HostNow() / 100);
	return Now;
}

ULONG64 NTAPI KeQueryInterruptTime(VOID)
{
	return HostNow() / 100;
}

DECLSPEC_NORETURN VOID NTAPI KeBugCheckEx(ULONG Code, ULONG_PTR P1, ULONG_PTR P2, ULONG_PTR P3, ULONG_PTR P4)
{
	SimLog("sim: bug check %#x (%#llx, %#llx, %#llx, %#llx)", (unsigned)Code, (unsigned long long)P1,
		(unsigned long long)P2, (unsigned long long)P3, (unsigned long long)P4);
	HostAbort();
}
