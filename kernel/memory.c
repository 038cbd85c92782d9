/* SPDX-License-Identifier: MIT */
#include "memory.h"
#include "events.h"

static EVT_WDF_REQUEST_CANCEL MemoryCancelled;
static EVT_WDF_WORKITEM MemoryEvictCancelled;
static BOOLEAN MemoryHold(PROCESS_ITEM *Item);
static VOID MemoryProcessEnds(PROCESS_ITEM *Item);

typedef struct _PIN_REQUEST {
	MEMORY *Memory;
} PIN_REQUEST;
WDF_DECLARE_CONTEXT_TYPE_WITH_NAME(PIN_REQUEST, PinOfRequest)

_Use_decl_annotations_
VOID MemoryUncount(FILE_CONTEXT *File, ULONG64 Bytes)
{
	StatsAdd(&File->Statistics.LiveMemory, -(LONG64)Bytes);
	StatsAdd(&File->Gpu->Statistics.LiveMemory, -(LONG64)Bytes);
}

static VOID MemoryComplete(MEMORY *Memory)
{
	FILE_CONTEXT *File = Memory->File;
	BOOLEAN Counted = Memory->Counted;

	StatsFailure(&File->Statistics, &File->Gpu->Statistics, Memory->Status);
	if (Counted)
		MemoryUncount(File, Memory->Bytes);
	if (Memory->Leaving)
		LeaveEnd(&File->Gpu->Leavers, &Memory->Leaver);
	WdfRequestComplete(Memory->Request, Memory->Status);
	ProcessForget(&Memory->Process); /* now that the pages are unlocked */
	VgpuFree(Memory);
	if (Counted)
		FileDropPin(File); /* the file may be gone from here on */
}

/* A request that is being cancelled is left by two, its cancel routine and MemoryFree; the second completes it. */
static VOID MemoryLeave(MEMORY *Memory)
{
	if (InterlockedExchange(&Memory->Left, 1))
		MemoryComplete(Memory);
}

static VOID MemoryFree(OBJECT *Object)
{
	MEMORY *Memory = CONTAINING_RECORD(Object, MEMORY, Object);

	if (Memory->Counted && WdfRequestUnmarkCancelable(Memory->Request) == STATUS_CANCELLED)
		MemoryLeave(Memory);
	else
		MemoryComplete(Memory);
}

static NTSTATUS MemoryCheckPin(const struct vgpu_memory_pin *Pin, PMDL Mdl)
{
	ULONG64 Bytes = MmGetMdlByteCount(Mdl);

	if (Pin->memory_id == 0 || Pin->flags)
		return STATUS_INVALID_PARAMETER;
	if (MmGetMdlByteOffset(Mdl) || Bytes == 0 || Bytes % VGPU_PAGE_BYTES)
		return STATUS_DATATYPE_MISALIGNMENT;
	return STATUS_SUCCESS;
}

_Use_decl_annotations_
NTSTATUS MemoryCheckRoom(const FILE_CONTEXT *File, ULONG64 Bytes)
{
	ULONG64 Live = (ULONG64)ReadNoFence64(&File->Statistics.LiveMemory);
	ULONG64 Most = (ULONG64)File->Gpu->Settings.MaxMemoryMiB << 20;

	return Bytes <= Most && Live <= Most - Bytes ? STATUS_SUCCESS : STATUS_QUOTA_EXCEEDED;
}

/* Of the handle under its lock, of the device with one operation: so that neither sum is ever exceeded. */
_Requires_lock_held_(File->Lock)
static NTSTATUS MemoryCharge(FILE_CONTEXT *File, ULONG64 Bytes)
{
	ULONG64 Most = (ULONG64)File->Gpu->Settings.MaxDeviceMemoryMiB << 20;
	NTSTATUS Status = MemoryCheckRoom(File, Bytes);

	if (!NT_SUCCESS(Status))
		return Status;
	StatsAdd(&File->Statistics.LiveMemory, (LONG64)Bytes);
	if ((ULONG64)InterlockedExchangeAdd64(&File->Gpu->Statistics.LiveMemory, (LONG64)Bytes) + Bytes <= Most)
		return STATUS_SUCCESS;
	MemoryUncount(File, Bytes);
	if (!InterlockedExchange(&File->Gpu->ToldNoRoom, 1)) /* once is enough */
		EventWrite(File->Gpu->Device, EVENT_NO_ROOM, STATUS_QUOTA_EXCEEDED);
	return STATUS_QUOTA_EXCEEDED;
}

