/* SPDX-License-Identifier: MIT */
/*
 * driver_ioctl.c - every control code of the driver with buffers that are too short, too long, missing, at odd
 * addresses or not there at all; and what one handle must not do with another's objects. On the model device.
 */
#include "driver.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#define BAD_ADDRESS ((void *)(uintptr_t)0x5000)

typedef struct CODE {
	const char *Name;
	ULONG Code;
	ULONG Input; /* exact size */
	ULONG Output; /* exact size, or any */
	BOOLEAN AnyOutput;
} CODE;

#define SIZED(Name, In, Out) \
	{ \
#Name, VGPU_IOCTL_##Name, In, Out, FALSE \
	}
#define ANY(Name, In, Out) \
	{ \
#Name, VGPU_IOCTL_##Name, In, Out, TRUE \
	}
static const CODE Codes[] = {
	SIZED(OPEN, 16, 16),
	ANY(QUERY, 0, sizeof(struct vgpu_device_info)),
	SIZED(CAPSET_INFO, 16, 16),
	ANY(CAPSET, 8, 308),
	ANY(STATISTICS, 8, sizeof(struct vgpu_statistics)),
	SIZED(TRACE, 8, 0),
	SIZED(CONTEXT_CREATE, sizeof(struct vgpu_context_create), sizeof(struct vgpu_context_create)),
	SIZED(CONTEXT_DESTROY, 8, 0),
	ANY(MEMORY_PIN, 8, 4096),
	SIZED(MEMORY_ALLOC, 24, 24),
	SIZED(MEMORY_RELEASE, 8, 0),
	SIZED(RESOURCE_CREATE, sizeof(struct vgpu_resource_create), sizeof(struct vgpu_resource_create)),
	SIZED(RESOURCE_CREATE_BLOB, sizeof(struct vgpu_resource_create_blob), sizeof(struct vgpu_resource_create_blob)),
	SIZED(RESOURCE_DESTROY, 8, 0),
	SIZED(RESOURCE_ATTACH, 8, 0),
	SIZED(RESOURCE_DETACH, 8, 0),
	SIZED(RESOURCE_MAP, 24, 24),
	SIZED(RESOURCE_UNMAP, 8, 0),
	SIZED(SUBMIT, sizeof(struct vgpu_submit), sizeof(struct vgpu_submit)),
	SIZED(SUBMIT_COPY, sizeof(struct vgpu_submit_copy), sizeof(struct vgpu_submit_copy)),
	SIZED(TRANSFER, sizeof(struct vgpu_transfer), sizeof(struct vgpu_transfer)),
	SIZED(WAIT, sizeof(struct vgpu_wait), 0),
};

static UCHAR Zeros[8192];
static UCHAR Filled[8192];
static DECLSPEC_ALIGN(4096) UCHAR Out[16384];
static SIM_BUS *Bus;

static int Start(void **State)
{
	(void)State;
	memset(Filled, 0xff, sizeof(Filled));
	Bus = HarnessStartFake(SimInterruptsMessage, 3000);
	assert_int_equal(SimLoadDriver(FxDriverEntry, FAKE_VIRTIO_VENDOR, FAKE_VIRTIO_DEVICE), STATUS_SUCCESS);
	return 0;
}

static int Stop(void **State)
{
	FAKE_COUNTS Counts = FakeVirtioCounts(Bus);

	(void)State;
	assert_int_equal(Counts.Errors, 0);
	assert_int_equal(Counts.Contexts, 0);
	assert_int_equal(Counts.Resources, 0);
	assert_int_equal(SimStop(), 0);
	return 0;
}

static void Expect(SIM_USER_FILE *File, const CODE *Code, const char *Case, void *Input, ULONG InputLength,
	void *Output, ULONG OutputLength, NTSTATUS Wanted)
{
	NTSTATUS Status = HarnessIoctl(File, Code->Code, Input, InputLength, Output, OutputLength, NULL);

	if (Status != Wanted)
		fail_msg("%s, %s: status %#x, expected %#x", Code->Name, Case, (unsigned)Status, (unsigned)Wanted);
}

static void WrongSizes(void **State)
{
	SIM_USER_FILE *File = DriverOpen();

	(void)State;
	for (ULONG i = 0; i < ARRAYSIZE(Codes); i++) {
		const CODE *Code = &Codes[i];
		NTSTATUS Mismatch = STATUS_INFO_LENGTH_MISMATCH;

		Expect(File, Code, "input one too long", Zeros, Code->Input + 1, Out, Code->Output, Mismatch);
		if (Code->Input > 0) {
			Expect(File, Code, "input one too short", Zeros, Code->Input - 1, Out, Code->Output, Mismatch);
			Expect(File, Code, "no input", NULL, 0, Out, Code->Output, Mismatch);
		}
		if (Code->AnyOutput)
			continue;
		Expect(File, Code, "output one too long", Zeros, Code->Input, Out, Code->Output + 1, Mismatch);
		if (Code->Output > 0) {
			Expect(File, Code, "output one too short", Zeros, Code->Input, Out, Code->Output - 1, Mismatch);
			Expect(File, Code, "no output", Zeros, Code->Input, NULL, 0, Mismatch);
		}
	}
	SimUserClose(File);
}

