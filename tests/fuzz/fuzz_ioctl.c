/* SPDX-License-Identifier: MIT */
/* The interface to programs: any requests on several handles from several threads, on a device that keeps the rules. */
#include "machine.h"
#include "raw.h"
#include "../../sim/host/host_seeded.h"

#include <stdio.h>
#include <stdlib.h>

static RAW *Raw;

static void Step(MACHINE *Machine)
{
	switch (InputFront(Machine->Input, 4)) {
	case 0:
	case 1:
		RawStep(Raw, InputFront, Machine->Input);
		break;
	default:
		ActorStep(Machine->World, InputFront, Machine->Input);
		break;
	}
}

static void End(MACHINE *Machine)
{
	(void)Machine;
	RawEnd(Raw);
}

/* The device stays, what is around it changes: it sleeps, it goes. */
static void Disturb(MACHINE *Machine)
{
	switch (HostSeededChoose(64)) {
	case 0:
		SimPowerDown();
		SimPowerUp();
		break;
	case 1:
		SimSurpriseRemove();
		Machine->Disturb = NULL;
		break;
	default:
		break;
	}
}

static uint32_t ByChance(void *Context, uint32_t Limit)
{
	(void)Context;
	return HostSeededChoose(Limit);
}

int LLVMFuzzerTestOneInput(const uint8_t *Data, size_t Size);
int LLVMFuzzerTestOneInput(const uint8_t *Data, size_t Size)
{
	static const FAKE_TEMPER Temper = {.Choose = ByChance, .MostDelayNs = 1000000};
	INPUT Input = InputOf(Data, Size);
	const uint32_t Seed = InputFront(&Input, 256), How = InputFront(&Input, 256);
	MACHINE Machine = {.Input = &Input,
		.Programs = 1 + How % MACHINE_PROGRAMS,
		.Actors = {.Strict = false},
		.Step = Step,
		.End = End,
		.Kept = How < 0xe0};

	if (!MachineBegin(Seed, Machine.Kept)) {
		Machine.Mvisor = !Machine.Kept && How & 0x10;
		Machine.Actors.KernelMemory = Machine.Mvisor;
		Machine.Bus = Machine.Mvisor ? FakeVirtioCreateMvisor() : FakeVirtioCreate();
		if (!Machine.Bus)
			abort();
		if (!Machine.Mvisor)
			FakeVirtioOffer(Machine.Bus, MACHINE_OFFERS);
		if (Machine.Kept || How & 1)
			FakeVirtioTemper(Machine.Bus, &Temper);
	}
	if (!Machine.Kept) {
		Machine.Disturb = How & 2 ? Disturb : NULL;
		Machine.FaultAt = How & 4 ? InputFront(&Input, 1024) : 0;
		Machine.MayNotStart = Machine.FaultAt > 0;
	}
	SimUserPrivileged(How & 8 ? TRUE : FALSE);
	Raw = RawCreate();
	MachineRun(&Machine);
	return 0;
}
