/* SPDX-License-Identifier: MIT */
/*
 * command.h - commands to the device and the memory they are made in.
 *
 * A first chunk of commands, each with a slot of contiguous memory (request, answer, descriptors), and the pages for
 * what is larger are allocated when the hardware is prepared; more chunks are made when they are needed, and kept. A
 * caller reserves all it needs at once or waits its turn, first come first served, so nobody holds a part while waiting
 * for the rest. A handle has an account of what it holds: at its limit it waits for its own commands, and others pass
 * it.
 */
#ifndef VGPU_COMMAND_H
#define VGPU_COMMAND_H

#include "dma.h"
#include "leave.h"
#include "virtio_gpu.h"
#include "virtqueue.h"

#define COMMAND_REQUEST_BYTES 128u
#define COMMAND_ANSWER_BYTES 64u
#define COMMAND_SLOT_DESCRIPTORS 20u
#define COMMAND_PAGE_DESCRIPTORS (VGPU_PAGE_BYTES / sizeof(VIRTQUEUE_DESC))
#define COMMAND_CHUNK 256u /* commands that are allocated together */
#define COMMAND_CHUNKS 64u /* at most */
#define COMMAND_COUNT (COMMAND_CHUNK * COMMAND_CHUNKS)
#define COMMAND_PAGES 512u
#define COMMAND_MOST_AT_ONCE 8u /* no request reserves more */

/* Lives until its handle is closed and its commands are back. */
typedef struct _COMMAND_ACCOUNT {
	ULONG Limit;
	_Guarded_by_(COMMAND_POOL.Lock) ULONG Used; /* commands */
	_Guarded_by_(COMMAND_POOL.Lock) ULONG64 PassedBy; /* COMMAND_POOL.Serves when a waiter of it was passed by */
	_Guarded_by_(COMMAND_POOL.Lock) BOOLEAN Closed;
} COMMAND_ACCOUNT;

typedef struct _COMMAND COMMAND;

/* The device has answered, or never will: Status says which. DISPATCH_LEVEL at most, no lock held. The command and its
 * answer are valid during the call only. */
typedef VOID COMMAND_DONE(_Inout_ COMMAND *Command);

struct _COMMAND {
	LIST_ENTRY Link; /* in a batch, the free list, or one of the queue's lists */
	PUCHAR Slot;
	ULONG64 SlotPhysical;
	VIRTQUEUE_DESC *Table; /* in the slot, or in a page */
	ULONG64 TablePhysical;
	USHORT TableSize; /* descriptors */
	USHORT Count; /* descriptors used */
	COMMAND_ACCOUNT *Account; /* that it is on; NULL: the driver's own */
	ULONG FirstPage; /* of those that belong to the command, linked through COMMAND_POOL.NextPage */

	/* What the device must answer; 0: this device does not answer this command. */
	ULONG Expected;
	ULONG ExpectedBytes;
	ULONG Written; /* bytes, as the device says */

	BOOLEAN Fenced;
	ULONG64 *Timeline; /* counts a ring's fences, under the queue's lock; NULL: none */
	ULONG64 Number; /* on that timeline */
	ULONG64 FenceId; /* on the device's */

	COMMAND_DONE *Done; /* may be NULL */
	PVOID Owner; /* for Done */
	PVOID Second; /* for Done */
	NTSTATUS Status; /* for Done */
	BOOLEAN Lost; /* for Done: the device was reset before it answered */
};

typedef struct _COMMANDS {
	COMMAND *Commands; /* COMMAND_CHUNK of them; NULL: not made yet */
	DMA_MEMORY Slots;
} COMMANDS;

typedef struct _COMMAND_POOL {
	KSPIN_LOCK Lock;
	LEAVERS *Leavers;
	_Guarded_by_(Lock) COMMANDS Chunks[COMMAND_CHUNKS];
	_Guarded_by_(Lock) ULONG ChunkCount;
	_Guarded_by_(Lock) LIST_ENTRY Free;
	_Guarded_by_(Lock) ULONG FreeCount;
	_Guarded_by_(Lock) ULONG FreePage; /* first of a list, COMMAND_NO_PAGE at its end */
	_Guarded_by_(Lock) ULONG FreePages;
	_Guarded_by_(Lock) LIST_ENTRY Waiters;
	_Guarded_by_(Lock) ULONG64 Serves; /* counts looks at the waiters */
	_Guarded_by_(Lock) NTSTATUS Failure; /* not STATUS_SUCCESS: there are none for anybody any more */
	ULONG *NextPage; /* an entry belongs to whoever has the page */
	ULONG PageCount;
	DMA_MEMORY Pages;
} COMMAND_POOL;

