/* SPDX-License-Identifier: MIT */
/* registry_dump [KEY...]: every key and value below these keys of HKEY_LOCAL_MACHINE, one a line, for comparing. */
#include <stdio.h>
#include <wchar.h>

#include <windows.h>

#define NAME 512u
#define DATA 65536u

static BYTE data[DATA];

static void dump_values(HKEY key, const WCHAR *path)
{
	for (DWORD i = 0;; i++) {
		WCHAR name[NAME];
		DWORD length = NAME, size = DATA, type;
		LSTATUS status = RegEnumValueW(key, i, name, &length, NULL, &type, data, &size);
		if (status == ERROR_NO_MORE_ITEMS)
			return;
		if (status)
			continue;
		printf("%ls | %ls = %lu:", path, name, type);
		for (DWORD at = 0; at < size; at++)
			printf("%02x", data[at]);
		printf("\n");
	}
}

static void dump(HKEY parent, const WCHAR *name, const WCHAR *path)
{
	WCHAR child[NAME], child_path[4 * NAME];
	HKEY key;

	if (RegOpenKeyExW(parent, name, 0, KEY_READ | KEY_WOW64_64KEY, &key))
		return;
	printf("%ls\n", path);
	dump_values(key, path);
	for (DWORD i = 0, length = NAME; !RegEnumKeyExW(key, i, child, &length, NULL, NULL, NULL, NULL);
		i++, length = NAME) {
		_snwprintf(child_path, ARRAYSIZE(child_path), L"%ls\\%ls", path, child);
		dump(key, child, child_path);
	}
	RegCloseKey(key);
}

int wmain(int count, WCHAR **arguments)
{
	for (int i = 1; i < count; i++)
		dump(HKEY_LOCAL_MACHINE, arguments[i], arguments[i]);
	return fflush(stdout) ? 1 : 0;
}
