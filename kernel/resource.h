/* SPDX-License-Identifier: MIT */
/*
 * resource.h - a 3D resource or a blob on the host, maybe backed by the caller's memory.
 *
 * Creation returns once it is queued: the device works in order, so everything that names the resource comes after. If
 * the host refuses it, the resource is marked and later requests that name it fail with STATUS_IO_DEVICE_ERROR.
 */
#ifndef VGPU_RESOURCE_H
#define VGPU_RESOURCE_H

#include "blob.h"
#include "context.h"

typedef struct _RESOURCE {
	OBJECT Object; /* references: the table's, one per command under way */
	GPU *Gpu;
	HOST_OBJECT Host;
	HANDLE_ENTRY OnHost; /* in GPU.ResourceIds */
	ULONG Id; /* on the host as well: unique on the device */
	volatile LONG Failed;
	MEMORY *volatile Backing; /* NULL: none; a reference until the host has let go of the resource */
	BLOB *Blob; /* NULL: it is none */
} RESOURCE;

_IRQL_requires_max_(PASSIVE_LEVEL)
NTSTATUS ResourceCreate(_Inout_ FILE_CONTEXT *File, _Inout_ struct vgpu_resource_create *Create);

_IRQL_requires_max_(PASSIVE_LEVEL)
NTSTATUS ResourceCreateBlob(_Inout_ FILE_CONTEXT *File, _Inout_ struct vgpu_resource_create_blob *Create);

/* VGPU_IOCTL_RESOURCE_MAP and _UNMAP. */
_IRQL_requires_max_(PASSIVE_LEVEL)
NTSTATUS ResourceMap(_Inout_ FILE_CONTEXT *File, _Inout_ struct vgpu_resource_map *Map);
_IRQL_requires_max_(PASSIVE_LEVEL)
NTSTATUS ResourceUnmap(_Inout_ FILE_CONTEXT *File, _In_ ULONG Id);

_IRQL_requires_max_(PASSIVE_LEVEL)
NTSTATUS ResourceDestroy(_Inout_ FILE_CONTEXT *File, _In_ ULONG Id);

_IRQL_requires_max_(PASSIVE_LEVEL)
VOID ResourceDestroyAll(_Inout_ FILE_CONTEXT *File);

_IRQL_requires_max_(PASSIVE_LEVEL)
NTSTATUS ResourceAttach(_Inout_ FILE_CONTEXT *File, _In_ const struct vgpu_resource *Names, _In_ BOOLEAN Attach);

/* A new reference to a resource of the file that the host has not refused or lost. */
_IRQL_requires_max_(DISPATCH_LEVEL)
_Must_inspect_result_
NTSTATUS ResourceFind(_Inout_ FILE_CONTEXT *File, _In_ ULONG Id, _Out_ RESOURCE **Resource);

#endif /* VGPU_RESOURCE_H */
