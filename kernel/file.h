/* SPDX-License-Identifier: MIT */
/*
 * file.h - an open handle of the device and the objects that it owns.
 *
 * An object is in at most one table, which holds a reference. Whoever takes it out of the table ends it; what is
 * still under way holds references of its own, so it is freed last of all, maybe by the DPC.
 */
#ifndef VGPU_FILE_H
#define VGPU_FILE_H

#include "gpu.h"
#include "handle_table.h"

struct _FILE_CONTEXT;

/* The head of every object. */
typedef struct _OBJECT {
	HANDLE_ENTRY Entry;
	LIST_ENTRY InMemory; /* under FILE_CONTEXT.Lock: MEMORY.Users of the memory that it needs, while in a table */
	LIST_ENTRY Kept; /* under GPU.QueueLock: GPU.Kept */
	volatile LONG References;
	VOID (*Free)(struct _OBJECT *Object); /* at DISPATCH_LEVEL at most, no lock held */
	/* That memory goes away: lets go of it, at PASSIVE_LEVEL, and drops a reference. NULL: needs none. */
	VOID (*Evict)(struct _FILE_CONTEXT *File, struct _OBJECT *Object);
} OBJECT;

typedef struct _FILE_CONTEXT {
	GPU *Gpu;
	COMMAND_ACCOUNT *Account; /* every command for the handle is on it */
	volatile LONG Opened; /* VGPU_IOCTL_OPEN has succeeded */
	KSPIN_LOCK Lock;
	_Guarded_by_(Lock) BOOLEAN Closing; /* nothing is inserted any more */
	_Guarded_by_(Lock) HANDLE_TABLE Contexts;
	_Guarded_by_(Lock) HANDLE_TABLE Memories;
	_Guarded_by_(Lock) HANDLE_TABLE Resources;
	volatile LONG64 MappedBytes; /* of blobs; see blob.c */
	volatile LONG Pins; /* requests that hold pages locked, and one for the handle until its cleanup */
	KEVENT PinsGone; /* Pins has reached zero */
	FENCE_CLIENT Waits;
	STATISTICS Statistics;
} FILE_CONTEXT;
WDF_DECLARE_CONTEXT_TYPE_WITH_NAME(FILE_CONTEXT, FileOf)

_Must_inspect_result_
NTSTATUS FileInit(_Out_ FILE_CONTEXT *File, _In_ GPU *Gpu);
/* Counts requests that hold pages locked. The last of them may be dropped after the file's cleanup has begun; its
 * request has been completed by then. */
VOID FileAddPin(_Inout_ FILE_CONTEXT *File);
_IRQL_requires_max_(DISPATCH_LEVEL)
VOID FileDropPin(_Inout_ FILE_CONTEXT *File);
/* At cleanup: until no page of this handle is locked. It ends, for the device answers or is reset. */
_IRQL_requires_max_(APC_LEVEL)
VOID FileAwaitPins(_Inout_ FILE_CONTEXT *File);

/* When the tables are empty. */
VOID FileFree(_Inout_ FILE_CONTEXT *File);

FORCEINLINE VOID ObjectInit(_Out_ OBJECT *Object, _In_ ULONG Id, _In_ VOID (*Free)(OBJECT *Object))
{
	Object->Entry.Next = NULL;
	Object->Entry.Id = Id;
	InitializeListHead(&Object->InMemory);
	InitializeListHead(&Object->Kept);
	Object->References = 1;
	Object->Free = Free;
	Object->Evict = NULL;
}

FORCEINLINE VOID ObjectReference(_Inout_ OBJECT *Object)
{
	(VOID) InterlockedIncrement(&Object->References);
}

_IRQL_requires_max_(DISPATCH_LEVEL)
FORCEINLINE VOID ObjectRelease(_Inout_ OBJECT *Object)
{
	if (InterlockedDecrement(&Object->References) == 0)
		Object->Free(Object);
}

/* FALSE: the last reference is gone, the object is being freed. */
FORCEINLINE BOOLEAN ObjectTryReference(_Inout_ OBJECT *Object)
{
	LONG Seen, Count = ReadNoFence(&Object->References);

	while (Count > 0) {
		Seen = InterlockedCompareExchange(&Object->References, Count + 1, Count);
		if (Seen == Count)
			return TRUE;
		Count = Seen;
	}
	return FALSE;
}

/* When GpuKeeps: takes over a reference of an object that has ended, until the device owes nothing any more. */
_IRQL_requires_max_(DISPATCH_LEVEL)
VOID ObjectKeep(_Inout_ GPU *Gpu, _Inout_ OBJECT *Object);
/* Drops what was kept, unless GpuKeeps. */
_IRQL_requires_max_(DISPATCH_LEVEL)
VOID ObjectReleaseKept(_Inout_ GPU *Gpu);

/* A new reference, or NULL. */
_IRQL_requires_max_(DISPATCH_LEVEL)
OBJECT *FileFind(_Inout_ FILE_CONTEXT *File, _In_ const HANDLE_TABLE *Table, _In_ ULONG Id);

/* STATUS_QUOTA_EXCEEDED: no more fit now. Not binding: FileInsert looks again. */
_IRQL_requires_max_(DISPATCH_LEVEL)
_Must_inspect_result_
NTSTATUS FileCheckRoom(_Inout_ FILE_CONTEXT *File, _In_ const HANDLE_TABLE *Table, _In_ ULONG Limit);

/* The table takes a reference. STATUS_FILE_CLOSED, STATUS_QUOTA_EXCEEDED, STATUS_OBJECT_NAME_COLLISION. */
_IRQL_requires_max_(DISPATCH_LEVEL)
_Must_inspect_result_
NTSTATUS FileInsert(_Inout_ FILE_CONTEXT *File, _Inout_ HANDLE_TABLE *Table, _Inout_ OBJECT *Object, _In_ ULONG Limit);
_Requires_lock_held_(File->Lock)
_Must_inspect_result_
NTSTATUS FileInsertLocked(
	_Inout_ FILE_CONTEXT *File, _Inout_ HANDLE_TABLE *Table, _Inout_ OBJECT *Object, _In_ ULONG Limit);

/* Takes the object out and gives the table's reference to the caller; FALSE or NULL: it was not there. */
_IRQL_requires_max_(DISPATCH_LEVEL)
BOOLEAN FileRemove(_Inout_ FILE_CONTEXT *File, _Inout_ HANDLE_TABLE *Table, _Inout_ OBJECT *Object);
_IRQL_requires_max_(DISPATCH_LEVEL)
OBJECT *FileRemoveId(_Inout_ FILE_CONTEXT *File, _Inout_ HANDLE_TABLE *Table, _In_ ULONG Id);

/* Of a closing file: takes any object out, NULL when there is none left. */
_IRQL_requires_max_(DISPATCH_LEVEL)
OBJECT *FilePop(_Inout_ FILE_CONTEXT *File, _Inout_ HANDLE_TABLE *Table);

#endif /* VGPU_FILE_H */
