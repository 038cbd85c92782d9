/* SPDX-License-Identifier: MIT */
/* The driver on the model of Mvisor's device, which ends the process where the host would panic. */
#include "driver_test.h"

#include <stdlib.h>
#include <string.h>

#include "../../sim/host/host.h"
#include "inprocess.h"
#include "mvisor_vgpu.h"

#define FOREVER VGPU_WAIT_FOREVER
#define WIDTH 64u
#define HEIGHT 64u
#define CHUNK 1u
#define CHUNK_BYTES (1u << 20)
#define PIECE (2u << 20)
#define STREAM_AT 4096u
#define PIXELS_AT 65536u
#define PCI_SUBSYSTEM 0x2cu
#define NOTIFY_PAGE 0x3000u /* of BAR 4 */

NTSTATUS NTAPI FxDriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath);

const char *__asan_default_options(void);

/* Libraries that the renderer loads, uses and unloads leave a little behind, which nobody can name any more. */
const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}

/* ---- a bus that can keep doorbells from the device, which then does nothing more ---- */

static struct {
	SIM_BUS Bus;
	SIM_BUS *Device;
	SIM_BUS_OPERATIONS Operations;
	bool Blob; /* offered from the next start on */
	uint64_t MapAt, MapSize; /* what the device says of blobs, from the next start on; 0: the truth */
	volatile bool Deaf; /* doorbells do not arrive */
	uint64_t Missed; /* the last one's address */
	uint32_t Identity; /* instead of the device's own subsystem; 0: none */
	unsigned Accesses; /* to registers */
} Wire;

static void WireAttach(SIM_BUS *Bus, uint8_t *Ram, uint64_t Bytes)
{
	(void)Bus;
	Wire.Device->Operations->Attach(Wire.Device, Ram, Bytes);
}

static uint32_t WireConfigRead(SIM_BUS *Bus, unsigned Function, unsigned Offset, unsigned Width)
{
	uint32_t Value = Wire.Device->Operations->ConfigRead(Wire.Device, Function, Offset, Width);

	(void)Bus;
	if (Wire.Identity && Value != UINT32_MAX && Offset >= PCI_SUBSYSTEM && Offset < PCI_SUBSYSTEM + 4)
		memcpy(&Value, (const uint8_t *)&Wire.Identity + (Offset - PCI_SUBSYSTEM), Width);
	return Value;
}

static void WireConfigWrite(SIM_BUS *Bus, unsigned Function, unsigned Offset, unsigned Width, uint32_t Value)
{
	(void)Bus;
	Wire.Device->Operations->ConfigWrite(Wire.Device, Function, Offset, Width, Value);
}

static uint64_t WireRead(SIM_BUS *Bus, uint64_t Address, unsigned Width)
{
	(void)Bus;
	Wire.Accesses++;
	return Wire.Device->Operations->MmioRead(Wire.Device, Address, Width);
}

static void WireWrite(SIM_BUS *Bus, uint64_t Address, unsigned Width, uint64_t Value)
{
	(void)Bus;
	if (Wire.Deaf && Width == 2 && (Address & NOTIFY_PAGE) == NOTIFY_PAGE)
		Wire.Missed = Address;
	else
		Wire.Device->Operations->MmioWrite(Wire.Device, Address, Width, Value);
}

static void WireHears(void)
{
	Wire.Deaf = false;
	Wire.Device->Operations->MmioWrite(Wire.Device, Wire.Missed, 2, MVISOR_VGPU_QUEUE_COMMAND);
}

static void WireListen(SIM_BUS *Bus, void (*Arrived)(void))
{
	(void)Bus;
	Wire.Device->Operations->Listen(Wire.Device, Arrived);
}

static bool WireLine(SIM_BUS *Bus)
{
	(void)Bus;
	return Wire.Device->Operations->LineAsserted(Wire.Device);
}

static void WirePoll(SIM_BUS *Bus)
{
	(void)Bus;
	Wire.Device->Operations->Poll(Wire.Device);
}

static void WireClose(SIM_BUS *Bus)
{
	(void)Bus;
	Wire.Device->Operations->Close(Wire.Device);
}

