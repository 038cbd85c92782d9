/* SPDX-License-Identifier: MIT */
#include "stats.h"

static ULONG64 Get(const volatile LONG64 *Counter)
{
	return (ULONG64)ReadNoFence64(Counter);
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
}
