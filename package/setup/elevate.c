/* SPDX-License-Identifier: MIT */
#include "elevate.h"

#include <wchar.h>

#include <shellapi.h>

bool is_elevated(void)
{
	TOKEN_ELEVATION elevation = {0};
	DWORD size;
	HANDLE token;

	if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token))
		return false;
	if (!GetTokenInformation(token, TokenElevation, &elevation, sizeof(elevation), &size))
		elevation.TokenIsElevated = 0;
	CloseHandle(token);
	return elevation.TokenIsElevated != 0;
}

/* The command line behind the program's own name, which may be quoted. */
static const WCHAR *own_arguments(void)
{
	const WCHAR *at = GetCommandLineW();
	bool quoted = false;

	for (; *at && (quoted || (*at != L' ' && *at != L'\t')); at++) {
		if (*at == L'"')
			quoted = !quoted;
	}
	return at + wcsspn(at, L" \t");
}

bool run_elevated(DWORD *status)
{
	WCHAR path[MAX_PATH];
	SHELLEXECUTEINFOW info = {
		.cbSize = sizeof(info),
		.fMask = SEE_MASK_NOCLOSEPROCESS | SEE_MASK_NOASYNC,
		.lpVerb = L"runas",
		.lpFile = path,
		.lpParameters = own_arguments(),
		.nShow = SW_SHOWNORMAL,
	};
	DWORD length = GetModuleFileNameW(NULL, path, MAX_PATH);

	if (!length || length >= MAX_PATH || !ShellExecuteExW(&info) || !info.hProcess)
		return false;
	WaitForSingleObject(info.hProcess, INFINITE);
	if (!GetExitCodeProcess(info.hProcess, status))
		*status = 1;
	CloseHandle(info.hProcess);
	return true;
}
