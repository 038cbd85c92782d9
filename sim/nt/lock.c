/* SPDX-License-Identifier: MIT */
/*
 * lock.c - spin locks, and the order in which locks are taken.
 *
 * The first LOCK_LIMIT locks that are taken get a number. Before[A] has bit B when A was held while B was taken; a lock
 * that is taken while one is held that was ever taken under it is an inversion. Locks beyond the limit are not ordered.
 */
#include <stdio.h>

#include "../host/host.h"
#include "rules.h"
#include "thread.h"

#define LOCK_LIMIT 512

static struct {
	ULONG Busy; /* a spin word: bookkeeping is short and must work at any IRQL */
	const void *Address[LOCK_LIMIT];
	uint64_t Before[LOCK_LIMIT][LOCK_LIMIT / 64];
	ULONG Count;
} Order;

static void OrderAcquire(void)
{
	while (__atomic_exchange_n(&Order.Busy, 1, __ATOMIC_ACQUIRE) != 0)
		HostThreadYield();
}

static void OrderRelease(void)
{
	__atomic_store_n(&Order.Busy, 0, __ATOMIC_RELEASE);
}

static int OrderNumber(const void *Lock, BOOLEAN Add)
{
	int Free = -1;

	for (ULONG i = 0; i < Order.Count; i++) {
		if (Order.Address[i] == Lock)
			return (int)i;
		if (!Order.Address[i])
			Free = (int)i;
	}
	if (!Add)
		return -1;
	if (Free < 0 && Order.Count < LOCK_LIMIT)
		Free = (int)Order.Count++;
	if (Free >= 0)
		Order.Address[Free] = Lock;
	return Free;
}

static BOOLEAN OrderBit(int A, int B)
{
	return (Order.Before[A][B / 64] >> (B % 64)) & 1;
}

/* The held lock that contradicts taking New, or NULL. */
static const void *OrderRecord(const SIM_THREAD *Thread, void *New)
{
	const void *Conflict = NULL;
	int To, From;

	OrderAcquire();
	To = OrderNumber(New, TRUE);
	for (ULONG i = 0; To >= 0 && i < Thread->HeldCount; i++) {
		From = OrderNumber(Thread->Held[i].Lock, TRUE);
		if (From < 0 || From == To)
			continue;
		if (OrderBit(To, From))
			Conflict = Thread->Held[i].Lock;
		Order.Before[From][To / 64] |= 1ull << (To % 64);
	}
	OrderRelease();
	return Conflict;
}

void SimLocksForget(const void *Memory, SIZE_T Size)
{
	const char *Start = Memory;

	OrderAcquire();
	for (ULONG i = 0; i < Order.Count; i++) {
		const char *Lock = Order.Address[i];

		if (!Lock || Lock < Start || Lock >= Start + Size)
			continue;
		Order.Address[i] = NULL;
		memset(Order.Before[i], 0, sizeof(Order.Before[i]));
		for (ULONG j = 0; j < Order.Count; j++)
			Order.Before[j][i / 64] &= ~(1ull << (i % 64));
	}
	OrderRelease();
}

void SimLocksReset(void)
{
	OrderAcquire();
	memset(Order.Address, 0, sizeof(Order.Address));
	memset(Order.Before, 0, sizeof(Order.Before));
	Order.Count = 0;
	OrderRelease();
}

BOOLEAN SimLockTaking(void *Lock, SIM_LOCK_KIND Kind)
{
	SIM_THREAD *Thread = SimThread();
	const void *Conflict;

	(void)Kind;
	for (ULONG i = 0; i < Thread->HeldCount; i++) {
		if (Thread->Held[i].Lock == Lock) {
			SimViolation(SimRuleLockRecursive, "lock %p is already held by this thread", Lock);
			return FALSE;
		}
	}
	if (Thread->HeldCount == 0)
		return TRUE;
	Conflict = OrderRecord(Thread, Lock);
	if (Conflict)
		SimViolation(
			SimRuleLockOrder, "lock %p taken under %p, and the other way round before", Lock, Conflict);
	return TRUE;
}

void SimLockTaken(void *Lock, SIM_LOCK_KIND Kind, KIRQL OldIrql)
{
	SIM_THREAD *Thread = SimThread();

	if (Thread->HeldCount == SIM_MAX_HELD) {
		SimViolation(SimRuleLockOrder, "more than %u locks held at once", SIM_MAX_HELD);
		return;
	}
	Thread->Held[Thread->HeldCount++] = (SIM_HELD){Lock, Kind, OldIrql};
}

