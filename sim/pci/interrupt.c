/* SPDX-License-Identifier: MIT */
/*
 * interrupt.c - delivers interrupts: a thread looks at the words that messages are stored to, and at the line.
 *
 * Where the bus tells of messages, it looks when it is told. Else it looks often while a thread waits for the device,
 * the longer it has waited the less often; else seldom, until one begins to wait.
 */
#include "../host/host.h"
#include "../nt/nt.h"
#include "pci.h"

#define MAX_SOURCES 128
#define MESSAGE_STRIDE 64
#define QUICK_NS 12000ull
#define PATIENT_NS 400000ull
#define CALM_NS 100000ull
#define IDLE_NS 1000000ull
#define WAITED_PART 32
#define UNTOLD_NS 1000000000ull
#define CALM_FOR_NS 100000000ull
#define UNCLAIMED_LIMIT 10000

typedef struct SOURCE {
	SIM_INTERRUPT_ROUTINE Routine; /* NULL: free */
	void *Context;
	ULONG Message;
	ULONG *Word; /* NULL: the line */
} SOURCE;

static struct {
	SIM_BUS *Bus;
	HOST_THREAD *Thread;
	HOST_LOCK Lock; /* guards Sources, held while a routine runs */
	SOURCE Sources[MAX_SOURCES];
	LONG Lines; /* sources that are lines */
	ULONG Unclaimed;
	uint64_t LastActivity;
	BOOLEAN Stop;
	BOOLEAN Tells; /* the bus does */
	HOST_LOCK WakeLock; /* guards Told */
	HOST_CONDITION Wake;
	BOOLEAN Told;
} Interrupts;

static BOOLEAN Deliver(const SOURCE *Source)
{
	SIM_SECTION Section = SimCallbackEnter("EvtInterruptIsr", SIM_DEVICE_IRQL);
	BOOLEAN Claimed = Source->Routine(Source->Context, Source->Message);

	SimCallbackLeave(&Section);
	return Claimed;
}

static BOOLEAN DeliverMessages(void)
{
	BOOLEAN Any = FALSE;

	for (ULONG i = 0; i < MAX_SOURCES; i++) {
		const SOURCE *Source = &Interrupts.Sources[i];

		if (!Source->Routine || !Source->Word || __atomic_load_n(Source->Word, __ATOMIC_RELAXED) == 0)
			continue;
		__atomic_exchange_n(Source->Word, 0, __ATOMIC_ACQ_REL);
		Deliver(Source);
		Any = TRUE;
	}
	return Any;
}

/* A line stays asserted until the device's cause is gone; all on the line are asked. TRUE: it was asserted. */
static BOOLEAN DeliverLine(void)
{
	BOOLEAN Claimed = FALSE;

	if (ReadNoFence(&Interrupts.Lines) == 0 || SimPciDetached() ||
		!Interrupts.Bus->Operations->LineAsserted(Interrupts.Bus))
		return FALSE;
	for (ULONG i = 0; i < MAX_SOURCES; i++) {
		const SOURCE *Source = &Interrupts.Sources[i];

		if (Source->Routine && !Source->Word)
			Claimed = Deliver(Source) || Claimed;
	}
	Interrupts.Unclaimed = Claimed ? 0 : Interrupts.Unclaimed + 1;
	if (Interrupts.Unclaimed == UNCLAIMED_LIMIT)
		SimViolation(SimRuleInterruptUnclaimed, "the line is asserted and no ISR claimed it %u times",
			UNCLAIMED_LIMIT);
	return TRUE;
}

/* Looking takes the processor that the device may need: a long wait gets longer by a part at most, but is looked at
 * less often. */
static uint64_t Pause(void)
{
	uint64_t Since = HostNow() - __atomic_load_n(&Interrupts.LastActivity, __ATOMIC_RELAXED);

	if (SimWaiters() > 0)
		return min(max(Since / WAITED_PART, QUICK_NS), PATIENT_NS);
	return Since < CALM_FOR_NS ? CALM_NS : IDLE_NS;
}

static void Arrived(void)
{
	HostLockAcquire(&Interrupts.WakeLock);
	Interrupts.Told = TRUE;
	HostConditionSignalAll(&Interrupts.Wake);
	HostLockRelease(&Interrupts.WakeLock);
}

