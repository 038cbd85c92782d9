/* SPDX-License-Identifier: MIT */
#include "command.h"

#define SLOT_TABLE_OFFSET (COMMAND_REQUEST_BYTES + COMMAND_ANSWER_BYTES)
#define SLOT_BYTES (SLOT_TABLE_OFFSET + COMMAND_SLOT_DESCRIPTORS * sizeof(VIRTQUEUE_DESC))
C_ASSERT(SLOT_BYTES == 512); /* so that none crosses a page */

typedef struct _COMMAND_WAITER {
	LIST_ENTRY Link;
	KEVENT Served;
	BOOLEAN Taken; /* under COMMAND_POOL.Lock */
	NTSTATUS Failure; /* set before Served */
	COMMAND_ACCOUNT *Account;
	COMMAND_BATCH *Batch;
	ULONG Commands;
	ULONG Pages;
} COMMAND_WAITER;

static VOID CommandsFree(COMMANDS *Chunk)
{
	DmaFree(&Chunk->Slots);
	if (Chunk->Commands)
		VgpuFree(Chunk->Commands);
	Chunk->Commands = NULL;
}

static NTSTATUS CommandsAllocate(COMMANDS *Chunk)
{
	NTSTATUS Status;

	RtlZeroMemory(Chunk, sizeof(*Chunk));
	Chunk->Commands = VgpuAllocate(sizeof(COMMAND) * COMMAND_CHUNK);
	if (!Chunk->Commands)
		return STATUS_INSUFFICIENT_RESOURCES;
	Status = DmaAllocate(&Chunk->Slots, SLOT_BYTES * COMMAND_CHUNK);
	if (!NT_SUCCESS(Status))
		CommandsFree(Chunk);
	return Status;
}

/* FALSE: the pool has all that it may have, and the chunk stays the caller's. */
_Requires_lock_held_(Pool->Lock)
static BOOLEAN CommandPoolAdd(COMMAND_POOL *Pool, const COMMANDS *Chunk)
{
	if (Pool->ChunkCount == COMMAND_CHUNKS)
		return FALSE;
	Pool->Chunks[Pool->ChunkCount++] = *Chunk;
	for (ULONG Index = 0; Index < COMMAND_CHUNK; Index++) {
		COMMAND *Command = &Chunk->Commands[Index];

		Command->Slot = (PUCHAR)Chunk->Slots.Address + Index * SLOT_BYTES;
		Command->SlotPhysical = Chunk->Slots.Physical + Index * SLOT_BYTES;
		Command->FirstPage = COMMAND_NO_PAGE;
		InsertTailList(&Pool->Free, &Command->Link);
	}
	Pool->FreeCount += COMMAND_CHUNK;
	return TRUE;
}

static VOID CommandPoolLinkPages(COMMAND_POOL *Pool)
{
	for (ULONG Page = 0; Page < Pool->PageCount; Page++)
		Pool->NextPage[Page] = Page + 1 < Pool->PageCount ? Page + 1 : COMMAND_NO_PAGE;
	Pool->FreePage = 0;
	Pool->FreePages = Pool->PageCount;
}

_Use_decl_annotations_
NTSTATUS CommandPoolInit(COMMAND_POOL *Pool, LEAVERS *Leavers)
{
	COMMANDS Chunk;
	NTSTATUS Status;

	RtlZeroMemory(Pool, sizeof(*Pool));
	KeInitializeSpinLock(&Pool->Lock);
	InitializeListHead(&Pool->Free);
	InitializeListHead(&Pool->Waiters);
	Pool->Leavers = Leavers;
	Pool->PageCount = COMMAND_PAGES;
	Pool->NextPage = VgpuAllocate(sizeof(ULONG) * COMMAND_PAGES);
	Status = Pool->NextPage ? CommandsAllocate(&Chunk) : STATUS_INSUFFICIENT_RESOURCES;
	if (NT_SUCCESS(Status)) {
		(VOID) CommandPoolAdd(Pool, &Chunk);
		Status = DmaAllocate(&Pool->Pages, (SIZE_T)COMMAND_PAGES * VGPU_PAGE_BYTES);
	}
	if (NT_SUCCESS(Status))
		CommandPoolLinkPages(Pool);
	else
		CommandPoolFree(Pool);
	return Status;
}

