/* SPDX-License-Identifier: MIT */
#include "vgpu_blob.h"
#include "vgpu_screen.h"
#include "vgpu_winsys.h"

#include "util/format/u_format.h"
#include "util/u_memory.h"
#include "virtio-gpu/virgl_protocol.h"

/* The backing that a resource needs, in bytes. virgl says 0 for multisampled textures and 1 for
 * textures that it only reaches through staging buffers. Those get that byte, because hosts since
 * virglrenderer 1.0.1 refuse to copy from a texture without any backing; what is multisampled is
 * never copied. What is shown in a window is read back to its own backing. */
static uint64_t
backing_size(const struct virgl_resource_params *params)
{
   if (params->target == PIPE_BUFFER || params->size > 1)
      return params->size;
   if (params->nr_samples > 1)
      return 0;
   if (params->bind & VIRGL_BIND_DISPLAY_TARGET)
      return (uint64_t)util_format_get_stride(params->format, params->width) *
             util_format_get_nblocksy(params->format, params->height);
   return params->size;
}

static enum vgpu_result
create_on_host(struct vgpu_winsys *vgws, struct virgl_hw_res *res,
               const struct virgl_resource_params *params, uint64_t size)
{
   struct vgpu_resource_create create = {
      .target = params->target,
      .format = pipe_to_virgl_format(params->format),
      .bind = params->bind,
      .width = params->width,
      .height = params->height,
      .depth = params->depth,
      .array_size = params->array_size,
      .last_level = params->last_level,
      .nr_samples = params->nr_samples,
      .context_id = vgws->context_id,
   };
   enum vgpu_result result;

   if (res->block && !res->block->memory_id)
      return VGPU_GONE;
   if (res->block) {
      create.backing.memory_id = res->block->memory_id;
      create.backing.offset = res->block->offset;
      create.backing.size = size;
   }
   result = vgpu_resource_create(vgws->client, &create);
   if (result == VGPU_OK)
      res->handle = create.resource_id;
   return result;
}

/* Waits until the host has done what was asked for so far. */
static void
settle(struct vgpu_winsys *vgws)
{
   struct vgpu_submit fence_alone = { .context_id = vgws->context_id, .flags = VGPU_SUBMIT_FENCE };

   if (!vgws->timeline.lost &&
       vgpu_winsys_check(vgws, vgpu_submit(vgws->client, &fence_alone), "fence"))
      vgpu_winsys_wait(vgws, fence_alone.fence_number, VGPU_TIMEOUT_INFINITE);
}

/* False when there is no memory, or the device can take no resource of that size. virgl counts a
 * texture's bytes in 32 bits: one that has more is refused, for its backing would be too small. */
static bool
back(struct vgpu_winsys *vgws, struct virgl_hw_res *res, const struct virgl_resource_params *params,
     uint64_t size)
{
   if (size > vgws->max_resource ||
       (params->target != PIPE_BUFFER && vgpu_screen_bytes(params) > UINT32_MAX))
      return false;
   if (!size)
      return true;
   simple_mtx_lock(&vgws->lock);
   res->block = vgpu_pool_alloc(&vgws->pool, size);
   simple_mtx_unlock(&vgws->lock);
   return res->block;
}

static struct virgl_hw_res *
resource_new(struct vgpu_winsys *vgws, const struct virgl_resource_params *params)
{
   const bool is_blob = vgpu_blob_wanted(params) && !vgws->timeline.lost;
   const uint64_t size = is_blob ? 0 : backing_size(params);
   struct virgl_hw_res *res = CALLOC_STRUCT(virgl_hw_res);
   enum vgpu_result result;

   if (!res)
      return NULL;
   pipe_reference_init(&res->reference, 1);
   virgl_resource_cache_entry_init(&res->cache_entry, *params);
   res->age = p_atomic_inc_return(&vgws->last_age);
   res->bind = params->bind;
   res->size = params->size;
   if (!back(vgws, res, params, size))
      goto fail;
   if (vgws->timeline.lost)
      result = VGPU_GONE;
   else if (is_blob)
      result = vgpu_blob_create(vgws, res, params);
   else
      result = create_on_host(vgws, res, params, size);
   if (!vgpu_winsys_check(vgws, result, "resource create") && !vgws->timeline.lost)
      goto fail;
   /* The host fills the backing of such a buffer when it is attached: nobody may write to it before
    * that. */
   if (params->target == PIPE_BUFFER && params->bind & VIRGL_BIND_CUSTOM && res->block &&
       res->handle)
      settle(vgws);
   return res;

fail:
   simple_mtx_lock(&vgws->lock);
   vgpu_resource_destroy_locked(vgws, res);
   simple_mtx_unlock(&vgws->lock);
   return NULL;
}

