/* SPDX-License-Identifier: MIT */
/*
 * mm_io.c - device memory. A mapping is reserved address space that faults; accesses come through SimMmioRead and
 * SimMmioWrite, from READ_REGISTER_* and its kin or from the trap handler of a Windows process.
 */
#include <stdlib.h>

#include "../host/host.h"
#include "../sim.h"
#include "nt.h"

typedef struct IO_MAPPING {
	struct IO_MAPPING *Next;
	UCHAR *Address; /* of Physical, inside the first page reserved */
	SIZE_T Size; /* as asked for */
	ULONG64 Physical;
	MEMORY_CACHING_TYPE Cache;
} IO_MAPPING;

static HOST_LOCK Lock;
static IO_MAPPING *Mappings; /* under Lock */
static SIM_IO_TARGET Target;

void SimIoSpaceTarget(const SIM_IO_TARGET *New)
{
	if (New)
		Target = *New;
	else
		memset(&Target, 0, sizeof(Target));
}

BOOLEAN SimIoSpaceIs(ULONG64 Physical, ULONG64 Length)
{
	if (!Target.Extent || Length == 0 || Physical + Length < Physical)
		return FALSE;
	return Target.Extent(Target.Context, Physical) >= Length || SimIoSpaceMemory(Physical, Length) != NULL;
}

UCHAR *SimIoSpaceMemory(ULONG64 Physical, ULONG64 Length)
{
	return Target.Memory ? Target.Memory(Target.Context, Physical, Length) : NULL;
}

BOOLEAN SimIoSpaceFrame(const void *Address, ULONG64 *Frame)
{
	const UCHAR *At = Address;
	BOOLEAN Found = FALSE;

	HostLockAcquire(&Lock);
	for (const IO_MAPPING *Mapping = Mappings; Mapping && !Found; Mapping = Mapping->Next) {
		Found = At >= Mapping->Address && At < Mapping->Address + Mapping->Size;
		if (Found)
			*Frame = (Mapping->Physical + (ULONG64)(At - Mapping->Address)) >> PAGE_SHIFT;
	}
	HostLockRelease(&Lock);
	return Found;
}

void SimIoSpaceCaching(ULONG64 Physical, ULONG64 Length, MEMORY_CACHING_TYPE Cache)
{
	BOOLEAN Differs = FALSE;

	HostLockAcquire(&Lock);
	for (const IO_MAPPING *Mapping = Mappings; Mapping; Mapping = Mapping->Next)
		Differs |= Mapping->Cache != Cache && Physical < Mapping->Physical + Mapping->Size &&
			   Mapping->Physical < Physical + Length;
	HostLockRelease(&Lock);
	if (Differs)
		SimViolation(SimRuleMappingCache, "device memory at %#llx is mapped with another caching already",
			(unsigned long long)Physical);
}

static MEMORY_CACHING_TYPE CacheOf(ULONG Protect)
{
	return Protect & PAGE_NOCACHE ? MmNonCached : Protect & PAGE_WRITECOMBINE ? MmWriteCombined : MmCached;
}

PVOID NTAPI MmMapIoSpaceEx(PHYSICAL_ADDRESS Address, SIZE_T Size, ULONG Protect)
{
	IO_MAPPING *New;
	void *Base;

	SimIrqlMax("MmMapIoSpaceEx", DISPATCH_LEVEL);
	if (!(Protect & PAGE_READWRITE) || !SimIoSpaceIs((ULONG64)Address.QuadPart, Size)) {
		SimViolation(SimRuleMappingBad,
			"MmMapIoSpaceEx: %zu bytes at %#llx (protection %#x) are not a device's", (size_t)Size,
			(unsigned long long)Address.QuadPart, (unsigned)Protect);
		return NULL;
	}
	if (SimFault("MmMapIoSpaceEx"))
		return NULL;
	New = calloc(1, sizeof(*New));
	if (!New || HostReserve(ADDRESS_AND_SIZE_TO_SPAN_PAGES((ULONG_PTR)Address.QuadPart, Size) * (size_t)PAGE_SIZE,
			    &Base) != 0) {
		free(New);
		return NULL;
	}
	New->Address = (UCHAR *)Base + BYTE_OFFSET((ULONG_PTR)Address.QuadPart);
	New->Size = Size;
	New->Physical = (ULONG64)Address.QuadPart;
	New->Cache = CacheOf(Protect);
	SimIoSpaceCaching(New->Physical, Size, New->Cache);
	HostLockAcquire(&Lock);
	New->Next = Mappings;
	Mappings = New;
	HostLockRelease(&Lock);
	return New->Address;
}

PVOID NTAPI MmMapIoSpace(PHYSICAL_ADDRESS Address, SIZE_T Size, MEMORY_CACHING_TYPE Cache)
{
	return MmMapIoSpaceEx(Address, Size,
		PAGE_READWRITE | (Cache == MmCached		? 0
					 : Cache == MmNonCached ? PAGE_NOCACHE
								: PAGE_WRITECOMBINE));
}