_Use_decl_annotations_
VOID CommandPoolFree(COMMAND_POOL *Pool)
{
	DmaFree(&Pool->Pages);
	while (Pool->ChunkCount)
		CommandsFree(&Pool->Chunks[--Pool->ChunkCount]);
	if (Pool->NextPage)
		VgpuFree(Pool->NextPage);
	Pool->NextPage = NULL;
}

/* ---- accounts ---- */

_Use_decl_annotations_
COMMAND_ACCOUNT *CommandAccountOpen(ULONG Limit)
{
	COMMAND_ACCOUNT *Account = VgpuAllocate(sizeof(*Account));

	if (Account)
		Account->Limit = Limit;
	return Account;
}

_Use_decl_annotations_
VOID CommandAccountClose(COMMAND_POOL *Pool, COMMAND_ACCOUNT *Account)
{
	BOOLEAN Unused;
	KIRQL Irql;

	KeAcquireSpinLock(&Pool->Lock, &Irql);
	Unused = Account->Used == 0;
	Account->Closed = TRUE;
	KeReleaseSpinLock(&Pool->Lock, Irql);
	if (Unused)
		VgpuFree(Account);
}

_Requires_lock_held_(Pool->Lock)
static BOOLEAN CommandAccountAllows(const COMMAND_ACCOUNT *Account, ULONG Commands)
{
	return !Account || Account->Used + Commands <= Account->Limit;
}

/* Whether a waiter of the account is passed by in this look at the waiters. */
_Requires_lock_held_(Pool->Lock)
static BOOLEAN CommandAccountPass(const COMMAND_POOL *Pool, COMMAND_ACCOUNT *Account, ULONG Commands)
{
	if (!Account || (Account->PassedBy != Pool->Serves && CommandAccountAllows(Account, Commands)))
		return FALSE;
	Account->PassedBy = Pool->Serves;
	return TRUE;
}

/* The last command of a closed account takes it with it. */
_Requires_lock_held_(Pool->Lock)
static VOID CommandAccountGive(COMMAND_ACCOUNT *Account)
{
	if (!Account)
		return;
	Account->Used--;
	if (Account->Closed && Account->Used == 0)
		VgpuFree(Account);
}

/* ---- reserving ---- */

_Requires_lock_held_(Pool->Lock)
static BOOLEAN CommandPoolTake(
	COMMAND_POOL *Pool, COMMAND_ACCOUNT *Account, COMMAND_BATCH *Batch, ULONG Commands, ULONG Pages)
{
	if (Pool->FreeCount < Commands || Pool->FreePages < Pages || !CommandAccountAllows(Account, Commands))
		return FALSE;
	Pool->FreeCount -= Commands;
	Pool->FreePages -= Pages;
	if (Account)
		Account->Used += Commands;
	while (Commands--) {
		COMMAND *Command = CONTAINING_RECORD(RemoveHeadList(&Pool->Free), COMMAND, Link);

		Command->Account = Account;
		InsertTailList(&Batch->Spare, &Command->Link);
	}
	while (Pages--) {
		ULONG Page = Pool->FreePage;

		Pool->FreePage = Pool->NextPage[Page];
		Pool->NextPage[Page] = Batch->SparePage;
		Batch->SparePage = Page;
	}
	return TRUE;
}

