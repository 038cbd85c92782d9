/* SPDX-License-Identifier: MIT */
/*
 * clock.h - time that only rises, in units of 100 ns since an arbitrary point.
 */
#ifndef VGPU_CLOCK_H
#define VGPU_CLOCK_H

#include "nt.h"

#define CLOCK_PER_SECOND 10000000ll
#define CLOCK_PER_MILLISECOND 10000ll

FORCEINLINE LONG64 ClockNow(VOID)
{
	LARGE_INTEGER Frequency;
	LARGE_INTEGER Count = KeQueryPerformanceCounter(&Frequency);
	LONG64 Whole = Count.QuadPart / Frequency.QuadPart;
	LONG64 Rest = Count.QuadPart % Frequency.QuadPart;

	return Whole * CLOCK_PER_SECOND + Rest * CLOCK_PER_SECOND / Frequency.QuadPart;
}

#endif /* VGPU_CLOCK_H */
