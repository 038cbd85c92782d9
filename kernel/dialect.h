/* SPDX-License-Identifier: MIT */
/*
 * dialect.h - how a kind of device wants its commands: a constant table of encoders.
 *
 * An encoder takes a reserved command from the batch, fills its request and adds its descriptors. Nothing above a
 * dialect asks which device it is.
 */
#ifndef VGPU_DIALECT_H
#define VGPU_DIALECT_H

#include "command.h"
#include "sg.h"
#include "virtio_pci.h"
#include "vgpu_ioctl.h"

/* What a request with a range of memory takes; 0 commands: the range is in too many pieces for this device. */
typedef struct _DIALECT_NEED {
	ULONG Pages;
	ULONG Pieces;
} DIALECT_NEED;

/* Where the host has mapped a blob. */
typedef struct _DIALECT_PLACE {
	ULONG64 Physical;
	ULONG64 Bytes;
	ULONG Cache; /* VGPU_MAP_CACHE_* */
} DIALECT_PLACE;

typedef struct _DIALECT {
	ULONG Kind; /* VGPU_DEVICE_KIND_* */
	ULONG64 Features; /* wanted, as bits */
	ULONG ConfigBytes; /* of device configuration that are read */
	USHORT Queue; /* that takes the commands */
	BOOLEAN IdsOnce; /* no number of a context or resource may come twice */
	ULONG64 MaxBacking; /* bytes of one resource's backing, however scattered */
	ULONG64 MaxStream; /* bytes; 0: what fits a chain, page by page */
	ULONG64 LastFenceId; /* after this one the device is let run dry, and ids start again; 0: there are enough */
	ULONG CapsetHeader; /* bytes of the answer to GetCapset before the data, in the caller's memory */
	BOOLEAN CreationAttaches; /* ResourceCreate attaches to the context as well */
	BOOLEAN ResetNeedsIdle; /* the host does not survive a reset while commands are under way */
	ULONG64 BlobBase; /* the host chooses where blobs are mapped, from here up; 0: in the host-visible region */

	BOOLEAN (*Matches)(_In_ const PCI_IDENTITY *Identity);
	ULONG (*CapsetCount)(_In_ VIRTIO_PCI *Pci);
	/* Bytes of the kernel's contiguous memory that programs may have; NULL: the device needs none. */
	ULONG64 (*KernelMemory)(_In_ const VIRTIO_PCI *Pci);
	ULONG (*Capabilities)(_In_ const VIRTIO_PCI *Pci); /* VGPU_CAP_* */

	VOID (*GetCapsetInfo)(_Inout_ COMMAND_BATCH *Batch, _In_ ULONG Index);
	/* Into contiguous memory: CapsetHeader and then Bytes of capset. */
	VOID(*GetCapset)
	(_Inout_ COMMAND_BATCH *Batch, _In_ ULONG Id, _In_ ULONG Version, _In_ ULONG64 Physical, _In_ ULONG Bytes);

	COMMAND *(*ContextCreate)(
		_Inout_ COMMAND_BATCH *Batch, _In_ ULONG ContextId, _In_ const struct vgpu_context_create *Create);
	COMMAND *(*ContextDestroy)(_Inout_ COMMAND_BATCH *Batch, _In_ ULONG ContextId);

	COMMAND *(*ResourceCreate)(
		_Inout_ COMMAND_BATCH *Batch, _In_ ULONG ResourceId, _In_ const struct vgpu_resource_create *Create);
	COMMAND *(*ResourceDestroy)(_Inout_ COMMAND_BATCH *Batch, _In_ ULONG ResourceId);
	/* FALSE: too many pieces. */
	BOOLEAN (*BackingNeed)(_In_ const SG_CURSOR *Range, _Out_ DIALECT_NEED *Need);
	COMMAND *(*AttachBacking)(_Inout_ COMMAND_POOL *Pool, _Inout_ COMMAND_BATCH *Batch, _In_ ULONG ResourceId,
		_In_ const SG_CURSOR *Range, _In_ const DIALECT_NEED *Need);
	COMMAND *(*ContextAttach)(_Inout_ COMMAND_BATCH *Batch, _In_ ULONG ContextId, _In_ ULONG ResourceId);
	COMMAND *(*ContextDetach)(_Inout_ COMMAND_BATCH *Batch, _In_ ULONG ContextId, _In_ ULONG ResourceId);

	/* FALSE: too many pieces for a chain of MaxChain descriptors. */
	BOOLEAN (*SubmitNeed)(_In_ const SG_CURSOR *Stream, _In_ ULONG MaxChain, _Out_ DIALECT_NEED *Need);
	/* The command with its header only; the stream follows by CommandAddRead, then SubmitEnd. */
	COMMAND *(*SubmitBegin)(_Inout_ COMMAND_POOL *Pool, _Inout_ COMMAND_BATCH *Batch, _In_ ULONG ContextId,
		_In_ ULONG Ring, _In_ ULONG Bytes, _In_ ULONG Pieces);
	VOID (*SubmitEnd)(_Inout_ COMMAND *Command);
	COMMAND *(*Transfer)(_Inout_ COMMAND_BATCH *Batch, _In_ const struct vgpu_transfer *Transfer);

	/* With VGPU_CAP_BLOB. Range: its guest memory, as BackingNeed has counted it; NULL: none. */
	COMMAND *(*BlobCreate)(_Inout_ COMMAND_POOL *Pool, _Inout_ COMMAND_BATCH *Batch, _In_ ULONG ResourceId,
		_In_ const struct vgpu_resource_create_blob *Create, _In_opt_ const SG_CURSOR *Range,
		_In_ const DIALECT_NEED *Need);
	/* With VGPU_CAP_HOST_VISIBLE. Offset: in the host-visible region. */
	COMMAND *(*BlobMap)(
		_Inout_ COMMAND_BATCH *Batch, _In_ ULONG ContextId, _In_ ULONG ResourceId, _In_ ULONG64 Offset);
	/* What the answer says, which was judged good: the place, if the host chooses it, and the caching.
	 * STATUS_DEVICE_PROTOCOL_ERROR: nothing that makes sense. */
	NTSTATUS (*BlobMapped)(_In_ const VOID *Answer, _Inout_ DIALECT_PLACE *Place);
	COMMAND *(*BlobUnmap)(_Inout_ COMMAND_BATCH *Batch, _In_ ULONG ContextId, _In_ ULONG ResourceId);
} DIALECT;

extern const DIALECT DialectStandard;
extern const DIALECT DialectMvisor;

/* Of the device with this identity; NULL: it is none of ours. */
const DIALECT *DialectFind(_In_ const PCI_IDENTITY *Identity);
ULONG DialectConfigBytes(_In_ const PCI_IDENTITY *Identity); /* 0: none of ours */

/* What all dialects say alike: the fields of a request behind its header. */
VOID DialectFillCreate3d(_Inout_ struct virtio_gpu_resource_create_3d *Request, _In_ ULONG ResourceId,
	_In_ const struct vgpu_resource_create *Create);
ULONG DialectTransferType(_In_ const struct vgpu_transfer *Transfer);
VOID DialectFillTransfer(
	_Inout_ struct virtio_gpu_transfer_host_3d *Request, _In_ const struct vgpu_transfer *Transfer);

#endif /* VGPU_DIALECT_H */
