/* SPDX-License-Identifier: MIT */
/*
 * heap.c - malloc and its kin for this DLL alone.
 *
 * The C runtime's heap is the program's: its lock may be held by a thread that was ended, and Wine lets every thread
 * pass it once the process shuts down. The simulator goes on after that, so it allocates apart, from the host.
 *
 * Sizes are rounded up to powers of two; freed blocks are kept by size. Anything from a page up is mapped and unmapped.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../host/host.h"

#define HEADER 16u /* bytes before each block, which keep it aligned */
#define MIN_SHIFT 5u
#define MAP_SHIFT 12u /* blocks of this many bytes and more are mapped */
#define CHUNK (64u * HOST_PAGE_SIZE)

typedef struct BLOCK {
	size_t Bytes; /* with the header; what was mapped, or a power of two below a page */
	struct BLOCK *Next; /* while free */
} BLOCK;

_Static_assert(sizeof(BLOCK) <= HEADER, "the header");

static HOST_LOCK Lock; /* what follows */
static BLOCK *Free[MAP_SHIFT];
static char *Chunk;
static size_t ChunkLeft;

static BLOCK *MapBlock(size_t Bytes)
{
	size_t Length = (Bytes + HOST_PAGE_SIZE - 1) & ~(size_t)(HOST_PAGE_SIZE - 1);
	void *Block;

	if (Length < Bytes || HostMapPrivate(Length, HOST_ACCESS_READ_WRITE, NULL, &Block) != 0)
		return NULL;
	((BLOCK *)Block)->Bytes = Length;
	return Block;
}

static BLOCK *TakeBlock(unsigned Shift)
{
	size_t Bytes = (size_t)1 << Shift;
	BLOCK *Block;

	HostLockAcquire(&Lock);
	Block = Free[Shift];
	if (Block) {
		Free[Shift] = Block->Next;
	} else {
		if (ChunkLeft < Bytes) {
			void *New;

			if (HostMapPrivate(CHUNK, HOST_ACCESS_READ_WRITE, NULL, &New) != 0)
				goto unlock;
			Chunk = New;
			ChunkLeft = CHUNK;
		}
		Block = (BLOCK *)Chunk;
		Block->Bytes = Bytes;
		Chunk += Bytes;
		ChunkLeft -= Bytes;
	}
unlock:
	HostLockRelease(&Lock);
	return Block;
}

void *malloc(size_t Size)
{
	size_t Bytes = Size + HEADER;
	unsigned Shift = MIN_SHIFT;
	BLOCK *Block = NULL;

	if (Bytes > Size) {
		while (Shift < MAP_SHIFT && (size_t)1 << Shift < Bytes)
			Shift++;
		Block = Shift < MAP_SHIFT ? TakeBlock(Shift) : MapBlock(Bytes);
	}
	if (!Block) {
		errno = ENOMEM;
		return NULL;
	}
	return (char *)Block + HEADER;
}

void free(void *Memory)
{
	BLOCK *Block;
	unsigned Shift;

	if (!Memory)
		return;
	Block = (BLOCK *)((char *)Memory - HEADER);
	if (Block->Bytes >= (size_t)1 << MAP_SHIFT) {
		HostUnmap(Block, Block->Bytes);
		return;
	}
	Shift = (unsigned)__builtin_ctzll(Block->Bytes);
	HostLockAcquire(&Lock);
	Block->Next = Free[Shift];
	Free[Shift] = Block;
	HostLockRelease(&Lock);
}

void *calloc(size_t Count, size_t Size)
{
	size_t Bytes;
	void *Memory;

	if (__builtin_mul_overflow(Count, Size, &Bytes)) {
		errno = ENOMEM;
		return NULL;
	}
	Memory = malloc(Bytes);
	if (Memory)
		memset(Memory, 0, Bytes);
	return Memory;
}

void *realloc(void *Memory, size_t Size)
{
	size_t Had = Memory ? ((BLOCK *)((char *)Memory - HEADER))->Bytes - HEADER : 0;
	void *New;

	if (Memory && Size <= Had)
		return Memory;
	New = malloc(Size);
	if (New && Memory) {
		memcpy(New, Memory, Had);
		free(Memory);
	}
	return New;
}
