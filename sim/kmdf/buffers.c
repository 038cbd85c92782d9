/* SPDX-License-Identifier: MIT */
/* buffers.c - a request's buffers, by the method in its control code, and user memory that the driver locks itself. */
#include "kmdf.h"

#include <stdlib.h>

typedef struct SIM_MEMORY {
	SIM_OBJECT Object;
	PMDL Mdl;
	PVOID Address;
	SIZE_T Size;
	void *Copy; /* instead of the MDL */
} SIM_MEMORY;

static SIM_REQUEST *Owned(WDFREQUEST Handle, const char *Function)
{
	SIM_REQUEST *Request = SimObjectCheck(Handle, SimKindRequest, Function);

	if (Request && Request->State == SimRequestDone) {
		SimViolation(SimRuleRequestNotOwned, "%s: request %p is completed", Function, (void *)Request);
		return NULL;
	}
	return Request;
}

void SimRequestReleaseBuffers(SIM_REQUEST *Request)
{
	if (Request->Mdl) {
		if (Request->Mdl->MdlFlags & MDL_PAGES_LOCKED)
			MmUnlockPages(Request->Mdl);
		IoFreeMdl(Request->Mdl);
		Request->Mdl = NULL;
	}
	free(Request->System);
	Request->System = NULL;
}

static NTSTATUS Answer(PVOID From, SIZE_T Has, SIZE_T Needs, PVOID *Buffer, size_t *Length)
{
	if (Has == 0 || Has < Needs)
		return STATUS_BUFFER_TOO_SMALL;
	if (!From || SimFault("WdfRequestRetrieveBuffer"))
		return STATUS_INSUFFICIENT_RESOURCES;
	*Buffer = From;
	if (Length)
		*Length = Has;
	return STATUS_SUCCESS;
}

static NTSTATUS RequestRetrieveInputBuffer(
	PWDF_DRIVER_GLOBALS Globals, WDFREQUEST Handle, size_t Minimum, PVOID *Buffer, size_t *Length)
{
	SIM_REQUEST *Request = Owned(Handle, "WdfRequestRetrieveInputBuffer");

	(void)Globals;
	SimIrqlMax("WdfRequestRetrieveInputBuffer", DISPATCH_LEVEL);
	if (!Request || Request->Type != WdfRequestTypeDeviceControl ||
		METHOD_FROM_CTL_CODE(Request->Code) == METHOD_NEITHER)
		return STATUS_INVALID_DEVICE_REQUEST;
	return Answer(Request->System, Request->InputLength, Minimum, Buffer, Length);
}

static NTSTATUS RequestRetrieveOutputBuffer(
	PWDF_DRIVER_GLOBALS Globals, WDFREQUEST Handle, size_t Minimum, PVOID *Buffer, size_t *Length)
{
	SIM_REQUEST *Request = Owned(Handle, "WdfRequestRetrieveOutputBuffer");
	PVOID From;

	(void)Globals;
	SimIrqlMax("WdfRequestRetrieveOutputBuffer", DISPATCH_LEVEL);
	if (!Request || Request->Type != WdfRequestTypeDeviceControl ||
		METHOD_FROM_CTL_CODE(Request->Code) == METHOD_NEITHER)
		return STATUS_INVALID_DEVICE_REQUEST;
	if (Request->OutputLength == 0 || Request->OutputLength < Minimum)
		return STATUS_BUFFER_TOO_SMALL;
	From = Request->Mdl ? MmGetSystemAddressForMdlSafe(Request->Mdl, NormalPagePriority) : Request->System;
	return Answer(From, Request->OutputLength, Minimum, Buffer, Length);
}

