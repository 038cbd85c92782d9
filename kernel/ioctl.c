/* SPDX-License-Identifier: MIT */
#include "ioctl.h"
#include "chunk.h"
#include "guard.h"
#include "handover.h"
#include "query.h"
#include "submit.h"

/* STATUS_PENDING: to the framework's queue, where Pend takes it. */
typedef NTSTATUS IOCTL_HANDLER(_Inout_ FILE_CONTEXT *File, _Inout_ IOCTL_CALL *Call);
typedef VOID IOCTL_PEND(_Inout_ FILE_CONTEXT *File, _In_ WDFREQUEST Request);

#define IOCTL_BEFORE_OPEN 1u /* allowed on a handle that has not agreed a version */
#define IOCTL_OUTPUT_FREE 2u /* the handler judges the output's size */
#define IOCTL_DIRECT 4u /* the output is the caller's memory, METHOD_OUT_DIRECT */
#define IOCTL_NEITHER 8u /* both buffers are the caller's, METHOD_NEITHER */
#define IOCTL_ALWAYS 16u /* works whatever has become of the device */
#define IOCTL_HANDED_OVER 32u /* its caller goes on when Pend has run: later requests rely on what that did */

typedef struct _IOCTL_ENTRY {
	ULONG Code;
	ULONG Flags;
	ULONG InputBytes;
	ULONG OutputBytes;
	IOCTL_HANDLER *Handler;
	IOCTL_PEND *Pend;
} IOCTL_ENTRY;

static NTSTATUS IoctlContextCreate(FILE_CONTEXT *File, IOCTL_CALL *Call)
{
	return ContextCreate(File, Call->Buffer);
}

static NTSTATUS IoctlContextDestroy(FILE_CONTEXT *File, IOCTL_CALL *Call)
{
	const struct vgpu_context_destroy *Input = Call->Buffer;

	return Input->reserved ? STATUS_INVALID_PARAMETER : ContextDestroy(File, Input->context_id);
}

static NTSTATUS IoctlMemoryPin(FILE_CONTEXT *File, IOCTL_CALL *Call)
{
	UNREFERENCED_PARAMETER(Call);
	return File->Gpu->Dialect->Capabilities(&File->Gpu->Pci) & VGPU_CAP_PIN ? STATUS_PENDING : STATUS_NOT_SUPPORTED;
}

static NTSTATUS IoctlMemoryAlloc(FILE_CONTEXT *File, IOCTL_CALL *Call)
{
	return ChunkAllocate(File, Call->Buffer);
}

static NTSTATUS IoctlMemoryRelease(FILE_CONTEXT *File, IOCTL_CALL *Call)
{
	const struct vgpu_memory_release *Input = Call->Buffer;

	return Input->reserved ? STATUS_INVALID_PARAMETER : MemoryRelease(File, Input->memory_id);
}

static NTSTATUS IoctlResourceCreate(FILE_CONTEXT *File, IOCTL_CALL *Call)
{
	return ResourceCreate(File, Call->Buffer);
}

static NTSTATUS IoctlResourceCreateBlob(FILE_CONTEXT *File, IOCTL_CALL *Call)
{
	return ResourceCreateBlob(File, Call->Buffer);
}

static NTSTATUS IoctlResourceMap(FILE_CONTEXT *File, IOCTL_CALL *Call)
{
	return ResourceMap(File, Call->Buffer);
}

static NTSTATUS IoctlResourceUnmap(FILE_CONTEXT *File, IOCTL_CALL *Call)
{
	const struct vgpu_resource *Input = Call->Buffer;

	return Input->context_id ? STATUS_INVALID_PARAMETER : ResourceUnmap(File, Input->resource_id);
}

static NTSTATUS IoctlResourceDestroy(FILE_CONTEXT *File, IOCTL_CALL *Call)
{
	const struct vgpu_resource *Input = Call->Buffer;

	return Input->context_id ? STATUS_INVALID_PARAMETER : ResourceDestroy(File, Input->resource_id);
}

