/* SPDX-License-Identifier: MIT */
/* mm_mdl.c - MDLs: allocation, locking, partial MDLs, kernel mappings. */
#include <stdlib.h>

#include "../host/host.h"
#include "mm_usermap.h"
#include "nt.h"
#include "process.h"

#define RETIRED 64 /* unmapped ranges that stay reserved, so that late accesses fault */

typedef struct MAPPING {
	struct MAPPING *Next;
	UCHAR *Base;
	ULONG64 Pages;
	PMDL Mdl;
	PFN_NUMBER Frames[];
} MAPPING;

typedef struct MDL_RECORD {
	struct MDL_RECORD *Next;
	void *Caller;
	ULONG64 Pages; /* room for frame numbers */
	MDL Mdl; /* frame numbers follow */
} MDL_RECORD;

static HOST_LOCK Lock; /* guards what follows */
static MAPPING *Mappings;
static MDL_RECORD *Mdls;
static struct {
	void *Base;
	SIZE_T Length;
} Retired[RETIRED];
static ULONG RetiredNext;

PMDL NTAPI IoAllocateMdl(PVOID Address, ULONG Length, BOOLEAN Secondary, BOOLEAN ChargeQuota, PIRP Irp)
{
	ULONG64 Pages = ADDRESS_AND_SIZE_TO_SPAN_PAGES(Address, Length);
	MDL_RECORD *New = SimFault("IoAllocateMdl") ? NULL : calloc(1, sizeof(*New) + Pages * sizeof(PFN_NUMBER));

	(void)Secondary;
	(void)ChargeQuota;
	(void)Irp;
	SimIrqlMax("IoAllocateMdl", DISPATCH_LEVEL);
	if (!New)
		return NULL;
	New->Caller = __builtin_return_address(0);
	New->Pages = Pages;
	New->Mdl.Size = (CSHORT)min(sizeof(MDL) + Pages * sizeof(PFN_NUMBER), 0x7fffu);
	New->Mdl.StartVa = PAGE_ALIGN(Address);
	New->Mdl.ByteOffset = BYTE_OFFSET(Address);
	New->Mdl.ByteCount = Length;
	HostLockAcquire(&Lock);
	New->Next = Mdls;
	Mdls = New;
	HostLockRelease(&Lock);
	return &New->Mdl;
}

static MDL_RECORD *Record(PMDL Mdl, const char *Function)
{
	MDL_RECORD *Found;

	HostLockAcquire(&Lock);
	for (Found = Mdls; Found && &Found->Mdl != Mdl; Found = Found->Next)
		continue;
	HostLockRelease(&Lock);
	if (!Found)
		SimViolation(SimRuleMdlState, "%s: %p is not an allocated MDL", Function, (void *)Mdl);
	return Found;
}

VOID NTAPI IoFreeMdl(PMDL Mdl)
{
	MDL_RECORD **Link = &Mdls;
	MDL_RECORD *Old = Record(Mdl, "IoFreeMdl");

	SimIrqlMax("IoFreeMdl", DISPATCH_LEVEL);
	if (!Old)
		return;
	if (Mdl->MdlFlags & MDL_PAGES_LOCKED)
		SimViolation(SimRuleMdlState, "IoFreeMdl: the pages of %p are locked", (void *)Mdl);
	else if (Mdl->MdlFlags & MDL_MAPPED_TO_SYSTEM_VA)
		MmUnmapLockedPages(Mdl->MappedSystemVa, Mdl);
	HostLockAcquire(&Lock);
	while (*Link != Old)
		Link = &(*Link)->Next;
	*Link = Old->Next;
	HostLockRelease(&Lock);
	free(Old);
}

