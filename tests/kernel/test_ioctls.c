/* SPDX-License-Identifier: MIT */
/* Every control code with every wrong size, before the version is agreed, with reserved bits set and foreign ids. */
#include "driver_test.h"

#include <string.h>

typedef struct CODE {
	ULONG Code;
	ULONG InputBytes;
	ULONG OutputBytes;
	NTSTATUS Zeroed; /* what an input of zeros ends with */
} CODE;

#define VARIES 0xffffffffu

static const CODE Codes[] = {
	{VGPU_IOCTL_QUERY, 0, VARIES, STATUS_SUCCESS},
	{VGPU_IOCTL_CAPSET_INFO, 16, 16, STATUS_SUCCESS},
	{VGPU_IOCTL_CAPSET, 8, VARIES, STATUS_INVALID_PARAMETER},
	{VGPU_IOCTL_STATISTICS, 8, VARIES, STATUS_SUCCESS},
	{VGPU_IOCTL_TRACE, 8, 0, STATUS_PRIVILEGE_NOT_HELD},
	{VGPU_IOCTL_CONTEXT_CREATE, 96, 96, STATUS_INVALID_PARAMETER},
	{VGPU_IOCTL_CONTEXT_DESTROY, 8, 0, STATUS_INVALID_HANDLE},
	{VGPU_IOCTL_MEMORY_PIN, 8, VARIES, STATUS_INVALID_PARAMETER},
	{VGPU_IOCTL_MEMORY_ALLOC, 24, 24, STATUS_INVALID_PARAMETER},
	{VGPU_IOCTL_MEMORY_RELEASE, 8, 0, STATUS_INVALID_HANDLE},
	{VGPU_IOCTL_RESOURCE_CREATE, 72, 72, STATUS_SUCCESS},
	{VGPU_IOCTL_RESOURCE_CREATE_BLOB, 96, 96, STATUS_NOT_SUPPORTED},
	{VGPU_IOCTL_RESOURCE_DESTROY, 8, 0, STATUS_INVALID_HANDLE},
	{VGPU_IOCTL_RESOURCE_ATTACH, 8, 0, STATUS_INVALID_HANDLE},
	{VGPU_IOCTL_RESOURCE_DETACH, 8, 0, STATUS_INVALID_HANDLE},
	{VGPU_IOCTL_RESOURCE_MAP, 24, 24, STATUS_NOT_SUPPORTED},
	{VGPU_IOCTL_RESOURCE_UNMAP, 8, 0, STATUS_INVALID_HANDLE},
	{VGPU_IOCTL_SUBMIT, 112, 112, STATUS_INVALID_PARAMETER},
	{VGPU_IOCTL_SUBMIT_COPY, 40, 40, STATUS_INVALID_PARAMETER},
	{VGPU_IOCTL_TRANSFER, 64, 64, STATUS_INVALID_PARAMETER},
	{VGPU_IOCTL_WAIT, 24, 0, STATUS_INVALID_HANDLE},
};

static SIM_USER_FILE *Before;
static SIM_USER_FILE *File;
static uint32_t Context;
static uint8_t *Buffer; /* 4 pages */

static NTSTATUS Call(
	SIM_USER_FILE *On, const CODE *Code, const void *Input, ULONG InputBytes, void *Output, ULONG OutputBytes)
{
	return HarnessIoctl(On, Code->Code, Input, InputBytes, Output, OutputBytes, NULL);
}

static ULONG OutputBytes(const CODE *Code)
{
	return Code->OutputBytes == VARIES ? VGPU_PAGE_SIZE : Code->OutputBytes;
}

/* Input at the start, output a page later: METHOD_NEITHER has two buffers. */
static void Sizes(void **State)
{
	(void)State;
	for (size_t Index = 0; Index < RTL_NUMBER_OF(Codes); Index++) {
		const CODE *Code = &Codes[Index];
		ULONG Out = OutputBytes(Code);

		memset(Buffer, 0, 4 * VGPU_PAGE_SIZE);
		assert_int_equal(
			Call(Before, Code, Buffer, Code->InputBytes, Buffer + 4096, Out), STATUS_INVALID_DEVICE_STATE);
		assert_int_equal(Call(File, Code, Buffer, Code->InputBytes, Buffer + 4096, Out), Code->Zeroed);
		assert_int_equal(Call(File, Code, Buffer, Code->InputBytes + 1, Buffer + 4096, Out),
			STATUS_INFO_LENGTH_MISMATCH);
		if (Code->InputBytes) {
			assert_int_equal(Call(File, Code, Buffer, Code->InputBytes - 1, Buffer + 4096, Out),
				STATUS_INFO_LENGTH_MISMATCH);
			assert_int_equal(Call(File, Code, NULL, 0, Buffer + 4096, Out), STATUS_INFO_LENGTH_MISMATCH);
		}
		if (Code->OutputBytes == VARIES)
			continue;
		assert_int_equal(Call(File, Code, Buffer, Code->InputBytes, Buffer + 4096, Out + 1),
			STATUS_INFO_LENGTH_MISMATCH);
		if (Out)
			assert_int_equal(Call(File, Code, Buffer, Code->InputBytes, Buffer + 4096, Out - 1),
				STATUS_INFO_LENGTH_MISMATCH);
	}
}

