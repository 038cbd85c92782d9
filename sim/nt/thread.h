/* SPDX-License-Identifier: MIT */
/*
 * thread.h - what the simulator knows of each thread: its IRQL and the locks it holds.
 *
 * A record belongs to its thread, which alone reads and writes it; records live until the simulator stops.
 */
#ifndef SIM_THREAD_H
#define SIM_THREAD_H

#include <ntddk.h>

#define SIM_MAX_HELD 16
#define SIM_DEVICE_IRQL 5 /* of every interrupt */

typedef enum SIM_LOCK_KIND { SimLockSpin, SimLockSpinAtDpc, SimLockMutex, SimLockInterrupt } SIM_LOCK_KIND;

typedef struct SIM_HELD {
	void *Lock;
	SIM_LOCK_KIND Kind;
	KIRQL OldIrql;
} SIM_HELD;

typedef struct SIM_THREAD {
	struct SIM_THREAD *Next;
	uint64_t Id;
	KIRQL Irql;
	LONG CriticalRegions;
	ULONG HeldCount;
	SIM_HELD Held[SIM_MAX_HELD]; /* in order of acquisition */
	void *Try; /* innermost SIM_TRY_FRAME, native builds */
	LONG Terminating; /* another thread has said that this one is to end */
	struct SIM_PROCESS *Process; /* NULL: the first */
	void *Callback; /* the framework object whose callback runs on this thread, for deadlock checks */
} SIM_THREAD;

SIM_THREAD *SimThread(void); /* the caller's; never NULL */
void SimThreadsStop(void); /* frees all records but those in use by running threads' next call */

/* Rules IrqlTooHigh / IrqlTooLow. FALSE when broken. */
BOOLEAN SimIrqlMax(const char *Function, KIRQL Max);
BOOLEAN SimIrqlMin(const char *Function, KIRQL Min);

/* Around every callback into the driver: sets the IRQL, and checks that the driver came back with the same IRQL, no
 * lock more and every critical region left. */
typedef struct SIM_SECTION {
	KIRQL Irql;
	KIRQL OldIrql;
	ULONG HeldCount;
	LONG CriticalRegions;
	const char *Name;
} SIM_SECTION;
SIM_SECTION SimCallbackEnter(const char *Name, KIRQL Irql);
void SimCallbackLeave(const SIM_SECTION *Section);

/* Lock bookkeeping and lock order (lock.c). SimLockTaking reports recursion and inversions; FALSE: recursive. */
BOOLEAN SimLockTaking(void *Lock, SIM_LOCK_KIND Kind);
void SimLockTaken(void *Lock, SIM_LOCK_KIND Kind, KIRQL OldIrql);
/* FALSE: not held by this thread. */
BOOLEAN SimLockReleasing(void *Lock, SIM_LOCK_KIND Kind, SIM_HELD *Held);
BOOLEAN SimLockHeldSpin(void); /* this thread holds a spin or interrupt lock */
void SimLocksForget(const void *Memory, SIZE_T Size); /* memory that held locks is freed */
void SimLocksReset(void);

/* Spin locks of the simulator's own kind: word is 0 or the owner's record. */
void SimSpinAcquire(KSPIN_LOCK *Lock);
BOOLEAN SimSpinRelease(KSPIN_LOCK *Lock); /* FALSE: the caller is not the owner */

/* The number of threads that wait for something the device may do; the interrupt thread is quick while there are any.
 * FirstCame (NULL: nobody's) is called when there is one after there was none, from any thread and with locks held. */
void SimWaitersAdd(LONG Count);
void SimWaitersWatch(void (*FirstCame)(void));
LONG SimWaiters(void);

#endif /* SIM_THREAD_H */
