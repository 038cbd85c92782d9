/* SPDX-License-Identifier: MIT */
/* A device that breaks the rules, falls silent, is pulled out, or sleeps: everybody is told, nothing leaks. */
#include "driver_test.h"
#include "../../sim/host/host.h"

#include <pthread.h>
#include <stdlib.h>

#define FOREVER VGPU_WAIT_FOREVER

typedef struct SCENE {
	SIM_BUS *Bus;
	SIM_USER_FILE *File;
	uint32_t Context;
	uint32_t Texture;
	PINNED Pinned;
	HARNESS_REQUEST Wait;
} SCENE;

/* A fence that the device sits on, and a wait for it. */
static void HoldAndWait(SCENE *Scene)
{
	struct vgpu_wait Wait = {.fence.context_id = Scene->Context, .timeout_ns = FOREVER};

	FakeVirtioHold(Scene->Bus, true);
	Wait.fence.number = DriverFence(Scene->File, Scene->Context);
	Scene->Wait = (HARNESS_REQUEST){0};
	assert_int_equal(
		HarnessSend(Scene->File, VGPU_IOCTL_WAIT, &Wait, sizeof(Wait), NULL, 0, &Scene->Wait), STATUS_PENDING);
}

/* A context and a texture in pinned memory, both in use; then a device that answers nothing. */
static void Begin(SCENE *Scene, const char *RegistryValues)
{
	Scene->Bus = DriverStartFakeWith(SimInterruptsMessage, RegistryValues);
	Scene->File = DriverOpen();
	DriverPin(Scene->File, 1, 1 << 20, &Scene->Pinned);
	Scene->Context = DriverContext(Scene->File, 1, 0);
	Scene->Texture = DriverTexture(Scene->File, Scene->Context, 64, 64, 1, 4096);
	assert_int_equal(DriverWaitFor(Scene->File, Scene->Context, DriverFence(Scene->File, Scene->Context), FOREVER),
		STATUS_SUCCESS);
	HoldAndWait(Scene);
}

static void End(SCENE *Scene)
{
	SimUserClose(Scene->File);
	DriverUnpinned(&Scene->Pinned, STATUS_SUCCESS);
	DriverStop();
}

static NTSTATUS SubmitTo(SCENE *Scene, uint32_t Context)
{
	struct vgpu_submit Submit = {.context_id = Context, .flags = VGPU_SUBMIT_FENCE};

	return CALL_BOTH(Scene->File, VGPU_IOCTL_SUBMIT, &Submit);
}

/* The wait, and every call from then on. */
static void ExpectDead(SCENE *Scene, NTSTATUS Waited, NTSTATUS Status)
{
	struct vgpu_context_create Create = {.num_rings = 1};

	assert_int_equal(HarnessWait(&Scene->Wait), Waited);
	assert_int_equal(SubmitTo(Scene, Scene->Context), Status);
	assert_int_equal(CALL_BOTH(Scene->File, VGPU_IOCTL_CONTEXT_CREATE, &Create), Status);
}

/* The device was reset: the old context says so and can be destroyed, a new one works with the same memory. */
static void ExpectReset(SCENE *Scene)
{
	struct vgpu_transfer Transfer = {.flags = VGPU_TRANSFER_TO_HOST, .width = 1, .height = 1, .depth = 1};
	struct vgpu_context_destroy Destroy = {.context_id = Scene->Context};
	struct vgpu_resource Detach = {.resource_id = Scene->Texture};

	assert_int_equal(HarnessWait(&Scene->Wait), STATUS_DEVICE_REQUIRES_CLEANING);
	FakeVirtioFault(Scene->Bus, FakeFaultNone);
	FakeVirtioHold(Scene->Bus, false);
	assert_int_equal(SubmitTo(Scene, Scene->Context), STATUS_DEVICE_REQUIRES_CLEANING);
	assert_int_equal(DriverWaitFor(Scene->File, Scene->Context, 1, FOREVER), STATUS_DEVICE_REQUIRES_CLEANING);
	Detach.context_id = Transfer.context_id = DriverContext(Scene->File, 1, 8);
	Transfer.resource_id = Scene->Texture;
	assert_int_equal(CALL_BOTH(Scene->File, VGPU_IOCTL_TRANSFER, &Transfer), STATUS_DEVICE_REQUIRES_CLEANING);
	assert_int_equal(CALL_IN(Scene->File, VGPU_IOCTL_RESOURCE_DETACH, &Detach), STATUS_DEVICE_REQUIRES_CLEANING);
	assert_int_equal(CALL_IN(Scene->File, VGPU_IOCTL_CONTEXT_DESTROY, &Destroy), STATUS_SUCCESS);
	Scene->Context = Transfer.context_id;
	Scene->Texture = DriverTexture(Scene->File, Scene->Context, 64, 64, 1, 4096);
	assert_int_equal(DriverWaitFor(Scene->File, Scene->Context, DriverFence(Scene->File, Scene->Context), FOREVER),
		STATUS_SUCCESS);
	assert_int_equal(FakeVirtioCounts(Scene->Bus).Errors, 0);
}