/* Whatever all ones mean to a code, it is refused, and nothing is left behind. */
static void AllOnesAndOddAddresses(void **State)
{
	SIM_USER_FILE *File = DriverOpen();

	(void)State;
	for (ULONG i = 0; i < ARRAYSIZE(Codes); i++) {
		const CODE *Code = &Codes[i];
		NTSTATUS Status;

		if (Code->Input == 0)
			continue;
		for (ULONG Odd = 0; Odd < 8; Odd++) {
			Status = HarnessIoctl(
				File, Code->Code, Filled + Odd, Code->Input, Out + Odd, Code->Output, NULL);
			if (NT_SUCCESS(Status))
				fail_msg("%s with all ones at offset %u succeeds", Code->Name, (unsigned)Odd);
		}
	}
	SimUserClose(File);
}

static void Inaccessible(void **State)
{
	SIM_USER_FILE *File = DriverOpen();

	(void)State;
	for (ULONG i = 0; i < ARRAYSIZE(Codes); i++) {
		const CODE *Code = &Codes[i];

		if (Code->Input > 0)
			Expect(File, Code, "input is not there", BAD_ADDRESS, Code->Input, Out, Code->Output,
				STATUS_ACCESS_VIOLATION);
		if (Code->Output > 0 && METHOD_FROM_CTL_CODE(Code->Code) != METHOD_NEITHER)
			Expect(File, Code, "output is not there", Zeros, Code->Input, BAD_ADDRESS, Code->Output,
				STATUS_ACCESS_VIOLATION);
	}
	SimUserClose(File);
}

static void BeforeOpen(void **State)
{
	SIM_USER_FILE *File = HarnessOpen(&DriverClass);
	struct vgpu_open Open = {.abi_major = VGPU_ABI_MAJOR + 1};

	(void)State;
	for (ULONG i = 1; i < ARRAYSIZE(Codes); i++)
		Expect(File, &Codes[i], "before OPEN", Zeros, Codes[i].Input, Out, Codes[i].Output,
			STATUS_INVALID_DEVICE_STATE);
	assert_int_equal(HarnessIoctl(File, VGPU_IOCTL_OPEN, &Open, sizeof(Open), &Open, sizeof(Open), NULL),
		STATUS_REVISION_MISMATCH);
	Open = (struct vgpu_open){.abi_major = VGPU_ABI_MAJOR};
	DriverCall(File, VGPU_IOCTL_OPEN, &Open, sizeof(Open));
	Open = (struct vgpu_open){.abi_major = VGPU_ABI_MAJOR};
	assert_int_equal(HarnessIoctl(File, VGPU_IOCTL_OPEN, &Open, sizeof(Open), &Open, sizeof(Open), NULL),
		STATUS_INVALID_DEVICE_STATE);
	SimUserClose(File);
}

static void UnknownCodes(void **State)
{
	SIM_USER_FILE *File = DriverOpen();

	(void)State;
	for (ULONG Function = 0x800; Function < 0x850; Function++) {
		for (ULONG Method = 0; Method < 4; Method++) {
			ULONG Code = VGPU_CTL_CODE(Function, Method, VGPU_ACCESS_RW);
			BOOLEAN Known = FALSE;

			for (ULONG i = 0; i < ARRAYSIZE(Codes); i++)
				Known = Known || Codes[i].Code == Code;
			if (!Known)
				assert_int_equal(HarnessIoctl(File, Code, Zeros, 8, Out, 8, NULL),
					STATUS_INVALID_DEVICE_REQUEST);
		}
	}
	SimUserClose(File);
}

/* Ids belong to the handle that made them. */
static void ForeignIds(void **State)
{
	SIM_USER_FILE *Owner = DriverOpen();
	SIM_USER_FILE *Other = DriverOpen();
	struct vgpu_context_destroy Destroy = {.context_id = DriverContext(Owner)};
	struct vgpu_resource Resource = {.resource_id = DriverTexture(Owner, Destroy.context_id, 16, 16, 0, 0)};
	uint32_t Mine = DriverContext(Other);
	struct vgpu_resource Attach = {.resource_id = Resource.resource_id, .context_id = Mine};

	(void)State;
	if (Mine != Destroy.context_id)
		assert_int_equal(DriverTell(Other, VGPU_IOCTL_CONTEXT_DESTROY, &Destroy, sizeof(Destroy)),
			STATUS_INVALID_HANDLE);
	assert_int_equal(
		DriverTell(Other, VGPU_IOCTL_RESOURCE_DESTROY, &Resource, sizeof(Resource)), STATUS_INVALID_HANDLE);
	assert_int_equal(DriverTell(Other, VGPU_IOCTL_RESOURCE_ATTACH, &Attach, sizeof(Attach)), STATUS_INVALID_HANDLE);
	SimUserClose(Other);
	assert_int_equal(DriverTell(Owner, VGPU_IOCTL_RESOURCE_DESTROY, &Resource, sizeof(Resource)), STATUS_SUCCESS);
	assert_int_equal(
		DriverTell(Owner, VGPU_IOCTL_RESOURCE_DESTROY, &Resource, sizeof(Resource)), STATUS_INVALID_HANDLE);
	SimUserClose(Owner);
}

#define TEST(Name) cmocka_unit_test_setup_teardown(Name, Start, Stop)

int main(void)
{
	const struct CMUnitTest Tests[] = {
		TEST(WrongSizes),
		TEST(AllOnesAndOddAddresses),
		TEST(Inaccessible),
		TEST(BeforeOpen),
		TEST(UnknownCodes),
		TEST(ForeignIds),
	};

	return cmocka_run_group_tests_name("driver control codes", Tests, NULL, NULL);
}
