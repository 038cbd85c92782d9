/* SPDX-License-Identifier: MIT */
#include "vgpu_winsys.h"

#include "util/u_memory.h"

struct vgpu_pipe_fence {
   struct pipe_reference reference;
   struct vgpu_device *device; /* which it uses */
   uint64_t number;
};

struct pipe_fence_handle *
vgpu_fence_create(struct vgpu_device *device, uint64_t number)
{
   struct vgpu_pipe_fence *fence = CALLOC_STRUCT(vgpu_pipe_fence);

   if (!fence)
      return NULL;
   pipe_reference_init(&fence->reference, 1);
   fence->device = device;
   vgpu_device_use(device);
   fence->number = number;
   return (struct pipe_fence_handle *)fence;
}

/* No fence is a complete one: whoever could not make it was told so. */
static bool
vgpu_fence_wait(struct virgl_winsys *vws, struct pipe_fence_handle *handle, uint64_t timeout)
{
   const struct vgpu_pipe_fence *fence = (struct vgpu_pipe_fence *)handle;

   if (!fence)
      return true;
   STATIC_ASSERT(OS_TIMEOUT_INFINITE == VGPU_TIMEOUT_INFINITE);
   return vgpu_device_wait(fence->device, fence->number, timeout);
}

static void
vgpu_fence_reference(struct virgl_winsys *vws, struct pipe_fence_handle **dst,
                     struct pipe_fence_handle *src)
{
   struct vgpu_pipe_fence *old = (struct vgpu_pipe_fence *)*dst;
   struct vgpu_pipe_fence *fence = (struct vgpu_pipe_fence *)src;

   if (pipe_reference(old ? &old->reference : NULL, fence ? &fence->reference : NULL)) {
      vgpu_device_unuse(old->device);
      FREE(old);
   }
   *dst = src;
}

static int
vgpu_fence_get_fd(struct virgl_winsys *vws, struct pipe_fence_handle *fence)
{
   return -1;
}

void
vgpu_fence_init_functions(struct vgpu_winsys *vgws)
{
   vgws->base.fence_wait = vgpu_fence_wait;
   vgws->base.fence_reference = vgpu_fence_reference;
   vgws->base.fence_get_fd = vgpu_fence_get_fd;
}
