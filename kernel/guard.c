/* SPDX-License-Identifier: MIT */
#include "guard.h"

/* The compilers in use guard calls within __try, not single accesses: so the accesses are in functions of their own. */

static VGPU_NOINLINE VOID CopyIn(PVOID Target, const VOID *User, SIZE_T Bytes)
{
	ProbeForRead((PVOID)(ULONG_PTR)User, Bytes, 1);
	RtlCopyMemory(Target, User, Bytes);
}

static VGPU_NOINLINE VOID CopyOut(PVOID User, const VOID *Source, SIZE_T Bytes)
{
	ProbeForWrite(User, Bytes, 1);
	RtlCopyMemory(User, Source, Bytes);
}

static VGPU_NOINLINE PVOID MapToUser(PMDL Mdl, MEMORY_CACHING_TYPE Cache)
{
	return MmMapLockedPagesSpecifyCache(
		Mdl, UserMode, Cache, NULL, FALSE, NormalPagePriority | MdlMappingNoExecute);
}

_Use_decl_annotations_
NTSTATUS GuardCopyFromUser(PVOID Target, const VOID *User, SIZE_T Bytes)
{
	volatile NTSTATUS Status = STATUS_SUCCESS; /* as seen by the handler and after it */

	if (!User)
		return STATUS_ACCESS_VIOLATION;
	__try {
		CopyIn(Target, User, Bytes);
	} __except (EXCEPTION_EXECUTE_HANDLER) {
		Status = (NTSTATUS)GetExceptionCode();
	}
	return Status;
}

_Use_decl_annotations_
NTSTATUS GuardCopyToUser(PVOID User, const VOID *Source, SIZE_T Bytes)
{
	volatile NTSTATUS Status = STATUS_SUCCESS; /* as seen by the handler and after it */

	if (!User)
		return STATUS_ACCESS_VIOLATION;
	__try {
		CopyOut(User, Source, Bytes);
	} __except (EXCEPTION_EXECUTE_HANDLER) {
		Status = (NTSTATUS)GetExceptionCode();
	}
	return Status;
}

_Use_decl_annotations_
NTSTATUS GuardMapToUser(PMDL Mdl, MEMORY_CACHING_TYPE Cache, PVOID *Address)
{
	volatile NTSTATUS Status = STATUS_SUCCESS; /* as seen by the handler and after it */
	PVOID volatile Mapped = NULL;

	__try {
		Mapped = MapToUser(Mdl, Cache);
	} __except (EXCEPTION_EXECUTE_HANDLER) {
		Status = (NTSTATUS)GetExceptionCode();
	}
	*Address = Mapped;
	return NT_SUCCESS(Status) && !Mapped ? STATUS_INSUFFICIENT_RESOURCES : Status;
}
