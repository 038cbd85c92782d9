/* SPDX-License-Identifier: MIT */
/*
 * Bringing what was rendered back into the process, to show it.
 *
 * The copy is asked for in the same stream as the frame's last drawing, so that a frame costs one
 * submit and one wait.
 */
#ifndef VGPU_READBACK_H
#define VGPU_READBACK_H

#include <stdint.h>

struct pipe_context;
struct pipe_resource;

/* Adds the copy to the context's stream, if the resource is one that can be shown; else does
 * nothing. */
void vgpu_readback_queue(struct pipe_context *pipe, struct pipe_resource *resource);

/* The pixels of level 0, rows from the top, *stride bytes apart. Waits until they are there. Valid
 * until the resource is used again. NULL when the device is lost, or the host has refused what was
 * to draw them. */
const void *vgpu_readback_pixels(struct pipe_resource *resource, uint32_t *stride);

/* The pixels have been shown. Leaves a mark where the next image is to come: a host that refuses a
 * stream says so to nobody, but the mark stays. */
void vgpu_readback_done(struct pipe_resource *resource);

#endif /* VGPU_READBACK_H */
