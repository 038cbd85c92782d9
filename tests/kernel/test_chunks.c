/* SPDX-License-Identifier: MIT */
/* Memory of the kernel's, mapped into programs: what it is good for, its limits, and its end. */
#include "driver_test.h"
#include "../../sim/host/host.h"

#include <string.h>

#define OFFERED "MaxKernelMemoryMiB=8"
#define MIB (1u << 20)

static struct vgpu_memory_alloc Alloc(uint32_t Id, uint64_t Bytes, uint32_t Flags)
{
	return (struct vgpu_memory_alloc){.memory_id = Id, .flags = Flags, .size = Bytes};
}

static uint8_t *Get(SIM_USER_FILE *File, uint32_t Id, uint64_t Bytes)
{
	struct vgpu_memory_alloc Request = Alloc(Id, Bytes, 0);

	assert_int_equal(CALL_BOTH(File, VGPU_IOCTL_MEMORY_ALLOC, &Request), STATUS_SUCCESS);
	assert_int_equal(Request.size, Bytes);
	assert_int_equal(Request.address % VGPU_PAGE_SIZE, 0);
	return (uint8_t *)(uintptr_t)Request.address;
}

static NTSTATUS Try(SIM_USER_FILE *File, struct vgpu_memory_alloc Request)
{
	return CALL_BOTH(File, VGPU_IOCTL_MEMORY_ALLOC, &Request);
}

static NTSTATUS Release(SIM_USER_FILE *File, uint32_t Id)
{
	struct vgpu_memory_release Request = {.memory_id = Id};

	return CALL_IN(File, VGPU_IOCTL_MEMORY_RELEASE, &Request);
}

static uint32_t Capabilities(SIM_USER_FILE *File)
{
	struct vgpu_device_info Info;

	assert_int_equal(HarnessIoctl(File, VGPU_IOCTL_QUERY, NULL, 0, &Info, sizeof(Info), NULL), STATUS_SUCCESS);
	return Info.capabilities;
}

/* Also to devices that take scattered pages: what is contiguous is quicker. */
static void OfferedUnasked(void **State)
{
	SIM_USER_FILE *File;

	(void)State;
	DriverStartFake(SimInterruptsMessage);
	File = DriverOpen();
	assert_int_equal(Capabilities(File) & (VGPU_CAP_ALLOC | VGPU_CAP_PIN), VGPU_CAP_ALLOC | VGPU_CAP_PIN);
	Get(File, 1, MIB);
	assert_int_equal(Try(File, Alloc(2, 256 * MIB, 0)), STATUS_QUOTA_EXCEEDED);
	SimUserClose(File);
	DriverStop();
}

static void NotOffered(void **State)
{
	SIM_USER_FILE *File;

	(void)State;
	DriverStartFakeWith(SimInterruptsMessage, "MaxKernelMemoryMiB=0");
	File = DriverOpen();
	assert_int_equal(Capabilities(File) & VGPU_CAP_ALLOC, 0);
	assert_int_equal(Try(File, Alloc(1, MIB, 0)), STATUS_NOT_SUPPORTED);
	SimUserClose(File);
	DriverStop();
}

