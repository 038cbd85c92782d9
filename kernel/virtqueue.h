/* SPDX-License-Identifier: MIT */
/*
 * virtqueue.h - a split virtqueue (virtio 1.x section 2.7): descriptor table, available ring, used ring.
 *
 * Memory logic only: it touches the ring and nothing else, so it runs anywhere. It has no lock of its own; the owner
 * serializes every call. The device writes the used ring at any time and is not trusted: an id that was not handed out
 * or a length beyond what it may write marks the queue broken, and then nothing more is taken from it.
 */
#ifndef VGPU_VIRTQUEUE_H
#define VGPU_VIRTQUEUE_H

#include "nt.h"

#define VIRTQUEUE_MAX_SIZE 32768u /* 2.7: a power of two, at most this */

/* 2.7.5 The virtqueue descriptor table */
#define VIRTQUEUE_DESC_NEXT 1u
#define VIRTQUEUE_DESC_WRITE 2u /* by the device */
#define VIRTQUEUE_DESC_INDIRECT 4u
typedef struct _VIRTQUEUE_DESC {
	ULONG64 Address; /* guest-physical */
	ULONG Length; /* bytes */
	USHORT Flags;
	USHORT Next;
} VIRTQUEUE_DESC;
C_ASSERT(sizeof(VIRTQUEUE_DESC) == 16);

/* Where the three parts lie in one block of memory, and its size. */
typedef struct _VIRTQUEUE_LAYOUT {
	ULONG Available; /* offsets in bytes; the descriptor table is at 0 */
	ULONG Used;
	ULONG Total;
} VIRTQUEUE_LAYOUT;

typedef struct _VIRTQUEUE_TOKEN {
	PVOID Token; /* NULL: this head is not with the device */
	ULONG Writable; /* bytes that the device may write */
	USHORT Count; /* descriptors of the table that the chain takes, linked by Next */
	USHORT Next; /* of the same index in the descriptor table; kept here, where the device cannot write */
} VIRTQUEUE_TOKEN;

typedef struct _VIRTQUEUE {
	VIRTQUEUE_DESC *Descriptors;
	volatile USHORT *Available; /* flags, idx, ring[Size], used_event */
	volatile USHORT *Used; /* flags, idx, then ULONG pairs id and length, avail_event */
	VIRTQUEUE_TOKEN *Tokens; /* one per descriptor, at a chain's head */
	USHORT Size;
	USHORT FreeHead;
	USHORT FreeCount;
	USHORT NextAvailable; /* counts on; the next to be published */
	USHORT Notified; /* NextAvailable when the device was last considered */
	USHORT NextUsed; /* counts on; the next to be taken */
	BOOLEAN EventIdx; /* VIRTIO_F_EVENT_IDX was negotiated */
	BOOLEAN Broken;
} VIRTQUEUE;

/* Size is a power of two up to VIRTQUEUE_MAX_SIZE. */
VOID VirtqueueLayout(_In_ USHORT Size, _Out_ VIRTQUEUE_LAYOUT *Layout);

/* Memory: VIRTQUEUE_LAYOUT.Total bytes; Tokens: Size of them. Both are cleared, and stay the caller's. */
VOID VirtqueueInit(_Out_ VIRTQUEUE *Queue, _In_ USHORT Size, _In_ BOOLEAN EventIdx, _Inout_ PVOID Memory,
	_Inout_updates_(Size) VIRTQUEUE_TOKEN *Tokens);

/* Queues a chain of Count descriptors, whose Next and NEXT flags are set here. With TablePhysical not 0 the device
 * reads Chain itself, as an indirect table at that address, and one descriptor is used; else the chain is copied into
 * the table. Token comes back from VirtqueueTake. FALSE: no room now. Not seen by the device before VirtqueuePublish.
 */
_Must_inspect_result_
BOOLEAN VirtqueueAdd(_Inout_ VIRTQUEUE *Queue, _Inout_updates_(Count) VIRTQUEUE_DESC *Chain, _In_ USHORT Count,
	_In_ ULONG64 TablePhysical, _In_ PVOID Token);

/* Shows the device what was added. TRUE: it must be notified. */
BOOLEAN VirtqueuePublish(_Inout_ VIRTQUEUE *Queue);

/* Takes the next answered chain: its token and the bytes that the device says it wrote. FALSE: none, or broken. */
BOOLEAN VirtqueueTake(_Inout_ VIRTQUEUE *Queue, _Out_ PVOID *Token, _Out_ ULONG *Written);

/* Asks for an interrupt on the next answer. FALSE: one is there already, take it first. */
BOOLEAN VirtqueueArm(_Inout_ VIRTQUEUE *Queue);

#endif /* VGPU_VIRTQUEUE_H */
