/* SPDX-License-Identifier: MIT */
#include "io_map.h"

typedef PVOID(NTAPI *IO_MAP_EX)(PHYSICAL_ADDRESS Address, SIZE_T Bytes, ULONG Protect);

/* MM_PHYSICAL_ADDRESS_LIST, by a name of our own: not every header has it. */
typedef struct _IO_PHYSICAL {
	PHYSICAL_ADDRESS Address;
	SIZE_T Bytes;
} IO_PHYSICAL;
typedef NTSTATUS(NTAPI *IO_ALLOCATE_MDL)(IO_PHYSICAL *List, SIZE_T Entries, PMDL *Mdl);

/* Of routines that not every kernel has. NULL: this one does not. */
static PVOID IoFindRoutine(const WCHAR *Text)
{
	UNICODE_STRING Name;

	RtlInitUnicodeString(&Name, Text);
	return MmGetSystemRoutineAddress(&Name);
}

/* The newer routine's mappings cannot be executed, which memory integrity asks for; kernels without it have the older.
 */
static PVOID IoMapCached(PHYSICAL_ADDRESS Address, SIZE_T Bytes, MEMORY_CACHING_TYPE Cache)
{
	IO_MAP_EX MapEx = (IO_MAP_EX)(ULONG_PTR)IoFindRoutine(L"MmMapIoSpaceEx");
	ULONG Protect = PAGE_READWRITE;

	if (!MapEx)
		return MmMapIoSpace(Address, Bytes, Cache);
	if (Cache == MmNonCached)
		Protect |= PAGE_NOCACHE;
	else if (Cache == MmWriteCombined)
		Protect |= PAGE_WRITECOMBINE;
	return MapEx(Address, Bytes, Protect);
}

_Use_decl_annotations_
PVOID IoMap(PHYSICAL_ADDRESS Address, SIZE_T Bytes)
{
	return IoMapCached(Address, Bytes, MmNonCached);
}

_Use_decl_annotations_
VOID IoUnmap(PVOID Address, SIZE_T Bytes)
{
	MmUnmapIoSpace(Address, Bytes);
}

/* MmAllocateMdlForIoSpace is made for this: it describes pages that have no RAM behind them, and maps nothing. Kernels
 * without it learn the pages from a mapping of their own, whose caching the program's has to share. */
_Use_decl_annotations_
NTSTATUS IoPagesDescribe(IO_PAGES *Pages, PHYSICAL_ADDRESS Address, SIZE_T Bytes, MEMORY_CACHING_TYPE Cache)
{
	IO_ALLOCATE_MDL AllocateMdl = (IO_ALLOCATE_MDL)(ULONG_PTR)IoFindRoutine(L"MmAllocateMdlForIoSpace");
	IO_PHYSICAL List = {.Address = Address, .Bytes = Bytes};

	Pages->Mdl = NULL;
	Pages->Kernel = NULL;
	Pages->Bytes = Bytes;
	if (AllocateMdl)
		return AllocateMdl(&List, 1, &Pages->Mdl);
	Pages->Kernel = IoMapCached(Address, Bytes, Cache);
	if (!Pages->Kernel)
		return STATUS_INSUFFICIENT_RESOURCES;
	Pages->Mdl = IoAllocateMdl(Pages->Kernel, (ULONG)Bytes, FALSE, FALSE, NULL);
	if (!Pages->Mdl) {
		IoPagesForget(Pages);
		return STATUS_INSUFFICIENT_RESOURCES;
	}
	MmBuildMdlForNonPagedPool(Pages->Mdl);
	return STATUS_SUCCESS;
}

_Use_decl_annotations_
VOID IoPagesForget(IO_PAGES *Pages)
{
	if (Pages->Mdl)
		IoFreeMdl(Pages->Mdl);
	if (Pages->Kernel)
		IoUnmap(Pages->Kernel, Pages->Bytes);
	Pages->Mdl = NULL;
	Pages->Kernel = NULL;
}

_Use_decl_annotations_
BOOLEAN IoIsRam(ULONG64 Address, ULONG64 Bytes)
{
	PPHYSICAL_MEMORY_RANGE Ranges = MmGetPhysicalMemoryRanges();
	BOOLEAN Found = FALSE;

	if (!Ranges)
		return TRUE;
	for (ULONG Index = 0; Ranges[Index].NumberOfBytes.QuadPart; Index++) {
		ULONG64 Start = (ULONG64)Ranges[Index].BaseAddress.QuadPart;

		Found |= Address < Start + (ULONG64)Ranges[Index].NumberOfBytes.QuadPart && Start < Address + Bytes;
	}
	ExFreePool(Ranges);
	return Found;
}