static bool WireTouches(SIM_BUS *Bus, uint64_t Address, uint64_t Length)
{
	(void)Bus;
	return Wire.Device->Operations->Touches(Wire.Device, Address, Length);
}

static uint8_t *WireMemory(SIM_BUS *Bus, uint64_t Address, uint64_t Length)
{
	(void)Bus;
	return Wire.Device->Operations->Memory(Wire.Device, Address, Length);
}

static SIM_BUS *WireOpen(void)
{
	MV_OPTIONS Options;

	MvOptionsDefault(&Options);
	Options.MemorySize = 1ull << 30;
	Options.Blob = Wire.Blob;
	Options.MapAt = Wire.MapAt;
	Options.MapSize = Wire.MapSize;
	assert_int_equal(MvInprocessOpen(&Options, &Wire.Device), 0);
	Wire.Deaf = false;
	Wire.Identity = 0;
	Wire.Accesses = 0;
	Wire.Operations = (SIM_BUS_OPERATIONS){.Attach = WireAttach,
		.ConfigRead = WireConfigRead,
		.ConfigWrite = WireConfigWrite,
		.MmioRead = WireRead,
		.MmioWrite = WireWrite,
		.LineAsserted = WireLine,
		.Listen = Wire.Device->Operations->Listen ? WireListen : NULL,
		.Poll = Wire.Device->Operations->Poll ? WirePoll : NULL,
		.Touches = WireTouches,
		.Memory = WireMemory,
		.Close = WireClose};
	Wire.Bus.Operations = &Wire.Operations;
	return &Wire.Bus;
}

/* Vary: what is not as usual. */
static void Start(SIM_OPTIONS Vary)
{
	Vary.RamPath = HarnessRam();
	Vary.Seed = 9;
	Vary.CollectViolations = TRUE;
	Vary.Bus = WireOpen();
	assert_int_equal(SimStart(&Vary), 0);
	HarnessRamRemove();
}

static SIM_USER_FILE *StartWith(const char *RegistryValues)
{
	Start((SIM_OPTIONS){.RegistryValues = RegistryValues});
	assert_int_equal(SimLoadDriver(FxDriverEntry, MVISOR_VGPU_VENDOR, MVISOR_VGPU_DEVICE), STATUS_SUCCESS);
	return DriverOpen();
}

static uint8_t *Chunk(SIM_USER_FILE *File)
{
	struct vgpu_memory_alloc Alloc = {.memory_id = CHUNK, .size = CHUNK_BYTES};

	assert_int_equal(CALL_BOTH(File, VGPU_IOCTL_MEMORY_ALLOC, &Alloc), STATUS_SUCCESS);
	return (uint8_t *)(uintptr_t)Alloc.address;
}

/* ---- what it is ---- */

static void Describes(void **State)
{
	SIM_USER_FILE *File = StartWith(NULL);
	struct vgpu_memory_pin Pin = {.memory_id = 1};
	struct vgpu_capset_info Info = {.index = 2};
	struct vgpu_device_info Device;
	void *Page = aligned_alloc(4096, 4096);

	(void)State;
	assert_int_equal(DriverCall(File, VGPU_IOCTL_QUERY, &Device, 0, sizeof(Device)), STATUS_SUCCESS);
	assert_int_equal(Device.device_kind, VGPU_DEVICE_KIND_MVISOR);
	assert_int_equal(Device.pci_device, MVISOR_VGPU_DEVICE);
	assert_int_equal(
		Device.capabilities & (VGPU_CAP_3D | VGPU_CAP_ALLOC | VGPU_CAP_PIN), VGPU_CAP_3D | VGPU_CAP_ALLOC);
	assert_int_equal(Device.num_capsets, 2);
	assert_int_equal(Device.max_rings, 1);
	assert_int_equal(Device.driver_features, 1ull << 32 | 1ull << 28);
	assert_int_equal(CALL_BOTH(File, VGPU_IOCTL_CAPSET_INFO, &Info), STATUS_NO_MORE_ENTRIES);
	assert_int_equal(
		HarnessIoctl(File, VGPU_IOCTL_MEMORY_PIN, &Pin, sizeof(Pin), Page, 4096, NULL), STATUS_NOT_SUPPORTED);
	SimUserClose(File);
	DriverStop();
	free(Page);
}

