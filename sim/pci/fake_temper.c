/* SPDX-License-Identifier: MIT */
/*
 * fake_temper.c - the model with a temper: a thread that takes, executes and answers commands in steps, each when it
 * pleases. Commands are executed in the order of the queue and answered in any, but for those with a fence, which keep
 * the order of their context and ring; all of them on Mvisor's device. Interrupts come late and merged. With
 * WrongOneIn, it also does what no device should.
 */
#include "fake_internal.h"

#include <stdlib.h>
#include <string.h>

#define FLAG_FENCE 1u
#define STATUS_NEEDS_RESET 64u
#define SHORT_NS 2000u
#define MOST_SILENCE_NS 20000000000ull

static uint32_t Choose(FAKE_VIRTIO *Fake, uint32_t Limit)
{
	return Fake->Temper->Choose(Fake->Temper->Context, Limit);
}

/* ---- commands that are under way ---- */
typedef struct FIRST_WORDS {
	uint32_t Words[6]; /* of the request: type, flags, fence id, context, ring */
	uint32_t Length;
} FIRST_WORDS;

static bool ReadFirst(FAKE_VIRTIO *Fake, void *Context, const FAKE_DESCRIPTOR *Descriptor)
{
	const void *Memory = FakeRam(Fake, Descriptor->Address, Descriptor->Length);
	FIRST_WORDS *First = Context;

	if (Memory && First->Length == 0) {
		First->Length = Descriptor->Length < sizeof(First->Words) ? Descriptor->Length : sizeof(First->Words);
		memcpy(First->Words, Memory, First->Length);
	}
	return Memory != NULL;
}

static void Take(FAKE_VIRTIO *Fake, FAKE_QUEUE *Queue, uint16_t Head)
{
	FAKE_OUTSTANDING *New = &Fake->Outstanding[Fake->Taken++];
	FIRST_WORDS First = {.Length = 0};

	memset(New, 0, sizeof(*New));
	New->Head = Head;
	FakeWalk(Fake, Queue, Head, ReadFirst, &First);
	if (First.Words[1] & FLAG_FENCE)
		New->Line = Fake->Mvisor ? 1 : 1 + ((uint64_t)First.Words[4] << 8 | (First.Words[5] & 0xff));
	New->Ring = First.Words[5] & 0xff;
}

static FAKE_OUTSTANDING *NextToExecute(FAKE_VIRTIO *Fake)
{
	for (unsigned i = 0; i < Fake->Taken; i++) {
		if (!Fake->Outstanding[i].Answer)
			return &Fake->Outstanding[i];
	}
	return NULL;
}

static bool MayAnswer(const FAKE_VIRTIO *Fake, unsigned Index)
{
	const FAKE_OUTSTANDING *Command = &Fake->Outstanding[Index];

	for (unsigned i = 0; i < Index && Command->Line; i++) {
		if (Fake->Outstanding[i].Line == Command->Line)
			return false;
	}
	return Command->Answer != NULL;
}

/* One that may be answered, chosen; -1: none. */
static int NextToAnswer(FAKE_VIRTIO *Fake)
{
	unsigned Count = 0, Which;

	for (unsigned i = 0; i < Fake->Taken; i++)
		Count += MayAnswer(Fake, i);
	if (Count == 0)
		return -1;
	Which = Choose(Fake, Count);
	for (unsigned i = 0; i < Fake->Taken; i++) {
		if (MayAnswer(Fake, i) && Which-- == 0)
			return (int)i;
	}
	return -1;
}

static void Drop(FAKE_VIRTIO *Fake, unsigned Index)
{
	free(Fake->Outstanding[Index].Answer);
	memmove(&Fake->Outstanding[Index], &Fake->Outstanding[Index + 1],
		(--Fake->Taken - Index) * sizeof(Fake->Outstanding[0]));
}

void FakeTemperForget(FAKE_VIRTIO *Fake)
{
	while (Fake->Taken > 0)
		Drop(Fake, Fake->Taken - 1);
}

bool FakeTemperKeep(FAKE_VIRTIO *Fake, FAKE_QUEUE *Queue, uint16_t Head, const uint8_t *Answer, uint32_t Length)
{
	FAKE_OUTSTANDING *New;

	if (!Fake->HeldRings || Fake->Taken == FAKE_QUEUE_SIZE)
		return false;
	Take(Fake, Queue, Head);
	New = &Fake->Outstanding[Fake->Taken - 1];
	if (!New->Line || !(Fake->HeldRings >> New->Ring & 1)) {
		Fake->Taken--;
		return false;
	}
	New->Answer = malloc(Length + 1);
	if (!New->Answer)
		HostAbort();
	memcpy(New->Answer, Answer, Length);
	New->Length = Length;
	return true;
}

