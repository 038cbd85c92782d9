/* SPDX-License-Identifier: MIT */
#include "vgpu_draw.h"

#include <string.h>

#include "draw/draw_context.h"
#include "tgsi/tgsi_exec.h"

#define COLOUR_BYTES (TGSI_NUM_CHANNELS * TGSI_QUAD_SIZE * sizeof(float))

static void
get_samples(UNUSED struct tgsi_sampler *sampler, UNUSED const unsigned view,
            UNUSED const unsigned index, UNUSED const float s[TGSI_QUAD_SIZE],
            UNUSED const float t[TGSI_QUAD_SIZE], UNUSED const float r[TGSI_QUAD_SIZE],
            UNUSED const float c0[TGSI_QUAD_SIZE], UNUSED const float c1[TGSI_QUAD_SIZE],
            UNUSED float derivatives[3][2][TGSI_QUAD_SIZE], UNUSED const int8_t offset[3],
            UNUSED enum tgsi_sampler_control control, float rgba[TGSI_NUM_CHANNELS][TGSI_QUAD_SIZE])
{
   memset(rgba, 0, COLOUR_BYTES);
}

static void
get_dims(UNUSED struct tgsi_sampler *sampler, UNUSED const unsigned view, UNUSED int level,
         int dims[4])
{
   memset(dims, 0, 4 * sizeof(*dims));
}

static void
get_texel(UNUSED struct tgsi_sampler *sampler, UNUSED const unsigned view,
          UNUSED const int i[TGSI_QUAD_SIZE], UNUSED const int j[TGSI_QUAD_SIZE],
          UNUSED const int k[TGSI_QUAD_SIZE], UNUSED const int lod[TGSI_QUAD_SIZE],
          UNUSED const int8_t offset[3], float rgba[TGSI_NUM_CHANNELS][TGSI_QUAD_SIZE])
{
   memset(rgba, 0, COLOUR_BYTES);
}

static void
query_lod(UNUSED const struct tgsi_sampler *sampler, UNUSED const unsigned view,
          UNUSED const unsigned index, UNUSED const float s[TGSI_QUAD_SIZE],
          UNUSED const float t[TGSI_QUAD_SIZE], UNUSED const float p[TGSI_QUAD_SIZE],
          UNUSED const float c0[TGSI_QUAD_SIZE], UNUSED const enum tgsi_sampler_control control,
          float mipmap[TGSI_QUAD_SIZE], float lod[TGSI_QUAD_SIZE])
{
   memset(mipmap, 0, TGSI_QUAD_SIZE * sizeof(*mipmap));
   memset(lod, 0, TGSI_QUAD_SIZE * sizeof(*lod));
}

static void
image_load(UNUSED const struct tgsi_image *image, UNUSED const struct tgsi_image_params *params,
           UNUSED const int s[TGSI_QUAD_SIZE], UNUSED const int t[TGSI_QUAD_SIZE],
           UNUSED const int r[TGSI_QUAD_SIZE], UNUSED const int sample[TGSI_QUAD_SIZE],
           float rgba[TGSI_NUM_CHANNELS][TGSI_QUAD_SIZE])
{
   memset(rgba, 0, COLOUR_BYTES);
}

static void
image_store(UNUSED const struct tgsi_image *image, UNUSED const struct tgsi_image_params *params,
            UNUSED const int s[TGSI_QUAD_SIZE], UNUSED const int t[TGSI_QUAD_SIZE],
            UNUSED const int r[TGSI_QUAD_SIZE], UNUSED const int sample[TGSI_QUAD_SIZE],
            UNUSED float rgba[TGSI_NUM_CHANNELS][TGSI_QUAD_SIZE])
{
}

static void
image_op(UNUSED const struct tgsi_image *image, UNUSED const struct tgsi_image_params *params,
         UNUSED enum tgsi_opcode opcode, UNUSED const int s[TGSI_QUAD_SIZE],
         UNUSED const int t[TGSI_QUAD_SIZE], UNUSED const int r[TGSI_QUAD_SIZE],
         UNUSED const int sample[TGSI_QUAD_SIZE], float rgba[TGSI_NUM_CHANNELS][TGSI_QUAD_SIZE],
         UNUSED float other[TGSI_NUM_CHANNELS][TGSI_QUAD_SIZE])
{
   memset(rgba, 0, COLOUR_BYTES);
}

static void
image_dims(UNUSED const struct tgsi_image *image, UNUSED const struct tgsi_image_params *params,
           int dims[4])
{
   memset(dims, 0, 4 * sizeof(*dims));
}

static void *
lookup(UNUSED const struct tgsi_buffer *buffer, UNUSED uint32_t unit, uint32_t *size)
{
   *size = 0;
   return NULL;
}

void
vgpu_draw_init(struct draw_context *draw)
{
   static struct tgsi_sampler no_sampler = { get_samples, get_dims, get_texel, query_lod };
   static struct tgsi_image no_image = { image_load, image_store, image_op, image_dims };
   static struct tgsi_buffer no_buffer = { lookup };

   draw_texture_sampler(draw, PIPE_SHADER_VERTEX, &no_sampler);
   draw_image(draw, PIPE_SHADER_VERTEX, &no_image);
   draw_buffer(draw, PIPE_SHADER_VERTEX, &no_buffer);
}
