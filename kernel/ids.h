/* SPDX-License-Identifier: MIT */
/*
 * ids.h - the numbers by which the host knows contexts and resources: rising, never 0, never one that is in use.
 */
#ifndef VGPU_IDS_H
#define VGPU_IDS_H

#include "handle_table.h"

typedef struct _ID_SPACE {
	KSPIN_LOCK Lock; /* none is taken inside it */
	_Guarded_by_(Lock) HANDLE_TABLE Live;
	_Guarded_by_(Lock) ULONG Last;
	_Guarded_by_(Lock) BOOLEAN Again; /* all numbers have been given once: the next may be in use */
	BOOLEAN Once; /* a device whose host mistakes a new object for an old one of the same number: no number twice */
} ID_SPACE;

VOID IdSpaceInit(_Out_ ID_SPACE *Space);
/* No number is in use. */
_IRQL_requires_max_(DISPATCH_LEVEL)
VOID IdSpaceFree(_Inout_ ID_SPACE *Space);

/* Sets the entry's number, which is its own until IdGive. FALSE: there are none left. */
_IRQL_requires_max_(DISPATCH_LEVEL)
_Must_inspect_result_
BOOLEAN IdTake(_Inout_ ID_SPACE *Space, _Inout_ HANDLE_ENTRY *Entry);
/* The host has forgotten it. */
_IRQL_requires_max_(DISPATCH_LEVEL)
VOID IdGive(_Inout_ ID_SPACE *Space, _Inout_ HANDLE_ENTRY *Entry);

#endif /* VGPU_IDS_H */