static void Release(IO_MAPPING *Old)
{
	HostUnmap(
		PAGE_ALIGN(Old->Address), ADDRESS_AND_SIZE_TO_SPAN_PAGES(Old->Address, Old->Size) * (size_t)PAGE_SIZE);
	free(Old);
}

VOID NTAPI MmUnmapIoSpace(PVOID Address, SIZE_T Size)
{
	IO_MAPPING **Link = &Mappings;
	IO_MAPPING *Old;

	SimIrqlMax("MmUnmapIoSpace", DISPATCH_LEVEL);
	HostLockAcquire(&Lock);
	while (*Link && (*Link)->Address != Address)
		Link = &(*Link)->Next;
	Old = *Link;
	if (Old)
		*Link = Old->Next;
	HostLockRelease(&Lock);
	if (!Old || Old->Size != Size)
		SimViolation(SimRuleMappingBad, "MmUnmapIoSpace: %p with %zu bytes was not mapped so", Address,
			(size_t)Size);
	if (Old)
		Release(Old);
}

/* TRUE: an address of a device mapping. *Physical is 0 when the access itself breaks a rule. */
static BOOLEAN Translate(const volatile void *Address, ULONG Width, ULONG64 *Physical)
{
	ULONG_PTR At = (ULONG_PTR)Address;
	BOOLEAN Found = FALSE;

	*Physical = 0;
	HostLockAcquire(&Lock);
	for (IO_MAPPING *Mapping = Mappings; Mapping && !Found; Mapping = Mapping->Next) {
		ULONG_PTR Base = (ULONG_PTR)Mapping->Address;
		ULONG_PTR End = (ULONG_PTR)PAGE_ALIGN(Base) +
				ADDRESS_AND_SIZE_TO_SPAN_PAGES(Base, Mapping->Size) * (ULONG_PTR)PAGE_SIZE;

		if (At < (ULONG_PTR)PAGE_ALIGN(Base) || At >= End)
			continue;
		Found = TRUE;
		if (At >= Base && At - Base + Width <= Mapping->Size && (At & (Width - 1)) == 0)
			*Physical = Mapping->Physical + (At - Base);
	}
	HostLockRelease(&Lock);
	if (Found && !*Physical)
		SimViolation(SimRuleRegisterAccess, "%u bytes at %p: outside the mapping or unaligned", (unsigned)Width,
			(const void *)Address);
	return Found;
}

BOOLEAN SimMmioRead(const volatile void *Address, ULONG Width, ULONG64 *Value)
{
	ULONG64 Physical;

	*Value = UINT64_MAX >> (64 - 8 * Width);
	if (!Translate(Address, Width, &Physical))
		return FALSE;
	if (Physical && Target.Read)
		*Value = Target.Read(Target.Context, Physical, Width) & (UINT64_MAX >> (64 - 8 * Width));
	return TRUE;
}

BOOLEAN SimMmioWrite(volatile void *Address, ULONG Width, ULONG64 Value)
{
	ULONG64 Physical;

	if (!Translate(Address, Width, &Physical))
		return FALSE;
	if (Physical && Target.Write)
		Target.Write(Target.Context, Physical, Width, Value & (UINT64_MAX >> (64 - 8 * Width)));
	return TRUE;
}

void SimIoSpaceStart(void)
{
	HostLockInit(&Lock);
}

void SimIoSpaceStop(void)
{
	SimIoSpaceTarget(NULL);
	while (Mappings) {
		IO_MAPPING *Old = Mappings;

		Mappings = Old->Next;
		SimViolation(SimRuleMappingLeak, "device mapping of %zu bytes at %#llx", (size_t)Old->Size,
			(unsigned long long)Old->Physical);
		Release(Old);
	}
	HostLockDestroy(&Lock);
}

#ifndef _WIN32
static ULONG64 ReadRegister(const volatile void *Register, ULONG Width)
{
	ULONG64 Value;

	if (!SimMmioRead(Register, Width, &Value))
		SimViolation(SimRuleRegisterAccess, "read of %p, which is no device memory", (const void *)Register);
	return Value;
}

static void WriteRegister(volatile void *Register, ULONG Width, ULONG64 Value)
{
	if (!SimMmioWrite(Register, Width, Value))
		SimViolation(
			SimRuleRegisterAccess, "write of %p, which is no device memory", (void *)(ULONG_PTR)Register);
}

#define REGISTER_FUNCTIONS(Type) \
	Type READ_REGISTER_##Type(volatile Type *Register) \
	{ \
		return (Type)ReadRegister(Register, sizeof(Type)); \
	} \
	VOID WRITE_REGISTER_##Type(volatile Type *Register, Type Value) \
	{ \
		WriteRegister(Register, sizeof(Type), Value); \
	}
REGISTER_FUNCTIONS(UCHAR)
REGISTER_FUNCTIONS(USHORT)
REGISTER_FUNCTIONS(ULONG)
REGISTER_FUNCTIONS(ULONG64)
#endif
