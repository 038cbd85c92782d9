/* SPDX-License-Identifier: MIT */
/*
 * After the environment the registry, in this order: HKEY_CURRENT_USER for this program, for all
 * programs; then HKEY_LOCAL_MACHINE likewise. 32-bit programs read the same keys as 64-bit ones.
 */
#include "vgpu_settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <windows.h>

#define KEY L"SOFTWARE\\vgpu"
#define PROGRAMS KEY L"\\Programs\\"

static bool
read_value(HKEY root, const wchar_t *path, const wchar_t *name, char *text, size_t size)
{
   wchar_t value[VGPU_SETTINGS_TEXT];
   DWORD type, bytes = sizeof(value) - sizeof(value[0]);
   HKEY key;
   LSTATUS status;

   if (RegOpenKeyExW(root, path, 0, KEY_QUERY_VALUE | KEY_WOW64_64KEY, &key) != ERROR_SUCCESS)
      return false;
   status = RegQueryValueExW(key, name, NULL, &type, (BYTE *)value, &bytes);
   RegCloseKey(key);
   if (status != ERROR_SUCCESS)
      return false;
   if (type == REG_DWORD && bytes == sizeof(DWORD)) {
      DWORD number;

      memcpy(&number, value, sizeof(number));
      return (size_t)snprintf(text, size, "%ld", (long)(LONG)number) < size;
   }
   value[bytes / sizeof(value[0])] = L'\0';
   return type == REG_SZ &&
          WideCharToMultiByte(CP_UTF8, 0, value, -1, text, (int)size, NULL, NULL) > 0;
}

/* The key for this program, by the name of its file. */
static bool
program_key(wchar_t *path, size_t length)
{
   wchar_t file[MAX_PATH];
   const DWORD size = GetModuleFileNameW(NULL, file, MAX_PATH);
   const wchar_t *name = wcsrchr(file, L'\\');

   if (!size || size >= MAX_PATH || !name || wcslen(name) + wcslen(PROGRAMS) >= length)
      return false;
   wcscpy(path, PROGRAMS);
   wcscat(path, name + 1);
   return true;
}

static bool
read_variable(const char *variable, char *text, size_t size)
{
   wchar_t wide[64], value[VGPU_SETTINGS_TEXT];
   DWORD length;

   if (!MultiByteToWideChar(CP_UTF8, 0, variable, -1, wide, 64))
      return false;
   length = GetEnvironmentVariableW(wide, value, VGPU_SETTINGS_TEXT);
   return length && length < VGPU_SETTINGS_TEXT &&
          WideCharToMultiByte(CP_UTF8, 0, value, -1, text, (int)size, NULL, NULL) > 0;
}

bool
vgpu_settings_system(const char *name, const char *variable, char *text, size_t size)
{
   const HKEY roots[] = { HKEY_CURRENT_USER, HKEY_LOCAL_MACHINE };
   wchar_t program[MAX_PATH + 64], wide[64];

   if (read_variable(variable, text, size))
      return true;
   if (!MultiByteToWideChar(CP_UTF8, 0, name, -1, wide, 64))
      return false;
   for (unsigned i = 0; i < 2; i++) {
      if ((program_key(program, MAX_PATH + 64) &&
           read_value(roots[i], program, wide, text, size)) ||
          read_value(roots[i], KEY, wide, text, size))
         return true;
   }
   return false;
}

void
vgpu_settings_set_variable(const char *variable, const char *value)
{
   _putenv_s(variable, value);
}
