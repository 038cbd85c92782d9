/* SPDX-License-Identifier: MIT */
/* fences.h - buffers that go back to the driver only when their fence retires. */
#ifndef MV_FENCES_H
#define MV_FENCES_H

#include <stdbool.h>
#include <stdint.h>

typedef struct MV_FENCED {
	uint64_t Fence; /* as the driver gave it; the renderer knows 32 bits of it */
	unsigned Queue;
	uint16_t Id; /* of the buffer */
	uint32_t Written;
} MV_FENCED;

typedef struct MV_FENCES {
	MV_FENCED *Items; /* in the order of arrival */
	unsigned Count;
	unsigned Room;
} MV_FENCES;

void MvFencesAdd(MV_FENCES *Fences, const MV_FENCED *Item);
/* Takes the oldest whose fence is not above Retired; false: there is none. */
bool MvFencesTake(MV_FENCES *Fences, uint32_t Retired, MV_FENCED *Item);
void MvFencesFree(MV_FENCES *Fences);

#endif /* MV_FENCES_H */
