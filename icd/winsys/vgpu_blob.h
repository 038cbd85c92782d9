/* SPDX-License-Identifier: MIT */
/*
 * Buffers in the host's memory, mapped into the process: what GL_ARB_buffer_storage's persistent
 * and coherent mappings need. Nothing is ever transferred; both sides read and write the same
 * bytes.
 */
#ifndef VGPU_BLOB_H
#define VGPU_BLOB_H

#include <stdbool.h>
#include <stdint.h>

#include "vgpu_client.h"

struct vgpu_winsys;
struct virgl_hw_res;
struct virgl_resource_params;

/* The device can do it. */
bool vgpu_blob_supported(const struct vgpu_winsys *vgws);

/* Whether a resource has to be one. */
bool vgpu_blob_wanted(const struct virgl_resource_params *params);

/* Makes and maps it: res->handle and res->map. A host that refuses shows when it is mapped, so it
 * is mapped at once. On failure res is as before. */
enum vgpu_result vgpu_blob_create(struct vgpu_winsys *vgws, struct virgl_hw_res *res,
                                  const struct virgl_resource_params *params);

#endif /* VGPU_BLOB_H */
