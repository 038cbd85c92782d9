/* SPDX-License-Identifier: MIT */
/* What a handle owns, on a device that keeps the rules: natively on the model, under Wine on QEMU's. */
#include "driver_test.h"

#define MIB (1u << 20)
#define FOREVER VGPU_WAIT_FOREVER
#define SUBMIT_MOST (1u << 20)

static void PinAndRelease(void **State)
{
	struct vgpu_memory_release Release = {.memory_id = 7};
	SIM_USER_FILE *File;
	PINNED Pinned;

	(void)State;
	File = DriverOpen();
	DriverPin(File, 7, MIB, &Pinned);
	assert_int_equal(DriverStatistics(File, VGPU_SCOPE_HANDLE).live_memory, MIB);
	assert_int_equal(CALL_IN(File, VGPU_IOCTL_MEMORY_RELEASE, &Release), STATUS_SUCCESS);
	DriverUnpinned(&Pinned, STATUS_SUCCESS);
	assert_int_equal(CALL_IN(File, VGPU_IOCTL_MEMORY_RELEASE, &Release), STATUS_INVALID_HANDLE);
	assert_int_equal(DriverStatistics(File, VGPU_SCOPE_HANDLE).live_memory, 0);
	SimUserClose(File);
}

static void PinCancelled(void **State)
{
	SIM_USER_FILE *File;
	PINNED Pinned;

	(void)State;
	File = DriverOpen();
	DriverPin(File, 1, MIB, &Pinned);
	assert_int_equal(HarnessCancel(File, &Pinned.Request), STATUS_SUCCESS);
	DriverUnpinned(&Pinned, STATUS_CANCELLED);
	DriverPin(File, 1, MIB, &Pinned); /* the id is free again */
	SimUserClose(File);
	DriverUnpinned(&Pinned, STATUS_SUCCESS);
}

static void IdsCollide(void **State)
{
	struct vgpu_memory_pin Pin = {.memory_id = 1};
	HARNESS_REQUEST Request;
	SIM_USER_FILE *File;
	PINNED Pinned;
	void *Other = HarnessPages(VGPU_PAGE_SIZE);

	(void)State;
	File = DriverOpen();
	DriverPin(File, 1, VGPU_PAGE_SIZE, &Pinned);
	HarnessSend(File, VGPU_IOCTL_MEMORY_PIN, &Pin, sizeof(Pin), Other, VGPU_PAGE_SIZE, &Request);
	assert_int_equal(HarnessWait(&Request), STATUS_OBJECT_NAME_COLLISION);
	SimUserClose(File);
	DriverUnpinned(&Pinned, STATUS_SUCCESS);
	HarnessPagesFree(Other);
}

static void FencesInMemory(void **State)
{
	volatile uint64_t *Completed;
	SIM_USER_FILE *File;
	uint32_t Context;
	PINNED Pinned;

	(void)State;
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
}

/* More commands than there are: requests take turns. */
static void MoreThanFits(void **State)
{
	SIM_USER_FILE *File;
	uint32_t Context;
	uint64_t Number = 0;
	PINNED Pinned;

	(void)State;
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
}

static void CopiedStreams(void **State)
{
	static uint32_t Stream[SUBMIT_MOST / 4];
	struct vgpu_device_info Info;
	SIM_USER_FILE *File;
	uint32_t Context;

	(void)State;
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
}

/* A second context waits for the first one's fence before its own stream is queued. */
static void FenceOfAnother(void **State)
{
	SIM_USER_FILE *File;
	uint32_t First, Second;

	(void)State;
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
}

/* Two handles know nothing of each other's objects. */
static void HandlesAreApart(void **State)
{
	struct vgpu_resource Names = {0};
	SIM_USER_FILE *One, *Two;
	uint32_t Context;

	(void)State;
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
}

static int Start(void **State)
{
	(void)State;
	DriverStartFake(SimInterruptsMessage);
	return 0;
}

static int Stop(void **State)
{
	(void)State;
	DriverStop();
	return 0;
}

int main(void)
{
	const struct CMUnitTest Tests[] = {
		cmocka_unit_test_setup_teardown(PinAndRelease, Start, Stop),
		cmocka_unit_test_setup_teardown(PinCancelled, Start, Stop),
		cmocka_unit_test_setup_teardown(IdsCollide, Start, Stop),
		cmocka_unit_test_setup_teardown(FencesInMemory, Start, Stop),
		cmocka_unit_test_setup_teardown(MoreThanFits, Start, Stop),
		cmocka_unit_test_setup_teardown(CopiedStreams, Start, Stop),
		cmocka_unit_test_setup_teardown(FenceOfAnother, Start, Stop),
		cmocka_unit_test_setup_teardown(HandlesAreApart, Start, Stop),
	};

	return cmocka_run_group_tests_name("handles", Tests, NULL, NULL);
}
