/* SPDX-License-Identifier: MIT */
/* For the native stack and the unit tests. */
#include "vgpu_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

bool
vgpu_files_cache_root(char *path, size_t size)
{
   const char *cache = getenv("XDG_CACHE_HOME");
   const char *home = getenv("HOME");
   int length;

   if (geteuid() != getuid() || getegid() != getgid())
      return false;
   if (cache && cache[0])
      length = snprintf(path, size, "%s", cache);
   else if (home && home[0])
      length = snprintf(path, size, "%s/.cache", home);
   else
      return false;
   return length >= 0 && (size_t)length < size;
}

bool
vgpu_files_make_folder(const char *path)
{
   char part[4096];
   const size_t length = strlen(path);

   if (!length || length >= sizeof(part))
      return false;
   for (size_t i = 1; i <= length; i++) {
      if (path[i] && path[i] != '/')
         continue;
      memcpy(part, path, i);
      part[i] = '\0';
      if (mkdir(part, 0700) != 0 && errno != EEXIST)
         return false;
   }
   return true;
}

static void
describe(const struct stat *status, struct vgpu_file_info *info)
{
   const time_t now = time(NULL);

   info->size = (uint64_t)status->st_size;
   info->seconds = now > status->st_mtime ? (uint64_t)(now - status->st_mtime) : 0;
}

bool
vgpu_files_info(const char *path, struct vgpu_file_info *info)
{
   struct stat status;

   if (stat(path, &status) != 0 || !S_ISREG(status.st_mode))
      return false;
   describe(&status, info);
   return true;
}

static bool
read_all(int file, char *data, size_t size)
{
   while (size) {
      const ssize_t count = read(file, data, size);

      if (count <= 0)
         return false;
      data += count;
      size -= (size_t)count;
   }
   return true;
}

void *
vgpu_files_read(const char *path, size_t max, struct vgpu_file_info *info)
{
   const int file = open(path, O_RDONLY | O_CLOEXEC);
   struct stat status;
   void *data = NULL;

   if (file < 0)
      return NULL;
   if (fstat(file, &status) != 0 || !S_ISREG(status.st_mode) || (uint64_t)status.st_size > max)
      goto close_file;
   describe(&status, info);
   data = malloc((size_t)info->size + 1);
   if (data && !read_all(file, data, (size_t)info->size)) {
      free(data);
      data = NULL;
   }

close_file:
   close(file);
   return data;
}

bool
vgpu_files_write(const char *path, const void *data, size_t size)
{
   const int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
   bool whole;

   if (file < 0)
      return false;
   whole = !size || write(file, data, size) == (ssize_t)size;
   whole = close(file) == 0 && whole;
   if (!whole)
      unlink(path);
   return whole;
}

bool
vgpu_files_move(const char *from, const char *to)
{
   return rename(from, to) == 0;
}

void
vgpu_files_remove(const char *path)
{
   unlink(path);
}

void
vgpu_files_touch(const char *path)
{
   utimensat(AT_FDCWD, path, NULL, 0);
}

void
vgpu_files_list(const char *folder,
                void (*each)(void *data, const char *name, const struct vgpu_file_info *info),
                void *data)
{
   DIR *directory = opendir(folder);
   const struct dirent *entry;
   struct vgpu_file_info info;
   struct stat status;

   if (!directory)
      return;
   while ((entry = readdir(directory))) {
      if (fstatat(dirfd(directory), entry->d_name, &status, 0) != 0 || !S_ISREG(status.st_mode))
         continue;
      describe(&status, &info);
      each(data, entry->d_name, &info);
   }
   closedir(directory);
}

uint32_t
vgpu_files_process_id(void)
{
   return (uint32_t)getpid();
}
