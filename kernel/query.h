/* SPDX-License-Identifier: MIT */
/*
 * query.h - requests about the driver and the device: version, properties, capsets, counters, trace level.
 */
#ifndef VGPU_QUERY_H
#define VGPU_QUERY_H

#include "file.h"

/* One request: Buffer holds the input, and the output afterwards. */
typedef struct _IOCTL_CALL {
	WDFREQUEST Request;
	PVOID Buffer; /* NULL with METHOD_NEITHER */
	size_t InputBytes;
	size_t OutputBytes;
	ULONG_PTR Information; /* bytes of output; the handler changes it where it varies */
} IOCTL_CALL;

_IRQL_requires_max_(DISPATCH_LEVEL)
NTSTATUS QueryOpen(_Inout_ FILE_CONTEXT *File, _Inout_ IOCTL_CALL *Call);
_IRQL_requires_max_(DISPATCH_LEVEL)
NTSTATUS QueryDevice(_Inout_ FILE_CONTEXT *File, _Inout_ IOCTL_CALL *Call);
_IRQL_requires_max_(DISPATCH_LEVEL)
NTSTATUS QueryCapsetInfo(_Inout_ FILE_CONTEXT *File, _Inout_ IOCTL_CALL *Call);
_IRQL_requires_max_(DISPATCH_LEVEL)
NTSTATUS QueryCapset(_Inout_ FILE_CONTEXT *File, _Inout_ IOCTL_CALL *Call);
_IRQL_requires_max_(DISPATCH_LEVEL)
NTSTATUS QueryStatistics(_Inout_ FILE_CONTEXT *File, _Inout_ IOCTL_CALL *Call);
/* In the caller's context. */
_IRQL_requires_max_(PASSIVE_LEVEL)
NTSTATUS QuerySetTrace(_Inout_ FILE_CONTEXT *File, _Inout_ IOCTL_CALL *Call);

#endif /* VGPU_QUERY_H */
