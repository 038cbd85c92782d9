/* SPDX-License-Identifier: MIT */
/* What a handle owns, from creation to the last answer, on the model device. */
#include "driver_test.h"
#include "../../sim/host/host.h"

#include <stdlib.h>
#include <string.h>

#define MIB (1u << 20)
#define FOREVER VGPU_WAIT_FOREVER
#define SUBMIT_MOST (1u << 20)

static void StartAndStop(SIM_INTERRUPTS Interrupts)
{
	SIM_BUS *Bus = DriverStartFake(Interrupts);
	SIM_USER_FILE *File = DriverOpen();

	SimUserClose(File);
	assert_int_equal(FakeVirtioCounts(Bus).Errors, 0);
	DriverStop();
}

static void StartsWithMessages(void **State)
{
	(void)State;
	StartAndStop(SimInterruptsMessage);
}

static void StartsWithLine(void **State)
{
	(void)State;
	StartAndStop(SimInterruptsLine);
}

/* Released while a resource still lies in it: the pages stay until the device has answered the resource's end. */
static void MemoryOutlivesItsRelease(void **State)
{
	struct vgpu_memory_release Release = {.memory_id = 3};
	struct vgpu_resource Names = {0};
	SIM_USER_FILE *File;
	PINNED Pinned;
	SIM_BUS *Bus;

	(void)State;
	Bus = DriverStartFake(SimInterruptsMessage);
	File = DriverOpen();
	DriverPin(File, 3, MIB, &Pinned);
	Names.resource_id = DriverTexture(File, DriverContext(File, 0, 0), 64, 64, 3, 4096);
	assert_int_equal(CALL_IN(File, VGPU_IOCTL_MEMORY_RELEASE, &Release), STATUS_SUCCESS);
	assert_int_equal(Pinned.Request.Completions, 0);
	FakeVirtioHold(Bus, true);
	assert_int_equal(CALL_IN(File, VGPU_IOCTL_RESOURCE_DESTROY, &Names), STATUS_SUCCESS);
	HostSleep(20000000);
	assert_int_equal(Pinned.Request.Completions, 0);
	FakeVirtioHold(Bus, false);
	DriverUnpinned(&Pinned, STATUS_SUCCESS);
	SimUserClose(File);
	assert_int_equal(FakeVirtioCounts(Bus).Errors, 0);
	DriverStop();
}

static void WaitsEnd(void **State)
{
	struct vgpu_wait Wait = {.timeout_ns = FOREVER};
	HARNESS_REQUEST First, Second;
	SIM_USER_FILE *File;
	SIM_BUS *Bus;

	(void)State;
	Bus = DriverStartFake(SimInterruptsMessage);
	File = DriverOpen();
	Wait.fence.context_id = DriverContext(File, 0, 0);
	FakeVirtioHold(Bus, true);
	Wait.fence.number = DriverFence(File, Wait.fence.context_id);
	assert_int_equal(DriverWaitFor(File, Wait.fence.context_id, 1, 0), STATUS_IO_TIMEOUT);
	assert_int_equal(DriverWaitFor(File, Wait.fence.context_id, 1, 5000000), STATUS_IO_TIMEOUT);
	assert_int_equal(HarnessSend(File, VGPU_IOCTL_WAIT, &Wait, sizeof(Wait), NULL, 0, &First), STATUS_PENDING);
	assert_int_equal(HarnessSend(File, VGPU_IOCTL_WAIT, &Wait, sizeof(Wait), NULL, 0, &Second), STATUS_PENDING);
	assert_int_equal(SimUserCancel(File, &First), STATUS_SUCCESS);
	assert_int_equal(HarnessWait(&First), STATUS_CANCELLED);
	assert_int_equal(Second.Completions, 0);
	FakeVirtioHold(Bus, false);
	assert_int_equal(HarnessWait(&Second), STATUS_SUCCESS);
	assert_int_equal(DriverStatistics(File, VGPU_SCOPE_HANDLE).waits_blocked, 3);
	SimUserClose(File);
	DriverStop();
}

static void WaitsEndWithTheirContext(void **State)
{
	struct vgpu_wait Wait = {.timeout_ns = FOREVER};
	struct vgpu_context_destroy Destroy = {0};
	HARNESS_REQUEST Request;
	SIM_USER_FILE *File;
	SIM_BUS *Bus;

	(void)State;
	Bus = DriverStartFake(SimInterruptsMessage);
	File = DriverOpen();
	Destroy.context_id = Wait.fence.context_id = DriverContext(File, 0, 0);
	FakeVirtioHold(Bus, true);
	Wait.fence.number = DriverFence(File, Wait.fence.context_id);
	assert_int_equal(HarnessSend(File, VGPU_IOCTL_WAIT, &Wait, sizeof(Wait), NULL, 0, &Request), STATUS_PENDING);
	assert_int_equal(CALL_IN(File, VGPU_IOCTL_CONTEXT_DESTROY, &Destroy), STATUS_SUCCESS);
	assert_int_equal(HarnessWait(&Request), STATUS_CANCELLED);
	FakeVirtioHold(Bus, false);
	SimUserClose(File);
	assert_int_equal(FakeVirtioCounts(Bus).Errors, 0);
	DriverStop();
}

/* Everything that can be made, then the handle is closed over it while the device is slow. */
static void CloseUndoesAll(void **State)
{
	SIM_USER_FILE *File;
	PINNED Pinned[3];
	FAKE_COUNTS Counts;
	SIM_BUS *Bus;

	(void)State;
	Bus = DriverStartFake(SimInterruptsMessage);
	File = DriverOpen();
	for (uint32_t Id = 0; Id < 3; Id++)
		DriverPin(File, Id + 1, MIB, &Pinned[Id]);
	for (int Index = 0; Index < 5; Index++) {
		uint32_t Context = DriverContext(File, 1, 8 * (uint64_t)Index);

		for (uint32_t Texture = 0; Texture < 100; Texture++)
			DriverTexture(File, Context, 32, 32, Texture % 3 + 1, 100 + 64 * Texture);
		/* The last ones may not have fitted into the ring yet. */
		assert_int_equal(DriverWaitFor(File, Context, DriverFence(File, Context), FOREVER), STATUS_SUCCESS);
	}
	assert_int_equal(FakeVirtioCounts(Bus).Contexts, 5);
	assert_int_equal(FakeVirtioCounts(Bus).Resources, 500);
	assert_int_equal(FakeVirtioCounts(Bus).Backings, 500);
	SimUserClose(File);
	for (uint32_t Id = 0; Id < 3; Id++)
		DriverUnpinned(&Pinned[Id], STATUS_SUCCESS);
	Counts = FakeVirtioCounts(Bus);
	assert_int_equal(Counts.Contexts, 0);
	assert_int_equal(Counts.Resources, 0);
	assert_int_equal(Counts.Errors, 0);
	DriverStop();
}

int main(void)
{
	const struct CMUnitTest Tests[] = {
		cmocka_unit_test(StartsWithMessages),
		cmocka_unit_test(StartsWithLine),
		cmocka_unit_test(MemoryOutlivesItsRelease),
		cmocka_unit_test(WaitsEnd),
		cmocka_unit_test(WaitsEndWithTheirContext),
		cmocka_unit_test(CloseUndoesAll),
	};

	return cmocka_run_group_tests_name("lifetimes", Tests, NULL, NULL);
}
