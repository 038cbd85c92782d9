/* SPDX-License-Identifier: MIT */
/* An operating system and a driver for tests of what lies above vgpu_os.h: every request is answered by the test. */
#ifndef FAKE_OS_H
#define FAKE_OS_H

#include "vgpu_ioctl.h"
#include "vgpu_os.h"

/* Answers a request: a Win32 error, and *returned. Set by the test. */
typedef uint32_t (*fake_handler)(uint32_t code, const void *input, size_t input_size, void *output, size_t output_size,
	size_t *returned, uint32_t timeout_ms);

struct fake_os {
	uint32_t open_error;
	uint32_t pin_error;
	fake_handler handler; /* NULL, or it returned FAKE_DEFAULT: a driver that is content with everything */
	struct vgpu_device_info info;
	unsigned calls; /* requests so far */
	uint32_t last_code;
	unsigned open_devices;
	unsigned live_pins; /* issued and not freed */
	unsigned live_pages; /* of vgpu_os_pages_alloc */
	bool disconnected;
	uint64_t largest_chunk; /* of the kernel's memory, bytes */
	uint64_t budget; /* for all of it, bytes */
	uint64_t allocated; /* of that */
	unsigned live_chunks;
	bool hold_pins; /* the device keeps using memory after its release */
	uint64_t fences; /* given out */
};

#define FAKE_DEFAULT UINT32_MAX

extern struct fake_os fake_os;

void fake_os_reset(void);
/* The driver lets go of every pinned memory, as when the device is removed. */
void fake_os_complete_pins(void);

#endif /* FAKE_OS_H */
