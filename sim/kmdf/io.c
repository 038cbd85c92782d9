/* SPDX-License-Identifier: MIT */
/* io.c - the I/O manager's side of requests: a user program's control calls and what cancels them. */
#include "kmdf.h"

#include <stdlib.h>

#define FRESH_BYTE 0xa7

/* ---- requests ---- */
/* For a request that the driver lost: completion has released the buffers of all others. */
static void RequestDestroy(SIM_OBJECT *Object)
{
	free(((SIM_REQUEST *)Object)->System);
}

SIM_REQUEST *SimRequestMake(SIM_USER_FILE *File, WDF_REQUEST_TYPE Type, NTSTATUS *Status)
{
	const WDF_OBJECT_ATTRIBUTES *Attributes = &File->Device->Init.RequestAttributes;
	SIM_REQUEST *Request = SimObjectCreate(
		SimKindRequest, sizeof(*Request), &File->Device->Object, Attributes->Size ? Attributes : NULL, Status);

	if (!Request)
		return NULL;
	Request->Object.Destroy = RequestDestroy;
	Request->Device = File->Device;
	Request->File = File;
	Request->Type = Type;
	Request->Thread = HostThreadId();
	Request->Process = IoGetCurrentProcess();
	InitializeListHead(&Request->QueueLink);
	HostLockAcquire(&SimIoLock);
	File->Uses++;
	InsertTailList(&File->Requests, &Request->FileLink);
	HostLockRelease(&SimIoLock);
	return Request;
}

static NTSTATUS MakeSystemBuffer(SIM_REQUEST *Request, ULONG Length)
{
	if (Length == 0)
		return STATUS_SUCCESS;
	Request->System = malloc(Length);
	if (!Request->System)
		return STATUS_INSUFFICIENT_RESOURCES;
	memset(Request->System, FRESH_BYTE, Length);
	return SimCopyFromUser(Request->System, Request->UserInput, Request->InputLength) ? STATUS_SUCCESS
											  : STATUS_ACCESS_VIOLATION;
}

static NTSTATUS MakeBuffers(SIM_REQUEST *Request)
{
	ULONG Method = METHOD_FROM_CTL_CODE(Request->Code);
	NTSTATUS Status;

	if (Method == METHOD_NEITHER)
		return STATUS_SUCCESS;
	if (Method == METHOD_BUFFERED) {
		if (Request->OutputLength && !HostProbe(Request->UserOutput, Request->OutputLength, true))
			return STATUS_ACCESS_VIOLATION;
		return MakeSystemBuffer(Request, max(Request->InputLength, Request->OutputLength));
	}
	Status = MakeSystemBuffer(Request, Request->InputLength);
	if (!NT_SUCCESS(Status) || Request->OutputLength == 0)
		return Status;
	Request->Mdl = IoAllocateMdl(Request->UserOutput, Request->OutputLength, FALSE, TRUE, NULL);
	if (!Request->Mdl)
		return STATUS_INSUFFICIENT_RESOURCES;
	return SimMdlLock(Request->Mdl, Method == METHOD_OUT_DIRECT);
}

/* Gives the request to the driver. STATUS_PENDING, or the final status with *Information. The reference keeps the
 * request's answer readable. */
static NTSTATUS Dispatch(SIM_REQUEST *Request, ULONG_PTR *Information)
{
	SIM_DEVICE *Device = Request->Device;
	SIM_SECTION Section;
	NTSTATUS Status;

	SimObjectReference(&Request->Object);
	if (Device->Init.InCallerContext) {
		Section = SimCallbackEnter("EvtIoInCallerContext", PASSIVE_LEVEL);
		Device->Init.InCallerContext((WDFDEVICE)(void *)Device, (WDFREQUEST)(void *)Request);
		SimCallbackLeave(&Section);
	} else {
		Status = Device->DefaultQueue ? SimQueueInsert(Device->DefaultQueue, Request)
					      : STATUS_INVALID_DEVICE_REQUEST;
		if (!NT_SUCCESS(Status))
			SimRequestComplete(Request, Status, 0);
	}
	HostLockAcquire(&SimIoLock);
	if (Request->State == SimRequestDone && IsListEmpty(&Request->FileLink)) {
		Status = Request->Status;
		*Information = Request->Information;
	} else {
		Request->Pended = TRUE;
		Status = STATUS_PENDING;
		if (!Request->ThreadAgnostic)
			SimWaitersAdd(1);
	}
	HostLockRelease(&SimIoLock);
	SimObjectDereference(&Request->Object);
	return Status;
}

NTSTATUS SimUserIoctl(SIM_USER_FILE *File, ULONG Code, void *Input, ULONG InputLength, void *Output, ULONG OutputLength,
	BOOLEAN ThreadAgnostic, SIM_USER_COMPLETION Completion, void *Context, ULONG_PTR *Information)
{
	ULONG Access = (Code >> 14) & 3;
	SIM_REQUEST *Request;
	NTSTATUS Status;

	*Information = 0;
	if (((Access & FILE_READ_ACCESS) && !(File->Access & FILE_READ_DATA)) ||
		((Access & FILE_WRITE_ACCESS) && !(File->Access & FILE_WRITE_DATA)))
		return STATUS_ACCESS_DENIED;
	Request = SimRequestMake(File, WdfRequestTypeDeviceControl, &Status);
	if (!Request)
		return Status;
	Request->Code = Code;
	Request->UserInput = Input;
	Request->UserOutput = Output;
	Request->InputLength = InputLength;
	Request->OutputLength = OutputLength;
	Request->Completion = Completion;
	HostLockAcquire(&SimIoLock); /* it may be looked for by now */
	Request->CompletionContext = Context;
	Request->ThreadAgnostic = ThreadAgnostic;
	HostLockRelease(&SimIoLock);
	Status = MakeBuffers(Request);
	if (!NT_SUCCESS(Status)) {
		SimRequestComplete(Request, Status, 0);
		return Status;
	}
	return Dispatch(Request, Information);
}

