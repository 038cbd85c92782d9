/* SPDX-License-Identifier: MIT */
#include "vgpu_pool.h"
#include "vgpu_client.h"
#include "vgpu_os.h"
#include "vgpu_timeline.h"

#include <stdlib.h>

/* A small program pins little; one that needs more pins less often. */
#define FIRST_ARENA_SIZE (4ull << 20)
#define LARGEST_ARENA_SIZE (16ull << 20)
/* What is at least this part of an arena gets one of its own. */
#define DEDICATED_FRACTION 2
#define FINI_TIMEOUT_MS 5000

struct vgpu_arena {
   struct vgpu_arena *next;
   struct vgpu_heap heap;
   struct vgpu_memory *memory; /* NULL: not reachable by the device, which is lost */
   void *pages;                /* NULL: the kernel's memory */
   uint8_t *address;
   uint64_t size;
   bool dedicated;
};

void
vgpu_pool_init(struct vgpu_pool *pool, struct vgpu_client *client)
{
   *pool = (struct vgpu_pool){ .client = client, .next_arena_size = FIRST_ARENA_SIZE };
   pool->pending_end = &pool->pending;
}

static bool
device_is_lost(const struct vgpu_pool *pool)
{
   return vgpu_client_gone(pool->client) || (pool->timeline && pool->timeline->lost);
}

/* Makes the arena's memory: the process's own pages, or the kernel's where the device needs that.
 */
static bool
arena_back(struct vgpu_pool *pool, struct vgpu_arena *arena)
{
   const uint32_t capabilities = vgpu_client_info(pool->client)->capabilities;
   enum vgpu_result result;

   if (!(capabilities & VGPU_CAP_PIN)) {
      result = vgpu_memory_alloc(pool->client, 0, &arena->size, &arena->memory);
      if (result == VGPU_OK) {
         arena->address = arena->memory->address;
         return true;
      }
      if (!device_is_lost(pool))
         return false;
   }

   arena->pages = vgpu_os_pages_alloc(arena->size);
   arena->address = arena->pages;
   if (!arena->pages)
      return false;
   if (device_is_lost(pool))
      return true;
   result = vgpu_memory_pin(pool->client, arena->pages, arena->size, &arena->memory);
   if (result == VGPU_OK || device_is_lost(pool))
      return true;
   vgpu_os_pages_free(arena->pages, arena->size);
   arena->pages = NULL;
   return false;
}

/* False while the device still uses the memory. */
static bool
arena_unback(struct vgpu_pool *pool, struct vgpu_arena *arena, uint32_t timeout_ms)
{
   if (arena->memory && arena->pages &&
       vgpu_memory_unpin(pool->client, arena->memory, timeout_ms) != VGPU_OK)
      return false;
   if (arena->memory && !arena->pages)
      vgpu_memory_free(pool->client, arena->memory);
   if (arena->pages)
      vgpu_os_pages_free(arena->pages, arena->size);
   return true;
}

static struct vgpu_arena *
arena_create(struct vgpu_pool *pool, uint64_t size, bool dedicated)
{
   struct vgpu_arena *arena = calloc(1, sizeof(*arena));

   if (!arena)
      return NULL;
   arena->size = (size + VGPU_PAGE_SIZE - 1) / VGPU_PAGE_SIZE * VGPU_PAGE_SIZE;
   arena->dedicated = dedicated;
   if (!arena_back(pool, arena))
      goto free_arena;
   if (!vgpu_heap_init(&arena->heap, arena->size))
      goto unback;
   arena->next = pool->arenas;
   pool->arenas = arena;
   return arena;

unback:
   arena_unback(pool, arena, FINI_TIMEOUT_MS);
free_arena:
   free(arena);
   return NULL;
}

/* Tries again to free the arenas that the device had not let go of. */
static void
bury(struct vgpu_pool *pool, uint32_t timeout_ms)
{
   struct vgpu_arena **link = &pool->dying;

   while (*link) {
      struct vgpu_arena *arena = *link;

      if (arena_unback(pool, arena, timeout_ms)) {
         *link = arena->next;
         free(arena);
      } else {
         link = &arena->next;
      }
   }
}

