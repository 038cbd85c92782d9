/* SPDX-License-Identifier: MIT */
/* queue.h - a split virtqueue as Mvisor works it, which is not in all as the specification has it. */
#ifndef MV_QUEUE_H
#define MV_QUEUE_H

#include "memory.h"

#define MV_RING_INDIRECT (1ull << 28) /* feature bits */
#define MV_RING_EVENT_IDX (1ull << 29)
#define MV_MAX_PIECES 16 /* more are walked and forgotten: no command looks at them */

typedef struct MV_PIECE {
	uint8_t *Data;
	uint32_t Length;
} MV_PIECE;

/* A buffer of the driver's. Readable and writable parts are not told apart. */
typedef struct MV_ELEMENT {
	uint16_t Id;
	uint32_t Written; /* bytes of response */
	unsigned First; /* the piece that is next */
	unsigned Count;
	MV_PIECE Pieces[MV_MAX_PIECES];
} MV_ELEMENT;

typedef struct MV_QUEUE {
	MV_MEMORY *Memory;
	bool Enabled;
	bool Kicked; /* the doorbell was rung and the queue not looked at since */
	uint32_t Vector;
	uint32_t Size;
	uint16_t LastAvailable;
	uint64_t DescriptorAddress, AvailableAddress, UsedAddress;
	const uint8_t *Descriptors; /* these three: NULL unless enabled */
	uint16_t *Available; /* flags, index, ring, used_event */
	uint16_t *Used; /* flags, index, ring of two dwords, avail_event */
} MV_QUEUE;

void MvQueueReset(MV_QUEUE *Queue, uint32_t Size);
void MvQueueEnable(MV_QUEUE *Queue);
/* The next buffer; false: none. */
bool MvQueuePop(MV_QUEUE *Queue, uint64_t Features, MV_ELEMENT *Element);
void MvQueuePush(MV_QUEUE *Queue, uint16_t Id, uint32_t Written);
/* Whether the driver is to be told of what was pushed. */
bool MvQueueWantsSignal(const MV_QUEUE *Queue, uint64_t Features);

#endif /* MV_QUEUE_H */