static struct virgl_hw_res *
vgpu_resource_create_cached(struct virgl_winsys *vws, enum pipe_texture_target target,
                            const void *map_front_private, uint32_t format, uint32_t bind,
                            uint32_t width, uint32_t height, uint32_t depth, uint32_t array_size,
                            uint32_t last_level, uint32_t nr_samples, uint32_t flags, uint32_t size)
{
   struct vgpu_winsys *vgws = vgpu_winsys(vws);
   const struct virgl_resource_params params = {
      .size = size,
      .bind = bind,
      .format = format,
      .flags = flags,
      /* The wgl frontend says 1 for "not multisampled", the host 0. */
      .nr_samples = nr_samples <= 1 ? 0 : nr_samples,
      .width = width,
      .height = height,
      .depth = depth,
      .array_size = array_size,
      .last_level = last_level,
      .target = target,
   };
   struct virgl_resource_cache_entry *entry = NULL;
   struct virgl_hw_res *res;

   if (vgpu_resource_can_cache(bind) && !vgws->timeline.lost) {
      simple_mtx_lock(&vgws->lock);
      entry = virgl_resource_cache_remove_compatible(&vgws->cache, params);
      simple_mtx_unlock(&vgws->lock);
   }
   if (entry) {
      res = vgpu_resource_of_entry(entry);
      pipe_reference_init(&res->reference, 1);
      res->age = p_atomic_inc_return(&vgws->last_age);
      return res;
   }

   res = resource_new(vgws, &params);
   if (!res) {
      /* Out of memory: what the cache keeps may be what is missing, and what was dropped counts
       * until the host has dropped it, too. */
      simple_mtx_lock(&vgws->lock);
      virgl_resource_cache_flush(&vgws->cache);
      simple_mtx_unlock(&vgws->lock);
      settle(vgws);
      res = resource_new(vgws, &params);
   }
   return res;
}

/* virgl looks at a query's result until it is there. On a lost device it is there, and 0. */
static void
end_query(struct virgl_hw_res *res)
{
   struct virgl_host_query_state *state = res->block->ptr;

   state->result_size = sizeof(state->result);
   state->result = 0;
   state->query_state = VIRGL_QUERY_STATE_DONE;
}

static void *
vgpu_resource_map_memory(struct virgl_winsys *vws, struct virgl_hw_res *res)
{
   if (res->map)
      return res->map;
   if (!res->block)
      return NULL;
   if (res->bind == VIRGL_BIND_CUSTOM && vgpu_winsys(vws)->timeline.lost &&
       res->block->size >= sizeof(struct virgl_host_query_state))
      end_query(res);
   return res->block->ptr;
}

bool
vgpu_resource_wait_idle(struct vgpu_winsys *vgws, struct virgl_hw_res *res)
{
   vgpu_winsys_wait(vgws, p_atomic_read(&res->last_use), VGPU_TIMEOUT_INFINITE);
   return !vgws->timeline.lost;
}

static void
vgpu_resource_wait(struct virgl_winsys *vws, struct virgl_hw_res *res)
{
   vgpu_resource_wait_idle(vgpu_winsys(vws), res);
}

static bool
vgpu_resource_is_busy(struct virgl_winsys *vws, struct virgl_hw_res *res)
{
   return !vgpu_timeline_done(&vgpu_winsys(vws)->timeline, p_atomic_read(&res->last_use));
}

static uint32_t
vgpu_resource_get_storage_size(struct virgl_winsys *vws, struct virgl_hw_res *res)
{
   return res->size;
}

/* Nothing is shared between processes. */
static struct virgl_hw_res *
vgpu_resource_from_handle(struct virgl_winsys *vws, struct winsys_handle *whandle,
                          struct pipe_resource *templ, uint32_t *plane, uint32_t *stride,
                          uint32_t *plane_offset, uint64_t *modifier, uint32_t *blob_mem)
{
   return NULL;
}

static bool
vgpu_resource_get_handle(struct virgl_winsys *vws, struct virgl_hw_res *res, uint32_t stride,
                         struct winsys_handle *whandle)
{
   return false;
}

void
vgpu_resource_init_functions(struct vgpu_winsys *vgws)
{
   vgws->base.resource_create = vgpu_resource_create_cached;
   vgws->base.resource_reference = vgpu_resource_reference;
   vgws->base.resource_map = vgpu_resource_map_memory;
   vgws->base.resource_wait = vgpu_resource_wait;
   vgws->base.resource_is_busy = vgpu_resource_is_busy;
   vgws->base.resource_get_storage_size = vgpu_resource_get_storage_size;
   vgws->base.resource_create_from_handle = vgpu_resource_from_handle;
   vgws->base.resource_get_handle = vgpu_resource_get_handle;
}
