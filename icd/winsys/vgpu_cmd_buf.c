/* SPDX-License-Identifier: MIT */
/*
 * Command buffers. virgl writes a stream straight into memory that the device reads, and a submit
 * passes only its place. Such a stream must not change until its fence is complete, so each command
 * buffer rotates through a few of them. Where there is no such memory left, the stream is ordinary
 * memory and the driver copies it.
 */
#include "vgpu_winsys.h"

#include <string.h>

#include "util/u_memory.h"
#include "virtio-gpu/virgl_protocol.h"

#define NUM_STREAMS 4
#define FIRST_MAX_RES 256

struct vgpu_stream {
   struct vgpu_block *block; /* NULL: not needed yet */
   uint64_t fence;           /* of its last submit */
};

struct vgpu_cmd_buf {
   struct virgl_cmd_buf base; /* base.buf: the current stream */
   struct vgpu_winsys *vgws;
   struct vgpu_device *device; /* which it uses */
   uint32_t size;              /* bytes of a stream */
   unsigned current;
   struct vgpu_stream streams[NUM_STREAMS];
   uint32_t *copied;    /* instead of streams, where there was no memory for the first */
   uint64_t last_fence; /* of all submits */
   struct virgl_hw_res **res;
   unsigned num_res, max_res;
   uint64_t tag;
};

static struct vgpu_cmd_buf *
vgpu_cmd_buf(struct virgl_cmd_buf *buf)
{
   return (struct vgpu_cmd_buf *)buf;
}

struct vgpu_device *
vgpu_cmd_buf_device(const struct virgl_cmd_buf *buf)
{
   return ((const struct vgpu_cmd_buf *)buf)->device;
}

uint64_t
vgpu_cmd_buf_last_fence(const struct virgl_cmd_buf *buf)
{
   return ((const struct vgpu_cmd_buf *)buf)->last_fence;
}

static bool
stream_alloc(struct vgpu_cmd_buf *cbuf, struct vgpu_stream *stream)
{
   simple_mtx_lock(&cbuf->device->lock);
   stream->block = vgpu_pool_alloc(&cbuf->device->pool, cbuf->size);
   simple_mtx_unlock(&cbuf->device->lock);
   return stream->block != NULL;
}

/* Moves on to a stream that the device does not read any more. */
static void
next_stream(struct vgpu_cmd_buf *cbuf)
{
   struct vgpu_timeline *timeline = &cbuf->device->timeline;
   unsigned next = (cbuf->current + 1) % NUM_STREAMS;

   if (!cbuf->streams[next].block && vgpu_timeline_done(timeline, cbuf->streams[0].fence))
      next = 0; /* an old one is free: no need for more */
   if (!cbuf->streams[next].block && !stream_alloc(cbuf, &cbuf->streams[next]))
      next = cbuf->current;
   vgpu_device_wait(cbuf->device, cbuf->streams[next].fence, VGPU_TIMEOUT_INFINITE);
   cbuf->current = next;
   cbuf->base.buf = cbuf->streams[next].block->ptr;
}

static struct virgl_cmd_buf *
vgpu_cmd_buf_create(struct virgl_winsys *vws, uint32_t size)
{
   struct vgpu_winsys *vgws = vgpu_winsys(vws);
   struct vgpu_cmd_buf *cbuf = CALLOC_STRUCT(vgpu_cmd_buf);

   if (!cbuf)
      return NULL;
   cbuf->vgws = vgws;
   cbuf->size = size * sizeof(uint32_t);
   cbuf->tag = p_atomic_inc_return(&vgws->next_tag);
   cbuf->max_res = FIRST_MAX_RES;
   cbuf->res = CALLOC(cbuf->max_res, sizeof(*cbuf->res));
   if (!cbuf->res)
      goto free_buf;
   cbuf->device = vgpu_winsys_device(vgws);
   if (stream_alloc(cbuf, &cbuf->streams[0])) {
      cbuf->base.buf = cbuf->streams[0].block->ptr;
      return &cbuf->base;
   }
   cbuf->copied = MALLOC(cbuf->size);
   if (!cbuf->copied)
      goto unuse_device;
   cbuf->base.buf = cbuf->copied;
   return &cbuf->base;

unuse_device:
   vgpu_device_unuse(cbuf->device);
   FREE(cbuf->res);
free_buf:
   FREE(cbuf);
   return NULL;
}

/* The stream that named the resources was submitted, with a fence, or dropped. */
static void
release_resources(struct vgpu_cmd_buf *cbuf, bool submitted)
{
   for (unsigned i = 0; i < cbuf->num_res; i++) {
      if (submitted)
         vgpu_resource_used(cbuf->res[i], cbuf->last_fence);
      p_atomic_set(&cbuf->res[i]->dropped, !submitted);
      p_atomic_dec(&cbuf->res[i]->num_cs_references);
      vgpu_resource_reference(&cbuf->vgws->base, &cbuf->res[i], NULL);
   }
   cbuf->num_res = 0;
   cbuf->tag = p_atomic_inc_return(&cbuf->vgws->next_tag);
}

static void
vgpu_cmd_buf_destroy(struct virgl_cmd_buf *buf)
{
   struct vgpu_cmd_buf *cbuf = vgpu_cmd_buf(buf);
   struct vgpu_device *device = cbuf->device;

   release_resources(cbuf, false);
   simple_mtx_lock(&device->lock);
   for (unsigned i = 0; i < NUM_STREAMS; i++)
      vgpu_pool_free(&device->pool, cbuf->streams[i].block, cbuf->streams[i].fence);
   simple_mtx_unlock(&device->lock);
   vgpu_device_unuse(device);
   FREE(cbuf->copied);
   FREE(cbuf->res);
   FREE(cbuf);
}

