/* SPDX-License-Identifier: MIT */
/* shader.h - the scene's one program. */
#ifndef DEMO_SHADER_H
#define DEMO_SHADER_H

#include <stddef.h>
#include "gl.h"

/* Where vertices come in. */
#define SHADER_POSITION 0
#define SHADER_NORMAL 1
#define SHADER_UV 2

struct shader {
	GLuint program;
	GLint view_projection, model, colour, light, eye, glow, image;
};

/* False, with the compiler's words in error, when the source does not compile or link. */
bool shader_create(struct shader *shader, const struct gl *gl, char *error, size_t error_length);

#endif /* DEMO_SHADER_H */
