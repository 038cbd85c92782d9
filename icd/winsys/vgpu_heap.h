/* SPDX-License-Identifier: MIT */
/*
 * A suballocator: gives out ranges of a range of bytes. It knows nothing of memory; callers add
 * offsets to addresses. First fit; neighbouring free ranges are joined at once. Not locked: the
 * caller's lock guards it.
 */
#ifndef VGPU_HEAP_H
#define VGPU_HEAP_H

#include <stdbool.h>
#include <stdint.h>

/* Offsets and sizes are multiples of this; ranges of a page or more start on a page. */
#define VGPU_HEAP_ALIGNMENT 64u
#define VGPU_HEAP_PAGE 4096u

struct vgpu_heap;

struct vgpu_range_node {
   struct vgpu_heap *heap;
   uint64_t offset;
   uint64_t size;
   bool is_free;
   /* neighbours by offset */
   struct vgpu_range_node *prev, *next;
   /* free ranges, in no order */
   struct vgpu_range_node *free_prev, *free_next;
};

struct vgpu_heap {
   uint64_t size;
   uint64_t used;
   struct vgpu_range_node *first;
   struct vgpu_range_node *free_list;
   /* No free range is larger. It may be too high: corrected by the next search that fails. */
   uint64_t largest_free;
};

/* size: a multiple of VGPU_HEAP_PAGE. False when out of memory. */
bool vgpu_heap_init(struct vgpu_heap *heap, uint64_t size);

/* Everything must have been freed. */
void vgpu_heap_fini(struct vgpu_heap *heap);

/* What a request for size bytes takes up. */
uint64_t vgpu_heap_round(uint64_t size);

/* size: as vgpu_heap_round gives it. NULL when no free range is large enough. */
struct vgpu_range_node *vgpu_heap_alloc(struct vgpu_heap *heap, uint64_t size);
void vgpu_heap_free(struct vgpu_range_node *node);

#endif /* VGPU_HEAP_H */
