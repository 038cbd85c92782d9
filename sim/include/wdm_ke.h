/* SPDX-License-Identifier: MIT */
/*
 * wdm_ke.h - the kernel (Ke), executive (Ex), Rtl and debugger parts of wdm.h. Included by wdm.h.
 *
 * __try/__except: on Windows the compiler's own. Elsewhere a setjmp frame per __try, unwound by ExRaiseStatus and by
 * what raises through it. `break` and `__leave` leave the __try block; returning from it is allowed.
 */
#ifndef SIM_WDM_KE_H
#define SIM_WDM_KE_H

typedef struct _KTHREAD *PKTHREAD, *PETHREAD;
typedef struct _EPROCESS *PEPROCESS, *PKPROCESS;

#define PASSIVE_LEVEL 0
#define APC_LEVEL 1
#define DISPATCH_LEVEL 2
#define HIGH_LEVEL 15

typedef enum _MODE { KernelMode, UserMode, MaximumMode } MODE;
typedef enum _EVENT_TYPE { NotificationEvent, SynchronizationEvent } EVENT_TYPE;
typedef enum _KWAIT_REASON {
	Executive,
	FreePage,
	PageIn,
	PoolAllocation,
	DelayExecution,
	Suspended,
	UserRequest
} KWAIT_REASON;
typedef LONG KPRIORITY;
#define IO_NO_INCREMENT 0

typedef struct _DISPATCHER_HEADER {
	union {
		struct {
			UCHAR Type;
			UCHAR Signalling;
			UCHAR Size;
			UCHAR Reserved;
		};
		volatile LONG Lock;
	};
	LONG SignalState;
	LIST_ENTRY WaitListHead;
} DISPATCHER_HEADER;

typedef struct _KEVENT {
	DISPATCHER_HEADER Header;
} KEVENT, *PKEVENT, *PRKEVENT;

typedef struct _FAST_MUTEX {
	volatile LONG Count;
	PKTHREAD Owner;
	ULONG Contention;
	KEVENT Event;
	ULONG OldIrql;
} FAST_MUTEX, *PFAST_MUTEX;

VOID NTAPI KeInitializeEvent(PRKEVENT Event, EVENT_TYPE Type, BOOLEAN State);
LONG NTAPI KeSetEvent(PRKEVENT Event, KPRIORITY Increment, BOOLEAN Wait);
VOID NTAPI KeClearEvent(PRKEVENT Event);
LONG NTAPI KeResetEvent(PRKEVENT Event);
LONG NTAPI KeReadStateEvent(PRKEVENT Event);
NTSTATUS NTAPI KeWaitForSingleObject(
	PVOID Object, KWAIT_REASON Reason, KPROCESSOR_MODE Mode, BOOLEAN Alertable, PLARGE_INTEGER Timeout);
NTSTATUS NTAPI KeDelayExecutionThread(KPROCESSOR_MODE Mode, BOOLEAN Alertable, PLARGE_INTEGER Interval);
VOID NTAPI KeStallExecutionProcessor(ULONG Microseconds);
LARGE_INTEGER NTAPI KeQueryPerformanceCounter(PLARGE_INTEGER Frequency);
ULONG64 NTAPI KeQueryInterruptTime(VOID);
KIRQL NTAPI KeGetCurrentIrql(VOID);
VOID NTAPI KeEnterCriticalRegion(VOID);
VOID NTAPI KeLeaveCriticalRegion(VOID);
DECLSPEC_NORETURN VOID NTAPI KeBugCheckEx(ULONG Code, ULONG_PTR P1, ULONG_PTR P2, ULONG_PTR P3, ULONG_PTR P4);

VOID NTAPI KeInitializeSpinLock(PKSPIN_LOCK Lock);
KIRQL NTAPI KeAcquireSpinLockRaiseToDpc(PKSPIN_LOCK Lock);
VOID NTAPI KeReleaseSpinLock(PKSPIN_LOCK Lock, KIRQL NewIrql);
VOID NTAPI KeAcquireSpinLockAtDpcLevel(PKSPIN_LOCK Lock);
VOID NTAPI KeReleaseSpinLockFromDpcLevel(PKSPIN_LOCK Lock);
#define KeAcquireSpinLock(Lock, OldIrql) (*(OldIrql) = KeAcquireSpinLockRaiseToDpc(Lock))

