/* SPDX-License-Identifier: MIT */
/* driver.c - see driver.h. */
#include "driver.h"

#define PIPE_TEXTURE_2D 2
#define FORMAT_BGRA8 1
#define BIND_RENDER_TARGET 2
#define BIND_SAMPLER_VIEW 8
#define WAIT_TIMEOUT_NS 10000000000ull

const GUID DriverClass = VGPU_INTERFACE_GUID_INIT;

SIM_USER_FILE *DriverOpen(void)
{
	SIM_USER_FILE *File = HarnessOpen(&DriverClass);
	struct vgpu_open Open = {.abi_major = VGPU_ABI_MAJOR, .abi_minor = VGPU_ABI_MINOR};

	DriverCall(File, VGPU_IOCTL_OPEN, &Open, sizeof(Open));
	assert_int_equal(Open.abi_major, VGPU_ABI_MAJOR);
	return File;
}

void DriverCall(SIM_USER_FILE *File, ULONG Code, void *Both, ULONG Length)
{
	ULONG_PTR Information;

	assert_int_equal(HarnessIoctl(File, Code, Both, Length, Both, Length, &Information), STATUS_SUCCESS);
	assert_int_equal(Information, Length);
}

NTSTATUS DriverTell(SIM_USER_FILE *File, ULONG Code, const void *Input, ULONG Length)
{
	return HarnessIoctl(File, Code, Input, Length, NULL, 0, NULL);
}

uint32_t DriverContext(SIM_USER_FILE *File)
{
	struct vgpu_context_create Create = {.num_rings = 1, .name_length = 4, .name = "test"};

	DriverCall(File, VGPU_IOCTL_CONTEXT_CREATE, &Create, sizeof(Create));
	assert_int_not_equal(Create.context_id, 0);
	return Create.context_id;
}

void DriverPin(SIM_USER_FILE *File, uint32_t Id, void *Memory, ULONG Length, HARNESS_REQUEST *Request)
{
	struct vgpu_memory_pin Pin = {.memory_id = Id};

	assert_int_equal(
		HarnessSend(File, VGPU_IOCTL_MEMORY_PIN, &Pin, sizeof(Pin), Memory, Length, Request), STATUS_PENDING);
	assert_int_equal(Request->Completions, 0);
}

uint32_t DriverTexture(
	SIM_USER_FILE *File, uint32_t Context, uint32_t Width, uint32_t Height, uint32_t Memory, uint64_t Offset)
{
	struct vgpu_resource_create Create = {
		.target = PIPE_TEXTURE_2D,
		.format = FORMAT_BGRA8,
		.bind = BIND_RENDER_TARGET | BIND_SAMPLER_VIEW,
		.width = Width,
		.height = Height,
		.depth = 1,
		.array_size = 1,
		.context_id = Context,
		.backing = {.memory_id = Memory, .offset = Offset, .size = Memory ? (uint64_t)Width * Height * 4 : 0},
	};

	DriverCall(File, VGPU_IOCTL_RESOURCE_CREATE, &Create, sizeof(Create));
	assert_int_not_equal(Create.resource_id, 0);
	return Create.resource_id;
}

uint64_t DriverSubmit(SIM_USER_FILE *File, uint32_t Context, uint32_t Memory, uint64_t Offset, uint64_t Size)
{
	struct vgpu_submit Submit = {
		.context_id = Context,
		.flags = VGPU_SUBMIT_FENCE,
		.stream = {.memory_id = Memory, .offset = Offset, .size = Size},
	};

	DriverCall(File, VGPU_IOCTL_SUBMIT, &Submit, sizeof(Submit));
	assert_int_not_equal(Submit.fence_number, 0);
	return Submit.fence_number;
}

void DriverFenceWait(SIM_USER_FILE *File, uint32_t Context, uint64_t Fence)
{
	struct vgpu_wait Wait = {.fence = {.context_id = Context, .number = Fence}, .timeout_ns = WAIT_TIMEOUT_NS};

	assert_int_equal(DriverTell(File, VGPU_IOCTL_WAIT, &Wait, sizeof(Wait)), STATUS_SUCCESS);
}
