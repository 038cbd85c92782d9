/* SPDX-License-Identifier: MIT */
#include "matrix.h"

#include <math.h>

struct matrix matrix_multiply(const struct matrix *a, const struct matrix *b)
{
	struct matrix product;

	for (int column = 0; column < 4; column++) {
		for (int row = 0; row < 4; row++) {
			double sum = 0;
			for (int i = 0; i < 4; i++)
				sum += (double)a->m[i * 4 + row] * (double)b->m[column * 4 + i];
			product.m[column * 4 + row] = (float)sum;
		}
	}
	return product;
}

struct matrix matrix_translation(float x, float y, float z)
{
	return (struct matrix){{1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, x, y, z, 1}};
}

struct matrix matrix_scale(float factor)
{
	return (struct matrix){{factor, 0, 0, 0, 0, factor, 0, 0, 0, 0, factor, 0, 0, 0, 0, 1}};
}

/* The angle's functions are taken in double precision: C libraries that differ in the last bit then give one float. */
struct matrix matrix_rotation(double angle, float x, float y, float z)
{
	float c = (float)cos(angle), s = (float)sin(angle), t = 1 - c;

	return (struct matrix){{
		t * x * x + c,
		t * x * y + s * z,
		t * x * z - s * y,
		0,
		t * x * y - s * z,
		t * y * y + c,
		t * y * z + s * x,
		0,
		t * x * z + s * y,
		t * y * z - s * x,
		t * z * z + c,
		0,
		0,
		0,
		0,
		1,
	}};
}

struct matrix matrix_perspective(double vertical_angle, double aspect, double near_plane, double far_plane)
{
	double f = 1 / tan(vertical_angle / 2);
	double depth = near_plane - far_plane;

	return (struct matrix){{
		(float)(f / aspect),
		0,
		0,
		0,
		0,
		(float)f,
		0,
		0,
		0,
		0,
		(float)((far_plane + near_plane) / depth),
		-1,
		0,
		0,
		(float)(2 * far_plane * near_plane / depth),
		0,
	}};
}