static void Malformed(void **State)
{
	struct vgpu_memory_alloc Address = Alloc(1, MIB, 0);
	SIM_USER_FILE *File;

	(void)State;
	DriverStartFakeWith(SimInterruptsMessage, OFFERED);
	File = DriverOpen();
	assert_int_equal(Capabilities(File) & VGPU_CAP_ALLOC, VGPU_CAP_ALLOC);
	Address.address = 4096;
	assert_int_equal(Try(File, Address), STATUS_INVALID_PARAMETER);
	assert_int_equal(Try(File, Alloc(0, MIB, 0)), STATUS_INVALID_PARAMETER);
	assert_int_equal(Try(File, Alloc(1, MIB, 2)), STATUS_INVALID_PARAMETER);
	assert_int_equal(Try(File, Alloc(1, 0, 0)), STATUS_INVALID_PARAMETER);
	assert_int_equal(Try(File, Alloc(1, 4097, 0)), STATUS_INVALID_PARAMETER);
	assert_int_equal(Try(File, Alloc(1, 1ull << 31, 0)), STATUS_QUOTA_EXCEEDED);
	assert_int_equal(Try(File, Alloc(1, UINT64_MAX & ~4095ull, VGPU_MEMORY_SHORT)), STATUS_QUOTA_EXCEEDED);
	assert_int_equal(Try(File, Alloc(1, MIB, 0)), STATUS_SUCCESS);
	assert_int_equal(Try(File, Alloc(1, MIB, 0)), STATUS_OBJECT_NAME_COLLISION);
	assert_int_equal(Release(File, 2), STATUS_INVALID_HANDLE);
	assert_int_equal(Release(File, 1), STATUS_SUCCESS);
	assert_int_equal(Release(File, 1), STATUS_INVALID_HANDLE);
	assert_int_equal(DriverStatistics(File, VGPU_SCOPE_HANDLE).live_mappings, 0);
	SimUserClose(File);
	DriverStop();
}

/* Fence numbers, streams and backing lie in it as in pinned memory; the backing is one piece. */
static void IsMemory(void **State)
{
	static const uint8_t Zeros[MIB];
	uint32_t Context, Texture;
	struct vgpu_submit Submit;
	struct vgpu_resource Destroy;
	SIM_USER_FILE *File;
	SIM_BUS *Bus;
	uint8_t *Memory;

	(void)State;
	Bus = DriverStartFakeWith(SimInterruptsMessage, OFFERED);
	File = DriverOpen();
	Memory = Get(File, 7, MIB);
	assert_memory_equal(Memory, Zeros, MIB);
	memset(Memory, 0x55, MIB);
	Context = DriverContext(File, 7, 16);
	assert_int_equal(*(uint64_t *)(Memory + 16), 0);
	assert_int_equal(Memory[24], 0x55);
	Submit = (struct vgpu_submit){.context_id = Context,
		.flags = VGPU_SUBMIT_FENCE,
		.stream = {.memory_id = 7, .offset = 8192, .size = 65536}};
	assert_int_equal(CALL_BOTH(File, VGPU_IOCTL_SUBMIT, &Submit), STATUS_SUCCESS);
	assert_int_equal(DriverWaitFor(File, Context, Submit.fence_number, VGPU_WAIT_FOREVER), STATUS_SUCCESS);
	assert_int_equal(*(volatile uint64_t *)(Memory + 16), Submit.fence_number);
	Texture = DriverTexture(File, Context, 128, 128, 7, MIB / 2);
	assert_int_equal(DriverWaitFor(File, Context, DriverFence(File, Context), VGPU_WAIT_FOREVER), STATUS_SUCCESS);
	assert_int_equal(FakeVirtioCounts(Bus).Backings, 1);
	assert_int_equal(FakeVirtioCounts(Bus).Errors, 0);
	Destroy = (struct vgpu_resource){.resource_id = Texture};
	assert_int_equal(CALL_IN(File, VGPU_IOCTL_RESOURCE_DESTROY, &Destroy), STATUS_SUCCESS);
	SimUserClose(File);
	DriverStop();
}

static void Budget(void **State)
{
	struct vgpu_memory_alloc Short = Alloc(2, 4 * MIB, VGPU_MEMORY_SHORT);
	SIM_USER_FILE *One, *Two;

	(void)State;
	DriverStartFakeWith(SimInterruptsMessage, OFFERED);
	One = DriverOpen();
	Two = DriverOpen();
	(void)Get(One, 1, 5 * MIB);
	assert_int_equal(Try(Two, Alloc(1, 4 * MIB, 0)), STATUS_QUOTA_EXCEEDED);
	assert_int_equal(CALL_BOTH(Two, VGPU_IOCTL_MEMORY_ALLOC, &Short), STATUS_SUCCESS);
	assert_int_equal(Short.size, 3 * MIB);
	assert_int_equal(Try(Two, Alloc(3, 4096, VGPU_MEMORY_SHORT)), STATUS_QUOTA_EXCEEDED);
	assert_int_equal(Release(One, 1), STATUS_SUCCESS);
	(void)Get(Two, 1, 5 * MIB);
	SimUserClose(Two);
	(void)Get(One, 1, 8 * MIB);
	SimUserClose(One);
	DriverStop();
}

