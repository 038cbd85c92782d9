/* SPDX-License-Identifier: MIT */
/* fake_queue.c - the model's side of split virtqueues: virtio 1.x section 2.7, with indirect descriptors and event
 * index. */
#include "fake_internal.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define DESCRIPTOR_NEXT 1u
#define DESCRIPTOR_WRITE 2u
#define DESCRIPTOR_INDIRECT 4u
#define AVAILABLE_NO_INTERRUPT 1u
#define FEATURE_EVENT_INDEX (1ull << 29)
#define MAX_CHAIN 2048u
#define MAX_BYTES (1u << 20)

typedef struct CHAIN {
	uint8_t *Out; /* the readable bytes, copied together */
	uint32_t OutLength;
	uint8_t *In; /* what will be written */
	uint32_t InLength;
	FAKE_DESCRIPTOR Writable[MAX_CHAIN];
	uint32_t Writables;
} CHAIN;

void *FakeRam(FAKE_VIRTIO *Fake, uint64_t Address, uint64_t Length)
{
	return Address < Fake->RamSize && Length <= Fake->RamSize - Address ? Fake->Ram + Address : NULL;
}

static uint16_t Load16(FAKE_VIRTIO *Fake, uint64_t Address)
{
	uint16_t *Word = FakeRam(Fake, Address, sizeof(*Word));

	return Word ? __atomic_load_n(Word, __ATOMIC_ACQUIRE) : 0;
}

static void Store16(FAKE_VIRTIO *Fake, uint64_t Address, uint16_t Value)
{
	uint16_t *Word = FakeRam(Fake, Address, sizeof(*Word));

	if (Word)
		__atomic_store_n(Word, Value, __ATOMIC_RELEASE);
}

static bool AddBuffer(FAKE_VIRTIO *Fake, void *Context, const FAKE_DESCRIPTOR *Descriptor)
{
	const void *Memory = FakeRam(Fake, Descriptor->Address, Descriptor->Length);
	CHAIN *Chain = Context;

	if (!Memory)
		return false;
	if (Descriptor->Flags & DESCRIPTOR_WRITE) {
		if (Chain->Writables == MAX_CHAIN || Chain->InLength + Descriptor->Length > MAX_BYTES)
			return false;
		Chain->Writable[Chain->Writables++] = *Descriptor;
		Chain->InLength += Descriptor->Length;
		return true;
	}
	if (Chain->InLength > 0 || Chain->OutLength + Descriptor->Length > MAX_BYTES) /* readable ones come first */
		return false;
	memcpy(Chain->Out + Chain->OutLength, Memory, Descriptor->Length);
	Chain->OutLength += Descriptor->Length;
	return true;
}

typedef struct WALK {
	FAKE_VISIT Visit;
	void *Context;
} WALK;

static bool WalkTable(FAKE_VIRTIO *Fake, const WALK *Walk, uint64_t Table, uint32_t Size, uint16_t First, bool Indirect)
{
	FAKE_DESCRIPTOR Descriptor;

	for (uint32_t Steps = 0; Steps < Size; Steps++) {
		const void *Entry = FakeRam(Fake, Table + First * sizeof(Descriptor), sizeof(Descriptor));

		if (!Entry || First >= Size)
			return false;
		memcpy(&Descriptor, Entry, sizeof(Descriptor));
		if (Descriptor.Flags & DESCRIPTOR_INDIRECT)
			return !Indirect && !(Descriptor.Flags & DESCRIPTOR_NEXT) &&
			       Descriptor.Length % sizeof(Descriptor) == 0 &&
			       WalkTable(Fake, Walk, Descriptor.Address,
				       (uint32_t)(Descriptor.Length / sizeof(Descriptor)), 0, true);
		if (!Walk->Visit(Fake, Walk->Context, &Descriptor))
			return false;
		if (!(Descriptor.Flags & DESCRIPTOR_NEXT))
			return true;
		First = Descriptor.Next;
	}
	return false; /* a loop */
}

