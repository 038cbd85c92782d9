/* SPDX-License-Identifier: MIT */
/* Two devices in one machine: each has its interface, its objects and its troubles. */
#include "driver_test.h"

#include <stdlib.h>

typedef struct SCENE {
	SIM_BUS *Buses[2];
	SIM_USER_FILE *Files[2];
	uint32_t Contexts[2];
	PINNED Pinned[2];
} SCENE;

/* Interfaces come in no order: which model a handle is of says the slot. */
static void Open(SCENE *Scene, ULONG Interface)
{
	SIM_USER_FILE *File = DriverOpenDevice(Interface);
	struct vgpu_device_info Info;

	assert_int_equal(HarnessIoctl(File, VGPU_IOCTL_QUERY, NULL, 0, &Info, sizeof(Info), NULL), STATUS_SUCCESS);
	assert_in_range(Info.pci_slot, FAKE_VIRTIO_FUNCTION >> 3, (FAKE_VIRTIO_FUNCTION >> 3) + 1);
	assert_null(Scene->Files[Info.pci_slot - (FAKE_VIRTIO_FUNCTION >> 3)]);
	Scene->Files[Info.pci_slot - (FAKE_VIRTIO_FUNCTION >> 3)] = File;
}

static void Begin(SCENE *Scene, SIM_INTERRUPTS Interrupts)
{
	WCHAR Name[200];

	*Scene = (SCENE){0};
	DriverStartPair(Interrupts, Scene->Buses);
	assert_false(SimUserInterface(&DriverInterface, 2, Name, 200));
	Open(Scene, 0);
	Open(Scene, 1);
	for (ULONG Index = 0; Index < 2; Index++) {
		DriverPin(Scene->Files[Index], 1, 65536, &Scene->Pinned[Index]);
		Scene->Contexts[Index] = DriverContext(Scene->Files[Index], 1, 0);
		DriverTexture(Scene->Files[Index], Scene->Contexts[Index], 64, 64, 1, 4096);
	}
}

static void End(SCENE *Scene)
{
	for (ULONG Index = 0; Index < 2; Index++) {
		SimUserClose(Scene->Files[Index]);
		DriverUnpinned(&Scene->Pinned[Index], STATUS_SUCCESS);
		assert_int_equal(FakeVirtioCounts(Scene->Buses[Index]).Contexts, 0);
		assert_int_equal(FakeVirtioCounts(Scene->Buses[Index]).Errors, 0);
	}
	DriverStop();
}

static NTSTATUS Draw(SCENE *Scene, ULONG Index)
{
	return DriverWaitFor(Scene->Files[Index], Scene->Contexts[Index],
		DriverFence(Scene->Files[Index], Scene->Contexts[Index]), VGPU_WAIT_FOREVER);
}

static void Both(SIM_INTERRUPTS Interrupts)
{
	SCENE Scene;

	Begin(&Scene, Interrupts);
	for (ULONG Index = 0; Index < 2; Index++) {
		assert_int_equal(FakeVirtioCounts(Scene.Buses[Index]).Contexts, 1);
		assert_int_equal(FakeVirtioCounts(Scene.Buses[Index]).Resources, 1);
	}
	for (int Round = 0; Round < 50; Round++)
		assert_int_equal(Draw(&Scene, Round % 2), STATUS_SUCCESS);
	for (ULONG Index = 0; Index < 2; Index++)
		assert_int_equal(DriverStatistics(Scene.Files[Index], VGPU_SCOPE_DEVICE).fences, 25);
	End(&Scene);
}

static void Messages(void **State)
{
	(void)State;
	Both(SimInterruptsMessage);
}

static void SharedLine(void **State)
{
	(void)State;
	Both(SimInterruptsLine);
}

/* One hangs and is reset; the other does not notice. */
static void OneHangs(void **State)
{
	SCENE Scene;

	(void)State;
	Begin(&Scene, SimInterruptsMessage);
	assert_int_equal(Draw(&Scene, 0), STATUS_SUCCESS);
	FakeVirtioHold(Scene.Buses[0], true);
	assert_int_equal(Draw(&Scene, 0), STATUS_DEVICE_REQUIRES_CLEANING);
	FakeVirtioHold(Scene.Buses[0], false);
	assert_int_equal(Draw(&Scene, 1), STATUS_SUCCESS);
	assert_int_equal(DriverStatistics(Scene.Files[0], VGPU_SCOPE_DEVICE).hangs, 1);
	assert_int_equal(DriverStatistics(Scene.Files[1], VGPU_SCOPE_DEVICE).hangs, 0);
	assert_int_equal(DriverStatistics(Scene.Files[1], VGPU_SCOPE_DEVICE).resets, 0);
	End(&Scene);
}

int main(void)
{
	const struct CMUnitTest Tests[] = {
		cmocka_unit_test(Messages),
		cmocka_unit_test(SharedLine),
		cmocka_unit_test(OneHangs),
	};

	return cmocka_run_group_tests_name("devices", Tests, NULL, NULL);
}
