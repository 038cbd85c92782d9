/* SPDX-License-Identifier: MIT */
#include "vgpu_pool.h"
#include "vgpu_client.h"
#include "vgpu_os.h"
#include "vgpu_timeline.h"

#include <stdlib.h>

/* A small program takes little; one that needs more asks less often. */
#define FIRST_ARENA_SIZE (4ull << 20)
#define LARGEST_ARENA_SIZE (16ull << 20)
/* What is at least this part of an arena gets one of its own. */
#define DEDICATED_FRACTION 2
/* How long the device may take to let go of memory: when some is wanted, and at the end. */
#define ROOM_TIMEOUT_MS 500
#define FINI_TIMEOUT_MS 1000
#define FINI_TRIES 5

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

/* Makes the arena's memory: the kernel's where it offers that, for it is contiguous, and the host
 * copies straight from and to what is; else, or for more than is easily found in one piece, the
 * process's own pages. One that is to be shared may come out smaller, when memory is fragmented.
 */
static bool
arena_back(struct vgpu_pool *pool, struct vgpu_arena *arena)
{
   const uint32_t capabilities = vgpu_client_info(pool->client)->capabilities;
   const bool can_pin = capabilities & VGPU_CAP_PIN;
   enum vgpu_result result;

   if (capabilities & VGPU_CAP_ALLOC && (!can_pin || arena->size <= LARGEST_ARENA_SIZE)) {
      result = vgpu_memory_alloc(pool->client, arena->dedicated ? 0 : VGPU_MEMORY_SHORT,
                                 &arena->size, &arena->memory);
      if (result == VGPU_OK) {
         arena->address = arena->memory->address;
         return true;
      }
      if (!can_pin && !device_is_lost(pool))
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

/* Tries again to free the arenas that the device had not let go of. timeout_ms: for all of them. */
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
         timeout_ms = 0;
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

static struct vgpu_block *
block_from_any(struct vgpu_pool *pool, uint64_t size)
{
   struct vgpu_block *block = NULL;

   for (struct vgpu_arena *arena = pool->arenas; arena && !block; arena = arena->next) {
      if (!arena->dedicated)
         block = block_from(arena, size);
   }
   return block;
}

/* The next ordinary arena, if there is memory for one. Its size is what was given last time, or
 * twice that. */
static void
grow(struct vgpu_pool *pool)
{
   struct vgpu_arena *arena = arena_create(pool, pool->next_arena_size, false);

   if (!arena)
      return;
   if (arena->size < pool->next_arena_size)
      pool->next_arena_size = arena->size;
   else if (pool->next_arena_size < LARGEST_ARENA_SIZE)
      pool->next_arena_size *= 2;
}

static struct vgpu_block *
block_new(struct vgpu_pool *pool, uint64_t size)
{
   const bool dedicated = size >= pool->next_arena_size / DEDICATED_FRACTION;
   struct vgpu_block *block = NULL;
   struct vgpu_arena *arena;

   if (!dedicated) {
      block = block_from_any(pool, size);
      if (block)
         return block;
      grow(pool);
      block = block_from_any(pool, size);
      if (block)
         return block;
   }
   /* Large, or what is free is in pieces that are too small: exactly this much. */
   arena = arena_create(pool, size, true);
   if (arena)
      return block_from(arena, size);
   return dedicated ? block_from_any(pool, size) : NULL;
}

/* Gives back what can be given back, for which it waits until the device is done with it. False
 * when there is nothing. */
static bool
make_room(struct vgpu_pool *pool)
{
   const bool had_pending = pool->pending;
   struct vgpu_arena *arena, *next;
   uint64_t last_use = 0;

   for (const struct vgpu_block *block = pool->pending; block; block = block->next) {
      if (block->last_use > last_use)
         last_use = block->last_use;
   }
   if (pool->timeline)
      vgpu_timeline_wait(pool->timeline, last_use, VGPU_TIMEOUT_INFINITE);
   reap(pool);
   for (arena = pool->arenas; arena; arena = next) {
      next = arena->next;
      if (arena->heap.used == 0)
         arena_retire(pool, arena);
   }
   if (!pool->dying)
      return had_pending;
   bury(pool, ROOM_TIMEOUT_MS);
   return true;
}

struct vgpu_block *
vgpu_pool_alloc(struct vgpu_pool *pool, uint64_t size)
{
   const uint64_t rounded = vgpu_heap_round(size);
   struct vgpu_block *block;

   reap(pool);
   block = block_new(pool, rounded);
   if (!block && make_room(pool))
      block = block_new(pool, rounded);
   return block;
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
   bury(pool, 0); /* all are given back before any is waited for */
   for (unsigned i = 0; pool->dying && i < FINI_TRIES; i++)
      bury(pool, FINI_TIMEOUT_MS);
}
