/* SPDX-License-Identifier: MIT */
#include "memory.h"

static EVT_WDF_REQUEST_CANCEL MemoryCancelled;

typedef struct _PIN_REQUEST {
	MEMORY *Memory;
} PIN_REQUEST;
WDF_DECLARE_CONTEXT_TYPE_WITH_NAME(PIN_REQUEST, PinOfRequest)

static VOID MemoryCount(FILE_CONTEXT *File, LONG64 Bytes)
{
	StatsAdd(&File->Statistics.LiveMemory, Bytes);
	StatsAdd(&File->Gpu->Statistics.LiveMemory, Bytes);
}

static VOID MemoryFree(OBJECT *Object)
{
	MEMORY *Memory = CONTAINING_RECORD(Object, MEMORY, Object);
	NTSTATUS Status = Memory->Cancelled ? STATUS_CANCELLED : STATUS_SUCCESS;
	WDFREQUEST Request = Memory->Request;
	FILE_CONTEXT *File = Memory->File;

	MemoryCount(File, -(LONG64)Memory->Bytes);
	StatsFailure(&File->Statistics, &File->Gpu->Statistics, Status);
	VgpuFree(Memory);
	WdfRequestComplete(Request, Status);
	FileDropPin(File); /* the file may be gone from here on */
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

/* Memory counts as long as it is locked, released or not. It is added under the lock, so that the sum keeps the quota.
 */
_Requires_lock_held_(File->Lock)
static NTSTATUS MemoryInsert(FILE_CONTEXT *File, MEMORY *Memory)
{
	const SETTINGS *Settings = &File->Gpu->Settings;

	if ((ULONG64)ReadNoFence64(&File->Statistics.LiveMemory) + Memory->Bytes > (ULONG64)Settings->MaxMemoryMiB
											   << 20)
		return STATUS_QUOTA_EXCEEDED;
	return FileInsertLocked(File, &File->Memories, &Memory->Object, Settings->MaxMemories);
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
	ObjectInit(&Memory->Object, Pin->memory_id, MemoryFree);
	Memory->File = File;
	Memory->Request = Request;
	Memory->Mdl = Mdl;
	Memory->Pages = MmGetMdlPfnArray(Mdl);
	Memory->Bytes = MmGetMdlByteCount(Mdl);
	Context->Memory = Memory;
	*Created = Memory;
	return STATUS_SUCCESS;
}

_Use_decl_annotations_
VOID MemoryPin(FILE_CONTEXT *File, WDFREQUEST Request)
{
	MEMORY *Memory = NULL;
	NTSTATUS Status = MemoryCreate(File, Request, &Memory);
	KIRQL Irql;

	if (!NT_SUCCESS(Status))
		goto Complete;
	/* Both under the lock, so that a cancel routine that runs at once finds the memory in the table. The reference
	 * from ObjectInit is the cancel routine's. */
	KeAcquireSpinLock(&File->Lock, &Irql);
	Status = MemoryInsert(File, Memory);
	if (NT_SUCCESS(Status)) {
		Status = WdfRequestMarkCancelableEx(Request, MemoryCancelled);
		if (NT_SUCCESS(Status)) {
			MemoryCount(File, (LONG64)Memory->Bytes);
			FileAddPin(File);
		} else {
			(VOID) HandleTableRemove(&File->Memories, &Memory->Object.Entry);
		}
	}
	KeReleaseSpinLock(&File->Lock, Irql);
	if (NT_SUCCESS(Status))
		return;
	VgpuFree(Memory);
Complete:
	StatsFailure(&File->Statistics, &File->Gpu->Statistics, Status);
	WdfRequestComplete(Request, Status);
}

static VOID MemoryCancelled(WDFREQUEST Request)
{
	MEMORY *Memory = PinOfRequest(Request)->Memory;

	(VOID) InterlockedExchange(&Memory->Cancelled, 1);
	if (FileRemove(Memory->File, &Memory->File->Memories, &Memory->Object))
		ObjectRelease(&Memory->Object);
	ObjectRelease(&Memory->Object);
}

/* With the table's reference. */
static VOID MemoryEnd(MEMORY *Memory)
{
	/* If it is being cancelled, the cancel routine drops its own reference. */
	if (WdfRequestUnmarkCancelable(Memory->Request) != STATUS_CANCELLED)
		ObjectRelease(&Memory->Object);
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
