/* SPDX-License-Identifier: MIT */
/* request.c - WDFREQUEST: completion, cancellation, questions about it. Buffers: buffers.c. */
#include "kmdf.h"

/* The request of a handle that the driver still owns. */
static SIM_REQUEST *Owned(WDFREQUEST Handle, const char *Function)
{
	SIM_REQUEST *Request = SimObjectCheck(Handle, SimKindRequest, Function);

	if (Request && Request->State == SimRequestDone) {
		SimViolation(SimRuleRequestNotOwned, "%s: request %p is completed", Function, (void *)Request);
		return NULL;
	}
	return Request;
}

/* ---- completion ---- */
static BOOLEAN Finish(SIM_REQUEST *Request)
{
	BOOLEAN Twice, Cancelable;

	HostLockAcquire(&SimIoLock);
	Twice = Request->State == SimRequestDone;
	Cancelable = Request->Cancel != NULL;
	Request->State = SimRequestDone;
	Request->Cancel = NULL;
	HostLockRelease(&SimIoLock);
	if (Twice)
		SimViolation(SimRuleRequestCompletedTwice, "request %p (code %#x)", (void *)Request,
			(unsigned)Request->Code);
	else if (Cancelable)
		SimViolation(SimRuleRequestNotOwned, "request %p (code %#x) completed while cancelable",
			(void *)Request, (unsigned)Request->Code);
	return !Twice;
}

static void CopyOut(SIM_REQUEST *Request)
{
	ULONG Length = (ULONG)min(Request->Information, Request->OutputLength);

	if (Request->Type != WdfRequestTypeDeviceControl || METHOD_FROM_CTL_CODE(Request->Code) != METHOD_BUFFERED ||
		NT_ERROR(Request->Status) || Length == 0)
		return;
	if (!SimCopyToUser(Request->UserOutput, Request->System, Length))
		Request->Status = STATUS_ACCESS_VIOLATION;
}

/* Tells the caller, unless it is still inside the call and will see the request's status itself. */
static void Report(SIM_REQUEST *Request)
{
	KIRQL Irql = SimThread()->Irql;
	BOOLEAN Tell;

	HostLockAcquire(&SimIoLock);
	Tell = Request->Pended;
	RemoveEntryList(&Request->FileLink);
	InitializeListHead(&Request->FileLink);
	HostConditionSignalAll(&SimIoChanged);
	HostLockRelease(&SimIoLock);
	if (!Tell)
		return;
	if (!Request->ThreadAgnostic)
		SimWaitersAdd(-1);
	SimThread()->Irql = PASSIVE_LEVEL; /* the caller's code: an APC on Windows */
	if (Request->Completion)
		Request->Completion(Request->CompletionContext, Request->Status, Request->Information);
	SimThread()->Irql = Irql;
}

void SimRequestComplete(SIM_REQUEST *Request, NTSTATUS Status, ULONG_PTR Information)
{
	SIM_QUEUE *Queue = Request->Queue;
	SIM_USER_FILE *File = Request->File;

	if (Status == STATUS_PENDING)
		SimViolation(SimRuleRequestStatus, "request completed with STATUS_PENDING");
	if (!Finish(Request))
		return;
	if (Request->Type == WdfRequestTypeDeviceControl && Information > Request->OutputLength) {
		SimViolation(SimRuleRequestInformation, "code %#x returns %llu bytes, the output buffer has %u",
			(unsigned)Request->Code, (unsigned long long)Information, (unsigned)Request->OutputLength);
		Information = Request->OutputLength;
	}
	Request->Status = Status;
	Request->Information = Information;
	SimObjectReference(&Request->Object);
	SimObjectDelete(&Request->Object);
	CopyOut(Request);
	SimRequestReleaseBuffers(Request);
	Report(Request);
	if (Queue)
		SimQueueRequestDone(Queue);
	SimObjectDereference(&Request->Object);
	SimFileRelease(File);
}

static VOID RequestCompleteWithInformation(
	PWDF_DRIVER_GLOBALS Globals, WDFREQUEST Handle, NTSTATUS Status, ULONG_PTR Information)
{
	SIM_REQUEST *Request = SimObjectCheck(Handle, SimKindRequest, "WdfRequestComplete");

	(void)Globals;
	SimIrqlMax("WdfRequestComplete", DISPATCH_LEVEL);
	if (SimLockHeldSpin())
		SimViolation(SimRuleRequestWithLock,
			"WdfRequestComplete with a spin lock held: the caller may come back in");
	if (Request)
		SimRequestComplete(Request, Status, Information);
}