static void WaitToLook(BOOLEAN Any)
{
	uint64_t Longest = Interrupts.Tells && !(Any && ReadNoFence(&Interrupts.Lines) > 0) ? UNTOLD_NS : Pause();

	HostLockAcquire(&Interrupts.WakeLock);
	if (!Interrupts.Told)
		HostConditionWait(&Interrupts.Wake, &Interrupts.WakeLock, Longest);
	Interrupts.Told = FALSE;
	HostLockRelease(&Interrupts.WakeLock);
}

static void InterruptThread(void *Context)
{
	ULONG Rounds = 0;
	BOOLEAN Any;

	(void)Context;
	while (!__atomic_load_n(&Interrupts.Stop, __ATOMIC_ACQUIRE)) {
		HostLockAcquire(&Interrupts.Lock);
		Any = DeliverMessages();
		Any = DeliverLine() || Any;
		HostLockRelease(&Interrupts.Lock);
		if (Any)
			SimInterruptActivity();
		if (Interrupts.Bus->Operations->Poll && (++Rounds & 63) == 0)
			Interrupts.Bus->Operations->Poll(Interrupts.Bus);
		WaitToLook(Any);
	}
}

void SimInterruptActivity(void)
{
	__atomic_store_n(&Interrupts.LastActivity, HostNow(), __ATOMIC_RELAXED);
}

void SimInterruptStart(SIM_BUS *Bus)
{
	memset(&Interrupts, 0, sizeof(Interrupts));
	Interrupts.Bus = Bus;
	HostLockInit(&Interrupts.Lock);
	HostLockInit(&Interrupts.WakeLock);
	HostConditionInit(&Interrupts.Wake);
	Interrupts.Tells = Bus->Operations->Listen != NULL;
	if (Interrupts.Tells)
		Bus->Operations->Listen(Bus, Arrived);
	else
		SimWaitersWatch(Arrived);
	if (HostThreadCreate(&Interrupts.Thread, "sim-interrupt", InterruptThread, NULL) != 0)
		HostAbort();
}

void SimInterruptStop(void)
{
	__atomic_store_n(&Interrupts.Stop, TRUE, __ATOMIC_RELEASE);
	Arrived();
	HostThreadJoin(Interrupts.Thread);
	SimWaitersWatch(NULL);
	if (Interrupts.Tells)
		Interrupts.Bus->Operations->Listen(Interrupts.Bus, NULL);
	HostConditionDestroy(&Interrupts.Wake);
	HostLockDestroy(&Interrupts.WakeLock);
	HostLockDestroy(&Interrupts.Lock);
}

void SimInterruptConnect(const SIM_PCI_FUNCTION *Function, ULONG Message, SIM_INTERRUPT_ROUTINE Routine, void *Context)
{
	UCHAR *Words = SimRamBase() + (Function->MessageFrame << PAGE_SHIFT);
	ULONG i = 0;

	HostLockAcquire(&Interrupts.Lock);
	while (i < MAX_SOURCES - 1 && Interrupts.Sources[i].Routine)
		i++;
	Interrupts.Sources[i].Word = Function->Messages ? (ULONG *)(void *)(Words + Message * MESSAGE_STRIDE) : NULL;
	Interrupts.Sources[i].Routine = Routine;
	Interrupts.Sources[i].Context = Context;
	Interrupts.Sources[i].Message = Message;
	if (!Function->Messages)
		InterlockedIncrement(&Interrupts.Lines);
	HostLockRelease(&Interrupts.Lock);
	Arrived(); /* it may have, before anybody was interested */
}

void SimInterruptDisconnect(SIM_INTERRUPT_ROUTINE Routine, void *Context)
{
	HostLockAcquire(&Interrupts.Lock);
	for (ULONG i = 0; i < MAX_SOURCES; i++) {
		SOURCE *Source = &Interrupts.Sources[i];

		if (Source->Routine != Routine || Source->Context != Context)
			continue;
		if (!Source->Word)
			InterlockedDecrement(&Interrupts.Lines);
		memset(Source, 0, sizeof(*Source));
	}
	HostLockRelease(&Interrupts.Lock);
}
