/* SPDX-License-Identifier: MIT */
/*
 * The interface to the device: one that lies in its capabilities, registers, rings and answers, interrupts without
 * cause, stays silent, is pulled out. Programs do ordinary work.
 */
#include "machine.h"
#include "tampering.h"
#include "../../sim/host/host_seeded.h"

#include <stdlib.h>

#define WRONG_ASK \
	251u /* FAKE_TEMPER.WrongOneIn: the device asks with this limit whether it does wrong, and 1 says yes */

/* The device's own decisions: when it works follows from the seed, what it does wrong from the input. A byte says how
 * often it is right before. */
typedef struct MOOD {
	INPUT *Input;
	const MACHINE *Machine;
	uint32_t RightFor;
	bool Wrong; /* just now */
} MOOD;

static uint32_t Decide(void *Context, uint32_t Limit)
{
	MOOD *Mood = Context;

	if (Limit != WRONG_ASK)
		return Mood->Wrong ? InputBack(Mood->Input, Limit) : HostSeededChoose(Limit);
	/* What Mvisor's device may touch while the driver gives up to start is kept for ever, and looks like a leak. */
	Mood->Wrong =
		Mood->RightFor == 0 && !InputIsDry(Mood->Input) && (!Mood->Machine->Mvisor || Mood->Machine->World);
	if (Mood->Wrong)
		Mood->RightFor = InputBack(Mood->Input, 64);
	else if (Mood->RightFor > 0)
		Mood->RightFor--;
	return Mood->Wrong;
}

static void Step(MACHINE *Machine)
{
	ActorStep(Machine->World, InputFront, Machine->Input);
}

static void Disturb(MACHINE *Machine)
{
	switch (InputBack(Machine->Input, 32)) {
	case 1:
		FakeVirtioRaise(Machine->Bus);
		break;
	case 2:
		if (Machine->Mvisor) /* late is all that it may be */
			break;
		FakeVirtioFault(Machine->Bus, (FAKE_FAULT)InputBack(Machine->Input, FakeFaultGone + 1));
		break;
	case 3:
		FakeVirtioFault(Machine->Bus, FakeFaultNone);
		break;
	case 4:
		if (Machine->Mvisor) /* asleep, it may owe answers: what it may touch is kept, and looks like a leak */
			break;
		SimPowerDown();
		SimPowerUp();
		break;
	case 5:
		if (Machine->Mvisor)
			break;
		SimSurpriseRemove();
		Machine->Disturb = NULL;
		break;
	default:
		if (!InputIsDry(Machine->Input) && Machine->Tampered)
			TamperingPoke(Machine->Tampered, InputBack, Machine->Input);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *Data, size_t Size);
int LLVMFuzzerTestOneInput(const uint8_t *Data, size_t Size)
{
	INPUT Input = InputOf(Data, Size);
	const uint32_t Seed = InputFront(&Input, 256), How = InputFront(&Input, 256);
	MOOD Mood = {.Input = &Input, .RightFor = InputFront(&Input, 256)};
	const FAKE_TEMPER Temper = {
		.Choose = Decide, .Context = &Mood, .MostDelayNs = 1000000, .WrongOneIn = How & 0x80 ? WRONG_ASK : 0};
	MACHINE Machine = {.Input = &Input,
		.Programs = 1 + How % MACHINE_PROGRAMS,
		.Mvisor = (How & 0x38) == 0x38,
		.Actors = {.Strict = true, .KernelMemory = (How & 0x38) == 0x38},
		.Step = Step,
		.Disturb = How & 0x40 ? Disturb : NULL,
		.MayNotStart = true};

	Mood.Machine = &Machine;
	MachineBegin(Seed, false);
	Machine.Bus = Machine.Mvisor ? FakeVirtioCreateMvisor() : FakeVirtioCreate();
	if (!Machine.Bus)
		abort();
	FakeVirtioTemper(Machine.Bus, &Temper);
	if (!Machine.Mvisor) { /* which ends the process when the driver believes what it has not said */
		FakeVirtioOffer(Machine.Bus, How >> 3 & MACHINE_OFFERS);
		Machine.Tampered = TamperingCreate(Machine.Bus, InputFront, &Input);
	}
	MachineRun(&Machine);
	return 0;
}
