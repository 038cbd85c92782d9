/* SPDX-License-Identifier: MIT */
/* thread.c - thread records and the checks at the boundary between simulator and driver. */
#include "thread.h"

#include <stdlib.h>

#include "../host/host.h"
#include "rules.h"

static HOST_LOCK ListLock;
static SIM_THREAD *List; /* under ListLock */
static ULONG ListReady;
static LONG Generation; /* rises when records are freed, so that stale per-thread pointers are not used */
static LONG WaiterCount;
static void (*FirstWaiterCame)(void);

/* What a thread's pointer leads to: lives as long as the thread. */
typedef struct THREAD_SLOT {
	SIM_THREAD Record;
	LONG Generation;
} THREAD_SLOT;

static void ThreadEnded(void)
{
	THREAD_SLOT *Slot = HostThreadValue();
	SIM_THREAD **Link = &List;

	if (!Slot || Slot->Record.HeldCount > 0) /* SimThreadsStop reports it */
		return;
	HostThreadSetValue(NULL);
	HostLockAcquire(&ListLock);
	while (*Link != &Slot->Record)
		Link = &(*Link)->Next;
	*Link = Slot->Record.Next;
	HostLockRelease(&ListLock);
	free(Slot);
}

static void ListInit(void)
{
	ULONG Expected = 0;

	if (__atomic_load_n(&ListReady, __ATOMIC_ACQUIRE) == 2)
		return;
	if (__atomic_compare_exchange_n(&ListReady, &Expected, 1, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
		HostLockInit(&ListLock);
		HostOnThreadEnd(ThreadEnded);
		__atomic_store_n(&ListReady, 2, __ATOMIC_RELEASE);
	}
	while (__atomic_load_n(&ListReady, __ATOMIC_ACQUIRE) != 2)
		HostThreadYield();
}

SIM_THREAD *SimThread(void)
{
	THREAD_SLOT *Slot = HostThreadValue();
	LONG Now = __atomic_load_n(&Generation, __ATOMIC_ACQUIRE);

	if (Slot && Slot->Generation == Now)
		return &Slot->Record;
	if (!Slot) {
		Slot = calloc(1, sizeof(*Slot));
		if (!Slot)
			HostAbort();
		HostThreadSetValue(Slot);
	}
	ListInit();
	HostLockAcquire(&ListLock);
	if (!Slot->Record.Id) {
		Slot->Record.Next = List;
		List = &Slot->Record;
	} else {
		SIM_THREAD *Next = Slot->Record.Next;

		memset(&Slot->Record, 0, sizeof(Slot->Record));
		Slot->Record.Next = Next;
	}
	Slot->Record.Id = HostThreadId();
	Slot->Generation = Now;
	HostLockRelease(&ListLock);
	return &Slot->Record;
}

void SimThreadsStop(void)
{
	ListInit();
	HostLockAcquire(&ListLock);
	for (SIM_THREAD *Thread = List; Thread; Thread = Thread->Next) {
		if (((THREAD_SLOT *)Thread)->Generation == Generation && Thread->HeldCount > 0)
			SimViolation(SimRuleLockLeaked, "thread %llu holds %u locks at the end, the first at %p",
				(unsigned long long)Thread->Id, (unsigned)Thread->HeldCount, Thread->Held[0].Lock);
	}
	InterlockedIncrement(&Generation);
	HostLockRelease(&ListLock);
	WaiterCount = 0;
}

KIRQL NTAPI KeGetCurrentIrql(VOID)
{
	return SimThread()->Irql;
}

BOOLEAN SimIrqlMax(const char *Function, KIRQL Max)
{
	KIRQL Irql = SimThread()->Irql;

	if (Irql <= Max)
		return TRUE;
	SimViolation(SimRuleIrqlTooHigh, "%s at IRQL %u, at most %u is allowed", Function, Irql, Max);
	return FALSE;
}

BOOLEAN SimIrqlMin(const char *Function, KIRQL Min)
{
	KIRQL Irql = SimThread()->Irql;

	if (Irql >= Min)
		return TRUE;
	SimViolation(SimRuleIrqlTooLow, "%s at IRQL %u, at least %u is needed", Function, Irql, Min);
	return FALSE;
}

VOID SimPagedCode(const char *Function)
{
	SimIrqlMax(Function, APC_LEVEL);
}

SIM_SECTION SimCallbackEnter(const char *Name, KIRQL Irql)
{
	SIM_THREAD *Thread = SimThread();
	SIM_SECTION Section = {Irql, Thread->Irql, Thread->HeldCount, Thread->CriticalRegions, Name};

	Thread->Irql = Irql;
	return Section;
}

void SimCallbackLeave(const SIM_SECTION *Section)
{
	SIM_THREAD *Thread = SimThread();

	if (Thread->HeldCount != Section->HeldCount) {
		SimViolation(SimRuleLockLeaked, "%s returned with %u locks held, %u when called", Section->Name,
			(unsigned)Thread->HeldCount, (unsigned)Section->HeldCount);
		Thread->HeldCount = Section->HeldCount;
	} else if (Thread->Irql != Section->Irql) {
		SimViolation(SimRuleIrqlNotRestored, "%s returned at IRQL %u, called at %u", Section->Name,
			Thread->Irql, Section->Irql);
	}
	if (Thread->CriticalRegions != Section->CriticalRegions) {
		SimViolation(SimRuleCriticalRegion, "%s returned inside a critical region", Section->Name);
		Thread->CriticalRegions = Section->CriticalRegions;
	}
	Thread->Irql = Section->OldIrql;
}

VOID NTAPI KeEnterCriticalRegion(VOID)
{
	SimIrqlMax("KeEnterCriticalRegion", APC_LEVEL);
	SimThread()->CriticalRegions++;
}

VOID NTAPI KeLeaveCriticalRegion(VOID)
{
	SIM_THREAD *Thread = SimThread();

	SimIrqlMax("KeLeaveCriticalRegion", APC_LEVEL);
	if (Thread->CriticalRegions == 0)
		SimViolation(SimRuleCriticalRegion, "KeLeaveCriticalRegion without KeEnterCriticalRegion");
	else
		Thread->CriticalRegions--;
}

void SimWaitersAdd(LONG Count)
{
	LONG Now = __atomic_add_fetch(&WaiterCount, Count, __ATOMIC_SEQ_CST);
	void (*Came)(void) = __atomic_load_n(&FirstWaiterCame, __ATOMIC_ACQUIRE);

	if (Count > 0 && Now == Count && Came)
		Came();
}

void SimWaitersWatch(void (*FirstCame)(void))
{
	__atomic_store_n(&FirstWaiterCame, FirstCame, __ATOMIC_RELEASE);
}

LONG SimWaiters(void)
{
	return __atomic_load_n(&WaiterCount, __ATOMIC_RELAXED);
}

PKTHREAD NTAPI KeGetCurrentThread(VOID)
{
	return (PKTHREAD)(void *)SimThread();
}

BOOLEAN NTAPI PsIsThreadTerminating(PETHREAD Thread)
{
	return ReadAcquire(&((SIM_THREAD *)(void *)Thread)->Terminating) != 0;
}

BOOLEAN SimUserThreadTerminate(ULONG64 Id)
{
	BOOLEAN Found = FALSE;

	ListInit();
	HostLockAcquire(&ListLock);
	for (SIM_THREAD *Thread = List; Thread; Thread = Thread->Next) {
		if (Thread->Id == Id && ((THREAD_SLOT *)Thread)->Generation == Generation) {
			InterlockedExchange(&Thread->Terminating, 1);
			Found = TRUE;
		}
	}
	HostLockRelease(&ListLock);
	return Found;
}
