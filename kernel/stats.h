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
} STATISTICS;

FORCEINLINE VOID StatsAdd(_Inout_ volatile LONG64 *Counter, _In_ LONG64 Amount)
{
	(VOID) InterlockedExchangeAdd64(Counter, Amount);
}

VOID StatsRead(_In_ const STATISTICS *Statistics, _Out_ struct vgpu_statistics *Output);

#endif /* VGPU_STATS_H */
