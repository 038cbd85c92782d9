/* SPDX-License-Identifier: MIT */
/* Transfers outside of streams: for hosts whose streams have none, and for reading back at once. */
#include "vgpu_winsys.h"

static int
transfer(struct virgl_winsys *vws, struct virgl_hw_res *res, const struct pipe_box *box,
         uint32_t stride, uint32_t layer_stride, uint32_t offset, uint32_t level,
         uint32_t direction)
{
   struct vgpu_winsys *vgws = vgpu_winsys(vws);
   struct vgpu_transfer transfer = {
      .context_id = vgws->context_id,
      .resource_id = res->handle,
      .flags = direction | VGPU_TRANSFER_FENCE,
      .level = level,
      .x = box->x,
      .y = box->y,
      .z = box->z,
      .width = box->width,
      .height = box->height,
      .depth = box->depth,
      .stride = stride,
      .layer_stride = layer_stride,
      .offset = offset,
   };

   if (!res->handle || vgws->timeline.lost)
      return -1;
   if (!vgpu_winsys_check(vgws, vgpu_transfer(vgws->client, &transfer), "transfer"))
      return -1;
   vgpu_resource_used(res, transfer.fence_number);
   return 0;
}

static int
vgpu_transfer_put(struct virgl_winsys *vws, struct virgl_hw_res *res, const struct pipe_box *box,
                  uint32_t stride, uint32_t layer_stride, uint32_t offset, uint32_t level)
{
   return transfer(vws, res, box, stride, layer_stride, offset, level, VGPU_TRANSFER_TO_HOST);
}

static int
vgpu_transfer_get(struct virgl_winsys *vws, struct virgl_hw_res *res, const struct pipe_box *box,
                  uint32_t stride, uint32_t layer_stride, uint32_t offset, uint32_t level)
{
   return transfer(vws, res, box, stride, layer_stride, offset, level, VGPU_TRANSFER_FROM_HOST);
}

void
vgpu_transfer_init_functions(struct vgpu_winsys *vgws)
{
   vgws->base.transfer_put = vgpu_transfer_put;
   vgws->base.transfer_get = vgpu_transfer_get;
}
