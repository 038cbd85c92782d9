/* SPDX-License-Identifier: MIT */
#include "mesh.h"

#include <math.h>
#include <stdlib.h>

#define TURN 6.28318530717958647692

static bool allocate(struct mesh *mesh, unsigned vertex_count, unsigned index_count)
{
	*mesh = (struct mesh){
		.vertices = calloc(vertex_count, sizeof(*mesh->vertices)),
		.indices = calloc(index_count, sizeof(*mesh->indices)),
		.vertex_count = vertex_count,
		.index_count = index_count,
	};
	if (mesh->vertices && mesh->indices)
		return true;
	mesh_free(mesh);
	return false;
}

void mesh_free(struct mesh *mesh)
{
	free(mesh->vertices);
	free(mesh->indices);
	*mesh = (struct mesh){0};
}

static void quad(uint16_t *indices, unsigned a, unsigned b, unsigned c, unsigned d)
{
	const unsigned corners[6] = {a, b, c, a, c, d};

	for (int i = 0; i < 6; i++)
		indices[i] = (uint16_t)corners[i];
}

bool mesh_plane(struct mesh *mesh, float half_size, float uv_repeat)
{
	if (!allocate(mesh, 4, 6))
		return false;
	for (int i = 0; i < 4; i++) {
		float x = i == 1 || i == 2 ? 1 : -1, z = i < 2 ? 1 : -1;
		mesh->vertices[i] = (struct vertex){
			.position = {x * half_size, 0, z * half_size},
			.normal = {0, 1, 0},
			.uv = {(x + 1) * 0.5f * uv_repeat, (1 - z) * 0.5f * uv_repeat},
		};
	}
	quad(mesh->indices, 0, 1, 2, 3);
	return true;
}

bool mesh_cube(struct mesh *mesh)
{
	if (!allocate(mesh, 24, 36))
		return false;
	for (int face = 0; face < 6; face++) {
		int axis = face / 2, u_axis = (axis + 1) % 3, v_axis = (axis + 2) % 3;
		float side = face % 2 ? -1 : 1;
		for (int corner = 0; corner < 4; corner++) {
			struct vertex *vertex = &mesh->vertices[face * 4 + corner];
			float u = corner == 1 || corner == 2 ? 1 : -1, v = corner >= 2 ? 1 : -1;
			vertex->position[axis] = side;
			vertex->position[u_axis] = u * side;
			vertex->position[v_axis] = v;
			vertex->normal[axis] = side;
			vertex->uv[0] = (u + 1) / 2;
			vertex->uv[1] = (v + 1) / 2;
		}
		unsigned first = (unsigned)face * 4;
		quad(&mesh->indices[face * 6], first, first + 1, first + 2, first + 3);
	}
	return true;
}

/* A grid of rings by segments quads, whose vertices are still to be placed. */
static bool allocate_grid(struct mesh *mesh, unsigned rings, unsigned segments)
{
	if (!allocate(mesh, (rings + 1) * (segments + 1), rings * segments * 6))
		return false;
	for (unsigned ring = 0; ring < rings; ring++) {
		for (unsigned segment = 0; segment < segments; segment++) {
			unsigned a = ring * (segments + 1) + segment, b = a + segments + 1;
			quad(&mesh->indices[(ring * segments + segment) * 6], a, a + 1, b + 1, b);
		}
	}
	return true;
}

bool mesh_sphere(struct mesh *mesh, unsigned rings, unsigned segments)
{
	if (!allocate_grid(mesh, rings, segments))
		return false;
	for (unsigned ring = 0; ring <= rings; ring++) {
		double latitude = TURN / 2 * ((double)ring / rings - 0.5);
		for (unsigned segment = 0; segment <= segments; segment++) {
			double longitude = TURN * segment / segments;
			float x = (float)(cos(latitude) * sin(longitude)), y = (float)sin(latitude);
			float z = (float)(cos(latitude) * cos(longitude));
			mesh->vertices[ring * (segments + 1) + segment] = (struct vertex){
				.position = {x, y, z},
				.normal = {x, y, z},
				.uv = {(float)segment / (float)segments, (float)ring / (float)rings},
			};
		}
	}
	return true;
}

bool mesh_torus(struct mesh *mesh, float tube_radius, unsigned rings, unsigned segments)
{
	if (!allocate_grid(mesh, rings, segments))
		return false;
	for (unsigned ring = 0; ring <= rings; ring++) {
		double around_tube = TURN * ring / rings;
		for (unsigned segment = 0; segment <= segments; segment++) {
			double around = TURN * segment / segments;
			float sx = (float)sin(around), cz = (float)cos(around);
			float out = (float)cos(around_tube), up = (float)sin(around_tube);
			float distance = 1 + tube_radius * out;
			mesh->vertices[ring * (segments + 1) + segment] = (struct vertex){
				.position = {distance * sx, tube_radius * up, distance * cz},
				.normal = {out * sx, up, out * cz},
				.uv = {6 * (float)segment / (float)segments, 2 * (float)ring / (float)rings},
			};
		}
	}
	return true;
}
