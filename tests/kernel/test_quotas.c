/* SPDX-License-Identifier: MIT */
/* What one handle may have, and that it cannot take it from others. */
#include "driver_test.h"
#include "events.h"
#include "../../sim/host/host.h"

#include <pthread.h>
#include <stdlib.h>

#define FOREVER VGPU_WAIT_FOREVER
#define COMMANDS 8 /* the least that the setting allows */

static struct vgpu_device_info Query(SIM_USER_FILE *File)
{
	struct vgpu_device_info Info;

	assert_int_equal(HarnessIoctl(File, VGPU_IOCTL_QUERY, NULL, 0, &Info, sizeof(Info), NULL), STATUS_SUCCESS);
	return Info;
}

static void Settings(void **State)
{
	struct vgpu_device_info Info;
	SIM_USER_FILE *File;

	(void)State;
	DriverStartFakeWith(
		SimInterruptsMessage, "MaxContexts=3,MaxResources=4,MaxMemoryMiB=5,MaxCommands=9,DeviceTimeoutMs=2000");
	File = DriverOpen();
	Info = Query(File);
	assert_int_equal(Info.max_contexts, 3);
	assert_int_equal(Info.max_resources, 4);
	assert_int_equal(Info.max_memory, 5 << 20);
	assert_int_equal(Info.max_fences, 9);
	assert_int_equal(Info.timeout_ms, 2000);
	SimUserClose(File);
	DriverStop();
}

/* A value that makes no sense is as good as none. */
static void SettingsOutOfRange(void **State)
{
	struct vgpu_device_info Info;
	SIM_USER_FILE *File;

	(void)State;
	DriverStartFakeWith(SimInterruptsMessage,
		"MaxContexts=0,MaxResources=4294967295,MaxMemoryMiB=0,MaxCommands=16385,DeviceTimeoutMs=999");
	File = DriverOpen();
	Info = Query(File);
	assert_int_equal(Info.max_contexts, 256);
	assert_int_equal(Info.max_resources, 262144);
	assert_true(Info.max_memory == 16ull << 30);
	assert_int_equal(Info.max_fences, 4096);
	assert_int_equal(Info.timeout_ms, 10000);
	SimUserClose(File);
	DriverStop();
}

static void Contexts(void **State)
{
	struct vgpu_context_create Create = {.num_rings = 1};
	struct vgpu_context_destroy Destroy = {0};
	SIM_USER_FILE *File, *Other;
	SIM_BUS *Bus;

	(void)State;
	Bus = DriverStartFakeWith(SimInterruptsMessage, "MaxContexts=2");
	File = DriverOpen();
	Other = DriverOpen();
	DriverContext(File, 0, 0);
	Destroy.context_id = DriverContext(File, 0, 0);
	assert_int_equal(CALL_BOTH(File, VGPU_IOCTL_CONTEXT_CREATE, &Create), STATUS_QUOTA_EXCEEDED);
	assert_int_equal(FakeVirtioCounts(Bus).Contexts, 2);
	DriverContext(Other, 0, 0);
	assert_int_equal(CALL_IN(File, VGPU_IOCTL_CONTEXT_DESTROY, &Destroy), STATUS_SUCCESS);
	DriverContext(File, 0, 0);
	SimUserClose(File);
	SimUserClose(Other);
	DriverStop();
}

static void Resources(void **State)
{
	struct vgpu_resource_create Create = {.target = 2, .width = 1, .height = 1, .depth = 1, .array_size = 1};
	struct vgpu_resource Destroy = {0};
	SIM_USER_FILE *File, *Other;
	SIM_BUS *Bus;

	(void)State;
	Bus = DriverStartFakeWith(SimInterruptsMessage, "MaxResources=2");
	File = DriverOpen();
	Other = DriverOpen();
	DriverTexture(File, 0, 16, 16, 0, 0);
	Destroy.resource_id = DriverTexture(File, 0, 16, 16, 0, 0);
	assert_int_equal(CALL_BOTH(File, VGPU_IOCTL_RESOURCE_CREATE, &Create), STATUS_QUOTA_EXCEEDED);
	assert_int_equal(FakeVirtioCounts(Bus).Resources, 2);
	DriverTexture(Other, 0, 16, 16, 0, 0);
	assert_int_equal(CALL_IN(File, VGPU_IOCTL_RESOURCE_DESTROY, &Destroy), STATUS_SUCCESS);
	DriverTexture(File, 0, 16, 16, 0, 0);
	SimUserClose(File);
	SimUserClose(Other);
	DriverStop();
}

