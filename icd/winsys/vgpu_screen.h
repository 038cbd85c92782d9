/* SPDX-License-Identifier: MIT */
/* What virgl's screen says about itself, where the device or this product know better. */
#ifndef VGPU_SCREEN_H
#define VGPU_SCREEN_H

#include <stdint.h>

struct pipe_resource;
struct pipe_screen;
struct virgl_resource_params;

/* Limits of the device, the renderer's name, contexts with what vgpu_context.h adds. */
void vgpu_screen_init(struct pipe_screen *screen);

/* Bytes of a resource's contents. */
uint64_t vgpu_screen_bytes(const struct virgl_resource_params *params);

#endif /* VGPU_SCREEN_H */