static VOID RequestComplete(PWDF_DRIVER_GLOBALS Globals, WDFREQUEST Handle, NTSTATUS Status)
{
	RequestCompleteWithInformation(Globals, Handle, Status, 0);
}

/* ---- cancellation ---- */
void SimRequestCancel(SIM_REQUEST *Request)
{
	PFN_WDF_REQUEST_CANCEL Cancel = NULL;
	SIM_SECTION Section;
	BOOLEAN Waiting;

	HostLockAcquire(&SimIoLock);
	Waiting = Request->State == SimRequestQueued;
	if (Request->State != SimRequestDone)
		Request->Cancelled = TRUE;
	if (Request->State == SimRequestOwned && Request->Cancel) {
		Cancel = Request->Cancel;
		Request->Cancel = NULL;
		Request->CancelCalled = TRUE;
	}
	HostLockRelease(&SimIoLock);
	if (Cancel) { /* documented as at most DISPATCH_LEVEL: chance decides */
		Section = SimCallbackEnter("EvtRequestCancel", SimRandom() & 1 ? DISPATCH_LEVEL : PASSIVE_LEVEL);
		Cancel((WDFREQUEST)(void *)Request);
		SimCallbackLeave(&Section);
	} else if (Waiting && SimQueueTake(Request)) {
		if (Request->Queue->Config.EvtIoCanceledOnQueue)
			Request->Queue->Config.EvtIoCanceledOnQueue(
				(WDFQUEUE)(void *)Request->Queue, (WDFREQUEST)(void *)Request);
		else
			SimRequestComplete(Request, STATUS_CANCELLED, 0);
	}
}

static NTSTATUS RequestMarkCancelableEx(PWDF_DRIVER_GLOBALS Globals, WDFREQUEST Handle, PFN_WDF_REQUEST_CANCEL Cancel)
{
	SIM_REQUEST *Request = Owned(Handle, "WdfRequestMarkCancelableEx");
	NTSTATUS Status = STATUS_SUCCESS;

	(void)Globals;
	SimIrqlMax("WdfRequestMarkCancelableEx", DISPATCH_LEVEL);
	if (!Request)
		return STATUS_INVALID_DEVICE_REQUEST;
	if (SimFault("WdfRequestMarkCancelableEx"))
		SimRequestCancel(Request); /* just before: it is the one way in which this fails */
	HostLockAcquire(&SimIoLock);
	if (Request->State != SimRequestOwned || Request->Cancel)
		Status = STATUS_INVALID_DEVICE_REQUEST;
	else if (Request->Cancelled)
		Status = STATUS_CANCELLED;
	else
		Request->Cancel = Cancel;
	HostLockRelease(&SimIoLock);
	if (Status == STATUS_INVALID_DEVICE_REQUEST)
		SimViolation(SimRuleRequestNotOwned,
			"WdfRequestMarkCancelableEx: %p is cancelable already, or was not given by a queue",
			(void *)Request);
	return Status;
}

static NTSTATUS RequestUnmarkCancelable(PWDF_DRIVER_GLOBALS Globals, WDFREQUEST Handle)
{
	SIM_REQUEST *Request = SimObjectCheck(Handle, SimKindRequest, "WdfRequestUnmarkCancelable");
	NTSTATUS Status = STATUS_INVALID_DEVICE_REQUEST;

	(void)Globals;
	SimIrqlMax("WdfRequestUnmarkCancelable", DISPATCH_LEVEL);
	if (!Request)
		return Status;
	HostLockAcquire(&SimIoLock);
	if (Request->State == SimRequestDone) {
		; /* the framework has forgotten its queue and would not say that it was cancelled */
	} else if (Request->Cancel) {
		Request->Cancel = NULL;
		Status = STATUS_SUCCESS;
	} else if (Request->CancelCalled) {
		Status = STATUS_CANCELLED;
	}
	HostLockRelease(&SimIoLock);
	if (Status == STATUS_INVALID_DEVICE_REQUEST)
		SimViolation(SimRuleRequestNotOwned,
			"WdfRequestUnmarkCancelable: %p was not cancelable, or is completed", (void *)Request);
	return Status;
}

static BOOLEAN RequestIsCanceled(PWDF_DRIVER_GLOBALS Globals, WDFREQUEST Handle)
{
	SIM_REQUEST *Request = Owned(Handle, "WdfRequestIsCanceled");

	(void)Globals;
	SimIrqlMax("WdfRequestIsCanceled", DISPATCH_LEVEL);
	return Request && __atomic_load_n(&Request->Cancelled, __ATOMIC_ACQUIRE);
}

