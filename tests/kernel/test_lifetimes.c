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

static void PinAndRelease(void **State)
{
	struct vgpu_memory_release Release = {.memory_id = 7};
	SIM_USER_FILE *File;
	PINNED Pinned;

	(void)State;
	DriverStartFake(SimInterruptsMessage);
	File = DriverOpen();
	DriverPin(File, 7, MIB, &Pinned);
	assert_int_equal(DriverStatistics(File, VGPU_SCOPE_HANDLE).live_memory, MIB);
	assert_int_equal(CALL_IN(File, VGPU_IOCTL_MEMORY_RELEASE, &Release), STATUS_SUCCESS);
	DriverUnpinned(&Pinned, STATUS_SUCCESS);
	assert_int_equal(CALL_IN(File, VGPU_IOCTL_MEMORY_RELEASE, &Release), STATUS_INVALID_HANDLE);
	assert_int_equal(DriverStatistics(File, VGPU_SCOPE_HANDLE).live_memory, 0);
	SimUserClose(File);
	DriverStop();
}

static void PinCancelled(void **State)
{
	SIM_USER_FILE *File;
	PINNED Pinned;

	(void)State;
	DriverStartFake(SimInterruptsMessage);
	File = DriverOpen();
	DriverPin(File, 1, MIB, &Pinned);
	assert_int_equal(SimUserCancel(File, &Pinned.Request), STATUS_SUCCESS);
	DriverUnpinned(&Pinned, STATUS_CANCELLED);
	DriverPin(File, 1, MIB, &Pinned); /* the id is free again */
	SimUserClose(File);
	DriverUnpinned(&Pinned, STATUS_SUCCESS);
	DriverStop();
}

