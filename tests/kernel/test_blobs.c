/* SPDX-License-Identifier: MIT */
/* Blob resources, and host memory that programs see: where it comes from, how it ends, what a device may say of it. */
#include "driver_test.h"
#include "../../sim/host/host.h"

#include <pthread.h>
#include <string.h>

#define ALL (FAKE_OFFER_BLOB | FAKE_OFFER_REGION)
#define PAGE VGPU_PAGE_SIZE
#define MIB (1u << 20)
#define REGION (16 * MIB)
#define GUEST 1u
#define HOST 2u
#define BOTH 3u
#define MAPPABLE 1u

static SIM_USER_FILE *File;
static SIM_BUS *Bus;
static uint32_t Context;

static void Start(const char *RegistryValues)
{
	Bus = DriverStartOffering(ALL, (SIM_OPTIONS){.RegistryValues = RegistryValues});
	File = DriverOpen();
	Context = DriverContext(File, 0, 0);
}

static void Stop(void)
{
	SimUserClose(File);
	DriverStop();
}

static struct vgpu_resource_create_blob Blob(uint32_t Memory, uint64_t Size)
{
	return (struct vgpu_resource_create_blob){
		.blob_mem = Memory, .blob_flags = MAPPABLE, .blob_id = 7, .size = Size, .context_id = Context};
}

static NTSTATUS Try(struct vgpu_resource_create_blob Create)
{
	return CALL_BOTH(File, VGPU_IOCTL_RESOURCE_CREATE_BLOB, &Create);
}

static uint32_t Make(uint64_t Size)
{
	struct vgpu_resource_create_blob Create = Blob(HOST, Size);

	assert_int_equal(CALL_BOTH(File, VGPU_IOCTL_RESOURCE_CREATE_BLOB, &Create), STATUS_SUCCESS);
	assert_int_not_equal(Create.resource_id, 0);
	return Create.resource_id;
}

static NTSTATUS TryMap(uint32_t Id, struct vgpu_resource_map *Map)
{
	*Map = (struct vgpu_resource_map){.resource_id = Id};
	return CALL_BOTH(File, VGPU_IOCTL_RESOURCE_MAP, Map);
}

static uint8_t *Show(uint32_t Id, uint64_t Size)
{
	struct vgpu_resource_map Map;

	assert_int_equal(TryMap(Id, &Map), STATUS_SUCCESS);
	assert_int_equal(Map.size, Size);
	assert_int_equal(Map.cache, VGPU_MAP_CACHE_CACHED);
	assert_int_equal(Map.address % PAGE, 0);
	assert_int_not_equal(Map.address, 0);
	return (uint8_t *)(uintptr_t)Map.address;
}

static NTSTATUS Name(ULONG Code, uint32_t Id)
{
	struct vgpu_resource Names = {.resource_id = Id};

	return CALL_IN(File, Code, &Names);
}

static NTSTATUS Hide(uint32_t Id)
{
	return Name(VGPU_IOCTL_RESOURCE_UNMAP, Id);
}

static NTSTATUS Destroy(uint32_t Id)
{
	return Name(VGPU_IOCTL_RESOURCE_DESTROY, Id);
}

static void Settle(void)
{
	assert_int_equal(DriverWaitFor(File, Context, DriverFence(File, Context), VGPU_WAIT_FOREVER), STATUS_SUCCESS);
}

static bool Visible(const uint8_t *Memory)
{
	return HostProbe(Memory, PAGE, false);
}

static uint32_t Capabilities(void)
{
	struct vgpu_device_info Info;

	assert_int_equal(HarnessIoctl(File, VGPU_IOCTL_QUERY, NULL, 0, &Info, sizeof(Info), NULL), STATUS_SUCCESS);
	return Info.capabilities;
}

/* ---- what is offered ---- */

