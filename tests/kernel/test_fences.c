/* SPDX-License-Identifier: MIT */
/* Thousands of fences under way, each with a wait of its own, on several contexts and handles. */
#include "driver_test.h"

#include <stdlib.h>

enum { HANDLES = 2, CONTEXTS = 4, FENCES = 640, ALL = HANDLES * CONTEXTS * FENCES };

typedef struct SCENE {
	SIM_BUS *Bus;
	SIM_USER_FILE *Files[HANDLES];
	PINNED Pinned[HANDLES];
	uint32_t Contexts[HANDLES][CONTEXTS];
	HARNESS_REQUEST *Waits; /* ALL of them: by handle, context, fence */
} SCENE;

static volatile uint64_t *Page(SCENE *Scene, int Handle, int Context)
{
	return (volatile uint64_t *)Scene->Pinned[Handle].Memory + Context;
}

/* Round robin over the contexts, so that neighbours in the queue are of different ones. */
static void Begin(SCENE *Scene)
{
	Scene->Bus = DriverStartFake(SimInterruptsMessage);
	Scene->Waits = calloc(ALL, sizeof(*Scene->Waits));
	for (int Handle = 0; Handle < HANDLES; Handle++) {
		Scene->Files[Handle] = DriverOpen();
		DriverPin(Scene->Files[Handle], 1, VGPU_PAGE_SIZE, &Scene->Pinned[Handle]);
		for (int Context = 0; Context < CONTEXTS; Context++)
			Scene->Contexts[Handle][Context] = DriverContext(Scene->Files[Handle], 1, 8u * Context);
	}
	FakeVirtioHold(Scene->Bus, true);
	for (int Index = 0; Index < ALL; Index++) {
		int Handle = Index % HANDLES, Context = Index / HANDLES % CONTEXTS, Fence = Index / HANDLES / CONTEXTS;
		struct vgpu_wait Wait = {
			.fence.context_id = Scene->Contexts[Handle][Context], .timeout_ns = VGPU_WAIT_FOREVER};

		Wait.fence.number = DriverFence(Scene->Files[Handle], Wait.fence.context_id);
		assert_int_equal(Wait.fence.number, Fence + 1);
		assert_int_equal(HarnessSend(Scene->Files[Handle], VGPU_IOCTL_WAIT, &Wait, sizeof(Wait), NULL, 0,
					 &Scene->Waits[(Handle * CONTEXTS + Context) * FENCES + Fence]),
			STATUS_PENDING);
	}
	for (int Index = 0; Index < ALL; Index++)
		assert_int_equal(Scene->Waits[Index].Completions, 0);
}

static void End(SCENE *Scene)
{
	for (int Handle = 0; Handle < HANDLES; Handle++) {
		SimUserClose(Scene->Files[Handle]);
		DriverUnpinned(&Scene->Pinned[Handle], STATUS_SUCCESS);
	}
	free(Scene->Waits);
	DriverStop();
}

static void AllComplete(void **State)
{
	SCENE Scene;

	(void)State;
	Begin(&Scene);
	assert_int_equal(*Page(&Scene, 1, 3), 0);
	FakeVirtioHold(Scene.Bus, false);
	for (int Index = 0; Index < ALL; Index++)
		assert_int_equal(HarnessWait(&Scene.Waits[Index]), STATUS_SUCCESS);
	for (int Handle = 0; Handle < HANDLES; Handle++)
		for (int Context = 0; Context < CONTEXTS; Context++)
			assert_int_equal(*Page(&Scene, Handle, Context), FENCES);
	assert_int_equal(DriverStatistics(Scene.Files[0], VGPU_SCOPE_DEVICE).fences, ALL);
	assert_int_equal(DriverStatistics(Scene.Files[0], VGPU_SCOPE_DEVICE).queue_full, 0);
	assert_int_equal(FakeVirtioCounts(Scene.Bus).Errors, 0);
	End(&Scene);
}

/* One context of each handle is destroyed while all is under way: its waits end, the others' do not. */
static void SomeEnd(void **State)
{
	SCENE Scene;

	(void)State;
	Begin(&Scene);
	for (int Handle = 0; Handle < HANDLES; Handle++) {
		struct vgpu_context_destroy Destroy = {.context_id = Scene.Contexts[Handle][1]};

		assert_int_equal(CALL_IN(Scene.Files[Handle], VGPU_IOCTL_CONTEXT_DESTROY, &Destroy), STATUS_SUCCESS);
	}
	for (int Index = 0; Index < ALL; Index++) {
		if (Index / FENCES % CONTEXTS == 1)
			assert_int_equal(HarnessWait(&Scene.Waits[Index]), STATUS_CANCELLED);
		else
			assert_int_equal(Scene.Waits[Index].Completions, 0);
	}
	FakeVirtioHold(Scene.Bus, false);
	for (int Index = 0; Index < ALL; Index++)
		assert_int_equal(HarnessWait(&Scene.Waits[Index]),
			Index / FENCES % CONTEXTS == 1 ? STATUS_CANCELLED : STATUS_SUCCESS);
	End(&Scene);
}

/* A device that goes away takes all of them with it. */
static void AllLost(void **State)
{
	SCENE Scene;

	(void)State;
	Begin(&Scene);
	FakeVirtioFault(Scene.Bus, FakeFaultGone);
	assert_int_equal(SimSurpriseRemove(), STATUS_SUCCESS);
	for (int Index = 0; Index < ALL; Index++)
		assert_int_equal(HarnessWait(&Scene.Waits[Index]), STATUS_DEVICE_REMOVED);
	assert_int_equal(DriverStatistics(Scene.Files[0], VGPU_SCOPE_DEVICE).commands_lost, ALL);
	End(&Scene);
}

int main(void)
{
	const struct CMUnitTest Tests[] = {
		cmocka_unit_test(AllComplete),
		cmocka_unit_test(SomeEnd),
		cmocka_unit_test(AllLost),
	};

	return cmocka_run_group_tests_name("fences", Tests, NULL, NULL);
}
