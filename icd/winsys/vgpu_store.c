/* SPDX-License-Identifier: MIT */
#include "vgpu_store.h"
#include "vgpu_files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAGIC 0x31536756u     /* "VgS1": changes with the layout */
#define MAX_ENTRY (64u << 20) /* bytes of data */
#define MAX_PATH_LENGTH (VGPU_STORE_FOLDER + 96)
#define NUM_FOLDERS 16               /* by the key's first digit */
#define SECONDS_PER_DAY (24u * 3600) /* how exactly the last use is known */
#define SECONDS_TO_WRITE 3600u       /* a temporary file that old is left from a crash */
#define UNIT 4096u                   /* bytes: files take whole units of the disk */

struct header {
   uint32_t magic;
   uint32_t size; /* bytes of data, which follow */
   uint64_t hash; /* of key and data */
   uint8_t key[VGPU_STORE_KEY];
   uint32_t zero;
};

enum kind { KIND_ENTRY, KIND_MARK };

/* FNV-1a: against accidents, not against people, who could write into the folder what they like. */
static uint64_t
hash_bytes(uint64_t hash, const void *data, size_t size)
{
   const uint8_t *bytes = data;

   for (size_t i = 0; i < size; i++)
      hash = (hash ^ bytes[i]) * 0x100000001b3u;
   return hash;
}

static uint64_t
hash_entry(const uint8_t *key, const void *data, size_t size)
{
   return hash_bytes(hash_bytes(0xcbf29ce484222325u, key, VGPU_STORE_KEY), data, size);
}

static uint64_t
units(uint64_t size)
{
   return size / UNIT + 1;
}

bool
vgpu_store_init(struct vgpu_store *store, const char *folder, uint64_t max)
{
   memset(store, 0, sizeof(*store));
   if (strlen(folder) >= sizeof(store->folder))
      return false;
   strcpy(store->folder, folder);
   store->max = max;
   return true;
}

static void
make_path(const struct vgpu_store *store, const uint8_t *key, enum kind kind, char *path)
{
   char name[2 * VGPU_STORE_KEY + 1];

   for (unsigned i = 0; i < VGPU_STORE_KEY; i++)
      snprintf(name + 2 * i, 3, "%02x", key[i]);
   snprintf(path, MAX_PATH_LENGTH, "%s/%c/%s%s", store->folder, name[0], name,
            kind == KIND_MARK ? ".mark" : "");
}

static void
note_use(const char *path, const struct vgpu_file_info *info)
{
   if (info->seconds > SECONDS_PER_DAY)
      vgpu_files_touch(path);
}

void *
vgpu_store_get(struct vgpu_store *store, const uint8_t key[VGPU_STORE_KEY], size_t *size)
{
   char path[MAX_PATH_LENGTH];
   struct vgpu_file_info info;
   struct header header;
   uint8_t *file;

   make_path(store, key, KIND_ENTRY, path);
   file = vgpu_files_read(path, sizeof(header) + MAX_ENTRY, &info);
   if (!file)
      return NULL;
   if (info.size < sizeof(header))
      goto broken;
   memcpy(&header, file, sizeof(header));
   if (header.magic != MAGIC || header.size != info.size - sizeof(header) ||
       memcmp(header.key, key, VGPU_STORE_KEY) != 0 || header.zero ||
       header.hash != hash_entry(key, file + sizeof(header), header.size))
      goto broken;
   note_use(path, &info);
   memmove(file, file + sizeof(header), header.size);
   *size = header.size;
   return file;

broken:
   free(file);
   vgpu_files_remove(path);
   return NULL;
}

bool
vgpu_store_has_mark(struct vgpu_store *store, const uint8_t key[VGPU_STORE_KEY])
{
   char path[MAX_PATH_LENGTH];
   struct vgpu_file_info info;

   make_path(store, key, KIND_MARK, path);
   if (!vgpu_files_info(path, &info))
      return false;
   note_use(path, &info);
   return true;
}

void
vgpu_store_remove(struct vgpu_store *store, const uint8_t key[VGPU_STORE_KEY])
{
   char path[MAX_PATH_LENGTH];

   make_path(store, key, KIND_ENTRY, path);
   vgpu_files_remove(path);
}

struct listed {
   char name[80];
   unsigned folder;
   uint64_t bytes, seconds; /* of disk; of age */
};

struct listing {
   const struct vgpu_store *store;
   struct listed *files;
   size_t count, room;
   unsigned folder;
   uint64_t total; /* bytes */
};

