/* SPDX-License-Identifier: MIT */
#include "vgpu_device.h"
#include "vgpu_lifetime.h"

#include <string.h>

#include "util/log.h"
#include "util/u_atomic.h"
#include "util/u_math.h"
#include "util/u_memory.h"
#include "util/u_process.h"

#define CAPSET_VIRGL 1
#define CAPSET_VIRGL2 2
#define CACHE_TIMEOUT_USEC 1000000

/* Says why before anybody can see the loss: a program may end as soon as it does. */
static void
lose(struct vgpu_device *device, const char *what, const char *why)
{
   if (!p_atomic_xchg(&device->told, true))
      mesa_loge("vgpu: %s: %s; rendering stops", what, why);
   vgpu_timeline_lose(&device->timeline);
}

bool
vgpu_device_check(struct vgpu_device *device, enum vgpu_result result, const char *what)
{
   if (result == VGPU_OK)
      return true;
   if (result == VGPU_LOST || result == VGPU_GONE)
      lose(device, what, vgpu_result_text(result));
   else
      mesa_logw("vgpu: %s: %s", what, vgpu_result_text(result));
   return false;
}

void
vgpu_device_refused(struct vgpu_device *device, const char *sign)
{
   p_atomic_set(&device->refused, true);
   lose(device, "the host refused a command", sign);
}

static bool
ask_and_wait(struct vgpu_device *device, uint64_t number, uint64_t timeout_ns)
{
   const bool was_lost = vgpu_device_lost(device);
   const bool done = vgpu_timeline_wait(&device->timeline, number, timeout_ns);

   if (!was_lost && vgpu_device_lost(device))
      lose(device, "wait", "the device is lost");
   return done;
}

/* A thread that finds another one waiting for this fence, or for an earlier one, waits for that
 * thread. */
static bool
wait_together(struct vgpu_device *device, uint64_t number)
{
   bool asks;

   mtx_lock(&device->wait_lock);
   while (device->awaited && device->awaited <= number &&
          !vgpu_timeline_done(&device->timeline, number))
      cnd_wait(&device->waited, &device->wait_lock);
   asks = !device->awaited;
   if (asks)
      device->awaited = number;
   mtx_unlock(&device->wait_lock);
   ask_and_wait(device, number, VGPU_TIMEOUT_INFINITE);
   if (asks) {
      mtx_lock(&device->wait_lock);
      device->awaited = 0;
      cnd_broadcast(&device->waited);
      mtx_unlock(&device->wait_lock);
   }
   return true;
}

bool
vgpu_device_wait(struct vgpu_device *device, uint64_t number, uint64_t timeout_ns)
{
   if (vgpu_timeline_done(&device->timeline, number))
      return true;
   if (timeout_ns == VGPU_TIMEOUT_INFINITE)
      return wait_together(device, number);
   return ask_and_wait(device, number, timeout_ns);
}

/* A fence behind all that was asked for so far; 0 when the device is lost. */
static uint64_t
fence(struct vgpu_device *device)
{
   struct vgpu_submit fence_alone = { .context_id = device->context_id,
                                      .flags = VGPU_SUBMIT_FENCE };

   if (vgpu_device_lost(device) ||
       !vgpu_device_check(device, vgpu_submit(device->client, &fence_alone), "fence"))
      return 0;
   return fence_alone.fence_number;
}

void
vgpu_device_settle(struct vgpu_device *device)
{
   vgpu_device_wait(device, fence(device), VGPU_TIMEOUT_INFINITE);
}

void
vgpu_device_probe(struct vgpu_device *device)
{
   fence(device);
}

/* The newer of virgl's two capsets; its id, or 0 when the device has neither. */
static uint32_t
read_capset(struct vgpu_client *client, union virgl_caps *caps, size_t *caps_size)
{
   const uint32_t num_capsets = vgpu_client_info(client)->num_capsets;
   struct vgpu_capset_info best = { 0 };

   for (uint32_t i = 0; i < num_capsets; i++) {
      struct vgpu_capset_info info = { .index = i };

      if (vgpu_capset_info(client, &info) != VGPU_OK)
         break;
      if ((info.id == CAPSET_VIRGL || info.id == CAPSET_VIRGL2) && info.id > best.id)
         best = info;
   }
   if (!best.id)
      return 0;

   const size_t known =
      best.id == CAPSET_VIRGL2 ? sizeof(union virgl_caps) : sizeof(struct virgl_caps_v1);
   if (vgpu_capset(client, best.id, best.max_version, caps, MIN2(known, best.max_size),
                   caps_size) != VGPU_OK)
      return 0;
   return *caps_size >= sizeof(struct virgl_caps_v1) ? best.id : 0;
}

