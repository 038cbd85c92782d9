/* SPDX-License-Identifier: MIT */
#include "vgpu_files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <windows.h>

#define MAX_LENGTH 1024 /* of a path, in characters; longer ones have no cache */
#define TICKS_PER_SECOND 10000000u

static bool
widen(const char *text, wchar_t *wide)
{
   return MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, text, -1, wide, MAX_LENGTH) > 0;
}

/* With user account control, programs of one user run with two kinds of rights, and share the
 * folder. A program that was given more must not read what the others write. */
static bool
is_elevated(void)
{
   TOKEN_ELEVATION_TYPE type = TokenElevationTypeDefault;
   HANDLE token;
   DWORD size;

   if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token))
      return true;
   if (!GetTokenInformation(token, TokenElevationType, &type, sizeof(type), &size))
      type = TokenElevationTypeFull;
   CloseHandle(token);
   return type == TokenElevationTypeFull;
}

bool
vgpu_files_cache_root(char *path, size_t size)
{
   wchar_t wide[MAX_LENGTH];
   const DWORD length = GetEnvironmentVariableW(L"LOCALAPPDATA", wide, MAX_LENGTH);

   return length && length < MAX_LENGTH && !is_elevated() &&
          WideCharToMultiByte(CP_UTF8, 0, wide, -1, path, (int)size, NULL, NULL) > 0;
}

bool
vgpu_files_make_folder(const char *path)
{
   wchar_t wide[MAX_LENGTH];
   DWORD attributes;

   if (!widen(path, wide))
      return false;
   /* Those above it exist, or cannot be made: drives, shares. Only the last one counts. */
   for (wchar_t *p = wide + 1; *p; p++) {
      const wchar_t separator = *p;

      if (separator != L'/' && separator != L'\\')
         continue;
      *p = L'\0';
      CreateDirectoryW(wide, NULL);
      *p = separator;
   }
   CreateDirectoryW(wide, NULL);
   attributes = GetFileAttributesW(wide);
   return attributes != INVALID_FILE_ATTRIBUTES && attributes & FILE_ATTRIBUTE_DIRECTORY;
}

static uint64_t
join(DWORD high, DWORD low)
{
   return (uint64_t)high << 32 | low;
}

static void
describe(uint64_t size, const FILETIME *written, struct vgpu_file_info *info)
{
   const uint64_t then = join(written->dwHighDateTime, written->dwLowDateTime);
   FILETIME now;
   uint64_t ticks;

   GetSystemTimeAsFileTime(&now);
   ticks = join(now.dwHighDateTime, now.dwLowDateTime);
   info->size = size;
   info->seconds = ticks > then ? (ticks - then) / TICKS_PER_SECOND : 0;
}

bool
vgpu_files_info(const char *path, struct vgpu_file_info *info)
{
   WIN32_FILE_ATTRIBUTE_DATA data;
   wchar_t wide[MAX_LENGTH];

   if (!widen(path, wide) || !GetFileAttributesExW(wide, GetFileExInfoStandard, &data) ||
       data.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY)
      return false;
   describe(join(data.nFileSizeHigh, data.nFileSizeLow), &data.ftLastWriteTime, info);
   return true;
}

/* Others may replace or remove what is open here. */
static HANDLE
open_file(const char *path, DWORD access, DWORD disposition)
{
   const DWORD share = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
   wchar_t wide[MAX_LENGTH];

   if (!widen(path, wide))
      return INVALID_HANDLE_VALUE;
   return CreateFileW(wide, access, share, NULL, disposition, FILE_ATTRIBUTE_NORMAL, NULL);
}

void *
vgpu_files_read(const char *path, size_t max, struct vgpu_file_info *info)
{
   const HANDLE file = open_file(path, GENERIC_READ, OPEN_EXISTING);
   BY_HANDLE_FILE_INFORMATION data;
   void *content = NULL;
   DWORD count = 0;

   if (file == INVALID_HANDLE_VALUE)
      return NULL;
   if (!GetFileInformationByHandle(file, &data) ||
       join(data.nFileSizeHigh, data.nFileSizeLow) > max)
      goto close_file;
   describe(join(data.nFileSizeHigh, data.nFileSizeLow), &data.ftLastWriteTime, info);
   content = malloc((size_t)info->size + 1);
   if (content &&
       (!ReadFile(file, content, (DWORD)info->size, &count, NULL) || count != (DWORD)info->size)) {
      free(content);
      content = NULL;
   }

close_file:
   CloseHandle(file);
   return content;
}

bool
vgpu_files_write(const char *path, const void *data, size_t size)
{
   const HANDLE file = open_file(path, GENERIC_WRITE, CREATE_NEW);
   DWORD count = 0;
   bool whole;

   if (file == INVALID_HANDLE_VALUE)
      return false;
   whole = !size || (WriteFile(file, data, (DWORD)size, &count, NULL) && count == size);
   CloseHandle(file);
   if (!whole)
      vgpu_files_remove(path);
   return whole;
}

bool
vgpu_files_move(const char *from, const char *to)
{
   wchar_t wide_from[MAX_LENGTH], wide_to[MAX_LENGTH];

   return widen(from, wide_from) && widen(to, wide_to) &&
          MoveFileExW(wide_from, wide_to, MOVEFILE_REPLACE_EXISTING);
}

void
vgpu_files_remove(const char *path)
{
   wchar_t wide[MAX_LENGTH];

   if (widen(path, wide))
      DeleteFileW(wide);
}

void
vgpu_files_touch(const char *path)
{
   const HANDLE file = open_file(path, FILE_WRITE_ATTRIBUTES, OPEN_EXISTING);
   FILETIME now;

   if (file == INVALID_HANDLE_VALUE)
      return;
   GetSystemTimeAsFileTime(&now);
   SetFileTime(file, NULL, NULL, &now);
   CloseHandle(file);
}

void
vgpu_files_list(const char *folder,
                void (*each)(void *data, const char *name, const struct vgpu_file_info *info),
                void *data)
{
   wchar_t pattern[MAX_LENGTH];
   char text[MAX_LENGTH];
   struct vgpu_file_info info;
   WIN32_FIND_DATAW found;
   HANDLE search;

   if (snprintf(text, sizeof(text), "%s/*", folder) >= (int)sizeof(text) || !widen(text, pattern))
      return;
   search = FindFirstFileW(pattern, &found);
   if (search == INVALID_HANDLE_VALUE)
      return;
   do {
      if (found.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY ||
          !WideCharToMultiByte(CP_UTF8, 0, found.cFileName, -1, text, sizeof(text), NULL, NULL))
         continue;
      describe(join(found.nFileSizeHigh, found.nFileSizeLow), &found.ftLastWriteTime, &info);
      each(data, text, &info);
   } while (FindNextFileW(search, &found));
   FindClose(search);
}

uint32_t
vgpu_files_process_id(void)
{
   return GetCurrentProcessId();
}
