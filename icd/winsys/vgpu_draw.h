/* SPDX-License-Identifier: MIT */
/* What Mesa's draw module lacks here; it runs vertex shaders for glRasterPos, selection and
 * feedback. */
#ifndef VGPU_DRAW_H
#define VGPU_DRAW_H

struct draw_context;

/* Textures, images and storage buffers are on the host, where draw has no access. A shader that
 * asks for them finds zeros and stores nothing; without this the program would crash. Called by
 * draw as it is created. */
void vgpu_draw_init(struct draw_context *draw);

#endif /* VGPU_DRAW_H */