static void IdsCollide(void **State)
{
	struct vgpu_memory_pin Pin = {.memory_id = 1};
	HARNESS_REQUEST Request;
	SIM_USER_FILE *File;
	PINNED Pinned;
	void *Other = aligned_alloc(VGPU_PAGE_SIZE, VGPU_PAGE_SIZE);

	(void)State;
	DriverStartFake(SimInterruptsMessage);
	File = DriverOpen();
	DriverPin(File, 1, VGPU_PAGE_SIZE, &Pinned);
	HarnessSend(File, VGPU_IOCTL_MEMORY_PIN, &Pin, sizeof(Pin), Other, VGPU_PAGE_SIZE, &Request);
	assert_int_equal(HarnessWait(&Request), STATUS_OBJECT_NAME_COLLISION);
	SimUserClose(File);
	DriverUnpinned(&Pinned, STATUS_SUCCESS);
	free(Other);
	DriverStop();
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

static void FencesInMemory(void **State)
{
	volatile uint64_t *Completed;
	SIM_USER_FILE *File;
	uint32_t Context;
	PINNED Pinned;
	SIM_BUS *Bus;

	(void)State;
	Bus = DriverStartFake(SimInterruptsMessage);
	File = DriverOpen();
	DriverPin(File, 1, 2 * VGPU_PAGE_SIZE, &Pinned);
	Completed = (uint64_t *)Pinned.Memory + 600;
	*Completed = 99;
	Context = DriverContext(File, 1, 4800);
	assert_int_equal(*Completed, 0);
	for (uint64_t Number = 1; Number <= 1000; Number++) {
		assert_int_equal(DriverFence(File, Context), Number);
		assert_int_equal(DriverWaitFor(File, Context, Number, FOREVER), STATUS_SUCCESS);
		assert_true(*Completed >= Number);
	}
	assert_int_equal(DriverWaitFor(File, Context, 1001, FOREVER), STATUS_INVALID_PARAMETER);
	SimUserClose(File);
	DriverUnpinned(&Pinned, STATUS_SUCCESS);
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

/* More commands than there are: requests take turns. */
static void MoreThanFits(void **State)
{
	SIM_USER_FILE *File;
	uint32_t Context;
	uint64_t Number = 0;
	PINNED Pinned;

	(void)State;
	DriverStartFake(SimInterruptsMessage);
	File = DriverOpen();
	DriverPin(File, 1, MIB, &Pinned);
	Context = DriverContext(File, 1, 0);
	for (int Index = 0; Index < 5000; Index++) {
		struct vgpu_submit Submit = {.context_id = Context,
			.flags = VGPU_SUBMIT_FENCE,
			.stream = {.memory_id = 1, .offset = 4096 + 4 * (uint64_t)Index, .size = 65536}};

		assert_int_equal(CALL_BOTH(File, VGPU_IOCTL_SUBMIT, &Submit), STATUS_SUCCESS);
		Number = Submit.fence_number;
	}
	assert_int_equal(Number, 5000);
	assert_int_equal(DriverWaitFor(File, Context, Number, FOREVER), STATUS_SUCCESS);
	assert_int_equal(DriverStatistics(File, VGPU_SCOPE_HANDLE).submit_bytes, 5000ull * 65536);
	SimUserClose(File);
	DriverUnpinned(&Pinned, STATUS_SUCCESS);
	DriverStop();
}

static void CopiedStreams(void **State)
{
	static uint32_t Stream[SUBMIT_MOST / 4];
	struct vgpu_device_info Info;
	SIM_USER_FILE *File;
	uint32_t Context;

	(void)State;
	DriverStartFake(SimInterruptsMessage);
	File = DriverOpen();
	assert_int_equal(DriverCall(File, VGPU_IOCTL_QUERY, &Info, 0, sizeof(Info)), STATUS_SUCCESS);
	assert_true(Info.max_submit >= 65536);
	Context = DriverContext(File, 0, 0);
	for (uint64_t Size = 4; Size <= sizeof(Stream) && Size <= Info.max_submit; Size = Size * 3 + 4) {
		struct vgpu_submit_copy Submit = {
			.context_id = Context, .flags = VGPU_SUBMIT_FENCE, .address = (uintptr_t)Stream, .size = Size};

		assert_int_equal(CALL_BOTH(File, VGPU_IOCTL_SUBMIT_COPY, &Submit), STATUS_SUCCESS);
		assert_int_equal(DriverWaitFor(File, Context, Submit.fence_number, FOREVER), STATUS_SUCCESS);
	}
	assert_true(DriverStatistics(File, VGPU_SCOPE_HANDLE).bytes_copied > 0);
	SimUserClose(File);
	DriverStop();
}

/* A second context waits for the first one's fence before its own stream is queued. */
static void FenceOfAnother(void **State)
{
	SIM_USER_FILE *File;
	uint32_t First, Second;

	(void)State;
	DriverStartFake(SimInterruptsMessage);
	File = DriverOpen();
	First = DriverContext(File, 0, 0);
	Second = DriverContext(File, 0, 0);
	for (int Index = 0; Index < 50; Index++) {
		struct vgpu_submit Submit = {.context_id = Second, .flags = VGPU_SUBMIT_FENCE, .num_in_fences = 1};

		Submit.in_fences[0].context_id = First;
		Submit.in_fences[0].number = DriverFence(File, First);
		assert_int_equal(CALL_BOTH(File, VGPU_IOCTL_SUBMIT, &Submit), STATUS_SUCCESS);
		assert_int_equal(DriverWaitFor(File, First, Submit.in_fences[0].number, 0), STATUS_SUCCESS);
	}
	SimUserClose(File);
	DriverStop();
}

/* Two handles know nothing of each other's objects. */
static void HandlesAreApart(void **State)
{
	struct vgpu_resource Names = {0};
	SIM_USER_FILE *One, *Two;
	uint32_t Context;

	(void)State;
	DriverStartFake(SimInterruptsMessage);
	One = DriverOpen();
	Two = DriverOpen();
	Context = DriverContext(One, 0, 0);
	Names.resource_id = DriverTexture(One, Context, 16, 16, 0, 0);
	assert_int_equal(CALL_IN(Two, VGPU_IOCTL_RESOURCE_DESTROY, &Names), STATUS_INVALID_HANDLE);
	assert_int_equal(DriverWaitFor(Two, Context, 1, 0), STATUS_INVALID_HANDLE);
	Names.context_id = Context;
	assert_int_equal(CALL_IN(Two, VGPU_IOCTL_RESOURCE_ATTACH, &Names), STATUS_INVALID_HANDLE);
	assert_int_equal(CALL_IN(One, VGPU_IOCTL_RESOURCE_DETACH, &Names), STATUS_SUCCESS);
	assert_int_equal(CALL_IN(One, VGPU_IOCTL_RESOURCE_ATTACH, &Names), STATUS_SUCCESS);
	SimUserClose(One);
	SimUserClose(Two);
	DriverStop();
}

int main(void)
{
	const struct CMUnitTest Tests[] = {
		cmocka_unit_test(StartsWithMessages),
		cmocka_unit_test(StartsWithLine),
		cmocka_unit_test(PinAndRelease),
		cmocka_unit_test(PinCancelled),
		cmocka_unit_test(IdsCollide),
		cmocka_unit_test(MemoryOutlivesItsRelease),
		cmocka_unit_test(FencesInMemory),
		cmocka_unit_test(WaitsEnd),
		cmocka_unit_test(WaitsEndWithTheirContext),
		cmocka_unit_test(CloseUndoesAll),
		cmocka_unit_test(MoreThanFits),
		cmocka_unit_test(CopiedStreams),
		cmocka_unit_test(FenceOfAnother),
		cmocka_unit_test(HandlesAreApart),
	};

	return cmocka_run_group_tests_name("lifetimes", Tests, NULL, NULL);
}
