/* SPDX-License-Identifier: MIT */
/* No thread is kept from ending by a device that is slow, silent, or answers just often enough not to be hung. */
#include "driver_test.h"
#include "../../sim/host/host.h"

#include <stdlib.h>

#define SECOND 1000000000ull

typedef struct VICTIM {
	SIM_USER_FILE *File;
	uint32_t Context;
	ULONG Code;
	struct vgpu_fence InFence; /* of VGPU_IOCTL_SUBMIT */
	volatile LONG Inside;
	uint64_t Thread;
	uint64_t Left; /* when it was back */
	NTSTATUS Status;
} VICTIM;

static void Run(void *Context)
{
	VICTIM *Victim = Context;
	struct vgpu_submit Submit = {.context_id = Victim->Context, .flags = VGPU_SUBMIT_FENCE};
	struct vgpu_context_create Create = {.num_rings = 1};

	if (Victim->InFence.context_id) {
		Submit.num_in_fences = 1;
		Submit.in_fences[0] = Victim->InFence;
	}
	Victim->Thread = HostThreadId();
	(void)SimUserThreadTerminate(0);
	InterlockedExchange(&Victim->Inside, 1);
	Victim->Status = Victim->Code == VGPU_IOCTL_SUBMIT ? CALL_BOTH(Victim->File, Victim->Code, &Submit)
							   : CALL_BOTH(Victim->File, Victim->Code, &Create);
	Victim->Left = HostNow();
}

/* Sends the thread into the driver, then tells it to end: it does within so many seconds, with this status. */
static void Kill(VICTIM *Victim, unsigned Seconds, NTSTATUS Status)
{
	HOST_THREAD *Thread;
	uint64_t Told;

	assert_int_equal(HostThreadCreate(&Thread, "victim", Run, Victim), 0);
	while (!ReadAcquire(&Victim->Inside))
		HostSleep(1000000);
	HostSleep(SECOND / 5);
	assert_int_equal(Victim->Left, 0);
	Told = HostNow();
	assert_true(SimUserThreadTerminate(Victim->Thread));
	HostThreadJoin(Thread);
	assert_true(Victim->Left - Told < Seconds * SECOND);
	assert_int_equal(Victim->Status, Status);
}

static SIM_BUS *Begin(VICTIM *Victim, const char *RegistryValues)
{
	SIM_BUS *Bus = DriverStartFakeWith(SimInterruptsMessage, RegistryValues);

	*Victim = (VICTIM){.File = DriverOpen(), .Code = VGPU_IOCTL_SUBMIT};
	Victim->Context = DriverContext(Victim->File, 0, 0);
	FakeVirtioHold(Bus, true);
	return Bus;
}

static void End(SIM_BUS *Bus, VICTIM *Victim)
{
	FakeVirtioHold(Bus, false);
	SimUserClose(Victim->File);
	DriverStop();
}

/* At its quota, waiting for commands of its own. */
static void WaitingForCommands(void **State)
{
	VICTIM Victim;
	SIM_BUS *Bus;

	(void)State;
	Bus = Begin(&Victim, "MaxCommands=8");
	for (int Index = 0; Index < 8; Index++)
		DriverFence(Victim.File, Victim.Context);
	Kill(&Victim, 2, STATUS_CANCELLED);
	FakeVirtioHold(Bus, false);
	assert_int_equal(
		DriverWaitFor(Victim.File, Victim.Context, DriverFence(Victim.File, Victim.Context), 9 * SECOND),
		STATUS_SUCCESS);
	End(Bus, &Victim);
}

/* Before a submit, waiting for another context's fence. */
static void WaitingForFences(void **State)
{
	VICTIM Victim;
	SIM_BUS *Bus;

	(void)State;
	Bus = Begin(&Victim, NULL);
	FakeVirtioHold(Bus, false);
	Victim.InFence.context_id = DriverContext(Victim.File, 0, 0);
	FakeVirtioHold(Bus, true);
	Victim.InFence.number = DriverFence(Victim.File, Victim.InFence.context_id);
	Kill(&Victim, 2, STATUS_CANCELLED);
	End(Bus, &Victim);
}

/* For the host's answer, which cannot be given up: the device is reset after a while. */
static void WaitingForAnAnswer(void **State)
{
	VICTIM Victim;
	SIM_BUS *Bus;

	(void)State;
	Bus = Begin(&Victim, "DeviceTimeoutMs=1000");
	Victim.Code = VGPU_IOCTL_CONTEXT_CREATE;
	Kill(&Victim, 8, STATUS_DEVICE_REQUIRES_CLEANING);
	End(Bus, &Victim);
}

typedef struct SLOW {
	SIM_BUS *Bus;
	volatile LONG Stop;
} SLOW;

/* One answer every 0.7 seconds. */
static void Drip(void *Context)
{
	SLOW *Slow = Context;

	while (!ReadAcquire(&Slow->Stop)) {
		HostSleep(SECOND * 7 / 10);
		FakeVirtioAnswer(Slow->Bus, 1);
	}
}

/* A device that is never hung, for its oldest command is never old, with a hundred commands to go: closing the handle
 * ends all the same, after three times the device's time-out. */
static void ClosedUnderASlowDevice(void **State)
{
	HOST_THREAD *Thread;
	uint64_t Begun;
	VICTIM Victim;
	PINNED Pinned;
	SLOW Slow = {0};

	(void)State;
	Slow.Bus = Begin(&Victim, "DeviceTimeoutMs=1000");
	DriverPin(Victim.File, 1, VGPU_PAGE_SIZE, &Pinned);
	for (int Index = 0; Index < 100; Index++) {
		struct vgpu_submit Submit = {.context_id = Victim.Context, .stream = {.memory_id = 1, .size = 4096}};

		assert_int_equal(CALL_BOTH(Victim.File, VGPU_IOCTL_SUBMIT, &Submit), STATUS_SUCCESS);
	}
	assert_int_equal(HostThreadCreate(&Thread, "drip", Drip, &Slow), 0);
	HostSleep(SECOND * 5 / 2);
	assert_int_equal(DriverStatistics(Victim.File, VGPU_SCOPE_DEVICE).hangs, 0);
	Begun = HostNow();
	SimUserClose(Victim.File);
	assert_true(HostNow() - Begun > 2 * SECOND);
	assert_true(HostNow() - Begun < 9 * SECOND);
	InterlockedExchange(&Slow.Stop, 1);
	HostThreadJoin(Thread);
	DriverUnpinned(&Pinned, STATUS_SUCCESS);
	FakeVirtioHold(Slow.Bus, false);
	Victim.File = DriverOpen();
	assert_int_equal(DriverStatistics(Victim.File, VGPU_SCOPE_DEVICE).hangs, 1);
	SimUserClose(Victim.File);
	DriverStop();
}

int main(void)
{
	const struct CMUnitTest Tests[] = {
		cmocka_unit_test(WaitingForCommands),
		cmocka_unit_test(WaitingForFences),
		cmocka_unit_test(WaitingForAnAnswer),
		cmocka_unit_test(ClosedUnderASlowDevice),
	};

	return cmocka_run_group_tests_name("killed", Tests, NULL, NULL);
}
