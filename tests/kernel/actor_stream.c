/* SPDX-License-Identifier: MIT */
/* actor_stream.c - streams of which every block can be judged by itself: its magic, a tag, and words that follow from
 * the tag. */
#include "actor_internal.h"

#include <string.h>

#define BLOCK_WORDS (ACTOR_STREAM_BLOCK / 4)
#define STREAM_MAGIC 0x4d525453u

void ActorFillStream(uint8_t *Stream, uint32_t Bytes, uint32_t Tag)
{
	for (uint32_t At = 0; At < Bytes; At += ACTOR_STREAM_BLOCK) {
		uint32_t Block[BLOCK_WORDS] = {STREAM_MAGIC, Tag + At};

		for (uint32_t Word = 2; Word < BLOCK_WORDS; Word++)
			Block[Word] = (Block[1] ^ Word * 0x9e3779b9u) * 0x85ebca6bu;
		memcpy(Stream + At, Block, sizeof(Block));
	}
}

bool ActorStreamRight(const void *Stream, uint32_t Bytes)
{
	uint32_t Block[BLOCK_WORDS], Right[BLOCK_WORDS];

	if (Bytes % ACTOR_STREAM_BLOCK)
		return false;
	for (uint32_t At = 0; At < Bytes; At += ACTOR_STREAM_BLOCK) {
		memcpy(Block, (const uint8_t *)Stream + At, sizeof(Block));
		ActorFillStream((uint8_t *)Right, sizeof(Right), Block[1]);
		if (memcmp(Block, Right, sizeof(Block)) != 0)
			return false;
	}
	return true;
}