VOID NTAPI IoBuildPartialMdl(PMDL Source, PMDL Target, PVOID Address, ULONG Length)
{
	MDL_RECORD *To = Record(Target, "IoBuildPartialMdl");
	ULONG_PTR Start = (ULONG_PTR)MmGetMdlVirtualAddress(Source);
	ULONG_PTR At = (ULONG_PTR)Address;
	ULONG64 Pages;

	SimIrqlMax("IoBuildPartialMdl", DISPATCH_LEVEL);
	if (Length == 0)
		Length = (ULONG)(Start + Source->ByteCount - At);
	Pages = ADDRESS_AND_SIZE_TO_SPAN_PAGES(Address, Length);
	if (!To || At < Start || At + Length > Start + Source->ByteCount || To->Pages < Pages ||
		(Target->MdlFlags & MDL_MAPPED_TO_SYSTEM_VA)) {
		SimViolation(SimRuleMdlState, "IoBuildPartialMdl: %u bytes at %p do not fit the source or the target",
			(unsigned)Length, Address);
		return;
	}
	if (!(Source->MdlFlags & (MDL_PAGES_LOCKED | MDL_PARTIAL)))
		SimViolation(SimRuleMdlState, "IoBuildPartialMdl: the source's pages are not locked");
	Target->Process = Source->Process;
	Target->StartVa = PAGE_ALIGN(Address);
	Target->ByteOffset = BYTE_OFFSET(Address);
	Target->ByteCount = Length;
	Target->MdlFlags |= MDL_PARTIAL;
	memcpy(MmGetMdlPfnArray(Target), MmGetMdlPfnArray(Source) + ((At >> PAGE_SHIFT) - (Start >> PAGE_SHIFT)),
		(SIZE_T)Pages * sizeof(PFN_NUMBER));
}

static LONG64 PageCount(PMDL Mdl)
{
	return (LONG64)ADDRESS_AND_SIZE_TO_SPAN_PAGES(MmGetMdlVirtualAddress(Mdl), Mdl->ByteCount);
}

NTSTATUS SimMdlLock(PMDL Mdl, BOOLEAN Write)
{
	NTSTATUS Status = SimUserPagesLock(MmGetMdlVirtualAddress(Mdl), Mdl->ByteCount, Write, MmGetMdlPfnArray(Mdl));

	if (!NT_SUCCESS(Status))
		return Status;
	Mdl->MdlFlags |= MDL_PAGES_LOCKED | (Write ? MDL_WRITE_OPERATION : 0);
	Mdl->Process = IoGetCurrentProcess();
	SimProcessPages(Mdl->Process, PageCount(Mdl));
	return STATUS_SUCCESS;
}

VOID NTAPI MmProbeAndLockPages(PMDL Mdl, KPROCESSOR_MODE Mode, LOCK_OPERATION Operation)
{
	NTSTATUS Status;

	SimIrqlMax("MmProbeAndLockPages", Mode == KernelMode ? DISPATCH_LEVEL : APC_LEVEL);
	if (!Record(Mdl, "MmProbeAndLockPages"))
		return;
	if (Mode != UserMode || (Mdl->MdlFlags & (MDL_PAGES_LOCKED | MDL_PARTIAL))) {
		SimViolation(SimRuleMdlState, "MmProbeAndLockPages: %p is locked already, or not of user memory",
			(void *)Mdl);
		return;
	}
	if (SimFault("MmProbeAndLockPages"))
		ExRaiseStatus(STATUS_INSUFFICIENT_RESOURCES);
	Status = SimMdlLock(Mdl, Operation != IoReadAccess);
	if (!NT_SUCCESS(Status))
		ExRaiseStatus(Status);
}

VOID NTAPI MmUnlockPages(PMDL Mdl)
{
	SimIrqlMax("MmUnlockPages", DISPATCH_LEVEL);
	if (!Record(Mdl, "MmUnlockPages"))
		return;
	if (!(Mdl->MdlFlags & MDL_PAGES_LOCKED)) {
		SimViolation(SimRuleMdlState, "MmUnlockPages: the pages of %p are not locked", (void *)Mdl);
		return;
	}
	if (Mdl->MdlFlags & MDL_MAPPED_TO_SYSTEM_VA)
		MmUnmapLockedPages(Mdl->MappedSystemVa, Mdl);
	SimUserPagesUnlock(MmGetMdlVirtualAddress(Mdl), Mdl->ByteCount);
	SimProcessPages(Mdl->Process, -PageCount(Mdl));
	Mdl->MdlFlags &= ~(MDL_PAGES_LOCKED | MDL_WRITE_OPERATION);
	Mdl->Process = NULL;
}

