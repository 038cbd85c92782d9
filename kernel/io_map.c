/* SPDX-License-Identifier: MIT */
#include "io_map.h"

typedef PVOID(NTAPI *IO_MAP_EX)(PHYSICAL_ADDRESS Address, SIZE_T Bytes, ULONG Protect);

/* The newer routine's mappings cannot be executed, which memory integrity asks for; kernels without it have the older.
 */
_Use_decl_annotations_
PVOID IoMap(PHYSICAL_ADDRESS Address, SIZE_T Bytes)
{
	UNICODE_STRING Name;
	IO_MAP_EX MapEx;

	RtlInitUnicodeString(&Name, L"MmMapIoSpaceEx");
	MapEx = (IO_MAP_EX)(ULONG_PTR)MmGetSystemRoutineAddress(&Name);
	if (MapEx)
		return MapEx(Address, Bytes, PAGE_READWRITE | PAGE_NOCACHE);
	return MmMapIoSpace(Address, Bytes, MmNonCached);
}

_Use_decl_annotations_
VOID IoUnmap(PVOID Address, SIZE_T Bytes)
{
	MmUnmapIoSpace(Address, Bytes);
}
