/* SPDX-License-Identifier: MIT */
#include "vgpu_context.h"
#include "vgpu_readback.h"
#include "vgpu_surfaces.h"
#include "vgpu_winsys.h"

#include "util/list.h"
#include "util/u_memory.h"
#include "virgl/virgl_context.h"
#include "virgl/virgl_resource.h"
#include "virgl/virgl_screen.h"

static enum pipe_reset_status
get_device_reset_status(struct pipe_context *pipe)
{
   const struct vgpu_device *device = vgpu_cmd_buf_device(virgl_context(pipe)->cbuf);

   if (!vgpu_device_lost(device))
      return PIPE_NO_RESET;
   return p_atomic_read(&device->refused) ? PIPE_GUILTY_CONTEXT_RESET : PIPE_UNKNOWN_CONTEXT_RESET;
}

/* The resource lives until the stream that is being written is submitted. */
static struct vgpu_winsys *
keep(struct pipe_context *pipe, struct pipe_resource *resource)
{
   struct virgl_winsys *vws = virgl_screen(pipe->screen)->vws;

   if (resource)
      vws->emit_res(vws, virgl_context(pipe)->cbuf, virgl_resource(resource)->hw_res, false);
   return vgpu_winsys(vws);
}

/* An object that names a resource ends before the resource does, for hosts that make both again
 * from what they have recorded: virgl only notes the object's end in a stream, but drops the
 * resource at once. */
static void
sampler_view_destroy(struct pipe_context *pipe, struct pipe_sampler_view *view)
{
   keep(pipe, view->texture)->sampler_view_destroy(pipe, view);
}

static void
surface_destroy(struct pipe_context *pipe, struct pipe_surface *surface)
{
   keep(pipe, surface->texture)->surface_destroy(pipe, surface);
}

static void
stream_output_target_destroy(struct pipe_context *pipe, struct pipe_stream_output_target *target)
{
   keep(pipe, target->buffer)->stream_output_target_destroy(pipe, target);
}

/* What a context has beside virgl's. */
struct vgpu_context {
   struct list_head link;
   struct pipe_context *pipe;
   struct vgpu_surfaces surfaces;
};

static struct vgpu_context *
context_of(struct pipe_context *pipe)
{
   struct vgpu_winsys *vgws = vgpu_winsys(virgl_screen(pipe->screen)->vws);
   struct vgpu_context *found = NULL;

   simple_mtx_lock(&vgws->lock);
   list_for_each_entry(struct vgpu_context, context, &vgws->contexts, link)
   {
      if (context->pipe == pipe)
         found = context;
   }
   simple_mtx_unlock(&vgws->lock);
   return found;
}

static struct pipe_surface *
create_surface(struct pipe_context *pipe, struct pipe_resource *texture,
               const struct pipe_surface *templ)
{
   struct vgpu_winsys *vgws = vgpu_winsys(virgl_screen(pipe->screen)->vws);
   struct vgpu_surfaces *surfaces = &context_of(pipe)->surfaces;
   struct pipe_surface *surface = vgpu_surfaces_find(surfaces, texture, templ);

   if (surface)
      return surface;
   surface = vgws->create_surface(pipe, texture, templ);
   if (surface)
      vgpu_surfaces_add(surfaces, surface);
   return surface;
}

static void
copied(struct pipe_context *pipe, struct pipe_resource *to, struct pipe_resource *from)
{
   vgpu_resource_copied(vgpu_winsys(virgl_screen(pipe->screen)->vws), virgl_resource(to)->hw_res,
                        virgl_resource(from)->hw_res);
}

static void
resource_copy_region(struct pipe_context *pipe, struct pipe_resource *to, unsigned to_level,
                     unsigned x, unsigned y, unsigned z, struct pipe_resource *from,
                     unsigned from_level, const struct pipe_box *box)
{
   struct vgpu_winsys *vgws = vgpu_winsys(virgl_screen(pipe->screen)->vws);

   vgws->resource_copy_region(pipe, to, to_level, x, y, z, from, from_level, box);
   copied(pipe, to, from);
}

static void
blit(struct pipe_context *pipe, const struct pipe_blit_info *info)
{
   vgpu_winsys(virgl_screen(pipe->screen)->vws)->blit(pipe, info);
   copied(pipe, info->dst.resource, info->src.resource);
}

