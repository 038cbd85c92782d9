/* SPDX-License-Identifier: MIT */
/* Putting images into a window of the window system, at the pace of its screen. */
#ifndef VGPU_WINDOW_H
#define VGPU_WINDOW_H

#include <windows.h>

#include <stdbool.h>
#include <stdint.h>

struct vgpu_image;
struct vgpu_window;

struct vgpu_window *vgpu_window_create(HWND handle); /* NULL when out of memory */
void vgpu_window_destroy(struct vgpu_window *window);

/* Waits until the next image may be shown; interval as vgpu_pacer_due has it. */
void vgpu_window_pace(struct vgpu_window *window, int interval);

/* Nothing happens when the window is gone. */
void vgpu_window_show(struct vgpu_window *window, const struct vgpu_image *image);

/* The same on any device context. False when out of memory. */
bool vgpu_window_draw(HDC hdc, const struct vgpu_image *image);

struct vgpu_counters;
/* Of all windows. */
void vgpu_window_counters(struct vgpu_counters *counters);

#endif /* VGPU_WINDOW_H */
