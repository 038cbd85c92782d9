/* SPDX-License-Identifier: MIT */
/* Transfers outside of streams: for hosts whose streams have none, and for reading back at once. */
#include "vgpu_winsys.h"

#include "util/os_time.h"

/* virgl fetches a query's result again when it is not there although the stream is done. On hosts
 * that carry on it comes soon; on one that refused the stream it never does. */
static bool
is_overdue(const struct vgpu_winsys *vgws, struct virgl_hw_res *res)
{
   const int64_t now = os_time_get();
   const int64_t since = p_atomic_read(&res->polled_since);

   if (!since)
      p_atomic_set(&res->polled_since, now);
   return since && now - since > vgws->info.timeout_ms * INT64_C(1000);
}

static int
transfer(struct virgl_winsys *vws, struct virgl_hw_res *res, const struct pipe_box *box,
         uint32_t stride, uint32_t layer_stride, uint32_t offset, uint32_t level,
         uint32_t direction)
{
   struct vgpu_winsys *vgws = vgpu_winsys(vws);
   struct vgpu_device *device = res->device;
   struct vgpu_transfer transfer = {
      .context_id = device->context_id,
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

   if (res->bind == VIRGL_BIND_CUSTOM && direction == VGPU_TRANSFER_FROM_HOST &&
       !p_atomic_read(&res->dropped) && is_overdue(vgws, res))
      vgpu_device_refused(device, "a query has no result");
   if (!res->handle || vgpu_device_lost(device))
      return -1;
   if (!vgpu_device_check(device, vgpu_transfer(device->client, &transfer), "transfer"))
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