static bool
has_nothing_to_flush(const struct virgl_context *vctx)
{
   return vctx->cbuf->cdw == vctx->cbuf_initial_cdw && vctx->queue.num_dwords == 0;
}

/* A fence behind all that the context has submitted. */
static struct pipe_fence_handle *
last_fence(const struct virgl_context *vctx)
{
   uint64_t number = vgpu_cmd_buf_last_fence(vctx->cbuf);

   if (vctx->queue.tbuf)
      number = MAX2(number, vgpu_cmd_buf_last_fence(vctx->queue.tbuf));
   return vgpu_fence_create(vgpu_cmd_buf_device(vctx->cbuf), number);
}

static void
flush(struct pipe_context *pipe, struct pipe_fence_handle **fence, unsigned flags)
{
   struct vgpu_winsys *vgws = vgpu_winsys(virgl_screen(pipe->screen)->vws);
   const struct virgl_context *vctx = virgl_context(pipe);

   vgpu_surfaces_purge(&context_of(pipe)->surfaces);
   if (fence && has_nothing_to_flush(vctx)) {
      vgws->base.fence_reference(&vgws->base, fence, NULL);
      *fence = last_fence(vctx);
   } else {
      vgws->flush(pipe, fence, flags);
   }
   if (flags & PIPE_FLUSH_HINT_FINISH && vgws->finish_frames)
      vgws->finish_frames();
}

static void
destroy(struct pipe_context *pipe)
{
   struct vgpu_winsys *vgws = vgpu_winsys(virgl_screen(pipe->screen)->vws);
   struct vgpu_context *context = context_of(pipe);

   vgpu_surfaces_clear(&context->surfaces);
   pipe->flush = vgws->flush;
   simple_mtx_lock(&vgws->lock);
   list_del(&context->link);
   simple_mtx_unlock(&vgws->lock);
   FREE(context);
   vgws->destroy_context(pipe);
}

/* Puts our functions in the place of virgl's. */
static void
wrap(struct vgpu_winsys *vgws, struct pipe_context *pipe)
{
   vgws->create_surface = pipe->create_surface;
   vgws->resource_copy_region = pipe->resource_copy_region;
   vgws->blit = pipe->blit;
   vgws->flush = pipe->flush;
   vgws->destroy_context = pipe->destroy;
   vgws->sampler_view_destroy = pipe->sampler_view_destroy;
   vgws->surface_destroy = pipe->surface_destroy;
   vgws->stream_output_target_destroy = pipe->stream_output_target_destroy;
   pipe->flush_resource = vgpu_readback_queue;
   pipe->get_device_reset_status = get_device_reset_status;
   pipe->create_surface = create_surface;
   pipe->resource_copy_region = resource_copy_region;
   pipe->blit = blit;
   pipe->flush = flush;
   pipe->destroy = destroy;
   pipe->sampler_view_destroy = sampler_view_destroy;
   pipe->surface_destroy = surface_destroy;
   pipe->stream_output_target_destroy = stream_output_target_destroy;
}

static struct pipe_context *
context_create(struct pipe_screen *screen, void *priv, unsigned flags)
{
   struct vgpu_winsys *vgws = vgpu_winsys(virgl_screen(screen)->vws);
   struct vgpu_context *context = CALLOC_STRUCT(vgpu_context);

   if (!context)
      return NULL;
   if (!vgpu_winsys_revive(vgws)) {
      FREE(context);
      return NULL;
   }
   context->pipe = vgws->create_virgl_context(screen, priv, flags);
   if (!context->pipe) {
      FREE(context);
      return NULL;
   }
   simple_mtx_lock(&vgws->lock);
   list_addtail(&context->link, &vgws->contexts);
   wrap(vgws, context->pipe);
   simple_mtx_unlock(&vgws->lock);
   return context->pipe;
}

void
vgpu_context_init_screen(struct pipe_screen *screen)
{
   vgpu_winsys(virgl_screen(screen)->vws)->create_virgl_context = screen->context_create;
   screen->context_create = context_create;
   ((struct pipe_caps *)&screen->caps)->device_reset_status_query = true;
}