bool FakeWalk(FAKE_VIRTIO *Fake, const FAKE_QUEUE *Queue, uint16_t Head, FAKE_VISIT Visit, void *Context)
{
	return WalkTable(Fake, &(WALK){Visit, Context}, Queue->Descriptors, Queue->Size, Head, false);
}

static void WriteBack(FAKE_VIRTIO *Fake, const CHAIN *Chain, uint32_t Length)
{
	uint32_t Done = 0;

	for (uint32_t i = 0; i < Chain->Writables && Done < Length; i++) {
		uint32_t Part = Chain->Writable[i].Length < Length - Done ? Chain->Writable[i].Length : Length - Done;

		memcpy(FakeRam(Fake, Chain->Writable[i].Address, Part), Chain->In + Done, Part);
		Done += Part;
	}
}

static void Use(FAKE_VIRTIO *Fake, FAKE_QUEUE *Queue, uint32_t Id, uint32_t Length)
{
	uint32_t Element[2] = {Id, Length};
	void *Slot = FakeRam(Fake, Queue->Used + 4 + 8ull * (Queue->NextUsed % Queue->Size), sizeof(Element));

	if (Fake->Fault == FakeFaultBadId || Fake->Fault == FakeFaultRepeatedId)
		Fake->Lied = true;
	if (Fake->Fault == FakeFaultBadId)
		Element[0] = Queue->Size + 7u;
	else if (Fake->Fault == FakeFaultRepeatedId)
		Element[0] = Queue->LastId;
	else if (Fake->Fault == FakeFaultBadLength)
		Element[1] = 0x7fffffff;
	Queue->LastId = Id;
	if (Slot)
		memcpy(Slot, Element, sizeof(Element));
	Store16(Fake, Queue->Used + 2, ++Queue->NextUsed);
}

static bool WantsInterrupt(FAKE_VIRTIO *Fake, const FAKE_QUEUE *Queue, uint16_t Before)
{
	uint16_t Event;

	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (!(Fake->DriverFeatures & FEATURE_EVENT_INDEX))
		return !(Load16(Fake, Queue->Available) & AVAILABLE_NO_INTERRUPT);
	Event = Load16(Fake, Queue->Available + 4 + 2ull * Queue->Size);
	return (uint16_t)(Queue->NextUsed - Event - 1) < (uint16_t)(Queue->NextUsed - Before);
}

/* Executes the command; the bytes of its answer, in Chain->In. */
static uint32_t Execute(FAKE_VIRTIO *Fake, const FAKE_QUEUE *Queue, CHAIN *Chain, uint16_t Head)
{
	bool Whole;

	Chain->OutLength = Chain->InLength = Chain->Writables = 0;
	Whole = FakeWalk(Fake, Queue, Head, AddBuffer, Chain);

	if (Fake->Mvisor)
		return FakeMvisorCommand(
			Fake, Queue, Head, &(FAKE_BUFFERS){Chain->Out, Chain->OutLength, Chain->In, Chain->InLength});
	if (Whole)
		return FakeGpuCommand(Fake, Chain->Out, Chain->OutLength, Chain->In, Chain->InLength);
	Fake->Counts.Errors++;
	return 0;
}

/* Takes the next buffer that is available; *Head is its first descriptor. */
bool FakeQueueTake(FAKE_VIRTIO *Fake, FAKE_QUEUE *Queue, uint16_t *Head)
{
	if (Queue->NextAvailable == Load16(Fake, Queue->Available + 2)) {
		/* avail_event: tell me of the next one; and look once more, in case it came meanwhile */
		Store16(Fake, Queue->Used + 4 + 8ull * Queue->Size, Queue->NextAvailable);
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
		if (Queue->NextAvailable == Load16(Fake, Queue->Available + 2))
			return false;
	}
	*Head = Load16(Fake, Queue->Available + 4 + 2ull * (Queue->NextAvailable % Queue->Size));
	Queue->NextAvailable++;
	return true;
}