static void NothingOffered(void **State)
{
	struct vgpu_resource_map Map;

	(void)State;
	Bus = DriverStartOffering(0, (SIM_OPTIONS){0});
	File = DriverOpen();
	Context = DriverContext(File, 0, 0);
	assert_int_equal(Capabilities() & (VGPU_CAP_BLOB | VGPU_CAP_HOST_VISIBLE), 0);
	assert_int_equal(Try(Blob(HOST, PAGE)), STATUS_NOT_SUPPORTED);
	assert_int_equal(TryMap(1, &Map), STATUS_NOT_SUPPORTED);
	Stop();
}

/* Without the region blobs are as good as ever, but for being seen. */
static void NoRegion(void **State)
{
	struct vgpu_resource_map Map;

	(void)State;
	Bus = DriverStartOffering(FAKE_OFFER_BLOB, (SIM_OPTIONS){0});
	File = DriverOpen();
	Context = DriverContext(File, 0, 0);
	assert_int_equal(Capabilities() & (VGPU_CAP_BLOB | VGPU_CAP_HOST_VISIBLE), VGPU_CAP_BLOB);
	assert_int_equal(TryMap(Make(PAGE), &Map), STATUS_NOT_SUPPORTED);
	Settle();
	assert_int_equal(FakeVirtioCounts(Bus).Blobs, 1);
	Stop();
}

static void Malformed(void **State)
{
	struct vgpu_resource_create_blob Bad[12];
	struct vgpu_resource_map Map = {.resource_id = 1, .size = 5};
	PINNED Pin;
	unsigned Count = 0;

	(void)State;
	Start(NULL);
	DriverPin(File, 3, 4 * PAGE, &Pin);
	Bad[Count++] = Blob(0, PAGE);
	Bad[Count++] = Blob(4, PAGE);
	Bad[Count++] = Blob(HOST, 0);
	Bad[Count++] = Blob(HOST, PAGE + 1);
	Bad[Count++] = Blob(GUEST, PAGE); /* with no memory */
	Bad[Count++] = Blob(BOTH, PAGE);
	for (unsigned i = Count; i < 12; i++)
		Bad[i] = Blob(HOST, PAGE);
	Bad[Count++].blob_flags = 8;
	Bad[Count++].resource_id = 5;
	Bad[Count++].context_id = 0;
	Bad[Count++].backing = (struct vgpu_range){.memory_id = 3, .size = PAGE};
	Bad[Count].blob_mem = GUEST;
	Bad[Count++].backing = (struct vgpu_range){.memory_id = 3, .size = 2 * PAGE};
	Bad[Count].blob_mem = GUEST;
	Bad[Count++].backing = (struct vgpu_range){.memory_id = 3, .size = PAGE, .reserved = 1};
	for (unsigned i = 0; i < Count; i++)
		assert_int_equal(Try(Bad[i]), STATUS_INVALID_PARAMETER);
	Bad[Count - 1].backing = (struct vgpu_range){.memory_id = 4, .size = PAGE};
	assert_int_equal(Try(Bad[Count - 1]), STATUS_INVALID_HANDLE);
	Bad[Count - 1].backing = (struct vgpu_range){.memory_id = 3, .offset = 4 * PAGE, .size = PAGE};
	assert_int_equal(Try(Bad[Count - 1]), STATUS_INVALID_PARAMETER);
	Map.resource_id = Make(PAGE);
	assert_int_equal(CALL_BOTH(File, VGPU_IOCTL_RESOURCE_MAP, &Map), STATUS_INVALID_PARAMETER);
	assert_int_equal(TryMap(Map.resource_id + 1, &Map), STATUS_INVALID_HANDLE);
	assert_int_equal(FakeVirtioCounts(Bus).Errors, 0);
	SimUserClose(File);
	DriverUnpinned(&Pin, STATUS_SUCCESS);
	DriverStop();
}

/* ---- what they are ---- */

