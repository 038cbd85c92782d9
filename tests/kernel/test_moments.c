/* SPDX-License-Identifier: MIT */
/*
 * What can happen to a device, happening at every moment: just before each access that the driver makes to a register
 * or to configuration space, from its start to its end. Two programs work meanwhile; each of their requests must be
 * completed once, nothing may be left, and where the device stays, a new context works afterwards.
 *
 *  test_driver_moments                           all
 *  test_driver_moments DEVICE EVENT SEED ACCESS  one, as a failure names it
 *
 * On host_seeded.c: the same number is the same run.
 */
#define _GNU_SOURCE
#include "actor.h"
#include "machine.h"
#include "../../sim/host/host.h"
#include "../../sim/host/host_seeded.h"
#include "../../sim/pci/fake_virtio.h"
#include "../../sim/sim.h"

#include <ntddk.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../abi/vgpu_ioctl.h"

#define PROGRAMS 2u
#define SEEDS 2u /* of what the programs do */
#define STEPS 128u
#define SHORT_NS 2000000u
#define OFFERS (FAKE_OFFER_BLOB | FAKE_OFFER_REGION | FAKE_OFFER_CONTEXT_INIT)
#define MOST_FAILURES 5u
#define BATCH 64u

NTSTATUS NTAPI FxDriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath);

typedef enum EVENT { Gone, Removed, Slept, Rebalanced, EVENTS } EVENT;
static const char *const EventNames[EVENTS] = {"gone", "removed", "slept", "rebalanced"};
static const char *const DeviceNames[] = {"virtio", "mvisor"};

typedef struct RUN {
	EVENT Event;
	bool Mvisor;
	SIM_BUS *Bus;
	ACTOR_WORLD *World;
	unsigned Acting; /* programs that are not done */
	bool Due;
} RUN;

static uint32_t Choose(void *Context, uint32_t Limit)
{
	(void)Context;
	return HostSeededChoose(Limit);
}

/* The device itself goes at once, and even while the driver starts; what the PnP manager does takes its turn. */
static void Moment(void *Context)
{
	RUN *Run = Context;

	if (Run->Event == Gone)
		FakeVirtioFault(Run->Bus, FakeFaultGone);
	Run->Due = true;
}

static void Act(void *Context)
{
	RUN *Run = Context;

	for (unsigned Step = 0; Step < STEPS; Step++) {
		ActorStep(Run->World, Choose, NULL);
		if (HostSeededOneIn(8))
			HostSleep(HostSeededChoose(SHORT_NS));
	}
	SimUserThreadEnd();
	Run->Acting--;
}

static void Happen(RUN *Run)
{
	switch (Run->Event) {
	case Gone: /* noticed late */
		HostSleep(SHORT_NS);
		/* fall through */
	case Removed:
		if (Run->Mvisor) /* what is pulled out carries nothing out */
			FakeVirtioHold(Run->Bus, true);
		SimSurpriseRemove();
		break;
	case Slept:
		SimPowerDown();
		HostSleep(HostSeededChoose(SHORT_NS));
		SimPowerUp();
		break;
	default:
		SimRebalance();
		break;
	}
}

static void Manage(void *Context)
{
	RUN *Run = Context;

	while (!Run->Due && Run->Acting > 0)
		HostSleep(1 + HostSeededChoose(20000));
	if (Run->Due)
		Happen(Run);
}

static void RunThreads(RUN *Run)
{
	HOST_THREAD *Threads[PROGRAMS + 1];

	Run->Acting = PROGRAMS;
	for (unsigned i = 0; i <= PROGRAMS; i++)
		HostThreadCreate(&Threads[i], i < PROGRAMS ? "program" : "manager", i < PROGRAMS ? Act : Manage, Run);
	for (unsigned i = 0; i <= PROGRAMS; i++)
		HostThreadJoin(Threads[i]);
}

/* ---- afterwards ---- */
static NTSTATUS Call(SIM_USER_FILE *File, ULONG Code, void *Data, ULONG Bytes)
{
	ULONG_PTR Information;

	return SimUserIoctl(File, Code, Data, Bytes, Data, Bytes, FALSE, NULL, NULL, &Information);
}

static void ExpectWorking(void)
{
	const GUID Interface = VGPU_INTERFACE_GUID_INIT;
	struct vgpu_open Open = {.abi_major = VGPU_ABI_MAJOR, .abi_minor = VGPU_ABI_MINOR};
	struct vgpu_context_create Create = {.num_rings = 1};
	SIM_USER_FILE *File;
	WCHAR Name[200];
	ULONG Chars = 0;
	NTSTATUS Status;

	if (!SimUserInterface(&Interface, 0, Name, 200))
		abort();
	while (Name[Chars])
		Chars++;
	Status = SimUserOpen(Name, Chars, FILE_READ_DATA | FILE_WRITE_DATA, &File);
	if (NT_SUCCESS(Status))
		Status = Call(File, VGPU_IOCTL_OPEN, &Open, sizeof(Open));
	if (NT_SUCCESS(Status))
		Status = Call(File, VGPU_IOCTL_CONTEXT_CREATE, &Create, sizeof(Create));
	if (!NT_SUCCESS(Status)) {
		fprintf(stderr, "moments: no new context afterwards, status %#x\n", (unsigned)Status);
		abort();
	}
	SimUserClose(File);
}