void FakeQueueInterrupt(FAKE_VIRTIO *Fake, FAKE_QUEUE *Queue)
{
	if (Queue->NextUsed != Queue->Told && WantsInterrupt(Fake, Queue, Queue->Told)) {
		Fake->Isr |= 1;
		Fake->Counts.Interrupts++;
		FakeInterrupt(Fake, Queue->Vector);
	}
	Queue->Told = Queue->NextUsed;
}

/* Pages, of which only the used ones cost anything. */
static void *Buffer(void)
{
	void *Pages;

	return HostMapPrivate(MAX_BYTES, HOST_ACCESS_READ_WRITE, NULL, &Pages) == 0 ? Pages : NULL;
}

/* One for all commands: it is large. */
static CHAIN *TheChain(FAKE_VIRTIO *Fake)
{
	CHAIN *Chain = Fake->Chain;

	if (Chain)
		return Chain;
	Fake->Chain = Chain = calloc(1, sizeof(*Chain));
	if (Chain) {
		Chain->Out = Buffer();
		Chain->In = Buffer();
	}
	if (!Chain || !Chain->Out || !Chain->In)
		HostAbort();
	return Chain;
}

void FakeQueueFree(FAKE_VIRTIO *Fake)
{
	CHAIN *Chain = Fake->Chain;

	if (!Chain)
		return;
	HostUnmap(Chain->Out, MAX_BYTES);
	HostUnmap(Chain->In, MAX_BYTES);
	free(Chain);
	Fake->Chain = NULL;
}

bool FakeQueueWorks(const FAKE_VIRTIO *Fake, const FAKE_QUEUE *Queue)
{
	return Queue->Enabled && !Fake->Held && (Fake->Status & 4) && FakeIsBusMaster(Fake);
}

void FakeQueueRun(FAKE_VIRTIO *Fake, unsigned Index)
{
	FakeQueueRunSome(Fake, Index, UINT_MAX);
}

void FakeQueueRunSome(FAKE_VIRTIO *Fake, unsigned Index, unsigned Count)
{
	FAKE_QUEUE *Queue = &Fake->Queues[Index];
	CHAIN *Chain;
	uint16_t Head;

	if (!FakeQueueWorks(Fake, Queue))
		return;
	Chain = TheChain(Fake);
	for (; Count > 0 && FakeQueueTake(Fake, Queue, &Head); Count--) {
		uint32_t Length = Execute(Fake, Queue, Chain, Head);

		if (FakeTemperKeep(Fake, Queue, Head, Chain->In, Length))
			continue;
		WriteBack(Fake, Chain, Length);
		Use(Fake, Queue, Head, Length);
	}
	FakeQueueInterrupt(Fake, Queue);
}

uint8_t *FakeQueueExecute(FAKE_VIRTIO *Fake, const FAKE_QUEUE *Queue, uint16_t Head, uint32_t *Length)
{
	CHAIN *Chain = TheChain(Fake);
	uint8_t *Answer;

	*Length = Execute(Fake, Queue, Chain, Head);
	Answer = malloc(*Length + 1);
	if (!Answer)
		HostAbort();
	memcpy(Answer, Chain->In, *Length);
	return Answer;
}

void FakeQueueAnswer(FAKE_VIRTIO *Fake, FAKE_QUEUE *Queue, uint16_t Head, const uint8_t *Answer, uint32_t Length)
{
	CHAIN *Chain = TheChain(Fake);

	Chain->OutLength = Chain->InLength = Chain->Writables = 0;
	if (FakeWalk(Fake, Queue, Head, AddBuffer, Chain)) {
		memcpy(Chain->In, Answer, Length < MAX_BYTES ? Length : MAX_BYTES);
		WriteBack(Fake, Chain, Length);
	} else {
		Fake->Counts.Errors++; /* it was right when it was executed */
	}
	Use(Fake, Queue, Head, Length);
}
