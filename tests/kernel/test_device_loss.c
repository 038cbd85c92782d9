/* SPDX-License-Identifier: MIT */
/* A device that breaks the rules, falls silent, is pulled out, or sleeps: everybody is told, nothing leaks. */
#include "driver_test.h"
#include "../../sim/host/host.h"

#include <stdlib.h>

#define FOREVER VGPU_WAIT_FOREVER

typedef struct SCENE {
	SIM_BUS *Bus;
	SIM_USER_FILE *File;
	uint32_t Context;
	PINNED Pinned;
	HARNESS_REQUEST Wait;
} SCENE;

/* A context with a fence that the device sits on, a texture in pinned memory, and a wait. */
static void Begin(SCENE *Scene, const char *RegistryValues)
{
	struct vgpu_wait Wait = {.timeout_ns = FOREVER};

	Scene->Bus = DriverStartFakeWith(SimInterruptsMessage, RegistryValues);
	Scene->File = DriverOpen();
	DriverPin(Scene->File, 1, 1 << 20, &Scene->Pinned);
	Wait.fence.context_id = Scene->Context = DriverContext(Scene->File, 1, 0);
	DriverTexture(Scene->File, Scene->Context, 64, 64, 1, 4096);
	assert_int_equal(DriverWaitFor(Scene->File, Scene->Context, DriverFence(Scene->File, Scene->Context), FOREVER),
		STATUS_SUCCESS);
	FakeVirtioHold(Scene->Bus, true);
	Wait.fence.number = DriverFence(Scene->File, Scene->Context);
	assert_int_equal(
		HarnessSend(Scene->File, VGPU_IOCTL_WAIT, &Wait, sizeof(Wait), NULL, 0, &Scene->Wait), STATUS_PENDING);
}

static void End(SCENE *Scene)
{
	SimUserClose(Scene->File);
	DriverUnpinned(&Scene->Pinned, STATUS_SUCCESS);
	DriverStop();
}

static void ExpectLost(SCENE *Scene, NTSTATUS Status)
{
	struct vgpu_submit Submit = {.context_id = Scene->Context, .flags = VGPU_SUBMIT_FENCE};
	struct vgpu_context_create Create = {.num_rings = 1};

	assert_int_equal(HarnessWait(&Scene->Wait), Status);
	assert_int_equal(CALL_BOTH(Scene->File, VGPU_IOCTL_SUBMIT, &Submit), Status);
	assert_int_equal(CALL_BOTH(Scene->File, VGPU_IOCTL_CONTEXT_CREATE, &Create), Status);
}

static void BrokenBy(FAKE_FAULT Fault)
{
	SCENE Scene;

	Begin(&Scene, NULL);
	FakeVirtioFault(Scene.Bus, Fault);
	FakeVirtioHold(Scene.Bus, false);
	ExpectLost(&Scene, STATUS_DEVICE_HARDWARE_ERROR);
	End(&Scene);
}

static void UnknownBuffer(void **State)
{
	(void)State;
	BrokenBy(FakeFaultBadId);
}

/* The first fence may be answered rightly: its buffer can be the one that was in use before. The second cannot. */
static void BufferReturnedTwice(void **State)
{
	struct vgpu_wait Wait = {.timeout_ns = FOREVER};
	HARNESS_REQUEST Request;
	SCENE Scene;

	(void)State;
	Begin(&Scene, NULL);
	Wait.fence.context_id = Scene.Context;
	Wait.fence.number = DriverFence(Scene.File, Scene.Context);
	assert_int_equal(
		HarnessSend(Scene.File, VGPU_IOCTL_WAIT, &Wait, sizeof(Wait), NULL, 0, &Request), STATUS_PENDING);
	FakeVirtioFault(Scene.Bus, FakeFaultRepeatedId);
	FakeVirtioHold(Scene.Bus, false);
	assert_int_equal(HarnessWait(&Request), STATUS_DEVICE_HARDWARE_ERROR);
	assert_true(NT_SUCCESS(HarnessWait(&Scene.Wait)) || Scene.Wait.Status == STATUS_DEVICE_HARDWARE_ERROR);
	End(&Scene);
}

static void LengthBeyondBuffer(void **State)
{
	(void)State;
	BrokenBy(FakeFaultBadLength);
}

/* An answer of the wrong type, or one that says error, fails its command and leaves the device alone. */
static void AnswerAfter(FAKE_FAULT Fault)
{
	struct vgpu_context_create Create = {.num_rings = 1};
	SIM_USER_FILE *File;
	SIM_BUS *Bus;

	Bus = DriverStartFake(SimInterruptsMessage);
	File = DriverOpen();
	FakeVirtioFault(Bus, Fault);
	assert_false(NT_SUCCESS(CALL_BOTH(File, VGPU_IOCTL_CONTEXT_CREATE, &Create)));
	FakeVirtioFault(Bus, FakeFaultNone);
	DriverContext(File, 0, 0);
	assert_int_equal(DriverStatistics(File, VGPU_SCOPE_DEVICE).device_errors, Fault == FakeFaultErrorAnswer);
	assert_int_equal(DriverStatistics(File, VGPU_SCOPE_DEVICE).device_violations, Fault == FakeFaultBadType);
	SimUserClose(File);
	DriverStop();
}

static void AnswerSaysError(void **State)
{
	(void)State;
	AnswerAfter(FakeFaultErrorAnswer);
}

