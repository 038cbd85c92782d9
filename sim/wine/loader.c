/* SPDX-License-Identifier: MIT */
/*
 * loader.c - maps a driver image.
 *
 * Wine's own loader relocates the image and binds its imports: ntoskrnl.exe and wdfldr.sys are modules of this project on
 * the search path, which forward to this DLL. For an image of the native subsystem the loader calls no entry point.
 */
#include "loader.h"

#include <stdio.h>

#include "../host/host.h"

static void LogFailure(const char *Path, const char *What, DWORD Error)
{
	char Line[400];

	snprintf(Line, sizeof(Line), "simulator: %s: %s (error %lu)", Path, What, (unsigned long)Error);
	HostLog(Line);
}

void *LoaderMapDriver(const char *Path)
{
	HMODULE Image = LoadLibraryA(Path);
	const IMAGE_NT_HEADERS *Headers;

	if (!Image) {
		DWORD Error = GetLastError();

		LogFailure(Path,
			Error == ERROR_MOD_NOT_FOUND || Error == ERROR_PROC_NOT_FOUND
				? "the driver or something it imports is missing; WINEDEBUG=err+module names it"
				: "the driver cannot be loaded",
			Error);
		return NULL;
	}
	Headers = (const IMAGE_NT_HEADERS *)((const char *)Image + ((const IMAGE_DOS_HEADER *)Image)->e_lfanew);
	if (Headers->OptionalHeader.Subsystem != IMAGE_SUBSYSTEM_NATIVE ||
		Headers->OptionalHeader.AddressOfEntryPoint == 0) {
		LogFailure(Path, "not a driver: its subsystem is not native or it has no entry point", 0);
		return NULL;
	}
	return (char *)Image + Headers->OptionalHeader.AddressOfEntryPoint;
}
