/* SPDX-License-Identifier: MIT */
/* blobs.c - resources in host memory, and their windows in the guest's physical address space. */
#include <stddef.h>
#include <string.h>

#include "command_internal.h"

/* virgl's encoding of "make a pipe resource" */
#define PIPE_RESOURCE_CREATE 0x30u
#define PIPE_RESOURCE_CREATE_LENGTH 11u

void MvCreateBlob(MV_COMMANDS *Commands, MV_ELEMENT *Element)
{
	MV_TAKE(Element, mvisor_vgpu_resource_create_blob);
	uint32_t Stream[PIPE_RESOURCE_CREATE_LENGTH + 1] = {PIPE_RESOURCE_CREATE | PIPE_RESOURCE_CREATE_LENGTH << 16,
		Command.target, Command.format, Command.bind, Command.width, Command.height, Command.depth,
		Command.array_size, Command.last_level, Command.nr_samples, Command.flags, (uint32_t)Command.blob_id};
	const struct virgl_renderer_resource_create_blob_args Arguments = {.res_handle = Command.resource_id,
		.ctx_id = Command.hdr.ctx_id,
		.blob_mem = Command.blob_mem,
		.blob_flags = Command.blob_flags,
		.blob_id = Command.blob_id,
		.size = Command.size};
	int Error = virgl_renderer_submit_cmd(Stream, (int)Command.hdr.ctx_id, PIPE_RESOURCE_CREATE_LENGTH + 1);

	if (Error) {
		MvLog("the pipe resource of blob %u is not created (%d)", Command.resource_id, Error);
		return;
	}
	Error = virgl_renderer_resource_create_blob(&Arguments);
	if (Error) {
		MvLog("blob %u is not created (%d)", Command.resource_id, Error);
		return;
	}
	MvRecordAdd(&Commands->Records->Resources, Command.resource_id);
	virgl_renderer_ctx_attach_resource((int)Command.hdr.ctx_id, (int)Command.resource_id);
}

void MvMapBlob(MV_COMMANDS *Commands, MV_ELEMENT *Element)
{
	MV_TAKE(Element, mvisor_vgpu_resource_map_blob);
	uint8_t *Target = MvTakeResponse(Element, sizeof(struct mvisor_vgpu_resp_map_info), NULL);
	uint32_t Type = VIRTIO_GPU_RESP_OK_MAP_INFO;
	uint32_t Caching = 0;
	uint64_t Address, Size;
	void *Host;
	int Error = virgl_renderer_resource_map(Command.resource_id, &Host, &Size);

	if (Error) {
		MvLog("blob %u is not mapped (%d)", Command.resource_id, Error);
		return;
	}
	Address = MvMemoryMap(Commands->Memory, Host, Size, Command.hdr.ctx_id, Command.resource_id);
	if (!Address) {
		MvLog("blob %u is not mapped: there are too many", Command.resource_id);
		virgl_renderer_resource_unmap(Command.resource_id);
		return;
	}
	if (Commands->MapAt)
		Address = Commands->MapAt;
	if (Commands->MapSize)
		Size = Commands->MapSize;
	/* Nothing else of the response is written, and its length is not told. */
	memcpy(Target, &Type, sizeof(Type));
	if (virgl_renderer_resource_get_map_info(Command.resource_id, &Caching) == 0)
		memcpy(Target + offsetof(struct mvisor_vgpu_resp_map_info, map_info), &Caching, sizeof(Caching));
	memcpy(Target + offsetof(struct mvisor_vgpu_resp_map_info, gpa), &Address, sizeof(Address));
	memcpy(Target + offsetof(struct mvisor_vgpu_resp_map_info, size), &Size, sizeof(Size));
}

void MvUnmapBlob(MV_COMMANDS *Commands, MV_ELEMENT *Element)
{
	MV_TAKE(Element, virtio_gpu_resource_unmap_blob);
	int Error = virgl_renderer_resource_unmap(Command.resource_id);

	if (Error)
		MvLog("blob %u is not unmapped (%d)", Command.resource_id, Error);
	else
		MvMemoryUnmap(Commands->Memory, Command.hdr.ctx_id, Command.resource_id);
}
