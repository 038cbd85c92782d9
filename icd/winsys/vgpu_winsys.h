/* SPDX-License-Identifier: MIT */
/*
 * The winsys "vgpu": Mesa's virgl driver on vgpu.sys. One winsys per screen; it has one device at a
 * time (vgpu_device.h), in whose kernel context virgl makes a sub-context for every GL context.
 *
 * A missing device means no winsys. When the device is lost, so are the GL contexts on it; the next
 * one that is made gets a new device, if there is one. Resources of the lost device, such as
 * windows keep, are made anew when a stream for the new one names them; their contents are lost.
 * Nothing aborts.
 *
 * All callbacks are safe from any thread, except that a command buffer belongs to one thread at a
 * time.
 */
#ifndef VGPU_WINSYS_H
#define VGPU_WINSYS_H

#include "util/simple_mtx.h"
#include "util/u_inlines.h"
#include "virgl/virgl_winsys.h"
#include "virgl_resource_cache.h"

#include "vgpu_device.h"
#include "vgpu_lifetime.h"

struct vgpu_winsys {
   struct virgl_winsys base;
   struct vgpu_device_info info; /* the same for every device it ever has, and so are caps */
   uint64_t max_resource;        /* bytes of backing that a resource can have */
   char renderer[96];            /* GL_RENDERER */
   union virgl_caps caps;
   size_t caps_size; /* bytes of caps that the device filled in */

   /* virgl's, which vgpu_context.c wraps; the same for every context */
   struct pipe_context *(*create_virgl_context)(struct pipe_screen *, void *, unsigned);
   struct pipe_surface *(*create_surface)(struct pipe_context *, struct pipe_resource *,
                                          const struct pipe_surface *);
   void (*resource_copy_region)(struct pipe_context *, struct pipe_resource *, unsigned, unsigned,
                                unsigned, unsigned, struct pipe_resource *, unsigned,
                                const struct pipe_box *);
   void (*blit)(struct pipe_context *, const struct pipe_blit_info *);
   void (*flush)(struct pipe_context *, struct pipe_fence_handle **, unsigned);
   void (*destroy_context)(struct pipe_context *);
   void (*sampler_view_destroy)(struct pipe_context *, struct pipe_sampler_view *);
   void (*surface_destroy)(struct pipe_context *, struct pipe_surface *);
   void (*stream_output_target_destroy)(struct pipe_context *, struct pipe_stream_output_target *);

   /* The window system's, or NULL: what this thread has shown is to be on the screen. Set once. */
   void (*finish_frames)(void);

   simple_mtx_t lock;
   struct vgpu_device *device; /* what is made anew belongs to it; guarded by lock */
   struct list_head contexts;  /* of struct vgpu_context; guarded by lock */
   bool said_no_device;        /* since the last was lost; guarded by lock */

   uint64_t last_age;     /* atomic */
   uint64_t next_tag;     /* atomic: names each filling of a command buffer */
   uint32_t last_blob_id; /* atomic */
};

#define VGPU_MAX_SOURCES 4

struct virgl_hw_res {
   struct pipe_reference reference;
   struct virgl_resource_cache_entry cache_entry;
   struct vgpu_device *device; /* which it uses, but in the cache; changed by vgpu_resource_renew */
   uint32_t handle;            /* the host's id; 0: made after the device was lost */
   uint32_t bind;
   uint32_t size;            /* bytes of backing that virgl may use */
   struct vgpu_block *block; /* backing; NULL: none */
   void *map;                /* of the host's memory; NULL: not a blob (vgpu_blob.h) */
   bool readback_queued;     /* atomic: a stream copies the image into the backing */
   uint64_t mark[2];         /* 0: none; see vgpu_readback.c */
   uint64_t age;             /* grows with each that is made or taken from the cache */
   /* what was copied into it, all older; see vgpu_resource_copied. Guarded by the winsys' lock */
   struct virgl_hw_res *sources[VGPU_MAX_SOURCES];
   int64_t polled_since;  /* atomic: a query's result is missing since, microseconds; 0: is not */
   bool dropped;          /* atomic: the last stream that named it was not carried out */
   int num_cs_references; /* atomic: command buffers that hold it and are not submitted */
   uint64_t last_tag;     /* atomic: the last command buffer that took a reference */
   uint64_t last_use;     /* atomic: the last fence after which nothing uses it */
};

static inline struct vgpu_winsys *
vgpu_winsys(struct virgl_winsys *vws)
{
   return (struct vgpu_winsys *)vws;
}

/* NULL when there is no usable device. */
struct virgl_winsys *vgpu_winsys_create(void);

/* The device for what is made now, lost or not. The caller becomes its user. */
struct vgpu_device *vgpu_winsys_device(struct vgpu_winsys *vgws);

/* Puts another device in the place of a lost one. False when there is none, or it is not the same
 * as the lost one was. */
bool vgpu_winsys_revive(struct vgpu_winsys *vgws);

/* vgpu_resource.c */
void vgpu_resource_init_functions(struct vgpu_winsys *vgws);
bool vgpu_resource_wait_idle(struct virgl_hw_res *res);
/* A stream for another device, which is not lost, is to name a resource of a lost one: makes it
 * there. On failure it stays as it is. */
void vgpu_resource_renew(struct vgpu_winsys *vgws, struct virgl_hw_res *res,
                         struct vgpu_device *device);

/* vgpu_transfer.c */
void vgpu_transfer_init_functions(struct vgpu_winsys *vgws);

/* vgpu_cmd_buf.c */
void vgpu_cmd_buf_init_functions(struct vgpu_winsys *vgws);
/* The one whose streams it writes. */
struct vgpu_device *vgpu_cmd_buf_device(const struct virgl_cmd_buf *buf);
/* The fence of its last submit; 0: none. */
uint64_t vgpu_cmd_buf_last_fence(const struct virgl_cmd_buf *buf);

/* vgpu_fence.c */
void vgpu_fence_init_functions(struct vgpu_winsys *vgws);
/* number 0: complete. NULL, which counts as complete, when out of memory. */
struct pipe_fence_handle *vgpu_fence_create(struct vgpu_device *device, uint64_t number);

#endif /* VGPU_WINSYS_H */
