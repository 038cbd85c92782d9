/* SPDX-License-Identifier: MIT */
#include "show.h"

#include <inttypes.h>

#include "json.h"
#include "names.h"

void show_json_counters(struct json *json, const char *key, const struct vgpu_statistics *statistics, bool handle)
{
	json_open(json, key, '{');
	for (unsigned i = 0; i < COUNTER_COUNT; i++) {
		if (!handle || counters[i].handle)
			json_number(json, counters[i].name, counter_value(statistics, i));
	}
	json_close(json, '}');
}

static void show_bits(struct json *json, const char *key, uint64_t bits, const char *(*name_of)(unsigned))
{
	json_open(json, key, '[');
	for (unsigned bit = 0; bit < 64; bit++) {
		char number[16];
		if (!(bits >> bit & 1))
			continue;
		snprintf(number, sizeof(number), "bit %u", bit);
		json_string(json, NULL, name_of(bit) ? name_of(bit) : number);
	}
	json_close(json, ']');
}

static void show_version(struct json *json, const char *key, uint32_t major, uint32_t minor)
{
	char text[32];

	snprintf(text, sizeof(text), "%" PRIu32 ".%" PRIu32, major, minor);
	json_string(json, key, text);
}

static void show_pci(struct json *json, const struct vgpu_device_info *info)
{
	char text[32];

	json_open(json, "pci", '{');
	snprintf(text, sizeof(text), "%02x:%02x.%x", info->pci_bus, info->pci_slot, info->pci_function);
	json_string(json, "address", text);
	snprintf(text, sizeof(text), "%04x:%04x", info->pci_vendor, info->pci_device);
	json_string(json, "id", text);
	snprintf(text, sizeof(text), "%04x:%04x", info->pci_subsystem_vendor, info->pci_subsystem_device);
	json_string(json, "subsystem", text);
	json_number(json, "revision", info->pci_revision);
	json_close(json, '}');
}

static void show_capsets(struct json *json, const struct device_report *report)
{
	json_open(json, "capsets", '[');
	for (unsigned i = 0; i < report->num_capsets; i++) {
		const struct vgpu_capset_info *capset = &report->capsets[i];
		json_open(json, NULL, '{');
		json_number(json, "id", capset->id);
		json_string(json, "name", name_of_capset(capset->id));
		json_number(json, "version", capset->max_version);
		json_number(json, "size", capset->max_size);
		json_close(json, '}');
	}
	json_close(json, ']');
}

static void show_limits(struct json *json, const struct vgpu_device_info *info)
{
	json_open(json, "limits", '{');
	json_number(json, "rings", info->max_rings);
	json_number(json, "contexts", info->max_contexts);
	json_number(json, "resources", info->max_resources);
	json_number(json, "fences", info->max_fences);
	json_number(json, "memory", info->max_memory);
	json_number(json, "submit", info->max_submit);
	json_number(json, "resource", info->max_resource);
	json_number(json, "timeout_ms", info->timeout_ms);
	json_close(json, '}');
}

static void show_device(struct json *json, const struct info *all)
{
	const struct device_report *report = &all->device;
	const struct vgpu_device_info *info = &report->info;
	char driver[48];

	json_open(json, "device", '{');
	json_bool(json, "usable", report->result == VGPU_OK);
	json_string(json, "error", report->result == VGPU_OK ? NULL : vgpu_result_text(report->result));
	if (report->result != VGPU_OK) {
		json_string(json, "what_to_do", show_device_advice(all));
		json_string(json, "other_service", all->view.gpu_service[0] ? all->view.gpu_service : NULL);
		json_close(json, '}');
		return;
	}
	json_string(json, "kind", name_of_device_kind(info->device_kind));
	snprintf(driver, sizeof(driver), "%u.%u.%u", info->driver_version >> 24, info->driver_version >> 16 & 0xff,
		info->driver_version & 0xffff);
	json_string(json, "driver_version", driver);
	show_version(json, "abi_version", info->abi_major, info->abi_minor);
	show_pci(json, info);
	show_bits(json, "capabilities", info->capabilities, name_of_capability);
	show_bits(json, "device_features", info->device_features, name_of_feature);
	show_bits(json, "driver_features", info->driver_features, name_of_feature);
	show_capsets(json, report);
	show_limits(json, info);
	json_close(json, '}');
	json_open(json, "counters", '{');
	show_json_counters(json, "device", &report->device, false);
	show_json_counters(json, "handle", &report->handle, true);
	json_close(json, '}');
}

static void show_profile(struct json *json, const char *key, const struct gl_profile *profile, bool extensions)
{
	if (!profile->works) {
		json_string(json, key, NULL);
		return;
	}
	json_open(json, key, '{');
	json_string(json, "version", profile->version);
	json_string(json, "glsl", profile->glsl);
	json_string(json, "renderer", profile->renderer);
	json_string(json, "vendor", profile->vendor);
	json_number(json, "extension_count", profile->num_extensions);
	if (extensions) {
		json_open(json, "extensions", '[');
		for (unsigned i = 0; i < profile->num_extensions; i++)
			json_string(json, NULL, profile->extensions[i]);
		json_close(json, ']');
	}
	json_close(json, '}');
}

static void show_choice(struct json *json, const char *key, const struct choice *choice)
{
	json_open(json, key, '{');
	json_bool(json, "ours", choice->reason == REASON_OURS);
	json_string(json, "driver", choice->driver);
	json_string(json, "reason", choice_reason_name(choice->reason));
	json_string(json, "adapter", choice->adapter);
	json_string(json, "why", choice_why(choice->reason));
	json_string(json, "what_to_do", choice_what_to_do(choice->reason));
	json_close(json, '}');
}

void show_json(FILE *file, const struct info *info, bool extensions)
{
	struct json json = {.file = file};

	json_open(&json, NULL, '{');
	json_number(&json, "status", info->status);
	show_device(&json, info);
	json_open(&json, "opengl", '{');
	json_string(&json, "error", info->gl.error);
	json_string(&json, "library", info->gl.library[0] ? info->gl.library : NULL);
	json_bool(&json, "ours", info->gl.ours);
	show_profile(&json, "core", &info->gl.profiles[PROFILE_CORE], extensions);
	show_profile(&json, "compatibility", &info->gl.profiles[PROFILE_COMPATIBILITY], extensions);
	json_close(&json, '}');
	json_open(&json, "applications", '{');
	show_choice(&json, "64", &info->choices[BITS_64]);
	show_choice(&json, "32", &info->choices[BITS_32]);
	json_bool(&json, "remote_session", info->view.remote_session);
	json_close(&json, '}');
	json_close(&json, '}');
}