/* virtio-pmem has the same device id: whoever is not this device is left alone. */
static void NotAnother(void **State)
{
	static const uint32_t Others[] = {0x1100u << 16 | 0x1af5u, 0x105bu << 16 | 0x1af4u, 0x1101u << 16 | 0x1af4u};

	(void)State;
	for (unsigned i = 0; i < sizeof(Others) / sizeof(Others[0]); i++) {
		Start((SIM_OPTIONS){0});
		Wire.Identity = Others[i];
		assert_int_equal(
			SimLoadDriver(FxDriverEntry, MVISOR_VGPU_VENDOR, MVISOR_VGPU_DEVICE), STATUS_NOT_SUPPORTED);
		assert_int_equal(Wire.Accesses, 0);
		DriverStop();
	}
}

static void Capsets(void **State)
{
	SIM_USER_FILE *File = StartWith(NULL);
	static _Alignas(4) uint8_t Data[VGPU_MAX_CAPSET_SIZE];
	ULONG_PTR Information;

	(void)State;
	for (uint32_t Index = 0; Index < 2; Index++) {
		struct vgpu_capset_info Info = {.index = Index};
		struct vgpu_capset Capset;

		assert_int_equal(CALL_BOTH(File, VGPU_IOCTL_CAPSET_INFO, &Info), STATUS_SUCCESS);
		assert_int_equal(Info.id, Index + 1);
		Capset = (struct vgpu_capset){.id = Info.id, .version = Info.max_version};
		assert_int_equal(HarnessIoctl(File, VGPU_IOCTL_CAPSET, &Capset, sizeof(Capset), Data, Info.max_size,
					 &Information),
			STATUS_SUCCESS);
		assert_int_equal(Information, Info.max_size);
		assert_int_equal(*(uint32_t *)Data, Info.max_version); /* both begin with it */
	}
	SimUserClose(File);
	DriverStop();
}

/* ---- work ---- */

#define VIRGL(Command, Object, Length) ((Command) | (Object) << 8 | (uint32_t)(Length) << 16)

/* A surface of the texture, bound as the framebuffer, cleared to a colour. Bytes. */
static uint32_t ClearStream(void *Stream, uint32_t Texture)
{
	static const float Colour[4] = {0.25f, 0.5f, 0.75f, 1.0f};
	static const double Depth = 1.0;
	uint32_t Words[] = {VIRGL(1u, 8u, 5), 1, Texture, 1, 0, 0, VIRGL(5u, 0u, 3), 1, 0, 1, VIRGL(7u, 0u, 8), 4, 0, 0,
		0, 0, 0, 0, 0};

	memcpy(&Words[12], Colour, sizeof(Colour));
	memcpy(&Words[16], &Depth, sizeof(Depth));
	memcpy(Stream, Words, sizeof(Words));
	return sizeof(Words);
}

static uint64_t Submit(SIM_USER_FILE *File, uint32_t Context, uint32_t Bytes)
{
	struct vgpu_submit Request = {.context_id = Context,
		.flags = VGPU_SUBMIT_FENCE,
		.stream = {.memory_id = CHUNK, .offset = STREAM_AT, .size = Bytes}};

	assert_int_equal(CALL_BOTH(File, VGPU_IOCTL_SUBMIT, &Request), STATUS_SUCCESS);
	return Request.fence_number;
}

static void CheckColour(const uint8_t *Pixels)
{
	for (unsigned Pixel = 0; Pixel < WIDTH * HEIGHT; Pixel++) {
		assert_in_range(Pixels[4 * Pixel], 190, 192); /* blue, green, red, alpha */
		assert_in_range(Pixels[4 * Pixel + 1], 127, 128);
		assert_in_range(Pixels[4 * Pixel + 2], 63, 64);
		assert_int_equal(Pixels[4 * Pixel + 3], 255);
	}
}