static NTSTATUS TryPin(SIM_USER_FILE *File, uint32_t Id, size_t Bytes)
{
	struct vgpu_memory_pin Pin = {.memory_id = Id};
	void *Memory = aligned_alloc(VGPU_PAGE_SIZE, Bytes);
	NTSTATUS Status;

	Status = HarnessIoctl(File, VGPU_IOCTL_MEMORY_PIN, &Pin, sizeof(Pin), Memory, (ULONG)Bytes, NULL);
	free(Memory);
	return Status;
}

static void Memory(void **State)
{
	struct vgpu_memory_release Release = {.memory_id = 2};
	PINNED First, Second, Third, Others;
	SIM_USER_FILE *File, *Other;

	(void)State;
	DriverStartFakeWith(SimInterruptsMessage, "MaxMemoryMiB=1,MaxMemories=2");
	File = DriverOpen();
	Other = DriverOpen();
	assert_int_equal(TryPin(File, 1, (1 << 20) + VGPU_PAGE_SIZE), STATUS_QUOTA_EXCEEDED);
	DriverPin(File, 1, VGPU_PAGE_SIZE, &First);
	DriverPin(File, 2, (1 << 20) - 2 * VGPU_PAGE_SIZE, &Second);
	assert_int_equal(TryPin(File, 3, VGPU_PAGE_SIZE), STATUS_QUOTA_EXCEEDED); /* a third */
	DriverPin(Other, 1, 1 << 20, &Others);
	assert_int_equal(CALL_IN(File, VGPU_IOCTL_MEMORY_RELEASE, &Release), STATUS_SUCCESS);
	DriverUnpinned(&Second, STATUS_SUCCESS);
	assert_int_equal(TryPin(File, 2, 1 << 20), STATUS_QUOTA_EXCEEDED); /* a page too much */
	DriverPin(File, 2, (1 << 20) - VGPU_PAGE_SIZE, &Third);
	assert_int_equal(DriverStatistics(File, VGPU_SCOPE_HANDLE).live_memory, 1 << 20);
	SimUserClose(File);
	SimUserClose(Other);
	DriverUnpinned(&First, STATUS_SUCCESS);
	DriverUnpinned(&Third, STATUS_SUCCESS);
	DriverUnpinned(&Others, STATUS_SUCCESS);
	DriverStop();
}

/* ---- commands ---- */

typedef struct SUBMITTER {
	SIM_USER_FILE *File;
	uint32_t Context;
	volatile LONG Ended;
	NTSTATUS Status;
	pthread_t Thread;
} SUBMITTER;

static void *SubmitOne(void *Argument)
{
	SUBMITTER *Submitter = Argument;
	struct vgpu_submit Submit = {.context_id = Submitter->Context, .flags = VGPU_SUBMIT_FENCE};

	Submitter->Status = CALL_BOTH(Submitter->File, VGPU_IOCTL_SUBMIT, &Submit);
	__atomic_store_n(&Submitter->Ended, 1, __ATOMIC_RELEASE);
	return NULL;
}

/* A handle whose commands are all with a device that answers nothing, and a thread that wants one more. */
static SIM_BUS *Fill(SUBMITTER *Submitter, const char *RegistryValues)
{
	SIM_BUS *Bus = DriverStartFakeWith(SimInterruptsMessage, RegistryValues);

	*Submitter = (SUBMITTER){.File = DriverOpen()};
	Submitter->Context = DriverContext(Submitter->File, 0, 0);
	FakeVirtioHold(Bus, true);
	for (int Index = 0; Index < COMMANDS; Index++)
		assert_int_equal(DriverFence(Submitter->File, Submitter->Context), Index + 1);
	assert_int_equal(pthread_create(&Submitter->Thread, NULL, SubmitOne, Submitter), 0);
	HostSleep(100000000);
	assert_int_equal(__atomic_load_n(&Submitter->Ended, __ATOMIC_ACQUIRE), 0);
	return Bus;
}