static NTSTATUS IoctlResourceAttach(FILE_CONTEXT *File, IOCTL_CALL *Call)
{
	return ResourceAttach(File, Call->Buffer, TRUE);
}

static NTSTATUS IoctlResourceDetach(FILE_CONTEXT *File, IOCTL_CALL *Call)
{
	return ResourceAttach(File, Call->Buffer, FALSE);
}

static NTSTATUS IoctlSubmit(FILE_CONTEXT *File, IOCTL_CALL *Call)
{
	return SubmitInPlace(File, Call->Buffer);
}

static NTSTATUS IoctlTransfer(FILE_CONTEXT *File, IOCTL_CALL *Call)
{
	return SubmitTransfer(File, Call->Buffer);
}

static NTSTATUS IoctlSubmitCopy(FILE_CONTEXT *File, IOCTL_CALL *Call)
{
	struct vgpu_submit_copy Submit;
	PVOID Input, Output;
	NTSTATUS Status;

	Status = WdfRequestRetrieveUnsafeUserInputBuffer(Call->Request, sizeof(Submit), &Input, NULL);
	if (NT_SUCCESS(Status))
		Status = WdfRequestRetrieveUnsafeUserOutputBuffer(Call->Request, sizeof(Submit), &Output, NULL);
	if (NT_SUCCESS(Status))
		Status = GuardCopyFromUser(&Submit, Input, sizeof(Submit));
	if (NT_SUCCESS(Status))
		Status = SubmitCopied(File, Call->Request, &Submit);
	/* The stream is on its way whatever becomes of the answer. */
	if (NT_SUCCESS(Status))
		Status = GuardCopyToUser(Output, &Submit, sizeof(Submit));
	return Status;
}

static NTSTATUS IoctlWait(FILE_CONTEXT *File, IOCTL_CALL *Call)
{
	StatsAdd(&File->Statistics.Waits, 1);
	StatsAdd(&File->Gpu->Statistics.Waits, 1);
	return ContextWait(File, Call->Buffer);
}

static VOID IoctlPendWait(FILE_CONTEXT *File, WDFREQUEST Request)
{
	PVOID Input;
	NTSTATUS Status = WdfRequestRetrieveInputBuffer(Request, sizeof(struct vgpu_wait), &Input, NULL);

	if (!NT_SUCCESS(Status)) {
		StatsFailure(&File->Statistics, &File->Gpu->Statistics, Status);
		WdfRequestComplete(Request, Status);
		return;
	}
	StatsAdd(&File->Statistics.WaitsBlocked, 1);
	StatsAdd(&File->Gpu->Statistics.WaitsBlocked, 1);
	ContextPendWait(File, Request, Input);
}

#define IOCTL_INDEX(Code) (((Code) >> 2 & 0xfffu) - 0x800u)
#define IOCTL(Name, ...) [IOCTL_INDEX(VGPU_IOCTL_##Name)] = {VGPU_IOCTL_##Name, __VA_ARGS__}
#define BOTH(Type) sizeof(struct Type), sizeof(struct Type)

