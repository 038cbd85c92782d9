/* SPDX-License-Identifier: MIT */
/*
 * The folders belong to users, who may put links in their place, and this is an administrator's program. So each folder
 * is held open while its content goes: no other can take its place then, nor that of one above it. It must be no link,
 * and lie where its name says. DeleteFile removes a link, not what it leads to.
 */
#include "caches.h"
#include "log.h"
#include "things.h"

#include <wchar.h>

#define PROFILES L"SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\ProfileList"
#define VENDOR L"\\AppData\\Local\\vgpu"
#define CACHE VENDOR L"\\shader-cache"
#define DEEPEST 1 /* folders in the cache's folder, with files in them */

static HANDLE hold(const WCHAR *path)
{
	return CreateFileW(path, FILE_LIST_DIRECTORY, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_EXISTING,
		FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT, NULL);
}

static BOOL is_plain_folder(HANDLE folder)
{
	BY_HANDLE_FILE_INFORMATION found;

	return GetFileInformationByHandle(folder, &found) && (found.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) &&
	       !(found.dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT);
}

/* Where it is, whatever links led there. */
static BOOL real_path(HANDLE folder, WCHAR *path)
{
	const DWORD length = GetFinalPathNameByHandleW(folder, path, STATE_PATH, FILE_NAME_NORMALIZED);

	return length && length < STATE_PATH;
}

static void empty(const WCHAR *path, unsigned depth);

static void remove_entry(const WCHAR *folder, const WIN32_FIND_DATAW *found, unsigned depth)
{
	WCHAR path[STATE_PATH];

	if (!text_format(path, STATE_PATH, L"%ls\\%ls", folder, found->cFileName))
		return;
	if (!(found->dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY))
		DeleteFileW(path);
	else if (wcscmp(found->cFileName, L".") && wcscmp(found->cFileName, L"..") && depth < DEEPEST) {
		HANDLE held = hold(path);

		if (held == INVALID_HANDLE_VALUE)
			return;
		if (is_plain_folder(held))
			empty(path, depth + 1);
		CloseHandle(held);
		RemoveDirectoryW(path);
	}
}

/* The caller holds the folder. */
static void empty(const WCHAR *path, unsigned depth)
{
	WCHAR pattern[STATE_PATH];
	WIN32_FIND_DATAW found;
	HANDLE search;

	if (!text_format(pattern, STATE_PATH, L"%ls\\*", path))
		return;
	search = FindFirstFileW(pattern, &found);
	if (search == INVALID_HANDLE_VALUE)
		return;
	do
		remove_entry(path, &found, depth);
	while (FindNextFileW(search, &found));
	FindClose(search);
}

static void remove_from(const WCHAR *profile)
{
	WCHAR path[STATE_PATH], vendor[STATE_PATH], wanted[STATE_PATH], real[STATE_PATH];
	HANDLE cache, user = hold(profile);
	BOOL emptied = FALSE;

	if (user == INVALID_HANDLE_VALUE)
		return;
	if (!is_plain_folder(user) || !real_path(user, real) || !text_format(wanted, STATE_PATH, L"%ls" CACHE, real) ||
		!text_format(path, STATE_PATH, L"%ls" CACHE, profile) ||
		!text_format(vendor, STATE_PATH, L"%ls" VENDOR, profile))
		goto close_user;
	cache = hold(path);
	if (cache == INVALID_HANDLE_VALUE)
		goto close_user;
	emptied = is_plain_folder(cache) && real_path(cache, real) && !_wcsicmp(real, wanted);
	if (emptied)
		empty(path, 0);
	else
		note(L"%ls stays: it is not a folder of that place", path);
	CloseHandle(cache);
	if (emptied) {
		folder_remove(path);
		RemoveDirectoryW(vendor);
	}

close_user:
	CloseHandle(user);
}

void caches_remove(void)
{
	WCHAR profiles[STATE_PATH], path[STATE_PATH];
	DWORD size = sizeof(profiles);
	WIN32_FIND_DATAW found;
	HANDLE search;

	if (RegGetValueW(HKEY_LOCAL_MACHINE, PROFILES, L"ProfilesDirectory", RRF_RT_REG_SZ, NULL, profiles, &size) ||
		!text_format(path, STATE_PATH, L"%ls\\*", profiles))
		return;
	search = FindFirstFileW(path, &found);
	if (search == INVALID_HANDLE_VALUE)
		return;
	do {
		if ((found.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) && found.cFileName[0] != L'.' &&
			text_format(path, STATE_PATH, L"%ls\\%ls", profiles, found.cFileName))
			remove_from(path);
	} while (FindNextFileW(search, &found));
	FindClose(search);
}
