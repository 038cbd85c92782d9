/* SPDX-License-Identifier: MIT */
/* What the files of the client library share. */
#ifndef VGPU_CLIENT_PRIVATE_H
#define VGPU_CLIENT_PRIVATE_H

#include <stdatomic.h>

#include "vgpu_client.h"

struct vgpu_os_device;

struct vgpu_client {
	struct vgpu_os_device *device;
	struct vgpu_device_info info;
	uint32_t timeout_ms; /* of a request that is not a wait */
	atomic_bool gone;
	atomic_uint next_memory_id;
};

/* What a Win32 error number means. */
enum vgpu_result vgpu_client_result_of(uint32_t error);

/* One request. returned NULL: an answer of another size than output_size is a failure. */
enum vgpu_result vgpu_client_control_for(struct vgpu_client *client, uint32_t code, const void *input,
	size_t input_size, void *output, size_t output_size, size_t *returned, uint32_t timeout_ms);
/* The same with the client's own time limit. */
enum vgpu_result vgpu_client_control(struct vgpu_client *client, uint32_t code, const void *input, size_t input_size,
	void *output, size_t output_size);
/* The same for a structure that is both input and output. */
enum vgpu_result vgpu_client_control_in_place(struct vgpu_client *client, uint32_t code, void *data, size_t size);

#endif /* VGPU_CLIENT_PRIVATE_H */
