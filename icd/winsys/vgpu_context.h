/* SPDX-License-Identifier: MIT */
/*
 * What virgl's contexts do not do by themselves: ask for the image when a frame ends, tell the
 * program that the device is lost (GL_KHR_robustness), and keep a resource as long as an object
 * that names it.
 */
#ifndef VGPU_CONTEXT_H
#define VGPU_CONTEXT_H

struct pipe_screen;

/* Every context that the screen makes from now on does. */
void vgpu_context_init_screen(struct pipe_screen *screen);

#endif /* VGPU_CONTEXT_H */
