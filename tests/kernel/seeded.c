/* SPDX-License-Identifier: MIT */
/* seeded.c - see seeded.h. */
#include "seeded.h"
#include "actor.h"
#include "machine.h"
#include "../../sim/host/host.h"
#include "../../sim/host/host_seeded.h"
#include "../../sim/pci/fake_virtio.h"
#include "../../sim/sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_THREADS 4u
#define SHORT_NS 5000000u

NTSTATUS NTAPI FxDriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath);

/* What kind of run the seed makes. */
typedef struct PLAN {
	SIM_INTERRUPTS Interrupts;
	bool Mvisor;
	bool Calm; /* none of what follows but checked requests */
	bool Strict;
	bool Hostile; /* the device */
	unsigned Offers; /* FAKE_OFFER_* of it */
	bool Power; /* sleeps, resumes, is pulled out */
	uint32_t FaultOneIn; /* 0: nothing runs out */
	unsigned Threads;
	unsigned Steps; /* of each thread */
	const char *Registry;
} PLAN;

typedef struct RUN {
	PLAN Plan;
	SIM_BUS *Bus;
	ACTOR_WORLD *World;
	unsigned Acting; /* threads that are not done */
	bool Removed;
} RUN;

static uint32_t Choose(void *Context, uint32_t Limit)
{
	(void)Context;
	return HostSeededChoose(Limit);
}

static BOOLEAN Fault(void *Context, const char *Function)
{
	const RUN *Run = Context;

	(void)Function;
	return HostSeededOneIn(Run->Plan.FaultOneIn);
}

static void CheckStream(void *Context, const uint8_t *Stream, uint32_t Length)
{
	const RUN *Run = Context;

	if (!Run->Plan.Strict || ActorStreamRight(Stream, Length))
		return;
	if (Run->Plan.Mvisor && Length > 0 && Stream[0] == 0 && memcmp(Stream, Stream + 1, Length - 1) == 0)
		return; /* in place, in memory that no actor writes to */
	fprintf(stderr, "seeded: the device reads a stream of %u bytes that nobody sent\n", (unsigned)Length);
	abort();
}

static PLAN MakePlan(void)
{
	static const char *const Registries[] = {NULL, "MaxContexts=2,MaxResources=3,MaxMemories=2",
		"MaxCommands=8,DeviceTimeoutMs=1000,MaxKernelMemoryMiB=1",
		"ResetIntervalMs=0,DeviceTimeoutMs=2000,MaxKernelMemoryMiB=4"};
	PLAN Plan = {.Interrupts = HostSeededOneIn(4) ? SimInterruptsLine : SimInterruptsMessage};

	Plan.Calm = HostSeededOneIn(4);
	Plan.Strict = Plan.Calm || HostSeededOneIn(2);
	Plan.Hostile = !Plan.Calm && HostSeededOneIn(2);
	Plan.Power = !Plan.Calm && HostSeededOneIn(2);
	if (!Plan.Calm && HostSeededOneIn(3))
		Plan.FaultOneIn = 8u << HostSeededChoose(6);
	Plan.Threads = 1 + HostSeededChoose(MAX_THREADS);
	Plan.Steps = 4u << HostSeededChoose(5);
	Plan.Registry = Registries[HostSeededChoose(sizeof(Registries) / sizeof(Registries[0]))];
	Plan.Mvisor = HostSeededOneIn(3);
	if (!Plan.Mvisor) {
		Plan.Offers = HostSeededOneIn(4) ? HostSeededChoose(8) : 7;
		return Plan;
	}
	Plan.Interrupts = SimInterruptsMessage; /* it has no other */
	if (HostSeededOneIn(2))
		Plan.Registry = "FirstFenceId=4294967292,DeviceTimeoutMs=1000";
	/* What a sleeping device that owes answers may touch is kept for ever, which looks like a leak. */
	if (Plan.Hostile)
		Plan.Power = false;
	return Plan;
}

/* ---- the threads ---- */
static void Act(void *Context)
{
	RUN *Run = Context;

	for (unsigned Step = 0; Step < Run->Plan.Steps; Step++) {
		ActorStep(Run->World, Choose, NULL);
		if (HostSeededOneIn(8))
			HostSleep(HostSeededChoose(SHORT_NS));
	}
	SimUserThreadEnd();
	Run->Acting--;
}

static void Sleep(void)
{
	SimPowerDown();
	if (HostSeededOneIn(2))
		HostSleep(HostSeededChoose(SHORT_NS));
	SimPowerUp();
}