static void ReadBack(SIM_USER_FILE *File, uint32_t Context, uint32_t Texture)
{
	struct vgpu_transfer Transfer = {.context_id = Context,
		.resource_id = Texture,
		.flags = VGPU_TRANSFER_FROM_HOST | VGPU_TRANSFER_FENCE,
		.width = WIDTH,
		.height = HEIGHT,
		.depth = 1,
		.stride = 4 * WIDTH,
		.layer_stride = 4 * WIDTH * HEIGHT};

	assert_int_equal(CALL_BOTH(File, VGPU_IOCTL_TRANSFER, &Transfer), STATUS_SUCCESS);
	assert_int_equal(DriverWaitFor(File, Context, Transfer.fence_number, FOREVER), STATUS_SUCCESS);
}

static void ClearAndReadBack(void **State)
{
	SIM_USER_FILE *File = StartWith(NULL);
	uint8_t *Memory = Chunk(File);
	uint32_t Context = DriverContext(File, CHUNK, 0);
	uint32_t Texture = DriverTexture(File, Context, WIDTH, HEIGHT, CHUNK, PIXELS_AT);

	(void)State;
	assert_int_equal(Submit(File, Context, ClearStream(Memory + STREAM_AT, Texture)), 1);
	ReadBack(File, Context, Texture);
	assert_int_equal(*(volatile uint64_t *)Memory, 2);
	CheckColour(Memory + PIXELS_AT);
	assert_int_equal(Memory[PIXELS_AT - 1], 0);
	assert_int_equal(Memory[PIXELS_AT + 4 * WIDTH * HEIGHT], 0);
	assert_int_equal(DriverStatistics(File, VGPU_SCOPE_DEVICE).bytes_copied, 0);
	SimUserClose(File);
	DriverStop();
}

/* More than a page is one piece too. */
static void CopiedStream(void **State)
{
	SIM_USER_FILE *File = StartWith(NULL);
	uint8_t *Memory = Chunk(File);
	uint32_t Context = DriverContext(File, 0, 0);
	uint32_t Texture = DriverTexture(File, Context, WIDTH, HEIGHT, CHUNK, PIXELS_AT);
	struct vgpu_submit_copy Copy = {.context_id = Context, .flags = VGPU_SUBMIT_FENCE, .size = 40000};
	uint8_t *Stream = aligned_alloc(4096, 10 * 4096); /* pages that no other thread has a part of */

	(void)State;
	memset(Stream, 0, Copy.size); /* words of zero do nothing */
	(void)ClearStream(Stream + 20000, Texture);
	Copy.address = (uintptr_t)Stream;
	assert_int_equal(CALL_BOTH(File, VGPU_IOCTL_SUBMIT_COPY, &Copy), STATUS_SUCCESS);
	free(Stream);
	ReadBack(File, Context, Texture);
	CheckColour(Memory + PIXELS_AT);
	SimUserClose(File);
	DriverStop();
}

/* Memory in pieces of 2 MiB, which the driver itself needs: all is as before, in smaller chunks. */
static void Fragmented(void **State)
{
	struct vgpu_memory_alloc Alloc = {.memory_id = CHUNK, .size = 4 * PIECE};
	SIM_USER_FILE *File;
	uint32_t Context, Texture;
	uint8_t *Memory;

	(void)State;
	Start((SIM_OPTIONS){.LargestContiguous = PIECE});
	assert_int_equal(SimLoadDriver(FxDriverEntry, MVISOR_VGPU_VENDOR, MVISOR_VGPU_DEVICE), STATUS_SUCCESS);
	File = DriverOpen();
	assert_int_equal(CALL_BOTH(File, VGPU_IOCTL_MEMORY_ALLOC, &Alloc), STATUS_INSUFFICIENT_RESOURCES);
	Alloc.flags = VGPU_MEMORY_SHORT;
	assert_int_equal(CALL_BOTH(File, VGPU_IOCTL_MEMORY_ALLOC, &Alloc), STATUS_SUCCESS);
	assert_int_equal(Alloc.size, PIECE);
	Memory = (uint8_t *)(uintptr_t)Alloc.address;
	Context = DriverContext(File, CHUNK, 0);
	Texture = DriverTexture(File, Context, WIDTH, HEIGHT, CHUNK, PIXELS_AT);
	(void)Submit(File, Context, ClearStream(Memory + STREAM_AT, Texture));
	ReadBack(File, Context, Texture);
	CheckColour(Memory + PIXELS_AT);
	SimUserClose(File);
	DriverStop();
}

