/* SPDX-License-Identifier: MIT */
/*
 * The window side on Linux. Frontends treat the screen as a software rasterizer's: a finished frame
 * is handed over in memory, which here is what the device wrote to.
 */
#include "vgpu_dri.h"
#include "vgpu_readback.h"
#include "vgpu_screen.h"
#include "vgpu_winsys.h"

#include "frontend/sw_winsys.h"
#include "virgl/virgl_public.h"

static void
flush_frontbuffer(struct pipe_screen *screen, struct pipe_context *pipe,
                  struct pipe_resource *buffer, unsigned level, unsigned layer, void *drawable,
                  unsigned num_boxes, struct pipe_box *boxes)
{
   struct sw_winsys *sws = screen->winsys_priv;
   struct sw_displaytarget *target;
   struct vgpu_image image;

   vgpu_readback_queue(pipe, buffer);
   pipe->flush(pipe, NULL, 0);
   if (!vgpu_image_begin(&image, buffer))
      return;
   if (!vgpu_image_wait(&image))
      goto end_image;
   target = sws->displaytarget_create_mapped(sws, buffer->bind, buffer->format, image.width,
                                             image.height, image.stride, (void *)image.pixels);
   if (!target)
      goto end_image;
   sws->displaytarget_display(sws, target, drawable, num_boxes, boxes);
   sws->displaytarget_destroy(sws, target);
end_image:
   vgpu_image_end(&image);
}

struct pipe_screen *
vgpu_dri_create_screen(struct sw_winsys *sws)
{
   struct virgl_winsys *vws = vgpu_winsys_create();
   struct pipe_screen *screen;

   if (!vws)
      return NULL;
   screen = virgl_create_screen(vws, NULL);
   if (!screen) {
      vws->destroy(vws);
      return NULL;
   }
   screen->winsys_priv = sws;
   screen->flush_frontbuffer = flush_frontbuffer;
   vgpu_screen_init(screen);
   return screen;
}