static NTSTATUS RequestRetrieveOutputWdmMdl(PWDF_DRIVER_GLOBALS Globals, WDFREQUEST Handle, PMDL *Mdl)
{
	SIM_REQUEST *Request = Owned(Handle, "WdfRequestRetrieveOutputWdmMdl");

	(void)Globals;
	SimIrqlMax("WdfRequestRetrieveOutputWdmMdl", DISPATCH_LEVEL);
	*Mdl = NULL;
	if (!Request || Request->Type != WdfRequestTypeDeviceControl)
		return STATUS_INVALID_DEVICE_REQUEST;
	if (Request->OutputLength == 0)
		return STATUS_BUFFER_TOO_SMALL;
	if (!Request->Mdl) {
		SimViolation(SimRuleWdfNotImplemented, "WdfRequestRetrieveOutputWdmMdl of a buffered request");
		return STATUS_INVALID_DEVICE_REQUEST;
	}
	if (SimFault("WdfRequestRetrieveOutputWdmMdl"))
		return STATUS_INSUFFICIENT_RESOURCES;
	*Mdl = Request->Mdl;
	return STATUS_SUCCESS;
}

/* ---- METHOD_NEITHER: raw addresses, only in the caller's context ---- */
static SIM_REQUEST *Unsafe(WDFREQUEST Handle, const char *Function)
{
	SIM_REQUEST *Request = Owned(Handle, Function);

	SimIrqlMax(Function, APC_LEVEL);
	if (!Request || Request->Type != WdfRequestTypeDeviceControl ||
		METHOD_FROM_CTL_CODE(Request->Code) != METHOD_NEITHER)
		return NULL;
	if (Request->State != SimRequestInCaller || Request->Thread != HostThreadId()) {
		SimViolation(SimRuleRequestStatus, "%s outside EvtIoInCallerContext", Function);
		return NULL;
	}
	return Request;
}

static NTSTATUS RequestRetrieveUnsafeUserInputBuffer(
	PWDF_DRIVER_GLOBALS Globals, WDFREQUEST Handle, size_t Minimum, PVOID *Buffer, size_t *Length)
{
	SIM_REQUEST *Request = Unsafe(Handle, "WdfRequestRetrieveUnsafeUserInputBuffer");

	(void)Globals;
	if (!Request)
		return STATUS_INVALID_DEVICE_REQUEST;
	if (Request->InputLength == 0 || Request->InputLength < Minimum)
		return STATUS_BUFFER_TOO_SMALL;
	*Buffer = Request->UserInput;
	if (Length)
		*Length = Request->InputLength;
	return STATUS_SUCCESS;
}

static NTSTATUS RequestRetrieveUnsafeUserOutputBuffer(
	PWDF_DRIVER_GLOBALS Globals, WDFREQUEST Handle, size_t Minimum, PVOID *Buffer, size_t *Length)
{
	SIM_REQUEST *Request = Unsafe(Handle, "WdfRequestRetrieveUnsafeUserOutputBuffer");

	(void)Globals;
	if (!Request)
		return STATUS_INVALID_DEVICE_REQUEST;
	if (Request->OutputLength == 0 || Request->OutputLength < Minimum)
		return STATUS_BUFFER_TOO_SMALL;
	*Buffer = Request->UserOutput;
	if (Length)
		*Length = Request->OutputLength;
	return STATUS_SUCCESS;
}

static void MemoryDispose(SIM_OBJECT *Object)
{
	SIM_MEMORY *Memory = (SIM_MEMORY *)Object;

	free(Memory->Copy);
	Memory->Copy = NULL;
	if (!Memory->Mdl)
		return;
	MmUnlockPages(Memory->Mdl); /* and unmaps */
	IoFreeMdl(Memory->Mdl);
	Memory->Mdl = NULL;
}

static NTSTATUS LockMemory(SIM_MEMORY *Memory, PVOID Buffer, SIZE_T Length, BOOLEAN Write)
{
	NTSTATUS Status;

	Memory->Mdl = IoAllocateMdl(Buffer, (ULONG)Length, FALSE, FALSE, NULL);
	if (!Memory->Mdl)
		return STATUS_INSUFFICIENT_RESOURCES;
	Status = SimMdlLock(Memory->Mdl, Write);
	if (!NT_SUCCESS(Status)) {
		IoFreeMdl(Memory->Mdl);
		Memory->Mdl = NULL;
		return Status;
	}
	Memory->Size = Length;
	Memory->Address = MmGetSystemAddressForMdlSafe(Memory->Mdl, NormalPagePriority);
	return Memory->Address ? STATUS_SUCCESS : STATUS_INSUFFICIENT_RESOURCES;
}

