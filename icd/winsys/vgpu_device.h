/* SPDX-License-Identifier: MIT */
/*
 * An open device with a kernel context in it, which all memory, resources, streams and fences of a
 * time belong to.
 *
 * A device that is lost (it was reset, removed, or the host refused a command) never works again:
 * waits return at once, new resources get plain memory, streams are dropped. GL contexts that are
 * made afterwards get another one (vgpu_winsys.h). What belongs to the lost one keeps it until it
 * is dropped, or named by a stream of the other; then its handle is closed.
 */
#ifndef VGPU_DEVICE_H
#define VGPU_DEVICE_H

#include "c11/threads.h"
#include "util/simple_mtx.h"
#include "virgl/virgl_winsys.h"
#include "virgl_resource_cache.h"

#include "vgpu_client.h"
#include "vgpu_pool.h"
#include "vgpu_timeline.h"

struct vgpu_device {
   struct vgpu_device *older; /* of the same winsys; immutable */
   int users;                 /* atomic: at 0 all but this structure is gone */
   struct vgpu_client *client;
   uint32_t context_id;
   struct vgpu_timeline timeline;
   struct vgpu_block *fence_block; /* the timeline's number lies here */
   bool refused; /* atomic: the host has refused a command, which is why it is lost */
   bool told;    /* atomic: why it is lost has been said */

   mtx_t wait_lock;
   cnd_t waited;
   uint64_t awaited; /* a thread asks the driver for this fence; 0: none. Guarded by wait_lock */

   simple_mtx_t lock;
   struct vgpu_pool pool;             /* guarded by lock */
   struct virgl_resource_cache cache; /* guarded by lock */
   struct vgpu_block *left; /* of resources that have gone to another device; guarded by lock */
};

/* NULL when there is no usable device. *caps: what it offers. The caller is its user. */
struct vgpu_device *vgpu_device_create(union virgl_caps *caps, size_t *caps_size);

/* The structure is the winsys', and so valid for everybody until that ends. */
void vgpu_device_free(struct vgpu_device *device);

void vgpu_device_use(struct vgpu_device *device);
void vgpu_device_unuse(struct vgpu_device *device);

/* Looks at the result of a request: a lost device is noted (and said once). True when the request
 * succeeded. */
bool vgpu_device_check(struct vgpu_device *device, enum vgpu_result result, const char *what);

/* The host does not carry out what it was sent: its context is in error, and so is ours. */
void vgpu_device_refused(struct vgpu_device *device, const char *sign);

/* As vgpu_timeline_wait, and says so when the device turns out to be lost. Threads that wait for
 * the same fence without a limit make one request for all. */
bool vgpu_device_wait(struct vgpu_device *device, uint64_t number, uint64_t timeout_ns);

/* Waits until the host has done what was asked for so far. */
void vgpu_device_settle(struct vgpu_device *device);

/* Asks the driver whether it is lost: something that was idle does not know. */
void vgpu_device_probe(struct vgpu_device *device);

static inline bool
vgpu_device_lost(const struct vgpu_device *device)
{
   return device->timeline.lost;
}

#endif /* VGPU_DEVICE_H */
