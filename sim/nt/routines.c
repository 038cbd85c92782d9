/* SPDX-License-Identifier: MIT */
/* routines.c - kernel routines that a driver looks up by name, because not every kernel has them. */
#include <string.h>

#include "nt.h"

static const struct {
	const char *Name;
	PVOID Routine;
} Table[] = {
	{"MmAllocateMdlForIoSpace", (PVOID)(ULONG_PTR)MmAllocateMdlForIoSpace},
	{"MmMapIoSpaceEx", (PVOID)(ULONG_PTR)MmMapIoSpaceEx},
};

static const char *Missing; /* names, with commas between them */

void SimRoutinesMissing(const char *Names)
{
	Missing = Names;
}

static BOOLEAN IsMissing(const char *Name)
{
	size_t Length = strlen(Name);

	for (const char *At = Missing; At; At = strchr(At, ',') ? strchr(At, ',') + 1 : NULL) {
		if (strncmp(At, Name, Length) == 0 && (At[Length] == ',' || At[Length] == 0))
			return TRUE;
	}
	return FALSE;
}

PVOID NTAPI MmGetSystemRoutineAddress(PUNICODE_STRING Name)
{
	SimIrqlMax("MmGetSystemRoutineAddress", PASSIVE_LEVEL);
	for (ULONG i = 0; i < sizeof(Table) / sizeof(Table[0]); i++) {
		const char *Own = Table[i].Name;
		USHORT At = 0;

		while (At < Name->Length / sizeof(WCHAR) && Own[At] && Name->Buffer[At] == (WCHAR)Own[At])
			At++;
		if (At == Name->Length / sizeof(WCHAR) && !Own[At])
			return IsMissing(Own) ? NULL : Table[i].Routine;
	}
	return NULL;
}
