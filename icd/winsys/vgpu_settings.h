/* SPDX-License-Identifier: MIT */
/*
 * What a user or an administrator can set (docs/settings.md): numbers, each by an environment
 * variable, or a DWORD of the user's, or of the machine's part of the registry; the first that is
 * there and in its range counts.
 */
#ifndef VGPU_SETTINGS_H
#define VGPU_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

struct vgpu_settings {
   bool has_swap_interval; /* instead of what programs ask for: */
   int swap_interval;
   bool present_waits; /* a swap returns when its own frame is shown */
};

/* Read once. */
const struct vgpu_settings *vgpu_settings(void);

#endif /* VGPU_SETTINGS_H */
