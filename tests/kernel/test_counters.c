/* SPDX-License-Identifier: MIT */
/* Every kind of failure has its counter, of the handle and of the device; the kinds add up to the errors. */
#include "driver_test.h"
#include "events.h"
#include "../../sim/host/host.h"

#include <stdlib.h>

static SIM_BUS *Bus;
static SIM_USER_FILE *File;

static uint64_t Sum(const struct vgpu_statistics *Counters)
{
	return Counters->bad_requests + Counters->bad_ids + Counters->bad_addresses + Counters->over_quota +
	       Counters->out_of_memory + Counters->refused_by_host + Counters->lost + Counters->timed_out +
	       Counters->cancelled;
}

/* One more of the kind at this offset, in both scopes, and of nothing else. */
static void ExpectOne(struct vgpu_statistics Before[2], size_t Offset)
{
	for (uint32_t Scope = VGPU_SCOPE_DEVICE; Scope <= VGPU_SCOPE_HANDLE; Scope++) {
		struct vgpu_statistics Now = DriverStatistics(File, Scope);
		const uint64_t *Is = (const uint64_t *)((const char *)&Now + Offset);
		const uint64_t *Was = (const uint64_t *)((const char *)&Before[Scope] + Offset);

		assert_int_equal(*Is, *Was + 1);
		assert_int_equal(Now.errors, Before[Scope].errors + 1);
		assert_int_equal(Now.errors, Sum(&Now));
		Before[Scope] = Now;
	}
}

#define EXPECT_ONE(Kind) ExpectOne(Before, offsetof(struct vgpu_statistics, Kind))

/* One in the event log, by now or soon: it is written after the requests have gone on. */
static void ExpectEvent(NTSTATUS Event)
{
	for (int Tries = 0; Tries < 2000 && SimEventCount((ULONG)Event) == 0; Tries++)
		HostSleep(1000000);
	assert_int_equal(SimEventCount((ULONG)Event), 1);
}

static void Kinds(void **State)
{
	struct vgpu_submit_copy Copy = {.size = 8, .address = 0x1000};
	struct vgpu_submit Submit = {.context_id = 12345, .flags = VGPU_SUBMIT_FENCE};
	struct vgpu_context_create Create = {.num_rings = 1};
	struct vgpu_wait Wait = {.timeout_ns = VGPU_WAIT_FOREVER};
	struct vgpu_statistics Before[2];
	HARNESS_REQUEST Request;

	(void)State;
	Copy.context_id = Wait.fence.context_id = DriverContext(File, 0, 0);
	for (uint32_t Scope = VGPU_SCOPE_DEVICE; Scope <= VGPU_SCOPE_HANDLE; Scope++)
		Before[Scope] = DriverStatistics(File, Scope);

	assert_int_equal(CALL_BOTH(File, VGPU_IOCTL_SUBMIT, &Submit), STATUS_INVALID_HANDLE);
	EXPECT_ONE(bad_ids);
	assert_int_equal(CALL_BOTH(File, VGPU_IOCTL_SUBMIT_COPY, &Copy), STATUS_ACCESS_VIOLATION);
	EXPECT_ONE(bad_addresses);
	Submit.flags = ~0u;
	assert_int_equal(CALL_BOTH(File, VGPU_IOCTL_SUBMIT, &Submit), STATUS_INVALID_PARAMETER);
	EXPECT_ONE(bad_requests);
	assert_int_equal(CALL_IN(File, VGPU_IOCTL_SUBMIT, &Submit), STATUS_INFO_LENGTH_MISMATCH);
	EXPECT_ONE(bad_requests);
	assert_int_equal(CALL_BOTH(File, VGPU_IOCTL_CONTEXT_CREATE, &Create), STATUS_QUOTA_EXCEEDED);
	EXPECT_ONE(over_quota);

	FakeVirtioHold(Bus, true);
	Wait.fence.number = DriverFence(File, Copy.context_id);
	assert_int_equal(DriverWaitFor(File, Copy.context_id, Wait.fence.number, 0), STATUS_IO_TIMEOUT);
	EXPECT_ONE(timed_out);
	assert_int_equal(DriverWaitFor(File, Copy.context_id, Wait.fence.number, 1000), STATUS_IO_TIMEOUT);
	EXPECT_ONE(timed_out);
	assert_int_equal(HarnessSend(File, VGPU_IOCTL_WAIT, &Wait, sizeof(Wait), NULL, 0, &Request), STATUS_PENDING);
	assert_int_equal(SimUserCancel(File, &Request), STATUS_SUCCESS);
	assert_int_equal(HarnessWait(&Request), STATUS_CANCELLED);
	EXPECT_ONE(cancelled);
	FakeVirtioHold(Bus, false);
}

