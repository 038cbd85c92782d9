/* SPDX-License-Identifier: MIT */
/* Contexts of several capsets and rings: each ring is a timeline of its own. */
#include "driver_test.h"
#include "../../sim/host/host.h"

#include <string.h>

#define VIRGL 1u
#define VENUS 4u
#define SHORT_NS 20000000ull

static SIM_USER_FILE *File;
static SIM_BUS *Bus;

static void Start(void)
{
	Bus = DriverStartOffering(FAKE_OFFER_CONTEXT_INIT, (SIM_OPTIONS){.Interrupts = SimInterruptsMessage});
	File = DriverOpen();
}

static void Stop(void)
{
	assert_int_equal(FakeVirtioCounts(Bus).Errors, 0);
	SimUserClose(File);
	DriverStop();
}

static NTSTATUS Try(uint32_t Capset, uint32_t Rings, uint32_t Memory, uint64_t Offset, uint32_t *Id)
{
	struct vgpu_context_create Create = {
		.capset_id = Capset, .num_rings = Rings, .fence_memory_id = Memory, .fence_offset = Offset};
	NTSTATUS Status = CALL_BOTH(File, VGPU_IOCTL_CONTEXT_CREATE, &Create);

	*Id = NT_SUCCESS(Status) ? Create.context_id : 0;
	return Status;
}

static uint32_t Make(uint32_t Capset, uint32_t Rings, uint32_t Memory)
{
	uint32_t Id;

	assert_int_equal(Try(Capset, Rings, Memory, 0, &Id), STATUS_SUCCESS);
	return Id;
}

static uint64_t Fence(uint32_t Context, uint32_t Ring)
{
	struct vgpu_submit Submit = {.context_id = Context, .ring = Ring, .flags = VGPU_SUBMIT_FENCE};

	assert_int_equal(CALL_BOTH(File, VGPU_IOCTL_SUBMIT, &Submit), STATUS_SUCCESS);
	return Submit.fence_number;
}

static NTSTATUS Wait(uint32_t Context, uint32_t Ring, uint64_t Number, uint64_t TimeoutNs)
{
	struct vgpu_wait Request = {
		.fence = {.context_id = Context, .ring = Ring, .number = Number}, .timeout_ns = TimeoutNs};

	return CALL_IN(File, VGPU_IOCTL_WAIT, &Request);
}

static void AnyCapset(void **State)
{
	struct vgpu_device_info Info;
	struct vgpu_capset_info Capset = {.index = 1};
	uint32_t Id;

	(void)State;
	Start();
	assert_int_equal(HarnessIoctl(File, VGPU_IOCTL_QUERY, NULL, 0, &Info, sizeof(Info), NULL), STATUS_SUCCESS);
	assert_true(Info.capabilities & VGPU_CAP_CONTEXT_INIT);
	assert_int_equal(Info.num_capsets, 2);
	assert_int_equal(Info.max_rings, VGPU_MAX_RINGS);
	assert_int_equal(CALL_BOTH(File, VGPU_IOCTL_CAPSET_INFO, &Capset), STATUS_SUCCESS);
	assert_int_equal(Capset.id, VENUS);
	(void)Make(0, 1, 0);
	(void)Make(VIRGL, 1, 0);
	(void)Make(VENUS, VGPU_MAX_RINGS, 0);
	assert_int_equal(Try(2, 1, 0, 0, &Id), STATUS_INVALID_PARAMETER);
	assert_int_equal(Try(VENUS | 256, 1, 0, 0, &Id), STATUS_INVALID_PARAMETER);
	assert_int_equal(Try(VENUS, 0, 0, 0, &Id), STATUS_INVALID_PARAMETER);
	assert_int_equal(Try(VENUS, VGPU_MAX_RINGS + 1, 0, 0, &Id), STATUS_INVALID_PARAMETER);
	assert_int_equal(Try(VENUS, UINT32_MAX, 0, 0, &Id), STATUS_INVALID_PARAMETER);
	Stop();
}

static void NotOffered(void **State)
{
	uint32_t Id;

	(void)State;
	Bus = DriverStartOffering(0, (SIM_OPTIONS){0});
	File = DriverOpen();
	assert_int_equal(Try(VIRGL, 1, 0, 0, &Id), STATUS_NOT_SUPPORTED);
	assert_int_equal(Try(0, 2, 0, 0, &Id), STATUS_NOT_SUPPORTED);
	(void)Make(0, 1, 0);
	Stop();
}

static void WrongRing(void **State)
{
	uint32_t Context;
	struct vgpu_submit Submit;

	(void)State;
	Start();
	Context = Make(VENUS, 3, 0);
	(void)Fence(Context, 2);
	for (uint32_t Ring = 3; Ring < 300; Ring += 61) {
		Submit = (struct vgpu_submit){.context_id = Context, .ring = Ring, .flags = VGPU_SUBMIT_FENCE};
		assert_int_equal(CALL_BOTH(File, VGPU_IOCTL_SUBMIT, &Submit), STATUS_INVALID_PARAMETER);
		assert_int_equal(Wait(Context, Ring, 1, 0), STATUS_INVALID_PARAMETER);
	}
	assert_int_equal(Wait(Context, 1, 1, 0), STATUS_INVALID_PARAMETER); /* never given out */
	Stop();
}

