/* SPDX-License-Identifier: MIT */
/* driver_lifetime.c - the order in which a program, the device and the driver let go of things. On the model device. */
#include "driver.h"

#include <string.h>
#include <sys/mman.h>

#define ARENA_SIZE 65536
#define ARENA_ID 9

static SIM_BUS *Bus;
static UCHAR *Arena;
static HARNESS_REQUEST Pin;

static int Start(void **State)
{
	(void)State;
	Bus = HarnessStartFake(SimInterruptsMessage, 5000);
	assert_int_equal(SimLoadDriver(FxDriverEntry, FAKE_VIRTIO_VENDOR, FAKE_VIRTIO_DEVICE), STATUS_SUCCESS);
	Arena = mmap(NULL, ARENA_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_true(Arena != MAP_FAILED);
	memset(Arena, 0x3c, ARENA_SIZE);
	return 0;
}

static int Stop(void **State)
{
	(void)State;
	assert_int_equal(SimStop(), 0);
	for (int i = 0; i < ARENA_SIZE; i++)
		assert_int_equal(Arena[i], 0x3c);
	munmap(Arena, ARENA_SIZE);
	return 0;
}

static NTSTATUS ReleaseArena(SIM_USER_FILE *File)
{
	struct vgpu_memory_release Release = {.memory_id = ARENA_ID};

	return DriverTell(File, VGPU_IOCTL_MEMORY_RELEASE, &Release, sizeof(Release));
}

static void ExpectNothingAlive(void)
{
	FAKE_COUNTS Counts = FakeVirtioCounts(Bus);

	assert_int_equal(Counts.Errors, 0);
	assert_int_equal(Counts.Contexts, 0);
	assert_int_equal(Counts.Resources, 0);
	assert_int_equal(Counts.Backings, 0);
}

/* A resource keeps its backing pinned after the memory is released. */
static void MemoryOutlivesItsRelease(void **State)
{
	SIM_USER_FILE *File = DriverOpen();
	struct vgpu_resource Resource = {0};

	(void)State;
	DriverPin(File, ARENA_ID, Arena, ARENA_SIZE, &Pin);
	Resource.resource_id = DriverTexture(File, DriverContext(File), 32, 32, ARENA_ID, 0);
	assert_int_equal(ReleaseArena(File), STATUS_SUCCESS);
	assert_int_equal(ReleaseArena(File), STATUS_INVALID_HANDLE);
	assert_int_equal(Pin.Completions, 0);
	assert_int_equal(DriverTell(File, VGPU_IOCTL_RESOURCE_DESTROY, &Resource, sizeof(Resource)), STATUS_SUCCESS);
	assert_int_equal(HarnessWait(&Pin), STATUS_SUCCESS);
	SimUserClose(File);
}

static void CloseUndoesEverything(void **State)
{
	SIM_USER_FILE *File = DriverOpen();
	uint32_t Context = DriverContext(File);

	(void)State;
	DriverPin(File, ARENA_ID, Arena, ARENA_SIZE, &Pin);
	for (int i = 0; i < 8; i++)
		DriverTexture(File, Context, 16, 16, ARENA_ID, 4096u * (uint64_t)i);
	SimUserClose(File);
	HarnessWait(&Pin);
	assert_int_equal(SimPowerDown(), STATUS_SUCCESS); /* all commands are through */
	ExpectNothingAlive();
}

static void CancelReleases(void **State)
{
	SIM_USER_FILE *File = DriverOpen();

	(void)State;
	DriverPin(File, ARENA_ID, Arena, ARENA_SIZE, &Pin);
	assert_int_equal(SimUserCancel(File, &Pin), STATUS_SUCCESS);
	assert_true(HarnessWait(&Pin) == STATUS_CANCELLED || Pin.Status == STATUS_SUCCESS);
	assert_int_equal(ReleaseArena(File), STATUS_INVALID_HANDLE);
	SimUserClose(File);
}

static void WaitIsCancelled(void **State)
{
	SIM_USER_FILE *File = DriverOpen();
	struct vgpu_wait Wait = {.timeout_ns = VGPU_WAIT_FOREVER};
	HARNESS_REQUEST Request;

	(void)State;
	DriverPin(File, ARENA_ID, Arena, ARENA_SIZE, &Pin);
	Wait.fence.context_id = DriverContext(File);
	FakeVirtioHold(Bus, true);
	Wait.fence.number = DriverSubmit(File, Wait.fence.context_id, ARENA_ID, 0, 64);
	assert_int_equal(HarnessSend(File, VGPU_IOCTL_WAIT, &Wait, sizeof(Wait), NULL, 0, &Request), STATUS_PENDING);
	assert_int_equal(SimUserCancel(File, &Request), STATUS_SUCCESS);
	assert_int_equal(HarnessWait(&Request), STATUS_CANCELLED);
	Wait.timeout_ns = 1000000;
	assert_int_equal(DriverTell(File, VGPU_IOCTL_WAIT, &Wait, sizeof(Wait)), STATUS_IO_TIMEOUT);
	FakeVirtioHold(Bus, false);
	Wait.timeout_ns = VGPU_WAIT_FOREVER;
	assert_int_equal(DriverTell(File, VGPU_IOCTL_WAIT, &Wait, sizeof(Wait)), STATUS_SUCCESS);
	SimUserClose(File);
	HarnessWait(&Pin);
}

/* The thread that pinned memory ends; so do its requests. */
static void ThreadEndCancels(void **State)
{
	SIM_USER_FILE *File = DriverOpen();

	(void)State;
	DriverPin(File, ARENA_ID, Arena, ARENA_SIZE, &Pin);
	SimUserThreadEnd();
	HarnessWait(&Pin);
	SimUserClose(File);
}

static void SurpriseRemoval(void **State)
{
	SIM_USER_FILE *File = DriverOpen();
	struct vgpu_context_create Create = {.num_rings = 1};
	uint32_t Context = DriverContext(File);

	(void)State;
	DriverPin(File, ARENA_ID, Arena, ARENA_SIZE, &Pin);
	DriverTexture(File, Context, 16, 16, ARENA_ID, 0);
	assert_int_equal(SimSurpriseRemove(), STATUS_SUCCESS);
	assert_false(NT_SUCCESS(
		HarnessIoctl(File, VGPU_IOCTL_CONTEXT_CREATE, &Create, sizeof(Create), &Create, sizeof(Create), NULL)));
	SimUserClose(File);
	HarnessWait(&Pin);
}

static void SleepLosesContexts(void **State)
{
	SIM_USER_FILE *File = DriverOpen();
	struct vgpu_submit Submit = {.context_id = DriverContext(File), .flags = VGPU_SUBMIT_FENCE};
	uint32_t New;

	(void)State;
	assert_int_equal(SimPowerDown(), STATUS_SUCCESS);
	assert_int_equal(SimPowerUp(), STATUS_SUCCESS);
	assert_int_equal(HarnessIoctl(File, VGPU_IOCTL_SUBMIT, &Submit, sizeof(Submit), &Submit, sizeof(Submit), NULL),
		STATUS_DEVICE_REQUIRES_CLEANING);
	New = DriverContext(File);
	DriverFenceWait(File, New, DriverSubmit(File, New, 0, 0, 0));
	SimUserClose(File);
}

#define TEST(Name) cmocka_unit_test_setup_teardown(Name, Start, Stop)

int main(void)
{
	const struct CMUnitTest Tests[] = {
		TEST(MemoryOutlivesItsRelease),
		TEST(CloseUndoesEverything),
		TEST(CancelReleases),
		TEST(WaitIsCancelled),
		TEST(ThreadEndCancels),
		TEST(SurpriseRemoval),
		TEST(SleepLosesContexts),
	};

	return cmocka_run_group_tests_name("driver object lifetimes", Tests, NULL, NULL);
}
