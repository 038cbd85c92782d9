/* SPDX-License-Identifier: MIT */
#include "fake_os.h"

#include <stdlib.h>
#include <string.h>

#define MAX_PINS 64u

struct vgpu_os_device {
	int unused;
};

struct vgpu_os_pin {
	uint32_t memory_id;
	bool done;
	bool used;
};

struct fake_os fake_os;
static struct vgpu_os_pin pins[MAX_PINS];
static struct vgpu_os_device the_device;

void fake_os_reset(void)
{
	memset(&fake_os, 0, sizeof(fake_os));
	memset(pins, 0, sizeof(pins));
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

void vgpu_os_close(struct vgpu_os_device *device)
{
	(void)device;
	fake_os.open_devices--;
}

static void release_memory(uint32_t id)
{
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