static BOOLEAN FramesOwned(const PFN_NUMBER *Frames, ULONG64 Pages)
{
	for (ULONG64 i = 0; i < Pages; i++) {
		if (!SimFrameTaken(Frames[i]))
			return FALSE;
	}
	return TRUE;
}

VOID NTAPI MmBuildMdlForNonPagedPool(PMDL Mdl)
{
	ULONG64 Pages = ADDRESS_AND_SIZE_TO_SPAN_PAGES(MmGetMdlVirtualAddress(Mdl), Mdl->ByteCount);
	PPFN_NUMBER Frames = MmGetMdlPfnArray(Mdl);

	SimIrqlMax("MmBuildMdlForNonPagedPool", DISPATCH_LEVEL);
	if (!Record(Mdl, "MmBuildMdlForNonPagedPool"))
		return;
	if (Mdl->MdlFlags & ~MDL_MAPPING_CAN_FAIL) {
		SimViolation(SimRuleMdlState, "MmBuildMdlForNonPagedPool: %p is in use", (void *)Mdl);
		return;
	}
	for (ULONG64 i = 0; i < Pages; i++) {
		UCHAR *At = (UCHAR *)Mdl->StartVa + (i << PAGE_SHIFT);
		ULONG64 Frame;

		if (SimIoSpaceFrame(At, &Frame)) {
			Mdl->MdlFlags |= MDL_IO_SPACE;
		} else if (!SimContiguousFrame(At, &Frame)) {
			SimViolation(
				SimRuleMdlState, "MmBuildMdlForNonPagedPool: %p is no contiguous memory", Mdl->StartVa);
			return;
		}
		Frames[i] = Frame;
	}
	Mdl->MappedSystemVa = MmGetMdlVirtualAddress(Mdl);
	Mdl->MdlFlags |= MDL_SOURCE_IS_NONPAGED_POOL;
}

NTSTATUS NTAPI MmAllocateMdlForIoSpace(PMM_PHYSICAL_ADDRESS_LIST List, SIZE_T Entries, PMDL *Mdl)
{
	ULONG64 Bytes = 0, At = 0;

	SimIrqlMax("MmAllocateMdlForIoSpace", APC_LEVEL);
	*Mdl = NULL;
	for (SIZE_T i = 0; i < Entries; i++) {
		ULONG64 Physical = (ULONG64)List[i].PhysicalAddress.QuadPart;

		if (Physical % PAGE_SIZE || List[i].NumberOfBytes % PAGE_SIZE ||
			!SimIoSpaceIs(Physical, List[i].NumberOfBytes)) {
			SimViolation(SimRuleMappingBad,
				"MmAllocateMdlForIoSpace: %zu bytes at %#llx are not pages of a device's",
				(size_t)List[i].NumberOfBytes, (unsigned long long)Physical);
			return STATUS_INVALID_PARAMETER;
		}
		Bytes += List[i].NumberOfBytes;
	}
	if (Bytes == 0 || Bytes > MAXULONG)
		return STATUS_INVALID_PARAMETER;
	*Mdl = SimFault("MmAllocateMdlForIoSpace") ? NULL : IoAllocateMdl(NULL, (ULONG)Bytes, FALSE, FALSE, NULL);
	if (!*Mdl)
		return STATUS_INSUFFICIENT_RESOURCES;
	for (SIZE_T i = 0; i < Entries; i++)
		for (ULONG64 Page = 0; Page < List[i].NumberOfBytes >> PAGE_SHIFT; Page++)
			MmGetMdlPfnArray(*Mdl)[At++] =
				(PFN_NUMBER)((ULONG64)List[i].PhysicalAddress.QuadPart >> PAGE_SHIFT) + Page;
	(*Mdl)->MdlFlags |= MDL_IO_SPACE;
	return STATUS_SUCCESS;
}

