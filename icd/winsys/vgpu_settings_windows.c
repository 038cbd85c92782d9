/* SPDX-License-Identifier: MIT */
#include "vgpu_settings.h"

#include <windows.h>

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>

#define KEY L"SOFTWARE\\vgpu"
#define MAX_NAME 32
#define LONGEST_INTERVAL 60

/* One number, under two names. */
struct setting {
   const wchar_t *value;    /* in the registry */
   const wchar_t *variable; /* in the environment */
   int least, most;
};

static bool
from_environment(const struct setting *setting, int *number)
{
   wchar_t text[MAX_NAME], *end;
   const DWORD length = GetEnvironmentVariableW(setting->variable, text, MAX_NAME);
   long value;

   if (!length || length >= MAX_NAME)
      return false;
   value = wcstol(text, &end, 0);
   *number = value;
   return !*end && value >= setting->least && value <= setting->most;
}

static bool
from_registry(HKEY root, const struct setting *setting, int *number)
{
   DWORD value, size = sizeof(value);

   /* Programs of 32 bits look at the same place. */
   if (RegGetValueW(root, KEY, setting->value, RRF_RT_REG_DWORD | RRF_SUBKEY_WOW6464KEY, NULL,
                    &value, &size) != ERROR_SUCCESS)
      return false;
   *number = (int)value;
   return *number >= setting->least && *number <= setting->most;
}

static bool
get(const struct setting *setting, int *number)
{
   return from_environment(setting, number) || from_registry(HKEY_CURRENT_USER, setting, number) ||
          from_registry(HKEY_LOCAL_MACHINE, setting, number);
}

static BOOL CALLBACK
read_all(INIT_ONCE *once, void *parameter, void **context)
{
   static const struct setting swap_interval = { L"SwapInterval", L"VGPU_SWAP_INTERVAL",
                                                 -LONGEST_INTERVAL, LONGEST_INTERVAL };
   static const struct setting present_waits = { L"PresentWaits", L"VGPU_PRESENT_WAITS", 0, 1 };
   struct vgpu_settings *settings = parameter;
   int number;

   settings->has_swap_interval = get(&swap_interval, &settings->swap_interval);
   settings->present_waits = get(&present_waits, &number) && number;
   return TRUE;
}

const struct vgpu_settings *
vgpu_settings(void)
{
   static INIT_ONCE once = INIT_ONCE_STATIC_INIT;
   static struct vgpu_settings settings;

   InitOnceExecuteOnce(&once, read_all, &settings, NULL);
   return &settings;
}