/* ---- cancelling ---- */
/* Which requests: those with this context, or of this thread or process that its end cancels. All NULL or 0: any. */
typedef struct CHOICE {
	const void *Context;
	uint64_t Thread;
	PEPROCESS Process;
} CHOICE;

static BOOLEAN Matches(const SIM_REQUEST *Request, const CHOICE *Choice)
{
	if (Choice->Context)
		return Request->CompletionContext == Choice->Context;
	if (!Choice->Thread && !Choice->Process)
		return TRUE;
	return !Request->ThreadAgnostic && (!Choice->Thread || Request->Thread == Choice->Thread) &&
	       (!Choice->Process || Request->Process == Choice->Process);
}

/* Under SimIoLock: a request on the file that is not done; NULL: none. */
static SIM_REQUEST *FindOn(const SIM_USER_FILE *File, const CHOICE *Choice, BOOLEAN EvenCancelled)
{
	for (LIST_ENTRY *Link = File->Requests.Flink; Link != &File->Requests; Link = Link->Flink) {
		SIM_REQUEST *Request = CONTAINING_RECORD(Link, SIM_REQUEST, FileLink);

		if (Matches(Request, Choice) &&
			(EvenCancelled || (!Request->Cancelled && Request->State != SimRequestDone)))
			return Request;
	}
	return NULL;
}

static NTSTATUS CancelMatching(SIM_USER_FILE *File, const CHOICE *Choice)
{
	NTSTATUS Status = STATUS_NOT_FOUND;

	for (;;) {
		SIM_REQUEST *Found;

		HostLockAcquire(&SimIoLock);
		Found = FindOn(File, Choice, FALSE);
		if (Found)
			SimObjectReference(&Found->Object);
		HostLockRelease(&SimIoLock);
		if (!Found)
			return Status;
		SimRequestCancel(Found);
		SimObjectDereference(&Found->Object);
		Status = STATUS_SUCCESS;
	}
}

NTSTATUS SimUserCancel(SIM_USER_FILE *File, void *Context)
{
	const CHOICE Choice = {.Context = Context};

	return CancelMatching(File, &Choice);
}

/* A file with a request to cancel, with a use of its own; NULL: none. */
static SIM_USER_FILE *UseFileOf(SIM_DEVICE *Device, const CHOICE *Choice)
{
	SIM_USER_FILE *Found = NULL;

	HostLockAcquire(&SimIoLock);
	for (LIST_ENTRY *Link = Device->Files.Flink; Link != &Device->Files && !Found; Link = Link->Flink) {
		SIM_USER_FILE *File = CONTAINING_RECORD(Link, SIM_USER_FILE, Link);

		if (FindOn(File, Choice, FALSE))
			Found = File;
	}
	if (Found)
		Found->Uses++;
	HostLockRelease(&SimIoLock);
	return Found;
}

/* Under SimIoLock: one that is left, or NULL. */
static SIM_REQUEST *AnyLeft(const CHOICE *Choice)
{
	for (SIM_DEVICE *Device = SimDevices(); Device; Device = Device->Next) {
		for (LIST_ENTRY *Link = Device->Files.Flink; Link != &Device->Files; Link = Link->Flink) {
			SIM_REQUEST *Left = FindOn(CONTAINING_RECORD(Link, SIM_USER_FILE, Link), Choice, TRUE);

			if (Left)
				return Left;
		}
	}
	return NULL;
}

/* Cancels, then waits as a thread that ends does: until the last of its requests is completed. */
static void CancelAll(const CHOICE *Choice)
{
	uint64_t End = HostNow() + SimPatienceNs();
	SIM_USER_FILE *File;
	SIM_REQUEST *Left;
	ULONG Code = 0;

	for (SIM_DEVICE *Device = SimDevices(); Device; Device = Device->Next) {
		while ((File = UseFileOf(Device, Choice)) != NULL) {
			CancelMatching(File, Choice);
			SimFileRelease(File);
		}
	}
	HostLockAcquire(&SimIoLock);
	while ((Left = AnyLeft(Choice)) && HostNow() < End)
		HostConditionWait(&SimIoChanged, &SimIoLock, 100000000);
	if (Left)
		Code = Left->Code;
	HostLockRelease(&SimIoLock);
	if (Left)
		SimViolation(SimRuleThreadUnkillable,
			"a cancelled request (%#x) was not completed after its thread's end", (unsigned)Code);
}

void SimUserThreadEnd(void)
{
	const CHOICE Choice = {.Thread = HostThreadId()};

	CancelAll(&Choice);
}

void SimUserThreadsEnd(SIM_PROCESS *Process)
{
	const CHOICE Choice = {.Process = (PEPROCESS)(void *)Process};

	CancelAll(&Choice);
}
