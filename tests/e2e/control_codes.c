/* SPDX-License-Identifier: MIT */
/*
 * control_codes.c - every control code, through the client library, on a device that has a host behind it.
 *
 * Built with 64 and with 32 bits. The exit status is 0 when every check held; each failure is a line on standard
 * output.
 */
#include <windows.h>
#include <stdio.h>
#include <string.h>

#include "vgpu_client.h"

#define ARENA_BYTES (1u << 20)
#define BUFFER_BYTES 8192u
#define BUFFER_OFFSET 12288u /* in the arena; the fences are in its first page, the stream in its second */
#define STREAM_OFFSET VGPU_PAGE_SIZE
#define WAIT_NS 10000000000ull
#define ROUNDS 200
#define THREADS 3

#define TARGET_BUFFER 0u
#define FORMAT_R8 64u
#define BIND_VERTEX (1u << 4)
/* A virgl command that does nothing, with three words after its header. */
#define NOTHING 0x00030000u
#define STREAM_BYTES 16u

static volatile LONG Checks, Failures;

static void Check(bool Held, int Line, const char *Text)
{
	InterlockedIncrement(&Checks);
	if (Held)
		return;
	InterlockedIncrement(&Failures);
	printf("FAIL line %d: %s\n", Line, Text);
}

#define CHECK(Condition) Check(Condition, __LINE__, #Condition)

typedef struct PROGRAM {
	struct vgpu_client *Client;
	uint8_t *Arena;
	struct vgpu_memory *Memory; /* the arena, pinned; of the kernel's where nothing can be */
	bool Pinned;
	uint32_t Context;
	uint32_t Other; /* a second context */
} PROGRAM;

static void Queries(struct vgpu_client *Client)
{
	const struct vgpu_device_info *Info = vgpu_client_info(Client);
	struct vgpu_statistics Statistics;
	static uint8_t Capset[VGPU_MAX_CAPSET_SIZE];
	enum vgpu_result Result;
	size_t Size;
	unsigned i;

	CHECK(Info->abi_major == VGPU_ABI_MAJOR && Info->abi_minor == VGPU_ABI_MINOR);
	CHECK(Info->capabilities & VGPU_CAP_3D && Info->capabilities & (VGPU_CAP_PIN | VGPU_CAP_ALLOC));
	for (i = 0; i < Info->num_capsets; i++) {
		struct vgpu_capset_info Which = {.index = i};

		CHECK(vgpu_capset_info(Client, &Which) == VGPU_OK);
		CHECK(vgpu_capset(Client, Which.id, Which.max_version, Capset, sizeof(Capset), &Size) == VGPU_OK);
		CHECK(Size == Which.max_size);
	}
	CHECK(i > 0 && vgpu_capset_info(Client, &(struct vgpu_capset_info){.index = i}) == VGPU_END);
	CHECK(vgpu_statistics(Client, VGPU_SCOPE_DEVICE, &Statistics) == VGPU_OK && Statistics.live_handles > 0);
	Result = vgpu_trace(Client, 0);
	CHECK(Result == VGPU_OK || Result == VGPU_ACCESS_DENIED); /* as the user is, or is not, an administrator */
}

static uint32_t CreateContext(PROGRAM *It, uint64_t FenceOffset)
{
	struct vgpu_context_create Create = {
		.num_rings = 1, .fence_memory_id = It->Memory->id, .fence_offset = FenceOffset, .name_length = 4};

	memcpy(Create.name, "test", 4);
	CHECK(vgpu_context_create(It->Client, &Create) == VGPU_OK && Create.context_id != 0);
	return Create.context_id;
}

