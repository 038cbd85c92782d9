/* SPDX-License-Identifier: MIT */
/* Positions that a tessellation control shader reads back. */
#ifndef VGPU_POSITION_H
#define VGPU_POSITION_H

#include <stdbool.h>

struct nir_shader;

/* virglrenderer (0.10.4) gives such a shader something else when it reads gl_out[].gl_Position, of
 * its own or of another invocation. A second output, which nobody else knows, has the same values
 * and is read instead. True: it was so. */
bool vgpu_position_lower(struct nir_shader *nir);

#endif /* VGPU_POSITION_H */
