/* SPDX-License-Identifier: MIT */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ntddk.h>

#include "../../sim/pci/fake_virtio.h"
#include "../../sim/sim.h"
#include "machine.h"

#define RAM_SIZE (64u << 20)
#define ARENA_BYTES (1u << 20)
#define ARENA_ID 1u

NTSTATUS NTAPI FxDriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath);

static const GUID Interface = VGPU_INTERFACE_GUID_INIT;
static SIM_BUS *Bus;
static SIM_USER_FILE *File;
static void *Arena;
static volatile LONG PinEnded;

static _Noreturn void Fail(const char *What, unsigned Status)
{
	fprintf(stderr, "kernel-bench: %s: 0x%08x\n", What, Status);
	exit(2);
}

static void Completed(void *Context, NTSTATUS Status, ULONG_PTR Information)
{
	(void)Status;
	(void)Information;
	if (Context)
		__atomic_store_n((volatile LONG *)Context, 1, __ATOMIC_RELEASE);
}

static volatile LONG WaitEnded;

static NTSTATUS Request(ULONG Code, void *Buffer, ULONG Input, ULONG Output)
{
	ULONG_PTR Information;

	return SimUserIoctl(File, Code, Buffer, Input, Output ? Buffer : NULL, Output, FALSE, Completed,
		(void *)&WaitEnded, &Information);
}

static void Call(const char *What, ULONG Code, void *Buffer, ULONG Input, ULONG Output)
{
	NTSTATUS Status = Request(Code, Buffer, Input, Output);

	if (Status)
		Fail(What, (unsigned)Status);
}

static void StartSimulator(void)
{
	char Path[] = "/dev/shm/vgpu-bench-XXXXXX";
	int Descriptor = mkstemp(Path);
	SIM_OPTIONS Options = {.RamPath = Path, .Seed = 3, .RegistryValues = "MaxMemoryMiB=64,MaxCommands=192"};

	Bus = FakeVirtioCreate();
	Options.Bus = Bus;
	if (Descriptor < 0 || ftruncate(Descriptor, RAM_SIZE) || !Bus)
		Fail("guest memory in /dev/shm", 0);
	if (SimStart(&Options))
		Fail("the simulator does not start", 0);
	unlink(Path);
	close(Descriptor);
}

void MachineStart(void)
{
	struct vgpu_open Open = {.abi_major = VGPU_ABI_MAJOR, .abi_minor = VGPU_ABI_MINOR};
	struct vgpu_memory_pin Pin = {.memory_id = ARENA_ID};
	WCHAR Name[256];
	ULONG Chars = 0;
	ULONG_PTR Information;
	NTSTATUS Status;

	mallopt(M_TRIM_THRESHOLD, 256 << 20); /* the simulator's buffers come and go */
	StartSimulator();
	Status = SimLoadDriver(FxDriverEntry, FAKE_VIRTIO_VENDOR, FAKE_VIRTIO_DEVICE);
	if (Status)
		Fail("the driver does not start", (unsigned)Status);
	if (!SimUserInterface(&Interface, 0, Name, 256))
		Fail("no device interface", 0);
	while (Name[Chars])
		Chars++;
	Status = SimUserOpen(Name, Chars, FILE_READ_DATA | FILE_WRITE_DATA, &File);
	if (Status)
		Fail("open", (unsigned)Status);
	Call("VGPU_IOCTL_OPEN", VGPU_IOCTL_OPEN, &Open, sizeof(Open), sizeof(Open));
	Arena = aligned_alloc(VGPU_PAGE_SIZE, ARENA_BYTES);
	memset(Arena, 0, ARENA_BYTES);
	Status = SimUserIoctl(File, VGPU_IOCTL_MEMORY_PIN, &Pin, sizeof(Pin), Arena, ARENA_BYTES, TRUE, Completed,
		(void *)&PinEnded, &Information);
	if (Status != STATUS_PENDING)
		Fail("VGPU_IOCTL_MEMORY_PIN", (unsigned)Status);
}

void MachineStop(void)
{
	ULONG Violations;

	SimUserClose(File);
	Violations = SimStop();
	free(Arena);
	if (Violations)
		Fail("rules of the simulator broken", Violations);
}

uint32_t MachineContext(void)
{
	struct vgpu_context_create Create = {.num_rings = 1, .fence_memory_id = ARENA_ID};

	Call("VGPU_IOCTL_CONTEXT_CREATE", VGPU_IOCTL_CONTEXT_CREATE, &Create, sizeof(Create), sizeof(Create));
	return Create.context_id;
}

void MachineContextDestroy(uint32_t Context)
{
	struct vgpu_context_destroy Destroy = {.context_id = Context};

	Call("VGPU_IOCTL_CONTEXT_DESTROY", VGPU_IOCTL_CONTEXT_DESTROY, &Destroy, sizeof(Destroy), 0);
}

uint64_t MachineSubmit(uint32_t Context)
{
	struct vgpu_submit Submit = {.context_id = Context,
		.flags = VGPU_SUBMIT_FENCE,
		.stream = {.memory_id = ARENA_ID, .offset = VGPU_PAGE_SIZE, .size = MACHINE_STREAM_BYTES}};

	Call("VGPU_IOCTL_SUBMIT", VGPU_IOCTL_SUBMIT, &Submit, sizeof(Submit), sizeof(Submit));
	return Submit.fence_number;
}

void MachineWait(uint32_t Context, uint64_t Number)
{
	struct vgpu_wait Wait = {.fence = {.context_id = Context, .number = Number}, .timeout_ns = VGPU_WAIT_FOREVER};
	NTSTATUS Status;

	WaitEnded = 0;
	Status = Request(VGPU_IOCTL_WAIT, &Wait, sizeof(Wait), 0);
	if (Status == STATUS_PENDING) {
		while (!__atomic_load_n(&WaitEnded, __ATOMIC_ACQUIRE))
			usleep(5);
		Status = 0;
	}
	if (Status)
		Fail("VGPU_IOCTL_WAIT", (unsigned)Status);
}

uint32_t MachineResource(uint32_t Context)
{
	struct vgpu_resource_create Create = {.target = 2,
		.format = 1,
		.bind = 2,
		.width = 16,
		.height = 16,
		.depth = 1,
		.array_size = 1,
		.context_id = Context,
		.backing = {.memory_id = ARENA_ID, .offset = 2 * VGPU_PAGE_SIZE, .size = 1024}};

	Call("VGPU_IOCTL_RESOURCE_CREATE", VGPU_IOCTL_RESOURCE_CREATE, &Create, sizeof(Create), sizeof(Create));
	return Create.resource_id;
}

void MachineResourceDestroy(uint32_t Resource)
{
	struct vgpu_resource Destroy = {.resource_id = Resource};

	Call("VGPU_IOCTL_RESOURCE_DESTROY", VGPU_IOCTL_RESOURCE_DESTROY, &Destroy, sizeof(Destroy), 0);
}

void MachineHold(bool Hold)
{
	FakeVirtioHold(Bus, Hold);
}

struct vgpu_statistics MachineStatistics(void)
{
	union {
		struct vgpu_statistics_query Query;
		struct vgpu_statistics Statistics;
	} Both = {.Query = {.scope = VGPU_SCOPE_DEVICE}};

	Call("VGPU_IOCTL_STATISTICS", VGPU_IOCTL_STATISTICS, &Both, sizeof(Both.Query), sizeof(Both.Statistics));
	return Both.Statistics;
}

uint64_t MachinePoolBytes(void)
{
	return SimPoolBytes();
}
