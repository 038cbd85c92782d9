/* SPDX-License-Identifier: MIT */
#include "vgpu_winsys.h"
#include "vgpu_blob.h"
#include "vgpu_caps.h"

#include <string.h>

#include "util/log.h"
#include "util/u_memory.h"

static int
vgpu_get_caps(struct virgl_winsys *vws, struct virgl_drm_caps *caps)
{
   struct vgpu_winsys *vgws = vgpu_winsys(vws);

   virgl_ws_fill_new_caps_defaults(caps);
   memcpy(&caps->caps, &vgws->caps, vgws->caps_size);
   caps->caps.v1.max_uniform_blocks =
      vgpu_caps_constant_buffers(caps->caps.v1.max_uniform_blocks, caps->caps.v1.glsl_level);
   if (!(vgws->info.capabilities & VGPU_CAP_STAGING)) {
      caps->caps.v2.capability_bits &= ~VIRGL_CAP_COPY_TRANSFER;
      caps->caps.v2.capability_bits_v2 &= ~VIRGL_CAP_V2_COPY_TRANSFER_BOTH_DIRECTIONS;
   }
   return 0;
}

struct vgpu_device *
vgpu_winsys_device(struct vgpu_winsys *vgws)
{
   struct vgpu_device *device;

   simple_mtx_lock(&vgws->lock);
   device = vgws->device;
   vgpu_device_use(device);
   simple_mtx_unlock(&vgws->lock);
   return device;
}

/* What the frontend was told holds of the device, too. */
static bool
is_same(const struct vgpu_winsys *vgws, const struct vgpu_device *device,
        const union virgl_caps *caps, size_t caps_size)
{
   const struct vgpu_device_info *info = vgpu_client_info(device->client);

   return info->capabilities == vgws->info.capabilities &&
          info->max_resource >= vgws->max_resource && caps_size == vgws->caps_size &&
          memcmp(caps, &vgws->caps, caps_size) == 0;
}

/* Once, for programs may try again and again. Caller holds the lock. */
static void
say_why_not(struct vgpu_winsys *vgws, const char *why)
{
   if (!vgws->said_no_device)
      mesa_logw("vgpu: no new context: %s", why);
   vgws->said_no_device = true;
}

/* Caller holds the lock. */
static struct vgpu_device *
another_device(struct vgpu_winsys *vgws)
{
   union virgl_caps caps = { 0 };
   size_t caps_size = 0;
   struct vgpu_device *device = vgpu_device_create(&caps, &caps_size);

   if (!device) {
      say_why_not(vgws, "there is no device");
      return NULL;
   }
   if (!is_same(vgws, device, &caps, caps_size)) {
      say_why_not(vgws, "the device is not what it was; start the program again");
      vgpu_device_free(device);
      return NULL;
   }
   vgws->said_no_device = false;
   return device;
}

bool
vgpu_winsys_revive(struct vgpu_winsys *vgws)
{
   struct vgpu_device *lost = NULL, *device;
   bool alive = true;

   simple_mtx_lock(&vgws->lock);
   vgpu_device_probe(vgws->device);
   if (vgpu_device_lost(vgws->device)) {
      device = another_device(vgws);
      if (device) {
         lost = vgws->device;
         device->older = lost;
         vgws->device = device;
      }
      alive = device;
   }
   simple_mtx_unlock(&vgws->lock);
   if (lost)
      vgpu_device_unuse(lost);
   return alive;
}

static void
vgpu_winsys_destroy(struct virgl_winsys *vws)
{
   struct vgpu_winsys *vgws = vgpu_winsys(vws);
   struct vgpu_device *device = vgws->device, *older;

   for (; device; device = older) {
      older = device->older;
      vgpu_device_free(device);
   }
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

struct virgl_winsys *
vgpu_winsys_create(void)
{
   struct vgpu_winsys *vgws = CALLOC_STRUCT(vgpu_winsys);

   if (!vgws)
      return NULL;
   vgws->device = vgpu_device_create(&vgws->caps, &vgws->caps_size);
   if (!vgws->device) {
      FREE(vgws);
      return NULL;
   }
   vgws->info = *vgpu_client_info(vgws->device->client);
   vgws->max_resource = vgws->info.max_resource;
   simple_mtx_init(&vgws->lock, mtx_plain);
   list_inithead(&vgws->contexts);
   init_functions(vgws);
   return &vgws->base;
}
