/* SPDX-License-Identifier: MIT */
/* Files and folders. */
#include "things.h"

#include <stdio.h>
#include <string.h>
#include <wchar.h>

#include "log.h"

#define BLOCK 65536u
#define ASIDE_MAX 1000u
#define ZONE L":Zone.Identifier" /* "came from the Internet", which is not for a system's DLL */

/* This program's own file, which may be renamed while it runs. Written once, at the start. */
static BY_HANDLE_FILE_INFORMATION own_file;

static bool is_missing(DWORD error)
{
	return error == ERROR_FILE_NOT_FOUND || error == ERROR_PATH_NOT_FOUND;
}

DWORD file_look(struct state *state)
{
	DWORD attributes = GetFileAttributesW(state->name);

	state->present = attributes != INVALID_FILE_ATTRIBUTES;
	if (!state->present)
		return is_missing(GetLastError()) ? ERROR_SUCCESS : GetLastError();
	return attributes & FILE_ATTRIBUTE_DIRECTORY ? ERROR_DIRECTORY : ERROR_SUCCESS;
}

static HANDLE open_to_read(const WCHAR *path)
{
	return CreateFileW(path, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_DELETE, NULL, OPEN_EXISTING,
		FILE_FLAG_SEQUENTIAL_SCAN, NULL);
}

static bool same_content(HANDLE a, HANDLE b)
{
	static BYTE blocks[2][BLOCK];
	DWORD sizes[2];

	do {
		if (!ReadFile(a, blocks[0], BLOCK, &sizes[0], NULL) ||
			!ReadFile(b, blocks[1], BLOCK, &sizes[1], NULL) || sizes[0] != sizes[1] ||
			memcmp(blocks[0], blocks[1], sizes[0]))
			return false;
	} while (sizes[0]);
	return true;
}

bool file_is(const struct state *wanted)
{
	HANDLE a, b;
	bool same;

	if (!_wcsicmp(wanted->name, wanted->source))
		return true;
	a = open_to_read(wanted->name);
	b = open_to_read(wanted->source);
	same = a != INVALID_HANDLE_VALUE && b != INVALID_HANDLE_VALUE && same_content(a, b);
	if (a != INVALID_HANDLE_VALUE)
		CloseHandle(a);
	if (b != INVALID_HANDLE_VALUE)
		CloseHandle(b);
	return same;
}

bool file_staged(const WCHAR *path, WCHAR *staged)
{
	return text_format(staged, STATE_PATH, L"%ls.vgpu-new", path);
}

DWORD file_find_aside(const WCHAR *path, WCHAR *aside)
{
	for (unsigned i = 1; i <= ASIDE_MAX; i++) {
		if (!text_format(aside, STATE_PATH, L"%ls.vgpu-old%u", path, i))
			return ERROR_FILENAME_EXCED_RANGE;
		if (GetFileAttributesW(aside) == INVALID_FILE_ATTRIBUTES && is_missing(GetLastError()))
			return ERROR_SUCCESS;
	}
	return ERROR_FILE_EXISTS;
}

