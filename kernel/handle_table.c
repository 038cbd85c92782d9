/* SPDX-License-Identifier: MIT */
#include "handle_table.h"

/* The low bits alone: numbers that were given one after the other lie beside each other, and share cache lines. */
static HANDLE_ENTRY **HandleTableBucket(HANDLE_ENTRY **Buckets, ULONG Bits, ULONG Id)
{
	return &Buckets[Id & ((1u << Bits) - 1)];
}

_Use_decl_annotations_
VOID HandleTableInit(HANDLE_TABLE *Table)
{
	RtlZeroMemory(Table, sizeof(*Table));
	Table->Buckets = Table->First;
	Table->Bits = 4;
	C_ASSERT(HANDLE_TABLE_FIRST_BUCKETS == 1u << 4);
}

static VOID HandleTableFreeBuckets(HANDLE_TABLE *Table)
{
	if (Table->Buckets != Table->First)
		VgpuFree(Table->Buckets);
}

static VOID HandleTableGrow(HANDLE_TABLE *Table)
{
	ULONG Bits = Table->Bits + 1;
	HANDLE_ENTRY **Buckets = VgpuAllocate(sizeof(HANDLE_ENTRY *) << Bits);
	HANDLE_ENTRY *Entry;

	if (!Buckets)
		return;
	for (ULONG Index = 0; Index < 1u << Table->Bits; Index++) {
		while ((Entry = Table->Buckets[Index]) != NULL) {
			HANDLE_ENTRY **Bucket = HandleTableBucket(Buckets, Bits, Entry->Id);

			Table->Buckets[Index] = Entry->Next;
			Entry->Next = *Bucket;
			*Bucket = Entry;
		}
	}
	HandleTableFreeBuckets(Table);
	Table->Buckets = Buckets;
	Table->Bits = Bits;
}

_Use_decl_annotations_
VOID HandleTableAdd(HANDLE_TABLE *Table, HANDLE_ENTRY *Entry)
{
	HANDLE_ENTRY **Bucket;

	if (Table->Count >= 1u << Table->Bits && Table->Bits < HANDLE_TABLE_MAX_BITS)
		HandleTableGrow(Table);
	Bucket = HandleTableBucket(Table->Buckets, Table->Bits, Entry->Id);
	Entry->Next = *Bucket;
	*Bucket = Entry;
	Table->Count++;
	Table->Drained = 0;
}

_Use_decl_annotations_
BOOLEAN HandleTableInsert(HANDLE_TABLE *Table, HANDLE_ENTRY *Entry)
{
	if (HandleTableFind(Table, Entry->Id))
		return FALSE;
	HandleTableAdd(Table, Entry);
	return TRUE;
}

_Use_decl_annotations_
HANDLE_ENTRY *HandleTableFind(const HANDLE_TABLE *Table, ULONG Id)
{
	HANDLE_ENTRY *Entry = *HandleTableBucket(Table->Buckets, Table->Bits, Id);

	while (Entry && Entry->Id != Id)
		Entry = Entry->Next;
	return Entry;
}

_Use_decl_annotations_
BOOLEAN HandleTableRemove(HANDLE_TABLE *Table, HANDLE_ENTRY *Entry)
{
	HANDLE_ENTRY **Link = HandleTableBucket(Table->Buckets, Table->Bits, Entry->Id);

	while (*Link && *Link != Entry)
		Link = &(*Link)->Next;
	if (!*Link)
		return FALSE;
	*Link = Entry->Next;
	Entry->Next = NULL;
	Table->Count--;
	return TRUE;
}

_Use_decl_annotations_
HANDLE_ENTRY *HandleTablePop(HANDLE_TABLE *Table)
{
	HANDLE_ENTRY *Entry;

	for (; Table->Drained < 1u << Table->Bits; Table->Drained++) {
		Entry = Table->Buckets[Table->Drained];
		if (!Entry)
			continue;
		Table->Buckets[Table->Drained] = Entry->Next;
		Entry->Next = NULL;
		Table->Count--;
		return Entry;
	}
	return NULL;
}

_Use_decl_annotations_
VOID HandleTableFree(HANDLE_TABLE *Table)
{
	HandleTableFreeBuckets(Table);
	Table->Buckets = Table->First;
	Table->Bits = 4;
}
