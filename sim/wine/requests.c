/* SPDX-License-Identifier: MIT */
/*
 * requests.c - device-control requests of the program; see requests.h.
 *
 * As the NT I/O manager does it: a request that ends in the call itself reports an error by its status alone; a
 * success, and everything that was pending, is reported through the status block, then the event, then the completion
 * port.
 */
#include "requests.h"

#include <stdlib.h>

#include "exit.h"
#include "../host/host_wine.h"

NTSYSAPI NTSTATUS NTAPI NtSetIoCompletion(HANDLE Port, ULONG_PTR Key, ULONG_PTR Context, NTSTATUS Status, SIZE_T Bytes);

/* The call and the completion race; whoever comes second reports. */
enum { PhaseCalling, PhasePended, PhaseCompleted };

typedef struct STATUS_BLOCK32 {
	LONG Status;
	ULONG Information;
} STATUS_BLOCK32;

struct REQUEST {
	REQUEST *Next; /* in File->Requests, under File->Lock */
	LONG References; /* one until it is reported, one per canceller */
	LONG Phase;
	DEVICE_FILE *File; /* referenced */
	IO_STATUS_BLOCK *IoStatus; /* the system call's */
	STATUS_BLOCK32 *Wow64Status; /* the program's own, if it has 32 bits */
	HANDLE Event;
	void *ApcContext;
	DWORD ThreadId;
	NTSTATUS Status;
	ULONG_PTR Information;
	HOST_CONDITION Done; /* synchronous files: with File->Lock, Phase becomes PhaseCompleted */
};

static void Dereference(REQUEST *Request)
{
	DEVICE_FILE *File = Request->File;

	if (InterlockedDecrement(&Request->References) != 0)
		return;
	HostConditionDestroy(&Request->Done);
	free(Request);
	FileDereference(File);
}

static REQUEST *Create(DEVICE_FILE *File, const REQUEST_CALL *Call)
{
	REQUEST *Request = calloc(1, sizeof(*Request));

	if (!Request)
		return NULL;
	FileReference(File);
	Request->References = 1;
	Request->File = File;
	Request->IoStatus = Call->IoStatus;
	if (HostWineIsWow64())
		Request->Wow64Status = Call->IoStatus->Pointer;
	Request->Event = (HANDLE)((ULONG_PTR)Call->Event & ~(ULONG_PTR)3);
	Request->ApcContext = Call->ApcContext;
	Request->ThreadId = GetCurrentThreadId();
	HostConditionInit(&Request->Done);
	HostLockAcquire(&File->Lock);
	Request->Next = File->Requests;
	File->Requests = Request;
	HostLockRelease(&File->Lock);
	return Request;
}

static void Unlink(REQUEST *Request)
{
	DEVICE_FILE *File = Request->File;
	REQUEST **Link;

	HostLockAcquire(&File->Lock);
	for (Link = &File->Requests; *Link != Request; Link = &(*Link)->Next)
		;
	*Link = Request->Next;
	HostLockRelease(&File->Lock);
}

/* A 32-bit program's system calls are made for it with a status block that lives as long as the call, holds the address
 * of the program's own, and is copied to that if it was written. After the call, as the NT I/O manager does, straight
 * to the program's. */
static void WriteStatus(const REQUEST *Request, BOOLEAN Pended)
{
	if (Pended && Request->Wow64Status) {
		Request->Wow64Status->Information = (ULONG)Request->Information;
		__atomic_store_n(&Request->Wow64Status->Status, Request->Status, __ATOMIC_RELEASE);
		return;
	}
	Request->IoStatus->Information = Request->Information;
	__atomic_store_n(&Request->IoStatus->Status, Request->Status, __ATOMIC_RELEASE);
}

/* Reports to the program. Pended: the call had returned STATUS_PENDING. */
static void Report(REQUEST *Request, BOOLEAN Pended)
{
	DEVICE_FILE *File = Request->File;
	BOOLEAN ToPort;

	ToPort = File->Port && Request->ApcContext &&
		 (Pended || !(File->NotificationModes & FILE_SKIP_COMPLETION_PORT_ON_SUCCESS));
	WriteStatus(Request, Pended);
	if (Request->Event)
		SetEvent(Request->Event);
	else if (!(File->NotificationModes & FILE_SKIP_SET_EVENT_ON_HANDLE) && !File->Synchronous)
		SetEvent(File->Event);
	if (ToPort)
		NtSetIoCompletion(File->Port, (ULONG_PTR)File->Key, (ULONG_PTR)Request->ApcContext, Request->Status,
			Request->Information);
}

