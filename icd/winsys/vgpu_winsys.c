/* SPDX-License-Identifier: MIT */
#include "vgpu_winsys.h"
#include "vgpu_blob.h"
#include "vgpu_caps.h"

#include <string.h>

#include "util/log.h"
#include "util/u_memory.h"
#include "util/u_process.h"

#define CAPSET_VIRGL 1
#define CAPSET_VIRGL2 2
#define CACHE_TIMEOUT_USEC 1000000

bool
vgpu_winsys_check(struct vgpu_winsys *vgws, enum vgpu_result result, const char *what)
{
   if (result == VGPU_OK)
      return true;
   if (result == VGPU_LOST || result == VGPU_GONE) {
      if (vgpu_timeline_lose(&vgws->timeline))
         mesa_loge("vgpu: %s: %s; rendering stops", what, vgpu_result_text(result));
   } else {
      mesa_logw("vgpu: %s: %s", what, vgpu_result_text(result));
   }
   return false;
}

void
vgpu_winsys_refused(struct vgpu_winsys *vgws, const char *sign)
{
   p_atomic_set(&vgws->refused, true);
   if (vgpu_timeline_lose(&vgws->timeline))
      mesa_loge("vgpu: the host refused a command (%s); rendering stops", sign);
}

bool
vgpu_winsys_wait(struct vgpu_winsys *vgws, uint64_t number, uint64_t timeout_ns)
{
   const bool was_lost = vgws->timeline.lost;
   const bool done = vgpu_timeline_wait(&vgws->timeline, number, timeout_ns);

   if (!was_lost && vgws->timeline.lost)
      mesa_loge("vgpu: wait: the device is lost; rendering stops");
   return done;
}

static int
vgpu_get_caps(struct virgl_winsys *vws, struct virgl_drm_caps *caps)
{
   struct vgpu_winsys *vgws = vgpu_winsys(vws);

   virgl_ws_fill_new_caps_defaults(caps);
   memcpy(&caps->caps, &vgws->caps, vgws->caps_size);
   caps->caps.v1.max_uniform_blocks =
      vgpu_caps_constant_buffers(caps->caps.v1.max_uniform_blocks, caps->caps.v1.glsl_level);
   if (!(vgpu_client_info(vgws->client)->capabilities & VGPU_CAP_STAGING)) {
      caps->caps.v2.capability_bits &= ~VIRGL_CAP_COPY_TRANSFER;
      caps->caps.v2.capability_bits_v2 &= ~VIRGL_CAP_V2_COPY_TRANSFER_BOTH_DIRECTIONS;
   }
   return 0;
}

/* The newer of virgl's two capsets; its id, or 0 when the device has neither. */
static uint32_t
read_capset(struct vgpu_winsys *vgws)
{
   const uint32_t num_capsets = vgpu_client_info(vgws->client)->num_capsets;
   struct vgpu_capset_info best = { 0 };

   for (uint32_t i = 0; i < num_capsets; i++) {
      struct vgpu_capset_info info = { .index = i };

      if (vgpu_capset_info(vgws->client, &info) != VGPU_OK)
         break;
      if ((info.id == CAPSET_VIRGL || info.id == CAPSET_VIRGL2) && info.id > best.id)
         best = info;
   }
   if (!best.id)
      return 0;

   const size_t known =
      best.id == CAPSET_VIRGL2 ? sizeof(union virgl_caps) : sizeof(struct virgl_caps_v1);
   if (vgpu_capset(vgws->client, best.id, best.max_version, &vgws->caps, MIN2(known, best.max_size),
                   &vgws->caps_size) != VGPU_OK)
      return 0;
   return vgws->caps_size >= sizeof(struct virgl_caps_v1) ? best.id : 0;
}

