/* SPDX-License-Identifier: MIT */
/* Linux programs on the native stack: the environment alone. */
#include "vgpu_settings.h"

#include <stdlib.h>
#include <string.h>

bool
vgpu_settings_system(const char *name, const char *variable, char *text, size_t size)
{
   const char *value = getenv(variable);

   (void)name;
   if (!value || !value[0] || strlen(value) >= size)
      return false;
   strcpy(text, value);
   return true;
}

void
vgpu_settings_set_variable(const char *variable, const char *value)
{
   if (value[0])
      setenv(variable, value, 1);
   else
      unsetenv(variable);
}
