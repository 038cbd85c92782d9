/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "machine.h"
#include "../../sim/host/host.h"
#include "../../sim/host/host_seeded.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define RAM_SIZE (16u << 20)
#define MOST_STEPS 4000000u /* decisions; a run makes thousands */
#define MOST_JUMP_NS 200000u
#define MOST_PROGRAM_STEPS 256u
#define SHORT_NS 3000000u
#define MOST_KEPT_RUNS 200u /* then the audit looks what has leaked */
#define PATIENCE_MS 120000u

NTSTATUS NTAPI FxDriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath);

/* A machine that is kept is no leak. What leaks otherwise, the simulator's audit finds. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}

const char *__ubsan_default_options(void);
const char *__ubsan_default_options(void)
{
	return "halt_on_error=1:print_stacktrace=1";
}

static const char *RamPath(void)
{
	static char Path[32]; /* one file for all runs of the process */
	int File;

	if (Path[0])
		return Path;
	File = memfd_create("guest-ram", 0);
	if (File < 0 || ftruncate(File, RAM_SIZE) != 0)
		abort();
	snprintf(Path, sizeof(Path), "/proc/self/fd/%d", File);
	return Path;
}

static BOOLEAN Fault(void *Context, const char *Function)
{
	MACHINE *Machine = Context;

	(void)Function;
	return Machine->FaultAt > 0 && --Machine->FaultAt == 0;
}

static void Program(void *Context)
{
	MACHINE *Machine = Context;

	for (unsigned Step = 0; Step < MOST_PROGRAM_STEPS && !InputIsDry(Machine->Input); Step++) {
		Machine->Step(Machine);
		if (InputFront(Machine->Input, 8) == 7)
			HostSleep(InputFront(Machine->Input, SHORT_NS));
	}
	ActorThreadEnd(Machine->World);
	Machine->Acting--;
}

static void Disturber(void *Context)
{
	MACHINE *Machine = Context;

	while (Machine->Acting > 0 && Machine->Disturb) { /* which may end itself */
		Machine->Disturb(Machine);
		HostSleep(1 + HostSeededChoose(SHORT_NS));
	}
}

static void RunThreads(MACHINE *Machine)
{
	HOST_THREAD *Threads[MACHINE_PROGRAMS + 1];
	unsigned Count = 0;

	Machine->Acting = Machine->Programs;
	for (; Count < Machine->Programs; Count++)
		HostThreadCreate(&Threads[Count], "program", Program, Machine);
	if (Machine->Disturb)
		HostThreadCreate(&Threads[Count++], "disturber", Disturber, Machine);
	while (Count > 0)
		HostThreadJoin(Threads[--Count]);
}

/* ---- the machine ---- */
static struct {
	SIM_BUS *Bus; /* NULL: none is kept */
	unsigned Runs;
} Kept;

static void Stop(void)
{
	SimFaultDecide(NULL, NULL);
	if (SimStop() != 0)
		abort();
	HostSeededStop();
}

bool MachineBegin(uint64_t Seed, bool Keep)
{
	const HOST_SEEDED_OPTIONS Options = {.Seed = Seed, .MostJumpNs = MOST_JUMP_NS, .MostSteps = MOST_STEPS};

	if (Kept.Bus && Keep && Kept.Runs < MOST_KEPT_RUNS) {
		HostSeededAgain(&Options);
		return true;
	}
	if (Kept.Bus)
		Stop();
	Kept.Bus = NULL;
	HostSeededStart(&Options);
	return false;
}

static void Start(MACHINE *Machine)
{
	static const char *const Registries[] = {NULL, "MaxContexts=2,MaxResources=3,MaxMemories=2",
		"MaxCommands=8,DeviceTimeoutMs=1000", "ResetIntervalMs=0,DeviceTimeoutMs=2000,TraceLevel=4"};
	const bool Own = !Machine->Kept;
	const SIM_OPTIONS Options = {.RamPath = RamPath(),
		.Interrupts = Own && InputFront(Machine->Input, 4) == 3 && !Machine->Mvisor ? SimInterruptsLine
											    : SimInterruptsMessage,
		.Seed = 1,
		.PatienceMs = PATIENCE_MS,
		.RegistryValues = Registries[Own ? InputFront(Machine->Input, 4) : 0],
		.Bus = Machine->Tampered ? Machine->Tampered : Machine->Bus};
	NTSTATUS Status;

	if (SimStart(&Options) != 0)
		abort();
	if (Machine->FaultAt)
		SimFaultDecide(Fault, Machine);
	Status = SimLoadDriver(
		FxDriverEntry, FAKE_VIRTIO_VENDOR, Machine->Mvisor ? FAKE_MVISOR_DEVICE : FAKE_VIRTIO_DEVICE);
	Machine->Runs = NT_SUCCESS(Status);
	if (!Machine->Runs && !Machine->MayNotStart) {
		fprintf(stderr, "fuzz: the driver does not start, status %#x\n", (unsigned)Status);
		abort();
	}
	if (Machine->Kept) {
		Kept.Bus = Machine->Bus;
		Kept.Runs = 0;
	}
}

/* Every handle is closed: the device knows nothing any more. */
static void CheckNothingLeft(void)
{
	uint64_t End = HostNow() + PATIENCE_MS * 1000000ull;
	FAKE_COUNTS Counts = FakeVirtioCounts(Kept.Bus);

	while (Counts.Contexts || Counts.Resources || Counts.Backings || Counts.Blobs || Counts.Maps) {
		if (HostNow() > End) {
			fprintf(stderr, "fuzz: left are %u contexts, %u resources, %u backings, %u blobs, %u maps\n",
				Counts.Contexts, Counts.Resources, Counts.Backings, Counts.Blobs, Counts.Maps);
			abort();
		}
		HostSleep(1000000);
		Counts = FakeVirtioCounts(Kept.Bus);
	}
	if (Counts.Errors) {
		fprintf(stderr, "fuzz: the device refused %u commands\n", Counts.Errors);
		abort();
	}
}

void MachineRun(MACHINE *Machine)
{
	Machine->Runs = true;
	if (Machine->Bus)
		Start(Machine);
	Machine->World = ActorWorldCreate(&Machine->Actors);
	if (Machine->Runs)
		RunThreads(Machine);
	if (Machine->End)
		Machine->End(Machine);
	if (Machine->Mvisor)
		FakeVirtioComeRound(Machine->Bus);
	ActorWorldEnd(Machine->World);
	if (!Machine->Kept) {
		Stop();
		return;
	}
	Kept.Runs++;
	CheckNothingLeft();
}
