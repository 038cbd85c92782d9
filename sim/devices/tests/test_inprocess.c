/* SPDX-License-Identifier: MIT */
/* The model as a bus of this process: accesses, a command with its message, a fence, a panic, and starting again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "inprocess.h"
#include "mvisor_vgpu.h"
#include "rules.h"

#define RAM_SIZE (32u << 20)
#define FUNCTION (2u << 3)
#define MSIX_BAR 0xc0000000u
#define VIRTIO_BAR 0xc0004000u
#define ISR (VIRTIO_BAR + 0x1000)
#define NOTIFY (VIRTIO_BAR + 0x3000)
#define MESSAGE 0x1000u
#define DESCRIPTORS 0x100000u
#define AVAILABLE 0x200000u
#define USED 0x300000u
#define REQUEST 0x400000u
#define RESPONSE 0x401000u
#define BACKING 0x500000u
#define BLOB_SIZE 65536u
#define QUEUE_SIZE 32768u
#define SECONDS 20

static const MV_OPTIONS Defaults = {.MemorySize = 1ull << 30, .Blob = true};
static uint8_t *Ram;
static int Arrivals; /* atomic */

const char *__asan_default_options(void);

/* Libraries that the renderer loads, uses and unloads leave a little behind, which nobody can name any more. */
const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}

static void Arrived(void)
{
	__atomic_add_fetch(&Arrivals, 1, __ATOMIC_SEQ_CST);
}

static void Write(SIM_BUS *Bus, uint64_t Address, unsigned Width, uint64_t Value)
{
	Bus->Operations->MmioWrite(Bus, Address, Width, Value);
}

static void WriteConfig(SIM_BUS *Bus, unsigned Offset, unsigned Width, uint32_t Value)
{
	Bus->Operations->ConfigWrite(Bus, FUNCTION, Offset, Width, Value);
}

static unsigned FindMsix(SIM_BUS *Bus)
{
	unsigned At = Bus->Operations->ConfigRead(Bus, FUNCTION, 0x34, 1);

	while (Bus->Operations->ConfigRead(Bus, FUNCTION, At, 1) != 0x11)
		At = Bus->Operations->ConfigRead(Bus, FUNCTION, At + 1, 1);
	return At;
}

/* BARs, the message of vector 0, and queue 0 with it. */
static SIM_BUS *Start(void)
{
	SIM_BUS *Bus;

	memset(Ram, 0, RAM_SIZE);
	assert_int_equal(MvInprocessOpen(&Defaults, &Bus), 0);
	Bus->Operations->Attach(Bus, Ram, RAM_SIZE);
	WriteConfig(Bus, 0x14, 4, MSIX_BAR);
	WriteConfig(Bus, 0x20, 4, VIRTIO_BAR);
	WriteConfig(Bus, 4, 2, 6);
	Write(Bus, MSIX_BAR, 8, MESSAGE);
	Write(Bus, MSIX_BAR + 8, 4, 7);
	Write(Bus, MSIX_BAR + 12, 4, 0);
	WriteConfig(Bus, FindMsix(Bus) + 2, 2, 0x8000);
	Write(Bus, VIRTIO_BAR + 22, 2, 0);
	Write(Bus, VIRTIO_BAR + 26, 2, 0);
	Write(Bus, VIRTIO_BAR + 32, 8, DESCRIPTORS);
	Write(Bus, VIRTIO_BAR + 40, 8, AVAILABLE);
	Write(Bus, VIRTIO_BAR + 48, 8, USED);
	Write(Bus, VIRTIO_BAR + 28, 2, 1);
	return Bus;
}

static void Describe(unsigned Index, uint64_t Address, uint32_t Length, uint16_t Flags)
{
	const struct {
		uint64_t Address;
		uint32_t Length;
		uint16_t Flags, Next;
	} Descriptor = {Address, Length, Flags, (uint16_t)(Index + 1)};

	memcpy(Ram + DESCRIPTORS + 16 * Index, &Descriptor, sizeof(Descriptor));
}

/* The word in RAM, once it is what is wanted, or when the time is up. */
static uint32_t WaitFor(uint64_t Address, uint32_t Wanted, unsigned Width)
{
	struct timespec Pause = {.tv_nsec = 1000000};
	uint32_t Value = 0;

	for (int Try = 0; Try < SECONDS * 1000; Try++) {
		Value = Width == 2 ? __atomic_load_n((uint16_t *)(void *)(Ram + Address), __ATOMIC_ACQUIRE)
				   : __atomic_load_n((uint32_t *)(void *)(Ram + Address), __ATOMIC_ACQUIRE);
		if (Value == Wanted)
			break;
		nanosleep(&Pause, NULL);
	}
	return Value;
}

/* Queues the chain from descriptor 0 and waits until it is used: Number of them by then. */
static void Run(SIM_BUS *Bus, uint16_t Number)
{
	uint16_t *Available = (uint16_t *)(void *)(Ram + AVAILABLE);

	Available[2 + (Number - 1) % QUEUE_SIZE] = 0;
	__atomic_store_n(&Available[1], Number, __ATOMIC_RELEASE);
	Write(Bus, NOTIFY, 2, 0);
	assert_int_equal(WaitFor(USED + 2, Number, 2), Number);
}

