/* SPDX-License-Identifier: MIT */
/*
 * scene.h - the demo's picture: a lit, textured, depth-tested scene in OpenGL 3.3 core. Frame n looks the same whenever
 * and wherever it is drawn, whatever was drawn before. Each frame makes SCENE_DRAW_CALLS draw calls, uploads a part of
 * a texture and sets several uniforms per draw call.
 */
#ifndef DEMO_SCENE_H
#define DEMO_SCENE_H

#include <stdbool.h>
#include "gl.h"

#define SCENE_DRAW_CALLS 8
#define SCENE_ERROR_LENGTH 512

struct scene;

/* Makes the scene in the current context. On failure NULL, with the reason in error. */
struct scene *scene_create(const struct gl *gl, char error[SCENE_ERROR_LENGTH]);
/* Both with the scene's context current. Sizes in pixels. Draws to the current framebuffer; does not swap. */
void scene_draw(struct scene *scene, unsigned frame, unsigned width, unsigned height);
void scene_destroy(struct scene *scene); /* NULL is allowed */

#endif /* DEMO_SCENE_H */
