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

/* Requests of every kind that may be under way at a moment: a wait, a pin, a stream that the device reads. */
static void BeginWork(SCENE *Scene, HARNESS_REQUEST *Request)
{
	struct vgpu_submit Submit = {
		.context_id = Scene->Context, .stream = {.memory_id = 1, .offset = 65536, .size = 64}};
	struct vgpu_wait Wait = {.fence.context_id = Scene->Context, .timeout_ns = FOREVER};

	FakeVirtioHold(Scene->Bus, true);
	assert_int_equal(CALL_BOTH(Scene->File, VGPU_IOCTL_SUBMIT, &Submit), STATUS_SUCCESS);
	Wait.fence.number = DriverFence(Scene->File, Scene->Context);
	assert_int_equal(
		HarnessSend(Scene->File, VGPU_IOCTL_WAIT, &Wait, sizeof(Wait), NULL, 0, Request), STATUS_PENDING);
}

/* The old context is lost; a new one works with the same memory, which has stayed pinned. */
static void ExpectNew(SCENE *Scene, HARNESS_REQUEST *Request)
{
	struct vgpu_submit Submit = {.context_id = Scene->Context, .flags = VGPU_SUBMIT_FENCE};
	struct vgpu_context_destroy Destroy = {.context_id = Scene->Context};

	assert_int_equal(HarnessWait(Request), STATUS_DEVICE_REQUIRES_CLEANING);
	FakeVirtioHold(Scene->Bus, false);
	assert_int_equal(Scene->Pinned.Request.Completions, 0);
	assert_int_equal(CALL_BOTH(Scene->File, VGPU_IOCTL_SUBMIT, &Submit), STATUS_DEVICE_REQUIRES_CLEANING);
	assert_int_equal(CALL_IN(Scene->File, VGPU_IOCTL_CONTEXT_DESTROY, &Destroy), STATUS_SUCCESS);
	Scene->Context = DriverContext(Scene->File, 1, 8);
	DriverTexture(Scene->File, Scene->Context, 64, 64, 1, 4096);
	assert_int_equal(DriverWaitFor(Scene->File, Scene->Context, DriverFence(Scene->File, Scene->Context), FOREVER),
		STATUS_SUCCESS);
	assert_int_equal(FakeVirtioCounts(Scene->Bus).Errors, 0);
}

static void Rebalanced(void **State)
{
	HARNESS_REQUEST Request;
	SCENE Scene;

	(void)State;
	Begin(&Scene);
	for (int Round = 0; Round < 3; Round++) {
		BeginWork(&Scene, &Request);
		assert_int_equal(SimRebalance(), STATUS_SUCCESS);
		ExpectNew(&Scene, &Request);
	}
	SimUserClose(Scene.File);
	DriverUnpinned(&Scene.Pinned, STATUS_SUCCESS);
	DriverStop();
}

/* Sleep, rebalancing once awake, removal with the handle open: each with work under way. */
static void OneAfterAnother(void **State)
{
	HARNESS_REQUEST Request;
	SCENE Scene;

	(void)State;
	Begin(&Scene);
	BeginWork(&Scene, &Request);
	assert_int_equal(SimPowerDown(), STATUS_SUCCESS);
	assert_int_equal(SimRebalance(), STATUS_INVALID_DEVICE_STATE);
	assert_int_equal(SimPowerUp(), STATUS_SUCCESS);
	ExpectNew(&Scene, &Request);
	BeginWork(&Scene, &Request);
	assert_int_equal(SimRebalance(), STATUS_SUCCESS);
	ExpectNew(&Scene, &Request);
	BeginWork(&Scene, &Request);
	assert_int_equal(SimPowerDown(), STATUS_SUCCESS);
	assert_int_equal(HarnessWait(&Request), STATUS_DEVICE_REQUIRES_CLEANING);
	FakeVirtioFault(Scene.Bus, FakeFaultGone);
	assert_int_equal(SimSurpriseRemove(), STATUS_SUCCESS);
	SimUserClose(Scene.File);
	DriverUnpinned(&Scene.Pinned, STATUS_SUCCESS);
	DriverStop();
}

#define OFFERS (FAKE_OFFER_BLOB | FAKE_OFFER_REGION | FAKE_OFFER_CONTEXT_INIT)
#define VENUS 4u

static void ExpectOffered(SIM_USER_FILE *File, bool More)
{
	const uint32_t Extra = VGPU_CAP_BLOB | VGPU_CAP_CONTEXT_INIT;
	struct vgpu_device_info Info = {0};
	struct vgpu_capset Capset = {.id = VENUS};
	struct vgpu_context_create Create = {.num_rings = 1, .capset_id = VENUS};
	uint8_t Bytes[512];

	assert_int_equal(DriverCall(File, VGPU_IOCTL_QUERY, &Info, 0, sizeof(Info)), STATUS_SUCCESS);
	assert_int_equal(Info.capabilities & Extra, More ? Extra : 0);
	assert_int_equal(Info.num_capsets, More ? 2 : 1);
	memcpy(Bytes, &Capset, sizeof(Capset));
	assert_int_equal(DriverCall(File, VGPU_IOCTL_CAPSET, Bytes, sizeof(Capset), sizeof(Bytes)),
		More ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER);
	assert_int_equal(
		CALL_BOTH(File, VGPU_IOCTL_CONTEXT_CREATE, &Create), More ? STATUS_SUCCESS : STATUS_NOT_SUPPORTED);
}

/* Hibernated, and continued on a host that can do less, then on the first again. */
static void WokenElsewhere(void **State)
{
	SIM_USER_FILE *File;
	uint32_t Context;
	SIM_BUS *Bus;

	(void)State;
	Bus = DriverStartOffering(OFFERS, (SIM_OPTIONS){0});
	File = DriverOpen();
	ExpectOffered(File, true);
	for (int Round = 0; Round < 4; Round++) {
		bool More = Round % 2;

		Context = DriverContext(File, 0, 0);
		assert_int_equal(SimPowerDown(), STATUS_SUCCESS);
		FakeVirtioReplace(Bus, More ? OFFERS : 0);
		assert_int_equal(SimPowerUp(), STATUS_SUCCESS);
		assert_int_equal(DriverWaitFor(File, Context, 1, FOREVER), STATUS_DEVICE_REQUIRES_CLEANING);
		ExpectOffered(File, More);
		Context = DriverContext(File, 0, 0);
		assert_int_equal(DriverWaitFor(File, Context, DriverFence(File, Context), FOREVER), STATUS_SUCCESS);
	}
	assert_int_equal(FakeVirtioCounts(Bus).Errors, 0);
	SimUserClose(File);
	DriverStop();
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
		cmocka_unit_test(Rebalanced),
		cmocka_unit_test(OneAfterAnother),
		cmocka_unit_test(WokenElsewhere),
	};

	return cmocka_run_group_tests_name("pnp", Tests, NULL, NULL);
}