/* In turn, but those who wait for commands of their own are passed by. Within an account it stays in turn. */
_Requires_lock_held_(Pool->Lock)
static VOID CommandPoolServe(COMMAND_POOL *Pool)
{
	Pool->Serves++;
	for (LIST_ENTRY *Link = Pool->Waiters.Flink, *Next; Link != &Pool->Waiters; Link = Next) {
		COMMAND_WAITER *Waiter = CONTAINING_RECORD(Link, COMMAND_WAITER, Link);

		Next = Link->Flink;
		if (CommandAccountPass(Pool, Waiter->Account, Waiter->Commands))
			continue;
		if (!CommandPoolTake(Pool, Waiter->Account, Waiter->Batch, Waiter->Commands, Waiter->Pages))
			break;
		RemoveEntryList(&Waiter->Link);
		Waiter->Taken = TRUE;
		(VOID) KeSetEvent(&Waiter->Served, IO_NO_INCREMENT, FALSE); /* the waiter may be gone from here on */
	}
}

/* Commands are short for the account that asks, and there may be more of them. */
_Requires_lock_held_(Pool->Lock)
static BOOLEAN CommandPoolMayGrow(const COMMAND_POOL *Pool, const COMMAND_ACCOUNT *Account, ULONG Commands)
{
	return Pool->FreeCount < Commands && Pool->ChunkCount < COMMAND_CHUNKS &&
	       CommandAccountAllows(Account, Commands);
}

/* Without memory it stays as it is, and whoever asked waits. Several may come here at once: each asked for some. */
static VOID CommandPoolGrow(COMMAND_POOL *Pool)
{
	COMMANDS Chunk;
	BOOLEAN Added;
	KIRQL Irql;

	if (!NT_SUCCESS(CommandsAllocate(&Chunk)))
		return;
	KeAcquireSpinLock(&Pool->Lock, &Irql);
	Added = CommandPoolAdd(Pool, &Chunk);
	CommandPoolServe(Pool);
	KeReleaseSpinLock(&Pool->Lock, Irql);
	if (!Added)
		CommandsFree(&Chunk);
}

_Requires_lock_held_(Pool->Lock)
static VOID CommandPoolQueue(COMMAND_POOL *Pool, COMMAND_WAITER *Waiter)
{
	KeInitializeEvent(&Waiter->Served, NotificationEvent, FALSE);
	Waiter->Taken = FALSE;
	InsertTailList(&Pool->Waiters, &Waiter->Link);
	CommandPoolServe(Pool); /* those before may all be waiting for commands of their own */
}

/* What has been taken meanwhile is the waiter's all the same. */
static NTSTATUS CommandPoolGiveUp(COMMAND_POOL *Pool, COMMAND_WAITER *Waiter)
{
	BOOLEAN Taken;
	KIRQL Irql;

	KeAcquireSpinLock(&Pool->Lock, &Irql);
	Taken = Waiter->Taken;
	if (!Taken && NT_SUCCESS(Waiter->Failure)) {
		RemoveEntryList(&Waiter->Link);
		CommandPoolServe(Pool);
	}
	KeReleaseSpinLock(&Pool->Lock, Irql);
	return Taken ? STATUS_SUCCESS : STATUS_CANCELLED;
}

_Use_decl_annotations_
NTSTATUS CommandReserve(COMMAND_POOL *Pool, COMMAND_ACCOUNT *Account, COMMAND_BATCH *Batch, ULONG Commands, ULONG Pages,
	BOOLEAN GiveUp, BOOLEAN *Waited)
{
	COMMAND_WAITER Waiter = {.Account = Account, .Batch = Batch, .Commands = Commands, .Pages = Pages};
	BOOLEAN Taken, Grow = FALSE;
	KIRQL Irql;

	InitializeListHead(&Batch->Ready);
	InitializeListHead(&Batch->Spare);
	Batch->SparePage = COMMAND_NO_PAGE;
	*Waited = FALSE;
	if (Commands > COMMAND_MOST_AT_ONCE || Pages > Pool->PageCount)
		return STATUS_INSUFFICIENT_RESOURCES;

	KeAcquireSpinLock(&Pool->Lock, &Irql);
	if (!NT_SUCCESS(Pool->Failure)) {
		NTSTATUS Failure = Pool->Failure;

		KeReleaseSpinLock(&Pool->Lock, Irql);
		return Failure;
	}
	Taken = IsListEmpty(&Pool->Waiters) && CommandPoolTake(Pool, Account, Batch, Commands, Pages);
	if (!Taken) {
		CommandPoolQueue(Pool, &Waiter);
		Taken = Waiter.Taken;
		Grow = !Taken && CommandPoolMayGrow(Pool, Account, Commands);
	}
	KeReleaseSpinLock(&Pool->Lock, Irql);
	if (Grow)
		CommandPoolGrow(Pool);
	if (!Taken) {
		/* Ends: a device that answers nothing is declared broken, and then all commands come back. */
		*Waited = KeReadStateEvent(&Waiter.Served) == 0;
		if (!NT_SUCCESS(LeaveWait(Pool->Leavers, &Waiter.Served, GiveUp)))
			return CommandPoolGiveUp(Pool, &Waiter);
		return Waiter.Failure;
	}
	return STATUS_SUCCESS;
}