/* As many pieces as it takes, in the command or in pages behind it. */
static void GuestMemory(void **State)
{
	static const uint32_t Pages[] = {1, 4, 5, 9, 600};

	(void)State;
	Start(NULL);
	for (unsigned i = 0; i < 5; i++) {
		struct vgpu_resource_create_blob Create = Blob(i % 2 ? BOTH : GUEST, Pages[i] * PAGE);
		PINNED Pin;

		DriverPin(File, 3, Pages[i] * PAGE, &Pin);
		Create.backing = (struct vgpu_range){.memory_id = 3, .size = Create.size};
		assert_int_equal(CALL_BOTH(File, VGPU_IOCTL_RESOURCE_CREATE_BLOB, &Create), STATUS_SUCCESS);
		Settle();
		assert_int_equal(FakeVirtioCounts(Bus).Backings, 1);
		assert_int_equal(FakeVirtioCounts(Bus).Blobs, 1);
		assert_int_equal(FakeVirtioCounts(Bus).Errors, 0);
		assert_int_equal(Name(VGPU_IOCTL_RESOURCE_DESTROY, Create.resource_id), STATUS_SUCCESS);
		struct vgpu_memory_release Release = {.memory_id = 3};
		assert_int_equal(CALL_IN(File, VGPU_IOCTL_MEMORY_RELEASE, &Release), STATUS_SUCCESS);
		DriverUnpinned(&Pin, STATUS_SUCCESS);
	}
	Stop();
}

/* What the program writes the host reads, and the other way, while it is mapped and from one mapping to the next. */
static void SameBytes(void **State)
{
	uint8_t Bytes[64];
	uint8_t *Memory;
	uint32_t Id;

	(void)State;
	Start(NULL);
	Id = Make(3 * PAGE);
	memset(Bytes, 0x41, sizeof(Bytes));
	Settle();
	assert_true(FakeVirtioBlob(Bus, Id, 2 * PAGE - 32, Bytes, sizeof(Bytes), true));
	Memory = Show(Id, 3 * PAGE);
	assert_memory_equal(Memory + 2 * PAGE - 32, Bytes, sizeof(Bytes));
	memset(Memory + 100, 0x42, sizeof(Bytes));
	assert_true(FakeVirtioBlob(Bus, Id, 100, Bytes, sizeof(Bytes), false));
	assert_memory_equal(Memory + 100, Bytes, sizeof(Bytes));
	memset(Bytes, 0x43, sizeof(Bytes));
	assert_true(FakeVirtioBlob(Bus, Id, 0, Bytes, sizeof(Bytes), true));
	assert_memory_equal(Memory, Bytes, sizeof(Bytes));
	assert_int_equal(DriverStatistics(File, VGPU_SCOPE_HANDLE).live_mappings, 1);
	assert_int_equal(Hide(Id), STATUS_SUCCESS);
	assert_false(Visible(Memory));
	assert_int_equal(DriverStatistics(File, VGPU_SCOPE_HANDLE).live_mappings, 0);
	Memory = Show(Id, 3 * PAGE);
	assert_memory_equal(Memory, Bytes, sizeof(Bytes));
	assert_int_equal(FakeVirtioCounts(Bus).Errors, 0);
	Stop();
}

static void Twice(void **State)
{
	struct vgpu_resource_map Map;
	uint8_t *Memory;
	uint32_t Id, Plain, Unmappable;
	struct vgpu_resource_create_blob Create;

	(void)State;
	Start(NULL);
	Id = Make(PAGE);
	Plain = DriverTexture(File, Context, 8, 8, 0, 0);
	Create = Blob(HOST, PAGE);
	Create.blob_flags = 0;
	assert_int_equal(CALL_BOTH(File, VGPU_IOCTL_RESOURCE_CREATE_BLOB, &Create), STATUS_SUCCESS);
	Unmappable = Create.resource_id;
	assert_int_equal(TryMap(Plain, &Map), STATUS_INVALID_PARAMETER);
	assert_int_equal(TryMap(Unmappable, &Map), STATUS_INVALID_PARAMETER);
	assert_int_equal(Hide(Plain), STATUS_INVALID_DEVICE_STATE);
	assert_int_equal(Hide(Id), STATUS_INVALID_DEVICE_STATE);
	Memory = Show(Id, PAGE);
	assert_int_equal(TryMap(Id, &Map), STATUS_INVALID_DEVICE_STATE);
	assert_true(Visible(Memory));
	assert_int_equal(Hide(Id), STATUS_SUCCESS);
	assert_int_equal(Hide(Id), STATUS_INVALID_DEVICE_STATE);
	assert_int_equal(Destroy(Id), STATUS_SUCCESS);
	assert_int_equal(Hide(Id), STATUS_INVALID_HANDLE);
	Stop();
}