static bool
create_context(struct vgpu_winsys *vgws, uint32_t capset_id)
{
   const bool has_init = vgpu_client_info(vgws->client)->capabilities & VGPU_CAP_CONTEXT_INIT;
   struct vgpu_context_create create = {
      .capset_id = has_init ? capset_id : 0,
      .num_rings = 1,
   };
   const char *name = util_get_process_name();

   vgws->fence_block = vgpu_pool_alloc(&vgws->pool, sizeof(uint64_t));
   if (!vgws->fence_block)
      return false;
   memset(vgws->fence_block->ptr, 0, sizeof(uint64_t));
   create.fence_memory_id = vgws->fence_block->memory_id;
   create.fence_offset = vgws->fence_block->offset;
   if (name) {
      create.name_length = MIN2(strlen(name), sizeof(create.name));
      memcpy(create.name, name, create.name_length);
   }
   if (vgpu_context_create(vgws->client, &create) != VGPU_OK)
      return false;
   vgws->context_id = create.context_id;
   vgpu_timeline_init(&vgws->timeline, vgws->client, create.context_id, vgws->fence_block->ptr);
   vgws->pool.timeline = &vgws->timeline;
   return true;
}

static void
vgpu_winsys_destroy(struct virgl_winsys *vws)
{
   struct vgpu_winsys *vgws = vgpu_winsys(vws);

   simple_mtx_lock(&vgws->lock);
   virgl_resource_cache_flush(&vgws->cache);
   simple_mtx_unlock(&vgws->lock);
   if (vgws->timeline.lost)
      vgpu_client_disconnect(vgws->client);
   else
      vgpu_context_destroy(vgws->client, vgws->context_id);
   vgpu_pool_free(&vgws->pool, vgws->fence_block, 0);
   vgpu_pool_fini(&vgws->pool);
   vgpu_client_close(vgws->client);
   simple_mtx_destroy(&vgws->lock);
   FREE(vgws);
}

static void
init_functions(struct vgpu_winsys *vgws)
{
   vgws->base.supports_fences = 0; /* of file descriptors, that is */
   vgws->base.supports_encoded_transfers = 1;
   vgws->base.supports_coherent = vgpu_blob_supported(vgws);
   vgws->base.destroy = vgpu_winsys_destroy;
   vgws->base.get_caps = vgpu_get_caps;
   vgpu_resource_init_functions(vgws);
   vgpu_transfer_init_functions(vgws);
   vgpu_cmd_buf_init_functions(vgws);
   vgpu_fence_init_functions(vgws);
}

static bool
is_usable(const struct vgpu_device_info *info)
{
   return info->capabilities & VGPU_CAP_3D &&
          info->capabilities & (VGPU_CAP_PIN | VGPU_CAP_ALLOC) &&
          info->max_submit >= VIRGL_MAX_CMDBUF_DWORDS * sizeof(uint32_t);
}

struct virgl_winsys *
vgpu_winsys_create(void)
{
   struct vgpu_winsys *vgws = CALLOC_STRUCT(vgpu_winsys);
   uint32_t capset_id;

   if (!vgws)
      return NULL;
   if (vgpu_client_open(0, &vgws->client) != VGPU_OK)
      goto free_winsys;
   if (!is_usable(vgpu_client_info(vgws->client)))
      goto close_client;
   vgws->max_resource = vgpu_client_info(vgws->client)->max_resource;
   capset_id = read_capset(vgws);
   if (!capset_id)
      goto close_client;

   vgpu_pool_init(&vgws->pool, vgws->client);
   if (!create_context(vgws, capset_id))
      goto fini_pool;
   simple_mtx_init(&vgws->lock, mtx_plain);
   list_inithead(&vgws->contexts);
   virgl_resource_cache_init(&vgws->cache, CACHE_TIMEOUT_USEC, vgpu_resource_cache_is_busy,
                             vgpu_resource_cache_release, vgws);
   init_functions(vgws);
   return &vgws->base;

fini_pool:
   vgpu_pool_free(&vgws->pool, vgws->fence_block, 0);
   vgpu_pool_fini(&vgws->pool);
close_client:
   vgpu_client_close(vgws->client);
free_winsys:
   FREE(vgws);
   return NULL;
}