static void OnCompletion(void *Context, NTSTATUS Status, ULONG_PTR Information)
{
	REQUEST *Request = Context;
	DEVICE_FILE *File = Request->File;

	Request->Status = Status;
	Request->Information = Information;
	if (File->Synchronous) {
		HostLockAcquire(&File->Lock);
		Request->Phase = PhaseCompleted;
		HostConditionSignalAll(&Request->Done);
		HostLockRelease(&File->Lock);
	} else if (InterlockedExchange(&Request->Phase, PhaseCompleted) == PhasePended) {
		Unlink(Request);
		Report(Request, TRUE);
		Dereference(Request);
	}
}

static void WaitSynchronously(REQUEST *Request)
{
	DEVICE_FILE *File = Request->File;

	HostLockAcquire(&File->Lock);
	while (Request->Phase != PhaseCompleted)
		HostConditionWait(&Request->Done, &File->Lock, HOST_FOREVER);
	HostLockRelease(&File->Lock);
	Unlink(Request);
	Report(Request, TRUE);
}

/* The driver keeps the request. Its event is cleared only now, which saves a server call for all others. */
static NTSTATUS Pend(REQUEST *Request)
{
	DEVICE_FILE *File = Request->File;

	ResetEvent(Request->Event ? Request->Event : File->Event);
	if (InterlockedExchange(&Request->Phase, PhasePended) == PhaseCompleted) {
		Unlink(Request);
		Report(Request, TRUE);
		Dereference(Request);
	}
	return STATUS_PENDING;
}

static NTSTATUS FinishInCall(REQUEST *Request, NTSTATUS Status, ULONG_PTR Information)
{
	Unlink(Request);
	Request->Status = Status;
	Request->Information = Information;
	if (!NT_ERROR(Status))
		Report(Request, FALSE);
	else if (Request->Event)
		ResetEvent(Request->Event);
	Dereference(Request);
	return Status;
}

static NTSTATUS Run(DEVICE_FILE *File, const REQUEST_CALL *Call)
{
	REQUEST *Request = Create(File, Call);
	bool ThreadAgnostic = File->Port && !Call->Event;
	ULONG_PTR Information = 0;
	NTSTATUS Status;

	if (!Request)
		return STATUS_INSUFFICIENT_RESOURCES;
	GateEnter();
	Status = SimUserIoctl(File->User, Call->Code, Call->Input, Call->InputLength, Call->Output, Call->OutputLength,
		ThreadAgnostic, OnCompletion, Request, &Information);
	GateLeave();
	if (Status != STATUS_PENDING)
		return FinishInCall(Request, Status, Information);
	if (!File->Synchronous)
		return Pend(Request);
	WaitSynchronously(Request);
	Status = Request->Status;
	Dereference(Request);
	return Status;
}

NTSTATUS RequestIoctl(DEVICE_FILE *File, const REQUEST_CALL *Call)
{
	NTSTATUS Status;

	if (!File->Synchronous)
		return Run(File, Call);
	HostLockAcquire(&File->Serial);
	Status = Run(File, Call);
	HostLockRelease(&File->Serial);
	return Status;
}

unsigned RequestCancel(DEVICE_FILE *File, const REQUEST_FILTER *Filter)
{
	REQUEST *Request, **Found;
	unsigned Count = 0, i;

	if (Filter->SynchronousOnly && !File->Synchronous)
		return 0;
	HostLockAcquire(&File->Lock);
	for (Request = File->Requests; Request; Request = Request->Next)
		Count++;
	Found = calloc(Count + 1, sizeof(*Found));
	for (Count = 0, Request = File->Requests; Request && Found; Request = Request->Next) {
		const void *IoStatus = Request->Wow64Status ? (void *)Request->Wow64Status : Request->IoStatus;

		if ((Filter->IoStatus && Filter->IoStatus != IoStatus) ||
			(Filter->ThreadId && Filter->ThreadId != Request->ThreadId))
			continue;
		InterlockedIncrement(&Request->References);
		Found[Count++] = Request;
	}
	HostLockRelease(&File->Lock);
	for (i = 0; i < Count; i++) {
		GateEnter();
		SimUserCancel(File->User, Found[i]);
		GateLeave();
		Dereference(Found[i]);
	}
	free(Found);
	return Count;
}