/* What the driver may only read, and whose pages it does not learn, is a copy: locking would move pages that a program
 * shares with its other threads' stacks and heaps. */
static NTSTATUS CopyMemory(SIM_MEMORY *Memory, PVOID Buffer, SIZE_T Length)
{
	Memory->Copy = malloc(Length);
	if (!Memory->Copy)
		return STATUS_INSUFFICIENT_RESOURCES;
	if (!SimCopyFromUser(Memory->Copy, Buffer, Length))
		return STATUS_ACCESS_VIOLATION;
	Memory->Size = Length;
	Memory->Address = Memory->Copy;
	return STATUS_SUCCESS;
}

static NTSTATUS ProbeAndLock(WDFREQUEST Handle, PVOID Buffer, size_t Length, BOOLEAN Write, WDFMEMORY *Object)
{
	SIM_REQUEST *Request = Owned(Handle, "WdfRequestProbeAndLockUserBuffer");
	SIM_MEMORY *New;
	NTSTATUS Status;

	SimIrqlMax("WdfRequestProbeAndLockUserBuffer", PASSIVE_LEVEL);
	*Object = NULL;
	if (!Request)
		return STATUS_INVALID_DEVICE_REQUEST;
	if (Length == 0 || Length > MAXULONG)
		return STATUS_INVALID_USER_BUFFER;
	if (SimFault("WdfRequestProbeAndLockUserBuffer"))
		return STATUS_INSUFFICIENT_RESOURCES;
	New = SimObjectCreate(SimKindMemory, sizeof(*New), &Request->Object, NULL, &Status);
	if (!New)
		return Status;
	New->Object.Dispose = MemoryDispose;
	Status = Write ? LockMemory(New, Buffer, Length, Write) : CopyMemory(New, Buffer, Length);
	if (NT_SUCCESS(Status))
		*Object = (WDFMEMORY)(void *)New;
	else
		SimObjectDelete(&New->Object);
	return Status;
}

static NTSTATUS RequestProbeAndLockUserBufferForRead(
	PWDF_DRIVER_GLOBALS Globals, WDFREQUEST Handle, PVOID Buffer, size_t Length, WDFMEMORY *Memory)
{
	(void)Globals;
	return ProbeAndLock(Handle, Buffer, Length, FALSE, Memory);
}

static NTSTATUS RequestProbeAndLockUserBufferForWrite(
	PWDF_DRIVER_GLOBALS Globals, WDFREQUEST Handle, PVOID Buffer, size_t Length, WDFMEMORY *Memory)
{
	(void)Globals;
	return ProbeAndLock(Handle, Buffer, Length, TRUE, Memory);
}

static PVOID MemoryGetBuffer(PWDF_DRIVER_GLOBALS Globals, WDFMEMORY Handle, size_t *Size)
{
	SIM_MEMORY *Memory = SimObjectCheck(Handle, SimKindMemory, "WdfMemoryGetBuffer");

	(void)Globals;
	SimIrqlMax("WdfMemoryGetBuffer", DISPATCH_LEVEL);
	if (!Memory)
		return NULL;
	if (Size)
		*Size = Memory->Size;
	return Memory->Address;
}

void SimWdfTableBuffers(WDFFUNC *Table)
{
	SIM_WDF_ENTRY(Table, RequestRetrieveInputBuffer);
	SIM_WDF_ENTRY(Table, RequestRetrieveOutputBuffer);
	SIM_WDF_ENTRY(Table, RequestRetrieveOutputWdmMdl);
	SIM_WDF_ENTRY(Table, RequestRetrieveUnsafeUserInputBuffer);
	SIM_WDF_ENTRY(Table, RequestRetrieveUnsafeUserOutputBuffer);
	SIM_WDF_ENTRY(Table, RequestProbeAndLockUserBufferForRead);
	SIM_WDF_ENTRY(Table, RequestProbeAndLockUserBufferForWrite);
	SIM_WDF_ENTRY(Table, MemoryGetBuffer);
}
