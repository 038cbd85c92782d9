/* SPDX-License-Identifier: MIT */
/*
 * host_wine.c - host.h for a PE module under Wine: locks, threads, time.
 *
 * Locks are futexes and not Win32 locks: they must go on working while the process shuts down, when Wine lets critical
 * sections pass unlocked, and cost no round trip to the Wine server. Threads are Wine's, because driver code that runs
 * on them needs a TEB for its exception handling. Memory and sockets: host_wine_memory.c.
 */
#include <windows.h>
#include <winternl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"
#include "host_wine.h"
#include "linux_syscall.h"

#define NS_PER_SECOND 1000000000ull

/* ---- locks and conditions ---- */
enum { LockFree, LockHeld, LockContended };

struct futex_lock {
	uint32_t State;
};

struct futex_condition {
	uint32_t Sequence; /* rises with each signal; written under the caller's lock */
	uint32_t Waiters;
};

_Static_assert(sizeof(struct futex_lock) <= sizeof(HOST_LOCK), "fits");
_Static_assert(sizeof(struct futex_condition) <= sizeof(HOST_CONDITION), "fits");

/* Returns early on signals, on a wake and when *Word is not Value any more. -ETIMEDOUT after TimeoutNs. */
static int64_t FutexWait(uint32_t *Word, uint32_t Value, uint64_t TimeoutNs)
{
	struct linux_timespec Timeout = {(int64_t)(TimeoutNs / NS_PER_SECOND), (int64_t)(TimeoutNs % NS_PER_SECOND)};

	return linux_syscall(LINUX_FUTEX, (uintptr_t)Word, LINUX_FUTEX_WAIT_PRIVATE, Value,
		TimeoutNs == HOST_FOREVER ? 0 : (uintptr_t)&Timeout, 0, 0);
}

static void FutexWake(uint32_t *Word, uint32_t Count)
{
	linux_syscall(LINUX_FUTEX, (uintptr_t)Word, LINUX_FUTEX_WAKE_PRIVATE, Count, 0, 0, 0);
}

void HostLockInit(HOST_LOCK *Lock)
{
	memset(Lock, 0, sizeof(*Lock));
}

void HostLockDestroy(HOST_LOCK *Lock)
{
	(void)Lock;
}

