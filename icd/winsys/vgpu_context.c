/* SPDX-License-Identifier: MIT */
#include "vgpu_context.h"
#include "vgpu_readback.h"
#include "vgpu_winsys.h"

#include "virgl/virgl_screen.h"

static enum pipe_reset_status
get_device_reset_status(struct pipe_context *pipe)
{
   const struct vgpu_winsys *vgws = vgpu_winsys(virgl_screen(pipe->screen)->vws);

   if (!vgws->timeline.lost)
      return PIPE_NO_RESET;
   return p_atomic_read(&vgws->refused) ? PIPE_GUILTY_CONTEXT_RESET : PIPE_UNKNOWN_CONTEXT_RESET;
}

static struct pipe_context *
context_create(struct pipe_screen *screen, void *priv, unsigned flags)
{
   struct vgpu_winsys *vgws = vgpu_winsys(virgl_screen(screen)->vws);
   struct pipe_context *pipe = vgws->create_virgl_context(screen, priv, flags);

   if (!pipe)
      return NULL;
   pipe->flush_resource = vgpu_readback_queue;
   pipe->get_device_reset_status = get_device_reset_status;
   return pipe;
}

void
vgpu_context_init_screen(struct pipe_screen *screen)
{
   vgpu_winsys(virgl_screen(screen)->vws)->create_virgl_context = screen->context_create;
   screen->context_create = context_create;
   ((struct pipe_caps *)&screen->caps)->device_reset_status_query = true;
}
