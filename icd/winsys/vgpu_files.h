/* SPDX-License-Identifier: MIT */
/*
 * The little that the shader cache needs of a file system; knows nothing of Mesa. Paths are UTF-8
 * with '/' between names. Nothing here reports why it failed: a cache that fails is none.
 */
#ifndef VGPU_FILES_H
#define VGPU_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vgpu_file_info {
   uint64_t size;    /* bytes */
   uint64_t seconds; /* since it was last written or touched */
};

/* The folder for caches of this user. False when there is none, or when what is in it must not be
 * trusted: programs with more rights than those that can write to it. */
bool vgpu_files_cache_root(char *path, size_t size);

/* With all folders above it. True also when it is there already. */
bool vgpu_files_make_folder(const char *path);

bool vgpu_files_info(const char *path, struct vgpu_file_info *info);

/* A whole file of at most max bytes; the caller frees it. NULL on any failure. */
void *vgpu_files_read(const char *path, size_t max, struct vgpu_file_info *info);

/* Makes a new file, which must not be there yet. What could not be written whole is removed. */
bool vgpu_files_write(const char *path, const void *data, size_t size);

/* In one step, over a file of that name: who opens it sees the old one or the new one. */
bool vgpu_files_move(const char *from, const char *to);

void vgpu_files_remove(const char *path);

/* Sets the time of the last write to now. */
void vgpu_files_touch(const char *path);

/* Calls each for the files of a folder, not for its folders. */
void vgpu_files_list(const char *folder,
                     void (*each)(void *data, const char *name, const struct vgpu_file_info *info),
                     void *data);

uint32_t vgpu_files_process_id(void);

#endif /* VGPU_FILES_H */
