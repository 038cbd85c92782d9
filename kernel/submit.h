/* SPDX-License-Identifier: MIT */
/*
 * submit.h - command streams to a context, and transfers between a resource and its backing.
 */
#ifndef VGPU_SUBMIT_H
#define VGPU_SUBMIT_H

#include "resource.h"

#define SUBMIT_MAX_COPY (1u << 20) /* bytes of a stream that is copied */

/* Bytes of one stream that the device takes however scattered it lies. */
ULONG64 SubmitMaxBytes(_In_ const GPU *Gpu);

/* In place. Blocks only while in_fences of other rings are open or all commands are in use. */
_IRQL_requires_max_(PASSIVE_LEVEL)
NTSTATUS SubmitInPlace(_Inout_ FILE_CONTEXT *File, _Inout_ struct vgpu_submit *Submit);

/* Copied once, straight into memory that the device reads. In the request's caller's context. */
_IRQL_requires_max_(PASSIVE_LEVEL)
NTSTATUS SubmitCopied(_Inout_ FILE_CONTEXT *File, _In_ WDFREQUEST Request, _Inout_ struct vgpu_submit_copy *Submit);

_IRQL_requires_max_(PASSIVE_LEVEL)
NTSTATUS SubmitTransfer(_Inout_ FILE_CONTEXT *File, _Inout_ struct vgpu_transfer *Transfer);

#endif /* VGPU_SUBMIT_H */