/* Memory counts as long as it is locked, released or not. */
_Requires_lock_held_(File->Lock)
static NTSTATUS MemoryInsert(FILE_CONTEXT *File, MEMORY *Memory)
{
	NTSTATUS Status = MemoryCharge(File, Memory->Bytes);

	if (!NT_SUCCESS(Status))
		return Status;
	Status = FileInsertLocked(File, &File->Memories, &Memory->Object, File->Gpu->Settings.MaxMemories);
	if (!NT_SUCCESS(Status))
		MemoryUncount(File, Memory->Bytes);
	return Status;
}

_Use_decl_annotations_
VOID MemoryPrepare(
	MEMORY *Memory, FILE_CONTEXT *File, ULONG Id, VOID (*Free)(OBJECT *Object), VOID (*End)(MEMORY *Memory))
{
	ObjectInit(&Memory->Object, Id, Free);
	Memory->File = File;
	Memory->End = End;
	InitializeListHead(&Memory->Users);
}

_Use_decl_annotations_
NTSTATUS MemoryInsertCounted(FILE_CONTEXT *File, MEMORY *Memory)
{
	NTSTATUS Status;
	KIRQL Irql;

	KeAcquireSpinLock(&File->Lock, &Irql);
	Status = MemoryInsert(File, Memory);
	if (NT_SUCCESS(Status))
		Memory->Counted = TRUE;
	KeReleaseSpinLock(&File->Lock, Irql);
	return Status;
}

static NTSTATUS MemoryCreate(FILE_CONTEXT *File, WDFREQUEST Request, MEMORY **Created)
{
	const struct vgpu_memory_pin *Pin;
	WDF_OBJECT_ATTRIBUTES Attributes;
	PIN_REQUEST *Context;
	MEMORY *Memory;
	NTSTATUS Status;
	PVOID Input;
	PMDL Mdl;

	Status = WdfRequestRetrieveInputBuffer(Request, sizeof(*Pin), &Input, NULL);
	if (!NT_SUCCESS(Status))
		return Status;
	Pin = Input;
	Status = WdfRequestRetrieveOutputWdmMdl(Request, &Mdl);
	if (!NT_SUCCESS(Status))
		return Status;
	Status = MemoryCheckPin(Pin, Mdl);
	if (!NT_SUCCESS(Status))
		return Status;
	WDF_OBJECT_ATTRIBUTES_INIT_CONTEXT_TYPE(&Attributes, PIN_REQUEST);
	Status = WdfObjectAllocateContext(Request, &Attributes, (PVOID *)&Context);
	if (!NT_SUCCESS(Status))
		return Status;
	Memory = VgpuAllocate(sizeof(*Memory));
	if (!Memory)
		return STATUS_INSUFFICIENT_RESOURCES;
	MemoryPrepare(Memory, File, Pin->memory_id, MemoryFree, NULL);
	Memory->Request = Request;
	Memory->Mdl = Mdl;
	Memory->Pages = MmGetMdlPfnArray(Mdl);
	Memory->Bytes = MmGetMdlByteCount(Mdl);
	Memory->Process.Process = Mdl->Process;
	Memory->Process.Hold = MemoryHold;
	Memory->Process.End = MemoryProcessEnds;
	Context->Memory = Memory;
	*Created = Memory;
	return STATUS_SUCCESS;
}

/* The request is cancelable from here to its end. Both at once under the lock, so that a cancel routine that runs
 * immediately finds the memory in the table. */
