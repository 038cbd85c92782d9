/* SPDX-License-Identifier: MIT */
#include "fake_os.h"

#include <stdlib.h>
#include <string.h>

#define MAX_PINS 64u
#define MAX_CHUNKS 64u

struct vgpu_os_device {
	int unused;
};

struct vgpu_os_pin {
	uint32_t memory_id;
	bool done;
	bool used;
};

/* Memory of the kernel's. */
struct chunk {
	void *address; /* NULL: free */
	uint32_t memory_id;
	uint64_t size;
};

struct fake_os fake_os;
static struct vgpu_os_pin pins[MAX_PINS];
static struct chunk chunks[MAX_CHUNKS];
static struct vgpu_os_device the_device;

void fake_os_reset(void)
{
	memset(&fake_os, 0, sizeof(fake_os));
	memset(pins, 0, sizeof(pins));
	fake_os.largest_chunk = UINT64_MAX;
	fake_os.budget = UINT64_MAX;
	fake_os.info = (struct vgpu_device_info){
		.abi_major = VGPU_ABI_MAJOR,
		.abi_minor = VGPU_ABI_MINOR,
		.capabilities = VGPU_CAP_3D | VGPU_CAP_PIN,
		.timeout_ms = 100,
	};
}

void fake_os_complete_pins(void)
{
	for (unsigned i = 0; i < MAX_PINS; i++)
		pins[i].done = true;
}

static void chunk_free(struct chunk *chunk)
{
	if (!chunk->address)
		return;
	free(chunk->address);
	fake_os.allocated -= chunk->size;
	fake_os.live_chunks--;
	*chunk = (struct chunk){0};
}

uint32_t vgpu_os_open(unsigned index, struct vgpu_os_device **device)
{
	*device = NULL;
	if (fake_os.open_error)
		return fake_os.open_error;
	if (index > 0)
		return VGPU_OS_NO_MORE_ITEMS;
	fake_os.open_devices++;
	*device = &the_device;
	return 0;
}

void vgpu_os_disconnect(struct vgpu_os_device *device)
{
	(void)device;
	fake_os.disconnected = true;
	fake_os_complete_pins();
}

void vgpu_os_close(struct vgpu_os_device *device)
{
	(void)device;
	fake_os.open_devices--;
	for (unsigned i = 0; i < MAX_CHUNKS; i++)
		chunk_free(&chunks[i]);
}

static uint32_t alloc_memory(struct vgpu_memory_alloc *alloc)
{
	uint64_t most = fake_os.budget - fake_os.allocated;

	if (fake_os.largest_chunk < most)
		most = fake_os.largest_chunk;
	if (alloc->size > most && (most == 0 || !(alloc->flags & VGPU_MEMORY_SHORT)))
		return VGPU_OS_NOT_ENOUGH_QUOTA;
	if (alloc->size > most)
		alloc->size = most;
	for (unsigned i = 0; i < MAX_CHUNKS; i++) {
		if (!chunks[i].address) {
			chunks[i] = (struct chunk){calloc(1, alloc->size), alloc->memory_id, alloc->size};
			alloc->address = (uintptr_t)chunks[i].address;
			fake_os.allocated += alloc->size;
			fake_os.live_chunks++;
			return 0;
		}
	}
	return VGPU_OS_NO_SYSTEM_RESOURCES;
}

static void release_memory(uint32_t id)
{
	for (unsigned i = 0; i < MAX_CHUNKS; i++) {
		if (chunks[i].memory_id == id)
			chunk_free(&chunks[i]);
	}
	for (unsigned i = 0; i < MAX_PINS; i++) {
		if (pins[i].used && pins[i].memory_id == id && !fake_os.hold_pins)
			pins[i].done = true;
	}
}

static uint32_t default_answer(uint32_t code, const void *input, void *output, size_t output_size, size_t *returned)
{
	*returned = output_size;
	switch (code) {
	case VGPU_IOCTL_QUERY:
		memcpy(output, &fake_os.info, output_size);
		break;
	case VGPU_IOCTL_MEMORY_ALLOC:
		memcpy(output, input, output_size);
		return alloc_memory(output);
	case VGPU_IOCTL_MEMORY_RELEASE:
		release_memory(((const struct vgpu_memory_release *)input)->memory_id);
		break;
	case VGPU_IOCTL_SUBMIT:
		((struct vgpu_submit *)output)->fence_number = ++fake_os.fences;
		break;
	default:
		break;
	}
	return 0;
}

uint32_t vgpu_os_control(struct vgpu_os_device *device, uint32_t code, const void *input, size_t input_size,
	void *output, size_t output_size, size_t *returned, uint32_t timeout_ms)
{
	uint32_t error = FAKE_DEFAULT;

	(void)device;
	fake_os.calls++;
	fake_os.last_code = code;
	*returned = 0;
	if (fake_os.handler)
		error = fake_os.handler(code, input, input_size, output, output_size, returned, timeout_ms);
	return error == FAKE_DEFAULT ? default_answer(code, input, output, output_size, returned) : error;
}

uint32_t vgpu_os_pin(struct vgpu_os_device *device, uint32_t code, const void *input, size_t input_size, void *address,
	uint64_t size, struct vgpu_os_pin **pin)
{
	(void)device;
	(void)address;
	(void)size;
	*pin = NULL;
	if (fake_os.pin_error)
		return fake_os.pin_error;
	if (code != VGPU_IOCTL_MEMORY_PIN || input_size != sizeof(struct vgpu_memory_pin))
		return VGPU_OS_INVALID_PARAMETER;
	for (unsigned i = 0; i < MAX_PINS; i++) {
		if (!pins[i].used) {
			pins[i] = (struct vgpu_os_pin){
				.memory_id = ((const struct vgpu_memory_pin *)input)->memory_id,
				.used = true,
			};
			fake_os.live_pins++;
			*pin = &pins[i];
			return 0;
		}
	}
	return VGPU_OS_NO_SYSTEM_RESOURCES;
}

bool vgpu_os_pin_wait(struct vgpu_os_device *device, struct vgpu_os_pin *pin, uint32_t timeout_ms)
{
	(void)device;
	(void)timeout_ms;
	return pin->done;
}

void vgpu_os_pin_free(struct vgpu_os_device *device, struct vgpu_os_pin *pin)
{
	(void)device;
	pin->used = false;
	fake_os.live_pins--;
}

void *vgpu_os_pages_alloc(size_t size)
{
	void *pages = aligned_alloc(VGPU_PAGE_SIZE, size);

	if (pages) {
		memset(pages, 0, size);
		fake_os.live_pages++;
	}
	return pages;
}

void vgpu_os_pages_free(void *pages, size_t size)
{
	(void)size;
	free(pages);
	fake_os.live_pages--;
}