static bool
create_context(struct vgpu_device *device, uint32_t capset_id)
{
   const bool has_init = vgpu_client_info(device->client)->capabilities & VGPU_CAP_CONTEXT_INIT;
   struct vgpu_context_create create = {
      .capset_id = has_init ? capset_id : 0,
      .num_rings = 1,
   };
   const char *name = util_get_process_name();

   device->fence_block = vgpu_pool_alloc(&device->pool, sizeof(uint64_t));
   if (!device->fence_block)
      return false;
   memset(device->fence_block->ptr, 0, sizeof(uint64_t));
   create.fence_memory_id = device->fence_block->memory_id;
   create.fence_offset = device->fence_block->offset;
   if (name) {
      create.name_length = MIN2(strlen(name), sizeof(create.name));
      memcpy(create.name, name, create.name_length);
   }
   if (vgpu_context_create(device->client, &create) != VGPU_OK)
      return false;
   device->context_id = create.context_id;
   vgpu_timeline_init(&device->timeline, device->client, create.context_id,
                      device->fence_block->ptr);
   device->pool.timeline = &device->timeline;
   return true;
}

static bool
is_usable(const struct vgpu_device_info *info)
{
   return info->capabilities & VGPU_CAP_3D &&
          info->capabilities & (VGPU_CAP_PIN | VGPU_CAP_ALLOC) &&
          info->max_submit >= VIRGL_MAX_CMDBUF_DWORDS * sizeof(uint32_t);
}

struct vgpu_device *
vgpu_device_create(union virgl_caps *caps, size_t *caps_size)
{
   struct vgpu_device *device = CALLOC_STRUCT(vgpu_device);
   uint32_t capset_id;

   if (!device)
      return NULL;
   device->users = 1;
   if (vgpu_client_open(0, &device->client) != VGPU_OK)
      goto free_device;
   if (!is_usable(vgpu_client_info(device->client)))
      goto close_client;
   capset_id = read_capset(device->client, caps, caps_size);
   if (!capset_id)
      goto close_client;
   vgpu_pool_init(&device->pool, device->client);
   if (!create_context(device, capset_id))
      goto fini_pool;
   simple_mtx_init(&device->lock, mtx_plain);
   mtx_init(&device->wait_lock, mtx_plain);
   cnd_init(&device->waited);
   virgl_resource_cache_init(&device->cache, CACHE_TIMEOUT_USEC, vgpu_resource_cache_is_busy,
                             vgpu_resource_cache_release, device);
   return device;

fini_pool:
   vgpu_pool_free(&device->pool, device->fence_block, 0);
   vgpu_pool_fini(&device->pool);
close_client:
   vgpu_client_close(device->client);
free_device:
   FREE(device);
   return NULL;
}

void
vgpu_device_use(struct vgpu_device *device)
{
   p_atomic_inc(&device->users);
}

/* Everything but the structure. Whoever still reads the timeline finds a lost device. */
static void
end(struct vgpu_device *device)
{
   simple_mtx_lock(&device->lock);
   virgl_resource_cache_flush(&device->cache);
   if (vgpu_device_lost(device))
      vgpu_client_disconnect(device->client);
   else
      vgpu_context_destroy(device->client, device->context_id);
   vgpu_timeline_end(&device->timeline);
   while (device->left) {
      struct vgpu_block *block = device->left;

      device->left = block->next;
      vgpu_pool_free(&device->pool, block, 0);
   }
   vgpu_pool_free(&device->pool, device->fence_block, 0);
   vgpu_pool_fini(&device->pool);
   vgpu_client_close(device->client);
   device->client = NULL;
   simple_mtx_unlock(&device->lock);
}

void
vgpu_device_unuse(struct vgpu_device *device)
{
   if (p_atomic_dec_zero(&device->users))
      end(device);
}

void
vgpu_device_free(struct vgpu_device *device)
{
   if (device->client)
      end(device);
   cnd_destroy(&device->waited);
   mtx_destroy(&device->wait_lock);
   simple_mtx_destroy(&device->lock);
   FREE(device);
}
