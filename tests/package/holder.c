/* SPDX-License-Identifier: MIT */
/* holder DLL: a program that has loaded a DLL, says so, and ends when its input does. */
#include <stdio.h>
#include <wchar.h>

#include <windows.h>

int wmain(int count, WCHAR **arguments)
{
	WCHAR path[MAX_PATH] = L"";
	HMODULE library = count == 2 ? LoadLibraryW(arguments[1]) : NULL;
	const char *(*version)(void);

	if (!library)
		return 1;
	*(FARPROC *)&version = GetProcAddress(library, "version");
	GetModuleFileNameW(library, path, MAX_PATH);
	printf("%ls %s\n", path, version ? version() : "");
	fflush(stdout);
	while (getchar() != EOF)
		;
	/* Its code is still what it was, whatever became of the file. */
	printf("%s\n", version ? version() : "");
	return 0;
}
