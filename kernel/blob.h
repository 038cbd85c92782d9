/* SPDX-License-Identifier: MIT */
/*
 * blob.h - the host's memory of a blob resource, as a program sees it.
 *
 *   not mapped --map: the host is asked, then the pages are mapped into the caller--> mapped
 *   mapped --unmap, end of the resource--> the program sees it no more, then the host is told, then its place is free
 *   mapped --end of the process, device lost--> the program sees it no more; its place is kept until unmap or end
 *
 * A view is one such mapping. It keeps its place in the region as long as anybody may still see what is there.
 */
#ifndef VGPU_BLOB_H
#define VGPU_BLOB_H

#include "mapping.h"

typedef struct _VIEW VIEW;

/* Part of a resource. */
typedef struct _BLOB {
	GPU *Gpu;
	HOST_OBJECT *Host; /* the resource's */
	ULONG ResourceId;
	ULONG ContextId; /* that it was made in */
	ULONG64 Bytes; /* whole pages */
	BOOLEAN Mappable;
	KEVENT Turn; /* set: nobody maps, unmaps or ends it now */
	VIEW *View; /* NULL: not mapped. Of whoever has the turn, as is Ended; counted in FILE_CONTEXT.MappedBytes */
	BOOLEAN Ended;
} BLOB;

/* When the device is added. */
_IRQL_requires_max_(PASSIVE_LEVEL)
VOID BlobsInit(_Inout_ GPU *Gpu);

/* The context is in no table any more, and the host will be told to end it: where that ends the context's mappings too,
 * no program sees any of them from now on. */
_IRQL_requires_max_(PASSIVE_LEVEL)
VOID BlobsEndContext(_Inout_ GPU *Gpu, _In_ ULONG ContextId);

_Must_inspect_result_
NTSTATUS BlobCheckCreate(_In_ const GPU *Gpu, _In_ const struct vgpu_resource_create_blob *Create);

/* NULL: no memory. VgpuFree ends it, after BlobEnd. */
_IRQL_requires_max_(DISPATCH_LEVEL)
BLOB *BlobCreate(_In_ GPU *Gpu, _In_ HOST_OBJECT *Host, _In_ ULONG ResourceId,
	_In_ const struct vgpu_resource_create_blob *Create);

/* VGPU_IOCTL_RESOURCE_MAP and _UNMAP. Waits for the host's answer to the first. */
_IRQL_requires_max_(PASSIVE_LEVEL)
NTSTATUS BlobMap(_Inout_ FILE_CONTEXT *File, _Inout_ BLOB *Blob, _Inout_ struct vgpu_resource_map *Map);
_IRQL_requires_max_(PASSIVE_LEVEL)
NTSTATUS BlobUnmap(_Inout_ FILE_CONTEXT *File, _Inout_ BLOB *Blob);

/* No program sees it from now on. What the host has to be told of, or NULL: then BlobTellHost in a batch that is sent,
 * or BlobRelease. */
_IRQL_requires_max_(PASSIVE_LEVEL)
VIEW *BlobEnd(_Inout_ FILE_CONTEXT *File, _Inout_ BLOB *Blob);
/* Takes one command of the batch, which keeps the view until the host has answered. */
_IRQL_requires_max_(DISPATCH_LEVEL)
VOID BlobTellHost(_In_ const BLOB *Blob, _Inout_ VIEW *View, _Inout_ COMMAND_BATCH *Batch);
_IRQL_requires_max_(DISPATCH_LEVEL)
VOID BlobRelease(_Inout_ VIEW *View);

#endif /* VGPU_BLOB_H */