/* Device memory, whose frames adjoin. A device in another process cannot show its memory to a program in this one. */
static PVOID MapDeviceToUser(PMDL Mdl, const PFN_NUMBER *Frames, ULONG64 Pages, MEMORY_CACHING_TYPE Cache)
{
	ULONG64 Physical = (ULONG64)Frames[0] << PAGE_SHIFT;
	PVOID Address;
	UCHAR *Memory;

	SimIoSpaceCaching(Physical, Pages << PAGE_SHIFT, Cache);
	Memory = SimIoSpaceMemory(Physical, Pages << PAGE_SHIFT);
	if (!Memory || BYTE_OFFSET(Memory))
		ExRaiseStatus(STATUS_NOT_SUPPORTED);
	Address = SimUserMapDevice(Mdl, Frames, Pages, Memory);
	if (!Address)
		ExRaiseStatus(STATUS_INSUFFICIENT_RESOURCES);
	return Address;
}

/* Raises when it cannot, as documented for user mappings. */
static PVOID MapToUser(PMDL Mdl, const PFN_NUMBER *Frames, ULONG64 Pages, MEMORY_CACHING_TYPE Cache)
{
	PVOID Address;

	if (Mdl->MdlFlags & MDL_IO_SPACE)
		return MapDeviceToUser(Mdl, Frames, Pages, Cache);
	if (!(Mdl->MdlFlags & (MDL_PAGES_LOCKED | MDL_SOURCE_IS_NONPAGED_POOL)) || !FramesOwned(Frames, Pages)) {
		SimViolation(
			SimRuleMdlState, "MmMapLockedPagesSpecifyCache: the pages of %p are not locked", (void *)Mdl);
		ExRaiseStatus(STATUS_INVALID_ADDRESS);
	}
	Address = SimFault("MmMapLockedPagesSpecifyCache") ? NULL : SimUserMap(Mdl, Frames, Pages);
	if (!Address)
		ExRaiseStatus(STATUS_INSUFFICIENT_RESOURCES);
	return Address;
}

PVOID NTAPI MmMapLockedPagesSpecifyCache(
	PMDL Mdl, KPROCESSOR_MODE Mode, MEMORY_CACHING_TYPE Cache, PVOID Address, ULONG BugCheck, ULONG Priority)
{
	ULONG64 Pages = ADDRESS_AND_SIZE_TO_SPAN_PAGES(MmGetMdlVirtualAddress(Mdl), Mdl->ByteCount);
	const PFN_NUMBER *Frames = MmGetMdlPfnArray(Mdl);
	MAPPING *New;

	(void)Cache;
	(void)Address;
	(void)BugCheck;
	(void)Priority;
	SimIrqlMax("MmMapLockedPagesSpecifyCache", Mode == KernelMode ? DISPATCH_LEVEL : APC_LEVEL);
	if (!Record(Mdl, "MmMapLockedPagesSpecifyCache"))
		return NULL;
	if (Mode != KernelMode)
		return MapToUser(Mdl, Frames, Pages, Cache);
	if (!(Mdl->MdlFlags & (MDL_PAGES_LOCKED | MDL_PARTIAL)) || (Mdl->MdlFlags & MDL_MAPPED_TO_SYSTEM_VA) ||
		!FramesOwned(Frames, Pages)) {
		SimViolation(SimRuleMdlState, "MmMapLockedPagesSpecifyCache: %p is mapped already, or not locked",
			(void *)Mdl);
		return NULL;
	}
	if (SimFault("MmMapLockedPagesSpecifyCache"))
		return NULL;
	New = malloc(sizeof(*New) + Pages * sizeof(PFN_NUMBER));
	if (!New)
		return NULL;
	New->Mdl = Mdl;
	New->Pages = Pages;
	memcpy(New->Frames, Frames, Pages * sizeof(PFN_NUMBER));
	New->Base = SimFramesMap(Frames, Pages);
	if (!New->Base) {
		free(New);
		return NULL;
	}
	HostLockAcquire(&Lock);
	New->Next = Mappings;
	Mappings = New;
	HostLockRelease(&Lock);
	Mdl->MappedSystemVa = New->Base + Mdl->ByteOffset;
	Mdl->MdlFlags |= MDL_MAPPED_TO_SYSTEM_VA | (Mdl->MdlFlags & MDL_PARTIAL ? MDL_PARTIAL_HAS_BEEN_MAPPED : 0);
	return Mdl->MappedSystemVa;
}

