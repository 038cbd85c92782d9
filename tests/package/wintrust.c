/* SPDX-License-Identifier: MIT */
/*
 * What Windows' own check of signatures says of files: a line for each, with what WinVerifyTrust returned and the file.
 * usage: wintrust FILE...
 */
#include <windows.h>

#include <softpub.h>
#include <stdio.h>
#include <wintrust.h>

static LONG look(const WCHAR *name)
{
	GUID action = WINTRUST_ACTION_GENERIC_VERIFY_V2;
	WINTRUST_FILE_INFO file = {.cbStruct = sizeof(file), .pcwszFilePath = name};
	WINTRUST_DATA data = {
		.cbStruct = sizeof(data),
		.dwUIChoice = WTD_UI_NONE,
		.fdwRevocationChecks = WTD_REVOKE_NONE,
		.dwUnionChoice = WTD_CHOICE_FILE,
		.pFile = &file,
		.dwStateAction = WTD_STATEACTION_VERIFY,
	};
	LONG result = WinVerifyTrust(INVALID_HANDLE_VALUE, &action, &data);

	data.dwStateAction = WTD_STATEACTION_CLOSE;
	WinVerifyTrust(INVALID_HANDLE_VALUE, &action, &data);
	return result;
}

int wmain(int count, WCHAR **arguments)
{
	for (int i = 1; i < count; i++)
		printf("%08lx %ls\n", (unsigned long)look(arguments[i]), arguments[i]);
	return 0;
}
