/* SPDX-License-Identifier: MIT */
/*
 * guard.h - access to the caller's memory, which may be anything and change at any time. In the caller's context.
 */
#ifndef VGPU_GUARD_H
#define VGPU_GUARD_H

#include "nt.h"

/* STATUS_ACCESS_VIOLATION and its like when the memory cannot be read or written so. */
_IRQL_requires_max_(APC_LEVEL)
_Must_inspect_result_
NTSTATUS GuardCopyFromUser(_Out_writes_bytes_(Bytes) PVOID Target, _In_ const VOID *User, _In_ SIZE_T Bytes);
_IRQL_requires_max_(APC_LEVEL)
_Must_inspect_result_
NTSTATUS GuardCopyToUser(_In_ PVOID User, _In_reads_bytes_(Bytes) const VOID *Source, _In_ SIZE_T Bytes);

/* Maps the pages into the calling process, readable and writable. */
_IRQL_requires_max_(APC_LEVEL)
_Must_inspect_result_
NTSTATUS GuardMapToUser(_In_ PMDL Mdl, _In_ MEMORY_CACHING_TYPE Cache, _Out_ PVOID *Address);

#endif /* VGPU_GUARD_H */
