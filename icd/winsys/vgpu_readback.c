/* SPDX-License-Identifier: MIT */
#include "vgpu_readback.h"
#include "vgpu_winsys.h"

#include <string.h>

#include "util/format/u_format.h"
#include "util/os_time.h"
#include "util/box.h"
#include "virgl/virgl_context.h"
#include "virgl/virgl_encode.h"
#include "virtio-gpu/virgl_protocol.h"
#include "virgl/virgl_resource.h"
#include "virgl/virgl_screen.h"

#define TRANSFER_DWORDS (VIRGL_TRANSFER3D_SIZE + 1)

/* Numbers that no image begins with. */
static uint64_t
unlikely_pixels(struct vgpu_winsys *vgws)
{
   static const uint64_t odd = UINT64_C(0x9e3779b97f4a7c15);

   return (p_atomic_inc_return(&vgws->next_tag) ^ os_time_get_nano()) * odd | 1;
}

/* Leaves a mark where the image is to come: a host that refuses a stream says so to nobody, but the
 * mark stays. */
static void
leave_mark(struct vgpu_winsys *vgws, struct virgl_hw_res *hw_res)
{
   hw_res->mark[0] = hw_res->mark[1] = 0;
   if (vgpu_device_lost(hw_res->device) || hw_res->block->size < sizeof(hw_res->mark))
      return;
   hw_res->mark[0] = unlikely_pixels(vgws);
   hw_res->mark[1] = unlikely_pixels(vgws);
   memcpy(hw_res->block->ptr, hw_res->mark, sizeof(hw_res->mark));
}

void
vgpu_readback_queue(struct pipe_context *pipe, struct pipe_resource *resource)
{
   struct virgl_context *vctx = virgl_context(pipe);
   struct virgl_screen *vs = virgl_screen(pipe->screen);
   struct virgl_hw_res *hw_res = virgl_resource(resource)->hw_res;
   struct virgl_transfer xfer = {
      .base = { .resource = resource, .usage = PIPE_MAP_READ },
      .hw_res = hw_res,
   };

   if (!(resource->bind & PIPE_BIND_DISPLAY_TARGET) || !hw_res->block ||
       !(vs->caps.caps.v2.capability_bits & VIRGL_CAP_TRANSFER))
      return;
   if (vctx->cbuf->cdw + TRANSFER_DWORDS > VIRGL_MAX_CMDBUF_DWORDS)
      pipe->flush(pipe, NULL, 0);
   u_box_2d(0, 0, resource->width0, resource->height0, &xfer.base.box);
   virgl_encode_transfer(vs, vctx->cbuf, &xfer, VIRGL_TRANSFER_FROM_HOST);
   leave_mark(vgpu_winsys(vs->vws), hw_res);
   p_atomic_set(&hw_res->readback_queued, true);
}

bool
vgpu_image_begin(struct vgpu_image *image, struct pipe_resource *resource)
{
   struct vgpu_winsys *vgws = vgpu_winsys(virgl_screen(resource->screen)->vws);
   struct virgl_hw_res *hw_res = virgl_resource(resource)->hw_res;
   const uint32_t stride = util_format_get_stride(resource->format, resource->width0);
   struct pipe_box box;

   if (!hw_res->block || vgpu_device_lost(hw_res->device))
      return false;
   if (!p_atomic_xchg(&hw_res->readback_queued, false) ||
       p_atomic_read(&hw_res->num_cs_references) > 0) {
      leave_mark(vgws, hw_res);
      u_box_2d(0, 0, resource->width0, resource->height0, &box);
      if (vgws->base.transfer_get(&vgws->base, hw_res, &box, stride, 0, 0, 0))
         return false;
   }
   *image = (struct vgpu_image){
      .pixels = hw_res->block->ptr,
      .stride = stride,
      .width = resource->width0,
      .height = resource->height0,
      .format = resource->format,
      .vgws = vgws,
      .device = hw_res->device,
      .fence = p_atomic_read(&hw_res->last_use),
      .mark = { hw_res->mark[0], hw_res->mark[1] },
   };
   vgpu_device_use(image->device);
   vgpu_resource_reference(&vgws->base, &image->res, hw_res);
   return true;
}

bool
vgpu_image_wait(struct vgpu_image *image)
{
   vgpu_device_wait(image->device, image->fence, VGPU_TIMEOUT_INFINITE);
   if (vgpu_device_lost(image->device))
      return false;
   if (image->mark[0] && memcmp(image->pixels, image->mark, sizeof(image->mark)) == 0) {
      vgpu_device_refused(image->device, "a frame has no image");
      return false;
   }
   return true;
}

void
vgpu_image_end(struct vgpu_image *image)
{
   vgpu_resource_reference(&image->vgws->base, &image->res, NULL);
   vgpu_device_unuse(image->device);
}
