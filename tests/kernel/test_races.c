/* SPDX-License-Identifier: MIT */
/* What two threads do at the same moment: a wait that is cancelled while its fence completes, and a handle that is
 * closed while the device still uses its memory. */
#include "driver_test.h"
#include "../../sim/host/host.h"

#define ROUNDS 400
#define MIB (1u << 20)

static void ReleaseAnswers(void *Context)
{
	FakeVirtioHold(Context, false);
}

/* Whichever comes first, the request is completed once, and with a status that says what happened. */
static void CancelMeetsCompletion(void **State)
{
	struct vgpu_wait Wait = {.timeout_ns = VGPU_WAIT_FOREVER};
	unsigned Cancelled = 0;
	SIM_USER_FILE *File;
	SIM_BUS *Bus;

	(void)State;
	Bus = DriverStartFake(SimInterruptsMessage);
	File = DriverOpen();
	Wait.fence.context_id = DriverContext(File, 0, 0);
	SimPauseAfterLocks(100);
	for (unsigned Round = 0; Round < ROUNDS; Round++) {
		HARNESS_REQUEST Request;
		HOST_THREAD *Thread;
		NTSTATUS Status;

		FakeVirtioHold(Bus, true);
		Wait.fence.number = DriverFence(File, Wait.fence.context_id);
		Status = HarnessSend(File, VGPU_IOCTL_WAIT, &Wait, sizeof(Wait), NULL, 0, &Request);
		assert_int_equal(Status, STATUS_PENDING);
		assert_int_equal(HostThreadCreate(&Thread, "release", ReleaseAnswers, Bus), 0);
		HostSleep(Round % 16 * 25000); /* the moment of the interrupt is among these */
		SimUserCancel(File, &Request);
		Status = HarnessWait(&Request);
		HostThreadJoin(Thread);
		assert_true(Status == STATUS_SUCCESS || Status == STATUS_CANCELLED);
		assert_int_equal(Request.Completions, 1);
		Cancelled += Status == STATUS_CANCELLED;
		assert_int_equal(DriverWaitFor(File, Wait.fence.context_id, Wait.fence.number, VGPU_WAIT_FOREVER),
			STATUS_SUCCESS);
	}
	SimPauseAfterLocks(0);
	print_message("cancelled: %u of %u\n", Cancelled, ROUNDS);
	SimUserClose(File);
	DriverStop();
}

static void ReleaseLater(void *Context)
{
	HostSleep(100000000);
	FakeVirtioHold(Context, false);
}

/* NT stops the machine when a process is gone and pages of it are still locked, so closing must not return before. */
static void CloseWaitsForThePages(void **State)
{
	HOST_THREAD *Thread;
	SIM_USER_FILE *File;
	PINNED Pinned;
	SIM_BUS *Bus;
	uint32_t Context;

	(void)State;
	Bus = DriverStartFake(SimInterruptsMessage);
	File = DriverOpen();
	DriverPin(File, 1, MIB, &Pinned);
	Context = DriverContext(File, 0, 0);
	DriverTexture(File, Context, 64, 64, 1, 0);
	DriverFence(File, Context);
	assert_int_equal(DriverWaitFor(File, Context, 1, VGPU_WAIT_FOREVER), STATUS_SUCCESS);
	FakeVirtioHold(Bus, true);
	assert_int_equal(HostThreadCreate(&Thread, "release", ReleaseLater, Bus), 0);
	SimUserClose(File);
	assert_int_equal(Pinned.Request.Completions, 1);
	HostThreadJoin(Thread);
	DriverUnpinned(&Pinned, STATUS_SUCCESS);
	DriverStop();
}

int main(void)
{
	const struct CMUnitTest Tests[] = {
		cmocka_unit_test(CancelMeetsCompletion),
		cmocka_unit_test(CloseWaitsForThePages),
	};

	return cmocka_run_group_tests(Tests, NULL, NULL);
}
