/* SPDX-License-Identifier: MIT */
/* names.h - names of what the driver answers in numbers. */
#ifndef VGPU_INFO_NAMES_H
#define VGPU_INFO_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vgpu_ioctl.h"

/* The name of one bit, or NULL when it has none. Device features are those of virtio 1.2 sections 5.7.3 and 6. */
const char *name_of_feature(unsigned bit);
const char *name_of_capability(unsigned bit);
/* "unknown" when it has none. */
const char *name_of_capset(uint32_t id);
const char *name_of_device_kind(uint32_t kind);

/* The fields of struct vgpu_statistics in their order. */
struct counter {
	const char *name;
	size_t offset;
	bool handle; /* a handle has it too */
};
#define COUNTER_COUNT (sizeof(struct vgpu_statistics) / sizeof(uint64_t))
extern const struct counter counters[COUNTER_COUNT];
uint64_t counter_value(const struct vgpu_statistics *statistics, unsigned index);

#endif /* VGPU_INFO_NAMES_H */
