/* SPDX-License-Identifier: MIT */
#include "vgpu_client_private.h"
#include "vgpu_os.h"

#include <stdlib.h>

struct client_memory {
	struct vgpu_memory memory; /* first: handed out as a pointer to this */
	struct vgpu_os_pin *pin; /* NULL: the kernel's memory */
	atomic_bool released; /* MEMORY_RELEASE was sent */
};

static struct client_memory *memory_new(struct vgpu_client *client)
{
	struct client_memory *memory = calloc(1, sizeof(*memory));

	if (!memory)
		return NULL;
	atomic_init(&memory->released, false);
	do {
		memory->memory.id = atomic_fetch_add(&client->next_memory_id, 1);
	} while (!memory->memory.id);
	return memory;
}

enum vgpu_result vgpu_memory_pin(struct vgpu_client *client, void *address, uint64_t size, struct vgpu_memory **memory)
{
	struct client_memory *pinned;
	struct vgpu_memory_pin request = {0};
	enum vgpu_result result;

	*memory = NULL;
	if (atomic_load(&client->gone))
		return VGPU_GONE;
	pinned = memory_new(client);
	if (!pinned)
		return VGPU_NO_MEMORY;
	request.memory_id = pinned->memory.id;
	result = vgpu_client_result_of(vgpu_os_pin(
		client->device, VGPU_IOCTL_MEMORY_PIN, &request, sizeof(request), address, size, &pinned->pin));
	if (result != VGPU_OK) {
		if (result == VGPU_GONE)
			atomic_store(&client->gone, true);
		free(pinned);
		return result;
	}
	pinned->memory.address = address;
	pinned->memory.size = size;
	*memory = &pinned->memory;
	return VGPU_OK;
}

bool vgpu_memory_pinned(struct vgpu_client *client, struct vgpu_memory *memory)
{
	struct client_memory *pinned = (struct client_memory *)memory;

	return !vgpu_os_pin_wait(client->device, pinned->pin, 0);
}

static enum vgpu_result memory_release(struct vgpu_client *client, uint32_t id)
{
	struct vgpu_memory_release release = {.memory_id = id};

	return vgpu_client_control(client, VGPU_IOCTL_MEMORY_RELEASE, &release, sizeof(release), NULL, 0);
}

enum vgpu_result vgpu_memory_unpin(struct vgpu_client *client, struct vgpu_memory *memory, uint32_t timeout_ms)
{
	struct client_memory *pinned = (struct client_memory *)memory;

	/* A failure means that the driver has let go already, or is gone; the pending request tells which. */
	if (!atomic_exchange(&pinned->released, true))
		(void)memory_release(client, memory->id);
	if (!vgpu_os_pin_wait(client->device, pinned->pin, timeout_ms))
		return VGPU_TIMEOUT;
	vgpu_os_pin_free(client->device, pinned->pin);
	free(pinned);
	return VGPU_OK;
}

enum vgpu_result vgpu_memory_alloc(
	struct vgpu_client *client, uint32_t flags, uint64_t *size, struct vgpu_memory **memory)
{
	struct client_memory *allocated;
	struct vgpu_memory_alloc request = {.flags = flags, .size = *size};
	enum vgpu_result result;

	*memory = NULL;
	allocated = memory_new(client);
	if (!allocated)
		return VGPU_NO_MEMORY;
	request.memory_id = allocated->memory.id;
	result = vgpu_client_control_in_place(client, VGPU_IOCTL_MEMORY_ALLOC, &request, sizeof(request));
	if (result != VGPU_OK) {
		free(allocated);
		return result;
	}
	allocated->memory.address = (void *)(uintptr_t)request.address;
	allocated->memory.size = request.size;
	*size = request.size;
	*memory = &allocated->memory;
	return VGPU_OK;
}

enum vgpu_result vgpu_memory_free(struct vgpu_client *client, struct vgpu_memory *memory)
{
	enum vgpu_result result = memory_release(client, memory->id);

	free(memory);
	return result;
}