static void CommandsWait(void **State)
{
	SUBMITTER Submitter;
	SIM_USER_FILE *Other;
	uint32_t Context;
	SIM_BUS *Bus;

	(void)State;
	Bus = Fill(&Submitter, "MaxCommands=8,DeviceTimeoutMs=60000");
	/* A handle below its quota is not held up by one that waits. */
	Other = DriverOpen();
	for (int Index = 0; Index < COMMANDS; Index++)
		DriverTexture(Other, 0, 16, 16, 0, 0);
	assert_int_equal(__atomic_load_n(&Submitter.Ended, __ATOMIC_ACQUIRE), 0);
	FakeVirtioHold(Bus, false);
	assert_int_equal(pthread_join(Submitter.Thread, NULL), 0);
	assert_int_equal(Submitter.Status, STATUS_SUCCESS);
	assert_int_equal(DriverWaitFor(Submitter.File, Submitter.Context, COMMANDS + 1, FOREVER), STATUS_SUCCESS);
	Context = DriverContext(Other, 0, 0);
	assert_int_equal(DriverWaitFor(Other, Context, DriverFence(Other, Context), FOREVER), STATUS_SUCCESS);
	SimUserClose(Other);
	SimUserClose(Submitter.File);
	DriverStop();
}

/* The wait ends with the device, at the latest. */
static void CommandsLost(void **State)
{
	SUBMITTER Submitter;

	(void)State;
	(void)Fill(&Submitter, "MaxCommands=8,DeviceTimeoutMs=1000");
	assert_int_equal(pthread_join(Submitter.Thread, NULL), 0);
	assert_int_equal(Submitter.Status, STATUS_DEVICE_REQUIRES_CLEANING);
	SimUserClose(Submitter.File);
	DriverStop();
}

/* The account outlives the handle, until the device has answered what is on it. */
static void ClosedWithCommands(void **State)
{
	SIM_USER_FILE *File;
	SIM_BUS *Bus;

	(void)State;
	Bus = DriverStartFakeWith(SimInterruptsMessage, "MaxCommands=8");
	File = DriverOpen();
	DriverTexture(File, DriverContext(File, 0, 0), 16, 16, 0, 0);
	FakeVirtioHold(Bus, true);
	SimUserClose(File);
	assert_int_equal(FakeVirtioCounts(Bus).Resources, 1);
	FakeVirtioHold(Bus, false);
	DriverStop();
}

/* Many threads at the quota: every request is carried out. */
static void *SubmitMany(void *Argument)
{
	SUBMITTER *Submitter = Argument;

	for (int Index = 0; Index < 200; Index++) {
		struct vgpu_resource Destroy = {
			.resource_id = DriverTexture(Submitter->File, Submitter->Context, 4, 4, 0, 0)};

		DriverFence(Submitter->File, Submitter->Context);
		assert_int_equal(CALL_IN(Submitter->File, VGPU_IOCTL_RESOURCE_DESTROY, &Destroy), STATUS_SUCCESS);
	}
	return NULL;
}

static void CommandsOfThreads(void **State)
{
	SUBMITTER Submitters[6];

	(void)State;
	DriverStartFakeWith(SimInterruptsMessage, "MaxCommands=8");
	for (size_t Index = 0; Index < RTL_NUMBER_OF(Submitters); Index++) {
		SUBMITTER *Submitter = &Submitters[Index];

		Submitter->File = Index % 3 ? Submitters[Index - 1].File : DriverOpen(); /* three threads on each */
		Submitter->Context = DriverContext(Submitter->File, 0, 0);
	}
	for (size_t Index = 0; Index < RTL_NUMBER_OF(Submitters); Index++)
		assert_int_equal(pthread_create(&Submitters[Index].Thread, NULL, SubmitMany, &Submitters[Index]), 0);
	for (size_t Index = 0; Index < RTL_NUMBER_OF(Submitters); Index++) {
		assert_int_equal(pthread_join(Submitters[Index].Thread, NULL), 0);
		assert_int_equal(
			DriverWaitFor(Submitters[Index].File, Submitters[Index].Context, 200, FOREVER), STATUS_SUCCESS);
	}
	SimUserClose(Submitters[0].File);
	SimUserClose(Submitters[3].File);
	DriverStop();
}

