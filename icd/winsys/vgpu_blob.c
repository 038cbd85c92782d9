/* SPDX-License-Identifier: MIT */
#include "vgpu_blob.h"
#include "vgpu_winsys.h"

#include "virtio-gpu/virgl_protocol.h"
#include "virtio_gpu.h"

#define BOTH_FLAGS (VIRGL_RESOURCE_FLAG_MAP_PERSISTENT | VIRGL_RESOURCE_FLAG_MAP_COHERENT)

bool
vgpu_blob_supported(const struct vgpu_winsys *vgws)
{
   const uint32_t needed = VGPU_CAP_BLOB | VGPU_CAP_HOST_VISIBLE;

   return (vgws->info.capabilities & needed) == needed;
}

bool
vgpu_blob_wanted(const struct virgl_resource_params *params)
{
   return params->target == PIPE_BUFFER && params->flags & BOTH_FLAGS;
}

/* Describes the blob to hosts that do not take that from the request: a stream before it. */
static enum vgpu_result
describe(struct vgpu_device *device, const struct vgpu_resource_create_blob *create)
{
   const uint32_t stream[VIRGL_PIPE_RES_CREATE_SIZE + 1] = {
      [0] = VIRGL_CMD0(VIRGL_CCMD_PIPE_RESOURCE_CREATE, 0, VIRGL_PIPE_RES_CREATE_SIZE),
      [VIRGL_PIPE_RES_CREATE_TARGET] = create->template_target,
      [VIRGL_PIPE_RES_CREATE_FORMAT] = create->template_format,
      [VIRGL_PIPE_RES_CREATE_BIND] = create->template_bind,
      [VIRGL_PIPE_RES_CREATE_WIDTH] = create->template_width,
      [VIRGL_PIPE_RES_CREATE_HEIGHT] = create->template_height,
      [VIRGL_PIPE_RES_CREATE_DEPTH] = create->template_depth,
      [VIRGL_PIPE_RES_CREATE_ARRAY_SIZE] = create->template_array_size,
      [VIRGL_PIPE_RES_CREATE_LAST_LEVEL] = create->template_last_level,
      [VIRGL_PIPE_RES_CREATE_NR_SAMPLES] = create->template_nr_samples,
      [VIRGL_PIPE_RES_CREATE_FLAGS] = create->template_flags,
      [VIRGL_PIPE_RES_CREATE_BLOB_ID] = (uint32_t)create->blob_id,
   };
   struct vgpu_submit_copy submit = {
      .context_id = device->context_id,
      .address = (uintptr_t)stream,
      .size = sizeof(stream),
   };

   return vgpu_submit_copy(device->client, &submit);
}

enum vgpu_result
vgpu_blob_create(struct vgpu_winsys *vgws, struct virgl_hw_res *res,
                 const struct virgl_resource_params *params)
{
   const uint64_t size = ALIGN_POT((uint64_t)params->size, VGPU_PAGE_SIZE);
   struct vgpu_device *device = res->device;
   struct vgpu_resource_create_blob create = {
      .blob_mem = VIRTIO_GPU_BLOB_MEM_HOST3D,
      .blob_flags = VIRTIO_GPU_BLOB_FLAG_USE_MAPPABLE,
      .blob_id = p_atomic_inc_return(&vgws->last_blob_id),
      .size = size,
      .context_id = device->context_id,
      .template_format = pipe_to_virgl_format(params->format),
      .template_bind = params->bind,
      .template_target = params->target,
      .template_width = size,
      .template_height = params->height,
      .template_depth = params->depth,
      .template_array_size = params->array_size,
      .template_flags = BOTH_FLAGS, /* hosts map only what has both */
   };
   struct vgpu_resource_map map = { 0 };
   enum vgpu_result result = VGPU_OK;

   if (!(vgws->info.capabilities & VGPU_CAP_BLOB_TEMPLATE))
      result = describe(device, &create);
   if (result == VGPU_OK)
      result = vgpu_resource_create_blob(device->client, &create);
   if (result != VGPU_OK)
      return result;
   map.resource_id = create.resource_id;
   result = vgpu_resource_map(device->client, &map);
   if (result == VGPU_OK && map.size < params->size) {
      vgpu_resource_unmap(device->client, create.resource_id);
      result = VGPU_FAILED;
   }
   if (result != VGPU_OK) {
      vgpu_resource_destroy(device->client, create.resource_id);
      return result;
   }
   res->handle = create.resource_id;
   res->map = (void *)(uintptr_t)map.address;
   return VGPU_OK;
}
