/* SPDX-License-Identifier: MIT */
/*
 * handle_table.h - finds objects by a 32-bit id in constant time: a hash of intrusive chains that grows.
 *
 * The table has no lock: the owner holds its own around every call. It holds no references either.
 */
#ifndef VGPU_HANDLE_TABLE_H
#define VGPU_HANDLE_TABLE_H

#include "nt.h"

#define HANDLE_TABLE_FIRST_BUCKETS 16u
#define HANDLE_TABLE_MAX_BITS 24u

typedef struct _HANDLE_ENTRY {
	struct _HANDLE_ENTRY *Next;
	ULONG Id; /* not 0 */
} HANDLE_ENTRY;

typedef struct _HANDLE_TABLE {
	HANDLE_ENTRY **Buckets;
	ULONG Bits; /* log2 of the number of buckets */
	ULONG Count;
	ULONG Drained; /* buckets known to be empty; moves during HandleTablePop only */
	HANDLE_ENTRY *First[HANDLE_TABLE_FIRST_BUCKETS];
} HANDLE_TABLE;

VOID HandleTableInit(_Out_ HANDLE_TABLE *Table);

/* The id is known not to be in the table. Never fails for want of memory: chains then get longer. */
_IRQL_requires_max_(DISPATCH_LEVEL)
VOID HandleTableAdd(_Inout_ HANDLE_TABLE *Table, _Inout_ HANDLE_ENTRY *Entry);

/* The same, but FALSE when the id is taken. */
_IRQL_requires_max_(DISPATCH_LEVEL)
_Must_inspect_result_
BOOLEAN HandleTableInsert(_Inout_ HANDLE_TABLE *Table, _Inout_ HANDLE_ENTRY *Entry);

HANDLE_ENTRY *HandleTableFind(_In_ const HANDLE_TABLE *Table, _In_ ULONG Id);

/* FALSE when it is not in the table. */
BOOLEAN HandleTableRemove(_Inout_ HANDLE_TABLE *Table, _Inout_ HANDLE_ENTRY *Entry);

/* Takes any entry out, or NULL when the table is empty. Nothing may be inserted between pops. */
HANDLE_ENTRY *HandleTablePop(_Inout_ HANDLE_TABLE *Table);

/* Frees the table's own memory; entries must be gone. */
_IRQL_requires_max_(DISPATCH_LEVEL)
VOID HandleTableFree(_Inout_ HANDLE_TABLE *Table);

#endif /* VGPU_HANDLE_TABLE_H */
