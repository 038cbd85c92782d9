/* SPDX-License-Identifier: MIT */
#include "region.h"

_Use_decl_annotations_
VOID RegionInit(REGION *Region)
{
	InitializeListHead(&Region->Ranges);
	Region->Bytes = 0;
}

_Use_decl_annotations_
VOID RegionResize(REGION *Region, ULONG64 Bytes)
{
	Region->Bytes = Bytes & ~(ULONG64)(VGPU_PAGE_BYTES - 1);
}

/* Before Next, which is a range or the list's head. */
static VOID RegionInsert(LIST_ENTRY *Next, REGION_RANGE *Range, ULONG64 Offset, ULONG64 Bytes)
{
	Range->Offset = Offset;
	Range->Bytes = Bytes;
	InsertTailList(Next, &Range->Link);
}

_Use_decl_annotations_
BOOLEAN RegionTake(REGION *Region, REGION_RANGE *Range, ULONG64 Bytes)
{
	ULONG64 At = 0;
	LIST_ENTRY *Link;

	for (Link = Region->Ranges.Flink; Link != &Region->Ranges; Link = Link->Flink) {
		const REGION_RANGE *Taken = CONTAINING_RECORD(Link, REGION_RANGE, Link);

		if (Taken->Offset - At >= Bytes)
			break;
		At = Taken->Offset + Taken->Bytes;
	}
	if (At > Region->Bytes || Bytes > Region->Bytes - At)
		return FALSE;
	RegionInsert(Link, Range, At, Bytes);
	return TRUE;
}

_Use_decl_annotations_
BOOLEAN RegionTakeAt(REGION *Region, REGION_RANGE *Range, ULONG64 Offset, ULONG64 Bytes)
{
	LIST_ENTRY *Link;

	if (Bytes == 0 || (Offset | Bytes) % VGPU_PAGE_BYTES || Offset > Region->Bytes ||
		Bytes > Region->Bytes - Offset)
		return FALSE;
	for (Link = Region->Ranges.Flink; Link != &Region->Ranges; Link = Link->Flink) {
		const REGION_RANGE *Taken = CONTAINING_RECORD(Link, REGION_RANGE, Link);

		if (Taken->Offset >= Offset + Bytes)
			break;
		if (Taken->Offset + Taken->Bytes > Offset)
			return FALSE;
	}
	RegionInsert(Link, Range, Offset, Bytes);
	return TRUE;
}

_Use_decl_annotations_
VOID RegionGive(REGION_RANGE *Range)
{
	if (Range->Link.Flink)
		RemoveEntryList(&Range->Link);
	Range->Link.Flink = NULL;
}
