/* SPDX-License-Identifier: MIT */
#include "virtqueue.h"

#define VIRTQUEUE_USED_NO_NOTIFY 1u /* 2.7.10 */
#define VIRTQUEUE_END ((USHORT)0xffff)

/* Both rings start with flags and idx (2.7.6, 2.7.8); indices here are in units of USHORT. */
#define RING_FLAGS 0
#define RING_INDEX 1
#define RING_FIRST 2

static ULONG VirtqueueRound(ULONG Value, ULONG Alignment)
{
	return (Value + Alignment - 1) & ~(Alignment - 1);
}

_Use_decl_annotations_
VOID VirtqueueLayout(USHORT Size, VIRTQUEUE_LAYOUT *Layout)
{
	Layout->Available = 16u * Size;
	Layout->Used = VirtqueueRound(Layout->Available + 6u + 2u * Size, 4);
	Layout->Total = Layout->Used + 6u + 8u * Size;
}

_Use_decl_annotations_
VOID VirtqueueInit(VIRTQUEUE *Queue, USHORT Size, BOOLEAN EventIdx, PVOID Memory, VIRTQUEUE_TOKEN *Tokens)
{
	VIRTQUEUE_LAYOUT Layout;

	VirtqueueLayout(Size, &Layout);
	RtlZeroMemory(Memory, Layout.Total);
	RtlZeroMemory(Tokens, sizeof(*Tokens) * Size);
	RtlZeroMemory(Queue, sizeof(*Queue));
	Queue->Descriptors = Memory;
	Queue->Available = (volatile USHORT *)((PUCHAR)Memory + Layout.Available);
	Queue->Used = (volatile USHORT *)((PUCHAR)Memory + Layout.Used);
	Queue->Tokens = Tokens;
	Queue->Size = Size;
	Queue->FreeCount = Size;
	Queue->EventIdx = EventIdx;
	for (USHORT Index = 0; Index < Size; Index++)
		Queue->Tokens[Index].Next = Index + 1 < Size ? (USHORT)(Index + 1) : VIRTQUEUE_END;
}

static VOID VirtqueueLink(VIRTQUEUE_DESC *Chain, USHORT Count)
{
	for (USHORT Index = 0; Index < Count; Index++) {
		if (Index + 1 < Count) {
			Chain[Index].Flags |= VIRTQUEUE_DESC_NEXT;
			Chain[Index].Next = (USHORT)(Index + 1);
		} else {
			Chain[Index].Flags &= (USHORT)~VIRTQUEUE_DESC_NEXT;
			Chain[Index].Next = 0;
		}
	}
}

static USHORT VirtqueueCopyChain(VIRTQUEUE *Queue, const VIRTQUEUE_DESC *Chain, USHORT Count)
{
	USHORT Head = Queue->FreeHead;

	for (USHORT Index = 0; Index < Count; Index++) {
		USHORT Place = Queue->FreeHead;

		Queue->FreeHead = Queue->Tokens[Place].Next;
		Queue->Descriptors[Place] = Chain[Index];
		if (Chain[Index].Flags & VIRTQUEUE_DESC_NEXT)
			Queue->Descriptors[Place].Next = Queue->FreeHead;
	}
	Queue->FreeCount -= Count;
	return Head;
}

