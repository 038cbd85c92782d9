/* SPDX-License-Identifier: MIT */
#include "sg.h"

_Use_decl_annotations_
BOOLEAN SgNext(SG_CURSOR *Cursor, SG_PIECE *Piece)
{
	ULONG64 Page = Cursor->Offset / VGPU_PAGE_BYTES;
	ULONG InPage = (ULONG)(Cursor->Offset % VGPU_PAGE_BYTES);
	ULONG64 Length = VGPU_PAGE_BYTES - InPage;

	if (Cursor->Left == 0)
		return FALSE;
	Piece->Address = (ULONG64)Cursor->Pages[Page] * VGPU_PAGE_BYTES + InPage;
	while (Length < Cursor->Left && Length + VGPU_PAGE_BYTES <= SG_MAX_PIECE &&
		Cursor->Pages[Page + 1] == Cursor->Pages[Page] + 1) {
		Length += VGPU_PAGE_BYTES;
		Page++;
	}
	if (Length > Cursor->Left)
		Length = Cursor->Left;
	Piece->Length = (ULONG)Length;
	Cursor->Offset += Length;
	Cursor->Left -= Length;
	return TRUE;
}

_Use_decl_annotations_
ULONG SgCount(const PFN_NUMBER *Pages, ULONG64 Offset, ULONG64 Length, ULONG Limit)
{
	SG_CURSOR Cursor;
	SG_PIECE Piece;
	ULONG Count = 0;

	SgStart(&Cursor, Pages, Offset, Length);
	while (Count <= Limit && SgNext(&Cursor, &Piece))
		Count++;
	return Count;
}
