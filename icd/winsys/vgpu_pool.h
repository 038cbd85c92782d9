/* SPDX-License-Identifier: MIT */
/*
 * Memory that the device can reach. Arenas of many pages are made reachable once; blocks of them
 * are given out and taken back without a system call. A block that is freed while the device may
 * still use it is reused when its fence is complete.
 *
 * An arena is memory of the kernel's, where it offers that, or the process's own pages, pinned. The
 * former is contiguous for the device, and so is every block of it; when memory is fragmented,
 * arenas are smaller. When there is no memory left, empty arenas are given back and
 * blocks that are still in use are waited for before an allocation fails.
 *
 * Not locked: the caller's lock guards a pool and everything that came from it, except the contents
 * of blocks.
 */
#ifndef VGPU_POOL_H
#define VGPU_POOL_H

#include <stdbool.h>
#include <stdint.h>

#include "vgpu_heap.h"

struct vgpu_client;
struct vgpu_timeline;
struct vgpu_arena;

struct vgpu_block {
   void *ptr;
   uint32_t memory_id; /* 0: the device is lost, and this is plain memory */
   uint64_t offset;    /* in that memory */
   uint64_t size;      /* at least what was asked for */
   /* private */
   struct vgpu_arena *arena;
   struct vgpu_range_node *node;
   uint64_t last_use;
   struct vgpu_block *next; /* waiting to be reused, oldest first */
};

struct vgpu_pool {
   struct vgpu_client *client;
   struct vgpu_timeline *timeline; /* NULL until there is one: nothing is in use then */
   struct vgpu_arena *arenas;
   struct vgpu_arena *dying; /* given back; the device has not let go yet */
   struct vgpu_block *pending, **pending_end;
   uint64_t next_arena_size;
};

void vgpu_pool_init(struct vgpu_pool *pool, struct vgpu_client *client);

/* Frees everything. Memory that the device does not let go of in a few seconds is leaked, never
 * reused. */
void vgpu_pool_fini(struct vgpu_pool *pool);

/* Contents are undefined. NULL when out of memory. */
struct vgpu_block *vgpu_pool_alloc(struct vgpu_pool *pool, uint64_t size);

/* last_use: the fence after which the device does not use the block any more. NULL is allowed. */
void vgpu_pool_free(struct vgpu_pool *pool, struct vgpu_block *block, uint64_t last_use);

#endif /* VGPU_POOL_H */