static void ManyContexts(void **State)
{
	SIM_USER_FILE *File = StartWith(NULL);
	uint32_t Contexts[70];

	(void)State;
	(void)Chunk(File);
	for (unsigned i = 0; i < 70; i++)
		Contexts[i] = DriverContext(File, CHUNK, 8 * i);
	for (unsigned i = 0; i < 70; i++)
		(void)DriverFence(File, Contexts[i]);
	for (unsigned i = 70; i-- > 0;)
		assert_int_equal(DriverWaitFor(File, Contexts[i], 1, FOREVER), STATUS_SUCCESS);
	SimUserClose(File);
	DriverStop();
}

/* Ids on the wire have 32 bits: the device is let run dry before they start again. */
static void FenceIdsEnd(void **State)
{
	SIM_USER_FILE *File = StartWith("FirstFenceId=4294967285");
	uint8_t *Memory = Chunk(File);
	uint32_t Context = DriverContext(File, CHUNK, 0);
	uint64_t Last = 0;

	(void)State;
	for (unsigned i = 0; i < 100; i++)
		Last = DriverFence(File, Context);
	assert_int_equal(Last, 100);
	assert_int_equal(DriverWaitFor(File, Context, Last, FOREVER), STATUS_SUCCESS);
	assert_int_equal(*(volatile uint64_t *)Memory, 100);
	SimUserClose(File);
	DriverStop();
}

/* ---- blobs ---- */

#define BUFFER_BYTES 8192u

static uint32_t Buffer(SIM_USER_FILE *File, uint32_t Context)
{
	struct vgpu_resource_create_blob Create = {.blob_mem = VIRTIO_GPU_BLOB_MEM_HOST3D,
		.blob_flags = VIRTIO_GPU_BLOB_FLAG_USE_MAPPABLE,
		.blob_id = 7,
		.size = BUFFER_BYTES,
		.context_id = Context,
		.template_format = 64, /* VIRGL_FORMAT_R8_UNORM */
		.template_bind = 1 << 4, /* vertex buffer */
		.template_width = BUFFER_BYTES,
		.template_height = 1,
		.template_depth = 1,
		.template_array_size = 1,
		.template_flags = 2 | 4}; /* persistent, coherent */

	assert_int_equal(CALL_BOTH(File, VGPU_IOCTL_RESOURCE_CREATE_BLOB, &Create), STATUS_SUCCESS);
	return Create.resource_id;
}

/* Its host forgets what a context has mapped when the context ends: so must programs. */
static void BlobsGoWithTheirContext(void **State)
{
	struct vgpu_context_destroy End = {0};
	struct vgpu_resource_map Map = {0}, Other = {0}, Again;
	struct vgpu_resource Destroy = {0};
	SIM_USER_FILE *File;
	uint32_t Kept;

	(void)State;
	Wire.Blob = true;
	File = StartWith(NULL);
	Wire.Blob = false;
	End.context_id = DriverContext(File, 0, 0);
	Map.resource_id = Buffer(File, End.context_id);
	Kept = DriverContext(File, 0, 0);
	Other.resource_id = Buffer(File, Kept);
	Again = Map;
	assert_int_equal(CALL_BOTH(File, VGPU_IOCTL_RESOURCE_MAP, &Map), STATUS_SUCCESS);
	assert_int_equal(CALL_BOTH(File, VGPU_IOCTL_RESOURCE_MAP, &Other), STATUS_SUCCESS);
	assert_int_equal(DriverStatistics(File, VGPU_SCOPE_HANDLE).live_mappings, 2);
	assert_int_equal(Map.size, BUFFER_BYTES);
	memset((void *)(uintptr_t)Map.address, 0x3c, BUFFER_BYTES);
	memset((void *)(uintptr_t)Other.address, 0x5a, BUFFER_BYTES);
	assert_int_equal(CALL_IN(File, VGPU_IOCTL_CONTEXT_DESTROY, &End), STATUS_SUCCESS);
	/* the renderer's own memory, which stays: what is seen of it is counted */
	assert_int_equal(DriverStatistics(File, VGPU_SCOPE_HANDLE).live_mappings, 1);
	assert_int_equal(*(volatile uint8_t *)(uintptr_t)Other.address, 0x5a);
	assert_int_equal(CALL_BOTH(File, VGPU_IOCTL_RESOURCE_MAP, &Again), STATUS_INVALID_HANDLE);
	assert_int_equal(DriverStatistics(File, VGPU_SCOPE_HANDLE).live_mappings, 1);
	Destroy.resource_id = Map.resource_id;
	assert_int_equal(CALL_IN(File, VGPU_IOCTL_RESOURCE_DESTROY, &Destroy), STATUS_SUCCESS);
	assert_int_equal(DriverWaitFor(File, Kept, DriverFence(File, Kept), FOREVER), STATUS_SUCCESS);
	SimUserClose(File);
	DriverStop();
}

