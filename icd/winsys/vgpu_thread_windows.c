/* SPDX-License-Identifier: MIT */
#include "vgpu_thread.h"

#include <windows.h>

#include <stdlib.h>

struct vgpu_monitor {
   SRWLOCK lock;
   CONDITION_VARIABLE changed;
};

struct start {
   void (*run)(void *);
   void *argument;
   HMODULE library; /* that the thread's code is in, with a reference */
};

struct vgpu_monitor *
vgpu_monitor_create(void)
{
   struct vgpu_monitor *monitor = calloc(1, sizeof(*monitor));

   if (!monitor)
      return NULL;
   InitializeSRWLock(&monitor->lock);
   InitializeConditionVariable(&monitor->changed);
   return monitor;
}

void
vgpu_monitor_destroy(struct vgpu_monitor *monitor)
{
   free(monitor);
}

void
vgpu_monitor_enter(struct vgpu_monitor *monitor)
{
   AcquireSRWLockExclusive(&monitor->lock);
}

void
vgpu_monitor_leave(struct vgpu_monitor *monitor)
{
   ReleaseSRWLockExclusive(&monitor->lock);
}

bool
vgpu_monitor_wait(struct vgpu_monitor *monitor, uint32_t timeout_ms)
{
   return SleepConditionVariableSRW(&monitor->changed, &monitor->lock, timeout_ms, 0);
}

void
vgpu_monitor_notify(struct vgpu_monitor *monitor)
{
   WakeAllConditionVariable(&monitor->changed);
}

static DWORD WINAPI
thread(void *argument)
{
   const struct start start = *(struct start *)argument;

   free(argument);
   start.run(start.argument);
   FreeLibraryAndExitThread(start.library, 0);
}

bool
vgpu_thread_start(void (*run)(void *), void *argument)
{
   struct start *start = malloc(sizeof(*start));
   HANDLE handle;

   if (!start)
      return false;
   *start = (struct start){ .run = run, .argument = argument };
   if (!GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, (LPCWSTR)(void *)thread,
                           &start->library))
      goto free_start;
   handle = CreateThread(NULL, 0, thread, start, 0, NULL);
   if (!handle)
      goto free_library;
   CloseHandle(handle);
   return true;

free_library:
   FreeLibrary(start->library);
free_start:
   free(start);
   return false;
}

uint64_t
vgpu_thread_id(void)
{
   return GetCurrentThreadId();
}
