/* SPDX-License-Identifier: MIT */
#include "vgpu_lifetime.h"
#include "vgpu_winsys.h"

#include <string.h>

#include "util/u_memory.h"

struct virgl_hw_res *
vgpu_resource_of_entry(struct virgl_resource_cache_entry *entry)
{
   return container_of(entry, struct virgl_hw_res, cache_entry);
}

bool
vgpu_resource_can_cache(uint32_t bind)
{
   switch (bind) {
   case 0:
   case VIRGL_BIND_CONSTANT_BUFFER:
   case VIRGL_BIND_INDEX_BUFFER:
   case VIRGL_BIND_VERTEX_BUFFER:
   case VIRGL_BIND_CUSTOM:
   case VIRGL_BIND_STAGING:
   case VIRGL_BIND_DEPTH_STENCIL:
   case VIRGL_BIND_RENDER_TARGET:
      return true;
   default:
      return false;
   }
}

void
vgpu_resource_used(struct virgl_hw_res *res, uint64_t number)
{
   uint64_t last = p_atomic_read(&res->last_use);

   while (number > last) {
      const uint64_t seen = p_atomic_cmpxchg(&res->last_use, last, number);

      if (seen == last)
         break;
      last = seen;
   }
}

bool
vgpu_resource_cache_is_busy(struct virgl_resource_cache_entry *entry, void *user_data)
{
   const struct vgpu_device *device = user_data;

   return !vgpu_timeline_done(&device->timeline,
                              p_atomic_read(&vgpu_resource_of_entry(entry)->last_use));
}

void
vgpu_resource_destroy_locked(struct vgpu_device *device, struct virgl_hw_res *res)
{
   if (res->map && !vgpu_device_lost(device))
      vgpu_resource_unmap(device->client, res->handle);
   if (res->handle && !vgpu_device_lost(device))
      vgpu_device_check(device, vgpu_resource_destroy(device->client, res->handle),
                        "resource destroy");
   vgpu_pool_free(&device->pool, res->block, res->last_use);
   FREE(res);
}

void
vgpu_resource_cache_release(struct virgl_resource_cache_entry *entry, void *user_data)
{
   vgpu_resource_destroy_locked(user_data, vgpu_resource_of_entry(entry));
}

/* Nobody has it any more. Sources are older, so this comes to an end. */
static void
release(struct vgpu_winsys *vgws, struct virgl_hw_res *res)
{
   struct vgpu_device *device = res->device;

   for (unsigned i = 0; i < VGPU_MAX_SOURCES; i++)
      vgpu_resource_reference(&vgws->base, &res->sources[i], NULL);
   simple_mtx_lock(&device->lock);
   if (vgpu_resource_can_cache(res->bind) && res->handle && !vgpu_device_lost(device))
      virgl_resource_cache_add(&device->cache, &res->cache_entry);
   else
      vgpu_resource_destroy_locked(device, res);
   simple_mtx_unlock(&device->lock);
   vgpu_device_unuse(device);
}

void
vgpu_resource_reference(struct virgl_winsys *vws, struct virgl_hw_res **dst,
                        struct virgl_hw_res *src)
{
   struct virgl_hw_res *old = *dst;

   *dst = src;
   if (pipe_reference(old ? &old->reference : NULL, src ? &src->reference : NULL))
      release(vgpu_winsys(vws), old);
}

void
vgpu_resource_copied(struct vgpu_winsys *vgws, struct virgl_hw_res *to, struct virgl_hw_res *from)
{
   struct virgl_hw_res *last;

   if (vgws->info.capabilities & VGPU_CAP_STAGING || from->age >= to->age)
      return;
   simple_mtx_lock(&vgws->lock);
   for (unsigned i = 0; i < VGPU_MAX_SOURCES; i++) {
      if (to->sources[i] == from) {
         simple_mtx_unlock(&vgws->lock);
         return;
      }
   }
   last = to->sources[VGPU_MAX_SOURCES - 1];
   memmove(&to->sources[1], &to->sources[0], sizeof(to->sources) - sizeof(to->sources[0]));
   to->sources[0] = from;
   pipe_reference(NULL, &from->reference);
   simple_mtx_unlock(&vgws->lock);
   vgpu_resource_reference(&vgws->base, &last, NULL);
}
