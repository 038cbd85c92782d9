/* SPDX-License-Identifier: MIT */
#include "input.h"

static unsigned BytesFor(uint32_t Limit)
{
	if (Limit < 2)
		return 0;
	return Limit <= 256 ? 1 : Limit <= 65536 ? 2 : 4;
}

uint32_t InputFront(void *Context, uint32_t Limit)
{
	INPUT *Input = Context;
	uint32_t Value = 0;

	for (unsigned Bytes = BytesFor(Limit); Bytes > 0 && Input->Front < Input->Back; Bytes--)
		Value = Value << 8 | Input->Data[Input->Front++];
	return Limit ? Value % Limit : 0;
}

uint32_t InputBack(void *Context, uint32_t Limit)
{
	INPUT *Input = Context;
	uint32_t Value = 0;

	for (unsigned Bytes = BytesFor(Limit); Bytes > 0 && Input->Front < Input->Back; Bytes--)
		Value = Value << 8 | Input->Data[--Input->Back];
	return Limit ? Value % Limit : 0;
}
