/* SPDX-License-Identifier: MIT */
/* Processes and threads that end, and pins that are cancelled, while the handle lives on and the memory is in use. */
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

/* Memory with a texture, a page of fence numbers and a stream in it. */
static void Use(SCENE *Scene)
{
	DriverPin(Scene->File, 1, 1 << 20, &Scene->Pinned);
	Scene->Context = DriverContext(Scene->File, 1, 8);
	Scene->Texture = DriverTexture(Scene->File, Scene->Context, 64, 64, 1, 4096);
	assert_int_equal(DriverWaitFor(Scene->File, Scene->Context, DriverFence(Scene->File, Scene->Context), FOREVER),
		STATUS_SUCCESS);
	assert_int_equal(((uint64_t *)Scene->Pinned.Memory)[1], 1);
}

static void Submit(SCENE *Scene)
{
	struct vgpu_submit Submit = {
		.context_id = Scene->Context, .stream = {.memory_id = 1, .offset = 65536, .size = 4096}};

	assert_int_equal(CALL_BOTH(Scene->File, VGPU_IOCTL_SUBMIT, &Submit), STATUS_SUCCESS);
}

static void Begin(SCENE *Scene)
{
	Scene->Bus = DriverStartFakeWith(SimInterruptsMessage, "DeviceTimeoutMs=1000");
	Scene->File = DriverOpen();
}

/* The memory is gone: so is the texture, and the context goes on without its page. */
static void ExpectLeft(SCENE *Scene)
{
	struct vgpu_transfer Transfer = {.context_id = Scene->Context,
		.resource_id = Scene->Texture,
		.flags = VGPU_TRANSFER_TO_HOST,
		.width = 1,
		.height = 1,
		.depth = 1};
	struct vgpu_resource Resource = {.resource_id = Scene->Texture};
	uint64_t Number;

	assert_int_equal(FakeVirtioCounts(Scene->Bus).Resources, 0);
	assert_int_equal(FakeVirtioCounts(Scene->Bus).Backings, 0);
	assert_int_equal(DriverStatistics(Scene->File, VGPU_SCOPE_HANDLE).live_memory, 0);
	assert_int_equal(CALL_BOTH(Scene->File, VGPU_IOCTL_TRANSFER, &Transfer), STATUS_INVALID_HANDLE);
	Number = DriverFence(Scene->File, Scene->Context);
	assert_int_equal(DriverWaitFor(Scene->File, Scene->Context, Number, FOREVER), STATUS_SUCCESS);
	assert_int_equal(DriverWaitFor(Scene->File, Scene->Context, Number, 0), STATUS_SUCCESS);
	assert_int_equal(CALL_IN(Scene->File, VGPU_IOCTL_RESOURCE_DESTROY, &Resource), STATUS_SUCCESS);
	assert_int_equal(CALL_IN(Scene->File, VGPU_IOCTL_RESOURCE_DESTROY, &Resource), STATUS_INVALID_HANDLE);
	assert_int_equal(FakeVirtioCounts(Scene->Bus).Errors, 0);
}

static void End(SCENE *Scene)
{
	SimUserClose(Scene->File);
	DriverStop();
}

static void CancelledPin(void **State)
{
	SCENE Scene;

	(void)State;
	Begin(&Scene);
	Use(&Scene);
	assert_int_equal(SimUserCancel(Scene.File, &Scene.Pinned.Request), STATUS_SUCCESS);
	DriverUnpinned(&Scene.Pinned, STATUS_CANCELLED);
	ExpectLeft(&Scene);
	End(&Scene);
}

static void ThreadEnds(void **State)
{
	SCENE Scene;

	(void)State;
	Begin(&Scene);
	Use(&Scene);
	SimUserThreadEnd();
	DriverUnpinned(&Scene.Pinned, STATUS_CANCELLED);
	ExpectLeft(&Scene);
	End(&Scene);
}

/* A pin that was released, and is still in use, does not keep its thread from ending. */
static void ThreadEndsAfterRelease(void **State)
{
	struct vgpu_memory_release Release = {.memory_id = 1};
	SCENE Scene;

	(void)State;
	Begin(&Scene);
	Use(&Scene);
	assert_int_equal(CALL_IN(Scene.File, VGPU_IOCTL_MEMORY_RELEASE, &Release), STATUS_SUCCESS);
	assert_int_equal(Scene.Pinned.Request.Completions, 0);
	SimUserThreadEnd();
	DriverUnpinned(&Scene.Pinned, STATUS_CANCELLED);
	ExpectLeft(&Scene);
	End(&Scene);
}