static void Caching(void **State)
{
	static const uint32_t Says[][2] = {{0, VGPU_MAP_CACHE_CACHED}, {1, VGPU_MAP_CACHE_CACHED},
		{2, VGPU_MAP_CACHE_UNCACHED}, {3, VGPU_MAP_CACHE_WC}};
	struct vgpu_resource_map Map;
	uint32_t Id;

	(void)State;
	for (unsigned Without = 0; Without < 2; Without++) {
		Bus = DriverStartOffering(ALL,
			(SIM_OPTIONS){.MissingRoutines = Without ? "MmAllocateMdlForIoSpace,MmMapIoSpaceEx" : NULL});
		File = DriverOpen();
		Context = DriverContext(File, 0, 0);
		Id = Make(2 * PAGE);
		for (unsigned i = 0; i < 4; i++) {
			FakeVirtioMapInfo(Bus, Says[i][0]);
			assert_int_equal(TryMap(Id, &Map), STATUS_SUCCESS);
			assert_int_equal(Map.cache, Says[i][1]);
			assert_true(HostProbe((void *)(uintptr_t)Map.address, 2 * PAGE, true));
			assert_int_equal(Hide(Id), STATUS_SUCCESS);
		}
		Stop();
	}
}

/* The region fills, and what is given back is there again, in whatever pieces. */
static void RegionFills(void **State)
{
	struct vgpu_resource_map Map;
	uint32_t Ids[16], More, Large;

	(void)State;
	Start(NULL);
	for (unsigned i = 0; i < 16; i++) {
		Ids[i] = Make(MIB);
		memset(Show(Ids[i], MIB), (int)i, MIB);
	}
	More = Make(MIB);
	assert_int_equal(TryMap(More, &Map), STATUS_INSUFFICIENT_RESOURCES);
	assert_int_equal(Hide(Ids[5]), STATUS_SUCCESS);
	assert_int_equal(Destroy(Ids[6]), STATUS_SUCCESS);
	Settle();
	(void)Show(More, MIB);
	assert_int_equal(Hide(More), STATUS_SUCCESS);
	Large = Make(2 * MIB);
	Settle();
	(void)Show(Large, 2 * MIB);
	assert_int_equal(TryMap(Make(REGION + PAGE), &Map), STATUS_INSUFFICIENT_RESOURCES);
	assert_int_equal(FakeVirtioCounts(Bus).Maps, 15);
	assert_int_equal(FakeVirtioCounts(Bus).Errors, 0);
	Stop();
}

/* ---- how it ends ---- */

/* The model sees to it that no program sees what it is told to forget (DeviceForgets). */
static void DestroyedAndClosed(void **State)
{
	uint32_t One, Two;
	uint8_t *First, *Second;

	(void)State;
	Start(NULL);
	One = Make(PAGE);
	Two = Make(PAGE);
	First = Show(One, PAGE);
	Second = Show(Two, PAGE);
	assert_int_equal(Destroy(One), STATUS_SUCCESS);
	assert_false(Visible(First));
	assert_true(Visible(Second));
	Settle();
	assert_int_equal(FakeVirtioCounts(Bus).Maps, 1);
	SimUserClose(File);
	assert_false(Visible(Second));
	assert_int_equal(FakeVirtioCounts(Bus).Maps, 0);
	assert_int_equal(FakeVirtioCounts(Bus).Blobs, 0);
	assert_int_equal(FakeVirtioCounts(Bus).Errors, 0);
	DriverStop();
}