_Use_decl_annotations_
BOOLEAN VirtqueueAdd(VIRTQUEUE *Queue, VIRTQUEUE_DESC *Chain, USHORT Count, ULONG64 TablePhysical, PVOID Token)
{
	VIRTQUEUE_DESC Indirect;
	VIRTQUEUE_TOKEN *Slot;
	USHORT Head;

	if (Queue->Broken || Queue->FreeCount < (USHORT)(TablePhysical ? 1 : Count))
		return FALSE;
	VirtqueueLink(Chain, Count);
	Head = Queue->FreeHead;
	Slot = &Queue->Tokens[Head];
	Slot->Token = Token;
	Slot->Count = TablePhysical ? 1 : Count;
	Slot->Writable = 0;
	for (USHORT Index = 0; Index < Count; Index++)
		if (Chain[Index].Flags & VIRTQUEUE_DESC_WRITE)
			Slot->Writable += Chain[Index].Length;
	if (TablePhysical) {
		Indirect.Address = TablePhysical;
		Indirect.Length = Count * (ULONG)sizeof(VIRTQUEUE_DESC);
		Indirect.Flags = VIRTQUEUE_DESC_INDIRECT;
		Indirect.Next = 0;
		VirtqueueCopyChain(Queue, &Indirect, 1);
	} else {
		VirtqueueCopyChain(Queue, Chain, Count);
	}
	Queue->Available[RING_FIRST + (Queue->NextAvailable & (Queue->Size - 1))] = Head;
	Queue->NextAvailable++;
	return TRUE;
}

_Use_decl_annotations_
BOOLEAN VirtqueuePublish(VIRTQUEUE *Queue)
{
	USHORT Old = Queue->Notified;
	USHORT New = Queue->NextAvailable;
	USHORT Event;

	if (Old == New)
		return FALSE;
	WriteUShortRelease(&Queue->Available[RING_INDEX], New);
	Queue->Notified = New;
	KeMemoryBarrier(); /* the device must see idx before we look whether it wants to be told */
	if (!Queue->EventIdx)
		return !(ReadUShortAcquire(&Queue->Used[RING_FLAGS]) & VIRTQUEUE_USED_NO_NOTIFY);
	Event = ReadUShortAcquire(&Queue->Used[RING_FIRST + 4 * Queue->Size]);
	return (USHORT)(New - Event - 1) < (USHORT)(New - Old); /* 2.7.10.1 */
}

static VOID VirtqueueFreeChain(VIRTQUEUE *Queue, USHORT Head, USHORT Count)
{
	USHORT Last = Head;

	for (USHORT Index = 1; Index < Count; Index++)
		Last = Queue->Tokens[Last].Next;
	Queue->Tokens[Last].Next = Queue->FreeHead;
	Queue->FreeHead = Head;
	Queue->FreeCount += Count;
}

_Use_decl_annotations_
BOOLEAN VirtqueueTake(VIRTQUEUE *Queue, PVOID *Token, ULONG *Written)
{
	const volatile ULONG *Element;
	VIRTQUEUE_TOKEN *Slot;
	USHORT Pending;
	ULONG Id;

	*Token = NULL;
	*Written = 0;
	if (Queue->Broken)
		return FALSE;
	Pending = (USHORT)(ReadUShortAcquire(&Queue->Used[RING_INDEX]) - Queue->NextUsed);
	if (Pending == 0)
		return FALSE;
	if (Pending > Queue->Size)
		goto Broken;
	Element = (const volatile ULONG *)&Queue->Used[RING_FIRST + 4 * (Queue->NextUsed & (Queue->Size - 1))];
	Id = Element[0];
	*Written = Element[1];
	if (Id >= Queue->Size)
		goto Broken;
	Slot = &Queue->Tokens[Id];
	if (!Slot->Token || *Written > Slot->Writable)
		goto Broken;
	*Token = Slot->Token;
	Slot->Token = NULL;
	VirtqueueFreeChain(Queue, (USHORT)Id, Slot->Count);
	Queue->NextUsed++;
	return TRUE;
Broken:
	Queue->Broken = TRUE;
	return FALSE;
}

_Use_decl_annotations_
BOOLEAN VirtqueueArm(VIRTQUEUE *Queue)
{
	if (Queue->EventIdx) {
		Queue->Available[RING_FIRST + Queue->Size] = Queue->NextUsed;
		KeMemoryBarrier(); /* the device must see used_event before we look once more */
	}
	return Queue->Broken || ReadUShortAcquire(&Queue->Used[RING_INDEX]) == Queue->NextUsed;
}
