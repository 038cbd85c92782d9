/* SPDX-License-Identifier: MIT */
/*
 * loader.c - maps a driver image.
 *
 * Wine's own loader relocates the image and binds its imports. What drivers import from are modules of this project,
 * which forward to this DLL and lie beside it; once they are loaded by their paths, the driver's import of their names
 * finds them and not Wine's modules of the same names. For an image of the native subsystem the loader calls no entry
 * point.
 */
#include "loader.h"

#include <stdio.h>
#include <string.h>

#include "../host/host.h"

#define MAX_SECTIONS 32u

static void LogFailure(const char *Path, const char *What, DWORD Error)
{
	char Line[400];

	snprintf(Line, sizeof(Line), "simulator: %s: %s (error %lu)", Path, What, (unsigned long)Error);
	HostLog(Line);
}

static bool LoadKernelModules(void)
{
	static const char *const Names[] = {"ntoskrnl.exe", "hal.dll", "wdfldr.sys"};
	char Path[MAX_PATH + 16];
	HMODULE Self;
	char *Name;
	size_t i;

	if (!GetModuleHandleExA(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT,
		    (const char *)(ULONG_PTR)LoaderMapDriver, &Self) ||
		!GetModuleFileNameA(Self, Path, MAX_PATH))
		return false;
	Name = strrchr(Path, '\\') + 1;
	for (i = 0; i < ARRAYSIZE(Names); i++) {
		strcpy(Name, Names[i]);
		if (!LoadLibraryA(Path)) {
			LogFailure(Path, "cannot be loaded", GetLastError());
			return false;
		}
	}
	return true;
}

static bool ProtectSections(char *Image, const IMAGE_NT_HEADERS *Headers, DWORD *Protections, bool Restore)
{
	const IMAGE_SECTION_HEADER *Section = IMAGE_FIRST_SECTION(Headers);
	WORD i;

	for (i = 0; i < Headers->FileHeader.NumberOfSections; i++) {
		DWORD Protection = Restore ? Protections[i] : PAGE_READWRITE;

		if (!VirtualProtect(Image + Section[i].VirtualAddress, Section[i].Misc.VirtualSize, Protection,
			    Restore ? &Protection : &Protections[i]))
			return false;
	}
	return true;
}

/* Wine relocates DLLs only, and a driver is marked as a program. */
static bool Relocate(char *Image, const IMAGE_NT_HEADERS *Headers)
{
	const IMAGE_DATA_DIRECTORY *Directory = &Headers->OptionalHeader.DataDirectory[IMAGE_DIRECTORY_ENTRY_BASERELOC];
	ptrdiff_t Delta = Image - (char *)Headers->OptionalHeader.ImageBase;
	DWORD Protections[MAX_SECTIONS];
	const char *Next = Image + Directory->VirtualAddress, *End = Next + Directory->Size;

	if ((Headers->FileHeader.Characteristics & IMAGE_FILE_DLL) || Delta == 0)
		return true;
	if (Headers->FileHeader.NumberOfSections > MAX_SECTIONS || Directory->Size == 0 ||
		!ProtectSections(Image, Headers, Protections, false))
		return false;
	while (Next < End) {
		const IMAGE_BASE_RELOCATION *Block = (const IMAGE_BASE_RELOCATION *)Next;
		const WORD *Entry = (const WORD *)(Block + 1);
		DWORD Count = (Block->SizeOfBlock - sizeof(*Block)) / sizeof(*Entry);

		if (Block->SizeOfBlock < sizeof(*Block))
			return false;
		for (; Count > 0; Count--, Entry++) {
			if (*Entry >> 12 == IMAGE_REL_BASED_DIR64)
				*(ULONG64 *)(Image + Block->VirtualAddress + (*Entry & 0xfff)) += (ULONG64)Delta;
			else if (*Entry >> 12 != IMAGE_REL_BASED_ABSOLUTE)
				return false;
		}
		Next += Block->SizeOfBlock;
	}
	return ProtectSections(Image, Headers, Protections, true);
}

void *LoaderMapDriver(const char *Path)
{
	const IMAGE_NT_HEADERS *Headers;
	HMODULE Image;

	if (!LoadKernelModules())
		return NULL;
	Image = LoadLibraryA(Path);
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
	if (!Relocate((char *)Image, Headers)) {
		LogFailure(Path, "cannot be relocated", GetLastError());
		return NULL;
	}
	return (char *)Image + Headers->OptionalHeader.AddressOfEntryPoint;
}