void HostLockAcquire(HOST_LOCK *Lock)
{
	uint32_t *State = &((struct futex_lock *)Lock)->State;
	uint32_t Seen = LockFree;

	if (__atomic_compare_exchange_n(State, &Seen, LockHeld, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		return;
	while (__atomic_exchange_n(State, LockContended, __ATOMIC_ACQUIRE) != LockFree)
		FutexWait(State, LockContended, HOST_FOREVER);
}

void HostLockRelease(HOST_LOCK *Lock)
{
	uint32_t *State = &((struct futex_lock *)Lock)->State;

	if (__atomic_exchange_n(State, LockFree, __ATOMIC_RELEASE) == LockContended)
		FutexWake(State, 1);
}

void HostConditionInit(HOST_CONDITION *Condition)
{
	memset(Condition, 0, sizeof(*Condition));
}

void HostConditionDestroy(HOST_CONDITION *Condition)
{
	(void)Condition;
}

bool HostConditionWait(HOST_CONDITION *Condition, HOST_LOCK *Lock, uint64_t TimeoutNs)
{
	struct futex_condition *Futex = (struct futex_condition *)Condition;
	uint32_t Sequence = __atomic_load_n(&Futex->Sequence, __ATOMIC_RELAXED);
	int64_t Result;

	__atomic_fetch_add(&Futex->Waiters, 1, __ATOMIC_RELAXED);
	HostLockRelease(Lock);
	Result = FutexWait(&Futex->Sequence, Sequence, TimeoutNs);
	HostLockAcquire(Lock);
	__atomic_fetch_sub(&Futex->Waiters, 1, __ATOMIC_RELAXED);
	return Result != LINUX_ETIMEDOUT;
}

void HostConditionSignalAll(HOST_CONDITION *Condition)
{
	struct futex_condition *Futex = (struct futex_condition *)Condition;

	__atomic_fetch_add(&Futex->Sequence, 1, __ATOMIC_RELEASE);
	if (__atomic_load_n(&Futex->Waiters, __ATOMIC_SEQ_CST) != 0)
		FutexWake(&Futex->Sequence, INT32_MAX);
}

/* ---- threads ---- */
struct HOST_THREAD {
	HANDLE Handle;
	DWORD Id;
	HOST_THREAD_ROUTINE Routine;
	void *Context;
	HOST_THREAD *Next; /* in Threads, under ThreadsLock */
};

NTSYSAPI NTSTATUS NTAPI NtAllocateVirtualMemory(
	HANDLE Process, void **Address, ULONG_PTR ZeroBits, SIZE_T *Size, ULONG Type, ULONG Protect);
NTSYSAPI NTSTATUS NTAPI NtQueueApcThread(HANDLE Thread, void *Routine, void *First, void *Second, void *Third);

static HOST_LOCK ThreadsLock;
static HOST_THREAD *Threads;

bool HostWineIsWow64(void)
{
	static LONG Known = -1;
	BOOL Wow64;

	if (__atomic_load_n(&Known, __ATOMIC_RELAXED) < 0)
		__atomic_store_n(&Known, IsWow64Process(GetCurrentProcess(), &Wow64) && Wow64, __ATOMIC_RELAXED);
	return Known != 0;
}

static void (*OnThreadEnd)(void);

void HostOnThreadEnd(void (*Ended)(void))
{
	__atomic_store_n(&OnThreadEnd, Ended, __ATOMIC_RELEASE);
}

static DWORD WINAPI ThreadStart(void *Context)
{
	HOST_THREAD *Thread = Context;
	void (*Ended)(void);

	Thread->Routine(Thread->Context);
	Ended = __atomic_load_n(&OnThreadEnd, __ATOMIC_ACQUIRE);
	if (Ended)
		Ended();
	return 0;
}

/* Never returns to the 32-bit start address, which is none. */
static void NTAPI ThreadStartApc(void *Context, void *Second, void *Third)
{
	(void)Second;
	(void)Third;
	ThreadStart(Context);
	for (;;)
		TerminateThread(GetCurrentThread(), 0);
}

/* Threads of a 32-bit program begin in 32-bit code; what an APC names runs as 64-bit code, before anything else. */
static bool StartsHere(HANDLE Thread, HOST_THREAD *Context)
{
	return !HostWineIsWow64() || NtQueueApcThread(Thread, (void *)ThreadStartApc, Context, NULL, NULL) == 0;
}

int HostThreadCreate(HOST_THREAD **Thread, const char *Name, HOST_THREAD_ROUTINE Routine, void *Context)
{
	HOST_THREAD *New = calloc(1, sizeof(*New));

	(void)Name;
	if (!New)
		return LINUX_ENOMEM;
	New->Routine = Routine;
	New->Context = Context;
	New->Handle = CreateThread(NULL, 0, ThreadStart, New, CREATE_SUSPENDED, &New->Id);
	if (!New->Handle)
		goto free_thread;
	if (!StartsHere(New->Handle, New))
		goto end_thread;
	HostLockAcquire(&ThreadsLock);
	New->Next = Threads;
	Threads = New;
	HostLockRelease(&ThreadsLock);
	*Thread = New;
	ResumeThread(New->Handle);
	return 0;

end_thread:
	TerminateThread(New->Handle, 0);
	CloseHandle(New->Handle);
free_thread:
	free(New);
	return LINUX_EAGAIN;
}

void HostThreadJoin(HOST_THREAD *Thread)
{
	HOST_THREAD **Link;

	WaitForSingleObject(Thread->Handle, INFINITE);
	HostLockAcquire(&ThreadsLock);
	for (Link = &Threads; *Link != Thread; Link = &(*Link)->Next)
		;
	*Link = Thread->Next;
	HostLockRelease(&ThreadsLock);
	CloseHandle(Thread->Handle);
	free(Thread);
}

bool HostWineOwnsThread(uint32_t ThreadId)
{
	const HOST_THREAD *Thread;

	HostLockAcquire(&ThreadsLock);
	for (Thread = Threads; Thread && Thread->Id != ThreadId; Thread = Thread->Next)
		;
	HostLockRelease(&ThreadsLock);
	return Thread != NULL;
}

uint64_t HostThreadId(void)
{
	return GetCurrentThreadId();
}

/* One slot of thread-local storage, made once; TlsGetValue clears the last error, which is the program's. */
static DWORD ValueSlot(void)
{
	static LONG Slot = -1;
	LONG New;

	if (__atomic_load_n(&Slot, __ATOMIC_ACQUIRE) >= 0)
		return (DWORD)Slot;
	New = (LONG)TlsAlloc();
	if (InterlockedCompareExchange(&Slot, New, -1) != -1)
		TlsFree((DWORD)New);
	return (DWORD)Slot;
}

void *HostThreadValue(void)
{
	DWORD Error = GetLastError();
	void *Value = TlsGetValue(ValueSlot());

	SetLastError(Error);
	return Value;
}

void HostThreadSetValue(void *Value)
{
	TlsSetValue(ValueSlot(), Value);
}

void HostThreadYield(void)
{
	linux_syscall(LINUX_SCHED_YIELD, 0, 0, 0, 0, 0, 0);
}

/* ---- time ---- */
static uint64_t ReadClock(int Clock)
{
	struct linux_timespec Time = {0, 0};

	linux_syscall(LINUX_CLOCK_GETTIME, (uint64_t)Clock, (uintptr_t)&Time, 0, 0, 0, 0);
	return (uint64_t)Time.sec * NS_PER_SECOND + (uint64_t)Time.nsec;
}

uint64_t HostNow(void)
{
	return ReadClock(LINUX_CLOCK_MONOTONIC);
}

uint64_t HostWallTime(void)
{
	return ReadClock(LINUX_CLOCK_REALTIME);
}

void HostSleep(uint64_t Nanoseconds)
{
	struct linux_timespec Left = {(int64_t)(Nanoseconds / NS_PER_SECOND), (int64_t)(Nanoseconds % NS_PER_SECOND)};

	while (linux_syscall(LINUX_CLOCK_NANOSLEEP, LINUX_CLOCK_MONOTONIC, 0, (uintptr_t)&Left, (uintptr_t)&Left, 0,
		       0) == LINUX_EINTR)
		;
}

/* ---- the program's address space, which Wine keeps account of ---- */
#define LIMIT32 0x7fffffffu /* as Windows has it for programs that do not say that they can take more */

int HostReserveUser(size_t Length, void **Address)
{
	SIZE_T Size = Length;

	*Address = NULL;
	return NtAllocateVirtualMemory(GetCurrentProcess(), Address, HostWineIsWow64() ? LIMIT32 : 0, &Size,
		       MEM_RESERVE, PAGE_NOACCESS) == 0
		       ? 0
		       : LINUX_ENOMEM;
}

void HostReleaseUser(void *Address, size_t Length)
{
	(void)Length;
	VirtualFree(Address, 0, MEM_RELEASE);
}

/* ---- the rest ---- */
static LONG Aborting;

const char *HostEnvironment(const char *Name)
{
	return getenv(Name);
}

void HostLog(const char *Text)
{
	struct linux_iovec Parts[2] = {{(void *)(uintptr_t)Text, strlen(Text)}, {"\n", 1}};

	while (linux_syscall(LINUX_WRITEV, 2, (uintptr_t)Parts, 2, 0, 0, 0) == LINUX_EINTR)
		;
}

_Noreturn void HostRaise(uint32_t Code)
{
	for (;;)
		RaiseException(Code, EXCEPTION_NONCONTINUABLE, 0, NULL);
}

bool HostWineAborting(void)
{
	return __atomic_load_n(&Aborting, __ATOMIC_ACQUIRE) != 0;
}

_Noreturn void HostAbort(void)
{
	__atomic_store_n(&Aborting, 1, __ATOMIC_RELEASE);
	for (;;)
		TerminateProcess(GetCurrentProcess(), HOST_WINE_VIOLATION_EXIT);
}
