/* SPDX-License-Identifier: MIT */
/* When resources end: references, the cache, what is kept for the sake of another. */
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
   struct vgpu_winsys *vgws = user_data;

   return !vgpu_timeline_done(&vgws->timeline,
                              p_atomic_read(&vgpu_resource_of_entry(entry)->last_use));
}

void
vgpu_resource_destroy_locked(struct vgpu_winsys *vgws, struct virgl_hw_res *res)
{
   if (res->map && !vgws->timeline.lost)
      vgpu_resource_unmap(vgws->client, res->handle);
   if (res->handle && !vgws->timeline.lost)
      vgpu_winsys_check(vgws, vgpu_resource_destroy(vgws->client, res->handle), "resource destroy");
   vgpu_pool_free(&vgws->pool, res->block, res->last_use);
   FREE(res);
}

void
vgpu_resource_cache_release(struct virgl_resource_cache_entry *entry, void *user_data)
{
   vgpu_resource_destroy_locked(user_data, vgpu_resource_of_entry(entry));
}

/* Nobody has it any more. Caller holds the lock. Sources are older, so this comes to an end. */
static void
release_locked(struct vgpu_winsys *vgws, struct virgl_hw_res *res)
{
   for (unsigned i = 0; i < VGPU_MAX_SOURCES; i++) {
      struct virgl_hw_res *source = res->sources[i];

      res->sources[i] = NULL;
      if (source && pipe_reference(&source->reference, NULL))
         release_locked(vgws, source);
   }
   if (vgpu_resource_can_cache(res->bind) && res->handle && !vgws->timeline.lost)
      virgl_resource_cache_add(&vgws->cache, &res->cache_entry);
   else
      vgpu_resource_destroy_locked(vgws, res);
}

void
vgpu_resource_reference(struct virgl_winsys *vws, struct virgl_hw_res **dst,
                        struct virgl_hw_res *src)
{
   struct vgpu_winsys *vgws = vgpu_winsys(vws);
   struct virgl_hw_res *old = *dst;

   if (pipe_reference(old ? &old->reference : NULL, src ? &src->reference : NULL)) {
      simple_mtx_lock(&vgws->lock);
      release_locked(vgws, old);
      simple_mtx_unlock(&vgws->lock);
   }
   *dst = src;
}

void
vgpu_resource_copied(struct vgpu_winsys *vgws, struct virgl_hw_res *to, struct virgl_hw_res *from)
{
   struct virgl_hw_res *last;

   if (vgpu_client_info(vgws->client)->capabilities & VGPU_CAP_STAGING || from->age >= to->age)
      return;
   simple_mtx_lock(&vgws->lock);
   for (unsigned i = 0; i < VGPU_MAX_SOURCES; i++) {
      if (to->sources[i] == from)
         goto unlock;
   }
   last = to->sources[VGPU_MAX_SOURCES - 1];
   memmove(&to->sources[1], &to->sources[0], sizeof(to->sources) - sizeof(to->sources[0]));
   to->sources[0] = from;
   pipe_reference(NULL, &from->reference);
   if (last && pipe_reference(&last->reference, NULL))
      release_locked(vgws, last);
unlock:
   simple_mtx_unlock(&vgws->lock);
}
