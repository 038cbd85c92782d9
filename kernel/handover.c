/* SPDX-License-Identifier: MIT */
#include "handover.h"

static EVT_WDF_OBJECT_CONTEXT_CLEANUP HandoverCleanup;

typedef struct _HANDOVER {
	PVOID volatile Taken; /* PKEVENT in the frame of the caller; NULL: it does not wait */
} HANDOVER;
WDF_DECLARE_CONTEXT_TYPE_WITH_NAME(HANDOVER, HandoverOf)

_Use_decl_annotations_
PKEVENT HandoverTake(WDFREQUEST Request)
{
	HANDOVER *Handover = HandoverOf(Request);

	return Handover ? InterlockedExchangePointer(&Handover->Taken, NULL) : NULL;
}

_Use_decl_annotations_
VOID HandoverTell(PKEVENT Taken)
{
	if (Taken)
		(VOID) KeSetEvent(Taken, IO_NO_INCREMENT, FALSE);
}

static VOID HandoverCleanup(WDFOBJECT Request)
{
	HandoverTell(HandoverTake((WDFREQUEST)Request));
}

_Use_decl_annotations_
NTSTATUS HandoverEnqueue(WDFDEVICE Device, WDFREQUEST Request)
{
	WDF_OBJECT_ATTRIBUTES Attributes;
	HANDOVER *Handover;
	KEVENT Taken;
	NTSTATUS Status;

	WDF_OBJECT_ATTRIBUTES_INIT_CONTEXT_TYPE(&Attributes, HANDOVER);
	Attributes.EvtCleanupCallback = HandoverCleanup;
	Status = WdfObjectAllocateContext(Request, &Attributes, (PVOID *)&Handover);
	if (!NT_SUCCESS(Status))
		return Status;
	KeInitializeEvent(&Taken, NotificationEvent, FALSE);
	Handover->Taken = &Taken;
	Status = WdfDeviceEnqueueRequest(Device, Request);
	if (NT_SUCCESS(Status)) /* the request may be gone */
		(VOID) KeWaitForSingleObject(&Taken, Executive, KernelMode, FALSE, NULL);
	else
		Handover->Taken = NULL;
	return Status;
}
