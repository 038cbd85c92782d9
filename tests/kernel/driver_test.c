/* SPDX-License-Identifier: MIT */
#include "driver_test.h"
#include "../../sim/pci/fake_pair.h"

#include <stdlib.h>
#include <string.h>

NTSTATUS NTAPI FxDriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath);

const GUID DriverInterface = VGPU_INTERFACE_GUID_INIT;

static void Load(void)
{
	assert_int_equal(SimLoadDriver(FxDriverEntry, FAKE_VIRTIO_VENDOR, FAKE_VIRTIO_DEVICE), STATUS_SUCCESS);
}

SIM_BUS *DriverStartFake(SIM_INTERRUPTS Interrupts)
{
	return DriverStartFakeWith(Interrupts, NULL);
}

void DriverStartQemu(SIM_INTERRUPTS Interrupts)
{
	const SIM_OPTIONS Options = {.RamPath = HarnessQemuRam(),
		.BusPath = HarnessQemuSocket(),
		.Interrupts = Interrupts,
		.Seed = 11,
		.CollectViolations = TRUE};

	assert_int_equal(SimStart(&Options), 0);
	Load();
}

void DriverStop(void)
{
	assert_int_equal(SimStop(), 0);
}

SIM_USER_FILE *DriverOpenDevice(ULONG Index)
{
	struct vgpu_open Open = {.abi_major = VGPU_ABI_MAJOR, .abi_minor = VGPU_ABI_MINOR};
	SIM_USER_FILE *File = NULL;
	WCHAR Name[200];
	ULONG Chars = 0;

	assert_true(SimUserInterface(&DriverInterface, Index, Name, 200));
	while (Name[Chars])
		Chars++;
	assert_int_equal(SimUserOpen(Name, Chars, FILE_READ_DATA | FILE_WRITE_DATA, &File), STATUS_SUCCESS);
	assert_int_equal(CALL_BOTH(File, VGPU_IOCTL_OPEN, &Open), STATUS_SUCCESS);
	return File;
}

SIM_USER_FILE *DriverOpen(void)
{
	SIM_USER_FILE *File = HarnessOpen(&DriverInterface);
	struct vgpu_open Open = {.abi_major = VGPU_ABI_MAJOR, .abi_minor = VGPU_ABI_MINOR};

	assert_int_equal(CALL_BOTH(File, VGPU_IOCTL_OPEN, &Open), STATUS_SUCCESS);
	assert_int_equal(Open.abi_major, VGPU_ABI_MAJOR);
	return File;
}

void DriverPin(SIM_USER_FILE *File, uint32_t Id, size_t Bytes, PINNED *Pinned)
{
	struct vgpu_memory_pin Pin = {.memory_id = Id};

	memset(Pinned, 0, sizeof(*Pinned));
	Pinned->Bytes = Bytes;
	Pinned->Memory = aligned_alloc(VGPU_PAGE_SIZE, Bytes);
	assert_non_null(Pinned->Memory);
	memset(Pinned->Memory, 0, Bytes);
	assert_int_equal(HarnessSend(File, VGPU_IOCTL_MEMORY_PIN, &Pin, sizeof(Pin), Pinned->Memory, (ULONG)Bytes,
				 &Pinned->Request),
		STATUS_PENDING);
}

void DriverUnpinned(PINNED *Pinned, NTSTATUS Expected)
{
	assert_int_equal(HarnessWait(&Pinned->Request), Expected);
	free(Pinned->Memory);
	Pinned->Memory = NULL;
}

NTSTATUS DriverCall(SIM_USER_FILE *File, ULONG Code, void *Buffer, ULONG InputBytes, ULONG OutputBytes)
{
	ULONG_PTR Information;

	return HarnessIoctl(File, Code, Buffer, InputBytes, OutputBytes ? Buffer : NULL, OutputBytes, &Information);
}

uint32_t DriverContext(SIM_USER_FILE *File, uint32_t FenceMemory, uint64_t FenceOffset)
{
	struct vgpu_context_create Create = {.num_rings = 1,
		.fence_memory_id = FenceMemory,
		.fence_offset = FenceOffset,
		.name_length = 4,
		.name = "test"};

	assert_int_equal(CALL_BOTH(File, VGPU_IOCTL_CONTEXT_CREATE, &Create), STATUS_SUCCESS);
	assert_int_not_equal(Create.context_id, 0);
	return Create.context_id;
}