static bool
grow_resources(struct vgpu_cmd_buf *cbuf)
{
   const unsigned max_res = cbuf->max_res * 2;
   struct virgl_hw_res **res;

   res = REALLOC(cbuf->res, cbuf->max_res * sizeof(*res), max_res * sizeof(*res));
   if (!res)
      return false;
   cbuf->res = res;
   cbuf->max_res = max_res;
   return true;
}

static void
vgpu_emit_res(struct virgl_winsys *vws, struct virgl_cmd_buf *buf, struct virgl_hw_res *res,
              bool write_buf)
{
   struct vgpu_cmd_buf *cbuf = vgpu_cmd_buf(buf);

   if (unlikely(p_atomic_read(&res->device) != cbuf->device) && !vgpu_device_lost(cbuf->device))
      vgpu_resource_renew(vgpu_winsys(vws), res, cbuf->device);
   if (write_buf)
      buf->buf[buf->cdw++] = res->handle;

   /* When two contexts use a resource in turns it is listed more than once, which does no harm. */
   if (p_atomic_read(&res->last_tag) == cbuf->tag)
      return;
   if (cbuf->num_res == cbuf->max_res && !grow_resources(cbuf))
      return;
   cbuf->res[cbuf->num_res] = NULL;
   vgpu_resource_reference(vws, &cbuf->res[cbuf->num_res++], res);
   p_atomic_inc(&res->num_cs_references);
   p_atomic_set(&res->polled_since, 0);
   p_atomic_set(&res->last_tag, cbuf->tag);
}

static bool
vgpu_res_is_referenced(struct virgl_winsys *vws, struct virgl_cmd_buf *buf,
                       struct virgl_hw_res *res)
{
   return p_atomic_read(&res->num_cs_references) > 0;
}

/* virgl keeps the first part of a stream for transfers and, when there are none, fills it with one
 * command that says to skip it. How much that is, in dwords. */
static unsigned
unused_dwords(const struct virgl_cmd_buf *buf)
{
   const unsigned skipped = buf->cdw ? 1 + (buf->buf[0] >> 16) : 0;

   if (!buf->cdw || (buf->buf[0] & 0xff) != VIRGL_CCMD_END_TRANSFERS || skipped >= buf->cdw)
      return 0;
   return skipped;
}

/* Of the stream from unused, in dwords, to its end. */
static enum vgpu_result
submit_in_place(struct vgpu_cmd_buf *cbuf, unsigned unused, uint64_t *fence)
{
   const struct vgpu_block *block = cbuf->streams[cbuf->current].block;
   struct vgpu_submit submit = {
      .context_id = cbuf->device->context_id,
      .flags = VGPU_SUBMIT_FENCE,
      .stream = {
         .memory_id = block->memory_id,
         .offset = block->offset + unused * sizeof(uint32_t),
         .size = (cbuf->base.cdw - unused) * sizeof(uint32_t),
      },
   };
   const enum vgpu_result result =
      block->memory_id ? vgpu_submit(cbuf->device->client, &submit) : VGPU_GONE;

   *fence = submit.fence_number;
   return result;
}

static enum vgpu_result
submit_copied(struct vgpu_cmd_buf *cbuf, unsigned unused, uint64_t *fence)
{
   struct vgpu_submit_copy submit = {
      .context_id = cbuf->device->context_id,
      .flags = VGPU_SUBMIT_FENCE,
      .address = (uintptr_t)(cbuf->copied + unused),
      .size = (cbuf->base.cdw - unused) * sizeof(uint32_t),
   };
   const enum vgpu_result result = vgpu_submit_copy(cbuf->device->client, &submit);

   *fence = submit.fence_number;
   return result;
}

static bool
submit(struct vgpu_cmd_buf *cbuf)
{
   const unsigned unused = unused_dwords(&cbuf->base);
   struct vgpu_device *device = cbuf->device;
   enum vgpu_result result;
   uint64_t fence;

   if (!cbuf->base.cdw || vgpu_device_lost(device))
      return false;
   if (cbuf->copied)
      result = submit_copied(cbuf, unused, &fence);
   else
      result = submit_in_place(cbuf, unused, &fence);
   if (result == VGPU_REFUSED) /* the host takes no more streams in this context */
      vgpu_device_refused(device, "a stream");
   if (!vgpu_device_check(device, result, "submit"))
      return false;
   cbuf->last_fence = fence;
   if (!cbuf->copied) {
      cbuf->streams[cbuf->current].fence = fence;
      next_stream(cbuf);
   }
   return true;
}

static int
vgpu_submit_cmd(struct virgl_winsys *vws, struct virgl_cmd_buf *buf,
                struct pipe_fence_handle **fence)
{
   struct vgpu_cmd_buf *cbuf = vgpu_cmd_buf(buf);
   const bool submitted = submit(cbuf);

   buf->cdw = 0;
   release_resources(cbuf, submitted);
   if (fence)
      *fence = vgpu_fence_create(cbuf->device, submitted ? cbuf->last_fence : 0);
   return submitted ? 0 : -1;
}

void
vgpu_cmd_buf_init_functions(struct vgpu_winsys *vgws)
{
   vgws->base.cmd_buf_create = vgpu_cmd_buf_create;
   vgws->base.cmd_buf_destroy = vgpu_cmd_buf_destroy;
   vgws->base.emit_res = vgpu_emit_res;
   vgws->base.submit_cmd = vgpu_submit_cmd;
   vgws->base.res_is_referenced = vgpu_res_is_referenced;
}
