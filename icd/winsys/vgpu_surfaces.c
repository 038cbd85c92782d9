/* SPDX-License-Identifier: MIT */
#include "vgpu_surfaces.h"

#include <string.h>

#include "pipe/p_state.h"
#include "util/u_inlines.h"

static bool
is_same(const struct pipe_surface *surface, const struct pipe_resource *texture,
        const struct pipe_surface *templ)
{
   return surface->texture == texture && surface->format == templ->format &&
          surface->nr_samples == templ->nr_samples && surface->u.tex.level == templ->u.tex.level &&
          surface->u.tex.first_layer == templ->u.tex.first_layer &&
          surface->u.tex.last_layer == templ->u.tex.last_layer;
}

static void
move_to_front(struct vgpu_surfaces *surfaces, unsigned index)
{
   struct pipe_surface *surface = surfaces->kept[index];

   memmove(&surfaces->kept[1], &surfaces->kept[0], index * sizeof(surfaces->kept[0]));
   surfaces->kept[0] = surface;
}

static void
drop(struct vgpu_surfaces *surfaces, unsigned index)
{
   const unsigned behind = VGPU_MAX_KEPT_SURFACES - 1 - index;
   struct pipe_surface *surface = surfaces->kept[index];

   memmove(&surfaces->kept[index], &surfaces->kept[index + 1], behind * sizeof(surfaces->kept[0]));
   surfaces->kept[VGPU_MAX_KEPT_SURFACES - 1] = NULL;
   pipe_surface_reference(&surface, NULL);
}

struct pipe_surface *
vgpu_surfaces_find(struct vgpu_surfaces *surfaces, const struct pipe_resource *texture,
                   const struct pipe_surface *templ)
{
   struct pipe_surface *found = NULL;

   for (unsigned i = 0; i < VGPU_MAX_KEPT_SURFACES && surfaces->kept[i]; i++) {
      if (is_same(surfaces->kept[i], texture, templ)) {
         move_to_front(surfaces, i);
         pipe_surface_reference(&found, surfaces->kept[0]);
         break;
      }
   }
   return found;
}

void
vgpu_surfaces_add(struct vgpu_surfaces *surfaces, struct pipe_surface *surface)
{
   if (surfaces->kept[VGPU_MAX_KEPT_SURFACES - 1])
      drop(surfaces, VGPU_MAX_KEPT_SURFACES - 1);
   move_to_front(surfaces, VGPU_MAX_KEPT_SURFACES - 1);
   pipe_surface_reference(&surfaces->kept[0], surface);
}

/* Nobody has the texture but surfaces that nobody has but us. */
static bool
is_useless(const struct vgpu_surfaces *surfaces, const struct pipe_surface *surface)
{
   const struct pipe_resource *texture = surface->texture;
   int ours = 0;

   for (unsigned i = 0; i < VGPU_MAX_KEPT_SURFACES && surfaces->kept[i]; i++) {
      if (surfaces->kept[i]->texture == texture)
         ours += p_atomic_read(&surfaces->kept[i]->reference.count) == 1;
   }
   return p_atomic_read(&texture->reference.count) == ours;
}

void
vgpu_surfaces_purge(struct vgpu_surfaces *surfaces)
{
   unsigned i = 0;

   while (i < VGPU_MAX_KEPT_SURFACES && surfaces->kept[i]) {
      if (is_useless(surfaces, surfaces->kept[i]))
         drop(surfaces, i);
      else
         i++;
   }
}

void
vgpu_surfaces_clear(struct vgpu_surfaces *surfaces)
{
   while (surfaces->kept[0])
      drop(surfaces, 0);
}
