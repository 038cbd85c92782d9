/* SPDX-License-Identifier: MIT */
#include "queue.h"

#include <string.h>

#include "rules.h"

/* virtio 1.2, 2.7.5: struct virtq_desc */
#define DESCRIPTOR_SIZE 16u
#define FLAG_NEXT 1u
#define FLAG_INDIRECT 4u
#define AVAILABLE_NO_INTERRUPT 1u
#define USED_RING 2u /* in half words */

typedef struct DESCRIPTOR {
	uint64_t Address;
	uint32_t Length;
	uint16_t Flags;
	uint16_t Next;
} DESCRIPTOR;

void MvQueueReset(MV_QUEUE *Queue, uint32_t Size)
{
	/* The vector and the addresses survive. */
	Queue->Enabled = Queue->Kicked = false;
	Queue->Size = Size;
	Queue->LastAvailable = 0;
	Queue->Descriptors = NULL;
	Queue->Available = Queue->Used = NULL;
}

static void *Ring(const MV_QUEUE *Queue, uint64_t Address, uint64_t Length, unsigned Alignment)
{
	void *Host = Address % Alignment == 0 ? MvMemoryRam(Queue->Memory, Address, Length) : NULL;

	if (!Host)
		MvPanic(MvRuleQueueMemory, "%#llx bytes at %#llx", (unsigned long long)Length,
			(unsigned long long)Address);
	return Host;
}

void MvQueueEnable(MV_QUEUE *Queue)
{
	uint64_t Size = Queue->Size;

	if (Queue->Enabled)
		MvPanic(MvRuleQueueEnabledTwice, "a queue is enabled once between resets");
	if (Size == 0 || Size > 32768)
		MvPanic(MvRuleQueueMemory, "a queue of %u entries", Queue->Size);
	Queue->Descriptors = Ring(Queue, Queue->DescriptorAddress, DESCRIPTOR_SIZE * Size, 16);
	Queue->Available = Ring(Queue, Queue->AvailableAddress, 6 + 2 * Size, 2);
	Queue->Used = Ring(Queue, Queue->UsedAddress, 6 + 8 * Size, 4);
	Queue->Enabled = true;
}

static void AddPiece(MV_QUEUE *Queue, MV_ELEMENT *Element, const DESCRIPTOR *Descriptor)
{
	uint8_t *Data = MvMemoryRam(Queue->Memory, Descriptor->Address, Descriptor->Length);

	if (!Data)
		MvPanic(MvRuleMemory, "a descriptor of %#x bytes at %#llx", Descriptor->Length,
			(unsigned long long)Descriptor->Address);
	if (Element->Count < MV_MAX_PIECES)
		Element->Pieces[Element->Count++] = (MV_PIECE){Data, Descriptor->Length};
}

static DESCRIPTOR ReadDescriptor(const uint8_t *Table, uint32_t Entries, uint32_t Index)
{
	DESCRIPTOR Descriptor;

	if (Index >= Entries)
		MvPanic(MvRuleDescriptor, "number %u of %u", Index, Entries);
	memcpy(&Descriptor, Table + (size_t)DESCRIPTOR_SIZE * Index, sizeof(Descriptor));
	return Descriptor;
}

static void CheckSteps(uint32_t Steps, uint32_t Entries)
{
	if (Steps > Entries)
		MvPanic(MvRuleDescriptor, "a loop");
}

static void WalkIndirect(MV_QUEUE *Queue, MV_ELEMENT *Element, const DESCRIPTOR *List)
{
	const uint8_t *Table = MvMemoryRam(Queue->Memory, List->Address, List->Length);
	uint32_t Entries = List->Length / DESCRIPTOR_SIZE;
	DESCRIPTOR Descriptor;
	uint32_t Index = 0;
	uint32_t Steps = 0;

	if (!Table)
		MvPanic(MvRuleDescriptor, "a list of %#x bytes at %#llx", List->Length,
			(unsigned long long)List->Address);
	do {
		Descriptor = ReadDescriptor(Table, Entries, Index);
		CheckSteps(++Steps, Entries);
		AddPiece(Queue, Element, &Descriptor);
		Index = Descriptor.Next;
	} while (Descriptor.Flags & FLAG_NEXT);
}

bool MvQueuePop(MV_QUEUE *Queue, uint64_t Features, MV_ELEMENT *Element)
{
	DESCRIPTOR Descriptor;
	uint32_t Steps = 0;
	uint32_t Index;

	if (__atomic_load_n(&Queue->Available[1], __ATOMIC_SEQ_CST) == Queue->LastAvailable)
		return false;
	memset(Element, 0, sizeof(*Element));
	Element->Id = Queue->Available[2 + Queue->LastAvailable++ % Queue->Size];
	if (Features & MV_RING_EVENT_IDX)
		__atomic_store_n(&Queue->Used[USED_RING + 4 * Queue->Size], Queue->LastAvailable, __ATOMIC_SEQ_CST);
	Index = Element->Id;
	do {
		Descriptor = ReadDescriptor(Queue->Descriptors, Queue->Size, Index);
		CheckSteps(++Steps, Queue->Size);
		if (Descriptor.Flags & FLAG_INDIRECT)
			WalkIndirect(Queue, Element, &Descriptor);
		else
			AddPiece(Queue, Element, &Descriptor);
		Index = Descriptor.Next;
	} while (Descriptor.Flags & FLAG_NEXT);
	return true;
}

void MvQueuePush(MV_QUEUE *Queue, uint16_t Id, uint32_t Written)
{
	uint16_t Index = Queue->Used[1]; /* the ring in RAM is the only place where it is kept */
	uint32_t Entry[2] = {Id, Written};

	memcpy(&Queue->Used[USED_RING + 4 * (Index % Queue->Size)], Entry, sizeof(Entry));
	__atomic_store_n(&Queue->Used[1], (uint16_t)(Index + 1), __ATOMIC_SEQ_CST);
}

bool MvQueueWantsSignal(const MV_QUEUE *Queue, uint64_t Features)
{
	uint16_t Used = __atomic_load_n(&Queue->Used[1], __ATOMIC_SEQ_CST);

	/* Only the first step past used_event signals: whoever takes two at a time is not told. */
	if (Features & MV_RING_EVENT_IDX)
		return (uint16_t)(Used - __atomic_load_n(&Queue->Available[2 + Queue->Size], __ATOMIC_SEQ_CST)) == 1;
	return !(__atomic_load_n(&Queue->Available[0], __ATOMIC_SEQ_CST) & AVAILABLE_NO_INTERRUPT);
}
