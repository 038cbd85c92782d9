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
   p_atomic_set(&hw_res->readback_queued, true);
}

const void *
vgpu_readback_pixels(struct pipe_resource *resource, uint32_t *stride)
{
   struct vgpu_winsys *vgws = vgpu_winsys(virgl_screen(resource->screen)->vws);
   struct virgl_hw_res *hw_res = virgl_resource(resource)->hw_res;
   struct pipe_box box;

   if (!hw_res->block)
      return NULL;
   *stride = util_format_get_stride(resource->format, resource->width0);
   if (!p_atomic_xchg(&hw_res->readback_queued, false) ||
       p_atomic_read(&hw_res->num_cs_references) > 0) {
      u_box_2d(0, 0, resource->width0, resource->height0, &box);
      if (vgws->base.transfer_get(&vgws->base, hw_res, &box, *stride, 0, 0, 0))
         return NULL;
   }
   if (!vgpu_resource_wait_idle(vgws, hw_res))
      return NULL;
   if (hw_res->marked && memcmp(hw_res->block->ptr, hw_res->mark, sizeof(hw_res->mark)) == 0) {
      vgpu_winsys_refused(vgws, "a frame has no image");
      return NULL;
   }
   hw_res->marked = false;
   return hw_res->block->ptr;
}

/* Numbers that no image begins with. */
static uint64_t
unlikely_pixels(struct vgpu_winsys *vgws)
{
   static const uint64_t odd = UINT64_C(0x9e3779b97f4a7c15);

   return (p_atomic_inc_return(&vgws->next_tag) ^ os_time_get_nano()) * odd;
}

void
vgpu_readback_done(struct pipe_resource *resource)
{
   struct vgpu_winsys *vgws = vgpu_winsys(virgl_screen(resource->screen)->vws);
   const struct virgl_resource *vres = virgl_resource(resource);
   struct virgl_hw_res *hw_res = vres->hw_res;

   /* Not when virgl takes the backing for what is in the texture. */
   if (!hw_res->block || vres->clean_mask & 1 || vgws->timeline.lost ||
       hw_res->block->size < sizeof(hw_res->mark))
      return;
   hw_res->mark[0] = unlikely_pixels(vgws);
   hw_res->mark[1] = unlikely_pixels(vgws);
   memcpy(hw_res->block->ptr, hw_res->mark, sizeof(hw_res->mark));
   hw_res->marked = true;
}
