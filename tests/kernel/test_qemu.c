/* SPDX-License-Identifier: MIT */
/* The driver on QEMU's virtio-gpu-gl: capsets, a cleared texture read back, and QEMU's sudden end. */
#include "driver_test.h"

#include <string.h>

#define FOREVER VGPU_WAIT_FOREVER
#define WIDTH 64u
#define HEIGHT 64u
#define STREAM_AT 4096u
#define PIXELS_AT (65536u + 20u) /* backing needs no alignment */

/* virgl's encoding: length in dwords << 16 | object type << 8 | command */
#define VIRGL(Command, Object, Length) ((Command) | (Object) << 8 | (uint32_t)(Length) << 16)

/* A surface of the texture, bound as the framebuffer, cleared to a colour. The dwords written. */
static size_t ClearStream(uint32_t *Stream, uint32_t Texture, const float Colour[4])
{
	static const double Depth = 1.0;
	size_t At = 0;

	Stream[At++] = VIRGL(1u, 8u, 5); /* create a surface: handle, resource, format, level, layers */
	Stream[At++] = 1;
	Stream[At++] = Texture;
	Stream[At++] = 1;
	Stream[At++] = 0;
	Stream[At++] = 0;
	Stream[At++] = VIRGL(5u, 0u, 3); /* framebuffer: colour buffers, depth, surface */
	Stream[At++] = 1;
	Stream[At++] = 0;
	Stream[At++] = 1;
	Stream[At++] = VIRGL(7u, 0u, 8); /* clear: buffers, colour, depth, stencil */
	Stream[At++] = 4;
	memcpy(&Stream[At], Colour, 16);
	At += 4;
	memcpy(&Stream[At], &Depth, 8);
	At += 2;
	Stream[At++] = 0;
	return At;
}

static void ClearAndReadBack(SIM_INTERRUPTS Interrupts)
{
	static const float Colour[4] = {0.25f, 0.5f, 0.75f, 1.0f};
	struct vgpu_submit Submit = {.flags = VGPU_SUBMIT_FENCE};
	struct vgpu_transfer Transfer = {.flags = VGPU_TRANSFER_FROM_HOST | VGPU_TRANSFER_FENCE,
		.width = WIDTH,
		.height = HEIGHT,
		.depth = 1,
		.stride = 4 * WIDTH,
		.layer_stride = 4 * WIDTH * HEIGHT};
	const uint8_t *Pixels;
	SIM_USER_FILE *File;
	PINNED Pinned;

	DriverStartQemu(Interrupts);
	File = DriverOpen();
	DriverPin(File, 1, 1 << 20, &Pinned);
	Transfer.context_id = Submit.context_id = DriverContext(File, 1, 0);
	Transfer.resource_id = DriverTexture(File, Submit.context_id, WIDTH, HEIGHT, 1, PIXELS_AT);
	Submit.stream.memory_id = 1;
	Submit.stream.offset = STREAM_AT;
	Submit.stream.size =
		4 * ClearStream((uint32_t *)((uint8_t *)Pinned.Memory + STREAM_AT), Transfer.resource_id, Colour);
	assert_int_equal(CALL_BOTH(File, VGPU_IOCTL_SUBMIT, &Submit), STATUS_SUCCESS);
	assert_int_equal(CALL_BOTH(File, VGPU_IOCTL_TRANSFER, &Transfer), STATUS_SUCCESS);
	assert_int_equal(Transfer.fence_number, Submit.fence_number + 1);
	assert_int_equal(DriverWaitFor(File, Submit.context_id, Transfer.fence_number, FOREVER), STATUS_SUCCESS);
	assert_int_equal(*(volatile uint64_t *)Pinned.Memory, Transfer.fence_number);
	Pixels = (uint8_t *)Pinned.Memory + PIXELS_AT;
	for (unsigned Pixel = 0; Pixel < WIDTH * HEIGHT; Pixel++) {
		assert_in_range(Pixels[4 * Pixel], 190, 192); /* blue, green, red, alpha */
		assert_in_range(Pixels[4 * Pixel + 1], 127, 128);
		assert_in_range(Pixels[4 * Pixel + 2], 63, 64);
		assert_int_equal(Pixels[4 * Pixel + 3], 255);
	}
	assert_int_equal(Pixels[-1], 0);
	assert_int_equal(Pixels[4 * WIDTH * HEIGHT], 0);
	SimUserClose(File);
	DriverUnpinned(&Pinned, STATUS_SUCCESS);
	DriverStop();
}

