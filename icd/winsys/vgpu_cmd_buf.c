/* SPDX-License-Identifier: MIT */
/*
 * Command buffers. virgl writes a stream straight into memory that the device reads, and a submit
 * passes only its place. Such a stream must not change until its fence is complete, so each command
 * buffer rotates through a few of them.
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
   uint32_t size; /* bytes of a stream */
   unsigned current;
   struct vgpu_stream streams[NUM_STREAMS];
   struct virgl_hw_res **res;
   unsigned num_res, max_res;
   uint64_t tag;
};

static struct vgpu_cmd_buf *
vgpu_cmd_buf(struct virgl_cmd_buf *buf)
{
   return (struct vgpu_cmd_buf *)buf;
}

static bool
stream_alloc(struct vgpu_cmd_buf *cbuf, struct vgpu_stream *stream)
{
   simple_mtx_lock(&cbuf->vgws->lock);
   stream->block = vgpu_pool_alloc(&cbuf->vgws->pool, cbuf->size);
   simple_mtx_unlock(&cbuf->vgws->lock);
   return stream->block != NULL;
}

/* Moves on to a stream that the device does not read any more. */
static void
next_stream(struct vgpu_cmd_buf *cbuf)
{
   struct vgpu_timeline *timeline = &cbuf->vgws->timeline;
   unsigned next = (cbuf->current + 1) % NUM_STREAMS;

   if (!cbuf->streams[next].block && vgpu_timeline_done(timeline, cbuf->streams[0].fence))
      next = 0; /* an old one is free: no need for more */
   if (!cbuf->streams[next].block && !stream_alloc(cbuf, &cbuf->streams[next]))
      next = cbuf->current;
   vgpu_winsys_wait(cbuf->vgws, cbuf->streams[next].fence, VGPU_TIMEOUT_INFINITE);
   cbuf->current = next;
   cbuf->base.buf = cbuf->streams[next].block->ptr;
}

static struct virgl_cmd_buf *
vgpu_cmd_buf_create(struct virgl_winsys *vws, uint32_t size)
{
   struct vgpu_cmd_buf *cbuf = CALLOC_STRUCT(vgpu_cmd_buf);

   if (!cbuf)
      return NULL;
   cbuf->vgws = vgpu_winsys(vws);
   cbuf->size = size * sizeof(uint32_t);
   cbuf->tag = p_atomic_inc_return(&cbuf->vgws->next_tag);
   cbuf->max_res = FIRST_MAX_RES;
   cbuf->res = CALLOC(cbuf->max_res, sizeof(*cbuf->res));
   if (!cbuf->res)
      goto free_buf;
   if (!stream_alloc(cbuf, &cbuf->streams[0]))
      goto free_res;
   cbuf->base.buf = cbuf->streams[0].block->ptr;
   return &cbuf->base;

free_res:
   FREE(cbuf->res);
free_buf:
   FREE(cbuf);
   return NULL;
}

/* fence: the submit that used the resources, 0 when there was none. */
static void
release_resources(struct vgpu_cmd_buf *cbuf, uint64_t fence)
{
   for (unsigned i = 0; i < cbuf->num_res; i++) {
      vgpu_resource_used(cbuf->res[i], fence);
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

   release_resources(cbuf, 0);
   simple_mtx_lock(&cbuf->vgws->lock);
   for (unsigned i = 0; i < NUM_STREAMS; i++)
      vgpu_pool_free(&cbuf->vgws->pool, cbuf->streams[i].block, cbuf->streams[i].fence);
   simple_mtx_unlock(&cbuf->vgws->lock);
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

static int
vgpu_submit_cmd(struct virgl_winsys *vws, struct virgl_cmd_buf *buf,
                struct pipe_fence_handle **fence)
{
   struct vgpu_cmd_buf *cbuf = vgpu_cmd_buf(buf);
   struct vgpu_winsys *vgws = cbuf->vgws;
   struct vgpu_stream *stream = &cbuf->streams[cbuf->current];
   const unsigned unused = unused_dwords(buf);
   struct vgpu_submit submit = {
      .context_id = vgws->context_id,
      .flags = VGPU_SUBMIT_FENCE,
      .stream = {
         .memory_id = stream->block->memory_id,
         .offset = stream->block->offset + unused * sizeof(uint32_t),
         .size = (buf->cdw - unused) * sizeof(uint32_t),
      },
   };
   bool submitted = false;

   if (buf->cdw && stream->block->memory_id && !vgws->timeline.lost) {
      const enum vgpu_result result = vgpu_submit(vgws->client, &submit);

      submitted = vgpu_winsys_check(vgws, result, "submit");
      if (result == VGPU_REFUSED) /* the host takes no more streams in this context */
         vgpu_winsys_refused(vgws, "a stream");
   }
   if (submitted) {
      stream->fence = submit.fence_number;
      next_stream(cbuf);
   }
   buf->cdw = 0;
   release_resources(cbuf, submitted ? submit.fence_number : 0);
   if (fence)
      *fence = vgpu_fence_create(submitted ? submit.fence_number : 0);
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