static void HandleQuota(void **State)
{
	SIM_USER_FILE *File;

	(void)State;
	DriverStartFakeWith(SimInterruptsMessage, OFFERED ",MaxMemoryMiB=2,MaxMemories=3");
	File = DriverOpen();
	assert_int_equal(Try(File, Alloc(1, 3 * MIB, 0)), STATUS_QUOTA_EXCEEDED);
	(void)Get(File, 1, MIB);
	assert_int_equal(Try(File, Alloc(2, 2 * MIB, VGPU_MEMORY_SHORT)), STATUS_QUOTA_EXCEEDED);
	(void)Get(File, 2, 65536);
	(void)Get(File, 3, 65536);
	assert_int_equal(Try(File, Alloc(4, 65536, 0)), STATUS_QUOTA_EXCEEDED);
	assert_int_equal(DriverStatistics(File, VGPU_SCOPE_HANDLE).live_mappings, 3);
	assert_int_equal(DriverStatistics(File, VGPU_SCOPE_HANDLE).live_memory, MIB + 2 * 65536);
	SimUserClose(File);
	DriverStop();
}

static void Fragmented(void **State)
{
	struct vgpu_memory_alloc Short = Alloc(1, 4 * MIB, VGPU_MEMORY_SHORT);
	SIM_USER_FILE *File;

	(void)State;
	DriverStartFragmented(OFFERED, 3 * MIB + 4096);
	File = DriverOpen();
	assert_int_equal(Try(File, Alloc(1, 4 * MIB, 0)), STATUS_INSUFFICIENT_RESOURCES);
	assert_int_equal(CALL_BOTH(File, VGPU_IOCTL_MEMORY_ALLOC, &Short), STATUS_SUCCESS);
	assert_int_equal(Short.size, 2 * MIB);
	/* what was not given is not charged */
	for (uint32_t Id = 2; Id <= 4; Id++)
		(void)Get(File, Id, 2 * MIB);
	assert_int_equal(Try(File, Alloc(5, 4096, 0)), STATUS_QUOTA_EXCEEDED);
	SimUserClose(File);
	DriverStop();
}

/* The program sees it no more at once; the device does until it has let go. */
static void ReleasedInUse(void **State)
{
	uint32_t Texture;
	struct vgpu_resource Destroy;
	SIM_USER_FILE *File;
	uint8_t *Memory;

	(void)State;
	DriverStartFakeWith(SimInterruptsMessage, OFFERED);
	File = DriverOpen();
	Memory = Get(File, 1, 8 * MIB);
	Texture = DriverTexture(File, DriverContext(File, 0, 0), 64, 64, 1, 0);
	assert_int_equal(Release(File, 1), STATUS_SUCCESS);
	assert_false(HostProbe(Memory, VGPU_PAGE_SIZE, false));
	assert_int_equal(DriverStatistics(File, VGPU_SCOPE_HANDLE).live_memory, 8 * MIB);
	assert_int_equal(Try(File, Alloc(1, MIB, 0)), STATUS_QUOTA_EXCEEDED);
	Destroy = (struct vgpu_resource){.resource_id = Texture};
	assert_int_equal(CALL_IN(File, VGPU_IOCTL_RESOURCE_DESTROY, &Destroy), STATUS_SUCCESS);
	for (int i = 0; i < 2000 && DriverStatistics(File, VGPU_SCOPE_HANDLE).live_memory; i++)
		HostSleep(1000000);
	(void)Get(File, 1, 8 * MIB);
	SimUserClose(File);
	DriverStop();
}