typedef enum _POOL_TYPE { NonPagedPool = 0, PagedPool = 1, NonPagedPoolNx = 512 } POOL_TYPE;
#define POOL_NX_ALLOCATION 512
PVOID NTAPI ExAllocatePoolWithTag(POOL_TYPE Type, SIZE_T Size, ULONG Tag);
VOID NTAPI ExFreePool(PVOID Memory);
VOID NTAPI ExFreePoolWithTag(PVOID Memory, ULONG Tag);

VOID NTAPI ExAcquireFastMutex(PFAST_MUTEX Mutex);
VOID NTAPI ExReleaseFastMutex(PFAST_MUTEX Mutex);
FORCEINLINE VOID ExInitializeFastMutex(PFAST_MUTEX Mutex)
{
	Mutex->Count = 1;
	Mutex->Owner = NULL;
	Mutex->Contention = 0;
	KeInitializeEvent(&Mutex->Event, SynchronizationEvent, FALSE);
}

DECLSPEC_NORETURN VOID NTAPI ExRaiseStatus(NTSTATUS Status);
VOID NTAPI ProbeForRead(const volatile VOID *Address, SIZE_T Length, ULONG Alignment);
VOID NTAPI ProbeForWrite(volatile VOID *Address, SIZE_T Length, ULONG Alignment);

VOID NTAPI RtlInitUnicodeString(PUNICODE_STRING Target, PCWSTR Source);
VOID NTAPI RtlCopyUnicodeString(PUNICODE_STRING Target, PCUNICODE_STRING Source);

#define DPFLTR_ERROR_LEVEL 0
#define DPFLTR_WARNING_LEVEL 1
#define DPFLTR_TRACE_LEVEL 2
#define DPFLTR_INFO_LEVEL 3
#define DPFLTR_DEFAULT_ID 101
#define DPFLTR_IHVDRIVER_ID 77
/* Windows' formats: %l is 32 bits on every host; %wZ is a UNICODE_STRING. */
ULONG DbgPrintEx(ULONG Component, ULONG Level, PCSTR Format, ...);
ULONG DbgPrint(PCSTR Format, ...);

/* ---- structured exceptions ---- */
#define EXCEPTION_EXECUTE_HANDLER 1
#define EXCEPTION_CONTINUE_SEARCH 0

#ifndef _WIN32
#include <setjmp.h>

typedef struct SIM_TRY_FRAME {
	struct SIM_TRY_FRAME *Outer;
	NTSTATUS Code;
	int Once;
	jmp_buf Jump;
} SIM_TRY_FRAME;

SIM_TRY_FRAME *SimTryEnter(SIM_TRY_FRAME *Frame);
void SimTryLeave(SIM_TRY_FRAME *Frame);

/* clang-format off */
#define __try \
	for (SIM_TRY_FRAME SimFrame __attribute__((cleanup(SimTryLeave))) = {.Once = 1}; SimFrame.Once; SimFrame.Once = 0) \
		if (setjmp(SimTryEnter(&SimFrame)->Jump) == 0)
#define __except(Filter) else if (Filter)
/* clang-format on */
#define __leave break
#define GetExceptionCode() (SimFrame.Code)
#endif

/* ---- what the compiler does inline on Windows ---- */
/* Where another thread may come in between. Only a host that decides itself who runs has it (host_seeded.c). */
#ifndef _WIN32
void HostPoint(void) __attribute__((weak));
#define SIM_POINT() (HostPoint ? HostPoint() : (void)0)
#else
#define SIM_POINT() ((void)0)
#endif

#define KeMemoryBarrier() (SIM_POINT(), __atomic_thread_fence(__ATOMIC_SEQ_CST))
#define MemoryBarrier() KeMemoryBarrier()
#define YieldProcessor() __builtin_ia32_pause()
#if !defined(_WIN32) || !defined(__clang__)
#define _ReadWriteBarrier() __asm__ volatile("" ::: "memory")
#endif

FORCEINLINE LONG InterlockedIncrement(volatile LONG *Target)
{
	SIM_POINT();
	return __atomic_add_fetch(Target, 1, __ATOMIC_SEQ_CST);
}

FORCEINLINE LONG InterlockedDecrement(volatile LONG *Target)
{
	SIM_POINT();
	return __atomic_sub_fetch(Target, 1, __ATOMIC_SEQ_CST);
}