static NTSTATUS MemoryEnter(FILE_CONTEXT *File, MEMORY *Memory)
{
	NTSTATUS Status;
	KIRQL Irql;

	KeAcquireSpinLock(&File->Lock, &Irql);
	Status = Memory->Leaving ? STATUS_CANCELLED : MemoryInsert(File, Memory);
	if (NT_SUCCESS(Status)) {
		Status = WdfRequestMarkCancelableEx(Memory->Request, MemoryCancelled);
		if (NT_SUCCESS(Status)) {
			Memory->Counted = TRUE;
			FileAddPin(File);
		} else {
			MemoryUncount(File, Memory->Bytes);
			(VOID) HandleTableRemove(&File->Memories, &Memory->Object.Entry);
			(VOID) InterlockedDecrement(&Memory->Object.References); /* the table's; not the last */
		}
	}
	KeReleaseSpinLock(&File->Lock, Irql);
	return Status;
}

_Use_decl_annotations_
VOID MemoryPin(FILE_CONTEXT *File, WDFREQUEST Request)
{
	MEMORY *Memory = NULL;
	NTSTATUS Status = MemoryCreate(File, Request, &Memory);

	if (!NT_SUCCESS(Status)) {
		StatsFailure(&File->Statistics, &File->Gpu->Statistics, Status);
		WdfRequestComplete(Request, Status);
		return;
	}
	ProcessTrack(&Memory->Process);
	Status = MemoryEnter(File, Memory);
	if (!NT_SUCCESS(Status))
		Memory->Status = Status; /* else it may be being cancelled by now */
	ObjectRelease(&Memory->Object);
}

_Use_decl_annotations_
NTSTATUS MemoryInsertUser(FILE_CONTEXT *File, HANDLE_TABLE *Table, OBJECT *Object, ULONG Limit, MEMORY *Memory)
{
	NTSTATUS Status;
	KIRQL Irql;

	KeAcquireSpinLock(&File->Lock, &Irql);
	Status = Memory && Memory->Leaving ? STATUS_INVALID_HANDLE : FileInsertLocked(File, Table, Object, Limit);
	if (NT_SUCCESS(Status) && Memory)
		InsertTailList(&Memory->Users, &Object->InMemory);
	KeReleaseSpinLock(&File->Lock, Irql);
	return Status;
}

/* ---- memory that goes away under those who use it ---- */

/* Cancelled memory waits here for a thread that may block. The context of GPU.Evictor. */
typedef struct _GPU_EVICTIONS {
	KSPIN_LOCK Lock;
	_Guarded_by_(Lock) LIST_ENTRY Memories; /* MEMORY.EvictionLink, with a reference */
} GPU_EVICTIONS;
WDF_DECLARE_CONTEXT_TYPE_WITH_NAME(GPU_EVICTIONS, EvictionsOf)

/* What is in a table lets go of the memory now, what is about to enter one does not get in; commands under way are
 * answered, or lost with the device. */
static VOID MemoryEvict(MEMORY *Memory)
{
	FILE_CONTEXT *File = Memory->File;
	BOOLEAN First;
	OBJECT *User;
	KIRQL Irql;

	do {
		KeAcquireSpinLock(&File->Lock, &Irql);
		First = !Memory->Leaving;
		Memory->Leaving = TRUE;
		User = NULL;
		if (!IsListEmpty(&Memory->Users)) {
			User = CONTAINING_RECORD(RemoveHeadList(&Memory->Users), OBJECT, InMemory);
			InitializeListHead(&User->InMemory);
			ObjectReference(User);
		}
		KeReleaseSpinLock(&File->Lock, Irql);
		if (First)
			LeaveBegin(&File->Gpu->Leavers, &Memory->Leaver);
		if (User)
			User->Evict(File, User);
	} while (User);
}

static VOID MemoryEvictCancelled(WDFWORKITEM WorkItem)
{
	GPU_EVICTIONS *Evictions = EvictionsOf(WorkItem);
	MEMORY *Memory;
	KIRQL Irql;

	do {
		KeAcquireSpinLock(&Evictions->Lock, &Irql);
		Memory = NULL;
		if (!IsListEmpty(&Evictions->Memories))
			Memory = CONTAINING_RECORD(RemoveHeadList(&Evictions->Memories), MEMORY, EvictionLink);
		KeReleaseSpinLock(&Evictions->Lock, Irql);
		if (Memory) {
			MemoryEvict(Memory);
			ObjectRelease(&Memory->Object);
		}
	} while (Memory);
}

