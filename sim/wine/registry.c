/* SPDX-License-Identifier: MIT */
/*
 * registry.c - shows the simulated device's interfaces to SetupDi functions.
 *
 * Wine's setupapi reads, as Windows' does, the interface below Control\DeviceClasses\{guid}\##?#PCI#...#{guid}, where #
 * holds the link and #\Control\Linked says that it is there, and the device below Enum. The keys are volatile: they go
 * with the Wine server, which serves one run.
 */
#include "registry.h"

#include <stdio.h>
#include <wchar.h>

#define CLASSES L"System\\CurrentControlSet\\Control\\DeviceClasses\\"
#define ENUM L"System\\CurrentControlSet\\Enum\\"
#define SYSTEM_CLASS L"{4d36e97d-e325-11ce-bfc1-08002be10318}" /* without a class setupapi skips the device */
#define NAME_PREFIX L"\\??\\"
#define PREFIX_CHARS 4u
#define MAX_NAME 300u
#define MAX_KEY 700u

typedef struct NAMES {
	WCHAR Guid[64]; /* {...} */
	WCHAR Instance[MAX_NAME]; /* PCI\VEN_...\... */
	WCHAR Rest[MAX_NAME]; /* PCI#VEN_...#...#{...} */
} NAMES;

static LONG Split(const WCHAR *Name, NAMES *Names)
{
	const WCHAR *Guid = wcsrchr(Name, L'{');
	WCHAR *Hash;
	size_t Chars;

	if (wcslen(Name) >= MAX_NAME || wcsncmp(Name, NAME_PREFIX, PREFIX_CHARS) != 0 || !Guid ||
		Guid < Name + PREFIX_CHARS + 1 || wcslen(Guid) >= ARRAYSIZE(Names->Guid))
		return ERROR_INVALID_NAME;
	wcscpy(Names->Guid, Guid);
	wcscpy(Names->Rest, Name + PREFIX_CHARS);
	Chars = (size_t)(Guid - 1 - (Name + PREFIX_CHARS));
	wmemcpy(Names->Instance, Names->Rest, Chars);
	Names->Instance[Chars] = 0;
	for (Hash = Names->Instance; *Hash; Hash++)
		if (*Hash == L'#')
			*Hash = L'\\';
	return ERROR_SUCCESS;
}

static LONG SetValue(const WCHAR *Path, const WCHAR *Value, DWORD Type, const void *Data, DWORD Size)
{
	HKEY Key;
	LONG Error = RegCreateKeyExW(
		HKEY_LOCAL_MACHINE, Path, 0, NULL, REG_OPTION_VOLATILE, KEY_SET_VALUE, NULL, &Key, NULL);

	if (Error)
		return Error;
	Error = RegSetValueExW(Key, Value, 0, Type, Data, Size);
	RegCloseKey(Key);
	return Error;
}

static LONG SetString(const WCHAR *Path, const WCHAR *Value, const WCHAR *Text)
{
	return SetValue(Path, Value, REG_SZ, Text, (DWORD)((wcslen(Text) + 1) * sizeof(WCHAR)));
}

LONG RegistryAddInterface(const WCHAR *Name)
{
	static const DWORD Linked = 1;
	WCHAR Path[MAX_KEY], Link[MAX_NAME + PREFIX_CHARS];
	NAMES Names;
	LONG Error = Split(Name, &Names);

	if (Error)
		return Error;
	_snwprintf(Path, MAX_KEY, ENUM L"%ls", Names.Instance);
	Error = SetString(Path, L"ClassGUID", SYSTEM_CLASS);
	if (Error)
		return Error;
	_snwprintf(Path, MAX_KEY, CLASSES L"%ls\\##?#%ls", Names.Guid, Names.Rest);
	Error = SetString(Path, L"DeviceInstance", Names.Instance);
	if (Error)
		return Error;
	_snwprintf(Path, MAX_KEY, CLASSES L"%ls\\##?#%ls\\#", Names.Guid, Names.Rest);
	_snwprintf(Link, ARRAYSIZE(Link), L"\\\\?\\%ls", Names.Rest);
	Error = SetString(Path, L"SymbolicLink", Link);
	if (Error)
		return Error;
	_snwprintf(Path, MAX_KEY, CLASSES L"%ls\\##?#%ls\\#\\Control", Names.Guid, Names.Rest);
	return SetValue(Path, L"Linked", REG_DWORD, &Linked, sizeof(Linked));
}
