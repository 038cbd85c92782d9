/* SPDX-License-Identifier: MIT */
/*
 * What is corrected in, or made of, the values that a host reports. Plain arithmetic that knows
 * nothing of Mesa.
 */
#ifndef VGPU_CAPS_H
#define VGPU_CAPS_H

#include <stddef.h>
#include <stdint.h>

/* How many constant buffers a shader may have, the one for plain uniforms included.
 *
 * Hosts report as many as a vertex shader of theirs has uniform blocks: one is added for the plain
 * uniforms and one is kept back for a block of virglrenderer's own. The state tracker subtracts the
 * plain uniforms, so one block is missing; on a host with 14, which is what OpenGL 4.3 asks for,
 * that costs the version. Such a host's last block is given out: only a program that uses all 14,
 * in a shader that needs the renderer's block as well, fails to link on it. */
uint32_t vgpu_caps_constant_buffers(uint32_t reported, uint32_t glsl_level);

/* GL_RENDERER: this product and the host's GPU. host: what it says of itself; empty on old hosts.
 */
void vgpu_caps_renderer(char *text, size_t size, const char *host);

/* A texture as GL describes it, in blocks of its format. */
struct vgpu_texture_shape {
   uint32_t width, height, depth; /* pixels of level 0 */
   uint32_t layers;               /* per level; cubes have 6 */
   uint32_t last_level;
   uint32_t block_width, block_height; /* pixels */
   uint32_t block_bytes;
};

/* Bytes of all levels, laid out as virgl does, but without its 32-bit overflow. */
uint64_t vgpu_caps_texture_bytes(const struct vgpu_texture_shape *shape);

#endif /* VGPU_CAPS_H */