/* What is mapped counts, also through what was refused, unmapped, destroyed or lost. */
static void Quota(void **State)
{
	struct vgpu_resource_map Map;
	uint32_t One, Two, Three;

	(void)State;
	Start("MaxMappedMiB=1");
	One = Make(0x80000);
	Two = Make(0x80000);
	Three = Make(PAGE);
	Show(One, 0x80000);
	Show(Two, 0x80000);
	assert_int_equal(TryMap(Three, &Map), STATUS_QUOTA_EXCEEDED);
	assert_int_equal(TryMap(Three, &Map), STATUS_QUOTA_EXCEEDED);
	assert_int_equal(Hide(One), STATUS_SUCCESS);
	Show(Three, PAGE);
	assert_int_equal(TryMap(One, &Map), STATUS_QUOTA_EXCEEDED);
	FakeVirtioMapInfo(Bus, 9); /* no caching that there is */
	assert_int_equal(Destroy(Three), STATUS_SUCCESS);
	assert_int_equal(TryMap(One, &Map), STATUS_DEVICE_PROTOCOL_ERROR);
	FakeVirtioMapInfo(Bus, 1);
	Show(One, 0x80000);
	assert_int_equal(Destroy(One), STATUS_SUCCESS);
	assert_int_equal(Destroy(Two), STATUS_SUCCESS);
	Show(Make(0x100000), 0x100000);
	SimUserClose(File);
	DriverStop();
}

/* A handle in two processes: the end of one takes its mapping, the other can map anew. */
static void ProcessEnds(void **State)
{
	SIM_PROCESS *Process, *Own;
	uint8_t *Memory, *Again;
	uint32_t Id, Other;

	(void)State;
	Start(NULL);
	Id = Make(2 * PAGE);
	Other = Make(PAGE);
	Process = SimProcessCreate();
	SimUserDuplicate(File, Process);
	Own = SimProcessEnter(Process);
	Memory = Show(Id, 2 * PAGE);
	memset(Memory, 9, 2 * PAGE);
	(void)Show(Other, PAGE);
	(void)SimProcessEnter(Own);
	assert_int_equal(Destroy(Other), STATUS_SUCCESS); /* from another process than it is mapped in */
	SimProcessEnd(Process);
	assert_false(Visible(Memory));
	assert_int_equal(DriverStatistics(File, VGPU_SCOPE_HANDLE).live_mappings, 0);
	Settle();
	assert_int_equal(FakeVirtioCounts(Bus).Maps, 1);
	Again = Show(Id, 2 * PAGE);
	assert_int_equal(Again[PAGE], 9);
	Settle();
	assert_int_equal(FakeVirtioCounts(Bus).Maps, 1);
	assert_int_equal(FakeVirtioCounts(Bus).Errors, 0);
	Stop();
}

/* Guest memory under a blob that is seen as well. */
static void MemoryCancelled(void **State)
{
	struct vgpu_resource_create_blob Create;
	uint8_t *Memory;
	PINNED Pin;

	(void)State;
	Start(NULL);
	DriverPin(File, 3, 2 * PAGE, &Pin);
	Create = Blob(BOTH, 2 * PAGE);
	Create.backing = (struct vgpu_range){.memory_id = 3, .size = 2 * PAGE};
	assert_int_equal(CALL_BOTH(File, VGPU_IOCTL_RESOURCE_CREATE_BLOB, &Create), STATUS_SUCCESS);
	Memory = Show(Create.resource_id, 2 * PAGE);
	assert_int_equal(SimUserCancel(File, &Pin.Request), STATUS_SUCCESS);
	DriverUnpinned(&Pin, STATUS_CANCELLED);
	assert_false(Visible(Memory));
	assert_int_equal(Hide(Create.resource_id), STATUS_INVALID_DEVICE_STATE);
	assert_int_equal(Destroy(Create.resource_id), STATUS_SUCCESS);
	Stop();
}