/* A handle in two processes: what the one has mapped goes with it, the memory stays for the other's use. */
static void ProcessEnds(void **State)
{
	SIM_USER_FILE *File;
	SIM_PROCESS *Process, *Own;
	uint8_t *Memory;

	(void)State;
	DriverStartFakeWith(SimInterruptsMessage, OFFERED);
	File = DriverOpen();
	Process = SimProcessCreate();
	SimUserDuplicate(File, Process);
	Own = SimProcessEnter(Process);
	Memory = Get(File, 1, MIB);
	memset(Memory, 7, MIB);
	(void)SimProcessEnter(Own);
	SimProcessEnd(Process);
	assert_false(HostProbe(Memory, VGPU_PAGE_SIZE, false));
	assert_int_equal(DriverStatistics(File, VGPU_SCOPE_HANDLE).live_mappings, 0);
	assert_int_equal(DriverStatistics(File, VGPU_SCOPE_HANDLE).live_memory, MIB);
	(void)DriverTexture(File, 0, 64, 64, 1, 0);
	assert_int_equal(Release(File, 1), STATUS_SUCCESS);
	SimUserClose(File);
	DriverStop();
}

/* Released by another process than the one that sees it. */
static void ReleasedElsewhere(void **State)
{
	SIM_USER_FILE *File;
	SIM_PROCESS *Process, *Own;
	uint8_t *Memory[2];

	(void)State;
	DriverStartFakeWith(SimInterruptsMessage, OFFERED);
	File = DriverOpen();
	Process = SimProcessCreate();
	SimUserDuplicate(File, Process);
	Own = SimProcessEnter(Process);
	Memory[0] = Get(File, 1, MIB);
	Memory[1] = Get(File, 2, MIB);
	(void)SimProcessEnter(Own);
	assert_int_equal(Release(File, 1), STATUS_SUCCESS);
	assert_false(HostProbe(Memory[0], VGPU_PAGE_SIZE, false));
	assert_true(HostProbe(Memory[1], MIB, true));
	SimProcessEnd(Process);
	SimUserClose(File);
	DriverStop();
}

static void LostAndAsleep(void **State)
{
	SIM_USER_FILE *File;
	uint8_t *Memory;

	(void)State;
	DriverStartFakeWith(SimInterruptsMessage, OFFERED);
	File = DriverOpen();
	Memory = Get(File, 1, MIB);
	(void)DriverTexture(File, DriverContext(File, 1, 0), 64, 64, 1, 4096);
	Memory[5000] = 3;
	assert_int_equal(SimPowerDown(), STATUS_SUCCESS);
	assert_int_equal(Memory[5000], 3);
	assert_int_equal(Release(File, 1), STATUS_SUCCESS);
	assert_int_equal(SimPowerUp(), STATUS_SUCCESS);
	(void)Get(File, 1, MIB);
	assert_int_equal(SimSurpriseRemove(), STATUS_SUCCESS);
	assert_int_equal(Release(File, 1), STATUS_SUCCESS);
	SimUserClose(File);
	DriverStop();
}

int main(void)
{
	const struct CMUnitTest Tests[] = {
		cmocka_unit_test(OfferedUnasked),
		cmocka_unit_test(NotOffered),
		cmocka_unit_test(Malformed),
		cmocka_unit_test(IsMemory),
		cmocka_unit_test(Budget),
		cmocka_unit_test(HandleQuota),
		cmocka_unit_test(Fragmented),
		cmocka_unit_test(ReleasedInUse),
		cmocka_unit_test(ProcessEnds),
		cmocka_unit_test(ReleasedElsewhere),
		cmocka_unit_test(LostAndAsleep),
	};

	return cmocka_run_group_tests_name("driver chunks", Tests, NULL, NULL);
}
