/* SPDX-License-Identifier: MIT */
/*
 * Bringing what was rendered back into the process, to show it.
 *
 * The copy is asked for in the same stream as the frame's last drawing, so that a frame costs one
 * submit and one wait. An image is that copy, on its way or there; any thread may wait for it.
 */
#ifndef VGPU_READBACK_H
#define VGPU_READBACK_H

#include <stdbool.h>
#include <stdint.h>

#include "util/format/u_formats.h"

struct pipe_context;
struct pipe_resource;
struct virgl_hw_res;
struct vgpu_device;
struct vgpu_winsys;

struct vgpu_image {
   const void *pixels; /* rows from the top, stride bytes apart; valid when waited for */
   uint32_t stride, width, height;
   enum pipe_format format;
   /* private */
   struct vgpu_winsys *vgws;
   struct vgpu_device *device; /* which it uses */
   struct virgl_hw_res *res;   /* to which it has a reference */
   uint64_t fence;
   uint64_t mark[2]; /* 0: none */
};

/* Adds the copy to the context's stream, if the resource is one that can be shown; else does
 * nothing. No earlier image of the resource may be waiting to be shown. */
void vgpu_readback_queue(struct pipe_context *pipe, struct pipe_resource *resource);

/* The image of level 0; asks for the copy when no stream has done that. Until the image is ended
 * nobody may ask for another copy of the resource. False when the device is lost. */
bool vgpu_image_begin(struct vgpu_image *image, struct pipe_resource *resource);

/* False when the device is lost, or the host has refused what was to draw it. */
bool vgpu_image_wait(struct vgpu_image *image);

void vgpu_image_end(struct vgpu_image *image);

#endif /* VGPU_READBACK_H */
