/* SPDX-License-Identifier: MIT */
#include "info.h"

static enum vgpu_result read_capsets(struct device_report *report, struct vgpu_client *client)
{
	while (report->num_capsets < report->info.num_capsets && report->num_capsets < INFO_MAX_CAPSETS) {
		struct vgpu_capset_info *capset = &report->capsets[report->num_capsets];
		*capset = (struct vgpu_capset_info){.index = report->num_capsets};
		enum vgpu_result result = vgpu_capset_info(client, capset);
		if (result != VGPU_OK)
			return result;
		report->num_capsets++;
	}
	return VGPU_OK;
}

void device_find_out(struct device_report *report, unsigned index)
{
	struct vgpu_client *client;

	*report = (struct device_report){0};
	report->result = vgpu_client_open(index, &client);
	if (report->result != VGPU_OK)
		return;
	report->info = *vgpu_client_info(client);
	report->result = read_capsets(report, client);
	if (report->result == VGPU_OK)
		report->result = vgpu_statistics(client, VGPU_SCOPE_DEVICE, &report->device);
	if (report->result == VGPU_OK)
		report->result = vgpu_statistics(client, VGPU_SCOPE_HANDLE, &report->handle);
	vgpu_client_close(client);
}