void FakeTemperRelease(FAKE_VIRTIO *Fake, FAKE_QUEUE *Queue)
{
	unsigned i = 0;

	while (!Fake->Temper && i < Fake->Taken) {
		if (Fake->HeldRings >> Fake->Outstanding[i].Ring & 1) {
			i++;
			continue;
		}
		FakeQueueAnswer(Fake, Queue, Fake->Outstanding[i].Head, Fake->Outstanding[i].Answer,
			Fake->Outstanding[i].Length);
		Drop(Fake, i);
	}
	FakeQueueInterrupt(Fake, Queue);
}

/* ---- what is wrong ---- */
static void Garble(FAKE_VIRTIO *Fake, FAKE_OUTSTANDING *Command)
{
	for (uint32_t Changes = 1 + Choose(Fake, 4); Changes > 0 && Command->Length > 0; Changes--)
		Command->Answer[Choose(Fake, Command->Length)] = (uint8_t)Choose(Fake, 256);
}

static void DoWrong(FAKE_VIRTIO *Fake, FAKE_QUEUE *Queue)
{
	uint16_t *Used = FakeRam(Fake, Queue->Used, 4);

	/* A device that must not be reset while it owes answers can be late, but has to answer. */
	switch (Fake->Mvisor ? 2 * Choose(Fake, 2) : Choose(Fake, 6)) {
	case 0: /* an interrupt without cause */
		Fake->Isr |= 1;
		FakeInterrupt(Fake, Queue->Vector);
		break;
	case 1: /* an answer that never comes */
		if (Fake->Taken > 0)
			Drop(Fake, Choose(Fake, Fake->Taken));
		break;
	case 2:
		Fake->SilentUntil = HostNow() + MOST_SILENCE_NS / (1u << Choose(Fake, 12));
		break;
	case 3: /* it gives up */
		Fake->Status |= STATUS_NEEDS_RESET;
		Fake->Isr |= 2;
		FakeInterrupt(Fake, Fake->ConfigVector);
		break;
	case 4: /* more answers than there are */
		Fake->Lied = true;
		if (Used)
			Used[1] = (uint16_t)(Queue->NextUsed += (uint16_t)Choose(Fake, 2 * FAKE_QUEUE_SIZE));
		break;
	default: /* from now on, until it is reset or chance mends it */
		FakeSetFault(Fake, (FAKE_FAULT)Choose(Fake, FakeFaultGone + 1));
		break;
	}
}

static void Answer(FAKE_VIRTIO *Fake, FAKE_QUEUE *Queue, unsigned Index)
{
	static const FAKE_FAULT Faults[] = {
		FakeFaultErrorAnswer, FakeFaultBadId, FakeFaultRepeatedId, FakeFaultBadLength, FakeFaultBadType};
	FAKE_OUTSTANDING *Command = &Fake->Outstanding[Index];
	FAKE_FAULT Before = Fake->Fault;

	if (Fake->Temper->WrongOneIn && Choose(Fake, Fake->Temper->WrongOneIn) == 1) {
		if (Fake->Mvisor || Choose(Fake, 2))
			Garble(Fake, Command);
		else
			Fake->Fault = Faults[Choose(Fake, 5)];
	}
	FakeQueueAnswer(Fake, Queue, Command->Head, Command->Answer, Command->Length);
	Fake->Fault = Before;
	Drop(Fake, Index);
}

/* ---- the thread ---- */
/* One step on the queue; false: there is nothing to do. */
static bool Work(FAKE_VIRTIO *Fake, FAKE_QUEUE *Queue)
{
	FAKE_OUTSTANDING *Command;
	uint16_t Head;
	int Index;

	if (!FakeQueueWorks(Fake, Queue))
		return false;
	if (Fake->Temper->WrongOneIn && Choose(Fake, Fake->Temper->WrongOneIn) == 1)
		DoWrong(Fake, Queue);
	if (Fake->Taken < FAKE_QUEUE_SIZE && Choose(Fake, 3) && FakeQueueTake(Fake, Queue, &Head)) {
		Take(Fake, Queue, Head);
		return true;
	}
	Command = NextToExecute(Fake);
	if (Command && Choose(Fake, 2)) {
		Command->Answer = FakeQueueExecute(Fake, Queue, Command->Head, &Command->Length);
		return true;
	}
	Index = NextToAnswer(Fake);
	if (Index >= 0 && Choose(Fake, 2)) {
		Answer(Fake, Queue, (unsigned)Index);
		if (Choose(Fake, 2))
			FakeQueueInterrupt(Fake, Queue);
		return true;
	}
	if (Queue->Told != Queue->NextUsed) {
		FakeQueueInterrupt(Fake, Queue);
		return true;
	}
	if (!Command && Index < 0 && FakeQueueTake(Fake, Queue, &Head)) {
		Take(Fake, Queue, Head);
		return true;
	}
	return Command || Index >= 0;
}