static void Identity(void **State)
{
	SIM_BUS *Bus = Start();

	(void)State;
	assert_true(Bus->Operations->Touches(Bus, AVAILABLE, 1));
	assert_true(Bus->Operations->Touches(Bus, DESCRIPTORS - 1, 2));
	assert_false(Bus->Operations->Touches(Bus, DESCRIPTORS - 2, 2));
	assert_int_equal(Bus->Operations->ConfigRead(Bus, FUNCTION, 0, 4), 0x105b1af4);
	assert_int_equal(Bus->Operations->ConfigRead(Bus, FUNCTION, 0x2c, 4), 0x11001af4);
	assert_int_equal(Bus->Operations->ConfigRead(Bus, 3 << 3, 0, 4), 0xffffffff);
	assert_int_equal(Bus->Operations->MmioRead(Bus, VIRTIO_BAR + 4, 4), 0x30000000); /* features */
	assert_int_equal(Bus->Operations->MmioRead(Bus, VIRTIO_BAR + 0x2000 + 6, 8), Defaults.MemorySize);
	assert_int_equal(Bus->Operations->MmioRead(Bus, 0xd0000000, 2), 0xffff);
	assert_false(Bus->Operations->LineAsserted(Bus));
	Bus->Operations->Close(Bus);
}

static void CommandAndMessage(void **State)
{
	const struct virtio_gpu_get_capset_info Request = {.hdr.type = VIRTIO_GPU_CMD_GET_CAPSET_INFO};
	struct virtio_gpu_resp_capset_info Response;
	SIM_BUS *Bus = Start();

	(void)State;
	Bus->Operations->Listen(Bus, Arrived);
	Arrivals = 0;
	memcpy(Ram + REQUEST, &Request, sizeof(Request));
	Describe(0, REQUEST, sizeof(Request), 1);
	Describe(1, RESPONSE, sizeof(Response), 2);
	Run(Bus, 1);
	memcpy(&Response, Ram + RESPONSE, sizeof(Response));
	assert_int_equal(Response.capset_id, VIRTIO_GPU_CAPSET_VIRGL);
	assert_int_not_equal(Response.capset_max_size, 0);
	assert_int_equal(WaitFor(MESSAGE, 7, 4), 7);
	assert_int_equal(Bus->Operations->MmioRead(Bus, ISR, 1), 1);
	Bus->Operations->Listen(Bus, NULL);
	assert_int_equal(Arrivals, 1);
	Run(Bus, 2);
	Bus->Operations->MmioRead(Bus, ISR, 1);
	assert_int_equal(Arrivals, 1); /* nobody listened */
	Bus->Operations->Close(Bus);
}

/* A command without an answer, in one descriptor. */
static void Tell(SIM_BUS *Bus, const void *Command, uint32_t Length)
{
	const uint16_t *Used = (const uint16_t *)(const void *)(Ram + USED);

	memcpy(Ram + REQUEST, Command, Length);
	Describe(0, REQUEST, Length, 0);
	Run(Bus, (uint16_t)(Used[1] + 1));
}

static void CreateContext(SIM_BUS *Bus)
{
	const struct virtio_gpu_ctx_create Create = {.hdr = {.type = VIRTIO_GPU_CMD_CTX_CREATE, .ctx_id = 1},
		.nlen = 4,
		.context_init = VIRTIO_GPU_CAPSET_VIRGL2,
		.debug_name = "test"};

	Tell(Bus, &Create, sizeof(Create));
}

static void FenceRetires(void **State)
{
	const struct virtio_gpu_ctx_resource Attach = {.hdr = {.type = VIRTIO_GPU_CMD_CTX_ATTACH_RESOURCE,
							       .flags = VIRTIO_GPU_FLAG_FENCE,
							       .fence_id = 5,
							       .ctx_id = 1}};
	SIM_BUS *Bus = Start();

	(void)State;
	CreateContext(Bus);
	Tell(Bus, &Attach, sizeof(Attach)); /* back only when the timer sees the fence */
	Bus->Operations->Close(Bus);
}

static void BackingIsTouched(void **State)
{
	const struct mvisor_vgpu_resource_create_2d Create = {
		.hdr = {.type = VIRTIO_GPU_CMD_RESOURCE_CREATE_2D, .ctx_id = 1},
		.resource_id = 3,
		.format = 1,
		.width = 16,
		.height = 16};
	const struct mvisor_vgpu_resource_attach_backing Attach = {
		.hdr = {.type = VIRTIO_GPU_CMD_RESOURCE_ATTACH_BACKING},
		.resource_id = 3,
		.gpa = BACKING,
		.size = 1024};
	const struct virtio_gpu_resource_unref Unref = {
		.hdr = {.type = VIRTIO_GPU_CMD_RESOURCE_UNREF, .ctx_id = 1}, .resource_id = 3};
	SIM_BUS *Bus = Start();

	(void)State;
	CreateContext(Bus);
	Tell(Bus, &Create, sizeof(Create));
	assert_false(Bus->Operations->Touches(Bus, BACKING, 4096));
	Tell(Bus, &Attach, sizeof(Attach));
	assert_true(Bus->Operations->Touches(Bus, BACKING, 4096));
	assert_true(Bus->Operations->Touches(Bus, BACKING + 1023, 1));
	assert_false(Bus->Operations->Touches(Bus, BACKING + 1024, 4096));
	Tell(Bus, &Unref, sizeof(Unref));
	assert_false(Bus->Operations->Touches(Bus, BACKING, 4096));
	Bus->Operations->Close(Bus);
}