static void
arena_retire(struct vgpu_pool *pool, struct vgpu_arena *arena)
{
   struct vgpu_arena **link = &pool->arenas;

   while (*link != arena)
      link = &(*link)->next;
   *link = arena->next;
   vgpu_heap_fini(&arena->heap);
   arena->next = pool->dying;
   pool->dying = arena;
}

/* An empty arena is kept if it is the only ordinary one, so that a program that frees all does not
 * pin again. */
static bool
worth_keeping(const struct vgpu_pool *pool, const struct vgpu_arena *empty)
{
   if (empty->dedicated)
      return false;
   for (const struct vgpu_arena *arena = pool->arenas; arena; arena = arena->next) {
      if (arena != empty && !arena->dedicated)
         return false;
   }
   return true;
}

static void
release_block(struct vgpu_pool *pool, struct vgpu_block *block)
{
   struct vgpu_arena *arena = block->arena;

   vgpu_heap_free(block->node);
   free(block);
   if (arena->heap.used == 0 && !worth_keeping(pool, arena))
      arena_retire(pool, arena);
}

/* Takes back the freed blocks that the device is done with. */
static void
reap(struct vgpu_pool *pool)
{
   while (pool->pending &&
          (!pool->timeline || vgpu_timeline_done(pool->timeline, pool->pending->last_use))) {
      struct vgpu_block *block = pool->pending;

      pool->pending = block->next;
      if (!pool->pending)
         pool->pending_end = &pool->pending;
      release_block(pool, block);
   }
   bury(pool, 0);
}

static struct vgpu_block *
block_from(struct vgpu_arena *arena, uint64_t size)
{
   struct vgpu_range_node *node = vgpu_heap_alloc(&arena->heap, size);
   struct vgpu_block *block;

   if (!node)
      return NULL;
   block = calloc(1, sizeof(*block));
   if (!block) {
      vgpu_heap_free(node);
      return NULL;
   }
   block->ptr = arena->address + node->offset;
   block->memory_id = arena->memory ? arena->memory->id : 0;
   block->offset = node->offset;
   block->size = node->size;
   block->arena = arena;
   block->node = node;
   return block;
}

struct vgpu_block *
vgpu_pool_alloc(struct vgpu_pool *pool, uint64_t size)
{
   const uint64_t rounded = vgpu_heap_round(size);
   const bool dedicated = rounded >= pool->next_arena_size / DEDICATED_FRACTION;
   struct vgpu_arena *arena;

   reap(pool);
   if (!dedicated) {
      for (arena = pool->arenas; arena; arena = arena->next) {
         struct vgpu_block *block = arena->dedicated ? NULL : block_from(arena, rounded);

         if (block)
            return block;
      }
   }
   arena = arena_create(pool, dedicated ? rounded : pool->next_arena_size, dedicated);
   if (!arena)
      return NULL;
   if (!dedicated && pool->next_arena_size < LARGEST_ARENA_SIZE)
      pool->next_arena_size *= 2;
   return block_from(arena, rounded);
}

void
vgpu_pool_free(struct vgpu_pool *pool, struct vgpu_block *block, uint64_t last_use)
{
   if (!block)
      return;
   /* Fences complete in order, and so do the blocks in the list, or nearly: at worst one waits for
    * a younger fence. */
   block->last_use = last_use;
   block->next = NULL;
   *pool->pending_end = block;
   pool->pending_end = &block->next;
   reap(pool);
}

void
vgpu_pool_fini(struct vgpu_pool *pool)
{
   while (pool->pending) {
      struct vgpu_block *block = pool->pending;

      pool->pending = block->next;
      vgpu_heap_free(block->node);
      free(block);
   }
   while (pool->arenas)
      arena_retire(pool, pool->arenas);
   bury(pool, FINI_TIMEOUT_MS);
}
