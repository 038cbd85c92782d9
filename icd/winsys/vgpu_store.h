/* SPDX-License-Identifier: MIT */
/*
 * Data under keys, in a folder that many processes share and that none keeps open; knows nothing
 * of Mesa. An entry is a file of its own, which appears whole or not at all. It is checked when it
 * is read: what is broken counts as missing. A mark is an entry that is empty.
 *
 * All functions are safe from any thread and any process. There is no state but a count of bytes.
 */
#ifndef VGPU_STORE_H
#define VGPU_STORE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VGPU_STORE_KEY 20     /* bytes */
#define VGPU_STORE_FOLDER 512 /* bytes of the folder's name at most */

struct vgpu_store {
   char folder[VGPU_STORE_FOLDER];
   uint64_t max;                   /* bytes; passed by a sixteenth per process at most */
   _Atomic uint32_t until_trimmed; /* units of disk that may be written before the next look */
   _Atomic uint32_t number;        /* of the next temporary file */
};

/* Makes nothing yet. False when the name is too long. */
bool vgpu_store_init(struct vgpu_store *store, const char *folder, uint64_t max);

/* The caller frees it. NULL when there is none. */
void *vgpu_store_get(struct vgpu_store *store, const uint8_t key[VGPU_STORE_KEY], size_t *size);
void vgpu_store_put(struct vgpu_store *store, const uint8_t key[VGPU_STORE_KEY], const void *data,
                    size_t size);
void vgpu_store_remove(struct vgpu_store *store, const uint8_t key[VGPU_STORE_KEY]);

bool vgpu_store_has_mark(struct vgpu_store *store, const uint8_t key[VGPU_STORE_KEY]);
void vgpu_store_mark(struct vgpu_store *store, const uint8_t key[VGPU_STORE_KEY]);

#endif /* VGPU_STORE_H */