/* Once more, in the same way: a device that was reset a moment ago stays broken. */
static void BrokenBy(FAKE_FAULT Fault)
{
	SCENE Scene;

	Begin(&Scene, NULL);
	FakeVirtioFault(Scene.Bus, Fault);
	FakeVirtioHold(Scene.Bus, false);
	ExpectReset(&Scene);
	assert_int_equal(DriverStatistics(Scene.File, VGPU_SCOPE_DEVICE).resets, 1);
	assert_int_equal(DriverStatistics(Scene.File, VGPU_SCOPE_DEVICE).device_violations, 1);
	HoldAndWait(&Scene);
	FakeVirtioFault(Scene.Bus, Fault);
	FakeVirtioHold(Scene.Bus, false);
	ExpectDead(&Scene, STATUS_DEVICE_HARDWARE_ERROR, STATUS_DEVICE_HARDWARE_ERROR);
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
	assert_int_equal(HarnessWait(&Request), STATUS_DEVICE_REQUIRES_CLEANING);
	assert_true(NT_SUCCESS(HarnessWait(&Scene.Wait)) || Scene.Wait.Status == STATUS_DEVICE_REQUIRES_CLEANING);
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
	ExpectReset(&Scene);
	assert_in_range((HostNow() - Start) / 1000000, 1500, 6000);
	Start = HostNow();
	HoldAndWait(&Scene);
	ExpectDead(&Scene, STATUS_DEVICE_HARDWARE_ERROR, STATUS_DEVICE_HARDWARE_ERROR);
	assert_in_range((HostNow() - Start) / 1000000, 1500, 6000);
	End(&Scene);
}

/* A device that works for a while between its troubles is reset each time. */
static void SilentNowAndThen(void **State)
{
	SCENE Scene;

	(void)State;
	Begin(&Scene, "DeviceTimeoutMs=1000,ResetIntervalMs=0");
	for (int Round = 0; Round < 3; Round++) {
		ExpectReset(&Scene);
		HoldAndWait(&Scene);
	}
	ExpectReset(&Scene);
	assert_int_equal(DriverStatistics(Scene.File, VGPU_SCOPE_DEVICE).resets, 4);
	End(&Scene);
}

static void *CreateContext(void *File)
{
	struct vgpu_context_create Create = {.num_rings = 1};

	return (void *)(uintptr_t)(uint32_t)CALL_BOTH((SIM_USER_FILE *)File, VGPU_IOCTL_CONTEXT_CREATE, &Create);
}

static void *FillQueue(void *File)
{
	struct vgpu_resource_create Create = {.target = 2, .width = 1, .height = 1, .depth = 1, .array_size = 1};
	NTSTATUS Status;

	do {
		Create.resource_id = 0;
		Status = CALL_BOTH((SIM_USER_FILE *)File, VGPU_IOCTL_RESOURCE_CREATE, &Create);
	} while (NT_SUCCESS(Status));
	return (void *)(uintptr_t)(uint32_t)Status;
}

/* Threads that are inside the driver, for an answer or for room, get out when the device is given up. */
static void SilentWithThreads(void **State)
{
	enum { Threads = 4 };
	pthread_t Thread[Threads];
	void *Status;
	SCENE Scene;

	(void)State;
	Begin(&Scene, "DeviceTimeoutMs=1000");
	assert_int_equal(pthread_create(&Thread[0], NULL, CreateContext, Scene.File), 0);
	for (int Index = 1; Index < Threads; Index++)
		assert_int_equal(pthread_create(&Thread[Index], NULL, FillQueue, Scene.File), 0);
	assert_int_equal(HarnessWait(&Scene.Wait), STATUS_DEVICE_REQUIRES_CLEANING);
	/* The device stays silent, so that whoever was too late for the reset fills the queue again. */
	for (int Index = 0; Index < Threads; Index++) {
		assert_int_equal(pthread_join(Thread[Index], &Status), 0);
		assert_true((NTSTATUS)(uintptr_t)Status == STATUS_DEVICE_REQUIRES_CLEANING ||
			    (NTSTATUS)(uintptr_t)Status == STATUS_DEVICE_HARDWARE_ERROR);
	}
	End(&Scene);
}

static bool IsBusMaster(SIM_BUS *Bus)
{
	return Bus->Operations->ConfigRead(Bus, FAKE_VIRTIO_FUNCTION, 4, 2) & 4;
}

