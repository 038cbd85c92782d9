/* SPDX-License-Identifier: MIT */
/*
 * mapping.h - memory of the kernel's or of the device's that a process sees.
 *
 * A mapping belongs to the process that it was made in. It is undone there, whoever asks for that: when its owner says
 * so, or when the process ends, for a program must not see pages that serve somebody else next. Whoever frees the pages
 * has undone the mapping before.
 */
#ifndef VGPU_MAPPING_H
#define VGPU_MAPPING_H

#include "file.h"
#include "process.h"

typedef struct _MAPPING {
	PROCESS_ITEM Process;
	FILE_CONTEXT *File; /* outlives the mapping */
	OBJECT *Owner; /* of the pages: a reference is held while the process' end undoes the mapping */
	PMDL Mdl;
	PVOID volatile Address; /* in the process; NULL: none. Who takes it away undoes it */
	KEVENT Undone;
} MAPPING;

/* In the calling process. Mdl: pages that stay where they are. The mapping is zero before. Raises nothing. */
_IRQL_requires_max_(APC_LEVEL)
_Must_inspect_result_
NTSTATUS MappingCreate(_Inout_ MAPPING *Mapping, _In_ FILE_CONTEXT *File, _In_ OBJECT *Owner, _In_ PMDL Mdl,
	_In_ MEMORY_CACHING_TYPE Cache);

/* There is no mapping any more when this returns, whoever undid it; the caller holds a reference of the owner. */
_IRQL_requires_max_(APC_LEVEL)
VOID MappingDestroy(_Inout_ MAPPING *Mapping);

FORCEINLINE BOOLEAN MappingExists(_In_ const MAPPING *Mapping)
{
	return Mapping->Address != NULL;
}

#endif /* VGPU_MAPPING_H */
