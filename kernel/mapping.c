/* SPDX-License-Identifier: MIT */
#include "mapping.h"
#include "guard.h"

static VOID MappingCount(FILE_CONTEXT *File, LONG64 Change)
{
	StatsAdd(&File->Statistics.LiveMappings, Change);
	StatsAdd(&File->Gpu->Statistics.LiveMappings, Change);
}

static BOOLEAN MappingHold(PROCESS_ITEM *Item)
{
	return ObjectTryReference(CONTAINING_RECORD(Item, MAPPING, Process)->Owner);
}

static VOID MappingProcessEnds(PROCESS_ITEM *Item)
{
	MAPPING *Mapping = CONTAINING_RECORD(Item, MAPPING, Process);
	OBJECT *Owner = Mapping->Owner;

	MappingDestroy(Mapping);
	ObjectRelease(Owner);
}

_Use_decl_annotations_
NTSTATUS MappingCreate(MAPPING *Mapping, FILE_CONTEXT *File, OBJECT *Owner, PMDL Mdl, MEMORY_CACHING_TYPE Cache)
{
	PVOID Address;
	NTSTATUS Status = GuardMapToUser(Mdl, Cache, &Address);

	if (!NT_SUCCESS(Status))
		return Status;
	Mapping->File = File;
	Mapping->Owner = Owner;
	Mapping->Mdl = Mdl;
	KeInitializeEvent(&Mapping->Undone, NotificationEvent, FALSE);
	Mapping->Process.Process = PsGetCurrentProcess();
	Mapping->Process.Hold = MappingHold;
	Mapping->Process.End = MappingProcessEnds;
	(VOID) ObReferenceObject(Mapping->Process.Process);
	Mapping->Address = Address;
	ProcessTrack(&Mapping->Process);
	MappingCount(File, 1);
	return STATUS_SUCCESS;
}

/* A process that has ended has no address space: its mappings went with that, on kernels that told nobody. */
static BOOLEAN MappingProcessHasEnded(PEPROCESS Process)
{
	LARGE_INTEGER Now = {.QuadPart = 0};

	return KeWaitForSingleObject(Process, Executive, KernelMode, FALSE, &Now) == STATUS_SUCCESS;
}

_Use_decl_annotations_
VOID MappingDestroy(MAPPING *Mapping)
{
	PVOID Address = InterlockedExchangePointer(&Mapping->Address, NULL);
	PEPROCESS Process = Mapping->Process.Process;
	KAPC_STATE State;

	if (!Process)
		return;
	if (!Address) {
		(VOID) KeWaitForSingleObject(&Mapping->Undone, Executive, KernelMode, FALSE, NULL);
		return;
	}
	if (Process == PsGetCurrentProcess()) {
		MmUnmapLockedPages(Address, Mapping->Mdl);
	} else if (!MappingProcessHasEnded(Process)) {
		KeStackAttachProcess((PKPROCESS)Process, &State);
		MmUnmapLockedPages(Address, Mapping->Mdl);
		KeUnstackDetachProcess(&State);
	}
	MappingCount(Mapping->File, -1);
	ProcessForget(&Mapping->Process);
	ObDereferenceObject(Process);
	(VOID) KeSetEvent(&Mapping->Undone, IO_NO_INCREMENT, FALSE);
}