static void ClearWithMessages(void **State)
{
	(void)State;
	ClearAndReadBack(SimInterruptsMessage);
}

static void ClearWithLine(void **State)
{
	(void)State;
	ClearAndReadBack(SimInterruptsLine);
}

static void Capsets(void **State)
{
	struct vgpu_capset_info Info = {0};
	struct vgpu_capset Capset = {0};
	static _Alignas(4) uint8_t Data[VGPU_MAX_CAPSET_SIZE];
	struct vgpu_device_info Device;
	ULONG_PTR Information;
	SIM_USER_FILE *File;

	(void)State;
	DriverStartQemu(SimInterruptsMessage);
	File = DriverOpen();
	assert_int_equal(DriverCall(File, VGPU_IOCTL_QUERY, &Device, 0, sizeof(Device)), STATUS_SUCCESS);
	assert_true(Device.capabilities & VGPU_CAP_3D);
	assert_true(Device.num_capsets >= 2);
	assert_int_equal(Device.pci_vendor, 0x1af4);
	for (Info.index = 0; Info.index < Device.num_capsets; Info.index++) {
		Info.id = Info.max_version = Info.max_size = 0;
		assert_int_equal(CALL_BOTH(File, VGPU_IOCTL_CAPSET_INFO, &Info), STATUS_SUCCESS);
		Capset.id = Info.id;
		Capset.version = Info.max_version;
		assert_int_equal(HarnessIoctl(File, VGPU_IOCTL_CAPSET, &Capset, sizeof(Capset), Data, Info.max_size,
					 &Information),
			STATUS_SUCCESS);
		assert_int_equal(Information, Info.max_size);
		/* Both of virgl's capsets begin with their version. */
		if (Info.id == VIRTIO_GPU_CAPSET_VIRGL || Info.id == VIRTIO_GPU_CAPSET_VIRGL2)
			assert_int_equal(*(uint32_t *)Data, Info.max_version);
	}
	Info.id = Info.max_version = Info.max_size = 0;
	assert_int_equal(CALL_BOTH(File, VGPU_IOCTL_CAPSET_INFO, &Info), STATUS_NO_MORE_ENTRIES);
	SimUserClose(File);
	DriverStop();
}

static void Killed(void **State)
{
	struct vgpu_wait Wait = {.timeout_ns = FOREVER};
	HARNESS_REQUEST Request;
	NTSTATUS Status;
	SIM_USER_FILE *File;

	(void)State;
	DriverStartQemu(SimInterruptsMessage);
	File = DriverOpen();
	Wait.fence.context_id = DriverContext(File, 0, 0);
	HarnessQemuKill();
	Wait.fence.number = DriverFence(File, Wait.fence.context_id);
	Status = HarnessSend(File, VGPU_IOCTL_WAIT, &Wait, sizeof(Wait), NULL, 0, &Request);
	assert_true(Status == STATUS_PENDING || Status == STATUS_DEVICE_HARDWARE_ERROR);
	assert_int_equal(HarnessWait(&Request), STATUS_DEVICE_HARDWARE_ERROR);
	SimUserClose(File);
	DriverStop();
}

static int Start(void **State)
{
	(void)State;
	if (HarnessQemuStart())
		return 0;
	print_message("no QEMU here\n");
	return -1;
}

static int Stop(void **State)
{
	(void)State;
	HarnessQemuStop();
	return 0;
}

int main(void)
{
	const struct CMUnitTest Tests[] = {
		cmocka_unit_test_setup_teardown(ClearWithMessages, Start, Stop),
		cmocka_unit_test_setup_teardown(ClearWithLine, Start, Stop),
		cmocka_unit_test_setup_teardown(Capsets, Start, Stop),
		cmocka_unit_test_setup_teardown(Killed, Start, Stop),
	};

	return cmocka_run_group_tests_name("qemu", Tests, NULL, NULL);
}