static const IOCTL_ENTRY IoctlTable[] = {
	IOCTL(OPEN, IOCTL_BEFORE_OPEN, BOTH(vgpu_open), QueryOpen, NULL),
	IOCTL(QUERY, IOCTL_OUTPUT_FREE, 0, 0, QueryDevice, NULL),
	IOCTL(CAPSET_INFO, 0, BOTH(vgpu_capset_info), QueryCapsetInfo, NULL),
	IOCTL(CAPSET, IOCTL_OUTPUT_FREE, sizeof(struct vgpu_capset), 0, QueryCapset, NULL),
	IOCTL(STATISTICS, IOCTL_OUTPUT_FREE | IOCTL_ALWAYS, sizeof(struct vgpu_statistics_query), 0, QueryStatistics,
		NULL),
	IOCTL(TRACE, IOCTL_ALWAYS, sizeof(struct vgpu_trace), 0, QuerySetTrace, NULL),
	IOCTL(CONTEXT_CREATE, 0, BOTH(vgpu_context_create), IoctlContextCreate, NULL),
	IOCTL(CONTEXT_DESTROY, IOCTL_ALWAYS, sizeof(struct vgpu_context_destroy), 0, IoctlContextDestroy, NULL),
	IOCTL(MEMORY_PIN, IOCTL_OUTPUT_FREE | IOCTL_DIRECT | IOCTL_HANDED_OVER, sizeof(struct vgpu_memory_pin), 0,
		IoctlMemoryPin, MemoryPin),
	IOCTL(MEMORY_ALLOC, 0, BOTH(vgpu_memory_alloc), IoctlMemoryAlloc, NULL),
	IOCTL(MEMORY_RELEASE, IOCTL_ALWAYS, sizeof(struct vgpu_memory_release), 0, IoctlMemoryRelease, NULL),
	IOCTL(RESOURCE_CREATE, 0, BOTH(vgpu_resource_create), IoctlResourceCreate, NULL),
	IOCTL(RESOURCE_CREATE_BLOB, 0, BOTH(vgpu_resource_create_blob), IoctlResourceCreateBlob, NULL),
	IOCTL(RESOURCE_DESTROY, IOCTL_ALWAYS, sizeof(struct vgpu_resource), 0, IoctlResourceDestroy, NULL),
	IOCTL(RESOURCE_ATTACH, 0, sizeof(struct vgpu_resource), 0, IoctlResourceAttach, NULL),
	IOCTL(RESOURCE_DETACH, 0, sizeof(struct vgpu_resource), 0, IoctlResourceDetach, NULL),
	IOCTL(RESOURCE_MAP, 0, BOTH(vgpu_resource_map), IoctlResourceMap, NULL),
	IOCTL(RESOURCE_UNMAP, IOCTL_ALWAYS, sizeof(struct vgpu_resource), 0, IoctlResourceUnmap, NULL),
	IOCTL(SUBMIT, 0, BOTH(vgpu_submit), IoctlSubmit, NULL),
	IOCTL(SUBMIT_COPY, IOCTL_NEITHER, BOTH(vgpu_submit_copy), IoctlSubmitCopy, NULL),
	IOCTL(TRANSFER, 0, BOTH(vgpu_transfer), IoctlTransfer, NULL),
	IOCTL(WAIT, 0, sizeof(struct vgpu_wait), 0, IoctlWait, IoctlPendWait),
};

static const IOCTL_ENTRY *IoctlFind(ULONG Code)
{
	ULONG Index = IOCTL_INDEX(Code);

	return Index < RTL_NUMBER_OF(IoctlTable) && IoctlTable[Index].Code == Code ? &IoctlTable[Index] : NULL;
}

static NTSTATUS IoctlCheck(const FILE_CONTEXT *File, const IOCTL_ENTRY *Entry, const IOCTL_CALL *Call)
{
	if (!Entry)
		return STATUS_INVALID_DEVICE_REQUEST;
	if (!(Entry->Flags & IOCTL_BEFORE_OPEN) && !ReadNoFence(&File->Opened))
		return STATUS_INVALID_DEVICE_STATE;
	if (Call->InputBytes != Entry->InputBytes ||
		(!(Entry->Flags & IOCTL_OUTPUT_FREE) && Call->OutputBytes != Entry->OutputBytes))
		return STATUS_INFO_LENGTH_MISMATCH;
	return Entry->Flags & IOCTL_ALWAYS ? STATUS_SUCCESS : GpuSettle(File->Gpu);
}