static void Lost(uint32_t Id, const uint8_t *Memory, NTSTATUS Expected)
{
	struct vgpu_resource_map Map;

	assert_false(Visible(Memory));
	assert_int_equal(TryMap(Id, &Map), Expected);
	assert_int_equal(Hide(Id), STATUS_SUCCESS);
	assert_int_equal(Hide(Id), STATUS_INVALID_DEVICE_STATE);
	assert_int_equal(Destroy(Id), STATUS_SUCCESS);
	assert_int_equal(DriverStatistics(File, VGPU_SCOPE_HANDLE).live_mappings, 0);
}

static void SleptAndRemoved(void **State)
{
	uint8_t *Memory;
	uint32_t Id;

	(void)State;
	Start(NULL);
	Id = Make(REGION);
	Memory = Show(Id, REGION);
	assert_int_equal(SimPowerDown(), STATUS_SUCCESS);
	assert_false(Visible(Memory));
	assert_int_equal(SimPowerUp(), STATUS_SUCCESS);
	Lost(Id, Memory, STATUS_DEVICE_REQUIRES_CLEANING);
	Context = DriverContext(File, 0, 0);
	Id = Make(REGION);
	Memory = Show(Id, REGION);
	assert_int_equal(SimSurpriseRemove(), STATUS_SUCCESS);
	for (int i = 0; i < 2000 && Visible(Memory); i++)
		HostSleep(1000000);
	Lost(Id, Memory, STATUS_DEVICE_REMOVED);
	Stop();
}

/* The device hangs with a mapping alive: it is gone before the reset, and the region is whole afterwards. */
static void Hung(void **State)
{
	uint8_t *Memory;
	uint32_t Id;

	(void)State;
	Start("DeviceTimeoutMs=1000");
	Id = Make(REGION);
	Memory = Show(Id, REGION);
	FakeVirtioHold(Bus, true);
	assert_int_equal(DriverWaitFor(File, Context, DriverFence(File, Context), VGPU_WAIT_FOREVER),
		STATUS_DEVICE_REQUIRES_CLEANING);
	FakeVirtioHold(Bus, false);
	Lost(Id, Memory, STATUS_DEVICE_REQUIRES_CLEANING);
	Context = DriverContext(File, 0, 0);
	(void)Show(Make(REGION), REGION);
	assert_int_equal(FakeVirtioCounts(Bus).Errors, 0);
	Stop();
}

/* ---- what a device may say ---- */

static void Refused(void **State)
{
	struct vgpu_resource_map Map;
	uint32_t Id;

	(void)State;
	Start(NULL);
	Id = Make(REGION);
	Settle();
	FakeVirtioFault(Bus, FakeFaultErrorAnswer);
	assert_int_equal(TryMap(Id, &Map), STATUS_IO_DEVICE_ERROR);
	FakeVirtioFault(Bus, FakeFaultNone);
	/* the model has mapped it nevertheless; as far as the driver knows it has not */
	assert_int_equal(TryMap(Id, &Map), STATUS_INVALID_PARAMETER);
	assert_int_equal(Hide(Id), STATUS_INVALID_DEVICE_STATE);
	assert_int_equal(Destroy(Id), STATUS_SUCCESS);
	Stop();
}

/* What makes no sense is a violation, and the host is told to forget it. */
static void Nonsense(void **State)
{
	static const FAKE_FAULT Faults[] = {FakeFaultBadMapInfo, FakeFaultBadType};
	struct vgpu_resource_map Map;
	uint32_t Id;

	(void)State;
	Start(NULL);
	Id = Make(REGION);
	Settle();
	for (unsigned i = 0; i < 2; i++) {
		FakeVirtioFault(Bus, Faults[i]);
		assert_int_equal(TryMap(Id, &Map), STATUS_DEVICE_PROTOCOL_ERROR);
		FakeVirtioFault(Bus, FakeFaultNone);
		Settle();
		assert_int_equal(FakeVirtioCounts(Bus).Maps, 0);
		assert_true(DriverStatistics(File, VGPU_SCOPE_DEVICE).violations_answer > i);
		assert_int_equal(DriverStatistics(File, VGPU_SCOPE_HANDLE).live_mappings, 0);
	}
	(void)Show(Id, REGION);
	Stop();
}

