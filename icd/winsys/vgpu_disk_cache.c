/* SPDX-License-Identifier: MIT */
/*
 * The functions of util/disk_cache.h. Mesa's own need a compression library and POSIX; these are
 * for any system, and write at once: on Windows a thread of ours could not finish its work when
 * the process ends.
 */
#include "util/disk_cache.h"
#include "util/ralloc.h"
#include "util/u_debug.h"
#include "util/u_memory.h"

#include "vgpu_build.h"
#include "vgpu_files.h"
#include "vgpu_settings.h"
#include "vgpu_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SUBFOLDER "vgpu/shader-cache"

struct disk_cache {
   struct vgpu_store store;
   cache_key identity; /* of this build on this host: a part of each key */
};

static bool
find_folder(char *folder, size_t size)
{
   const struct vgpu_settings *settings = vgpu_settings();
   char root[VGPU_STORE_FOLDER];

   if (!settings->shader_cache || debug_get_bool_option("MESA_SHADER_CACHE_DISABLE", false))
      return false;
   if (settings->shader_cache_folder[0])
      return (size_t)snprintf(folder, size, "%s", settings->shader_cache_folder) < size;
   return vgpu_files_cache_root(root, sizeof(root)) &&
          (size_t)snprintf(folder, size, "%s/" SUBFOLDER, root) < size;
}

struct disk_cache *
disk_cache_create(const char *gpu_name, const char *driver_id, uint64_t driver_flags)
{
   const uint8_t pointer_size = sizeof(void *); /* serialized structures may contain pointers */
   char folder[VGPU_STORE_FOLDER];
   struct disk_cache *cache;
   struct mesa_sha1 sha1;

   if (!find_folder(folder, sizeof(folder)))
      return NULL;
   cache = CALLOC_STRUCT(disk_cache);
   if (!cache)
      return NULL;
   if (!vgpu_store_init(&cache->store, folder, (uint64_t)vgpu_settings()->shader_cache_mib << 20)) {
      FREE(cache);
      return NULL;
   }
   _mesa_sha1_init(&sha1);
   _mesa_sha1_update(&sha1, VGPU_BUILD, sizeof(VGPU_BUILD));
   _mesa_sha1_update(&sha1, gpu_name, strlen(gpu_name) + 1);
   _mesa_sha1_update(&sha1, driver_id, strlen(driver_id) + 1);
   _mesa_sha1_update(&sha1, &driver_flags, sizeof(driver_flags));
   _mesa_sha1_update(&sha1, &pointer_size, sizeof(pointer_size));
   _mesa_sha1_final(&sha1, cache->identity);
   return cache;
}

void
disk_cache_destroy(struct disk_cache *cache)
{
   FREE(cache);
}

void
disk_cache_remove(struct disk_cache *cache, const cache_key key)
{
   vgpu_store_remove(&cache->store, key);
}

void
disk_cache_put(struct disk_cache *cache, const cache_key key, const void *data, size_t size,
               struct cache_item_metadata *cache_item_metadata)
{
   vgpu_store_put(&cache->store, key, data, size);
}

void
disk_cache_put_nocopy(struct disk_cache *cache, const cache_key key, void *data, size_t size,
                      struct cache_item_metadata *cache_item_metadata)
{
   vgpu_store_put(&cache->store, key, data, size);
   free(data);
}

void *
disk_cache_get(struct disk_cache *cache, const cache_key key, size_t *size)
{
   size_t length = 0;
   void *data = vgpu_store_get(&cache->store, key, &length);

   if (size)
      *size = length;
   return data;
}

void
disk_cache_put_key(struct disk_cache *cache, const cache_key key)
{
   vgpu_store_mark(&cache->store, key);
}

bool
disk_cache_has_key(struct disk_cache *cache, const cache_key key)
{
   return vgpu_store_has_mark(&cache->store, key);
}

void
disk_cache_compute_key(struct disk_cache *cache, const void *data, size_t size, cache_key key)
{
   struct mesa_sha1 sha1;

   _mesa_sha1_init(&sha1);
   _mesa_sha1_update(&sha1, cache->identity, sizeof(cache->identity));
   _mesa_sha1_update(&sha1, data, size);
   _mesa_sha1_final(&sha1, key);
}

/* EGL programs may offer storage of their own, which need not be used. */
void
disk_cache_set_callbacks(struct disk_cache *cache, disk_cache_put_cb put, disk_cache_get_cb get)
{
}
