/* SPDX-License-Identifier: MIT */
#include "file.h"

_Use_decl_annotations_
NTSTATUS FileInit(FILE_CONTEXT *File, GPU *Gpu)
{
	RtlZeroMemory(File, sizeof(*File));
	File->Gpu = Gpu;
	File->Account = CommandAccountOpen(Gpu->Settings.MaxCommands);
	if (!File->Account)
		return STATUS_INSUFFICIENT_RESOURCES;
	KeInitializeSpinLock(&File->Lock);
	KeInitializeEvent(&File->PinsGone, NotificationEvent, FALSE);
	File->Pins = 1;
	File->Waits.Statistics = &File->Statistics;
	File->Waits.MaxWaits = Gpu->Settings.MaxWaits;
	HandleTableInit(&File->Contexts);
	HandleTableInit(&File->Memories);
	HandleTableInit(&File->Resources);
	return STATUS_SUCCESS;
}

_Use_decl_annotations_
VOID FileAddPin(FILE_CONTEXT *File)
{
	(VOID) InterlockedIncrement(&File->Pins);
}

_Use_decl_annotations_
VOID FileDropPin(FILE_CONTEXT *File)
{
	if (InterlockedDecrement(&File->Pins) == 0)
		(VOID) KeSetEvent(&File->PinsGone, IO_NO_INCREMENT, FALSE);
}

_Use_decl_annotations_
VOID FileAwaitPins(FILE_CONTEXT *File)
{
	FileDropPin(File);
	(VOID) KeWaitForSingleObject(&File->PinsGone, Executive, KernelMode, FALSE, NULL);
}

_Use_decl_annotations_
VOID FileFree(FILE_CONTEXT *File)
{
	HandleTableFree(&File->Contexts);
	HandleTableFree(&File->Memories);
	HandleTableFree(&File->Resources);
	CommandAccountClose(&File->Gpu->Pool, File->Account);
}

_Use_decl_annotations_
VOID ObjectKeep(GPU *Gpu, OBJECT *Object)
{
	BOOLEAN Twice; /* evicted, then destroyed */
	KIRQL Irql;

	KeAcquireSpinLock(&Gpu->QueueLock, &Irql);
	Twice = !IsListEmpty(&Object->Kept);
	if (!Twice)
		InsertTailList(&Gpu->Kept, &Object->Kept);
	KeReleaseSpinLock(&Gpu->QueueLock, Irql);
	if (Twice)
		ObjectRelease(Object);
}

_Use_decl_annotations_
VOID ObjectReleaseKept(GPU *Gpu)
{
	OBJECT *Object;
	KIRQL Irql;

	do {
		Object = NULL;
		KeAcquireSpinLock(&Gpu->QueueLock, &Irql);
		if (!GpuKeeps(Gpu) && !IsListEmpty(&Gpu->Kept)) {
			Object = CONTAINING_RECORD(RemoveHeadList(&Gpu->Kept), OBJECT, Kept);
			InitializeListHead(&Object->Kept);
		}
		KeReleaseSpinLock(&Gpu->QueueLock, Irql);
		if (Object)
			ObjectRelease(Object);
	} while (Object);
}

_Use_decl_annotations_
OBJECT *FileFind(FILE_CONTEXT *File, const HANDLE_TABLE *Table, ULONG Id)
{
	OBJECT *Object = NULL;
	HANDLE_ENTRY *Entry;
	KIRQL Irql;

	KeAcquireSpinLock(&File->Lock, &Irql);
	Entry = HandleTableFind(Table, Id);
	if (Entry) {
		Object = CONTAINING_RECORD(Entry, OBJECT, Entry);
		ObjectReference(Object);
	}
	KeReleaseSpinLock(&File->Lock, Irql);
	return Object;
}

_Use_decl_annotations_
NTSTATUS FileCheckRoom(FILE_CONTEXT *File, const HANDLE_TABLE *Table, ULONG Limit)
{
	NTSTATUS Status;
	KIRQL Irql;

	KeAcquireSpinLock(&File->Lock, &Irql);
	Status = Table->Count < Limit ? STATUS_SUCCESS : STATUS_QUOTA_EXCEEDED;
	KeReleaseSpinLock(&File->Lock, Irql);
	return Status;
}

_Use_decl_annotations_
NTSTATUS FileInsertLocked(FILE_CONTEXT *File, HANDLE_TABLE *Table, OBJECT *Object, ULONG Limit)
{
	if (File->Closing)
		return STATUS_FILE_CLOSED;
	if (Table->Count >= Limit)
		return STATUS_QUOTA_EXCEEDED;
	if (!HandleTableInsert(Table, &Object->Entry))
		return STATUS_OBJECT_NAME_COLLISION;
	ObjectReference(Object);
	return STATUS_SUCCESS;
}

_Use_decl_annotations_
NTSTATUS FileInsert(FILE_CONTEXT *File, HANDLE_TABLE *Table, OBJECT *Object, ULONG Limit)
{
	NTSTATUS Status;
	KIRQL Irql;

	KeAcquireSpinLock(&File->Lock, &Irql);
	Status = FileInsertLocked(File, Table, Object, Limit);
	KeReleaseSpinLock(&File->Lock, Irql);
	return Status;
}

/* What is not in a table is not to be found from memory either. */
_Requires_lock_held_(File->Lock)
static OBJECT *FileTakeOut(HANDLE_ENTRY *Entry)
{
	OBJECT *Object = CONTAINING_RECORD(Entry, OBJECT, Entry);

	RemoveEntryList(&Object->InMemory);
	InitializeListHead(&Object->InMemory);
	return Object;
}

_Use_decl_annotations_
BOOLEAN FileRemove(FILE_CONTEXT *File, HANDLE_TABLE *Table, OBJECT *Object)
{
	BOOLEAN Removed;
	KIRQL Irql;

	KeAcquireSpinLock(&File->Lock, &Irql);
	Removed = HandleTableRemove(Table, &Object->Entry);
	if (Removed)
		(VOID) FileTakeOut(&Object->Entry);
	KeReleaseSpinLock(&File->Lock, Irql);
	return Removed;
}

_Use_decl_annotations_
OBJECT *FileRemoveId(FILE_CONTEXT *File, HANDLE_TABLE *Table, ULONG Id)
{
	OBJECT *Object = NULL;
	HANDLE_ENTRY *Entry;
	KIRQL Irql;

	KeAcquireSpinLock(&File->Lock, &Irql);
	Entry = HandleTableFind(Table, Id);
	if (Entry) {
		(VOID) HandleTableRemove(Table, Entry);
		Object = FileTakeOut(Entry);
	}
	KeReleaseSpinLock(&File->Lock, Irql);
	return Object;
}

_Use_decl_annotations_
OBJECT *FilePop(FILE_CONTEXT *File, HANDLE_TABLE *Table)
{
	OBJECT *Object = NULL;
	HANDLE_ENTRY *Entry;
	KIRQL Irql;

	KeAcquireSpinLock(&File->Lock, &Irql);
	File->Closing = TRUE;
	Entry = HandleTablePop(Table);
	if (Entry)
		Object = FileTakeOut(Entry);
	KeReleaseSpinLock(&File->Lock, Irql);
	return Object;
}
