/* SPDX-License-Identifier: MIT */
#include "vgpu_heap.h"

#include <stdlib.h>

static uint64_t
align_up(uint64_t value, uint64_t alignment)
{
   return (value + alignment - 1) / alignment * alignment;
}

uint64_t
vgpu_heap_round(uint64_t size)
{
   if (size < VGPU_HEAP_PAGE)
      return align_up(size ? size : 1, VGPU_HEAP_ALIGNMENT);
   return align_up(size, VGPU_HEAP_PAGE);
}

static void
free_list_add(struct vgpu_range_node *node)
{
   struct vgpu_heap *heap = node->heap;

   node->is_free = true;
   node->free_prev = NULL;
   node->free_next = heap->free_list;
   if (heap->free_list)
      heap->free_list->free_prev = node;
   heap->free_list = node;
   if (node->size > heap->largest_free)
      heap->largest_free = node->size;
}

static void
free_list_remove(struct vgpu_range_node *node)
{
   if (node->free_prev)
      node->free_prev->free_next = node->free_next;
   else
      node->heap->free_list = node->free_next;
   if (node->free_next)
      node->free_next->free_prev = node->free_prev;
   node->is_free = false;
}

bool
vgpu_heap_init(struct vgpu_heap *heap, uint64_t size)
{
   struct vgpu_range_node *node = calloc(1, sizeof(*node));

   *heap = (struct vgpu_heap){ .size = size };
   if (!node)
      return false;
   node->heap = heap;
   node->size = size;
   heap->first = node;
   free_list_add(node);
   return true;
}

void
vgpu_heap_fini(struct vgpu_heap *heap)
{
   free(heap->first);
   *heap = (struct vgpu_heap){ 0 };
}

/* Cuts node at an offset inside it; returns the new upper part, which is in no list of free ranges.
 */
static struct vgpu_range_node *
split(struct vgpu_range_node *node, uint64_t at)
{
   struct vgpu_range_node *upper = calloc(1, sizeof(*upper));

   if (!upper)
      return NULL;
   upper->heap = node->heap;
   upper->offset = at;
   upper->size = node->offset + node->size - at;
   upper->prev = node;
   upper->next = node->next;
   if (node->next)
      node->next->prev = upper;
   node->next = upper;
   node->size = at - node->offset;
   return upper;
}

/* Appends the upper neighbour to node and forgets the neighbour. */
static void
join(struct vgpu_range_node *node, struct vgpu_range_node *upper)
{
   node->size += upper->size;
   node->next = upper->next;
   if (upper->next)
      upper->next->prev = node;
   free(upper);
}

static struct vgpu_range_node *
find(struct vgpu_heap *heap, uint64_t size, uint64_t alignment, uint64_t *start)
{
   uint64_t largest = 0;

   if (heap->largest_free < size)
      return NULL;
   for (struct vgpu_range_node *node = heap->free_list; node; node = node->free_next) {
      *start = align_up(node->offset, alignment);
      if (*start + size <= node->offset + node->size)
         return node;
      if (node->size > largest)
         largest = node->size;
   }
   heap->largest_free = largest;
   return NULL;
}

struct vgpu_range_node *
vgpu_heap_alloc(struct vgpu_heap *heap, uint64_t size)
{
   const uint64_t alignment = size >= VGPU_HEAP_PAGE ? VGPU_HEAP_PAGE : VGPU_HEAP_ALIGNMENT;
   struct vgpu_range_node *node, *rest;
   uint64_t start;

   node = find(heap, size, alignment, &start);
   if (!node)
      return NULL;

   free_list_remove(node);
   if (start > node->offset) {
      struct vgpu_range_node *lower = node;

      node = split(lower, start);
      free_list_add(lower);
      if (!node)
         return NULL;
   }
   if (node->size > size) {
      rest = split(node, node->offset + size);
      if (rest)
         free_list_add(rest); /* else the caller gets more than it asked for */
   }
   heap->used += node->size;
   return node;
}

void
vgpu_heap_free(struct vgpu_range_node *node)
{
   struct vgpu_range_node *neighbour;

   node->heap->used -= node->size;
   neighbour = node->next;
   if (neighbour && neighbour->is_free) {
      free_list_remove(neighbour);
      join(node, neighbour);
   }
   neighbour = node->prev;
   if (neighbour && neighbour->is_free) {
      free_list_remove(neighbour);
      join(neighbour, node);
      node = neighbour;
   }
   free_list_add(node);
}
