/* SPDX-License-Identifier: MIT */
/*
 * ex.c - pool and fast mutexes.
 *
 * Each allocation has guard bytes on both sides and a record of its own, found by address. Fresh memory holds FRESH
 * bytes; freed memory is filled with FREED bytes and kept for a while, to be checked for late writes when it is given
 * back.
 */
#include <stdlib.h>

#include "../host/host.h"
#include "nt.h"

#define GUARD_SIZE 16
#define GUARD_BYTE 0xb5
#define FRESH_BYTE 0xa7
#define FREED_BYTE 0xd9
#define BUCKETS 4096
#define QUARANTINE 128
#define QUARANTINE_MAX 65536

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#define POISON(Address, Size) __asan_poison_memory_region((Address), (Size))
#define UNPOISON(Address, Size) __asan_unpoison_memory_region((Address), (Size))
#else
#define POISON(Address, Size) ((void)(Address), (void)(Size))
#define UNPOISON(Address, Size) ((void)(Address), (void)(Size))
#endif

typedef struct POOL_BLOCK {
	struct POOL_BLOCK *Next;
	UCHAR *Raw; /* what malloc gave */
	UCHAR *Memory;
	SIZE_T Size;
	ULONG Tag;
	POOL_TYPE Type;
	void *Caller;
} POOL_BLOCK;

static HOST_LOCK PoolLock; /* guards what follows */
static POOL_BLOCK *Buckets[BUCKETS];
static POOL_BLOCK *Quarantine[QUARANTINE];
static ULONG QuarantineNext;

static POOL_BLOCK **Bucket(const void *Memory)
{
	return &Buckets[((ULONG_PTR)Memory >> 4) * 0x9e3779b97f4a7c15ull >> 52];
}

static BOOLEAN Filled(const UCHAR *Memory, SIZE_T Size, UCHAR Byte)
{
	while (Size > 0 && Memory[Size - 1] == Byte)
		Size--;
	return Size == 0;
}

static void TagText(ULONG Tag, char Text[5])
{
	for (int i = 0; i < 4; i++) {
		char Letter = (char)(Tag >> (8 * i));

		Text[i] = Letter >= ' ' && Letter < 127 ? Letter : '.';
	}
	Text[4] = 0;
}

static BOOLEAN TypeAllowed(POOL_TYPE Type)
{
	SimIrqlMax("ExAllocatePoolWithTag", Type == PagedPool ? APC_LEVEL : DISPATCH_LEVEL);
	return Type == NonPagedPoolNx || Type == PagedPool;
}

static POOL_BLOCK *BlockCreate(SIZE_T Size)
{
	SIZE_T Align = Size >= PAGE_SIZE ? PAGE_SIZE : GUARD_SIZE;
	POOL_BLOCK *Block = malloc(sizeof(*Block));

	if (!Block)
		return NULL;
	Block->Raw = malloc(Size + 2 * GUARD_SIZE + Align);
	if (!Block->Raw) {
		free(Block);
		return NULL;
	}
	Block->Memory = (UCHAR *)(((ULONG_PTR)Block->Raw + GUARD_SIZE + Align - 1) & ~(ULONG_PTR)(Align - 1));
	Block->Size = Size;
	memset(Block->Memory - GUARD_SIZE, GUARD_BYTE, GUARD_SIZE);
	memset(Block->Memory, FRESH_BYTE, Size);
	memset(Block->Memory + Size, GUARD_BYTE, GUARD_SIZE);
	POISON(Block->Memory - GUARD_SIZE, GUARD_SIZE);
	POISON(Block->Memory + Size, GUARD_SIZE);
	return Block;
}

static void BlockDestroy(POOL_BLOCK *Block)
{
	if (!Block)
		return;
	UNPOISON(Block->Memory, Block->Size);
	if (!Filled(Block->Memory, Block->Size, FREED_BYTE))
		SimViolation(SimRulePoolOverrun, "freed memory %p (%zu bytes) was written", (void *)Block->Memory,
			(size_t)Block->Size);
	free(Block->Raw);
	free(Block);
}

PVOID NTAPI ExAllocatePoolWithTag(POOL_TYPE Type, SIZE_T Size, ULONG Tag)
{
	POOL_BLOCK *Block;
	POOL_BLOCK **Head;

	if (!TypeAllowed(Type))
		SimViolation(
			SimRulePoolType, "pool type %u: only NonPagedPoolNx and PagedPool are allowed", (unsigned)Type);
	if (Tag == 0)
		SimViolation(SimRulePoolTag, "allocation of %zu bytes without a tag", (size_t)Size);
	if (Size == 0)
		SimViolation(SimRulePoolSize, "allocation of 0 bytes");
	Block = SimFault("ExAllocatePoolWithTag") ? NULL : BlockCreate(Size);
	if (!Block)
		return NULL;
	Block->Tag = Tag;
	Block->Type = Type;
	Block->Caller = __builtin_return_address(0);
	Head = Bucket(Block->Memory);
	HostLockAcquire(&PoolLock);
	Block->Next = *Head;
	*Head = Block;
	HostLockRelease(&PoolLock);
	return Block->Memory;
}

static POOL_BLOCK *BlockTake(const void *Memory)
{
	POOL_BLOCK **Link = Bucket(Memory);
	POOL_BLOCK *Block;

	HostLockAcquire(&PoolLock);
	while (*Link && (*Link)->Memory != Memory)
		Link = &(*Link)->Next;
	Block = *Link;
	if (Block)
		*Link = Block->Next;
	HostLockRelease(&PoolLock);
	return Block;
}

