/* SPDX-License-Identifier: MIT */
#include "vgpu_screen.h"
#include "vgpu_caps.h"
#include "vgpu_context.h"
#include "vgpu_position.h"
#include "vgpu_settings.h"
#include "vgpu_subgroups.h"
#include "vgpu_winsys.h"

#include "util/format/u_format.h"
#include "virgl/virgl_screen.h"

uint64_t
vgpu_screen_bytes(const struct virgl_resource_params *params)
{
   const struct vgpu_texture_shape shape = {
      .width = params->width,
      .height = params->height,
      .depth = params->target == PIPE_TEXTURE_3D ? params->depth : 1,
      .layers = params->target == PIPE_TEXTURE_CUBE ? 6 : MAX2(params->array_size, 1),
      .last_level = params->last_level,
      .block_width = util_format_get_blockwidth(params->format),
      .block_height = util_format_get_blockheight(params->format),
      .block_bytes = util_format_get_blocksize(params->format),
   };

   return vgpu_caps_texture_bytes(&shape);
}

/* How large a texture may be is a matter of bytes, too: those that stay on the guest's side. */
static bool
can_create_resource(struct pipe_screen *screen, const struct pipe_resource *templ)
{
   const struct virgl_screen *vs = virgl_screen(screen);
   const struct vgpu_winsys *vgws = vgpu_winsys(vs->vws);
   const struct virgl_resource_params params = {
      .format = templ->format,
      .width = templ->width0,
      .height = templ->height0,
      .depth = templ->depth0,
      .array_size = templ->array_size,
      .last_level = templ->last_level,
      .target = templ->target,
   };
   const bool stays_on_host =
      templ->nr_samples > 1 ||
      vs->caps.caps.v2.capability_bits_v2 & VIRGL_CAP_V2_COPY_TRANSFER_BOTH_DIRECTIONS;

   return vgpu_screen_bytes(&params) <=
          (stays_on_host ? UINT32_MAX : MIN2(vgws->max_resource, UINT32_MAX));
}

static const char *
get_name(struct pipe_screen *screen)
{
   return vgpu_winsys(virgl_screen(screen)->vws)->renderer;
}

static char *
finalize_nir(UNUSED struct pipe_screen *screen, struct nir_shader *nir)
{
   vgpu_subgroups_lower(nir);
   vgpu_position_lower(nir);
   return NULL;
}

void
vgpu_screen_init(struct pipe_screen *screen)
{
   struct virgl_screen *vs = virgl_screen(screen);
   struct vgpu_winsys *vgws = vgpu_winsys(vs->vws);
   struct pipe_caps *caps = (struct pipe_caps *)&screen->caps;
   const char *host =
      vs->caps.caps.v2.host_feature_check_version >= 5 ? vs->caps.caps.v2.renderer : "";

   vgpu_settings_apply();
   vgpu_caps_renderer(vgws->renderer, sizeof(vgws->renderer), host);
   screen->get_name = get_name;
   screen->can_create_resource = can_create_resource;
   caps->max_shader_buffer_size = MIN2(caps->max_shader_buffer_size, vgws->max_resource);
   /* The host's context is of the core profile, for which virglrenderer takes GL_CLAMP and
    * GL_MIRROR_CLAMP as their TO_EDGE. The state tracker can draw the first otherwise. */
   caps->gl_clamp = false;
   caps->texture_mirror_clamp = false;
   caps->shader_group_vote = true;
   caps->shader_ballot = caps->int64;
   screen->finalize_nir = finalize_nir;
   vgpu_context_init_screen(screen);
}
