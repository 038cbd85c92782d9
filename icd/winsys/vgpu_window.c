/* SPDX-License-Identifier: MIT */
/*
 * One GDI call puts an image into the window, straight from the memory that the device wrote to.
 *
 * The pace is the compositor's where there is one, for that is what shows windows; else that of a
 * timer at the refresh rate of the window's monitor.
 */
#include "vgpu_window.h"
#include "vgpu_counters.h"
#include "vgpu_pacer.h"
#include "vgpu_readback.h"

#include "util/format/u_format.h"
#include "util/os_time.h"
#include "util/u_atomic.h"
#include "util/u_memory.h"

#define SECOND UINT64_C(1000000000) /* nanoseconds */
#define DEFAULT_RATE 60
#define RATE_IS_VALID SECOND /* the monitor's rate is asked for again after this time */

#ifndef CREATE_WAITABLE_TIMER_HIGH_RESOLUTION /* in headers since Windows 10 1803 */
#define CREATE_WAITABLE_TIMER_HIGH_RESOLUTION 2
#endif

struct vgpu_window {
   HWND handle;
   struct vgpu_pacer pacer;
   uint64_t period;      /* between two refreshes of its monitor */
   uint64_t period_read; /* when */
   HANDLE timer;         /* NULL: not needed yet */
};

static struct vgpu_counters counters;

struct vgpu_window *
vgpu_window_create(HWND handle)
{
   struct vgpu_window *window = CALLOC_STRUCT(vgpu_window);

   if (window)
      window->handle = handle;
   return window;
}

void
vgpu_window_destroy(struct vgpu_window *window)
{
   if (window->timer)
      CloseHandle(window->timer);
   FREE(window);
}

/* ---- pace ---- */

static uint64_t
read_period(HWND handle)
{
   DEVMODEW mode = { .dmSize = sizeof(mode) };
   MONITORINFOEXW info = { .cbSize = sizeof(info) };
   DWORD rate = 0;

   if (GetMonitorInfoW(MonitorFromWindow(handle, MONITOR_DEFAULTTOPRIMARY), (LPMONITORINFO)&info) &&
       EnumDisplaySettingsW(info.szDevice, ENUM_CURRENT_SETTINGS, &mode))
      rate = mode.dmDisplayFrequency;
   /* 0 and 1 mean: whatever the hardware's default is. */
   return SECOND / (rate > 1 ? rate : DEFAULT_RATE);
}

static uint64_t
period(struct vgpu_window *window, uint64_t now)
{
   if (!window->period || now - window->period_read > RATE_IS_VALID) {
      window->period = read_period(window->handle);
      window->period_read = now;
   }
   return window->period;
}

static void
sleep_until(struct vgpu_window *window, uint64_t when)
{
   const uint64_t now = os_time_get_nano();
   LARGE_INTEGER relative;

   if (now >= when)
      return;
   relative.QuadPart = -(LONGLONG)((when - now) / 100);
   /* Windows before 10 1803 know no timers of high resolution. */
   if (!window->timer)
      window->timer = CreateWaitableTimerExW(NULL, NULL, CREATE_WAITABLE_TIMER_HIGH_RESOLUTION,
                                             TIMER_ALL_ACCESS);
   if (!window->timer)
      window->timer = CreateWaitableTimerW(NULL, FALSE, NULL);
   if (window->timer && SetWaitableTimer(window->timer, &relative, 0, NULL, NULL, FALSE))
      WaitForSingleObject(window->timer, INFINITE);
   else
      Sleep((when - now) / 1000000);
}

/* Waits for the compositor's next pass. False where there is none, or it does not say. */
static bool
wait_for_compositor(void)
{
   static HRESULT(WINAPI * flush)(void);
   static bool looked;

   if (!p_atomic_read(&looked)) {
      HMODULE library = LoadLibraryExW(L"dwmapi.dll", NULL, LOAD_LIBRARY_SEARCH_SYSTEM32);

      if (library)
         p_atomic_set(&flush, (HRESULT(WINAPI *)(void))(void *)GetProcAddress(library, "DwmFlush"));
      p_atomic_set(&looked, true);
   }
   return p_atomic_read(&flush) && SUCCEEDED(flush());
}

void
vgpu_window_pace(struct vgpu_window *window, int interval)
{
   uint64_t now = os_time_get_nano();
   const uint64_t each = interval ? period(window, now) : 0;
   uint64_t due = vgpu_pacer_due(&window->pacer, now, each, interval);

   if (due > now) {
      p_atomic_inc(&counters.screen_waits);
      sleep_until(window, due - each / 2);
      if (wait_for_compositor()) {
         now = os_time_get_nano();
         if (now > due - each / 4)
            due = now;
      }
      sleep_until(window, due);
   }
   vgpu_pacer_shown(&window->pacer, due);
}

/* ---- pixels ---- */

/* pixels: four bytes each (blue, green, red, unused), the top row first. That GDI draws nothing,
 * into a window that is hidden or gone, is no failure. */
static void
draw(HDC hdc, const void *pixels, unsigned width, unsigned height)
{
   const BITMAPINFO info = {
      .bmiHeader = {
         .biSize = sizeof(BITMAPINFOHEADER),
         .biWidth = (LONG)width,
         .biHeight = -(LONG)height, /* negative: the top row first */
         .biPlanes = 1,
         .biBitCount = 32,
         .biCompression = BI_RGB,
      },
   };

   SetDIBitsToDevice(hdc, 0, 0, width, height, 0, 0, 0, height, pixels, &info, DIB_RGB_COLORS);
   p_atomic_inc(&counters.images);
   p_atomic_inc(&counters.pixel_copies);
}

static bool
convert_and_draw(HDC hdc, const struct vgpu_image *image)
{
   const uint32_t stride = image->width * 4;
   void *converted = MALLOC((size_t)stride * image->height);
   bool done;

   if (!converted)
      return false;
   done = util_format_translate(PIPE_FORMAT_B8G8R8X8_UNORM, converted, stride, 0, 0, image->format,
                                image->pixels, image->stride, 0, 0, image->width, image->height);
   if (done)
      draw(hdc, converted, image->width, image->height);
   FREE(converted);
   p_atomic_inc(&counters.pixel_copies);
   return done;
}

bool
vgpu_window_draw(HDC hdc, const struct vgpu_image *image)
{
   if (image->format != PIPE_FORMAT_B8G8R8X8_UNORM && image->format != PIPE_FORMAT_B8G8R8A8_UNORM)
      return convert_and_draw(hdc, image);
   draw(hdc, image->pixels, image->width, image->height);
   return true;
}

/* A class or a window may have a device context of its own, which another thread may be using: this
 * is never that one. */
static HDC
device_context(HWND handle)
{
   const LONG style = GetWindowLongW(handle, GWL_STYLE);
   DWORD flags = DCX_CACHE;

   if (style & WS_CLIPCHILDREN)
      flags |= DCX_CLIPCHILDREN;
   if (style & WS_CLIPSIBLINGS)
      flags |= DCX_CLIPSIBLINGS;
   return GetDCEx(handle, NULL, flags);
}

void
vgpu_window_show(struct vgpu_window *window, const struct vgpu_image *image)
{
   HDC hdc = device_context(window->handle);

   if (!hdc)
      return;
   vgpu_window_draw(hdc, image);
   ReleaseDC(window->handle, hdc);
   GdiFlush();
}

void
vgpu_window_counters(struct vgpu_counters *result)
{
   result->images = p_atomic_read(&counters.images);
   result->pixel_copies = p_atomic_read(&counters.pixel_copies);
   result->screen_waits = p_atomic_read(&counters.screen_waits);
}
