/* SPDX-License-Identifier: MIT */
/*
 * driver_scene.c - the real driver draws: pins memory, makes a context and a texture, submits a stream that clears it,
 * reads it back. On the model device that shows the driver's paths; on QEMU's device the pixels are looked at as well.
 */
#include "driver.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#define SIDE 64
#define PIXELS_OFFSET 8192
#define ARENA_SIZE (PIXELS_OFFSET + SIDE * SIDE * 4)
#define ARENA_ID 5
#define STREAM_WORDS 19

static UCHAR *Arena;
static HARNESS_REQUEST Pin;

/* virgl: a surface of the texture as frame buffer, then clear it to (0.25, 0.5, 0.75, 1). */
static void WriteStream(uint32_t *Words, uint32_t Resource)
{
	const float Color[4] = {0.25f, 0.5f, 0.75f, 1.0f};
	const double Depth = 1.0;
	const uint32_t Head[] = {
		1 | 8 << 8 | 5 << 16, 1, Resource, 1, 0, 0, 5 | 0 << 8 | 3 << 16, 1, 0, 1, 7 | 8 << 16, 4};

	memcpy(Words, Head, sizeof(Head));
	memcpy(Words + 12, Color, sizeof(Color));
	memcpy(Words + 16, &Depth, sizeof(Depth));
	Words[18] = 0;
}

static uint64_t ReadBack(SIM_USER_FILE *File, uint32_t Context, uint32_t Resource)
{
	struct vgpu_transfer Transfer = {
		.context_id = Context,
		.resource_id = Resource,
		.flags = VGPU_TRANSFER_FROM_HOST | VGPU_TRANSFER_FENCE,
		.width = SIDE,
		.height = SIDE,
		.depth = 1,
		.stride = SIDE * 4,
		.layer_stride = SIDE * SIDE * 4,
	};

	DriverCall(File, VGPU_IOCTL_TRANSFER, &Transfer, sizeof(Transfer));
	return Transfer.fence_number;
}

static void CheckPixels(void)
{
	for (int i = 0; i < SIDE * SIDE; i++) {
		const UCHAR *Pixel = Arena + PIXELS_OFFSET + 4 * i;

		if (Pixel[0] != 191 || Pixel[1] < 127 || Pixel[1] > 128 || Pixel[2] != 64 || Pixel[3] != 255)
			fail_msg("pixel %d is %02x%02x%02x%02x", i, Pixel[0], Pixel[1], Pixel[2], Pixel[3]);
	}
}

static void Queries(SIM_USER_FILE *File)
{
	struct vgpu_device_info Info;
	struct vgpu_capset_info Capset = {.index = 0};
	struct vgpu_capset Get;
	UCHAR Bytes[4096];
	ULONG_PTR Length;

	assert_int_equal(HarnessIoctl(File, VGPU_IOCTL_QUERY, NULL, 0, &Info, sizeof(Info), &Length), STATUS_SUCCESS);
	assert_int_equal(Length, sizeof(Info));
	assert_true(Info.capabilities & VGPU_CAP_3D);
	assert_true(Info.num_capsets >= 1);
	DriverCall(File, VGPU_IOCTL_CAPSET_INFO, &Capset, sizeof(Capset));
	Get.id = Capset.id;
	Get.version = Capset.max_version;
	assert_int_equal(HarnessIoctl(File, VGPU_IOCTL_CAPSET, &Get, sizeof(Get), Bytes, sizeof(Bytes), &Length),
		STATUS_SUCCESS);
	assert_int_equal(Length, Capset.max_size);
}

