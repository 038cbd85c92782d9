/* SPDX-License-Identifier: MIT */
#include "vgpu_settings.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define LONGEST_INTERVAL 60 /* refreshes */

static bool
read_number(vgpu_settings_source source, const char *name, const char *variable, int least,
            int most, int *number)
{
   char text[32], *end;
   long value;

   if (!source(name, variable, text, sizeof(text)))
      return false;
   value = strtol(text, &end, 10);
   if (end == text || *end || value < least || value > most)
      return false;
   *number = (int)value;
   return true;
}

static void
read_text(vgpu_settings_source source, const char *name, const char *variable, char *text)
{
   if (!source(name, variable, text, VGPU_SETTINGS_TEXT))
      text[0] = '\0';
}

/* "4.1", "3.3COMPAT", "3.2FC": what Mesa understands. */
static bool
is_version(const char *text)
{
   const bool numbers =
      isdigit((unsigned char)text[0]) && text[1] == '.' && isdigit((unsigned char)text[2]);

   return numbers && (!text[3] || strcmp(text + 3, "COMPAT") == 0 || strcmp(text + 3, "FC") == 0);
}

void
vgpu_settings_read(struct vgpu_settings *settings, vgpu_settings_source source)
{
   int present_waits = 0, shader_cache = 1, shader_cache_mib = 256, debug_output = 0;

   memset(settings, 0, sizeof(*settings));
   settings->has_swap_interval =
      read_number(source, "SwapInterval", "VGPU_SWAP_INTERVAL", -LONGEST_INTERVAL, LONGEST_INTERVAL,
                  &settings->swap_interval);
   read_number(source, "PresentWaits", "VGPU_PRESENT_WAITS", 0, 1, &present_waits);
   read_number(source, "ShaderCache", "VGPU_SHADER_CACHE", 0, 1, &shader_cache);
   read_number(source, "ShaderCacheMiB", "VGPU_SHADER_CACHE_MIB", 1, 65536, &shader_cache_mib);
   read_number(source, "DebugOutput", "VGPU_DEBUG_OUTPUT", 0, 1, &debug_output);
   settings->present_waits = present_waits;
   settings->shader_cache = shader_cache;
   settings->shader_cache_mib = (unsigned)shader_cache_mib;
   settings->debug_output = debug_output;
   read_text(source, "ShaderCacheFolder", "VGPU_SHADER_CACHE_FOLDER",
             settings->shader_cache_folder);
   read_text(source, "GLVersion", "VGPU_GL_VERSION", settings->gl_version);
   if (!is_version(settings->gl_version))
      settings->gl_version[0] = '\0';
}