/* The page tells of each ring apart; a ring that stays behind keeps nobody. */
static void OutOfOrder(void **State)
{
	const volatile uint64_t *Numbers;
	uint64_t Last[VGPU_MAX_RINGS];
	uint32_t Context, Other;
	PINNED Page;

	(void)State;
	Start();
	DriverPin(File, 1, VGPU_PAGE_SIZE, &Page);
	Numbers = (const volatile uint64_t *)Page.Memory;
	Context = Make(VENUS, VGPU_MAX_RINGS, 1);
	Other = Make(VIRGL, 2, 0);
	FakeVirtioHoldRing(Bus, 0, true);
	FakeVirtioHoldRing(Bus, 63, true);
	for (uint32_t Round = 1; Round <= 3; Round++)
		for (uint32_t Ring = 0; Ring < VGPU_MAX_RINGS; Ring += 7)
			assert_int_equal(Last[Ring] = Fence(Context, Ring), Round);
	for (uint32_t Ring = 7; Ring < 63; Ring += 7) {
		assert_int_equal(Wait(Context, Ring, Last[Ring], VGPU_WAIT_FOREVER), STATUS_SUCCESS);
		assert_int_equal(Numbers[Ring], 3);
	}
	assert_int_equal(Wait(Context, 63, 1, SHORT_NS), STATUS_IO_TIMEOUT);
	assert_int_equal(Numbers[63], 0);
	FakeVirtioHoldRing(Bus, 63, false);
	assert_int_equal(Wait(Context, 63, 3, VGPU_WAIT_FOREVER), STATUS_SUCCESS);
	assert_int_equal(Numbers[63], 3);
	assert_int_equal(Numbers[0], 0);
	assert_int_equal(Wait(Other, 1, Fence(Other, 1), VGPU_WAIT_FOREVER), STATUS_SUCCESS);
	FakeVirtioHoldRing(Bus, 0, false);
	assert_int_equal(Wait(Context, 0, 3, VGPU_WAIT_FOREVER), STATUS_SUCCESS);
	assert_int_equal(Numbers[0], 3);
	assert_int_equal(Numbers[1], 0);
	SimUserClose(File);
	DriverUnpinned(&Page, STATUS_SUCCESS);
	assert_int_equal(FakeVirtioCounts(Bus).Errors, 0);
	DriverStop();
}

/* A stream that waits for another ring's fence is sent when that is signalled, and not before. */
static void InFences(void **State)
{
	struct vgpu_submit Submit;
	uint32_t Context;

	(void)State;
	Start();
	Context = Make(VENUS, 4, 0);
	Submit = (struct vgpu_submit){.context_id = Context,
		.ring = 1,
		.flags = VGPU_SUBMIT_FENCE,
		.num_in_fences = 2,
		.in_fences = {{.context_id = Context, .ring = 2, .number = Fence(Context, 2)},
			{.context_id = Context, .ring = 3, .number = Fence(Context, 3)}}};
	assert_int_equal(CALL_BOTH(File, VGPU_IOCTL_SUBMIT, &Submit), STATUS_SUCCESS);
	assert_int_equal(Wait(Context, 1, Submit.fence_number, VGPU_WAIT_FOREVER), STATUS_SUCCESS);
	assert_int_equal(Wait(Context, 2, 1, 0), STATUS_SUCCESS);
	assert_int_equal(Wait(Context, 3, 1, 0), STATUS_SUCCESS);
	Submit.fence_number = 0;
	Submit.in_fences[1].number = 9;
	assert_int_equal(CALL_BOTH(File, VGPU_IOCTL_SUBMIT, &Submit), STATUS_INVALID_PARAMETER);
	Stop();
}

/* Destroying a context ends the waits on all of its rings. */
static void DestroyedWithRingsOpen(void **State)
{
	struct vgpu_context_destroy Destroy;
	HARNESS_REQUEST Requests[8];
	struct vgpu_wait Wait;
	uint32_t Context;

	(void)State;
	Start();
	Context = Make(VENUS, 8, 0);
	for (uint32_t Ring = 0; Ring < 8; Ring++) {
		memset(&Requests[Ring], 0, sizeof(Requests[Ring]));
		FakeVirtioHoldRing(Bus, Ring, true);
		Wait = (struct vgpu_wait){
			.fence = {.context_id = Context, .ring = Ring, .number = Fence(Context, Ring)},
			.timeout_ns = VGPU_WAIT_FOREVER};
		assert_int_equal(HarnessSend(File, VGPU_IOCTL_WAIT, &Wait, sizeof(Wait), NULL, 0, &Requests[Ring]),
			STATUS_PENDING);
	}
	Destroy = (struct vgpu_context_destroy){.context_id = Context};
	assert_int_equal(CALL_IN(File, VGPU_IOCTL_CONTEXT_DESTROY, &Destroy), STATUS_SUCCESS);
	for (uint32_t Ring = 0; Ring < 8; Ring++)
		assert_int_equal(HarnessWait(&Requests[Ring]), STATUS_CANCELLED);
	for (uint32_t Ring = 0; Ring < 8; Ring++)
		FakeVirtioHoldRing(Bus, Ring, false);
	Stop();
}

int main(void)
{
	const struct CMUnitTest Tests[] = {
		cmocka_unit_test(AnyCapset),
		cmocka_unit_test(NotOffered),
		cmocka_unit_test(WrongRing),
		cmocka_unit_test(OutOfOrder),
		cmocka_unit_test(InFences),
		cmocka_unit_test(DestroyedWithRingsOpen),
	};

	return cmocka_run_group_tests_name("driver rings", Tests, NULL, NULL);
}
