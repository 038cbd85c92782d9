/* SPDX-License-Identifier: MIT */
/* mm_contiguous.c - physically contiguous memory, each allocation in a mapping of its own. */
#include <stdlib.h>

#include "../host/host.h"
#include "mm_usermap.h"
#include "nt.h"

#define FRESH_BYTE 0xa7

typedef struct CONTIGUOUS {
	struct CONTIGUOUS *Next;
	UCHAR *Address;
	SIZE_T Size; /* as asked for */
	ULONG64 Frame;
	ULONG64 Frames;
	void *Caller;
} CONTIGUOUS;

static HOST_LOCK Lock;
static CONTIGUOUS *List; /* under Lock */
static ULONG64 Largest; /* 0: any */

static BOOLEAN CrossesBoundary(ULONG64 Frame, ULONG64 Frames, ULONG64 Boundary)
{
	ULONG64 First = Frame << PAGE_SHIFT;
	ULONG64 Last = ((Frame + Frames) << PAGE_SHIFT) - 1;

	return Boundary != 0 && First / Boundary != Last / Boundary;
}

static ULONG64 TakeFrames(ULONG64 Frames, ULONG64 Lowest, ULONG64 Highest, ULONG64 Boundary)
{
	ULONG64 Limit = Highest >= (1ull << 52) ? 1ull << 40 : (Highest + 1) >> PAGE_SHIFT;
	ULONG64 Got, Frame;

	for (int Try = 0; Try < 32; Try++) {
		Frame = SimFramesTake(Frames, Limit, TRUE, &Got);
		if (!Frame)
			return 0;
		if (Frame << PAGE_SHIFT >= Lowest && !CrossesBoundary(Frame, Frames, Boundary))
			return Frame;
		SimFramesFree(Frame, Frames);
	}
	return 0;
}

PVOID NTAPI MmAllocateContiguousMemorySpecifyCache(SIZE_T Size, PHYSICAL_ADDRESS Lowest, PHYSICAL_ADDRESS Highest,
	PHYSICAL_ADDRESS Boundary, MEMORY_CACHING_TYPE Cache)
{
	CONTIGUOUS *New;
	PFN_NUMBER *Frames;

	(void)Cache;
	SimIrqlMax("MmAllocateContiguousMemorySpecifyCache", DISPATCH_LEVEL);
	if (Size == 0) {
		SimViolation(SimRulePoolSize, "0 bytes of contiguous memory");
		return NULL;
	}
	if ((Largest && Size > Largest) || SimFault("MmAllocateContiguousMemorySpecifyCache"))
		return NULL;
	New = calloc(1, sizeof(*New));
	Frames = calloc(BYTES_TO_PAGES(Size), sizeof(*Frames));
	if (!New || !Frames)
		goto Free;
	New->Size = Size;
	New->Frames = BYTES_TO_PAGES(Size);
	New->Caller = __builtin_return_address(0);
	New->Frame = TakeFrames(
		New->Frames, (ULONG64)Lowest.QuadPart, (ULONG64)Highest.QuadPart, (ULONG64)Boundary.QuadPart);
	if (!New->Frame)
		goto Free;
	for (ULONG64 i = 0; i < New->Frames; i++)
		Frames[i] = New->Frame + i;
	New->Address = SimFramesMap(Frames, New->Frames);
	if (!New->Address)
		goto FreeFrames;
	free(Frames);
	memset(New->Address, FRESH_BYTE, New->Frames << PAGE_SHIFT);
	HostLockAcquire(&Lock);
	New->Next = List;
	List = New;
	HostLockRelease(&Lock);
	return New->Address;

FreeFrames:
	SimFramesFree(New->Frame, New->Frames);
Free:
	free(Frames);
	free(New);
	return NULL;
}

static void Release(CONTIGUOUS *Old)
{
	HostUnmap(Old->Address, Old->Frames << PAGE_SHIFT);
	SimFramesFree(Old->Frame, Old->Frames);
	free(Old);
}

VOID NTAPI MmFreeContiguousMemorySpecifyCache(PVOID Address, SIZE_T Size, MEMORY_CACHING_TYPE Cache)
{
	CONTIGUOUS **Link = &List;
	CONTIGUOUS *Old;

	(void)Cache;
	SimIrqlMax("MmFreeContiguousMemorySpecifyCache", DISPATCH_LEVEL);
	HostLockAcquire(&Lock);
	while (*Link && (*Link)->Address != Address)
		Link = &(*Link)->Next;
	Old = *Link;
	if (Old)
		*Link = Old->Next;
	HostLockRelease(&Lock);
	if (!Old) {
		SimViolation(SimRuleContiguousBadFree, "%p is not contiguous memory", Address);
		return;
	}
	if (Old->Size != Size)
		SimViolation(SimRuleContiguousBadFree, "%p freed with %zu bytes, allocated with %zu", Address,
			(size_t)Size, (size_t)Old->Size);
	if (SimUserMapped(Old->Frame, Old->Frames))
		SimViolation(SimRuleContiguousMapped, "%p is freed while it is mapped into a process", Address);
	Release(Old);
}

BOOLEAN SimContiguousFrame(const void *Address, ULONG64 *Frame)
{
	const UCHAR *At = Address;
	BOOLEAN Found = FALSE;

	HostLockAcquire(&Lock);
	for (CONTIGUOUS *Old = List; Old && !Found; Old = Old->Next) {
		if (At >= Old->Address && At < Old->Address + (Old->Frames << PAGE_SHIFT)) {
			*Frame = Old->Frame + ((ULONG64)(At - Old->Address) >> PAGE_SHIFT);
			Found = TRUE;
		}
	}
	HostLockRelease(&Lock);
	return Found;
}

PHYSICAL_ADDRESS NTAPI MmGetPhysicalAddress(PVOID Address)
{
	PHYSICAL_ADDRESS Physical = {.QuadPart = 0};
	ULONG64 Frame;

	if (SimContiguousFrame(Address, &Frame) || SimMappingFrame(Address, &Frame))
		Physical.QuadPart = (LONGLONG)((Frame << PAGE_SHIFT) | BYTE_OFFSET(Address));
	else
		SimViolation(SimRulePhysicalAddressBad, "%p is neither contiguous memory nor a mapping of locked pages",
			Address);
	return Physical;
}

void SimContiguousFragment(ULONG64 LargestPiece)
{
	Largest = LargestPiece;
}

void SimContiguousStart(void)
{
	Largest = 0;
	HostLockInit(&Lock);
}

void SimContiguousStop(void)
{
	while (List) {
		CONTIGUOUS *Old = List;

		List = Old->Next;
		SimViolation(SimRuleContiguousLeak, "%zu bytes of contiguous memory at %p, allocated from %p",
			(size_t)Old->Size, (void *)Old->Address, Old->Caller);
		Release(Old);
	}
	HostLockDestroy(&Lock);
}
