/* SPDX-License-Identifier: MIT */
/*
 * capsets.h - what the host's renderers can do, as the device tells it at each start: a machine that was asleep may be
 * continued on another host.
 */
#ifndef VGPU_CAPSETS_H
#define VGPU_CAPSETS_H

#include "nt.h"

#define CAPSETS_MAX 16u /* any further ones of a device are passed over */

struct _GPU;

typedef struct _CAPSET {
	ULONG Id;
	ULONG MaxVersion;
	ULONG Bytes; /* 1 to VGPU_MAX_CAPSET_SIZE */
	PUCHAR Data; /* of MaxVersion */
} CAPSET;

typedef struct _CAPSET_LIST {
	ULONG Count;
	CAPSET Of[CAPSETS_MAX];
} CAPSET_LIST;

typedef struct _CAPSETS {
	KSPIN_LOCK Lock; /* none is taken inside it */
	CAPSET_LIST List _Guarded_by_(Lock);
} CAPSETS;

VOID CapsetsInit(_Out_ CAPSETS *Capsets);
/* Nobody uses it any more. */
VOID CapsetsFree(_Inout_ CAPSETS *Capsets);

/* Asks the device, and replaces what an earlier start has brought. After a failure that stays. */
_IRQL_requires_max_(PASSIVE_LEVEL)
_Must_inspect_result_
NTSTATUS CapsetsRead(_Inout_ struct _GPU *Gpu);

/* The one with this index, Data NULL. FALSE: there is none. */
_IRQL_requires_max_(DISPATCH_LEVEL)
_Must_inspect_result_
BOOLEAN CapsetsDescribe(_Inout_ CAPSETS *Capsets, _In_ ULONG Index, _Out_ CAPSET *Capset);
/* Copies the contents of the capset with this id, as many bytes as it has and there is room (nonpaged) for; how many
 * those are. 0: there is none of this id and version. */
_IRQL_requires_max_(DISPATCH_LEVEL)
_Must_inspect_result_
ULONG CapsetsCopy(_Inout_ CAPSETS *Capsets, _In_ ULONG Id, _In_ ULONG Version, _Out_writes_bytes_(Room) PVOID Data,
	_In_ ULONG Room);
_IRQL_requires_max_(DISPATCH_LEVEL)
BOOLEAN CapsetsHas(_Inout_ CAPSETS *Capsets, _In_ ULONG Id);
_IRQL_requires_max_(DISPATCH_LEVEL)
ULONG CapsetsCount(_Inout_ CAPSETS *Capsets);

#endif /* VGPU_CAPSETS_H */
