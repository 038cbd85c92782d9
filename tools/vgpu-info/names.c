/* SPDX-License-Identifier: MIT */
#include "names.h"

#include <string.h>

struct number_name {
	uint32_t number;
	const char *name;
};

#define COUNT(Array) (sizeof(Array) / sizeof((Array)[0]))

static const char *find(const struct number_name *names, size_t count, uint32_t number)
{
	for (size_t i = 0; i < count; i++) {
		if (names[i].number == number)
			return names[i].name;
	}
	return NULL;
}

const char *name_of_feature(unsigned bit)
{
	static const struct number_name names[] = {
		{0, "VIRGL"},
		{1, "EDID"},
		{2, "RESOURCE_UUID"},
		{3, "RESOURCE_BLOB"},
		{4, "CONTEXT_INIT"},
		{24, "NOTIFY_ON_EMPTY"},
		{27, "ANY_LAYOUT"},
		{28, "INDIRECT_DESC"},
		{29, "EVENT_IDX"},
		{32, "VERSION_1"},
		{33, "ACCESS_PLATFORM"},
		{34, "RING_PACKED"},
		{35, "IN_ORDER"},
		{36, "ORDER_PLATFORM"},
		{37, "SR_IOV"},
		{38, "NOTIFICATION_DATA"},
		{39, "NOTIF_CONFIG_DATA"},
		{40, "RING_RESET"},
	};

	return find(names, COUNT(names), bit);
}

const char *name_of_capability(unsigned bit)
{
	static const struct number_name names[] = {
		{VGPU_CAP_3D, "3D"},
		{VGPU_CAP_BLOB, "BLOB"},
		{VGPU_CAP_HOST_VISIBLE, "HOST_VISIBLE"},
		{VGPU_CAP_CONTEXT_INIT, "CONTEXT_INIT"},
		{VGPU_CAP_PIN, "PIN"},
		{VGPU_CAP_ALLOC, "ALLOC"},
		{VGPU_CAP_STAGING, "STAGING"},
	};

	return bit < 32 ? find(names, COUNT(names), 1u << bit) : NULL;
}

const char *name_of_capset(uint32_t id)
{
	static const struct number_name names[] = {
		{1, "virgl"},
		{2, "virgl2"},
		{3, "gfxstream-vulkan"},
		{4, "venus"},
		{5, "cross-domain"},
		{6, "drm"},
	};
	const char *name = find(names, COUNT(names), id);

	return name ? name : "unknown";
}

const char *name_of_device_kind(uint32_t kind)
{
	static const struct number_name names[] = {
		{VGPU_DEVICE_KIND_STANDARD, "virtio-gpu"},
		{VGPU_DEVICE_KIND_MVISOR, "mvisor"},
	};
	const char *name = find(names, COUNT(names), kind);

	return name ? name : "unknown";
}

#define COUNTER(Field) \
	{ \
#Field, offsetof(struct vgpu_statistics, Field) \
	}

const struct counter counters[COUNTER_COUNT] = {
	COUNTER(ioctls),
	COUNTER(submits),
	COUNTER(submit_bytes),
	COUNTER(transfers),
	COUNTER(waits),
	COUNTER(waits_blocked),
	COUNTER(fences),
	COUNTER(bytes_copied),
	COUNTER(live_contexts),
	COUNTER(live_resources),
	COUNTER(live_memory),
	COUNTER(errors),
	COUNTER(commands),
	COUNTER(doorbells),
	COUNTER(doorbells_avoided),
	COUNTER(interrupts),
	COUNTER(dpcs),
	COUNTER(device_errors),
	COUNTER(device_violations),
	COUNTER(resets),
	COUNTER(queue_full),
	COUNTER(live_handles),
};

uint64_t counter_value(const struct vgpu_statistics *statistics, unsigned index)
{
	uint64_t value;

	memcpy(&value, (const char *)statistics + counters[index].offset, sizeof(value));
	return value;
}