_Use_decl_annotations_
VOID CommandPoolBreak(COMMAND_POOL *Pool, NTSTATUS Failure)
{
	KIRQL Irql;

	KeAcquireSpinLock(&Pool->Lock, &Irql);
	Pool->Failure = Failure;
	while (!NT_SUCCESS(Failure) && !IsListEmpty(&Pool->Waiters)) {
		COMMAND_WAITER *Waiter = CONTAINING_RECORD(RemoveHeadList(&Pool->Waiters), COMMAND_WAITER, Link);

		Waiter->Failure = Failure;
		(VOID) KeSetEvent(&Waiter->Served, IO_NO_INCREMENT, FALSE); /* the waiter may be gone from here on */
	}
	KeReleaseSpinLock(&Pool->Lock, Irql);
}

_Use_decl_annotations_
COMMAND *CommandNext(COMMAND_BATCH *Batch, ULONG Type, ULONG ContextId)
{
	COMMAND *Command = CONTAINING_RECORD(RemoveHeadList(&Batch->Spare), COMMAND, Link);
	struct virtio_gpu_ctrl_hdr *Header = CommandRequest(Command);

	RtlZeroMemory(Command->Slot, COMMAND_REQUEST_BYTES + COMMAND_ANSWER_BYTES);
	Header->type = Type;
	Header->ctx_id = ContextId;
	Command->Table = (VIRTQUEUE_DESC *)(Command->Slot + SLOT_TABLE_OFFSET);
	Command->TablePhysical = Command->SlotPhysical + SLOT_TABLE_OFFSET;
	Command->TableSize = COMMAND_SLOT_DESCRIPTORS;
	Command->Count = 0;
	Command->Expected = 0;
	Command->ExpectedBytes = 0;
	Command->Written = 0;
	Command->Fenced = FALSE;
	Command->Timeline = NULL;
	Command->Number = 0;
	Command->FenceId = 0;
	Command->Done = NULL;
	Command->Owner = NULL;
	Command->Second = NULL;
	Command->Status = STATUS_PENDING;
	Command->Lost = FALSE;
	InsertTailList(&Batch->Ready, &Command->Link);
	return Command;
}

_Use_decl_annotations_
PVOID CommandTakePage(COMMAND_POOL *Pool, COMMAND_BATCH *Batch, COMMAND *Command, ULONG64 *Physical)
{
	ULONG Page = Batch->SparePage;

	Batch->SparePage = Pool->NextPage[Page];
	Pool->NextPage[Page] = Command->FirstPage;
	Command->FirstPage = Page;
	*Physical = Pool->Pages.Physical + (ULONG64)Page * VGPU_PAGE_BYTES;
	return (PUCHAR)Pool->Pages.Address + (SIZE_T)Page * VGPU_PAGE_BYTES;
}

