/* SPDX-License-Identifier: MIT */
#include "vgpu_caps.h"

#include <stdio.h>
#include <string.h>

#define PRODUCT "vgpu"
#define HOST_PREFIX "virgl ("

#define GLSL_430 430
#define BLOCKS_430 14 /* GL_MAX_VERTEX_UNIFORM_BLOCKS, at least */

uint32_t
vgpu_caps_constant_buffers(uint32_t reported, uint32_t glsl_level)
{
   return glsl_level >= GLSL_430 && reported == BLOCKS_430 ? BLOCKS_430 + 1 : reported;
}

void
vgpu_caps_renderer(char *text, size_t size, const char *host)
{
   size_t length = strlen(host);

   /* Hosts say "virgl (GPU)", cut off when that is long. */
   if (strncmp(host, HOST_PREFIX, strlen(HOST_PREFIX)) == 0) {
      host += strlen(HOST_PREFIX);
      length -= strlen(HOST_PREFIX);
      if (length && host[length - 1] == ')')
         length--;
   }
   if (!length || strcmp(host, "virgl") == 0)
      snprintf(text, size, PRODUCT);
   else
      snprintf(text, size, PRODUCT " (%.*s)", (int)length, host);
}

static uint32_t
level_size(uint32_t size, uint32_t level)
{
   return level < 32 && size >> level ? size >> level : 1;
}

static uint64_t
blocks(uint32_t pixels, uint32_t block)
{
   return ((uint64_t)pixels + block - 1) / block;
}

uint64_t
vgpu_caps_texture_bytes(const struct vgpu_texture_shape *shape)
{
   uint64_t bytes = 0;

   for (uint32_t level = 0; level <= shape->last_level; level++) {
      const uint64_t layer = blocks(level_size(shape->width, level), shape->block_width) *
                             blocks(level_size(shape->height, level), shape->block_height) *
                             shape->block_bytes;

      bytes += layer * level_size(shape->depth, level) * shape->layers;
   }
   return bytes;
}