/* The machine around the programs: power, the device's other moods. One thread, as the PnP manager is. */
static void Disturb(void *Context)
{
	RUN *Run = Context;

	while (Run->Acting > 0) {
		switch (HostSeededChoose(8)) {
		case 0:
		case 1:
			if (Run->Plan.Power)
				Sleep();
			break;
		case 2:
			if (Run->Plan.Power && HostSeededOneIn(4)) {
				if (Run->Plan.Mvisor) /* what is pulled out carries nothing out */
					FakeVirtioHold(Run->Bus, true);
				SimSurpriseRemove();
				Run->Removed = true;
				return;
			}
			break;
		case 3: /* would hide an interrupt that is lost */
			if (!Run->Plan.Calm)
				FakeVirtioRaise(Run->Bus);
			break;
		case 4:
			if (Run->Plan.Hostile && !Run->Plan.Mvisor)
				FakeVirtioFault(Run->Bus, (FAKE_FAULT)HostSeededChoose(FakeFaultGone + 1));
			break;
		case 5:
			if (Run->Plan.Hostile)
				FakeVirtioFault(Run->Bus, FakeFaultNone);
			break;
		default:
			break;
		}
		HostSleep(1 + HostSeededChoose(SHORT_NS));
	}
}

static void RunThreads(RUN *Run)
{
	HOST_THREAD *Threads[MAX_THREADS + 1];

	Run->Acting = Run->Plan.Threads;
	for (unsigned i = 0; i <= Run->Plan.Threads; i++) {
		bool Last = i == Run->Plan.Threads;

		HostThreadCreate(&Threads[i], Last ? "disturb" : "actor", Last ? Disturb : Act, Run);
	}
	for (unsigned i = 0; i <= Run->Plan.Threads; i++)
		HostThreadJoin(Threads[i]);
}

/* ---- the machine ---- */
static void RunMachine(RUN *Run, uint64_t Seed)
{
	FAKE_TEMPER Temper = {.Choose = Choose, .Stream = CheckStream, .Context = Run, .MostDelayNs = SHORT_NS};
	const uint32_t WrongOneIn = Run->Plan.Hostile ? 4u << HostSeededChoose(6) : 0;
	const SIM_OPTIONS Options = {.RamPath = MachineRam(),
		.Interrupts = Run->Plan.Interrupts,
		.Seed = Seed,
		.PatienceMs = 120000,
		.RegistryValues = Run->Plan.Registry,
		.Bus = Run->Bus = Run->Plan.Mvisor ? FakeVirtioCreateMvisor() : FakeVirtioCreate()};
	FAKE_COUNTS Counts;

	/* Mvisor's only once it has started: what it may touch while the driver gives up would look like a leak. */
	Temper.WrongOneIn = Run->Plan.Mvisor ? 0 : WrongOneIn;
	FakeVirtioTemper(Run->Bus, &Temper);
	FakeVirtioOffer(Run->Bus, Run->Plan.Offers);
	if (SimStart(&Options) != 0)
		abort();
	if (Run->Plan.FaultOneIn)
		SimFaultDecide(Fault, Run);
	Run->World = ActorWorldCreate(
		&(ACTOR_OPTIONS){.Strict = Run->Plan.Strict, .Calm = Run->Plan.Calm, .KernelMemory = Run->Plan.Mvisor});
	if (NT_SUCCESS(SimLoadDriver(
		    FxDriverEntry, FAKE_VIRTIO_VENDOR, Run->Plan.Mvisor ? FAKE_MVISOR_DEVICE : FAKE_VIRTIO_DEVICE))) {
		Temper.WrongOneIn = WrongOneIn;
		RunThreads(Run);
	} else if (!Run->Plan.FaultOneIn && !Run->Plan.Hostile) {
		fprintf(stderr, "seeded: the driver does not start\n");
		abort();
	}
	if (Run->Plan.Mvisor)
		FakeVirtioComeRound(Run->Bus);
	ActorWorldEnd(Run->World);
	Counts = FakeVirtioCounts(Run->Bus);
	if (Run->Plan.Calm && Counts.Errors > 0) {
		fprintf(stderr, "seeded: the device refused %u commands\n", Counts.Errors);
		abort();
	}
	if (SimStop() != 0)
		abort();
	SimFaultDecide(NULL, NULL);
}

static void Describe(const PLAN *Plan)
{
	fprintf(stderr, "seeded: %s, %s interrupts, %u threads of %u steps, requests %s, device %s, power %s\n",
		Plan->Mvisor ? "Mvisor" : "virtio-gpu", Plan->Interrupts == SimInterruptsLine ? "line" : "message",
		Plan->Threads, Plan->Steps, Plan->Strict ? "checked" : "of any kind",
		Plan->Hostile ? "hostile" : "well-behaved", Plan->Power ? "changes" : "stays");
	fprintf(stderr, "seeded: one call in %u fails, registry: %s\n", Plan->FaultOneIn,
		Plan->Registry ? Plan->Registry : "empty");
}

SEEDED_RESULT SeededRun(uint64_t Seed, SEEDED_TELL Tell)
{
	/* A wait for the device may be long; a device must not look hung because it was not its turn. */
	const HOST_SEEDED_OPTIONS Options = {.Seed = Seed, .MostJumpNs = 200000, .Trace = Tell == SeededTellAll};
	SEEDED_RESULT Result;
	RUN Run = {.Bus = NULL};

	HostSeededStart(&Options);
	Run.Plan = MakePlan();
	if (Tell != SeededTellNothing)
		Describe(&Run.Plan);
	RunMachine(&Run, Seed);
	Result.Calm = Run.Plan.Calm;
	Result.Steps = HostSeededSteps();
	Result.Hash = HostSeededStop();
	return Result;
}