/* Returns whether the moment came. */
static bool RunOne(bool Mvisor, EVENT Event, unsigned Seed, unsigned Access)
{
	const HOST_SEEDED_OPTIONS Host = {.Seed = Seed, .MostJumpNs = 200000};
	RUN Run = {.Event = Event, .Mvisor = Mvisor};
	const FAKE_TEMPER Temper = {.Choose = Choose, .MostDelayNs = SHORT_NS};
	NTSTATUS Status;

	HostSeededStart(&Host);
	Run.Bus = Mvisor ? FakeVirtioCreateMvisor() : FakeVirtioCreate();
	FakeVirtioTemper(Run.Bus, &Temper);
	FakeVirtioMoment(Run.Bus, Access, Moment, &Run);
	if (!Mvisor)
		FakeVirtioOffer(Run.Bus, OFFERS);
	if (SimStart(&(SIM_OPTIONS){.RamPath = MachineRam(),
		    .Seed = 1,
		    .PatienceMs = 120000,
		    .RegistryValues = "ResetIntervalMs=0,DeviceTimeoutMs=1000",
		    .Bus = Run.Bus}))
		abort();
	Status = SimLoadDriver(FxDriverEntry, FAKE_VIRTIO_VENDOR, Mvisor ? FAKE_MVISOR_DEVICE : FAKE_VIRTIO_DEVICE);
	Run.World = ActorWorldCreate(&(ACTOR_OPTIONS){.Strict = true, .KernelMemory = Mvisor});
	if (NT_SUCCESS(Status))
		RunThreads(&Run);
	else if (!Run.Due)
		abort();
	ActorWorldEnd(Run.World);
	if (NT_SUCCESS(Status) && (Event == Slept || Event == Rebalanced))
		ExpectWorking();
	if (SimStop() != 0)
		abort();
	HostSeededStop();
	return Run.Due;
}

/* ---- all moments ---- */
/* Shared with the children. */
typedef struct PROGRESS {
	unsigned Access; /* at hand, or next */
	bool Done; /* it comes no more */
} PROGRESS;
static PROGRESS *Progress;

/* In another process, which a failure ends. */
static bool RunBatch(bool Mvisor, EVENT Event, unsigned Seed)
{
	const unsigned End = Progress->Access + BATCH;
	int Status = 0;
	pid_t Process;

	fflush(NULL);
	Process = fork();
	if (Process == 0) {
		while (Progress->Access < End && !Progress->Done) {
			Progress->Done = !RunOne(Mvisor, Event, Seed, Progress->Access);
			Progress->Access += !Progress->Done;
		}
		exit(0);
	}
	return Process > 0 && waitpid(Process, &Status, 0) == Process && Status == 0;
}

static unsigned RunAll(bool Mvisor, EVENT Event, unsigned Seed, const char *Program)
{
	unsigned Failures = 0;

	*Progress = (PROGRESS){.Access = 1};
	while (!Progress->Done && Failures < MOST_FAILURES) {
		if (RunBatch(Mvisor, Event, Seed))
			continue;
		printf("FAILED\nreproduce: %s %s %s %u %u\n", Program, DeviceNames[Mvisor], EventNames[Event], Seed,
			Progress->Access++);
		Failures++;
	}
	printf("moments: %s %s, programs %u: %u moments, failures: %u\n", DeviceNames[Mvisor], EventNames[Event], Seed,
		Progress->Access - 1, Failures);
	return Failures;
}

static int RunNamed(char **Argument)
{
	const bool Mvisor = strcmp(Argument[1], DeviceNames[1]) == 0;
	const unsigned Seed = (unsigned)atoi(Argument[3]), Access = (unsigned)atoi(Argument[4]);

	for (unsigned Event = 0; Event < EVENTS; Event++) {
		if (strcmp(Argument[2], EventNames[Event]) == 0) {
			printf("%s\n", RunOne(Mvisor, (EVENT)Event, Seed, Access) ? "came" : "did not come");
			return 0;
		}
	}
	return 2;
}

int main(int Arguments, char **Argument)
{
	unsigned Failures = 0;

	if (Arguments == 5)
		return RunNamed(Argument);
	if (Arguments != 1) {
		fprintf(stderr, "usage: %s [virtio|mvisor gone|removed|slept|rebalanced SEED ACCESS]\n", Argument[0]);
		return 2;
	}
	Progress = mmap(NULL, sizeof(*Progress), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (Progress == MAP_FAILED)
		abort();
	for (unsigned Device = 0; Device < 2; Device++)
		for (unsigned Event = 0; Event < EVENTS; Event++)
			for (unsigned Seed = 1; Seed <= SEEDS; Seed++)
				Failures += RunAll(Device, (EVENT)Event, Seed, Argument[0]);
	return Failures ? 1 : 0;
}
