/* SPDX-License-Identifier: MIT */
/*
 * stats.h - counters of a device or of a handle; any IRQL, no lock.
 */
#ifndef VGPU_STATS_H
#define VGPU_STATS_H

#include "nt.h"
#include "vgpu_ioctl.h"

typedef struct _STATISTICS {
	volatile LONG64 Ioctls;
	volatile LONG64 Submits;
	volatile LONG64 SubmitBytes;
	volatile LONG64 Transfers;
	volatile LONG64 Waits;
	volatile LONG64 WaitsBlocked;
	volatile LONG64 Fences;
	volatile LONG64 BytesCopied;
	volatile LONG64 LiveContexts;
	volatile LONG64 LiveResources;
	volatile LONG64 LiveMemory;
	volatile LONG64 Errors;
	volatile LONG64 BadRequests;
	volatile LONG64 BadIds;
	volatile LONG64 BadAddresses;
	volatile LONG64 OverQuota;
	volatile LONG64 OutOfMemory;
	volatile LONG64 RefusedByHost;
	volatile LONG64 Lost;
	volatile LONG64 TimedOut;
	volatile LONG64 Cancelled;
	volatile LONG64 LiveMappings;
	/* of a device only */
	volatile LONG64 Commands;
	volatile LONG64 Doorbells;
	volatile LONG64 DoorbellsAvoided;
	volatile LONG64 Interrupts;
	volatile LONG64 Dpcs;
	volatile LONG64 DeviceErrors;
	volatile LONG64 DeviceViolations;
	volatile LONG64 Resets;
	volatile LONG64 QueueFull;
	volatile LONG64 LiveHandles;
	volatile LONG64 Hangs;
	volatile LONG64 FailedResets;
	volatile LONG64 CommandsLost;
	volatile LONG64 ViolationsRing;
	volatile LONG64 ViolationsAnswer;
	volatile LONG64 ViolationsConfig;
} STATISTICS;

FORCEINLINE VOID StatsAdd(_Inout_ volatile LONG64 *Counter, _In_ LONG64 Amount)
{
	(VOID) InterlockedExchangeAdd64(Counter, Amount);
}

/* A request of the handle failed so, unless the status is no failure: counted by kind, for the device as well. */
VOID StatsFailure(_Inout_ STATISTICS *Handle, _Inout_ STATISTICS *Device, _In_ NTSTATUS Status);

/* The device broke a rule: Kind is one of the device's ViolationsX. */
FORCEINLINE VOID StatsViolation(_Inout_ STATISTICS *Device, _Inout_ volatile LONG64 *Kind)
{
	StatsAdd(&Device->DeviceViolations, 1);
	StatsAdd(Kind, 1);
}

VOID StatsRead(_In_ const STATISTICS *Statistics, _Out_ struct vgpu_statistics *Output);

#endif /* VGPU_STATS_H */