static void UnknownCodes(void **State)
{
	static const ULONG Wrong[] = {VGPU_CTL_CODE(0x7ffu, 0u, 3u), VGPU_CTL_CODE(0x806u, 0u, 3u),
		VGPU_CTL_CODE(0x844u, 0u, 3u), VGPU_CTL_CODE(0xfffu, 0u, 3u), VGPU_IOCTL_SUBMIT | 3u, 0u};

	(void)State;
	for (size_t Index = 0; Index < RTL_NUMBER_OF(Wrong); Index++)
		assert_int_equal(
			HarnessIoctl(File, Wrong[Index], Buffer, 8, NULL, 0, NULL), STATUS_INVALID_DEVICE_REQUEST);
}

/* A null, unmapped or unaligned address where the driver reads and writes the caller's memory by itself. */
static void BadAddresses(void **State)
{
	static const CODE Copy = {VGPU_IOCTL_SUBMIT_COPY, 40, 40, 0};
	struct vgpu_submit_copy Submit = {.context_id = Context, .size = 8192};
	struct vgpu_memory_pin Pin = {.memory_id = 1};

	(void)State;
	assert_false(NT_SUCCESS(Call(File, &Copy, NULL, 40, Buffer, 40)));
	assert_false(NT_SUCCESS(Call(File, &Copy, Buffer, 40, NULL, 40)));
	for (uint64_t Address = 0; Address <= 0x1000; Address += 0x1000) {
		Submit.address = Address;
		assert_int_equal(CALL_BOTH(File, VGPU_IOCTL_SUBMIT_COPY, &Submit), STATUS_ACCESS_VIOLATION);
	}
	Submit.address = (uintptr_t)Buffer + 2;
	assert_int_equal(CALL_BOTH(File, VGPU_IOCTL_SUBMIT_COPY, &Submit), STATUS_INVALID_PARAMETER);
	assert_int_equal(HarnessIoctl(File, VGPU_IOCTL_MEMORY_PIN, &Pin, sizeof(Pin), Buffer + 8, VGPU_PAGE_SIZE, NULL),
		STATUS_DATATYPE_MISALIGNMENT);
	assert_int_equal(HarnessIoctl(File, VGPU_IOCTL_MEMORY_PIN, &Pin, sizeof(Pin), Buffer, 100, NULL),
		STATUS_DATATYPE_MISALIGNMENT);
	assert_false(NT_SUCCESS(HarnessIoctl(File, VGPU_IOCTL_MEMORY_PIN, &Pin, sizeof(Pin), NULL, 0, NULL)));
}

static void Opening(void **State)
{
	struct vgpu_open Open = {.abi_major = VGPU_ABI_MAJOR + 1};

	(void)State;
	assert_int_equal(CALL_BOTH(Before, VGPU_IOCTL_OPEN, &Open), STATUS_REVISION_MISMATCH);
	Open = (struct vgpu_open){.abi_major = VGPU_ABI_MAJOR, .flags = 1};
	assert_int_equal(CALL_BOTH(Before, VGPU_IOCTL_OPEN, &Open), STATUS_INVALID_PARAMETER);
	Open = (struct vgpu_open){.abi_major = VGPU_ABI_MAJOR, .reserved = 1};
	assert_int_equal(CALL_BOTH(Before, VGPU_IOCTL_OPEN, &Open), STATUS_INVALID_PARAMETER);
	Open.reserved = 0;
	assert_int_equal(CALL_BOTH(Before, VGPU_IOCTL_OPEN, &Open), STATUS_SUCCESS);
	assert_int_equal(CALL_BOTH(Before, VGPU_IOCTL_OPEN, &Open), STATUS_INVALID_DEVICE_STATE);
}