/* The device still reads a stream in the memory, and never says that it is done: it is reset. */
static void CancelledUnderTheDevice(void **State)
{
	SCENE Scene;

	(void)State;
	Begin(&Scene);
	Use(&Scene);
	FakeVirtioHold(Scene.Bus, true);
	Submit(&Scene);
	assert_int_equal(SimUserCancel(Scene.File, &Scene.Pinned.Request), STATUS_SUCCESS);
	assert_int_equal(Scene.Pinned.Request.Completions, 0);
	DriverUnpinned(&Scene.Pinned, STATUS_CANCELLED);
	assert_int_equal(DriverStatistics(Scene.File, VGPU_SCOPE_DEVICE).resets, 1);
	FakeVirtioHold(Scene.Bus, false);
	End(&Scene);
}

/* A process pins memory and ends; the handle is another's as well. Asked: how the pin's request ends with the process,
 * which has made it so that no thread's end cancels it. */
static void OfProcess(SCENE *Scene, SIM_PROCESS **Process)
{
	SIM_PROCESS *Own;

	*Process = SimProcessCreate();
	SimUserDuplicate(Scene->File, *Process);
	Own = SimProcessEnter(*Process);
	HarnessThreadAgnostic = TRUE;
	Use(Scene);
	HarnessThreadAgnostic = FALSE;
	(void)SimProcessEnter(Own);
}

static void ProcessEnds(void **State)
{
	SIM_PROCESS *Process;
	SCENE Scene;

	(void)State;
	Begin(&Scene);
	OfProcess(&Scene, &Process);
	Submit(&Scene);
	SimProcessEnd(Process);
	DriverUnpinned(&Scene.Pinned, STATUS_SUCCESS);
	ExpectLeft(&Scene);
	End(&Scene);
}

/* What it has released already is not forgotten. */
static void ProcessEndsAfterRelease(void **State)
{
	struct vgpu_memory_release Release = {.memory_id = 1};
	SIM_PROCESS *Process;
	PINNED Own;
	SCENE Scene;

	(void)State;
	Begin(&Scene);
	OfProcess(&Scene, &Process);
	DriverPin(Scene.File, 2, 65536, &Own); /* of the process that lives on */
	assert_int_equal(CALL_IN(Scene.File, VGPU_IOCTL_MEMORY_RELEASE, &Release), STATUS_SUCCESS);
	assert_int_equal(Scene.Pinned.Request.Completions, 0);
	SimProcessEnd(Process);
	DriverUnpinned(&Scene.Pinned, STATUS_SUCCESS);
	assert_int_equal(Own.Request.Completions, 0);
	assert_int_equal(DriverStatistics(Scene.File, VGPU_SCOPE_HANDLE).live_memory, 65536);
	End(&Scene);
	DriverUnpinned(&Own, STATUS_SUCCESS);
}

static void ProcessEndsUnderTheDevice(void **State)
{
	SIM_PROCESS *Process;
	SCENE Scene;

	(void)State;
	Begin(&Scene);
	OfProcess(&Scene, &Process);
	FakeVirtioHold(Scene.Bus, true);
	Submit(&Scene);
	SimProcessEnd(Process);
	DriverUnpinned(&Scene.Pinned, STATUS_SUCCESS);
	FakeVirtioHold(Scene.Bus, false);
	End(&Scene);
}

/* Several processes with handles of their own, which end with their work under way. */
static void ManyProcesses(void **State)
{
	enum { COUNT = 16 };
	SIM_PROCESS *Processes[COUNT];
	SCENE Scenes[COUNT];
	SIM_BUS *Bus;

	(void)State;
	Bus = DriverStartFake(SimInterruptsMessage);
	for (int Index = 0; Index < COUNT; Index++) {
		Scenes[Index].Bus = Bus;
		Processes[Index] = SimProcessCreate();
		(void)SimProcessEnter(Processes[Index]);
		Scenes[Index].File = DriverOpen();
		HarnessThreadAgnostic = Index % 2;
		Use(&Scenes[Index]);
		Submit(&Scenes[Index]);
		HarnessThreadAgnostic = FALSE;
	}
	(void)SimProcessEnter(NULL);
	assert_int_equal(FakeVirtioCounts(Bus).Contexts, COUNT);
	for (int Index = 0; Index < COUNT; Index++) {
		SimProcessEnd(Processes[Index]);
		DriverUnpinned(&Scenes[Index].Pinned, Index % 2 ? STATUS_SUCCESS : STATUS_CANCELLED);
		assert_int_equal(FakeVirtioCounts(Bus).Contexts, COUNT - 1 - Index);
	}
	assert_int_equal(FakeVirtioCounts(Bus).Errors, 0);
	DriverStop();
}

int main(void)
{
	const struct CMUnitTest Tests[] = {
		cmocka_unit_test(CancelledPin),
		cmocka_unit_test(ThreadEnds),
		cmocka_unit_test(ThreadEndsAfterRelease),
		cmocka_unit_test(CancelledUnderTheDevice),
		cmocka_unit_test(ProcessEnds),
		cmocka_unit_test(ProcessEndsAfterRelease),
		cmocka_unit_test(ProcessEndsUnderTheDevice),
		cmocka_unit_test(ManyProcesses),
	};

	return cmocka_run_group_tests_name("processes", Tests, NULL, NULL);
}
