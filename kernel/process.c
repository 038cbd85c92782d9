/* SPDX-License-Identifier: MIT */
#include "process.h"

/* The first item of the process. *Held: it is to be ended. Event is set when it is gone. */
static PROCESS_ITEM *ProcessFind(PROCESSES *Processes, PEPROCESS Process, PKEVENT Event, BOOLEAN *Held)
{
	PROCESS_ITEM *Found = NULL;
	KIRQL Irql;

	KeAcquireSpinLock(&Processes->Lock, &Irql);
	for (LIST_ENTRY *Link = Processes->Items.Flink; Link != &Processes->Items && !Found; Link = Link->Flink)
		if (CONTAINING_RECORD(Link, PROCESS_ITEM, Link)->Process == Process)
			Found = CONTAINING_RECORD(Link, PROCESS_ITEM, Link);
	if (Found) {
		KeInitializeEvent(Event, NotificationEvent, FALSE);
		Found->Gone = Event;
		*Held = Found->Hold(Found);
	}
	KeReleaseSpinLock(&Processes->Lock, Irql);
	return Found;
}

/* In the context of the last thread that leaves the process: nobody makes items for it any more. */
static VOID NTAPI ProcessNotify(HANDLE ParentId, HANDLE ProcessId, BOOLEAN Create)
{
	PROCESSES *Processes = ProcessesOf(WdfGetDriver());
	PROCESS_ITEM *Item;
	BOOLEAN Held;
	KEVENT Gone;

	UNREFERENCED_PARAMETER(ParentId);
	UNREFERENCED_PARAMETER(ProcessId);
	while (!Create && (Item = ProcessFind(Processes, IoGetCurrentProcess(), &Gone, &Held)) != NULL) {
		if (Held)
			Item->End(Item);
		/* Ends: the device lets go of the memory, or is reset. */
		(VOID) KeWaitForSingleObject(&Gone, Executive, KernelMode, FALSE, NULL);
	}
}

_Use_decl_annotations_
VOID ProcessesStart(PROCESSES *Processes)
{
	KeInitializeSpinLock(&Processes->Lock);
	InitializeListHead(&Processes->Items);
	Processes->Told = NT_SUCCESS(PsSetCreateProcessNotifyRoutine(ProcessNotify, FALSE));
}

_Use_decl_annotations_
VOID ProcessesStop(PROCESSES *Processes)
{
	if (Processes->Told)
		(VOID) PsSetCreateProcessNotifyRoutine(ProcessNotify, TRUE);
	Processes->Told = FALSE;
}

_Use_decl_annotations_
VOID ProcessTrack(PROCESS_ITEM *Item)
{
	PROCESSES *Processes = ProcessesOf(WdfGetDriver());
	KIRQL Irql;

	Item->Gone = NULL;
	KeAcquireSpinLock(&Processes->Lock, &Irql);
	InsertTailList(&Processes->Items, &Item->Link);
	KeReleaseSpinLock(&Processes->Lock, Irql);
}

_Use_decl_annotations_
VOID ProcessForget(PROCESS_ITEM *Item)
{
	PROCESSES *Processes = ProcessesOf(WdfGetDriver());
	KIRQL Irql;

	KeAcquireSpinLock(&Processes->Lock, &Irql);
	RemoveEntryList(&Item->Link);
	if (Item->Gone)
		(VOID) KeSetEvent(Item->Gone, IO_NO_INCREMENT, FALSE);
	KeReleaseSpinLock(&Processes->Lock, Irql);
}