BOOLEAN SimLockReleasing(void *Lock, SIM_LOCK_KIND Kind, SIM_HELD *Held)
{
	SIM_THREAD *Thread = SimThread();
	ULONG At = Thread->HeldCount;

	while (At > 0 && Thread->Held[At - 1].Lock != Lock)
		At--;
	if (At == 0) {
		SimViolation(SimRuleLockNotOwned, "lock %p released by a thread that does not hold it", Lock);
		return FALSE;
	}
	*Held = Thread->Held[At - 1];
	if (Held->Kind != Kind)
		SimViolation(SimRuleLockReleaseOrder, "lock %p released by another routine than its acquire pairs with",
			Lock);
	for (ULONG i = At; i < Thread->HeldCount; i++) {
		if (Thread->Held[i].Kind != SimLockMutex && Kind != SimLockMutex)
			SimViolation(SimRuleLockReleaseOrder, "spin lock %p released while %p, taken later, is held",
				Lock, Thread->Held[i].Lock);
		Thread->Held[i - 1] = Thread->Held[i];
	}
	Thread->HeldCount--;
	return TRUE;
}

BOOLEAN SimLockHeldSpin(void)
{
	const SIM_THREAD *Thread = SimThread();

	for (ULONG i = 0; i < Thread->HeldCount; i++) {
		if (Thread->Held[i].Kind != SimLockMutex)
			return TRUE;
	}
	return FALSE;
}

/* ---- the lock word ---- */
void SimSpinAcquire(KSPIN_LOCK *Lock)
{
	KSPIN_LOCK Owner = (KSPIN_LOCK)SimThread();
	KSPIN_LOCK Free;
	ULONG Tries = 0;

	for (;;) {
		Free = 0;
		if (__atomic_compare_exchange_n(Lock, &Free, Owner, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
			return;
		if (++Tries < 64)
			HostThreadYield();
		else
			HostSleep(20000);
	}
}

BOOLEAN SimSpinRelease(KSPIN_LOCK *Lock)
{
	KSPIN_LOCK Owner = (KSPIN_LOCK)SimThread();

	return __atomic_compare_exchange_n(Lock, &Owner, 0, false, __ATOMIC_RELEASE, __ATOMIC_RELAXED);
}

VOID NTAPI KeInitializeSpinLock(PKSPIN_LOCK Lock)
{
	SimLocksForget(Lock, sizeof(*Lock));
	*Lock = 0;
}

static BOOLEAN SpinAcquire(PKSPIN_LOCK Lock, SIM_LOCK_KIND Kind)
{
	SIM_THREAD *Thread = SimThread();
	KIRQL OldIrql = Thread->Irql;

	if (!SimLockTaking(Lock, Kind))
		return FALSE;
	if (Thread->Irql < DISPATCH_LEVEL)
		Thread->Irql = DISPATCH_LEVEL;
	SimSpinAcquire(Lock);
	SimLockTaken(Lock, Kind, OldIrql);
	return TRUE;
}

static void SpinRelease(PKSPIN_LOCK Lock, SIM_LOCK_KIND Kind, const KIRQL *NewIrql)
{
	SIM_HELD Held;

	if (!SimLockReleasing(Lock, Kind, &Held))
		return;
	if (NewIrql && *NewIrql != Held.OldIrql)
		SimViolation(SimRuleLockReleaseOrder, "spin lock %p released to IRQL %u, acquired at %u", (void *)Lock,
			*NewIrql, Held.OldIrql);
	if (!SimSpinRelease(Lock))
		SimViolation(SimRuleObjectNotInitialized, "spin lock %p was overwritten while held", (void *)Lock);
	SimThread()->Irql = Held.OldIrql;
}

KIRQL NTAPI KeAcquireSpinLockRaiseToDpc(PKSPIN_LOCK Lock)
{
	KIRQL OldIrql = SimThread()->Irql;

	SimIrqlMax("KeAcquireSpinLockRaiseToDpc", DISPATCH_LEVEL);
	SpinAcquire(Lock, SimLockSpin);
	return OldIrql;
}

static ULONG PauseMicroseconds; /* after releases; 0: never */
static ULONG Releases;

void SimPauseAfterLocks(ULONG Microseconds)
{
	__atomic_store_n(&PauseMicroseconds, Microseconds, __ATOMIC_RELAXED);
}

VOID NTAPI KeReleaseSpinLock(PKSPIN_LOCK Lock, KIRQL NewIrql)
{
	ULONG Microseconds = __atomic_load_n(&PauseMicroseconds, __ATOMIC_RELAXED);

	SpinRelease(Lock, SimLockSpin, &NewIrql);
	if (Microseconds && __atomic_fetch_add(&Releases, 1, __ATOMIC_RELAXED) % 2 == 0)
		HostSleep(Microseconds * 1000ull);
}

VOID NTAPI KeAcquireSpinLockAtDpcLevel(PKSPIN_LOCK Lock)
{
	SimIrqlMin("KeAcquireSpinLockAtDpcLevel", DISPATCH_LEVEL);
	SpinAcquire(Lock, SimLockSpinAtDpc);
}

VOID NTAPI KeReleaseSpinLockFromDpcLevel(PKSPIN_LOCK Lock)
{
	SimIrqlMin("KeReleaseSpinLockFromDpcLevel", DISPATCH_LEVEL);
	SpinRelease(Lock, SimLockSpinAtDpc, NULL);
}
