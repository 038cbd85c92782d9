/* SPDX-License-Identifier: MIT */
/* PnP and power with handles open and work under way. */
#include "driver_test.h"

#include <stdlib.h>

#define FOREVER VGPU_WAIT_FOREVER

typedef struct SCENE {
	SIM_BUS *Bus;
	SIM_USER_FILE *File;
	uint32_t Context;
	uint32_t Texture;
	PINNED Pinned;
} SCENE;

static void Begin(SCENE *Scene)
{
	Scene->Bus = DriverStartFakeWith(SimInterruptsMessage, "DeviceTimeoutMs=1000");
	Scene->File = DriverOpen();
	DriverPin(Scene->File, 1, 1 << 20, &Scene->Pinned);
	Scene->Context = DriverContext(Scene->File, 1, 0);
	Scene->Texture = DriverTexture(Scene->File, Scene->Context, 64, 64, 1, 4096);
	assert_int_equal(DriverWaitFor(Scene->File, Scene->Context, DriverFence(Scene->File, Scene->Context), FOREVER),
		STATUS_SUCCESS);
}

/* Everything can be let go of, and the memory comes back, without the handle's being closed. */
static void LetGo(SCENE *Scene, NTSTATUS Refused)
{
	struct vgpu_context_destroy Context = {.context_id = Scene->Context};
	struct vgpu_resource Texture = {.resource_id = Scene->Texture};
	struct vgpu_memory_release Release = {.memory_id = 1};
	struct vgpu_submit Submit = {.context_id = Scene->Context, .flags = VGPU_SUBMIT_FENCE};

	assert_int_equal(CALL_BOTH(Scene->File, VGPU_IOCTL_SUBMIT, &Submit), Refused);
	assert_int_equal(CALL_IN(Scene->File, VGPU_IOCTL_MEMORY_RELEASE, &Release), STATUS_SUCCESS);
	assert_int_equal(Scene->Pinned.Request.Completions, 0);
	assert_int_equal(CALL_IN(Scene->File, VGPU_IOCTL_RESOURCE_DESTROY, &Texture), STATUS_SUCCESS);
	assert_int_equal(CALL_IN(Scene->File, VGPU_IOCTL_CONTEXT_DESTROY, &Context), STATUS_SUCCESS);
	DriverUnpinned(&Scene->Pinned, STATUS_SUCCESS);
	assert_int_equal(DriverStatistics(Scene->File, VGPU_SCOPE_DEVICE).live_memory, 0);
	SimUserClose(Scene->File);
	DriverStop();
}

static void LetGoAsleep(void **State)
{
	SCENE Scene;

	(void)State;
	Begin(&Scene);
	assert_int_equal(SimPowerDown(), STATUS_SUCCESS);
	LetGo(&Scene, STATUS_DEVICE_NOT_READY);
}

static void LetGoBroken(void **State)
{
	SCENE Scene;

	(void)State;
	Begin(&Scene);
	FakeVirtioFault(Scene.Bus, FakeFaultNoReset);
	FakeVirtioHold(Scene.Bus, true);
	assert_int_equal(DriverWaitFor(Scene.File, Scene.Context, DriverFence(Scene.File, Scene.Context), FOREVER),
		STATUS_DEVICE_HARDWARE_ERROR);
	LetGo(&Scene, STATUS_DEVICE_HARDWARE_ERROR);
}

static void LetGoRemoved(void **State)
{
	SCENE Scene;

	(void)State;
	Begin(&Scene);
	FakeVirtioFault(Scene.Bus, FakeFaultGone);
	assert_int_equal(SimSurpriseRemove(), STATUS_SUCCESS);
	LetGo(&Scene, STATUS_DEVICE_REMOVED);
}

/* A kernel with less than Windows has: no MmMapIoSpaceEx, a line interrupt. */
static void LesserKernel(void **State)
{
	SIM_USER_FILE *File;
	uint32_t Context;

	(void)State;
	DriverStartFakeWithout("MmMapIoSpaceEx");
	File = DriverOpen();
	Context = DriverContext(File, 0, 0);
	assert_int_equal(DriverWaitFor(File, Context, DriverFence(File, Context), FOREVER), STATUS_SUCCESS);
	SimUserClose(File);
	DriverStop();
}

int main(void)
{
	const struct CMUnitTest Tests[] = {
		cmocka_unit_test(LetGoAsleep),
		cmocka_unit_test(LetGoBroken),
		cmocka_unit_test(LetGoRemoved),
		cmocka_unit_test(LesserKernel),
	};

	return cmocka_run_group_tests_name("pnp", Tests, NULL, NULL);
}
