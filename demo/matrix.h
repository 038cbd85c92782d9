/* SPDX-License-Identifier: MIT */
/* matrix.h - 4x4 matrices as OpenGL takes them: column-major, m[column * 4 + row]; angles in radians. */
#ifndef DEMO_MATRIX_H
#define DEMO_MATRIX_H

struct matrix {
	float m[16];
};

struct matrix matrix_multiply(const struct matrix *a, const struct matrix *b); /* a * b: b is applied first */
struct matrix matrix_translation(float x, float y, float z);
struct matrix matrix_scale(float factor);
struct matrix matrix_rotation(double angle, float x, float y, float z); /* the axis has length 1 */
struct matrix matrix_perspective(double vertical_angle, double aspect, double near_plane, double far_plane);

#endif /* DEMO_MATRIX_H */
