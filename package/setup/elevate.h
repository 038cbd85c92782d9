/* SPDX-License-Identifier: MIT */
/* elevate.h - administrators' rights. */
#ifndef VGPU_SETUP_ELEVATE_H
#define VGPU_SETUP_ELEVATE_H

#include <stdbool.h>

#include <windows.h>

bool is_elevated(void);
/* Starts this program again with the same arguments, after Windows has asked the user, and waits for it; its exit
 * status. False: the user declined. */
bool run_elevated(DWORD *status);

#endif /* VGPU_SETUP_ELEVATE_H */
