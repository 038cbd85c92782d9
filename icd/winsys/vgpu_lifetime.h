/* SPDX-License-Identifier: MIT */
/* When resources end: references, the cache, what is kept for the sake of another. */
#ifndef VGPU_LIFETIME_H
#define VGPU_LIFETIME_H

#include <stdbool.h>
#include <stdint.h>

struct virgl_hw_res;
struct virgl_resource_cache_entry;
struct virgl_winsys;
struct vgpu_device;
struct vgpu_winsys;

struct virgl_hw_res *vgpu_resource_of_entry(struct virgl_resource_cache_entry *entry);
/* Kinds that programs make and drop often, and that nobody outside the process shares. */
bool vgpu_resource_can_cache(uint32_t bind);
/* Caller holds the device's lock, and is the last to have the resource. The host drops it after the
 * streams that use it, because it works in order. */
void vgpu_resource_destroy_locked(struct vgpu_device *device, struct virgl_hw_res *res);
void vgpu_resource_reference(struct virgl_winsys *vws, struct virgl_hw_res **dst,
                             struct virgl_hw_res *src);
/* A stream copies from one to the other. Where recorded streams may be carried out again on what
 * the backing holds, the source is kept as long as the copy, for only its backing has the contents.
 */
void vgpu_resource_copied(struct vgpu_winsys *vgws, struct virgl_hw_res *to,
                          struct virgl_hw_res *from);
void vgpu_resource_used(struct virgl_hw_res *res, uint64_t number);

/* The cache's; user_data: its device. */
bool vgpu_resource_cache_is_busy(struct virgl_resource_cache_entry *entry, void *user_data);
void vgpu_resource_cache_release(struct virgl_resource_cache_entry *entry, void *user_data);

#endif /* VGPU_LIFETIME_H */