/* The host refuses a context, then its answer is of the wrong type: one is the device's error, one its violation. */
static void Host(void **State)
{
	struct vgpu_context_create Create = {.num_rings = 1};
	struct vgpu_statistics Before[2];

	(void)State;
	for (uint32_t Scope = VGPU_SCOPE_DEVICE; Scope <= VGPU_SCOPE_HANDLE; Scope++)
		Before[Scope] = DriverStatistics(File, Scope);
	FakeVirtioFault(Bus, FakeFaultErrorAnswer);
	assert_int_equal(CALL_BOTH(File, VGPU_IOCTL_CONTEXT_CREATE, &Create), STATUS_IO_DEVICE_ERROR);
	EXPECT_ONE(refused_by_host);
	FakeVirtioFault(Bus, FakeFaultBadType);
	assert_int_equal(CALL_BOTH(File, VGPU_IOCTL_CONTEXT_CREATE, &Create), STATUS_DEVICE_PROTOCOL_ERROR);
	EXPECT_ONE(refused_by_host);
	assert_int_equal(Before[VGPU_SCOPE_DEVICE].device_errors, 1);
	assert_int_equal(Before[VGPU_SCOPE_DEVICE].device_violations, 1);
	assert_int_equal(Before[VGPU_SCOPE_DEVICE].violations_answer, 1);
	FakeVirtioFault(Bus, FakeFaultNone);
}

/* A ring that lies: one violation, one reset, and the command that it was about is lost. */
static void Loss(void **State)
{
	uint32_t Context = DriverContext(File, 0, 0);
	struct vgpu_submit Submit = {.context_id = Context, .flags = VGPU_SUBMIT_FENCE};
	struct vgpu_statistics Before[2];

	(void)State;
	FakeVirtioFault(Bus, FakeFaultBadId);
	assert_int_equal(DriverWaitFor(File, Context, DriverFence(File, Context), VGPU_WAIT_FOREVER),
		STATUS_DEVICE_REQUIRES_CLEANING);
	FakeVirtioFault(Bus, FakeFaultNone);
	for (uint32_t Scope = VGPU_SCOPE_DEVICE; Scope <= VGPU_SCOPE_HANDLE; Scope++)
		Before[Scope] = DriverStatistics(File, Scope);
	assert_int_equal(Before[VGPU_SCOPE_DEVICE].violations_ring, 1);
	assert_int_equal(Before[VGPU_SCOPE_DEVICE].device_violations, 1);
	assert_int_equal(Before[VGPU_SCOPE_DEVICE].commands_lost, 1);
	assert_int_equal(Before[VGPU_SCOPE_DEVICE].resets, 1);
	assert_int_equal(Before[VGPU_SCOPE_DEVICE].hangs, 0);
	assert_int_equal(CALL_BOTH(File, VGPU_IOCTL_SUBMIT, &Submit), STATUS_DEVICE_REQUIRES_CLEANING);
	EXPECT_ONE(lost);
	ExpectEvent(EVENT_BROKE_RULES);
	ExpectEvent(EVENT_WORKS_AGAIN);
	assert_int_equal(SimEventCount((ULONG)EVENT_BROKEN), 0);
}

/* A device that is silent, and then ignores the reset as well. */
static void Hang(void **State)
{
	uint32_t Context = DriverContext(File, 0, 0);
	struct vgpu_statistics Now;

	(void)State;
	FakeVirtioFault(Bus, FakeFaultNoReset);
	FakeVirtioHold(Bus, true);
	assert_int_equal(DriverWaitFor(File, Context, DriverFence(File, Context), VGPU_WAIT_FOREVER),
		STATUS_DEVICE_HARDWARE_ERROR);
	FakeVirtioFault(Bus, FakeFaultNone);
	Now = DriverStatistics(File, VGPU_SCOPE_DEVICE);
	assert_int_equal(Now.hangs, 1);
	assert_int_equal(Now.failed_resets, 1);
	assert_int_equal(Now.device_violations, 0);
	ExpectEvent(EVENT_HUNG);
	ExpectEvent(EVENT_BROKEN);
	assert_int_equal(SimEventCount((ULONG)EVENT_WORKS_AGAIN), 0);
	FakeVirtioHold(Bus, false);
}

static int Start(void **State)
{
	(void)State;
	Bus = DriverStartFakeWith(SimInterruptsMessage, "MaxContexts=1,DeviceTimeoutMs=1000");
	File = DriverOpen();
	return 0;
}

static int Stop(void **State)
{
	(void)State;
	SimUserClose(File);
	DriverStop();
	return 0;
}

int main(void)
{
	const struct CMUnitTest Tests[] = {
		cmocka_unit_test_setup_teardown(Kinds, Start, Stop),
		cmocka_unit_test_setup_teardown(Host, Start, Stop),
		cmocka_unit_test_setup_teardown(Loss, Start, Stop),
		cmocka_unit_test_setup_teardown(Hang, Start, Stop),
	};

	return cmocka_run_group_tests_name("counters", Tests, NULL, NULL);
}