static void BlockCheck(const POOL_BLOCK *Block, ULONG Tag)
{
	char Text[5];

	TagText(Block->Tag, Text);
	SimIrqlMax("ExFreePoolWithTag", Block->Type == PagedPool ? APC_LEVEL : DISPATCH_LEVEL);
	if (Tag != Block->Tag)
		SimViolation(SimRulePoolTag, "memory with tag '%s' freed with tag %#x", Text, (unsigned)Tag);
	if (!Filled(Block->Memory - GUARD_SIZE, GUARD_SIZE, GUARD_BYTE) ||
		!Filled(Block->Memory + Block->Size, GUARD_SIZE, GUARD_BYTE))
		SimViolation(SimRulePoolOverrun, "bytes around %p (%zu bytes, tag '%s') were written",
			(void *)Block->Memory, (size_t)Block->Size, Text);
}

static void FreePool(PVOID Memory, const ULONG *Tag)
{
	POOL_BLOCK *Block = BlockTake(Memory);
	POOL_BLOCK *Old = Block;

	if (!Block) {
		SimViolation(SimRulePoolBadFree, "%p is not allocated", Memory);
		return;
	}
	UNPOISON(Block->Memory - GUARD_SIZE, GUARD_SIZE);
	UNPOISON(Block->Memory + Block->Size, GUARD_SIZE);
	BlockCheck(Block, Tag ? *Tag : Block->Tag);
	SimLocksForget(Block->Memory, Block->Size);
	memset(Block->Memory, FREED_BYTE, Block->Size);
	POISON(Block->Memory, Block->Size);
	if (Block->Size <= QUARANTINE_MAX) {
		HostLockAcquire(&PoolLock);
		Old = Quarantine[QuarantineNext];
		Quarantine[QuarantineNext] = Block;
		QuarantineNext = (QuarantineNext + 1) % QUARANTINE;
		HostLockRelease(&PoolLock);
	}
	BlockDestroy(Old);
}

VOID NTAPI ExFreePoolWithTag(PVOID Memory, ULONG Tag)
{
	FreePool(Memory, &Tag);
}

/* For what the kernel allocated, whose tag nobody knows. */
VOID NTAPI ExFreePool(PVOID Memory)
{
	FreePool(Memory, NULL);
}

ULONG64 SimPoolBytes(void)
{
	ULONG64 Bytes = 0;

	HostLockAcquire(&PoolLock);
	for (ULONG i = 0; i < BUCKETS; i++)
		for (const POOL_BLOCK *Block = Buckets[i]; Block; Block = Block->Next)
			Bytes += Block->Size;
	HostLockRelease(&PoolLock);
	return Bytes;
}

void SimPoolStart(void)
{
	HostLockInit(&PoolLock);
}

void SimPoolStop(void)
{
	char Text[5];

	for (ULONG i = 0; i < QUARANTINE; i++) {
		BlockDestroy(Quarantine[i]);
		Quarantine[i] = NULL;
	}
	for (ULONG i = 0; i < BUCKETS; i++) {
		while (Buckets[i]) {
			POOL_BLOCK *Block = Buckets[i];

			Buckets[i] = Block->Next;
			TagText(Block->Tag, Text);
			SimViolation(SimRulePoolLeak, "%zu bytes with tag '%s' at %p, allocated from %p",
				(size_t)Block->Size, Text, (void *)Block->Memory, Block->Caller);
			free(Block->Raw);
			free(Block);
		}
	}
	HostLockDestroy(&PoolLock);
}

/* ---- fast mutexes: APC_LEVEL while held ---- */
VOID NTAPI ExAcquireFastMutex(PFAST_MUTEX Mutex)
{
	SIM_THREAD *Thread = SimThread();
	KIRQL OldIrql = Thread->Irql;

	SimIrqlMax("ExAcquireFastMutex", APC_LEVEL);
	if (Mutex->Event.Header.WaitListHead.Flink != &Mutex->Event.Header.WaitListHead)
		SimViolation(SimRuleObjectNotInitialized, "%p is not an initialised fast mutex", (void *)Mutex);
	if (!SimLockTaking(Mutex, SimLockMutex))
		return;
	while (InterlockedCompareExchange(&Mutex->Count, 0, 1) != 1) {
		LARGE_INTEGER Wait = {.QuadPart = -10000}; /* 1 ms, should a release be missed */

		Mutex->Contention++;
		KeWaitForSingleObject(&Mutex->Event, Executive, KernelMode, FALSE, &Wait);
	}
	Thread->Irql = APC_LEVEL;
	Mutex->Owner = (PKTHREAD)(void *)Thread;
	Mutex->OldIrql = OldIrql;
	SimLockTaken(Mutex, SimLockMutex, OldIrql);
}

VOID NTAPI ExReleaseFastMutex(PFAST_MUTEX Mutex)
{
	SIM_HELD Held;

	SimIrqlMax("ExReleaseFastMutex", APC_LEVEL);
	if (!SimLockReleasing(Mutex, SimLockMutex, &Held))
		return;
	Mutex->Owner = NULL;
	InterlockedExchange(&Mutex->Count, 1);
	KeSetEvent(&Mutex->Event, IO_NO_INCREMENT, FALSE);
	SimThread()->Irql = Held.OldIrql;
}