#define COMMAND_NO_PAGE 0xffffffffu

/* What one request reserved: Ready is sent, in order, by GpuSend. On the stack of its user. */
typedef struct _COMMAND_BATCH {
	LIST_ENTRY Ready;
	LIST_ENTRY Spare;
	ULONG SparePage;
} COMMAND_BATCH;

_IRQL_requires_max_(PASSIVE_LEVEL)
_Must_inspect_result_
NTSTATUS CommandPoolInit(_Out_ COMMAND_POOL *Pool, _In_ LEAVERS *Leavers);

/* Every command must be back. Also undoes a failed CommandPoolInit. */
_IRQL_requires_max_(PASSIVE_LEVEL)
VOID CommandPoolFree(_Inout_ COMMAND_POOL *Pool);

/* NULL: no memory. CommandAccountClose ends it. */
_IRQL_requires_max_(DISPATCH_LEVEL)
COMMAND_ACCOUNT *CommandAccountOpen(_In_ ULONG Limit);
_IRQL_requires_max_(DISPATCH_LEVEL)
VOID CommandAccountClose(_Inout_ COMMAND_POOL *Pool, _Inout_ COMMAND_ACCOUNT *Account);

/* Makes more where there are not enough commands, else waits until there are. *Waited says whether it had to.
 * STATUS_INSUFFICIENT_RESOURCES: there never will be.
 * With GiveUp, STATUS_CANCELLED: the thread is to end. */
_IRQL_requires_max_(PASSIVE_LEVEL)
_Must_inspect_result_
NTSTATUS CommandReserve(_Inout_ COMMAND_POOL *Pool, _Inout_opt_ COMMAND_ACCOUNT *Account, _Out_ COMMAND_BATCH *Batch,
	_In_ ULONG Commands, _In_ ULONG Pages, _In_ BOOLEAN GiveUp, _Out_ BOOLEAN *Waited);

/* Commands do not come back any more: who waits for some, or will, gets this status. STATUS_SUCCESS: they do again. */
_IRQL_requires_max_(DISPATCH_LEVEL)
VOID CommandPoolBreak(_Inout_ COMMAND_POOL *Pool, _In_ NTSTATUS Failure);

/* Moves a reserved command to Ready: its request zeroed but for type and context id, its answer zeroed. */
_IRQL_requires_max_(DISPATCH_LEVEL)
COMMAND *CommandNext(_Inout_ COMMAND_BATCH *Batch, _In_ ULONG Type, _In_ ULONG ContextId);

/* Gives the command one of the batch's pages; not zeroed. */
_IRQL_requires_max_(DISPATCH_LEVEL)
PVOID CommandTakePage(
	_Inout_ COMMAND_POOL *Pool, _Inout_ COMMAND_BATCH *Batch, _Inout_ COMMAND *Command, _Out_ ULONG64 *Physical);

/* Gives the command a table of COMMAND_PAGE_DESCRIPTORS in a page; before the first descriptor is added. */
_IRQL_requires_max_(DISPATCH_LEVEL)
VOID CommandUsePageTable(_Inout_ COMMAND_POOL *Pool, _Inout_ COMMAND_BATCH *Batch, _Inout_ COMMAND *Command);

/* Descriptors, in the order of the chain: request first, then what the device reads, then the answer. */
VOID CommandAddRequest(_Inout_ COMMAND *Command, _In_ ULONG Bytes);
VOID CommandAddRead(_Inout_ COMMAND *Command, _In_ ULONG64 Physical, _In_ ULONG Bytes);
VOID CommandAddWrite(_Inout_ COMMAND *Command, _In_ ULONG64 Physical, _In_ ULONG Bytes);
/* The answer's slot, with Bytes of Type expected. */
VOID CommandAddAnswer(_Inout_ COMMAND *Command, _In_ ULONG Type, _In_ ULONG Bytes);

FORCEINLINE PVOID CommandRequest(_In_ COMMAND *Command)
{
	return Command->Slot;
}

FORCEINLINE PVOID CommandAnswer(_In_ COMMAND *Command)
{
	return Command->Slot + COMMAND_REQUEST_BYTES;
}

_IRQL_requires_max_(DISPATCH_LEVEL)
VOID CommandFree(_Inout_ COMMAND_POOL *Pool, _Inout_ COMMAND *Command);

/* Frees everything that is still in the batch, ready or spare. */
_IRQL_requires_max_(DISPATCH_LEVEL)
VOID CommandFreeBatch(_Inout_ COMMAND_POOL *Pool, _Inout_ COMMAND_BATCH *Batch);

#endif /* VGPU_COMMAND_H */