FORCEINLINE LONG InterlockedExchange(volatile LONG *Target, LONG Value)
{
	SIM_POINT();
	return __atomic_exchange_n(Target, Value, __ATOMIC_SEQ_CST);
}

FORCEINLINE LONG InterlockedExchangeAdd(volatile LONG *Target, LONG Value)
{
	SIM_POINT();
	return __atomic_fetch_add(Target, Value, __ATOMIC_SEQ_CST);
}

FORCEINLINE LONG InterlockedOr(volatile LONG *Target, LONG Value)
{
	SIM_POINT();
	return __atomic_fetch_or(Target, Value, __ATOMIC_SEQ_CST);
}

FORCEINLINE LONG InterlockedAnd(volatile LONG *Target, LONG Value)
{
	SIM_POINT();
	return __atomic_fetch_and(Target, Value, __ATOMIC_SEQ_CST);
}

FORCEINLINE LONG InterlockedCompareExchange(volatile LONG *Target, LONG Value, LONG Comparand)
{
	SIM_POINT();
	__atomic_compare_exchange_n(Target, &Comparand, Value, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
	return Comparand;
}

FORCEINLINE LONG64 InterlockedIncrement64(volatile LONG64 *Target)
{
	SIM_POINT();
	return __atomic_add_fetch(Target, 1, __ATOMIC_SEQ_CST);
}

FORCEINLINE LONG64 InterlockedDecrement64(volatile LONG64 *Target)
{
	SIM_POINT();
	return __atomic_sub_fetch(Target, 1, __ATOMIC_SEQ_CST);
}

FORCEINLINE LONG64 InterlockedExchange64(volatile LONG64 *Target, LONG64 Value)
{
	SIM_POINT();
	return __atomic_exchange_n(Target, Value, __ATOMIC_SEQ_CST);
}

FORCEINLINE LONG64 InterlockedExchangeAdd64(volatile LONG64 *Target, LONG64 Value)
{
	SIM_POINT();
	return __atomic_fetch_add(Target, Value, __ATOMIC_SEQ_CST);
}
#define InterlockedAdd64(Target, Value) (InterlockedExchangeAdd64((Target), (Value)) + (Value))

FORCEINLINE LONG64 InterlockedCompareExchange64(volatile LONG64 *Target, LONG64 Value, LONG64 Comparand)
{
	SIM_POINT();
	__atomic_compare_exchange_n(Target, &Comparand, Value, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
	return Comparand;
}

FORCEINLINE PVOID InterlockedExchangePointer(PVOID volatile *Target, PVOID Value)
{
	SIM_POINT();
	return __atomic_exchange_n(Target, Value, __ATOMIC_SEQ_CST);
}

FORCEINLINE PVOID InterlockedCompareExchangePointer(PVOID volatile *Target, PVOID Value, PVOID Comparand)
{
	SIM_POINT();
	__atomic_compare_exchange_n(Target, &Comparand, Value, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
	return Comparand;
}

/* Words that a device shares: it may come in between, too. */
FORCEINLINE USHORT ReadUShortAcquire(const volatile USHORT *Source)
{
	USHORT Value = __atomic_load_n(Source, __ATOMIC_ACQUIRE);

	SIM_POINT();
	return Value;
}
#define ReadUShortAcquire ReadUShortAcquire

FORCEINLINE VOID WriteUShortRelease(volatile USHORT *Target, USHORT Value)
{
	SIM_POINT();
	__atomic_store_n(Target, Value, __ATOMIC_RELEASE);
}
#define WriteUShortRelease WriteUShortRelease

#define ReadAcquire(Source) __atomic_load_n((Source), __ATOMIC_ACQUIRE)
#define ReadNoFence(Source) __atomic_load_n((Source), __ATOMIC_RELAXED)
#define ReadULong64Acquire(Source) __atomic_load_n((Source), __ATOMIC_ACQUIRE)
#define WriteRelease(Target, Value) __atomic_store_n((Target), (Value), __ATOMIC_RELEASE)
#define WriteNoFence(Target, Value) __atomic_store_n((Target), (Value), __ATOMIC_RELAXED)
#define WriteULong64Release(Target, Value) __atomic_store_n((Target), (Value), __ATOMIC_RELEASE)

VOID SimPagedCode(const char *Function);
#define PAGED_CODE() SimPagedCode(__func__)

#endif /* SIM_WDM_KE_H */
