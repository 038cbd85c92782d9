/* SPDX-License-Identifier: MIT */
/* GL_ARB_shader_group_vote and GL_ARB_shader_ballot on hosts that know neither. */
#ifndef VGPU_SUBGROUPS_H
#define VGPU_SUBGROUPS_H

#include <stdbool.h>

struct nir_shader;

/* How large a group is, is the implementation's to say: here each invocation is one by itself, so
 * nothing of it reaches the host. True: the shader asked. */
bool vgpu_subgroups_lower(struct nir_shader *nir);

#endif /* VGPU_SUBGROUPS_H */
