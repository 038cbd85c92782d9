/* SPDX-License-Identifier: MIT */
/*
 * Stands in for Windows' pnputil, which Wine lacks: keeps what is published as INF\oemN.inf and in the driver store,
 * where Windows has it too, and says what it was asked to do. No device ever gets the driver. PNPUTIL_REFUSES=add or
 * =delete lets that fail, as a wrong signature would; PNPUTIL_RESTARTS asks for a restart.
 */
#include <stdio.h>
#include <string.h>
#include <wchar.h>

#include <windows.h>

#define OEM_MAX 100u

static void folder_of(WCHAR *path, size_t count, unsigned number)
{
	_snwprintf(path, count, L"C:\\windows\\System32\\DriverStore\\FileRepository\\vgpu.inf_amd64_%u", number);
}

static void inf_of(WCHAR *path, size_t count, unsigned number)
{
	_snwprintf(path, count, L"C:\\windows\\INF\\oem%u.inf", number);
}

static int is_asked(const WCHAR *name, const WCHAR *value)
{
	WCHAR text[32];

	return GetEnvironmentVariableW(name, text, 32) && (!value || !wcscmp(text, value));
}

static int done(void)
{
	return is_asked(L"PNPUTIL_RESTARTS", NULL) ? ERROR_SUCCESS_REBOOT_REQUIRED : 0;
}

static int same_text(const WCHAR *a, const WCHAR *b)
{
	FILE *files[2] = {_wfopen(a, L"rb"), _wfopen(b, L"rb")};
	int letters[2] = {EOF, 0};

	if (files[0] && files[1]) {
		do {
			letters[0] = getc(files[0]);
			letters[1] = getc(files[1]);
		} while (letters[0] == letters[1] && letters[0] != EOF);
	}
	for (unsigned i = 0; i < 2; i++) {
		if (files[i])
			fclose(files[i]);
	}
	return letters[0] == letters[1];
}

/* A package needs all of its files. The same one again keeps its name. */
static int add(const WCHAR *inf)
{
	static const WCHAR *const files[] = {L"vgpu.inf", L"vgpu.sys", L"vgpu.cat"};
	WCHAR folder[MAX_PATH], from[MAX_PATH], to[MAX_PATH];
	unsigned number = 0;

	do {
		inf_of(to, MAX_PATH, ++number);
		if (same_text(inf, to)) {
			printf("Already there: oem%u.inf\n", number);
			return ERROR_NO_MORE_ITEMS;
		}
	} while (number < OEM_MAX && GetFileAttributesW(to) != INVALID_FILE_ATTRIBUTES);
	if (is_asked(L"PNPUTIL_REFUSES", L"add"))
		return (int)ERROR_INVALID_DATA;
	if (!CopyFileW(inf, to, TRUE))
		return (int)GetLastError();
	CreateDirectoryW(L"C:\\windows\\System32\\DriverStore", NULL);
	CreateDirectoryW(L"C:\\windows\\System32\\DriverStore\\FileRepository", NULL);
	folder_of(folder, MAX_PATH, number);
	CreateDirectoryW(folder, NULL);
	for (unsigned i = 0; i < 3; i++) {
		_snwprintf(from, MAX_PATH, L"%.*ls%ls", (int)(wcsrchr(inf, L'\\') + 1 - inf), inf, files[i]);
		_snwprintf(to, MAX_PATH, L"%ls\\%ls", folder, files[i]);
		if (!CopyFileW(from, to, TRUE))
			return (int)GetLastError();
	}
	printf("Published name: oem%u.inf\n", number);
	return is_asked(L"PNPUTIL_RESTARTS", NULL) ? ERROR_SUCCESS_REBOOT_REQUIRED : ERROR_NO_MORE_ITEMS;
}

static int delete (const WCHAR *name)
{
	WCHAR path[MAX_PATH], folder[MAX_PATH];
	WIN32_FIND_DATAW found;
	unsigned number = 0;
	HANDLE search;

	if (is_asked(L"PNPUTIL_REFUSES", L"delete"))
		return ERROR_ACCESS_DENIED;
	if (swscanf(name, L"oem%u.inf", &number) != 1)
		return ERROR_INVALID_PARAMETER;
	inf_of(path, MAX_PATH, number);
	if (!DeleteFileW(path))
		return (int)GetLastError();
	folder_of(folder, MAX_PATH, number);
	_snwprintf(path, MAX_PATH, L"%ls\\*", folder);
	search = FindFirstFileW(path, &found);
	do {
		_snwprintf(path, MAX_PATH, L"%ls\\%ls", folder, found.cFileName);
		DeleteFileW(path);
	} while (FindNextFileW(search, &found));
	FindClose(search);
	RemoveDirectoryW(folder);
	RemoveDirectoryW(L"C:\\windows\\System32\\DriverStore\\FileRepository");
	RemoveDirectoryW(L"C:\\windows\\System32\\DriverStore");
	printf("Deleted %ls\n", name);
	return done();
}

int wmain(int count, WCHAR **arguments)
{
	if (count == 4 && !wcscmp(arguments[1], L"/add-driver") && !wcscmp(arguments[3], L"/install"))
		return add(arguments[2]);
	if (count >= 3 && !wcscmp(arguments[1], L"/delete-driver"))
		return delete (arguments[2]);
	printf("not a command of the stand-in\n");
	return ERROR_INVALID_PARAMETER;
}