static void DeviceInfoSizes(void **State)
{
	struct vgpu_device_info *Info = (struct vgpu_device_info *)Buffer;
	ULONG_PTR Information;

	(void)State;
	for (ULONG Bytes = 0; Bytes <= 160; Bytes++) {
		NTSTATUS Status = HarnessIoctl(File, VGPU_IOCTL_QUERY, NULL, 0, Buffer, Bytes, &Information);

		if (Bytes < 64 || Bytes % 8) {
			assert_int_equal(Status, STATUS_INFO_LENGTH_MISMATCH);
			continue;
		}
		assert_int_equal(Status, STATUS_SUCCESS);
		assert_int_equal(Information, Bytes < sizeof(*Info) ? Bytes : sizeof(*Info));
		assert_int_equal(Info->device_kind, VGPU_DEVICE_KIND_STANDARD);
		if (Information < sizeof(*Info))
			continue;
		assert_int_equal(Info->pci_vendor, FAKE_VIRTIO_VENDOR);
		assert_int_equal(Info->pci_bus, 0);
		assert_int_equal(Info->pci_slot << 3 | Info->pci_function, HARNESS_FUNCTION);
	}
}

/* As old callers ask, and as newer ones may. */
static void StatisticsSizes(void **State)
{
	const struct vgpu_statistics_query Query = {.scope = VGPU_SCOPE_HANDLE};
	const struct vgpu_statistics *Statistics = (struct vgpu_statistics *)Buffer;
	ULONG_PTR Information;

	(void)State;
	for (ULONG Bytes = 0; Bytes <= sizeof(*Statistics) + 64; Bytes += 4) {
		NTSTATUS Status =
			HarnessIoctl(File, VGPU_IOCTL_STATISTICS, &Query, sizeof(Query), Buffer, Bytes, &Information);

		if (Bytes < 192 || Bytes % 8) {
			assert_int_equal(Status, STATUS_INFO_LENGTH_MISMATCH);
			continue;
		}
		assert_int_equal(Status, STATUS_SUCCESS);
		assert_int_equal(Information, Bytes < sizeof(*Statistics) ? Bytes : sizeof(*Statistics));
		assert_true(Statistics->ioctls > Bytes / 4);
		if (Information == sizeof(*Statistics))
			assert_true(Statistics->bad_requests > 192 / 4);
	}
}

/* One wrong bit or number in a request that is right otherwise. */
static void SubmitFields(void **State)
{
	const struct vgpu_submit Good = {
		.context_id = Context, .flags = VGPU_SUBMIT_FENCE, .stream = {.memory_id = 5, .offset = 4, .size = 8}};
	struct vgpu_memory_release Release = {.memory_id = 5};
	struct vgpu_submit Bad[12];
	struct vgpu_submit Submit = Good;
	PINNED Pinned;

	(void)State;
	DriverPin(File, 5, 4096, &Pinned);
	assert_int_equal(CALL_BOTH(File, VGPU_IOCTL_SUBMIT, &Submit), STATUS_SUCCESS);
	for (size_t Index = 0; Index < RTL_NUMBER_OF(Bad); Index++)
		Bad[Index] = Good;
	Bad[0].ring = 1;
	Bad[1].flags |= 2;
	Bad[2].num_in_fences = VGPU_MAX_IN_FENCES + 1;
	Bad[3].stream.reserved = 1;
	Bad[4].stream.offset = 2;
	Bad[5].stream.size = 6;
	Bad[6].stream.size = 4096;
	Bad[7].stream.offset = ~0ull - 3;
	Bad[8].stream.size = ~0ull - 3;
	Bad[9].fence_number = 1;
	Bad[10].in_fences[0].number = 1;
	Bad[11].stream.size = 0;
	for (size_t Index = 0; Index < RTL_NUMBER_OF(Bad); Index++)
		assert_int_equal(CALL_BOTH(File, VGPU_IOCTL_SUBMIT, &Bad[Index]), STATUS_INVALID_PARAMETER);
	Submit = Good;
	Submit.stream.memory_id = 6;
	assert_int_equal(CALL_BOTH(File, VGPU_IOCTL_SUBMIT, &Submit), STATUS_INVALID_HANDLE);
	Submit = Good;
	Submit.num_in_fences = 1;
	Submit.in_fences[0] = (struct vgpu_fence){.context_id = Context + 1, .number = 1};
	assert_int_equal(CALL_BOTH(File, VGPU_IOCTL_SUBMIT, &Submit), STATUS_INVALID_HANDLE);
	assert_int_equal(CALL_IN(File, VGPU_IOCTL_MEMORY_RELEASE, &Release), STATUS_SUCCESS);
	DriverUnpinned(&Pinned, STATUS_SUCCESS);
}

