/* SPDX-License-Identifier: MIT */
/*
 * nt.h - the kernel's headers, with what some of them lack filled in. Every source of the driver includes this first.
 */
#ifndef VGPU_NT_H
#define VGPU_NT_H

#ifdef __MINGW32__
/* Two of wdm.h's functions collide with the compiler's of the same name, which the first header declares. */
#include <intrin.h>
#define InterlockedBitTestAndSet WdmInterlockedBitTestAndSet
#define InterlockedBitTestAndReset WdmInterlockedBitTestAndReset
/* Inline there, a read of the processor's control block; the kernel's function is wanted, which a simulator can be. */
#define KeGetCurrentThread WdmKeGetCurrentThread
#endif
#ifdef _MSC_VER
#pragma warning(disable : 4996) /* ExAllocatePoolWithTag: its successor is not there on Windows 10 1607 */
#include <ntifs.h>
#else
#include <ntddk.h>
#endif
#ifdef __MINGW32__
#undef KeGetCurrentThread
NTSYSAPI PKTHREAD NTAPI KeGetCurrentThread(VOID);
#endif
#include <stddef.h>
#include <stdint.h>

/* Annotations for Microsoft's analyzer; compilers without it see nothing. */
#ifndef _IRQL_requires_max_
#define _IRQL_requires_max_(Irql)
#endif
#ifndef _IRQL_requires_
#define _IRQL_requires_(Irql)
#endif
#ifndef _IRQL_requires_same_
#define _IRQL_requires_same_
#endif
#ifndef _Must_inspect_result_
#define _Must_inspect_result_
#endif
#ifndef _Use_decl_annotations_
#define _Use_decl_annotations_
#endif
#ifndef _Requires_lock_held_
#define _Requires_lock_held_(Lock)
#endif
#ifndef _Requires_lock_not_held_
#define _Requires_lock_not_held_(Lock)
#endif
#ifndef _Guarded_by_
#define _Guarded_by_(Lock)
#endif
#ifndef _In_
#define _In_
#define _In_opt_
#define _Out_
#define _Out_opt_
#define _Inout_
#define _Inout_opt_
#endif
#ifndef _In_reads_
#define _In_reads_(Count)
#endif
#ifndef _In_reads_bytes_
#define _In_reads_bytes_(Bytes)
#endif
#ifndef _Out_writes_
#define _Out_writes_(Count)
#endif
#ifndef _Out_writes_bytes_
#define _Out_writes_bytes_(Bytes)
#endif
#ifndef _Inout_updates_
#define _Inout_updates_(Count)
#endif

#ifndef MdlMappingNoExecute
#define MdlMappingNoExecute 0x40000000
#endif
#ifndef STATUS_DEVICE_REMOVED
#define STATUS_DEVICE_REMOVED ((NTSTATUS)0xC00002B6)
#endif
#ifndef STATUS_DEVICE_REQUIRES_CLEANING
#define STATUS_DEVICE_REQUIRES_CLEANING ((NTSTATUS)0x80000288)
#endif
#ifndef STATUS_DEVICE_HARDWARE_ERROR
#define STATUS_DEVICE_HARDWARE_ERROR ((NTSTATUS)0xC0000483)
#endif
#ifndef KEY_READ
#define KEY_READ 0x20019
#endif
#ifndef DPFLTR_IHVVIDEO_ID
#define DPFLTR_IHVVIDEO_ID 78
#endif

#ifdef __MINGW32__
/* Of ntifs.h, which cannot be had together with ntddk.h in these headers. */
typedef struct _KAPC_STATE {
	LIST_ENTRY ApcListHead[2];
	PKPROCESS Process;
	UCHAR Pending[8];
} KAPC_STATE, *PKAPC_STATE, *PRKAPC_STATE;
NTSYSAPI VOID NTAPI KeStackAttachProcess(PKPROCESS Process, PRKAPC_STATE State);
NTSYSAPI VOID NTAPI KeUnstackDetachProcess(PRKAPC_STATE State);
BOOLEAN NTAPI PsIsThreadTerminating(PETHREAD Thread);
/* The headers declare a function that no kernel exports. */
#define KeMemoryBarrier() __atomic_thread_fence(__ATOMIC_SEQ_CST)
#endif

#ifdef _MSC_VER
#define VGPU_NOINLINE __declspec(noinline)
#else
#define VGPU_NOINLINE __attribute__((noinline))
/* Names of winnt.h that other headers lack. */
#ifndef ReadUShortAcquire
#define ReadUShortAcquire(Source) __atomic_load_n((Source), __ATOMIC_ACQUIRE)
#endif
#ifndef WriteUShortRelease
#define WriteUShortRelease(Target, Value) __atomic_store_n((Target), (USHORT)(Value), __ATOMIC_RELEASE)
#endif
#ifndef ReadNoFence
#define ReadNoFence(Source) __atomic_load_n((Source), __ATOMIC_RELAXED)
#endif
#ifndef ReadNoFence64
#define ReadNoFence64(Source) __atomic_load_n((Source), __ATOMIC_RELAXED)
#endif
#ifndef WriteRelease64
#define WriteRelease64(Target, Value) __atomic_store_n((Target), (Value), __ATOMIC_RELEASE)
#endif
#ifndef WriteNoFence64
#define WriteNoFence64(Target, Value) __atomic_store_n((Target), (Value), __ATOMIC_RELAXED)
#endif
#ifndef WriteNoFence
#define WriteNoFence(Target, Value) __atomic_store_n((Target), (Value), __ATOMIC_RELAXED)
#endif
#endif

#define VGPU_POOL_TAG 0x75706756u /* "Vgpu" in a dump */
#define VGPU_PAGE_BYTES 4096u

FORCEINLINE PVOID VgpuAllocate(_In_ SIZE_T Bytes)
{
	PVOID Memory = ExAllocatePoolWithTag(NonPagedPoolNx, Bytes, VGPU_POOL_TAG);

	if (Memory)
		RtlZeroMemory(Memory, Bytes);
	return Memory;
}

FORCEINLINE VOID VgpuFree(_In_ PVOID Memory)
{
	ExFreePoolWithTag(Memory, VGPU_POOL_TAG);
}

#endif /* VGPU_NT_H */