/* Two handles, each within its own quota, and the device's quota for both. */
static void DeviceMemory(void **State)
{
	struct vgpu_memory_release Release = {.memory_id = 1};
	struct vgpu_memory_pin Pin = {.memory_id = 2};
	SIM_USER_FILE *Files[2];
	PINNED Pinned[2], Third;

	(void)State;
	DriverStartFakeWith(SimInterruptsMessage, "MaxDeviceMemoryMiB=2");
	for (int Index = 0; Index < 2; Index++) {
		Files[Index] = DriverOpen();
		DriverPin(Files[Index], 1, 1 << 20, &Pinned[Index]);
	}
	Third.Memory = aligned_alloc(VGPU_PAGE_SIZE, VGPU_PAGE_SIZE);
	assert_int_equal(
		HarnessIoctl(Files[1], VGPU_IOCTL_MEMORY_PIN, &Pin, sizeof(Pin), Third.Memory, VGPU_PAGE_SIZE, NULL),
		STATUS_QUOTA_EXCEEDED);
	free(Third.Memory);
	assert_int_equal(SimEventCount((ULONG)EVENT_NO_ROOM), 1);
	assert_int_equal(DriverStatistics(Files[0], VGPU_SCOPE_DEVICE).live_memory, 2 << 20);
	assert_int_equal(DriverStatistics(Files[1], VGPU_SCOPE_HANDLE).live_memory, 1 << 20);
	assert_int_equal(CALL_IN(Files[0], VGPU_IOCTL_MEMORY_RELEASE, &Release), STATUS_SUCCESS);
	DriverUnpinned(&Pinned[0], STATUS_SUCCESS);
	DriverPin(Files[1], 2, VGPU_PAGE_SIZE, &Third);
	for (int Index = 0; Index < 2; Index++)
		SimUserClose(Files[Index]);
	DriverUnpinned(&Pinned[1], STATUS_SUCCESS);
	DriverUnpinned(&Third, STATUS_SUCCESS);
	DriverStop();
}

/* Waits of a handle, and of the device. What completes at once is no wait. */
static void Waits(void **State)
{
	struct vgpu_wait Wait = {.timeout_ns = VGPU_WAIT_FOREVER};
	HARNESS_REQUEST Requests[4];
	SIM_USER_FILE *Files[2];
	uint32_t Contexts[2];
	SIM_BUS *Bus;

	(void)State;
	Bus = DriverStartFakeWith(SimInterruptsMessage, "MaxWaits=2,MaxDeviceWaits=3");
	for (int Index = 0; Index < 2; Index++) {
		Files[Index] = DriverOpen();
		Contexts[Index] = DriverContext(Files[Index], 0, 0);
	}
	FakeVirtioHold(Bus, true);
	for (int Index = 0; Index < 4; Index++) {
		Wait.fence.context_id = Contexts[Index / 2];
		Wait.fence.number = DriverFence(Files[Index / 2], Contexts[Index / 2]);
		assert_int_equal(
			HarnessSend(Files[Index / 2], VGPU_IOCTL_WAIT, &Wait, sizeof(Wait), NULL, 0, &Requests[Index]),
			Index < 3 ? STATUS_PENDING : STATUS_QUOTA_EXCEEDED);
	}
	assert_int_equal(SimUserCancel(Files[1], &Requests[2]), STATUS_SUCCESS);
	assert_int_equal(HarnessWait(&Requests[2]), STATUS_CANCELLED);
	assert_int_equal(DriverWaitFor(Files[0], Contexts[0], 1, VGPU_WAIT_FOREVER), STATUS_QUOTA_EXCEEDED);
	assert_int_equal(DriverWaitFor(Files[0], Contexts[0], 1, 0), STATUS_IO_TIMEOUT);
	FakeVirtioHold(Bus, false);
	for (int Index = 0; Index < 2; Index++)
		assert_int_equal(HarnessWait(&Requests[Index]), STATUS_SUCCESS);
	assert_int_equal(DriverWaitFor(Files[0], Contexts[0], 1, VGPU_WAIT_FOREVER), STATUS_SUCCESS);
	for (int Index = 0; Index < 2; Index++)
		SimUserClose(Files[Index]);
	DriverStop();
}

int main(void)
{
	const struct CMUnitTest Tests[] = {
		cmocka_unit_test(Settings),
		cmocka_unit_test(SettingsOutOfRange),
		cmocka_unit_test(Contexts),
		cmocka_unit_test(Resources),
		cmocka_unit_test(Memory),
		cmocka_unit_test(CommandsWait),
		cmocka_unit_test(CommandsLost),
		cmocka_unit_test(ClosedWithCommands),
		cmocka_unit_test(CommandsOfThreads),
		cmocka_unit_test(DeviceMemory),
		cmocka_unit_test(Waits),
	};

	return cmocka_run_group_tests_name("quotas", Tests, NULL, NULL);
}