static uint64_t Delay(FAKE_VIRTIO *Fake)
{
	uint64_t Now = HostNow();

	if (Fake->SilentUntil > Now && !Fake->Round)
		return Fake->SilentUntil - Now;
	if (Fake->Temper->MostDelayNs == 0 || Choose(Fake, 8) != 1)
		return Choose(Fake, 2) ? Choose(Fake, SHORT_NS) : 0;
	return Fake->Temper->MostDelayNs / (1 + Choose(Fake, 64));
}

static void DeviceThread(void *Context)
{
	FAKE_VIRTIO *Fake = Context;

	HostLockAcquire(&Fake->Lock);
	while (!Fake->Stop) {
		uint64_t Pause;

		if (!Work(Fake, &Fake->Queues[0])) {
			HostConditionWait(&Fake->Doorbell, &Fake->Lock, HOST_FOREVER);
			continue;
		}
		Pause = Delay(Fake);
		if (Pause == 0) {
			HostLockRelease(&Fake->Lock);
			HostLockAcquire(&Fake->Lock);
		} else { /* only the stop ends it early */
			uint64_t End = HostNow() + Pause;

			while (!Fake->Stop && !Fake->Round && HostNow() < End)
				HostConditionWait(&Fake->Doorbell, &Fake->Lock, End - HostNow());
		}
	}
	HostLockRelease(&Fake->Lock);
}

void FakeTemperStart(FAKE_VIRTIO *Fake)
{
	if (HostThreadCreate(&Fake->Thread, "device", DeviceThread, Fake) != 0)
		HostAbort();
}

void FakeTemperStop(FAKE_VIRTIO *Fake)
{
	HostLockAcquire(&Fake->Lock);
	Fake->Stop = true;
	HostConditionSignalAll(&Fake->Doorbell);
	HostLockRelease(&Fake->Lock);
	HostThreadJoin(Fake->Thread);
}

/* ---- what it may touch ---- */
typedef struct RANGE {
	uint64_t Start;
	uint64_t End;
	bool Touched;
} RANGE;

static void Cover(RANGE *Range, uint64_t Address, uint64_t Length)
{
	if (Address < Range->End && Range->Start < Address + Length)
		Range->Touched = true;
}

static bool CoverDescriptor(FAKE_VIRTIO *Fake, void *Context, const FAKE_DESCRIPTOR *Descriptor)
{
	(void)Fake;
	Cover(Context, Descriptor->Address, Descriptor->Length);
	return true;
}

static void CoverQueue(FAKE_VIRTIO *Fake, const FAKE_QUEUE *Queue, RANGE *Range)
{
	const uint16_t *Available = FakeRam(Fake, Queue->Available, 6 + 2ull * Queue->Size);

	if (!Queue->Enabled || !Available)
		return;
	Cover(Range, Queue->Descriptors, 16ull * Queue->Size);
	Cover(Range, Queue->Available, 6 + 2ull * Queue->Size);
	Cover(Range, Queue->Used, 6 + 8ull * Queue->Size);
	for (uint16_t At = Queue->NextAvailable; At != Available[1]; At++)
		FakeWalk(Fake, Queue, Available[2 + At % Queue->Size], CoverDescriptor, Range);
}

bool FakeTouches(SIM_BUS *Bus, uint64_t Address, uint64_t Length)
{
	FAKE_VIRTIO *Fake = (FAKE_VIRTIO *)Bus;
	RANGE Range = {Address, Address + Length, false};

	HostLockAcquire(&Fake->Lock);
	if ((Fake->Status & 4) && FakeIsBusMaster(Fake) && !Fake->Lied) {
		for (unsigned i = 0; i < FAKE_QUEUES; i++)
			CoverQueue(Fake, &Fake->Queues[i], &Range);
		for (unsigned i = 0; i < Fake->Taken; i++)
			FakeWalk(Fake, &Fake->Queues[0], Fake->Outstanding[i].Head, CoverDescriptor, &Range);
		for (unsigned Id = 0; Id < Fake->BackingsEnd; Id++) {
			const FAKE_BACKING *Backing = &Fake->Backings[Id];

			for (uint32_t i = 0; i < Backing->Entries; i++)
				Cover(&Range, Backing->Entry[i].Address, Backing->Entry[i].Length);
		}
	}
	HostLockRelease(&Fake->Lock);
	return Range.Touched;
}