/* METHOD_BUFFERED has one kernel buffer for both directions: the handler's structure is changed where it is. */
static NTSTATUS IoctlGetBuffer(const IOCTL_ENTRY *Entry, IOCTL_CALL *Call)
{
	if (Entry->Flags & IOCTL_NEITHER)
		return STATUS_SUCCESS;
	if (Call->InputBytes)
		return WdfRequestRetrieveInputBuffer(Call->Request, Call->InputBytes, &Call->Buffer, NULL);
	if (Call->OutputBytes && !(Entry->Flags & IOCTL_DIRECT))
		return WdfRequestRetrieveOutputBuffer(Call->Request, Call->OutputBytes, &Call->Buffer, NULL);
	return STATUS_SUCCESS;
}

static NTSTATUS IoctlCarryOut(FILE_CONTEXT *File, const IOCTL_ENTRY *Entry, IOCTL_CALL *Call)
{
	NTSTATUS Status = IoctlCheck(File, Entry, Call);

	StatsAdd(&File->Statistics.Ioctls, 1);
	StatsAdd(&File->Gpu->Statistics.Ioctls, 1);
	if (NT_SUCCESS(Status))
		Status = IoctlGetBuffer(Entry, Call);
	if (NT_SUCCESS(Status)) {
		Call->Information = Entry->OutputBytes;
		Status = Entry->Handler(File, Call);
	}
	return Status;
}

static VOID IoctlDispatch(WDFDEVICE Device, WDFREQUEST Request)
{
	WDF_REQUEST_PARAMETERS Parameters;
	IOCTL_CALL Call = {.Request = Request};
	const IOCTL_ENTRY *Entry;
	FILE_CONTEXT *File;
	NTSTATUS Status;

	WDF_REQUEST_PARAMETERS_INIT(&Parameters);
	WdfRequestGetParameters(Request, &Parameters);
	if (Parameters.Type != WdfRequestTypeDeviceControl) {
		WdfRequestComplete(Request, STATUS_INVALID_DEVICE_REQUEST);
		return;
	}
	File = FileOf(WdfRequestGetFileObject(Request));
	Call.InputBytes = Parameters.Parameters.DeviceIoControl.InputBufferLength;
	Call.OutputBytes = Parameters.Parameters.DeviceIoControl.OutputBufferLength;
	Entry = IoctlFind(Parameters.Parameters.DeviceIoControl.IoControlCode);
	Status = IoctlCarryOut(File, Entry, &Call);
	if (Status == STATUS_PENDING) {
		Status = Entry->Flags & IOCTL_HANDED_OVER ? HandoverEnqueue(Device, Request)
							  : WdfDeviceEnqueueRequest(Device, Request);
		if (NT_SUCCESS(Status))
			return;
	}
	StatsFailure(&File->Statistics, &File->Gpu->Statistics, Status);
	WdfRequestCompleteWithInformation(Request, Status, NT_SUCCESS(Status) ? Call.Information : 0);
}

/* A thread that is suspended while it holds reserved commands, or owes the device a doorbell, would stop everyone. */
_Use_decl_annotations_
VOID IoctlInCallerContext(WDFDEVICE Device, WDFREQUEST Request)
{
	KeEnterCriticalRegion();
	IoctlDispatch(Device, Request);
	KeLeaveCriticalRegion();
}

_Use_decl_annotations_
VOID IoctlPend(WDFQUEUE Queue, WDFREQUEST Request, size_t OutputBytes, size_t InputBytes, ULONG Code)
{
	const IOCTL_ENTRY *Entry = IoctlFind(Code);
	PKEVENT Taken = HandoverTake(Request); /* now: Pend may complete the request */

	UNREFERENCED_PARAMETER(Queue);
	UNREFERENCED_PARAMETER(OutputBytes);
	UNREFERENCED_PARAMETER(InputBytes);
	if (Entry && Entry->Pend)
		Entry->Pend(FileOf(WdfRequestGetFileObject(Request)), Request);
	else
		WdfRequestComplete(Request, STATUS_INVALID_DEVICE_REQUEST);
	HandoverTell(Taken);
}