/* Makes the range inaccessible, and gives back the address space of one that was retired long ago. */
static void Retire(MAPPING *Old)
{
	void *Base;
	SIZE_T Length;

	HostMapPrivate((size_t)Old->Pages << PAGE_SHIFT, HOST_ACCESS_NONE, Old->Base, NULL);
	HostLockAcquire(&Lock);
	Base = Retired[RetiredNext].Base;
	Length = Retired[RetiredNext].Length;
	Retired[RetiredNext].Base = Old->Base;
	Retired[RetiredNext].Length = (SIZE_T)Old->Pages << PAGE_SHIFT;
	RetiredNext = (RetiredNext + 1) % RETIRED;
	HostLockRelease(&Lock);
	if (Base)
		HostUnmap(Base, Length);
	free(Old);
}

VOID NTAPI MmUnmapLockedPages(PVOID Address, PMDL Mdl)
{
	MAPPING **Link = &Mappings;
	MAPPING *Old;

	SimIrqlMax("MmUnmapLockedPages", DISPATCH_LEVEL);
	if (SimUserUnmap(Address, Mdl))
		return;
	HostLockAcquire(&Lock);
	while (*Link && (*Link)->Base != PAGE_ALIGN(Address))
		Link = &(*Link)->Next;
	Old = *Link;
	if (Old && Old->Mdl == Mdl)
		*Link = Old->Next;
	HostLockRelease(&Lock);
	if (!Old || Old->Mdl != Mdl) {
		SimViolation(SimRuleMappingBad, "%p is no mapping of this MDL", Address);
		return;
	}
	Mdl->MdlFlags &= ~(MDL_MAPPED_TO_SYSTEM_VA | MDL_PARTIAL_HAS_BEEN_MAPPED);
	Mdl->MappedSystemVa = NULL;
	Retire(Old);
}

BOOLEAN SimMappingFrame(const void *Address, ULONG64 *Frame)
{
	const UCHAR *At = Address;
	BOOLEAN Found = FALSE;

	HostLockAcquire(&Lock);
	for (MAPPING *Old = Mappings; Old && !Found; Old = Old->Next) {
		if (At >= Old->Base && At < Old->Base + (Old->Pages << PAGE_SHIFT)) {
			*Frame = Old->Frames[(At - Old->Base) >> PAGE_SHIFT];
			Found = TRUE;
		}
	}
	HostLockRelease(&Lock);
	return Found;
}

void SimMdlStart(void)
{
	HostLockInit(&Lock);
}

void SimMdlStop(void)
{
	while (Mappings) {
		MAPPING *Old = Mappings;

		Mappings = Old->Next;
		SimViolation(SimRuleMappingLeak, "kernel mapping of %llu pages at %p", (unsigned long long)Old->Pages,
			(void *)Old->Base);
		Retire(Old);
	}
	while (Mdls) {
		MDL_RECORD *Old = Mdls;

		Mdls = Old->Next;
		SimViolation(SimRuleMdlLeak, "MDL of %u bytes, allocated from %p", (unsigned)Old->Mdl.ByteCount,
			Old->Caller);
		free(Old);
	}
	for (ULONG i = 0; i < RETIRED; i++) {
		if (Retired[i].Base)
			HostUnmap(Retired[i].Base, Retired[i].Length);
		Retired[i].Base = NULL;
	}
	HostLockDestroy(&Lock);
}
