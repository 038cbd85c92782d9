/* SPDX-License-Identifier: MIT */
#include "show.h"

#include <inttypes.h>

#include "names.h"

const char *show_device_advice(const struct info *info)
{
	switch (info->device.result) {
	case VGPU_NO_DEVICE:
		return info->view.gpu_service[0] ? "There is a virtio GPU, but another driver has it or none has. "
						   "Choose this driver for it "
						   "in Device Manager, or give the machine a second virtio GPU."
						 : "Give the machine a virtio GPU with 3D (QEMU: virtio-gpu-gl-pci), "
						   "install the driver, and "
						   "look in Device Manager whether it started.";
	case VGPU_VERSION_MISMATCH:
		return "The kernel driver and this program come from different releases: install one release.";
	case VGPU_ACCESS_DENIED:
		return "This user may not open the device: run as a user who can log on to the desktop.";
	case VGPU_GONE:
	case VGPU_TIMEOUT:
		return "The device does not answer: look at the host's log, then restart the machine.";
	default:
		return "Restart the machine; if that does not help, report this output.";
	}
}

static void show_bits(FILE *file, const char *title, uint64_t bits, const char *(*name_of)(unsigned))
{
	fprintf(file, "  %-18s", title);
	for (unsigned bit = 0; bit < 64; bit++) {
		if (!(bits >> bit & 1))
			continue;
		if (name_of(bit))
			fprintf(file, " %s", name_of(bit));
		else
			fprintf(file, " bit-%u", bit);
	}
	fprintf(file, "%s\n", bits ? "" : " none");
}

static void show_device(FILE *file, const struct info *all)
{
	const struct device_report *report = &all->device;
	const struct vgpu_device_info *info = &report->info;

	fprintf(file, "Device\n");
	if (report->result != VGPU_OK) {
		fprintf(file, "  not usable: %s\n", vgpu_result_text(report->result));
		if (all->view.gpu_service[0])
			fprintf(file, "  a virtio GPU has the driver %s\n", all->view.gpu_service);
		fprintf(file, "  What to do: %s\n", show_device_advice(all));
		return;
	}
	fprintf(file, "  %-18s %s, PCI %04x:%04x (%04x:%04x) revision %u at %02x:%02x.%x\n", "kind",
		name_of_device_kind(info->device_kind), info->pci_vendor, info->pci_device, info->pci_subsystem_vendor,
		info->pci_subsystem_device, info->pci_revision, info->pci_bus, info->pci_slot, info->pci_function);
	fprintf(file, "  %-18s %u.%u.%u, interface %u.%u\n", "driver", info->driver_version >> 24,
		info->driver_version >> 16 & 0xff, info->driver_version & 0xffff, info->abi_major, info->abi_minor);
	show_bits(file, "can", info->capabilities, name_of_capability);
	show_bits(file, "features offered", info->device_features, name_of_feature);
	show_bits(file, "features used", info->driver_features, name_of_feature);
	for (unsigned i = 0; i < report->num_capsets; i++)
		fprintf(file, "  %-18s %u (%s), version %u, %u bytes\n", "capset", report->capsets[i].id,
			name_of_capset(report->capsets[i].id), report->capsets[i].max_version,
			report->capsets[i].max_size);
	fprintf(file, "  %-18s %" PRIu64 " MiB of memory, %" PRIu32 " contexts, %" PRIu32 " resources\n",
		"each program may", info->max_memory >> 20, info->max_contexts, info->max_resources);
	fprintf(file, "Counters since the device started\n");
	for (unsigned i = 0; i < COUNTER_COUNT; i++)
		fprintf(file, "  %-18s %" PRIu64 "\n", counters[i].name, counter_value(&report->device, i));
}

static void show_profile(FILE *file, const char *title, const struct gl_profile *profile, bool extensions)
{
	if (!profile->works) {
		fprintf(file, "  %-18s none\n", title);
		return;
	}
	fprintf(file, "  %-18s %s, GLSL %s, %u extensions\n", title, profile->version,
		profile->glsl[0] ? profile->glsl : "none", profile->num_extensions);
	fprintf(file, "  %-18s %s (%s)\n", "", profile->renderer, profile->vendor);
	for (unsigned i = 0; extensions && i < profile->num_extensions; i++)
		fprintf(file, "    %s\n", profile->extensions[i]);
}

static void show_gl(FILE *file, const struct gl_report *gl, bool extensions)
{
	fprintf(file, "OpenGL in this program\n");
	if (gl->library[0])
		fprintf(file, "  %-18s %s\n", "library", gl->library);
	if (gl->error) {
		fprintf(file, "  none: %s\n", gl->error);
		return;
	}
	fprintf(file, "  %-18s %s\n", "driver", gl->ours ? "this one" : "another one");
	show_profile(file, "core", &gl->profiles[PROFILE_CORE], extensions);
	show_profile(file, "compatibility", &gl->profiles[PROFILE_COMPATIBILITY], extensions);
}

static void show_choice(FILE *file, const char *title, const struct choice *choice)
{
	fprintf(file, "  %-18s %s%s\n", title, choice->driver, choice->reason == REASON_OURS ? " (this driver)" : "");
	if (choice->reason == REASON_OURS)
		return;
	fprintf(file, "    Why: %s\n", choice_why(choice->reason));
	if (choice->adapter)
		fprintf(file, "    The adapter: %s\n", choice->adapter);
	fprintf(file, "    What to do: %s\n", choice_what_to_do(choice->reason));
}

void show_text(FILE *file, const struct info *info, bool extensions)
{
	static const char *const summaries[] = {
		[STATUS_ALL_WELL] = "All is well.",
		[STATUS_NOT_CHOSEN] = "The device works, but some applications get another OpenGL driver.",
		[STATUS_NO_DEVICE] = "There is no device, or its driver did not start.",
		[STATUS_DEVICE_UNUSABLE] = "The device cannot be used.",
		[STATUS_NO_OPENGL] = "The device works, but OpenGL does not.",
	};

	show_device(file, info);
	show_gl(file, &info->gl, extensions);
	fprintf(file, "OpenGL driver that Windows gives applications\n");
	show_choice(file, "64-bit", &info->choices[BITS_64]);
	show_choice(file, "32-bit", &info->choices[BITS_32]);
	if (info->view.remote_session)
		fprintf(file,
			"  This is a Remote Desktop session. After it was disconnected, programs may get software\n"
			"  OpenGL: start them again, or log on at the machine's console.\n");
	fprintf(file, "%s\n", summaries[info->status]);
}