/* The reset fails: nothing is lost but the device, which reaches no memory any more until it is started anew. */
static void IgnoresReset(void **State)
{
	SCENE Scene;

	(void)State;
	Begin(&Scene, "DeviceTimeoutMs=1000");
	FakeVirtioFault(Scene.Bus, FakeFaultNoReset);
	assert_true(IsBusMaster(Scene.Bus));
	ExpectDead(&Scene, STATUS_DEVICE_HARDWARE_ERROR, STATUS_DEVICE_HARDWARE_ERROR);
	assert_false(IsBusMaster(Scene.Bus));
	FakeVirtioFault(Scene.Bus, FakeFaultNone);
	FakeVirtioHold(Scene.Bus, false); /* it would answer now, into memory that others use */
	assert_int_equal(FakeVirtioCounts(Scene.Bus).Errors, 0);
	assert_int_equal(SimPowerDown(), STATUS_SUCCESS);
	assert_int_equal(SimPowerUp(), STATUS_SUCCESS);
	assert_true(IsBusMaster(Scene.Bus));
	Scene.Context = DriverContext(Scene.File, 1, 8);
	assert_int_equal(DriverWaitFor(Scene.File, Scene.Context, DriverFence(Scene.File, Scene.Context), FOREVER),
		STATUS_SUCCESS);
	End(&Scene);
}

static void DoesNotStartAgain(void **State)
{
	SCENE Scene;

	(void)State;
	Begin(&Scene, "DeviceTimeoutMs=1000");
	FakeVirtioFault(Scene.Bus, FakeFaultNoFeaturesOk);
	ExpectDead(&Scene, STATUS_DEVICE_REQUIRES_CLEANING, STATUS_DEVICE_HARDWARE_ERROR);
	End(&Scene);
}

/* Requests wait while the device is being reset; a power change ends that, and so does the device's removal. */
static void WhileResetting(SCENE *Scene, pthread_t *Thread)
{
	unsigned Reads;

	Begin(Scene, "DeviceTimeoutMs=1000");
	Reads = FakeVirtioCounts(Scene->Bus).StatusReads;
	FakeVirtioFault(Scene->Bus, FakeFaultNoReset);
	while (FakeVirtioCounts(Scene->Bus).StatusReads < Reads + 20) /* the watchdog reads it once a second */
		HostSleep(1000000);
	assert_int_equal(pthread_create(Thread, NULL, CreateContext, Scene->File), 0);
	HostSleep(20000000);
}

static void SleepWhileResetting(void **State)
{
	pthread_t Thread;
	void *Status;
	SCENE Scene;

	(void)State;
	WhileResetting(&Scene, &Thread);
	assert_int_equal(SimPowerDown(), STATUS_SUCCESS);
	assert_int_equal(HarnessWait(&Scene.Wait), STATUS_DEVICE_REQUIRES_CLEANING);
	assert_int_equal(pthread_join(Thread, &Status), 0);
	assert_int_equal((NTSTATUS)(uintptr_t)Status, STATUS_DEVICE_NOT_READY);
	FakeVirtioFault(Scene.Bus, FakeFaultNone);
	assert_int_equal(SimPowerUp(), STATUS_SUCCESS);
	ExpectReset(&Scene);
	End(&Scene);
}

static void RemovalWhileResetting(void **State)
{
	pthread_t Thread;
	void *Status;
	SCENE Scene;

	(void)State;
	WhileResetting(&Scene, &Thread);
	FakeVirtioFault(Scene.Bus, FakeFaultGone);
	assert_int_equal(SimSurpriseRemove(), STATUS_SUCCESS);
	assert_int_equal(pthread_join(Thread, &Status), 0);
	assert_false(NT_SUCCESS((NTSTATUS)(uintptr_t)Status));
	assert_false(NT_SUCCESS(HarnessWait(&Scene.Wait)));
	assert_int_equal(SubmitTo(&Scene, Scene.Context), STATUS_DEVICE_REMOVED);
	End(&Scene);
}

static void PulledOut(void **State)
{
	SCENE Scene;

	(void)State;
	Begin(&Scene, NULL);
	FakeVirtioFault(Scene.Bus, FakeFaultGone);
	ExpectDead(&Scene, STATUS_DEVICE_HARDWARE_ERROR,
		STATUS_DEVICE_HARDWARE_ERROR); /* seen by the watchdog, long before the time-out */
	End(&Scene);
}

static void SurpriseRemoval(void **State)
{
	SCENE Scene;

	(void)State;
	Begin(&Scene, NULL);
	FakeVirtioFault(Scene.Bus, FakeFaultGone);
	assert_int_equal(SimSurpriseRemove(), STATUS_SUCCESS);
	ExpectDead(&Scene, STATUS_DEVICE_REMOVED, STATUS_DEVICE_REMOVED);
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
		cmocka_unit_test(SilentNowAndThen),
		cmocka_unit_test(SilentWithThreads),
		cmocka_unit_test(IgnoresReset),
		cmocka_unit_test(DoesNotStartAgain),
		cmocka_unit_test(SleepWhileResetting),
		cmocka_unit_test(RemovalWhileResetting),
		cmocka_unit_test(PulledOut),
		cmocka_unit_test(SurpriseRemoval),
		cmocka_unit_test(Sleep),
		cmocka_unit_test(NoDeviceAnswersAtStart),
		cmocka_unit_test(InterruptWithoutCause),
	};

	return cmocka_run_group_tests_name("device loss", Tests, NULL, NULL);
}
