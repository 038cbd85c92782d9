/* SPDX-License-Identifier: MIT */
#include "stats.h"

static ULONG64 Get(const volatile LONG64 *Counter)
{
	return (ULONG64)ReadNoFence64(Counter);
}

static volatile LONG64 *StatsKind(STATISTICS *Statistics, NTSTATUS Status)
{
	switch (Status) {
	case STATUS_INVALID_HANDLE:
	case STATUS_OBJECT_NAME_COLLISION:
		return &Statistics->BadIds;
	case STATUS_ACCESS_VIOLATION:
	case STATUS_DATATYPE_MISALIGNMENT:
	case STATUS_INVALID_USER_BUFFER:
		return &Statistics->BadAddresses;
	case STATUS_QUOTA_EXCEEDED:
		return &Statistics->OverQuota;
	case STATUS_INSUFFICIENT_RESOURCES:
	case STATUS_NO_MEMORY:
		return &Statistics->OutOfMemory;
	case STATUS_IO_DEVICE_ERROR:
	case STATUS_DEVICE_PROTOCOL_ERROR:
		return &Statistics->RefusedByHost;
	case STATUS_DEVICE_REQUIRES_CLEANING:
	case STATUS_DEVICE_HARDWARE_ERROR:
	case STATUS_DEVICE_REMOVED:
	case STATUS_DEVICE_NOT_READY:
		return &Statistics->Lost;
	case STATUS_IO_TIMEOUT:
		return &Statistics->TimedOut;
	case STATUS_CANCELLED:
	case STATUS_FILE_CLOSED:
		return &Statistics->Cancelled;
	default:
		return &Statistics->BadRequests;
	}
}

_Use_decl_annotations_
VOID StatsFailure(STATISTICS *Handle, STATISTICS *Device, NTSTATUS Status)
{
	STATISTICS *Both[] = {Handle, Device};

	for (ULONG Index = 0; !NT_SUCCESS(Status) && Index < RTL_NUMBER_OF(Both); Index++) {
		StatsAdd(&Both[Index]->Errors, 1);
		StatsAdd(StatsKind(Both[Index], Status), 1);
	}
}

_Use_decl_annotations_
VOID StatsRead(const STATISTICS *Statistics, struct vgpu_statistics *Output)
{
	RtlZeroMemory(Output, sizeof(*Output));
	Output->ioctls = Get(&Statistics->Ioctls);
	Output->submits = Get(&Statistics->Submits);
	Output->submit_bytes = Get(&Statistics->SubmitBytes);
	Output->transfers = Get(&Statistics->Transfers);
	Output->waits = Get(&Statistics->Waits);
	Output->waits_blocked = Get(&Statistics->WaitsBlocked);
	Output->fences = Get(&Statistics->Fences);
	Output->bytes_copied = Get(&Statistics->BytesCopied);
	Output->live_contexts = Get(&Statistics->LiveContexts);
	Output->live_resources = Get(&Statistics->LiveResources);
	Output->live_memory = Get(&Statistics->LiveMemory);
	Output->errors = Get(&Statistics->Errors);
	Output->commands = Get(&Statistics->Commands);
	Output->doorbells = Get(&Statistics->Doorbells);
	Output->doorbells_avoided = Get(&Statistics->DoorbellsAvoided);
	Output->interrupts = Get(&Statistics->Interrupts);
	Output->dpcs = Get(&Statistics->Dpcs);
	Output->device_errors = Get(&Statistics->DeviceErrors);
	Output->device_violations = Get(&Statistics->DeviceViolations);
	Output->resets = Get(&Statistics->Resets);
	Output->queue_full = Get(&Statistics->QueueFull);
	Output->live_handles = Get(&Statistics->LiveHandles);
	Output->bad_requests = Get(&Statistics->BadRequests);
	Output->bad_ids = Get(&Statistics->BadIds);
	Output->bad_addresses = Get(&Statistics->BadAddresses);
	Output->over_quota = Get(&Statistics->OverQuota);
	Output->out_of_memory = Get(&Statistics->OutOfMemory);
	Output->refused_by_host = Get(&Statistics->RefusedByHost);
	Output->lost = Get(&Statistics->Lost);
	Output->timed_out = Get(&Statistics->TimedOut);
	Output->cancelled = Get(&Statistics->Cancelled);
	Output->live_mappings = Get(&Statistics->LiveMappings);
	Output->hangs = Get(&Statistics->Hangs);
	Output->failed_resets = Get(&Statistics->FailedResets);
	Output->commands_lost = Get(&Statistics->CommandsLost);
	Output->violations_ring = Get(&Statistics->ViolationsRing);
	Output->violations_answer = Get(&Statistics->ViolationsAnswer);
	Output->violations_config = Get(&Statistics->ViolationsConfig);
}
