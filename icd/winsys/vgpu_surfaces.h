/* SPDX-License-Identifier: MIT */
/*
 * Surfaces are made once. Frontends ask for a new one whenever a framebuffer changes hands between
 * two buffers, several times a frame, and drop the old one; virgl would send each creation and each
 * end to the host. A host that replays recorded streams (Mvisor, after a migration) leaves out what
 * drew to a surface that has ended.
 *
 * A context keeps its last surfaces. One that nobody else uses ends when its texture has no other
 * user either, at the next flush, or when its place is wanted.
 */
#ifndef VGPU_SURFACES_H
#define VGPU_SURFACES_H

#define VGPU_MAX_KEPT_SURFACES 32

struct pipe_context;
struct pipe_resource;
struct pipe_surface;

/* Belongs to one context, and so to one thread at a time. All zero: empty. */
struct vgpu_surfaces {
   struct pipe_surface *kept[VGPU_MAX_KEPT_SURFACES]; /* the last used first; NULLs at the end */
};

/* The surface, if it is kept; the caller gets a reference. */
struct pipe_surface *vgpu_surfaces_find(struct vgpu_surfaces *surfaces,
                                        const struct pipe_resource *texture,
                                        const struct pipe_surface *templ);

/* Keeps a new one. */
void vgpu_surfaces_add(struct vgpu_surfaces *surfaces, struct pipe_surface *surface);

/* Ends those whose texture nobody else uses. */
void vgpu_surfaces_purge(struct vgpu_surfaces *surfaces);

/* Ends all, as far as others do not use them. */
void vgpu_surfaces_clear(struct vgpu_surfaces *surfaces);

#endif /* VGPU_SURFACES_H */
