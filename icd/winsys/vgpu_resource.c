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
create_on_host(struct virgl_hw_res *res, const struct virgl_resource_params *params, uint64_t size)
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
      .context_id = res->device->context_id,
   };
   enum vgpu_result result;

   if (res->block && !res->block->memory_id)
      return VGPU_GONE;
   if (res->block) {
      create.backing.memory_id = res->block->memory_id;
      create.backing.offset = res->block->offset;
      create.backing.size = size;
   }
   result = vgpu_resource_create(res->device->client, &create);
   if (result == VGPU_OK)
      res->handle = create.resource_id;
   return result;
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
   simple_mtx_lock(&res->device->lock);
   res->block = vgpu_pool_alloc(&res->device->pool, size);
   simple_mtx_unlock(&res->device->lock);
   return res->block;
}

/* On res->device: block, map, handle, as far as they are wanted. A lost device gives plain memory.
 * On failure the caller destroys the resource. */
static bool
make(struct vgpu_winsys *vgws, struct virgl_hw_res *res, const struct virgl_resource_params *params)
{
   struct vgpu_device *device = res->device;
   const bool is_blob = vgpu_blob_wanted(params) && !vgpu_device_lost(device);
   const uint64_t size = is_blob ? 0 : backing_size(params);
   enum vgpu_result result;

   if (!back(vgws, res, params, size))
      return false;
   if (vgpu_device_lost(device))
      result = VGPU_GONE;
   else if (is_blob)
      result = vgpu_blob_create(vgws, res, params);
   else
      result = create_on_host(res, params, size);
   return vgpu_device_check(device, result, "resource create") || vgpu_device_lost(device);
}

/* Takes over the caller's use of the device. */
static struct virgl_hw_res *
resource_new(struct vgpu_winsys *vgws, struct vgpu_device *device,
             const struct virgl_resource_params *params)
{
   struct virgl_hw_res *res = CALLOC_STRUCT(virgl_hw_res);

   if (!res)
      goto unuse;
   pipe_reference_init(&res->reference, 1);
   virgl_resource_cache_entry_init(&res->cache_entry, *params);
   res->device = device;
   res->age = p_atomic_inc_return(&vgws->last_age);
   res->bind = params->bind;
   res->size = params->size;
   if (make(vgws, res, params))
      return res;
   simple_mtx_lock(&device->lock);
   vgpu_resource_destroy_locked(device, res);
   simple_mtx_unlock(&device->lock);
unuse:
   vgpu_device_unuse(device);
   return NULL;
}

/* Takes over the caller's use of the device, if it finds one. */
static struct virgl_hw_res *
from_cache(struct vgpu_winsys *vgws, struct vgpu_device *device,
           const struct virgl_resource_params *params)
{
   struct virgl_resource_cache_entry *entry = NULL;
   struct virgl_hw_res *res;

   if (vgpu_resource_can_cache(params->bind) && !vgpu_device_lost(device)) {
      simple_mtx_lock(&device->lock);
      entry = virgl_resource_cache_remove_compatible(&device->cache, *params);
      simple_mtx_unlock(&device->lock);
   }
   if (!entry)
      return NULL;
   res = vgpu_resource_of_entry(entry);
   pipe_reference_init(&res->reference, 1);
   res->age = p_atomic_inc_return(&vgws->last_age);
   return res;
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
   struct vgpu_device *device = vgpu_winsys_device(vgws);
   struct virgl_hw_res *res = from_cache(vgws, device, &params);

   if (res)
      return res;
   vgpu_device_use(device);
   res = resource_new(vgws, device, &params);
   if (res) {
      vgpu_device_unuse(device);
      return res;
   }
   /* Out of memory: what the cache keeps may be what is missing, and what was dropped counts until
    * the host has dropped it, too. */
   simple_mtx_lock(&device->lock);
   virgl_resource_cache_flush(&device->cache);
   simple_mtx_unlock(&device->lock);
   vgpu_device_settle(device);
   return resource_new(vgws, device, &params);
}

/* The lost device's memory stays as long as that: threads may be at it. */
static void
leave_block(struct vgpu_device *lost, struct vgpu_block *block)
{
   if (!block)
      return;
   simple_mtx_lock(&lost->lock);
   block->next = lost->left;
   lost->left = block;
   simple_mtx_unlock(&lost->lock);
}

void
vgpu_resource_renew(struct vgpu_winsys *vgws, struct virgl_hw_res *res, struct vgpu_device *device)
{
   struct virgl_hw_res made = { .device = device };
   struct vgpu_device *lost = NULL;
   struct vgpu_block *old;

   simple_mtx_lock(&vgws->lock);
   if (res->device == device || !make(vgws, &made, &res->cache_entry.params))
      goto unlock;
   lost = res->device;
   old = res->block;
   vgpu_device_use(device);
   if (made.block && old)
      memcpy(made.block->ptr, old->ptr, MIN2(made.block->size, old->size));
   p_atomic_set(&res->block, made.block);
   p_atomic_set(&res->map, made.map);
   p_atomic_set(&res->handle, made.handle);
   p_atomic_set(&res->last_use, 0);
   p_atomic_set(&res->device, device);
   leave_block(lost, old);
unlock:
   simple_mtx_unlock(&vgws->lock);
   if (lost)
      vgpu_device_unuse(lost);
}

/* virgl looks at a query's result until it is there. It never will be on a lost device, nor when
 * the stream that asked for it was one for such a device. */
static bool
is_endless_query(const struct virgl_hw_res *res)
{
   return res->bind == VIRGL_BIND_CUSTOM &&
          (vgpu_device_lost(res->device) || p_atomic_read(&res->dropped)) &&
          res->block->size >= sizeof(struct virgl_host_query_state);
}

/* Its result is there, and 0. */
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
   if (is_endless_query(res))
      end_query(res);
   return res->block->ptr;
}

bool
vgpu_resource_wait_idle(struct virgl_hw_res *res)
{
   vgpu_device_wait(res->device, p_atomic_read(&res->last_use), VGPU_TIMEOUT_INFINITE);
   return !vgpu_device_lost(res->device);
}

static void
vgpu_resource_wait(struct virgl_winsys *vws, struct virgl_hw_res *res)
{
   vgpu_resource_wait_idle(res);
}

static bool
vgpu_resource_is_busy(struct virgl_winsys *vws, struct virgl_hw_res *res)
{
   return !vgpu_timeline_done(&res->device->timeline, p_atomic_read(&res->last_use));
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
