/* SPDX-License-Identifier: MIT */
/* GL_ARB_shader_group_vote and GL_ARB_shader_ballot on hosts that know neither. */
#ifndef VGPU_SUBGROUPS_H
#define VGPU_SUBGROUPS_H

struct pipe_screen;

/* Both are offered. How large a group is, is the implementation's to say: here each invocation is
 * one by itself, so nothing of it reaches the host. */
void vgpu_subgroups_init_screen(struct pipe_screen *screen);

#endif /* VGPU_SUBGROUPS_H */