/* Writable, without a mark of where it was downloaded, and on the disk before it gets its name. */
static DWORD stage(const WCHAR *source, const WCHAR *staged)
{
	WCHAR zone[STATE_PATH + ARRAYSIZE(ZONE)];
	DWORD error = ERROR_SUCCESS;
	HANDLE file;

	if (!CopyFileW(source, staged, FALSE) || !SetFileAttributesW(staged, FILE_ATTRIBUTE_NORMAL))
		return GetLastError();
	text_format(zone, ARRAYSIZE(zone), L"%ls%ls", staged, ZONE);
	DeleteFileW(zone);
	file = CreateFileW(staged, GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
	if (file == INVALID_HANDLE_VALUE)
		return GetLastError();
	if (!FlushFileBuffers(file))
		error = GetLastError();
	CloseHandle(file);
	return error;
}

static DWORD put_new(const struct state *wanted)
{
	WCHAR staged[STATE_PATH];
	DWORD error;

	if (!file_staged(wanted->name, staged))
		return ERROR_FILENAME_EXCED_RANGE;
	error = stage(wanted->source, staged);
	if (!error && !MoveFileExW(staged, wanted->name, MOVEFILE_WRITE_THROUGH))
		error = GetLastError();
	if (error)
		DeleteFileW(staged);
	return error;
}

/* Nothing set aside: the thing itself is still there, for it was never renamed. */
static DWORD put_back(const struct state *wanted, struct effects *effects)
{
	if (GetFileAttributesW(wanted->source) == INVALID_FILE_ATTRIBUTES)
		return GetFileAttributesW(wanted->name) == INVALID_FILE_ATTRIBUTES ? ERROR_FILE_NOT_FOUND
										   : ERROR_SUCCESS;
	file_dispose(wanted->name, effects);
	return MoveFileExW(wanted->source, wanted->name, MOVEFILE_WRITE_THROUGH) ? ERROR_SUCCESS : GetLastError();
}

DWORD file_make(const struct state *wanted, struct effects *effects)
{
	WCHAR staged[STATE_PATH];

	if (wanted->present)
		return wanted->moved ? put_back(wanted, effects) : put_new(wanted);
	if (file_staged(wanted->name, staged))
		DeleteFileW(staged);
	file_dispose(wanted->name, effects);
	return GetFileAttributesW(wanted->name) == INVALID_FILE_ATTRIBUTES ? ERROR_SUCCESS : ERROR_SHARING_VIOLATION;
}

/* A program cannot delete its own file. cmd.exe does it a second later, or six, in a process of its own. */
static bool delete_after_end(const WCHAR *path)
{
	WCHAR command[3 * STATE_PATH + 2 * MAX_PATH], shell[MAX_PATH], folder[MAX_PATH];
	STARTUPINFOW start = {.cb = sizeof(start)};
	PROCESS_INFORMATION process;
	UINT length = GetSystemDirectoryW(shell, ARRAYSIZE(shell));

	if (!length || !GetSystemWindowsDirectoryW(folder, ARRAYSIZE(folder)) ||
		!text_format(shell + length, ARRAYSIZE(shell) - length, L"\\cmd.exe") ||
		!text_format(command, ARRAYSIZE(command),
			L"\"%ls\" /d /c ping -n 2 127.0.0.1 >nul & del /f /q \"%ls\" & "
			L"ping -n 6 127.0.0.1 >nul & del /f /q \"%ls\"",
			shell, path, path) ||
		!CreateProcessW(shell, command, NULL, NULL, FALSE, CREATE_NO_WINDOW, NULL, folder, &start, &process))
		return false;
	CloseHandle(process.hThread);
	CloseHandle(process.hProcess);
	return true;
}

static bool identify(const WCHAR *path, BY_HANDLE_FILE_INFORMATION *identity)
{
	HANDLE file = CreateFileW(
		path, 0, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, OPEN_EXISTING, 0, NULL);
	bool known;

	if (file == INVALID_HANDLE_VALUE)
		return false;
	known = GetFileInformationByHandle(file, identity);
	CloseHandle(file);
	return known;
}

void file_know_own(void)
{
	WCHAR path[STATE_PATH];
	DWORD length = GetModuleFileNameW(NULL, path, ARRAYSIZE(path));

	if (!length || length >= ARRAYSIZE(path) || !identify(path, &own_file))
		own_file = (BY_HANDLE_FILE_INFORMATION){0};
}

static bool is_this_program(const WCHAR *path)
{
	BY_HANDLE_FILE_INFORMATION file;

	return identify(path, &file) && file.nFileIndexLow == own_file.nFileIndexLow &&
	       file.nFileIndexHigh == own_file.nFileIndexHigh &&
	       file.dwVolumeSerialNumber == own_file.dwVolumeSerialNumber;
}

/* Out of the way of who looks at the folder. */
static void move_to_temporary(const WCHAR *path, WCHAR *moved)
{
	WCHAR folder[MAX_PATH];
	UINT length = GetSystemWindowsDirectoryW(folder, ARRAYSIZE(folder));

	wcscpy(moved, path);
	if (!length || !text_format(folder + length, ARRAYSIZE(folder) - length, L"\\Temp") ||
		!GetTempFileNameW(folder, L"vgp", 0, moved))
		return;
	if (!MoveFileExW(path, moved, MOVEFILE_REPLACE_EXISTING)) {
		DeleteFileW(moved);
		wcscpy(moved, path);
	}
}

void file_dispose(const WCHAR *path, struct effects *effects)
{
	WCHAR moved[STATE_PATH];
	bool own = is_this_program(path);

	SetFileAttributesW(path, FILE_ATTRIBUTE_NORMAL);
	if (DeleteFileW(path) || is_missing(GetLastError()))
		return;
	move_to_temporary(path, moved);
	if (own && delete_after_end(moved))
		return;
	note(L"in use: %ls (now %ls)", path, moved);
	if (!MoveFileExW(moved, NULL, MOVEFILE_DELAY_UNTIL_REBOOT))
		complain(L"%ls cannot be deleted: %ls", moved, error_text(GetLastError()));
	effects->restart = true;
}

DWORD folder_look(struct state *state)
{
	DWORD attributes = GetFileAttributesW(state->name);

	state->present = attributes != INVALID_FILE_ATTRIBUTES;
	if (!state->present)
		return is_missing(GetLastError()) ? ERROR_SUCCESS : GetLastError();
	return attributes & FILE_ATTRIBUTE_DIRECTORY ? ERROR_SUCCESS : ERROR_DIRECTORY;
}

DWORD folder_make(const struct state *wanted, struct effects *effects)
{
	(void)effects;
	if (!wanted->present || CreateDirectoryW(wanted->name, NULL) || GetLastError() == ERROR_ALREADY_EXISTS)
		return ERROR_SUCCESS;
	return GetLastError();
}

void folder_remove(const WCHAR *path)
{
	if (!RemoveDirectoryW(path) && !is_missing(GetLastError()))
		note(L"the folder %ls stays: %ls", path, error_text(GetLastError()));
}