/* Maps two, of which so many are refused; nothing of what the host has said is seen by the program. */
static void MapTold(uint64_t At, uint64_t Size, unsigned Refused)
{
	struct vgpu_resource_map Map[2] = {{0}};
	SIM_USER_FILE *File;
	uint32_t Context;

	Wire.Blob = true;
	Wire.MapAt = At;
	Wire.MapSize = Size;
	File = StartWith(NULL);
	Wire.Blob = false;
	Wire.MapAt = Wire.MapSize = 0;
	Context = DriverContext(File, 0, 0);
	for (unsigned i = 0; i < 2; i++) {
		Map[i].resource_id = Buffer(File, Context);
		assert_int_equal(CALL_BOTH(File, VGPU_IOCTL_RESOURCE_MAP, &Map[i]),
			2 - i > Refused ? STATUS_SUCCESS : STATUS_DEVICE_PROTOCOL_ERROR);
		if (2 - i <= Refused)
			assert_int_equal(Map[i].address, 0);
	}
	assert_int_equal(DriverStatistics(File, VGPU_SCOPE_DEVICE).violations_answer, Refused);
	assert_int_equal(DriverStatistics(File, VGPU_SCOPE_HANDLE).live_mappings, 2 - Refused);
	assert_int_equal(DriverWaitFor(File, Context, DriverFence(File, Context), FOREVER), STATUS_SUCCESS);
	SimUserClose(File);
	DriverStop();
}

/* A host may choose where blobs are, but not in the machine's memory, below, beside a page, or where others are. */
static void BlobsAtWrongPlaces(void **State)
{
	const uint64_t Base = MVISOR_VGPU_BLOB_BASE;

	(void)State;
	MapTold(0, 0, 0);
	MapTold(0x1000, 0, 2);
	MapTold(Base - BUFFER_BYTES, 0, 2);
	MapTold(Base - BUFFER_BYTES / 2, 0, 2);
	MapTold(Base + 0x800, 0, 2);
	MapTold(UINT64_MAX & ~0xfffull, 0, 2);
	MapTold(UINT64_MAX, 0, 2);
	MapTold(0, BUFFER_BYTES / 2, 2);
	MapTold(0, BUFFER_BYTES + 1, 2);
	MapTold(0, 1ull << 40, 2);
	MapTold(Base, UINT64_MAX & ~0xfffull, 2);
	MapTold(Base, 0, 1); /* where the first is */
}

/* ---- lifecycles ---- */

/* The device is reset only once it has answered everything. */
static void SleepsWithWork(void **State)
{
	SIM_USER_FILE *File = StartWith(NULL);
	uint8_t *Memory = Chunk(File);
	uint32_t Context = DriverContext(File, CHUNK, 0);
	uint32_t Texture;

	(void)State;
	for (unsigned i = 0; i < 50; i++)
		(void)DriverFence(File, Context);
	assert_int_equal(SimPowerDown(), STATUS_SUCCESS);
	assert_int_equal(*(volatile uint64_t *)Memory, 50);
	assert_int_equal(SimPowerUp(), STATUS_SUCCESS);
	assert_int_equal(DriverWaitFor(File, Context, 50, FOREVER), STATUS_DEVICE_REQUIRES_CLEANING);
	Context = DriverContext(File, CHUNK, 0);
	Texture = DriverTexture(File, Context, WIDTH, HEIGHT, CHUNK, PIXELS_AT);
	(void)Submit(File, Context, ClearStream(Memory + STREAM_AT, Texture));
	ReadBack(File, Context, Texture);
	CheckColour(Memory + PIXELS_AT);
	SimUserClose(File);
	DriverStop();
}