static void
listed_path(const struct vgpu_store *store, unsigned folder, const char *name, char *path)
{
   snprintf(path, MAX_PATH_LENGTH, "%s/%x/%s", store->folder, folder, name);
}

static void
add_file(void *data, const char *name, const struct vgpu_file_info *info)
{
   struct listing *listing = data;
   struct listed *file;

   if (strlen(name) >= sizeof(file->name))
      return;
   if (strstr(name, ".tmp") && info->seconds > SECONDS_TO_WRITE) {
      char path[MAX_PATH_LENGTH];

      listed_path(listing->store, listing->folder, name, path);
      vgpu_files_remove(path);
      return;
   }
   listing->total += units(info->size) * UNIT;
   if (listing->count == listing->room) {
      const size_t room = listing->room ? 2 * listing->room : 256;
      struct listed *files = realloc(listing->files, room * sizeof(*files));

      if (!files)
         return;
      listing->files = files;
      listing->room = room;
   }
   file = &listing->files[listing->count++];
   strcpy(file->name, name);
   file->folder = listing->folder;
   file->bytes = units(info->size) * UNIT;
   file->seconds = info->seconds;
}

static int
oldest_first(const void *a, const void *b)
{
   const struct listed *one = a, *other = b;

   return (one->seconds < other->seconds) - (one->seconds > other->seconds);
}

/* When there is too much, a quarter goes, so that this is not done again at once. */
static void
trim(const struct vgpu_store *store)
{
   struct listing listing = { .store = store };
   char path[MAX_PATH_LENGTH];

   for (; listing.folder < NUM_FOLDERS; listing.folder++) {
      snprintf(path, sizeof(path), "%s/%x", store->folder, listing.folder);
      vgpu_files_list(path, add_file, &listing);
   }
   if (listing.total > store->max) {
      qsort(listing.files, listing.count, sizeof(*listing.files), oldest_first);
      for (size_t i = 0; i < listing.count && listing.total > store->max / 4 * 3; i++) {
         listed_path(store, listing.files[i].folder, listing.files[i].name, path);
         vgpu_files_remove(path);
         listing.total -= listing.files[i].bytes;
      }
   }
   free(listing.files);
}

/* Each process looks before it writes for the first time, and again after a sixteenth of what is
 * allowed. */
static void
account(struct vgpu_store *store, size_t size)
{
   const uint32_t written = (uint32_t)units(size);
   const uint32_t again = (uint32_t)(store->max / 16 / UNIT);
   uint32_t left = atomic_load(&store->until_trimmed);

   while (!atomic_compare_exchange_weak(&store->until_trimmed, &left,
                                        (left >= written ? left : again) - written))
      ;
   if (left < written)
      trim(store);
}

/* A file of another name first, which is moved when it is whole. */
static void
put_file(struct vgpu_store *store, const char *path, const void *data, size_t size)
{
   char temporary[MAX_PATH_LENGTH + 32], folder[MAX_PATH_LENGTH];

   account(store, size);
   snprintf(temporary, sizeof(temporary), "%s.%x.%x.tmp", path, vgpu_files_process_id(),
            atomic_fetch_add(&store->number, 1));
   if (!vgpu_files_write(temporary, data, size)) {
      strcpy(folder, path);
      *strrchr(folder, '/') = '\0';
      vgpu_files_remove(temporary); /* of a process that had the same number and crashed */
      if (!vgpu_files_make_folder(folder) || !vgpu_files_write(temporary, data, size))
         return;
   }
   if (!vgpu_files_move(temporary, path))
      vgpu_files_remove(temporary);
}

void
vgpu_store_put(struct vgpu_store *store, const uint8_t key[VGPU_STORE_KEY], const void *data,
               size_t size)
{
   struct header header = { .magic = MAGIC };
   char path[MAX_PATH_LENGTH];
   uint8_t *file;

   if (size > MAX_ENTRY || sizeof(header) + size + UNIT > store->max / 16)
      return;
   file = malloc(sizeof(header) + size);
   if (!file)
      return;
   header.size = (uint32_t)size;
   header.hash = hash_entry(key, data, size);
   memcpy(header.key, key, VGPU_STORE_KEY);
   memcpy(file, &header, sizeof(header));
   memcpy(file + sizeof(header), data, size);
   make_path(store, key, KIND_ENTRY, path);
   put_file(store, path, file, sizeof(header) + size);
   free(file);
}

void
vgpu_store_mark(struct vgpu_store *store, const uint8_t key[VGPU_STORE_KEY])
{
   char path[MAX_PATH_LENGTH];

   make_path(store, key, KIND_MARK, path);
   put_file(store, path, "", 0);
}
