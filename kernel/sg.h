/* SPDX-License-Identifier: MIT */
/*
 * sg.h - walks a byte range of locked pages as physically contiguous pieces. Pure arithmetic; any IRQL.
 */
#ifndef VGPU_SG_H
#define VGPU_SG_H

#include "nt.h"

#define SG_MAX_PIECE 0x40000000u /* bytes; lengths on the wire have 32 bits */

typedef struct _SG_CURSOR {
	const PFN_NUMBER *Pages; /* of the whole memory, which begins on a page boundary */
	ULONG64 Offset; /* bytes: where the next piece starts */
	ULONG64 Left; /* bytes */
} SG_CURSOR;

typedef struct _SG_PIECE {
	ULONG64 Address; /* physical */
	ULONG Length; /* bytes */
} SG_PIECE;

/* The range must lie within the pages: the caller has checked it. */
FORCEINLINE VOID SgStart(
	_Out_ SG_CURSOR *Cursor, _In_ const PFN_NUMBER *Pages, _In_ ULONG64 Offset, _In_ ULONG64 Length)
{
	Cursor->Pages = Pages;
	Cursor->Offset = Offset;
	Cursor->Left = Length;
}

/* FALSE when nothing is left. Neighbouring pages come as one piece. */
BOOLEAN SgNext(_Inout_ SG_CURSOR *Cursor, _Out_ SG_PIECE *Piece);

/* How many pieces there are, counted up to Limit + 1. */
ULONG SgCount(_In_ const PFN_NUMBER *Pages, _In_ ULONG64 Offset, _In_ ULONG64 Length, _In_ ULONG Limit);

#endif /* VGPU_SG_H */
