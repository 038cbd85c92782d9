/* SPDX-License-Identifier: MIT */
#include "vgpu_settings.h"

#include "c11/threads.h"
#include "main/consts_exts.h"
#include "main/version.h"
#include "util/os_misc.h"

static struct vgpu_settings process_settings;

static void
read_once(void)
{
   vgpu_settings_read(&process_settings, vgpu_settings_system);
}

const struct vgpu_settings *
vgpu_settings(void)
{
   static once_flag once = ONCE_FLAG_INIT;

   call_once(&once, read_once);
   return &process_settings;
}

/* Mesa looks at the variable once for each kind of context, which is now: so that processes that
 * the program starts do not inherit it. */
static void
override_version(const char *version)
{
   const char *variable = "MESA_GL_VERSION_OVERRIDE";
   const gl_api kinds[] = { API_OPENGL_COMPAT, API_OPENGL_CORE };
   struct gl_constants constants = { 0 };

   if (os_get_option(variable))
      return;
   vgpu_settings_set_variable(variable, version);
   for (unsigned i = 0; i < ARRAY_SIZE(kinds); i++) {
      gl_api kind = kinds[i];
      GLuint unused;

      _mesa_override_gl_version_contextless(&constants, &kind, &unused);
   }
   vgpu_settings_set_variable(variable, "");
}

void
vgpu_settings_apply(void)
{
   const struct vgpu_settings *chosen = vgpu_settings();

   if (chosen->gl_version[0])
      override_version(chosen->gl_version);
   if (chosen->debug_output && !os_get_option("MESA_DEBUG"))
      vgpu_settings_set_variable("MESA_DEBUG", "1");
}
