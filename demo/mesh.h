/* SPDX-License-Identifier: MIT */
/* mesh.h - indexed triangle meshes made by rule, in plain memory. */
#ifndef DEMO_MESH_H
#define DEMO_MESH_H

#include <stdbool.h>
#include <stdint.h>

struct vertex {
	float position[3];
	float normal[3]; /* length 1 */
	float uv[2];
};

struct mesh {
	struct vertex *vertices;
	uint16_t *indices; /* three per triangle, counter-clockwise seen from outside */
	unsigned vertex_count;
	unsigned index_count;
};

/* Each returns false when memory is short. The caller frees with mesh_free. */
bool mesh_plane(struct mesh *mesh, float half_size, float uv_repeat); /* y = 0, facing up */
bool mesh_cube(struct mesh *mesh); /* edge 2, around the origin */
bool mesh_sphere(struct mesh *mesh, unsigned rings, unsigned segments); /* radius 1 */
bool mesh_torus(struct mesh *mesh, float tube_radius, unsigned rings, unsigned segments); /* radius 1, around y */
void mesh_free(struct mesh *mesh);

#endif /* DEMO_MESH_H */
