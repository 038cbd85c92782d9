/* SPDX-License-Identifier: MIT */
/*
 * What users and tests may choose; docs/settings.md says what each means. Knows nothing of Mesa
 * and little of the system: where values come from is asked of a function.
 */
#ifndef VGPU_SETTINGS_H
#define VGPU_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

#define VGPU_SETTINGS_TEXT 512 /* bytes of a value that is text */

struct vgpu_settings {
   bool has_swap_interval; /* instead of what programs ask for: */
   int swap_interval;
   bool present_waits; /* a swap returns when its own frame is shown */
   bool shader_cache;
   unsigned shader_cache_mib;
   char shader_cache_folder[VGPU_SETTINGS_TEXT]; /* empty: the user's folder for such */
   char gl_version[VGPU_SETTINGS_TEXT];          /* empty: what the host has */
   bool debug_output;                            /* errors of OpenGL calls are said, too */
};

/* Looks a value up, in UTF-8: by its name in the environment, then by that in the registry. Numbers
 * are decimal text. False when it is not set, or longer than size. */
typedef bool (*vgpu_settings_source)(const char *name, const char *variable, char *text,
                                     size_t size);

/* A value that makes no sense counts as not set. */
void vgpu_settings_read(struct vgpu_settings *settings, vgpu_settings_source source);

/* vgpu_settings_windows.c, vgpu_settings_posix.c: the system's source; and a variable of this
 * process' environment, which is removed by an empty value. */
bool vgpu_settings_system(const char *name, const char *variable, char *text, size_t size);
void vgpu_settings_set_variable(const char *variable, const char *value);

/* vgpu_settings_mesa.c: those of this process, read once; and what Mesa knows by other names. */
const struct vgpu_settings *vgpu_settings(void);
void vgpu_settings_apply(void);

#endif /* VGPU_SETTINGS_H */