static void ContextFields(void **State)
{
	struct vgpu_context_create Bad[8];
	struct vgpu_memory_release Release = {.memory_id = 5};
	PINNED Pinned;

	(void)State;
	DriverPin(File, 5, 8192, &Pinned);
	for (size_t Index = 0; Index < RTL_NUMBER_OF(Bad); Index++)
		Bad[Index] = (struct vgpu_context_create){.num_rings = 1, .fence_memory_id = 5};
	Bad[0].flags = 1;
	Bad[1].num_rings = VGPU_MAX_RINGS + 1;
	Bad[2].name_length = VGPU_NAME_LENGTH + 1;
	Bad[3].context_id = 1;
	Bad[4].fence_offset = 4;
	Bad[5].fence_offset = 8192;
	Bad[6].fence_offset = ~0ull - 7;
	Bad[7].fence_memory_id = 0;
	Bad[7].fence_offset = 8;
	for (size_t Index = 0; Index < RTL_NUMBER_OF(Bad); Index++)
		assert_int_equal(CALL_BOTH(File, VGPU_IOCTL_CONTEXT_CREATE, &Bad[Index]), STATUS_INVALID_PARAMETER);
	Bad[0].flags = 0;
	Bad[0].fence_memory_id = 77;
	assert_int_equal(CALL_BOTH(File, VGPU_IOCTL_CONTEXT_CREATE, &Bad[0]), STATUS_INVALID_HANDLE);
	assert_int_equal(CALL_IN(File, VGPU_IOCTL_MEMORY_RELEASE, &Release), STATUS_SUCCESS);
	DriverUnpinned(&Pinned, STATUS_SUCCESS);
}

/* For administrators, and then nothing but the five levels. */
static void Trace(void **State)
{
	struct vgpu_trace Level = {0};

	(void)State;
	assert_int_equal(CALL_IN(File, VGPU_IOCTL_TRACE, &Level), STATUS_PRIVILEGE_NOT_HELD);
	if (!HarnessPrivileged(TRUE))
		return;
	for (Level.level = 0; Level.level <= 4; Level.level++)
		assert_int_equal(CALL_IN(File, VGPU_IOCTL_TRACE, &Level), STATUS_SUCCESS);
	assert_int_equal(CALL_IN(File, VGPU_IOCTL_TRACE, &Level), STATUS_INVALID_PARAMETER);
	Level = (struct vgpu_trace){.reserved = 1};
	assert_int_equal(CALL_IN(File, VGPU_IOCTL_TRACE, &Level), STATUS_INVALID_PARAMETER);
	(void)HarnessPrivileged(FALSE);
	Level.reserved = 0;
	assert_int_equal(CALL_IN(File, VGPU_IOCTL_TRACE, &Level), STATUS_PRIVILEGE_NOT_HELD);
}

static int Start(void **State)
{
	(void)State;
	DriverStartFake(SimInterruptsMessage);
	Buffer = HarnessPages(4 * VGPU_PAGE_SIZE);
	Before = HarnessOpen(&DriverInterface);
	File = DriverOpen();
	Context = DriverContext(File, 0, 0);
	return 0;
}

static int Stop(void **State)
{
	(void)State;
	SimUserClose(Before);
	SimUserClose(File);
	HarnessPagesFree(Buffer);
	DriverStop();
	return 0;
}

int main(void)
{
	const struct CMUnitTest Tests[] = {
		cmocka_unit_test_setup_teardown(Sizes, Start, Stop),
		cmocka_unit_test_setup_teardown(UnknownCodes, Start, Stop),
		cmocka_unit_test_setup_teardown(BadAddresses, Start, Stop),
		cmocka_unit_test_setup_teardown(Opening, Start, Stop),
		cmocka_unit_test_setup_teardown(Trace, Start, Stop),
		cmocka_unit_test_setup_teardown(DeviceInfoSizes, Start, Stop),
		cmocka_unit_test_setup_teardown(StatisticsSizes, Start, Stop),
		cmocka_unit_test_setup_teardown(SubmitFields, Start, Stop),
		cmocka_unit_test_setup_teardown(ContextFields, Start, Stop),
	};

	return cmocka_run_group_tests_name("ioctls", Tests, NULL, NULL);
}
