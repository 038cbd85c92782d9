/* SPDX-License-Identifier: MIT */
/*
 * process.h - what must be let go of when a process ends, although a handle may live on in another process.
 *
 * A process must not end with pages locked: NT stops the machine then. Handles that are closed by its end see to that,
 * but not those that were duplicated into another process; so the kernel tells us of each end, and whatever was made
 * for that process goes. Kernels that tell nobody (the registration fails, or nothing comes of it) leave it to handles.
 *
 * The kernel's callback has no parameter: the list is in the context of the framework's driver object.
 */
#ifndef VGPU_PROCESS_H
#define VGPU_PROCESS_H

#include "nt.h"
#include <wdf.h>

typedef struct _PROCESSES {
	KSPIN_LOCK Lock;
	_Guarded_by_(Lock) LIST_ENTRY Items;
	BOOLEAN Told; /* the kernel tells us */
} PROCESSES;
WDF_DECLARE_CONTEXT_TYPE_WITH_NAME(PROCESSES, ProcessesOf)

/* Something made for a process, which has to be gone before the process is. */
typedef struct _PROCESS_ITEM {
	LIST_ENTRY Link; /* under PROCESSES.Lock, as Gone is */
	PEPROCESS Process;
	PKEVENT Gone; /* NULL: nobody waits */
	/* Keeps the item for End; FALSE: it is going already. Under the lock. */
	BOOLEAN (*Hold)(struct _PROCESS_ITEM *Item);
	/* Begins to let go, and drops the hold. At PASSIVE_LEVEL, in the process. */
	VOID (*End)(struct _PROCESS_ITEM *Item);
} PROCESS_ITEM;

_IRQL_requires_max_(PASSIVE_LEVEL)
VOID ProcessesStart(_Out_ PROCESSES *Processes);
/* No item is left. */
_IRQL_requires_max_(PASSIVE_LEVEL)
VOID ProcessesStop(_Inout_ PROCESSES *Processes);

/* Process, Hold and End are set. */
_IRQL_requires_max_(DISPATCH_LEVEL)
VOID ProcessTrack(_Inout_ PROCESS_ITEM *Item);
/* The thing is gone, the pages are unlocked: the process may end. */
_IRQL_requires_max_(DISPATCH_LEVEL)
VOID ProcessForget(_Inout_ PROCESS_ITEM *Item);

#endif /* VGPU_PROCESS_H */