uint32_t DriverTexture(
	SIM_USER_FILE *File, uint32_t Context, uint32_t Width, uint32_t Height, uint32_t Memory, uint64_t Offset)
{
	struct vgpu_resource_create Create = {.target = 2, /* PIPE_TEXTURE_2D */
		.format = 1, /* VIRGL_FORMAT_B8G8R8A8_UNORM */
		.bind = 2 | 8, /* render target, sampler view */
		.width = Width,
		.height = Height,
		.depth = 1,
		.array_size = 1,
		.context_id = Context,
		.backing = {.memory_id = Memory, .offset = Offset, .size = Memory ? 4ull * Width * Height : 0}};

	assert_int_equal(CALL_BOTH(File, VGPU_IOCTL_RESOURCE_CREATE, &Create), STATUS_SUCCESS);
	assert_int_not_equal(Create.resource_id, 0);
	return Create.resource_id;
}

uint64_t DriverFence(SIM_USER_FILE *File, uint32_t Context)
{
	struct vgpu_submit Submit = {.context_id = Context, .flags = VGPU_SUBMIT_FENCE};

	assert_int_equal(CALL_BOTH(File, VGPU_IOCTL_SUBMIT, &Submit), STATUS_SUCCESS);
	assert_int_not_equal(Submit.fence_number, 0);
	return Submit.fence_number;
}

struct vgpu_statistics DriverStatistics(SIM_USER_FILE *File, uint32_t Scope)
{
	struct vgpu_statistics_query Query = {.scope = Scope};
	struct vgpu_statistics Statistics;
	ULONG_PTR Information;

	assert_int_equal(HarnessIoctl(File, VGPU_IOCTL_STATISTICS, &Query, sizeof(Query), &Statistics,
				 sizeof(Statistics), &Information),
		STATUS_SUCCESS);
	assert_int_equal(Information, sizeof(Statistics));
	return Statistics;
}

NTSTATUS DriverWaitFor(SIM_USER_FILE *File, uint32_t Context, uint64_t Number, uint64_t TimeoutNs)
{
	struct vgpu_wait Wait = {.fence = {.context_id = Context, .number = Number}, .timeout_ns = TimeoutNs};

	return CALL_IN(File, VGPU_IOCTL_WAIT, &Wait);
}

/* Vary: what is not as usual. */
static SIM_BUS *StartOffering(unsigned Offers, SIM_OPTIONS Vary)
{
	if (!Vary.Bus)
		Vary.Bus = FakeVirtioCreate();
	Vary.RamPath = HarnessRam();
	Vary.Seed = 5;
	Vary.CollectViolations = TRUE;
	assert_non_null(Vary.Bus);
	if (Offers)
		FakeVirtioOffer(Vary.Bus, Offers);
	assert_int_equal(SimStart(&Vary), 0);
	HarnessRamRemove();
	return Vary.Bus;
}

static SIM_BUS *StartFake(SIM_OPTIONS Vary)
{
	return StartOffering(0, Vary);
}

SIM_BUS *DriverStartOffering(unsigned Offers, SIM_OPTIONS Vary)
{
	SIM_BUS *Bus = StartOffering(Offers, Vary);

	Load();
	return Bus;
}

static SIM_BUS *StartAndLoad(SIM_OPTIONS Vary)
{
	return DriverStartOffering(0, Vary);
}

SIM_BUS *DriverStartFakeWith(SIM_INTERRUPTS Interrupts, const char *RegistryValues)
{
	return StartAndLoad((SIM_OPTIONS){.Interrupts = Interrupts, .RegistryValues = RegistryValues});
}

SIM_BUS *DriverStartFragmented(const char *RegistryValues, uint64_t LargestContiguous)
{
	return StartAndLoad((SIM_OPTIONS){.RegistryValues = RegistryValues, .LargestContiguous = LargestContiguous});
}

SIM_BUS *DriverStartFakeWithout(const char *Routines)
{
	return StartAndLoad((SIM_OPTIONS){.Interrupts = SimInterruptsLine, .MissingRoutines = Routines});
}

void DriverStartPair(SIM_INTERRUPTS Interrupts, SIM_BUS *Buses[2])
{
	Buses[0] = FakeVirtioCreate();
	Buses[1] = FakeVirtioCreate();
	assert_true(Buses[0] && Buses[1]);
	StartAndLoad((SIM_OPTIONS){.Interrupts = Interrupts,
		.RegistryValues = "DeviceTimeoutMs=1000",
		.Bus = FakePairCreate(Buses[0], Buses[1])});
}

NTSTATUS DriverTryStart(FAKE_FAULT Fault)
{
	NTSTATUS Status;

	FakeVirtioFault(StartFake((SIM_OPTIONS){0}), Fault);
	Status = SimLoadDriver(FxDriverEntry, FAKE_VIRTIO_VENDOR, FAKE_VIRTIO_DEVICE);
	DriverStop();
	return Status;
}
