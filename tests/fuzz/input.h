/* SPDX-License-Identifier: MIT */
/*
 * input.h - decisions out of a fuzzer's bytes. Programs take theirs from the front and the device from the back, so
 * that a changed byte changes one of them and little else. What is asked for when no bytes are left is 0.
 */
#ifndef FUZZ_INPUT_H
#define FUZZ_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct INPUT {
	const uint8_t *Data;
	size_t Front; /* the next byte */
	size_t Back; /* one after the last */
} INPUT;

static inline INPUT InputOf(const uint8_t *Data, size_t Size)
{
	return (INPUT){Data, 0, Size};
}

static inline bool InputIsDry(const INPUT *Input)
{
	return Input->Front >= Input->Back;
}

/* Both are ACTOR_CHOOSE, with an INPUT. One byte decides between up to 256 things, two up to 65536, else four. */
uint32_t InputFront(void *Input, uint32_t Limit);
uint32_t InputBack(void *Input, uint32_t Limit);

#endif /* FUZZ_INPUT_H */