_Use_decl_annotations_
NTSTATUS MemoryInit(GPU *Gpu)
{
	WDF_OBJECT_ATTRIBUTES Attributes;
	WDF_WORKITEM_CONFIG Config;
	NTSTATUS Status;

	WDF_WORKITEM_CONFIG_INIT(&Config, MemoryEvictCancelled);
	Config.AutomaticSerialization = FALSE;
	WDF_OBJECT_ATTRIBUTES_INIT_CONTEXT_TYPE(&Attributes, GPU_EVICTIONS);
	Attributes.ParentObject = Gpu->Device;
	Status = WdfWorkItemCreate(&Config, &Attributes, &Gpu->Evictor);
	if (!NT_SUCCESS(Status))
		return Status;
	KeInitializeSpinLock(&EvictionsOf(Gpu->Evictor)->Lock);
	InitializeListHead(&EvictionsOf(Gpu->Evictor)->Memories);
	return STATUS_SUCCESS;
}

static VOID MemoryCancelled(WDFREQUEST Request)
{
	MEMORY *Memory = PinOfRequest(Request)->Memory;
	GPU *Gpu = Memory->File->Gpu;
	GPU_EVICTIONS *Evictions = EvictionsOf(Gpu->Evictor);
	KIRQL Irql;

	if (ObjectTryReference(&Memory->Object)) {
		(VOID) InterlockedExchange(&Memory->Status, STATUS_CANCELLED);
		if (FileRemove(Memory->File, &Memory->File->Memories, &Memory->Object))
			ObjectRelease(&Memory->Object);
		KeAcquireSpinLock(&Evictions->Lock, &Irql);
		InsertTailList(&Evictions->Memories, &Memory->EvictionLink);
		KeReleaseSpinLock(&Evictions->Lock, Irql);
		WdfWorkItemEnqueue(Gpu->Evictor);
	}
	MemoryLeave(Memory);
}

static VOID MemoryEnd(MEMORY *Memory)
{
	if (Memory->End)
		Memory->End(Memory);
	else
		ObjectRelease(&Memory->Object);
}

_Use_decl_annotations_
NTSTATUS MemoryRelease(FILE_CONTEXT *File, ULONG Id)
{
	OBJECT *Object = FileRemoveId(File, &File->Memories, Id);

	if (!Object)
		return STATUS_INVALID_HANDLE;
	MemoryEnd(CONTAINING_RECORD(Object, MEMORY, Object));
	return STATUS_SUCCESS;
}

_Use_decl_annotations_
VOID MemoryReleaseAll(FILE_CONTEXT *File)
{
	OBJECT *Object;

	while ((Object = FilePop(File, &File->Memories)) != NULL)
		MemoryEnd(CONTAINING_RECORD(Object, MEMORY, Object));
}

static BOOLEAN MemoryHold(PROCESS_ITEM *Item)
{
	return ObjectTryReference(&CONTAINING_RECORD(Item, MEMORY, Process)->Object);
}

static VOID MemoryProcessEnds(PROCESS_ITEM *Item)
{
	MEMORY *Memory = CONTAINING_RECORD(Item, MEMORY, Process);

	if (FileRemove(Memory->File, &Memory->File->Memories, &Memory->Object))
		ObjectRelease(&Memory->Object);
	MemoryEvict(Memory);
	ObjectRelease(&Memory->Object);
}

_Use_decl_annotations_
NTSTATUS MemoryFindRange(FILE_CONTEXT *File, const struct vgpu_range *Range, MEMORY **Memory)
{
	OBJECT *Object;

	*Memory = NULL;
	if (Range->reserved)
		return STATUS_INVALID_PARAMETER;
	Object = FileFind(File, &File->Memories, Range->memory_id);
	if (!Object)
		return STATUS_INVALID_HANDLE;
	*Memory = CONTAINING_RECORD(Object, MEMORY, Object);
	if (Range->size && Range->offset <= (*Memory)->Bytes && Range->size <= (*Memory)->Bytes - Range->offset)
		return STATUS_SUCCESS;
	ObjectRelease(Object);
	*Memory = NULL;
	return STATUS_INVALID_PARAMETER;
}