static void Scene(BOOLEAN Pixels)
{
	SIM_USER_FILE *File = DriverOpen();
	struct vgpu_memory_release Release = {.memory_id = ARENA_ID};
	struct vgpu_context_destroy Destroy;
	struct vgpu_resource Unref = {0};
	uint32_t Context;

	Arena = mmap(NULL, ARENA_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_true(Arena != MAP_FAILED);
	memset(Arena, 0xee, ARENA_SIZE);
	Queries(File);
	Context = DriverContext(File);
	DriverPin(File, ARENA_ID, Arena, ARENA_SIZE, &Pin);
	Unref.resource_id = DriverTexture(File, Context, SIDE, SIDE, ARENA_ID, PIXELS_OFFSET);
	WriteStream((uint32_t *)(void *)Arena, Unref.resource_id);
	DriverFenceWait(File, Context, DriverSubmit(File, Context, ARENA_ID, 0, STREAM_WORDS * 4));
	DriverFenceWait(File, Context, ReadBack(File, Context, Unref.resource_id));
	if (Pixels)
		CheckPixels();
	assert_int_equal(DriverTell(File, VGPU_IOCTL_RESOURCE_DESTROY, &Unref, sizeof(Unref)), STATUS_SUCCESS);
	Destroy = (struct vgpu_context_destroy){.context_id = Context};
	assert_int_equal(DriverTell(File, VGPU_IOCTL_CONTEXT_DESTROY, &Destroy, sizeof(Destroy)), STATUS_SUCCESS);
	assert_int_equal(DriverTell(File, VGPU_IOCTL_MEMORY_RELEASE, &Release, sizeof(Release)), STATUS_SUCCESS);
	assert_int_equal(HarnessWait(&Pin), STATUS_SUCCESS);
	SimUserClose(File);
	if (Pixels)
		CheckPixels(); /* still there, in private memory again */
	munmap(Arena, ARENA_SIZE);
}

static void OnModel(SIM_INTERRUPTS Interrupts)
{
	SIM_BUS *Bus = HarnessStartFake(Interrupts, 0);
	FAKE_COUNTS Counts;

	assert_int_equal(SimLoadDriver(FxDriverEntry, FAKE_VIRTIO_VENDOR, FAKE_VIRTIO_DEVICE), STATUS_SUCCESS);
	Scene(FALSE);
	Counts = FakeVirtioCounts(Bus);
	assert_int_equal(Counts.Errors, 0);
	assert_int_equal(Counts.Resources, 0);
	assert_int_equal(Counts.Contexts, 0);
	assert_true(Counts.Interrupts > 0);
	assert_int_equal(SimStop(), 0);
}

static void ModelWithMessages(void **State)
{
	(void)State;
	OnModel(SimInterruptsMessage);
}

static void ModelWithLine(void **State)
{
	(void)State;
	OnModel(SimInterruptsLine);
}

static void OnQemu(SIM_INTERRUPTS Interrupts, ULONG64 Seed)
{
	SIM_OPTIONS Options = {.Interrupts = Interrupts, .Seed = Seed, .CollectViolations = TRUE};

	assert_true(HarnessQemuStart()); /* set-up installs it: missing is a failure */
	Options.RamPath = HarnessQemuRam();
	Options.BusPath = HarnessQemuSocket();
	assert_int_equal(SimStart(&Options), 0);
	assert_int_equal(SimLoadDriver(FxDriverEntry, FAKE_VIRTIO_VENDOR, FAKE_VIRTIO_DEVICE), STATUS_SUCCESS);
	Scene(TRUE);
	assert_int_equal(SimStop(), 0);
	HarnessQemuStop();
}

static void QemuWithMessages(void **State)
{
	(void)State;
	OnQemu(SimInterruptsMessage, 1);
}

static void QemuWithLine(void **State)
{
	(void)State;
	OnQemu(SimInterruptsLine, 2);
}

/* The device dies while the program has everything open. */
static void QemuKilled(void **State)
{
	SIM_OPTIONS Options = {.Seed = 3, .CollectViolations = TRUE, .RegistryValues = "TimeoutMs=1000"};
	SIM_USER_FILE *File;
	uint32_t Context;

	(void)State;
	assert_true(HarnessQemuStart()); /* set-up installs it: missing is a failure */
	Options.RamPath = HarnessQemuRam();
	Options.BusPath = HarnessQemuSocket();
	assert_int_equal(SimStart(&Options), 0);
	assert_int_equal(SimLoadDriver(FxDriverEntry, FAKE_VIRTIO_VENDOR, FAKE_VIRTIO_DEVICE), STATUS_SUCCESS);
	File = DriverOpen();
	Context = DriverContext(File);
	Arena = mmap(NULL, ARENA_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_true(Arena != MAP_FAILED);
	DriverPin(File, ARENA_ID, Arena, ARENA_SIZE, &Pin);
	DriverTexture(File, Context, SIDE, SIDE, ARENA_ID, PIXELS_OFFSET);
	HarnessQemuKill();
	SimUserClose(File);
	HarnessWait(&Pin);
	munmap(Arena, ARENA_SIZE);
	assert_int_equal(SimStop(), 0);
	HarnessQemuStop();
}

int main(void)
{
	const struct CMUnitTest Tests[] = {
		cmocka_unit_test(ModelWithMessages),
		cmocka_unit_test(ModelWithLine),
		cmocka_unit_test(QemuWithMessages),
		cmocka_unit_test(QemuWithLine),
		cmocka_unit_test(QemuKilled),
	};

	return cmocka_run_group_tests_name("driver scene", Tests, NULL, NULL);
}
