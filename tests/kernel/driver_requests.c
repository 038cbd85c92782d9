/* SPDX-License-Identifier: MIT */
/* driver_requests.c - the part of driver_test.h that asks nothing of the device behind the driver: for programs on the
 * native simulator and on the shipped driver. */
#include "driver_test.h"

#include <string.h>

const GUID DriverInterface = VGPU_INTERFACE_GUID_INIT;

SIM_USER_FILE *DriverOpen(void)
{
	SIM_USER_FILE *File = HarnessOpen(&DriverInterface);
	struct vgpu_open Open = {.abi_major = VGPU_ABI_MAJOR, .abi_minor = VGPU_ABI_MINOR};

	assert_int_equal(CALL_BOTH(File, VGPU_IOCTL_OPEN, &Open), STATUS_SUCCESS);
	assert_int_equal(Open.abi_major, VGPU_ABI_MAJOR);
	return File;
}

void DriverPin(SIM_USER_FILE *File, uint32_t Id, size_t Bytes, PINNED *Pinned)
{
	struct vgpu_memory_pin Pin = {.memory_id = Id};

	memset(Pinned, 0, sizeof(*Pinned));
	Pinned->Bytes = Bytes;
	Pinned->Memory = HarnessPages(Bytes);
	assert_int_equal(HarnessSend(File, VGPU_IOCTL_MEMORY_PIN, &Pin, sizeof(Pin), Pinned->Memory, (ULONG)Bytes,
				 &Pinned->Request),
		STATUS_PENDING);
}

void DriverUnpinned(PINNED *Pinned, NTSTATUS Expected)
{
	assert_int_equal(HarnessWait(&Pinned->Request), Expected);
	HarnessPagesFree(Pinned->Memory);
	Pinned->Memory = NULL;
}

NTSTATUS DriverCall(SIM_USER_FILE *File, ULONG Code, void *Buffer, ULONG InputBytes, ULONG OutputBytes)
{
	ULONG_PTR Information;

	return HarnessIoctl(File, Code, Buffer, InputBytes, OutputBytes ? Buffer : NULL, OutputBytes, &Information);
}

uint32_t DriverContext(SIM_USER_FILE *File, uint32_t FenceMemory, uint64_t FenceOffset)
{
	struct vgpu_context_create Create = {.num_rings = 1,
		.fence_memory_id = FenceMemory,
		.fence_offset = FenceOffset,
		.name_length = 4,
		.name = "test"};

	assert_int_equal(CALL_BOTH(File, VGPU_IOCTL_CONTEXT_CREATE, &Create), STATUS_SUCCESS);
	assert_int_not_equal(Create.context_id, 0);
	return Create.context_id;
}

uint32_t DriverTexture(
	SIM_USER_FILE *File, uint32_t Context, uint32_t Width, uint32_t Height, uint32_t Memory, uint64_t Offset)
{
	struct vgpu_resource_create Create = {.target = 2, /* PIPE_TEXTURE_2D */
		.format = 1, /* VIRGL_FORMAT_B8G8R8A8_UNORM */
		.bind = 2 | 8, /* render target, sampler view */
		.width = Width,
		.height = Height,
		.depth = 1,
		.array_size = 1,
		.context_id = Context,
		.backing = {.memory_id = Memory, .offset = Offset, .size = Memory ? 4ull * Width * Height : 0}};

	assert_int_equal(CALL_BOTH(File, VGPU_IOCTL_RESOURCE_CREATE, &Create), STATUS_SUCCESS);
	assert_int_not_equal(Create.resource_id, 0);
	return Create.resource_id;
}

uint64_t DriverFence(SIM_USER_FILE *File, uint32_t Context)
{
	struct vgpu_submit Submit = {.context_id = Context, .flags = VGPU_SUBMIT_FENCE};

	assert_int_equal(CALL_BOTH(File, VGPU_IOCTL_SUBMIT, &Submit), STATUS_SUCCESS);
	assert_int_not_equal(Submit.fence_number, 0);
	return Submit.fence_number;
}

struct vgpu_statistics DriverStatistics(SIM_USER_FILE *File, uint32_t Scope)
{
	struct vgpu_statistics_query Query = {.scope = Scope};
	struct vgpu_statistics Statistics;
	ULONG_PTR Information;

	assert_int_equal(HarnessIoctl(File, VGPU_IOCTL_STATISTICS, &Query, sizeof(Query), &Statistics,
				 sizeof(Statistics), &Information),
		STATUS_SUCCESS);
	assert_int_equal(Information, sizeof(Statistics));
	return Statistics;
}

NTSTATUS DriverWaitFor(SIM_USER_FILE *File, uint32_t Context, uint64_t Number, uint64_t TimeoutNs)
{
	struct vgpu_wait Wait = {.fence = {.context_id = Context, .number = Number}, .timeout_ns = TimeoutNs};

	return CALL_IN(File, VGPU_IOCTL_WAIT, &Wait);
}
