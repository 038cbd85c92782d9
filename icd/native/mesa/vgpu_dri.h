/* SPDX-License-Identifier: MIT */
/* What Mesa's dri target calls: the native stack's side of the window system. */
#ifndef VGPU_DRI_H
#define VGPU_DRI_H

struct pipe_screen;
struct sw_winsys;

/* NULL when there is no usable device. sws: how images get into windows, as for a software
 * rasterizer; it must outlive the screen. */
struct pipe_screen *vgpu_dri_create_screen(struct sw_winsys *sws);

#endif /* VGPU_DRI_H */
