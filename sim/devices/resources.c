/* SPDX-License-Identifier: MIT */
/* resources.c - resources, their backing and transfers. */
#include "command_internal.h"

static void Create(
	MV_COMMANDS *Commands, uint32_t Context, const struct virgl_renderer_resource_create_args *Description)
{
	struct virgl_renderer_resource_create_args Arguments = *Description;
	int Error = virgl_renderer_resource_create(&Arguments, NULL, 0);

	if (Error) {
		MvLog("resource %u is not created (%d)", Arguments.handle, Error);
		return;
	}
	MvRecordAdd(&Commands->Records->Resources, Arguments.handle);
	MvRecordResource(Commands->Recording, Context, (const uint32_t *)Description);
	virgl_renderer_ctx_attach_resource((int)Context, (int)Arguments.handle);
}

void MvCreate2d(MV_COMMANDS *Commands, MV_ELEMENT *Element)
{
	MV_TAKE(Element, mvisor_vgpu_resource_create_2d);
	const struct virgl_renderer_resource_create_args Arguments = {.handle = Command.resource_id,
		.target = 2, /* a texture */
		.format = Command.format,
		.bind = VIRGL_RES_BIND_RENDER_TARGET,
		.width = Command.width,
		.height = Command.height,
		.depth = 1,
		.array_size = 1,
		.flags = VIRTIO_GPU_RESOURCE_FLAG_Y_0_TOP};

	Create(Commands, Command.hdr.ctx_id, &Arguments);
}

void MvCreate3d(MV_COMMANDS *Commands, MV_ELEMENT *Element)
{
	MV_TAKE(Element, virtio_gpu_resource_create_3d);
	const struct virgl_renderer_resource_create_args Arguments = {.handle = Command.resource_id,
		.target = Command.target,
		.format = Command.format,
		.bind = Command.bind,
		.width = Command.width,
		.height = Command.height,
		.depth = Command.depth,
		.array_size = Command.array_size,
		.last_level = Command.last_level,
		.nr_samples = Command.nr_samples,
		.flags = Command.flags};

	Create(Commands, Command.hdr.ctx_id, &Arguments);
}

static bool IsMapped(const MV_MEMORY *Memory, uint32_t Resource)
{
	for (unsigned i = 0; i < MV_MAX_WINDOWS; i++) {
		if (Memory->Windows[i].Size && Memory->Windows[i].Resource == Resource)
			return true;
	}
	return false;
}

void MvUnref(MV_COMMANDS *Commands, MV_ELEMENT *Element)
{
	MV_TAKE(Element, virtio_gpu_resource_unref);

	if (IsMapped(Commands->Memory, Command.resource_id))
		MvPanic(MvRuleMemory, "blob %u is freed while the guest has it mapped", Command.resource_id);
	virgl_renderer_ctx_detach_resource((int)Command.hdr.ctx_id, (int)Command.resource_id);
	virgl_renderer_resource_unref(Command.resource_id);
	MvRecordRemove(&Commands->Records->Resources, Command.resource_id);
	MvRecordResourceGone(Commands->Recording, Command.resource_id);
}

void MvAttachBacking(MV_COMMANDS *Commands, MV_ELEMENT *Element)
{
	MV_TAKE(Element, mvisor_vgpu_resource_attach_backing);
	MV_RECORD *Record = MvRecordFind(&Commands->Records->Resources, Command.resource_id);
	void *Data = MvMemoryRam(Commands->Memory, Command.gpa, Command.size);

	if (!Data)
		MvPanic(MvRuleMemory, "backing of %#x bytes at %#llx", Command.size, (unsigned long long)Command.gpa);
	if (!Record || Record->Backing.iov_base) {
		MvLog("backing for resource %u: it %s", Command.resource_id, Record ? "has one" : "does not exist");
		return;
	}
	Record->Backing = (struct iovec){Data, Command.size};
	if (virgl_renderer_resource_attach_iov((int)Command.resource_id, &Record->Backing, 1) != 0) {
		MvLog("resource %u refuses its backing", Command.resource_id);
		Record->Backing.iov_base = NULL;
		return;
	}
	MvRecordBacking(Commands->Recording, Command.resource_id, Data, Command.size);
}

void MvDetachBacking(MV_COMMANDS *Commands, MV_ELEMENT *Element)
{
	MV_TAKE(Element, virtio_gpu_resource_detach_backing);
	MV_RECORD *Record = MvRecordFind(&Commands->Records->Resources, Command.resource_id);
	struct iovec *Entries = NULL;
	int Count = 0;

	virgl_renderer_resource_detach_iov((int)Command.resource_id, &Entries, &Count);
	if (!Entries)
		MvLog("resource %u has no backing to detach", Command.resource_id);
	if (Record)
		Record->Backing.iov_base = NULL;
	MvRecordBacking(Commands->Recording, Command.resource_id, NULL, 0);
}

void MvAttachResource(MV_COMMANDS *Commands, MV_ELEMENT *Element)
{
	MV_TAKE(Element, virtio_gpu_ctx_resource);

	(void)Commands;
	virgl_renderer_ctx_attach_resource((int)Command.hdr.ctx_id, (int)Command.resource_id);
}

void MvDetachResource(MV_COMMANDS *Commands, MV_ELEMENT *Element)
{
	MV_TAKE(Element, virtio_gpu_ctx_resource);

	(void)Commands;
	virgl_renderer_ctx_detach_resource((int)Command.hdr.ctx_id, (int)Command.resource_id);
}

static void Transfer(const struct virtio_gpu_transfer_host_3d *Command, bool ToHost)
{
	struct virtio_gpu_box Box = Command->box; /* the layout of the renderer's */
	struct virgl_box *RendererBox = (void *)&Box;
	int Error;

	if (ToHost)
		Error = virgl_renderer_transfer_write_iov(Command->resource_id, Command->hdr.ctx_id,
			(int)Command->level, Command->stride, Command->layer_stride, RendererBox, Command->offset, NULL,
			0);
	else
		Error = virgl_renderer_transfer_read_iov(Command->resource_id, Command->hdr.ctx_id, Command->level,
			Command->stride, Command->layer_stride, RendererBox, Command->offset, NULL, 0);
	if (Error)
		MvLog("a transfer %s resource %u fails (%d)", ToHost ? "to" : "from", Command->resource_id, Error);
}

void MvTransferToHost3d(MV_COMMANDS *Commands, MV_ELEMENT *Element)
{
	MV_TAKE(Element, virtio_gpu_transfer_host_3d);

	(void)Commands;
	Transfer(&Command, true);
}

void MvTransferFromHost3d(MV_COMMANDS *Commands, MV_ELEMENT *Element)
{
	MV_TAKE(Element, virtio_gpu_transfer_host_3d);

	(void)Commands;
	Transfer(&Command, false);
}

void MvTransferToHost2d(MV_COMMANDS *Commands, MV_ELEMENT *Element)
{
	MV_TAKE(Element, mvisor_vgpu_transfer_to_host_2d);
	const struct virtio_gpu_transfer_host_3d Wide = {.hdr = Command.hdr,
		.box = {.x = Command.x, .y = Command.y, .w = Command.width, .h = Command.height, .d = 1},
		.offset = Command.offset,
		.resource_id = Command.resource_id};

	(void)Commands;
	Transfer(&Wide, true);
}