/* Where a blob is mapped, its memory is in this process; elsewhere there is none for programs. */
static void BlobIsShown(void **State)
{
	const struct mvisor_vgpu_resource_create_blob Create = {
		.hdr = {.type = VIRTIO_GPU_CMD_RESOURCE_CREATE_BLOB, .ctx_id = 1},
		.resource_id = 3,
		.blob_mem = VIRTIO_GPU_BLOB_MEM_HOST3D,
		.blob_flags = VIRTIO_GPU_BLOB_FLAG_USE_MAPPABLE,
		.blob_id = 5,
		.size = BLOB_SIZE,
		.format = 64,
		.bind = 1 << 4,
		.width = BLOB_SIZE,
		.height = 1,
		.depth = 1,
		.array_size = 1,
		.flags = 6}; /* persistent and coherent */
	const struct mvisor_vgpu_resource_map_blob Map = {
		.hdr = {.type = VIRTIO_GPU_CMD_RESOURCE_MAP_BLOB, .ctx_id = 1}, .resource_id = 3};
	SIM_BUS *Bus = Start();
	uint8_t *Memory;

	(void)State;
	CreateContext(Bus);
	Tell(Bus, &Create, sizeof(Create));
	assert_null(Bus->Operations->Memory(Bus, MVISOR_VGPU_BLOB_BASE, 1));
	memcpy(Ram + REQUEST, &Map, sizeof(Map));
	Describe(0, REQUEST, sizeof(Map), 1);
	Describe(1, RESPONSE, sizeof(struct mvisor_vgpu_resp_map_info), 2);
	Run(Bus, 3);
	Memory = Bus->Operations->Memory(Bus, MVISOR_VGPU_BLOB_BASE, BLOB_SIZE);
	assert_non_null(Memory);
	assert_int_equal((uintptr_t)Memory % 4096, 0);
	Write(Bus, MVISOR_VGPU_BLOB_BASE + 100, 4, 0x12345678);
	assert_int_equal(Bus->Operations->MmioRead(Bus, MVISOR_VGPU_BLOB_BASE + 100, 4), 0x12345678);
	assert_memory_equal(Memory + 100, "\x78\x56\x34\x12", 4);
	assert_null(Bus->Operations->Memory(Bus, MVISOR_VGPU_BLOB_BASE, BLOB_SIZE + 1));
	assert_null(Bus->Operations->Memory(Bus, VIRTIO_BAR, 1));
	assert_null(Bus->Operations->Memory(Bus, BACKING, 1));
	Bus->Operations->Close(Bus);
}

/* A register that must not be read: the process ends with the rule's name. */
static void PanicEndsTheProcess(void **State)
{
	char Text[256] = "";
	int Pipe[2], Status;
	pid_t Child;

	(void)State;
	assert_int_equal(pipe(Pipe), 0);
	Child = fork();
	assert_true(Child >= 0);
	if (Child == 0) {
		SIM_BUS *Bus = Start();

		dup2(Pipe[1], 2);
		Bus->Operations->MmioRead(Bus, VIRTIO_BAR + 8, 4);
		_exit(0);
	}
	close(Pipe[1]);
	assert_true(read(Pipe[0], Text, sizeof(Text) - 1) > 0);
	close(Pipe[0]);
	assert_int_equal(waitpid(Child, &Status, 0), Child);
	assert_true(WIFEXITED(Status));
	assert_int_equal(WEXITSTATUS(Status), MV_EXIT_PANIC);
	assert_non_null(strstr(Text, "panic: common-read"));
}

static int MakeRam(void **State)
{
	(void)State;
	setenv("LIBGL_ALWAYS_SOFTWARE", "1", 1);
	setenv("LP_NUM_THREADS", "0", 1);
	Ram = aligned_alloc(4096, RAM_SIZE);
	return Ram ? 0 : -1;
}

static int FreeRam(void **State)
{
	(void)State;
	free(Ram);
	return 0;
}

int main(void)
{
	const struct CMUnitTest Tests[] = {
		cmocka_unit_test(PanicEndsTheProcess), /* first: it forks, and there is no renderer yet */
		cmocka_unit_test(Identity),
		cmocka_unit_test(CommandAndMessage),
		cmocka_unit_test(FenceRetires),
		cmocka_unit_test(BackingIsTouched),
		cmocka_unit_test(BlobIsShown),
	};

	return cmocka_run_group_tests_name("mvisor in this process", Tests, MakeRam, FreeRam);
}
