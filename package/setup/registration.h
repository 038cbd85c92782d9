/* SPDX-License-Identifier: MIT */
/*
 * registration.h - how Windows learns of an OpenGL driver. opengl32.dll asks the display adapter, whose class key may
 * name one (OpenGLDriverName, for 32-bit programs OpenGLDriverNameWow); if it names none, OpenGLDrivers\MSOGL counts,
 * of which each bitness has its own (Microsoft, "Loading an OpenGL Installable Client Driver"). vgpu-info reads the
 * same.
 */
#ifndef VGPU_SETUP_REGISTRATION_H
#define VGPU_SETUP_REGISTRATION_H

#include "state.h"

#define DRIVER_64 L"MvisorVGPUx64.dll"
#define DRIVER_32 L"MvisorVGPUx86.dll"

/* Appends MSOGL of both bitnesses, and every display adapter that names no driver, or ours. False: out of memory. */
bool registration_plan(struct state_list *plan);
/* Appends a key with those above it, but for the first two. False: out of memory. */
bool registration_plan_key(struct state_list *plan, const WCHAR *name);
/* Whether a key (as state.h names it) registers another OpenGL driver than ours. */
bool registration_is_others(const WCHAR *key);

#endif /* VGPU_SETUP_REGISTRATION_H */