typedef struct CALLER {
	pthread_t Thread;
	uint32_t Id;
	NTSTATUS Status;
	struct vgpu_resource_map Map;
} CALLER;

static void *MapThread(void *Argument)
{
	CALLER *Caller = Argument;

	Caller->Status = TryMap(Caller->Id, &Caller->Map);
	SimUserThreadEnd();
	return NULL;
}

static void *DestroyThread(void *Argument)
{
	CALLER *Caller = Argument;

	Caller->Status = Destroy(Caller->Id);
	SimUserThreadEnd();
	return NULL;
}

static void Begin(CALLER *Caller, void *(*Routine)(void *), uint32_t Id)
{
	Caller->Id = Id;
	Caller->Status = STATUS_PENDING;
	assert_int_equal(pthread_create(&Caller->Thread, NULL, Routine, Caller), 0);
}

static NTSTATUS End(CALLER *Caller)
{
	assert_int_equal(pthread_join(Caller->Thread, NULL), 0);
	return Caller->Status;
}

/* The host is asked, and has not answered. */
static void BeginMap(CALLER *Caller, uint32_t Id)
{
	unsigned Before = FakeVirtioCounts(Bus).Notifications;

	FakeVirtioHold(Bus, true);
	Begin(Caller, MapThread, Id);
	for (int i = 0; i < 2000 && FakeVirtioCounts(Bus).Notifications == Before; i++)
		HostSleep(1000000);
}

/* An answer for which the end of the resource is waiting already. */
static void LateAnswer(void **State)
{
	CALLER Mapper, Ender;
	uint32_t Id;

	(void)State;
	Start(NULL);
	Id = Make(REGION);
	Settle();
	BeginMap(&Mapper, Id);
	Begin(&Ender, DestroyThread, Id);
	HostSleep(20000000);
	FakeVirtioHold(Bus, false);
	assert_int_equal(End(&Mapper), STATUS_SUCCESS);
	assert_int_equal(End(&Ender), STATUS_SUCCESS);
	assert_false(Visible((const uint8_t *)(uintptr_t)Mapper.Map.address));
	Settle();
	assert_int_equal(FakeVirtioCounts(Bus).Maps, 0);
	assert_int_equal(FakeVirtioCounts(Bus).Errors, 0);
	Stop();
}

/* The device dies over the question: who asked is told, and the place is free. */
static void NeverAnswered(void **State)
{
	CALLER Mapper;
	uint32_t Id;

	(void)State;
	Start("DeviceTimeoutMs=1000");
	Id = Make(REGION);
	Settle();
	BeginMap(&Mapper, Id);
	assert_int_equal(Destroy(Id), STATUS_SUCCESS); /* waits for it */
	assert_int_equal(End(&Mapper), STATUS_DEVICE_REQUIRES_CLEANING);
	FakeVirtioHold(Bus, false);
	Context = DriverContext(File, 0, 0);
	(void)Show(Make(REGION), REGION);
	Stop();
}

int main(void)
{
	const struct CMUnitTest Tests[] = {
		cmocka_unit_test(NothingOffered),
		cmocka_unit_test(NoRegion),
		cmocka_unit_test(Malformed),
		cmocka_unit_test(GuestMemory),
		cmocka_unit_test(SameBytes),
		cmocka_unit_test(Twice),
		cmocka_unit_test(Caching),
		cmocka_unit_test(RegionFills),
		cmocka_unit_test(DestroyedAndClosed),
		cmocka_unit_test(Quota),
		cmocka_unit_test(ProcessEnds),
		cmocka_unit_test(MemoryCancelled),
		cmocka_unit_test(SleptAndRemoved),
		cmocka_unit_test(Hung),
		cmocka_unit_test(Refused),
		cmocka_unit_test(Nonsense),
		cmocka_unit_test(LateAnswer),
		cmocka_unit_test(NeverAnswered),
	};

	return cmocka_run_group_tests_name("driver blobs", Tests, NULL, NULL);
}
