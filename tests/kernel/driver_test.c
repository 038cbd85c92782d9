/* SPDX-License-Identifier: MIT */
#include "driver_test.h"
#include "../../sim/pci/fake_pair.h"

NTSTATUS NTAPI FxDriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath);

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