_Use_decl_annotations_
VOID CommandUsePageTable(COMMAND_POOL *Pool, COMMAND_BATCH *Batch, COMMAND *Command)
{
	Command->Table = CommandTakePage(Pool, Batch, Command, &Command->TablePhysical);
	Command->TableSize = (USHORT)COMMAND_PAGE_DESCRIPTORS;
}

static VOID CommandAdd(COMMAND *Command, ULONG64 Physical, ULONG Bytes, USHORT Flags)
{
	VIRTQUEUE_DESC *Descriptor = &Command->Table[Command->Count++];

	Descriptor->Address = Physical;
	Descriptor->Length = Bytes;
	Descriptor->Flags = Flags;
	Descriptor->Next = 0;
}

_Use_decl_annotations_
VOID CommandAddRequest(COMMAND *Command, ULONG Bytes)
{
	CommandAdd(Command, Command->SlotPhysical, Bytes, 0);
}

_Use_decl_annotations_
VOID CommandAddRead(COMMAND *Command, ULONG64 Physical, ULONG Bytes)
{
	VIRTQUEUE_DESC *Last = &Command->Table[Command->Count - 1];

	/* The request stays a descriptor of its own, whatever lies behind it. */
	if (Command->Count > 1 && Last->Address + Last->Length == Physical)
		Last->Length += Bytes;
	else
		CommandAdd(Command, Physical, Bytes, 0);
}

_Use_decl_annotations_
VOID CommandAddWrite(COMMAND *Command, ULONG64 Physical, ULONG Bytes)
{
	CommandAdd(Command, Physical, Bytes, VIRTQUEUE_DESC_WRITE);
}

_Use_decl_annotations_
VOID CommandAddAnswer(COMMAND *Command, ULONG Type, ULONG Bytes)
{
	Command->Expected = Type;
	Command->ExpectedBytes = Bytes;
	CommandAddWrite(Command, Command->SlotPhysical + COMMAND_REQUEST_BYTES, Bytes);
}

_Requires_lock_held_(Pool->Lock)
static VOID CommandPoolGivePages(COMMAND_POOL *Pool, ULONG Page)
{
	while (Page != COMMAND_NO_PAGE) {
		ULONG Next = Pool->NextPage[Page];

		Pool->NextPage[Page] = Pool->FreePage;
		Pool->FreePage = Page;
		Pool->FreePages++;
		Page = Next;
	}
}

_Requires_lock_held_(Pool->Lock)
static VOID CommandPoolGive(COMMAND_POOL *Pool, COMMAND *Command)
{
	CommandPoolGivePages(Pool, Command->FirstPage);
	Command->FirstPage = COMMAND_NO_PAGE;
	CommandAccountGive(Command->Account);
	Command->Account = NULL;
	InsertHeadList(&Pool->Free, &Command->Link); /* the one that is still in the cache */
	Pool->FreeCount++;
}

_Use_decl_annotations_
VOID CommandFree(COMMAND_POOL *Pool, COMMAND *Command)
{
	KIRQL Irql;

	KeAcquireSpinLock(&Pool->Lock, &Irql);
	CommandPoolGive(Pool, Command);
	CommandPoolServe(Pool);
	KeReleaseSpinLock(&Pool->Lock, Irql);
}

_Use_decl_annotations_
VOID CommandFreeBatch(COMMAND_POOL *Pool, COMMAND_BATCH *Batch)
{
	KIRQL Irql;

	KeAcquireSpinLock(&Pool->Lock, &Irql);
	while (!IsListEmpty(&Batch->Ready))
		CommandPoolGive(Pool, CONTAINING_RECORD(RemoveHeadList(&Batch->Ready), COMMAND, Link));
	while (!IsListEmpty(&Batch->Spare))
		CommandPoolGive(Pool, CONTAINING_RECORD(RemoveHeadList(&Batch->Spare), COMMAND, Link));
	CommandPoolGivePages(Pool, Batch->SparePage);
	Batch->SparePage = COMMAND_NO_PAGE;
	CommandPoolServe(Pool);
	KeReleaseSpinLock(&Pool->Lock, Irql);
}