static void AnswerOfAnotherType(void **State)
{
	(void)State;
	AnswerAfter(FakeFaultBadType);
}

/* A refused resource is known as such by the time anybody names it again. */
static void RefusedResource(void **State)
{
	struct vgpu_transfer Transfer = {.flags = VGPU_TRANSFER_TO_HOST, .width = 1, .height = 1, .depth = 1};
	SIM_USER_FILE *File;
	SIM_BUS *Bus;

	(void)State;
	Bus = DriverStartFake(SimInterruptsMessage);
	File = DriverOpen();
	Transfer.context_id = DriverContext(File, 0, 0);
	FakeVirtioFault(Bus, FakeFaultErrorAnswer);
	Transfer.resource_id = DriverTexture(File, 0, 16, 16, 0, 0);
	FakeVirtioFault(Bus, FakeFaultNone);
	assert_int_equal(DriverWaitFor(File, Transfer.context_id, DriverFence(File, Transfer.context_id), FOREVER),
		STATUS_SUCCESS);
	assert_int_equal(CALL_BOTH(File, VGPU_IOCTL_TRANSFER, &Transfer), STATUS_IO_DEVICE_ERROR);
	SimUserClose(File);
	DriverStop();
}

static void Silent(void **State)
{
	uint64_t Start;
	SCENE Scene;

	(void)State;
	Start = HostNow();
	Begin(&Scene, "DeviceTimeoutMs=1500");
	ExpectLost(&Scene, STATUS_DEVICE_HARDWARE_ERROR);
	assert_in_range((HostNow() - Start) / 1000000, 1500, 6000);
	End(&Scene);
}

static void PulledOut(void **State)
{
	SCENE Scene;

	(void)State;
	Begin(&Scene, NULL);
	FakeVirtioFault(Scene.Bus, FakeFaultGone);
	ExpectLost(&Scene, STATUS_DEVICE_HARDWARE_ERROR); /* seen by the watchdog, long before the time-out */
	End(&Scene);
}

static void SurpriseRemoval(void **State)
{
	SCENE Scene;

	(void)State;
	Begin(&Scene, NULL);
	FakeVirtioFault(Scene.Bus, FakeFaultGone);
	assert_int_equal(SimSurpriseRemove(), STATUS_SUCCESS);
	ExpectLost(&Scene, STATUS_DEVICE_REMOVED);
	End(&Scene);
}

/* Contexts are gone after a sleep and say so; new ones work. */
static void Sleep(void **State)
{
	struct vgpu_submit Submit = {.flags = VGPU_SUBMIT_FENCE};
	uint32_t Context;
	SCENE Scene;

	(void)State;
	Begin(&Scene, NULL);
	assert_int_equal(SimPowerDown(), STATUS_SUCCESS);
	assert_int_equal(HarnessWait(&Scene.Wait), STATUS_DEVICE_REQUIRES_CLEANING);
	FakeVirtioHold(Scene.Bus, false);
	assert_int_equal(SimPowerUp(), STATUS_SUCCESS);
	Submit.context_id = Scene.Context;
	assert_int_equal(CALL_BOTH(Scene.File, VGPU_IOCTL_SUBMIT, &Submit), STATUS_DEVICE_REQUIRES_CLEANING);
	Context = DriverContext(Scene.File, 1, 8);
	DriverTexture(Scene.File, Context, 64, 64, 1, 4096);
	assert_int_equal(DriverWaitFor(Scene.File, Context, DriverFence(Scene.File, Context), FOREVER), STATUS_SUCCESS);
	End(&Scene);
}

static void NoDeviceAnswersAtStart(void **State)
{
	(void)State;
	assert_false(NT_SUCCESS(DriverTryStart(FakeFaultNoFeaturesOk)));
	assert_false(NT_SUCCESS(DriverTryStart(FakeFaultErrorAnswer)));
	assert_false(NT_SUCCESS(DriverTryStart(FakeFaultBadId)));
}

static void InterruptWithoutCause(void **State)
{
	SIM_USER_FILE *File;
	uint32_t Context;
	SIM_BUS *Bus;

	(void)State;
	Bus = DriverStartFake(SimInterruptsMessage);
	File = DriverOpen();
	Context = DriverContext(File, 0, 0);
	for (int Index = 0; Index < 20; Index++) {
		FakeVirtioRaise(Bus);
		assert_int_equal(DriverWaitFor(File, Context, DriverFence(File, Context), FOREVER), STATUS_SUCCESS);
	}
	SimUserClose(File);
	DriverStop();
}

int main(void)
{
	const struct CMUnitTest Tests[] = {
		cmocka_unit_test(UnknownBuffer),
		cmocka_unit_test(BufferReturnedTwice),
		cmocka_unit_test(LengthBeyondBuffer),
		cmocka_unit_test(AnswerSaysError),
		cmocka_unit_test(AnswerOfAnotherType),
		cmocka_unit_test(RefusedResource),
		cmocka_unit_test(Silent),
		cmocka_unit_test(PulledOut),
		cmocka_unit_test(SurpriseRemoval),
		cmocka_unit_test(Sleep),
		cmocka_unit_test(NoDeviceAnswersAtStart),
		cmocka_unit_test(InterruptWithoutCause),
	};

	return cmocka_run_group_tests_name("device loss", Tests, NULL, NULL);
}
