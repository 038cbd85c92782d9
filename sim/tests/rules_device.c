/* SPDX-License-Identifier: MIT */
/* rules_device.c - rules of device memory, and of programs that see it. */
#include "rules.h"

#include <string.h>

#include "../pci/fake_internal.h"

#define PAGES 2u

static FAKE_VIRTIO *Fake;
static PHYSICAL_ADDRESS Region;

static void Start(void)
{
	SIM_OPTIONS Options = {
		.RamPath = HarnessRam(), .Seed = 7, .CollectViolations = TRUE, .Bus = FakeVirtioCreate()};

	assert_non_null(Options.Bus);
	FakeVirtioOffer(Options.Bus, FAKE_OFFER_BLOB | FAKE_OFFER_REGION);
	Fake = (FAKE_VIRTIO *)Options.Bus;
	assert_int_equal(SimStart(&Options), 0);
	HarnessRamRemove();
	Region.QuadPart = (LONGLONG)FakeRegionAddress(Fake);
}

static PMDL Describe(void)
{
	MM_PHYSICAL_ADDRESS_LIST List = {.PhysicalAddress = Region, .NumberOfBytes = PAGES * PAGE_SIZE};
	PMDL Mdl;

	assert_int_equal(MmAllocateMdlForIoSpace(&List, 1, &Mdl), STATUS_SUCCESS);
	return Mdl;
}

static PVOID Show(PMDL Mdl, MEMORY_CACHING_TYPE Cache)
{
	return MmMapLockedPagesSpecifyCache(Mdl, UserMode, Cache, NULL, FALSE, NormalPagePriority);
}

/* Seen by a program, they are the device's own bytes. */
static void Shown(void **State)
{
	uint8_t *Seen;
	PMDL Mdl;

	(void)State;
	Start();
	Mdl = Describe();
	Seen = Show(Mdl, MmCached);
	assert_non_null(Seen);
	Seen[PAGE_SIZE] = 0x5a;
	assert_int_equal(Fake->Region[PAGE_SIZE], 0x5a);
	Fake->Region[5] = 0xa5;
	assert_int_equal(Seen[5], 0xa5);
	MmUnmapLockedPages(Seen, Mdl);
	assert_false(HostProbe(Seen, PAGE_SIZE, false));
	IoFreeMdl(Mdl);
	assert_int_equal(SimStop(), 0);
}

static void NotADevices(void **State)
{
	MM_PHYSICAL_ADDRESS_LIST List = {.PhysicalAddress.QuadPart = 0x100000, .NumberOfBytes = PAGE_SIZE};
	PMDL Mdl;

	(void)State;
	Start();
	assert_int_equal(MmAllocateMdlForIoSpace(&List, 1, &Mdl), STATUS_INVALID_PARAMETER);
	BROKEN(MappingBad);
}

static void HalfAPage(void **State)
{
	MM_PHYSICAL_ADDRESS_LIST List = {.PhysicalAddress = {.QuadPart = 0}, .NumberOfBytes = 100};
	PMDL Mdl;

	(void)State;
	Start();
	List.PhysicalAddress = Region;
	assert_int_equal(MmAllocateMdlForIoSpace(&List, 1, &Mdl), STATUS_INVALID_PARAMETER);
	BROKEN(MappingBad);
}

static void CachedAndNot(void **State)
{
	PVOID Kernel, Seen;
	PMDL Mdl;

	(void)State;
	Start();
	Kernel = MmMapIoSpace(Region, PAGES * PAGE_SIZE, MmNonCached);
	Mdl = IoAllocateMdl(Kernel, PAGES * PAGE_SIZE, FALSE, FALSE, NULL);
	MmBuildMdlForNonPagedPool(Mdl);
	Seen = Show(Mdl, MmWriteCombined);
	MmUnmapLockedPages(Seen, Mdl);
	IoFreeMdl(Mdl);
	MmUnmapIoSpace(Kernel, PAGES * PAGE_SIZE);
	BROKEN(MappingCache);
}

static void LeftShown(void **State)
{
	PMDL Mdl;

	(void)State;
	Start();
	Mdl = Describe();
	(void)Show(Mdl, MmCached);
	IoFreeMdl(Mdl);
	BROKEN(MappingLeak);
}

/* A mapped blob of two pages at the start of the region. */
static void MapBlob(void)
{
	uint8_t Command[56] = {0}, Answer[8];
	const uint32_t Words[] = {1, 2, 1}; /* id, host memory, mappable */
	const uint64_t Size = PAGES * PAGE_SIZE;
	uint32_t Length;

	Fake->DriverFeatures = 1ull << FAKE_FEATURE_BLOB;
	Fake->Contexts[1] = 1;
	memcpy(Command + 24, Words, sizeof(Words));
	memcpy(Command + 48, &Size, sizeof(Size));
	assert_int_equal(FakeBlobCreate(Fake, Command, sizeof(Command), 1), 0x1100);
	memset(Command + 28, 0, sizeof(Command) - 28);
	assert_int_equal(FakeBlobMap(Fake, Command, 40, Answer, sizeof(Answer), &Length), 0x1106);
}

static void UnmappedWhileShown(void **State)
{
	PVOID Seen;
	PMDL Mdl;

	(void)State;
	Start();
	MapBlob();
	Mdl = Describe();
	Seen = Show(Mdl, MmCached);
	assert_int_equal(FakeBlobUnmap(Fake, 1), 0x1100);
	MmUnmapLockedPages(Seen, Mdl);
	IoFreeMdl(Mdl);
	BROKEN(DeviceForgets);
}

static void ResetWhileShown(void **State)
{
	PVOID Seen;
	PMDL Mdl;

	(void)State;
	Start();
	MapBlob();
	Mdl = Describe();
	Seen = Show(Mdl, MmCached);
	FakeBlobForget(Fake, true);
	MmUnmapLockedPages(Seen, Mdl);
	IoFreeMdl(Mdl);
	BROKEN(DeviceForgets);
}

const struct CMUnitTest DeviceRuleTests[] = {
	cmocka_unit_test(Shown),
	cmocka_unit_test(NotADevices),
	cmocka_unit_test(HalfAPage),
	cmocka_unit_test(CachedAndNot),
	cmocka_unit_test(LeftShown),
	cmocka_unit_test(UnmappedWhileShown),
	cmocka_unit_test(ResetWhileShown),
};
const size_t DeviceRuleTestCount = sizeof(DeviceRuleTests) / sizeof(DeviceRuleTests[0]);