static void RemovedWithWork(void **State)
{
	SIM_USER_FILE *File = StartWith(NULL);
	uint32_t Context;

	(void)State;
	(void)Chunk(File);
	Context = DriverContext(File, CHUNK, 0);
	for (unsigned i = 0; i < 50; i++)
		(void)DriverFence(File, Context);
	assert_int_equal(SimSurpriseRemove(), STATUS_SUCCESS);
	SimUserClose(File);
	DriverStop();
}

/* A device that hangs and comes round later than the driver has patience: it is left alone, nobody waits for it, and
 * what it may touch is kept; once it has answered it can be started again. */
static void HangsAndComesRound(void **State)
{
	SIM_USER_FILE *File = StartWith("DeviceTimeoutMs=1000");
	uint8_t *Memory = Chunk(File);
	uint32_t Context = DriverContext(File, CHUNK, 0);
	struct vgpu_context_create Create = {.num_rings = 1};

	(void)State;
	Wire.Deaf = true;
	(void)DriverFence(File, Context);
	assert_int_equal(DriverWaitFor(File, Context, 1, FOREVER), STATUS_DEVICE_HARDWARE_ERROR);
	assert_int_equal(CALL_BOTH(File, VGPU_IOCTL_CONTEXT_CREATE, &Create), STATUS_DEVICE_HARDWARE_ERROR);
	SimUserClose(File);
	assert_false(HostProbe(Memory, 4096, false));
	WireHears();
	assert_int_equal(SimPowerDown(), STATUS_SUCCESS);
	assert_int_equal(SimPowerUp(), STATUS_SUCCESS);
	File = DriverOpen();
	Memory = Chunk(File);
	Context = DriverContext(File, CHUNK, 0);
	assert_int_equal(DriverWaitFor(File, Context, DriverFence(File, Context), FOREVER), STATUS_SUCCESS);
	SimUserClose(File);
	DriverStop();
}

/* The same with an end of a resource that waited for fence ids, and so never reached the device. */
static void HangsWithMoreToCome(void **State)
{
	SIM_USER_FILE *File = StartWith("DeviceTimeoutMs=1000,FirstFenceId=4294967293");
	struct vgpu_resource Destroy;
	uint32_t Context;

	(void)State;
	(void)Chunk(File);
	Context = DriverContext(File, 0, 0);
	Destroy = (struct vgpu_resource){DriverTexture(File, Context, WIDTH, HEIGHT, CHUNK, PIXELS_AT), 0};
	assert_int_equal(DriverWaitFor(File, Context, DriverFence(File, Context), FOREVER), STATUS_SUCCESS);
	Wire.Deaf = true;
	(void)DriverFence(File, Context);
	(void)DriverFence(File, Context); /* there is no id for it until the first is answered */
	assert_int_equal(CALL_IN(File, VGPU_IOCTL_RESOURCE_DESTROY, &Destroy), STATUS_SUCCESS);
	assert_int_equal(DriverWaitFor(File, Context, 3, FOREVER), STATUS_DEVICE_HARDWARE_ERROR);
	SimUserClose(File);
	WireHears();
	DriverStop();
}

int main(void)
{
	const struct CMUnitTest Tests[] = {
		cmocka_unit_test(Describes),
		cmocka_unit_test(NotAnother),
		cmocka_unit_test(Capsets),
		cmocka_unit_test(ClearAndReadBack),
		cmocka_unit_test(CopiedStream),
		cmocka_unit_test(Fragmented),
		cmocka_unit_test(ManyContexts),
		cmocka_unit_test(FenceIdsEnd),
		cmocka_unit_test(BlobsGoWithTheirContext),
		cmocka_unit_test(BlobsAtWrongPlaces),
		cmocka_unit_test(SleepsWithWork),
		cmocka_unit_test(RemovedWithWork),
		cmocka_unit_test(HangsAndComesRound),
		cmocka_unit_test(HangsWithMoreToCome),
	};

	return cmocka_run_group_tests_name("driver on Mvisor's device", Tests, NULL, NULL);
}
