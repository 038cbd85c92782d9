/* SPDX-License-Identifier: MIT */
/*
 * The winsys "vgpu": Mesa's virgl driver on vgpu.sys. One winsys per screen, one kernel context per
 * winsys; virgl makes a sub-context in it for every GL context.
 *
 * A missing device means no winsys. A device that is lost later turns every callback into one that
 * does nothing: waits return at once, new resources get plain memory, streams are dropped. Nothing
 * aborts.
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

#include "vgpu_client.h"
#include "vgpu_pool.h"
#include "vgpu_timeline.h"

struct vgpu_winsys {
   struct virgl_winsys base;
   struct vgpu_client *client;
   uint32_t context_id;
   uint64_t max_resource; /* bytes of backing that a resource can have */
   char renderer[96];     /* GL_RENDERER */
   struct vgpu_timeline timeline;
   struct vgpu_block *fence_block; /* the timeline's number lies here */
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

   simple_mtx_t lock;
   struct vgpu_pool pool;             /* guarded by lock */
   struct virgl_resource_cache cache; /* guarded by lock */
   struct list_head contexts;         /* of struct vgpu_context; guarded by lock */

   uint64_t last_age;     /* atomic */
   uint64_t next_tag;     /* atomic: names each filling of a command buffer */
   uint32_t last_blob_id; /* atomic */
   bool refused;          /* atomic: the host has refused a command, which is why it is lost */
};

#define VGPU_MAX_SOURCES 4

struct virgl_hw_res {
   struct pipe_reference reference;
   struct virgl_resource_cache_entry cache_entry;
   uint32_t handle; /* the host's id; 0: made after the device was lost */
   uint32_t bind;
   uint32_t size;            /* bytes of backing that virgl may use */
   struct vgpu_block *block; /* backing; NULL: none */
   void *map;                /* of the host's memory; NULL: not a blob (vgpu_blob.h) */
   bool readback_queued;     /* atomic: a stream copies the image into the backing */
   bool marked;              /* the backing begins with mark, until an image arrives */
   uint64_t mark[2];         /* see vgpu_readback.c */
   uint64_t age;             /* grows with each that is made or taken from the cache */
   /* what was copied into it, all older; see vgpu_resource_copied. Guarded by the winsys' lock */
   struct virgl_hw_res *sources[VGPU_MAX_SOURCES];
   int64_t polled_since;  /* atomic: a query's result is missing since, microseconds; 0: is not */
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

/* Looks at the result of a request: a lost device is noted (and said once). True when the request
 * succeeded. */
bool vgpu_winsys_check(struct vgpu_winsys *vgws, enum vgpu_result result, const char *what);

/* The host does not carry out what it was sent: its context is in error, and so is ours. */
void vgpu_winsys_refused(struct vgpu_winsys *vgws, const char *sign);

/* As vgpu_timeline_wait, and says so when the device turns out to be lost. */
bool vgpu_winsys_wait(struct vgpu_winsys *vgws, uint64_t number, uint64_t timeout_ns);

/* vgpu_resource.c */
void vgpu_resource_init_functions(struct vgpu_winsys *vgws);
bool vgpu_resource_wait_idle(struct vgpu_winsys *vgws, struct virgl_hw_res *res);

/* vgpu_lifetime.c */
struct virgl_hw_res *vgpu_resource_of_entry(struct virgl_resource_cache_entry *entry);
/* Kinds that programs make and drop often, and that nobody outside the process shares. */
bool vgpu_resource_can_cache(uint32_t bind);
/* Caller holds the lock. The host drops the resource after the streams that use it, because it
 * works in order. */
void vgpu_resource_destroy_locked(struct vgpu_winsys *vgws, struct virgl_hw_res *res);
void vgpu_resource_reference(struct virgl_winsys *vws, struct virgl_hw_res **dst,
                             struct virgl_hw_res *src);
/* A stream copies from one to the other. Where recorded streams may be carried out again on what
 * the backing holds, the source is kept as long as the copy, for only its backing has the contents.
 */
void vgpu_resource_copied(struct vgpu_winsys *vgws, struct virgl_hw_res *to,
                          struct virgl_hw_res *from);
void vgpu_resource_used(struct virgl_hw_res *res, uint64_t number);
bool vgpu_resource_cache_is_busy(struct virgl_resource_cache_entry *entry, void *user_data);
void vgpu_resource_cache_release(struct virgl_resource_cache_entry *entry, void *user_data);

/* vgpu_transfer.c */
void vgpu_transfer_init_functions(struct vgpu_winsys *vgws);

/* vgpu_cmd_buf.c */
void vgpu_cmd_buf_init_functions(struct vgpu_winsys *vgws);

/* vgpu_fence.c */
void vgpu_fence_init_functions(struct vgpu_winsys *vgws);
struct pipe_fence_handle *vgpu_fence_create(uint64_t number);

#endif /* VGPU_WINSYS_H */