/* ---- questions ---- */
static VOID RequestGetParameters(PWDF_DRIVER_GLOBALS Globals, WDFREQUEST Handle, PWDF_REQUEST_PARAMETERS Parameters)
{
	SIM_REQUEST *Request = Owned(Handle, "WdfRequestGetParameters");
	USHORT Size = Parameters->Size;

	(void)Globals;
	SimIrqlMax("WdfRequestGetParameters", DISPATCH_LEVEL);
	if (!Request || !SimWdfSize(Size, sizeof(*Parameters), "WDF_REQUEST_PARAMETERS"))
		return;
	memset(Parameters, 0, sizeof(*Parameters));
	Parameters->Size = Size;
	Parameters->Type = Request->Type;
	if (Request->Type != WdfRequestTypeDeviceControl)
		return;
	Parameters->Parameters.DeviceIoControl.OutputBufferLength = Request->OutputLength;
	Parameters->Parameters.DeviceIoControl.InputBufferLength = Request->InputLength;
	Parameters->Parameters.DeviceIoControl.IoControlCode = Request->Code;
	if (METHOD_FROM_CTL_CODE(Request->Code) == METHOD_NEITHER)
		Parameters->Parameters.DeviceIoControl.Type3InputBuffer = Request->UserInput;
}

static WDFFILEOBJECT RequestGetFileObject(PWDF_DRIVER_GLOBALS Globals, WDFREQUEST Handle)
{
	SIM_REQUEST *Request = Owned(Handle, "WdfRequestGetFileObject");

	(void)Globals;
	return Request ? (WDFFILEOBJECT)(void *)Request->File : NULL;
}

static WDFQUEUE RequestGetIoQueue(PWDF_DRIVER_GLOBALS Globals, WDFREQUEST Handle)
{
	SIM_REQUEST *Request = Owned(Handle, "WdfRequestGetIoQueue");

	(void)Globals;
	return Request ? (WDFQUEUE)(void *)Request->Queue : NULL;
}

static BOOLEAN RequestIsFrom32BitProcess(PWDF_DRIVER_GLOBALS Globals, WDFREQUEST Handle)
{
	(void)Globals;
	Owned(Handle, "WdfRequestIsFrom32BitProcess");
	return FALSE;
}

static KPROCESSOR_MODE RequestGetRequestorMode(PWDF_DRIVER_GLOBALS Globals, WDFREQUEST Handle)
{
	(void)Globals;
	Owned(Handle, "WdfRequestGetRequestorMode");
	return UserMode;
}

static NTSTATUS DeviceEnqueueRequest(PWDF_DRIVER_GLOBALS Globals, WDFDEVICE Device, WDFREQUEST Handle)
{
	SIM_DEVICE *Owner = SimObjectCheck(Device, SimKindDevice, "WdfDeviceEnqueueRequest");
	SIM_REQUEST *Request = Owned(Handle, "WdfDeviceEnqueueRequest");

	(void)Globals;
	SimIrqlMax("WdfDeviceEnqueueRequest", DISPATCH_LEVEL);
	if (!Owner || !Request)
		return STATUS_INVALID_PARAMETER;
	if (Request->State != SimRequestInCaller) {
		SimViolation(SimRuleRequestNotOwned, "WdfDeviceEnqueueRequest outside EvtIoInCallerContext");
		return STATUS_INVALID_DEVICE_REQUEST;
	}
	if (SimFault("WdfDeviceEnqueueRequest"))
		return STATUS_INVALID_DEVICE_STATE;
	return Owner->DefaultQueue ? SimQueueInsert(Owner->DefaultQueue, Request) : STATUS_INVALID_DEVICE_REQUEST;
}

void SimWdfTableRequest(WDFFUNC *Table)
{
	SIM_WDF_ENTRY(Table, RequestComplete);
	SIM_WDF_ENTRY(Table, RequestCompleteWithInformation);
	SIM_WDF_ENTRY(Table, RequestMarkCancelableEx);
	SIM_WDF_ENTRY(Table, RequestUnmarkCancelable);
	SIM_WDF_ENTRY(Table, RequestIsCanceled);
	SIM_WDF_ENTRY(Table, RequestGetParameters);
	SIM_WDF_ENTRY(Table, RequestGetFileObject);
	SIM_WDF_ENTRY(Table, RequestGetIoQueue);
	SIM_WDF_ENTRY(Table, RequestIsFrom32BitProcess);
	SIM_WDF_ENTRY(Table, RequestGetRequestorMode);
	SIM_WDF_ENTRY(Table, DeviceEnqueueRequest);
}