static void Start(PROGRAM *It)
{
	uint64_t Size = ARENA_BYTES;

	It->Pinned = vgpu_client_info(It->Client)->capabilities & VGPU_CAP_PIN;
	It->Arena = VirtualAlloc(NULL, ARENA_BYTES, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
	CHECK(vgpu_memory_pin(It->Client, It->Arena, ARENA_BYTES, &It->Memory) ==
		(It->Pinned ? VGPU_OK : VGPU_NOT_SUPPORTED));
	if (It->Pinned) {
		CHECK(It->Memory->address == It->Arena && It->Memory->size == ARENA_BYTES);
		CHECK(vgpu_memory_pinned(It->Client, It->Memory));
	} else {
		CHECK(VirtualFree(It->Arena, 0, MEM_RELEASE));
		CHECK(vgpu_memory_alloc(It->Client, 0, &Size, &It->Memory) == VGPU_OK && Size == ARENA_BYTES);
		It->Arena = It->Memory->address;
	}
	It->Context = CreateContext(It, 0);
	It->Other = CreateContext(It, 8);
}

static uint32_t CreateBuffer(PROGRAM *It, const struct vgpu_memory *Memory, uint64_t Offset)
{
	struct vgpu_resource_create Create = {.target = TARGET_BUFFER,
		.format = FORMAT_R8,
		.bind = BIND_VERTEX,
		.width = BUFFER_BYTES,
		.height = 1,
		.depth = 1,
		.array_size = 1,
		.context_id = It->Context,
		.backing = {Memory->id, 0, Offset, BUFFER_BYTES}};

	CHECK(vgpu_resource_create(It->Client, &Create) == VGPU_OK && Create.resource_id != 0);
	return Create.resource_id;
}

static void Await(PROGRAM *It, uint64_t Number)
{
	const struct vgpu_fence Fence = {It->Context, 0, Number};

	CHECK(Number != 0 && vgpu_wait(It->Client, &Fence, WAIT_NS) == VGPU_OK);
	CHECK(*(volatile uint64_t *)It->Arena >= Number);
}

static void Transfer(PROGRAM *It, uint32_t Resource, uint32_t Direction)
{
	struct vgpu_transfer Transfer = {.context_id = It->Context,
		.resource_id = Resource,
		.flags = Direction | VGPU_TRANSFER_FENCE,
		.width = BUFFER_BYTES,
		.height = 1,
		.depth = 1};

	CHECK(vgpu_transfer(It->Client, &Transfer) == VGPU_OK);
	Await(It, Transfer.fence_number);
}

/* What the host got is what it gives back. */
static void ThereAndBack(PROGRAM *It, const struct vgpu_memory *Memory, uint64_t Offset, unsigned Seed)
{
	uint8_t *Bytes = (uint8_t *)Memory->address + Offset;
	uint32_t Resource = CreateBuffer(It, Memory, Offset);
	unsigned i, Wrong = 0;

	for (i = 0; i < BUFFER_BYTES; i++)
		Bytes[i] = (uint8_t)(i * 7 + Seed);
	Transfer(It, Resource, VGPU_TRANSFER_TO_HOST);
	memset(Bytes, 0, BUFFER_BYTES);
	Transfer(It, Resource, VGPU_TRANSFER_FROM_HOST);
	for (i = 0; i < BUFFER_BYTES; i++)
		Wrong += Bytes[i] != (uint8_t)(i * 7 + Seed);
	CHECK(Wrong == 0);
	CHECK(vgpu_resource_attach(It->Client, Resource, It->Other) == VGPU_OK);
	CHECK(vgpu_resource_detach(It->Client, Resource, It->Other) == VGPU_OK);
	CHECK(vgpu_resource_attach(It->Client, Resource, It->Other + 1000) == VGPU_NOT_OWNED);
	CHECK(vgpu_resource_destroy(It->Client, Resource) == VGPU_OK);
	CHECK(vgpu_resource_destroy(It->Client, Resource) == VGPU_NOT_OWNED);
}

static void Streams(PROGRAM *It)
{
	struct vgpu_submit Submit = {.context_id = It->Context,
		.flags = VGPU_SUBMIT_FENCE,
		.stream = {It->Memory->id, 0, STREAM_OFFSET, STREAM_BYTES}};
	static const uint32_t Stream[STREAM_BYTES / 4] = {NOTHING};
	struct vgpu_submit_copy Copy = {.context_id = It->Context,
		.flags = VGPU_SUBMIT_FENCE,
		.address = (uintptr_t)Stream,
		.size = sizeof(Stream)};
	struct vgpu_statistics Statistics;
	struct vgpu_fence Fence = {It->Context, 0, 0};

	memcpy(It->Arena + STREAM_OFFSET, Stream, sizeof(Stream));
	CHECK(vgpu_submit(It->Client, &Submit) == VGPU_OK);
	Await(It, Submit.fence_number);
	CHECK(vgpu_submit_copy(It->Client, &Copy) == VGPU_OK && Copy.fence_number == Submit.fence_number + 1);
	Await(It, Copy.fence_number);
	CHECK(vgpu_statistics(It->Client, VGPU_SCOPE_HANDLE, &Statistics) == VGPU_OK);
	CHECK(Statistics.bytes_copied == sizeof(Stream) && Statistics.submits == 2);

	Submit = (struct vgpu_submit){.context_id = It->Other, .flags = VGPU_SUBMIT_FENCE, .num_in_fences = 1};
	Submit.in_fences[0] = (struct vgpu_fence){It->Context, 0, Copy.fence_number};
	CHECK(vgpu_submit(It->Client, &Submit) == VGPU_OK && Submit.fence_number == 1);
	Copy.fence_number = 0;
	Copy.address = 8; /* no such memory */
	CHECK(vgpu_submit_copy(It->Client, &Copy) == VGPU_INVALID);
	Fence.number = 1000;
	CHECK(vgpu_wait(It->Client, &Fence, WAIT_NS) == VGPU_INVALID); /* never given out */
}

/* Memory of the kernel's, in this program's address space. */
static void KernelMemory(PROGRAM *It)
{
	struct vgpu_memory *Memory = NULL;
	uint64_t Size = 16 * VGPU_PAGE_SIZE;
	bool Offered = vgpu_client_info(It->Client)->capabilities & VGPU_CAP_ALLOC;
	enum vgpu_result Result = vgpu_memory_alloc(It->Client, VGPU_MEMORY_SHORT, &Size, &Memory);
	const uint8_t *Bytes;
	uint64_t i, Set = 0;

	CHECK(Result == (Offered ? VGPU_OK : VGPU_NOT_SUPPORTED));
	if (Result != VGPU_OK)
		return;
	CHECK(Size >= BUFFER_BYTES && Size % VGPU_PAGE_SIZE == 0 && Memory->size == Size);
	printf("memory of the kernel's: %llu bytes at %p\n", (unsigned long long)Size, Memory->address);
	for (Bytes = Memory->address, i = 0; i < Size; i++)
		Set += Bytes[i];
	CHECK(Set == 0);
	ThereAndBack(It, Memory, 0, 3);
	CHECK(vgpu_memory_free(It->Client, Memory) == VGPU_OK);
}

static void Blobs(PROGRAM *It)
{
	const uint32_t Capabilities = vgpu_client_info(It->Client)->capabilities;
	struct vgpu_resource_create_blob Create = {.blob_mem = 1, /* VIRTIO_GPU_BLOB_MEM_GUEST */
		.size = BUFFER_BYTES,
		.context_id = It->Context,
		.backing = {It->Memory->id, 0, BUFFER_OFFSET, BUFFER_BYTES}};
	struct vgpu_resource_map Map = {0};
	uint32_t Buffer = CreateBuffer(It, It->Memory, BUFFER_OFFSET);
	enum vgpu_result Result;

	Result = vgpu_resource_create_blob(It->Client, &Create);
	CHECK(Result == (Capabilities & VGPU_CAP_BLOB ? VGPU_OK : VGPU_NOT_SUPPORTED));
	Map.resource_id = Buffer;
	Result = vgpu_resource_map(It->Client, &Map); /* this one is none of the host's */
	CHECK(Result == (Capabilities & VGPU_CAP_HOST_VISIBLE ? VGPU_INVALID : VGPU_NOT_SUPPORTED));
	Result = vgpu_resource_unmap(It->Client, Buffer);
	CHECK(Result == VGPU_INVALID || Result == VGPU_NOT_SUPPORTED);
	CHECK(vgpu_resource_destroy(It->Client, Buffer) == VGPU_OK);
	if (Create.resource_id)
		CHECK(vgpu_resource_destroy(It->Client, Create.resource_id) == VGPU_OK);
}

static void End(PROGRAM *It)
{
	struct vgpu_statistics Statistics;

	CHECK(vgpu_context_destroy(It->Client, It->Context) == VGPU_OK);
	CHECK(vgpu_context_destroy(It->Client, It->Context) == VGPU_NOT_OWNED);
	CHECK(vgpu_context_destroy(It->Client, It->Other) == VGPU_OK);
	if (It->Pinned)
		CHECK(vgpu_memory_unpin(It->Client, It->Memory, 5000) == VGPU_OK);
	else
		CHECK(vgpu_memory_free(It->Client, It->Memory) == VGPU_OK);
	/* The kernel's own memory is counted until the device has let go of it. */
	for (int i = 0; i < 5000; i++) {
		CHECK(vgpu_statistics(It->Client, VGPU_SCOPE_HANDLE, &Statistics) == VGPU_OK);
		if (It->Pinned || Statistics.live_memory == 0)
			break;
		Sleep(1);
	}
	CHECK(Statistics.live_contexts == 0 && Statistics.live_resources == 0 && Statistics.live_memory == 0);
	if (It->Pinned)
		CHECK(VirtualFree(It->Arena, 0, MEM_RELEASE));
	vgpu_client_close(It->Client);
}

static DWORD WINAPI Thread(void *Argument)
{
	PROGRAM It = {0};
	int i;

	CHECK(vgpu_client_open(0, &It.Client) == VGPU_OK);
	if (!It.Client)
		return 1;
	Start(&It);
	for (i = 0; i < ROUNDS; i++)
		ThereAndBack(&It, It.Memory, BUFFER_OFFSET + (unsigned)i * 16, (unsigned)(uintptr_t)Argument + i);
	End(&It);
	return 0;
}

int main(void)
{
	HANDLE Threads[THREADS];
	PROGRAM It = {0};
	unsigned i;

	printf("a program of %u bits\n", (unsigned)sizeof(void *) * 8);
	CHECK(vgpu_client_open(0, &It.Client) == VGPU_OK);
	if (!It.Client)
		return 1;
	Queries(It.Client);
	Start(&It);
	ThereAndBack(&It, It.Memory, BUFFER_OFFSET, 1);
	Streams(&It);
	KernelMemory(&It);
	Blobs(&It);
	End(&It);
	for (i = 0; i < THREADS; i++)
		Threads[i] = CreateThread(NULL, 0, Thread, (void *)(uintptr_t)(i * 50), 0, NULL);
	CHECK(WaitForMultipleObjects(THREADS, Threads, TRUE, 120000) == WAIT_OBJECT_0);
	printf("%ld checks, %ld failures\n", Checks, Failures);
	return Failures ? 1 : 0;
}
