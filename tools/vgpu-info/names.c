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
		{VGPU_CAP_BLOB_TEMPLATE, "BLOB_TEMPLATE"},
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

#define COUNTER(Field, Handle) \
	{ \
#Field, offsetof(struct vgpu_statistics, Field), Handle \
	}
#define OF_BOTH(Field) COUNTER(Field, true)
#define OF_DEVICE(Field) COUNTER(Field, false)

const struct counter counters[COUNTER_COUNT] = {
	OF_BOTH(ioctls),
	OF_BOTH(submits),
	OF_BOTH(submit_bytes),
	OF_BOTH(transfers),
	OF_BOTH(waits),
	OF_BOTH(waits_blocked),
	OF_BOTH(fences),
	OF_BOTH(bytes_copied),
	OF_BOTH(live_contexts),
	OF_BOTH(live_resources),
	OF_BOTH(live_memory),
	OF_BOTH(errors),
	OF_DEVICE(commands),
	OF_DEVICE(doorbells),
	OF_DEVICE(doorbells_avoided),
	OF_DEVICE(interrupts),
	OF_DEVICE(dpcs),
	OF_DEVICE(device_errors),
	OF_DEVICE(device_violations),
	OF_DEVICE(resets),
	OF_DEVICE(queue_full),
	OF_DEVICE(live_handles),
	OF_BOTH(bad_requests),
	OF_BOTH(bad_ids),
	OF_BOTH(bad_addresses),
	OF_BOTH(over_quota),
	OF_BOTH(out_of_memory),
	OF_BOTH(refused_by_host),
	OF_BOTH(lost),
	OF_BOTH(timed_out),
	OF_BOTH(cancelled),
	OF_BOTH(live_mappings),
	OF_DEVICE(hangs),
	OF_DEVICE(failed_resets),
	OF_DEVICE(commands_lost),
	OF_DEVICE(violations_ring),
	OF_DEVICE(violations_answer),
	OF_DEVICE(violations_config),
};

uint64_t counter_value(const struct vgpu_statistics *statistics, unsigned index)
{
	uint64_t value;

	memcpy(&value, (const char *)statistics + counters[index].offset, sizeof(value));
	return value;
}
