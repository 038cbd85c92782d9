/* SPDX-License-Identifier: MIT */
/*
 * Mvisor's virtio-vgpu, as abi/mvisor_vgpu.h describes it.
 *
 * The host panics where other devices answer with an error, and most commands have no answer at all. What keeps it
 * alive: every command and every stream lies in one piece; nothing that may fail on the host, and nothing that ends a
 * context, is fenced; a context is named in a fence only after it was created in the same queue; queues go by a reset
 * of the device, and that only when it owes nothing (GpuReset). All commands go through one queue, so that they are
 * carried out in order; those without a fence come back when they have been carried out.
 */
#include "dialect.h"
#include "mvisor_vgpu.h"

#define BIT(Feature) (1ull << (Feature))
#define MAX_STREAM 0x4000000u /* bytes; the host's decoder counts words with less than 32 bits */
#define MAX_BACKING 0x40000000u
#define VIRGL_NOP_BYTES 4u /* a stream of one word that is zero does nothing */

/* Of the copy that was read when the device started. */
static const struct mvisor_vgpu_config *MvisorConfig(const VIRTIO_PCI *Pci)
{
	return (const struct mvisor_vgpu_config *)Pci->DeviceConfig;
}

static BOOLEAN MvisorMatches(const PCI_IDENTITY *Identity)
{
	return Identity->Vendor == MVISOR_VGPU_VENDOR && Identity->Device == MVISOR_VGPU_DEVICE &&
	       Identity->SubsystemVendor == MVISOR_VGPU_SUBSYSTEM_VENDOR &&
	       Identity->SubsystemDevice == MVISOR_VGPU_SUBSYSTEM_DEVICE && Identity->Revision == MVISOR_VGPU_REVISION;
}

static ULONG MvisorCapsetCount(VIRTIO_PCI *Pci)
{
	return MvisorConfig(Pci)->num_capsets;
}

static ULONG64 MvisorKernelMemory(const VIRTIO_PCI *Pci)
{
	return MvisorConfig(Pci)->memory_size;
}

static ULONG MvisorCapabilities(const VIRTIO_PCI *Pci)
{
	const struct mvisor_vgpu_config *Config = MvisorConfig(Pci);
	ULONG Capabilities = 0;

	if (Config->capabilities & MVISOR_VGPU_CAP_3D)
		Capabilities |= VGPU_CAP_3D;
	if (Config->staging)
		Capabilities |= VGPU_CAP_STAGING;
	if (Config->capabilities & MVISOR_VGPU_CAP_BLOB)
		Capabilities |= VGPU_CAP_BLOB | VGPU_CAP_BLOB_TEMPLATE;
	if (Config->capabilities & MVISOR_VGPU_CAP_HOST_VISIBLE)
		Capabilities |= VGPU_CAP_HOST_VISIBLE;
	return Capabilities;
}

static COMMAND *MvisorCommand(COMMAND_BATCH *Batch, ULONG Type, ULONG ContextId, ULONG Bytes)
{
	COMMAND *Command = CommandNext(Batch, Type, ContextId);

	CommandAddRequest(Command, Bytes);
	return Command;
}

static VOID MvisorGetCapsetInfo(COMMAND_BATCH *Batch, ULONG Index)
{
	COMMAND *Command =
		MvisorCommand(Batch, VIRTIO_GPU_CMD_GET_CAPSET_INFO, 0, sizeof(struct virtio_gpu_get_capset_info));
	struct virtio_gpu_get_capset_info *Request = CommandRequest(Command);

	Request->capset_index = Index;
	CommandAddAnswer(Command, VIRTIO_GPU_RESP_OK_CAPSET_INFO, sizeof(struct virtio_gpu_resp_capset_info));
}

/* The answer's header and the data are one block. */
static VOID MvisorGetCapset(COMMAND_BATCH *Batch, ULONG Id, ULONG Version, ULONG64 Physical, ULONG Bytes)
{
	COMMAND *Command = MvisorCommand(Batch, VIRTIO_GPU_CMD_GET_CAPSET, 0, sizeof(struct virtio_gpu_get_capset));
	struct virtio_gpu_get_capset *Request = CommandRequest(Command);

	Request->capset_id = Id;
	Request->capset_version = Version;
	CommandAddWrite(Command, Physical, (ULONG)sizeof(struct virtio_gpu_ctrl_hdr) + Bytes);
}

static COMMAND *MvisorContextCreate(COMMAND_BATCH *Batch, ULONG ContextId, const struct vgpu_context_create *Create)
{
	COMMAND *Command =
		MvisorCommand(Batch, VIRTIO_GPU_CMD_CTX_CREATE, ContextId, sizeof(struct virtio_gpu_ctx_create));
	struct virtio_gpu_ctx_create *Request = CommandRequest(Command);

	Request->nlen = Create->name_length;
	Request->context_init = VIRTIO_GPU_CAPSET_VIRGL2;
	RtlCopyMemory(Request->debug_name, Create->name, Create->name_length);
	return Command;
}

static COMMAND *MvisorContextDestroy(COMMAND_BATCH *Batch, ULONG ContextId)
{
	return MvisorCommand(Batch, VIRTIO_GPU_CMD_CTX_DESTROY, ContextId, sizeof(struct virtio_gpu_ctx_destroy));
}

static COMMAND *MvisorResourceCreate(COMMAND_BATCH *Batch, ULONG ResourceId, const struct vgpu_resource_create *Create)
{
	COMMAND *Command = MvisorCommand(Batch, VIRTIO_GPU_CMD_RESOURCE_CREATE_3D, Create->context_id,
		sizeof(struct virtio_gpu_resource_create_3d));
	struct virtio_gpu_resource_create_3d *Request = CommandRequest(Command);

	DialectFillCreate3d(Request, ResourceId, Create);
	return Command;
}

static COMMAND *MvisorResourceDestroy(COMMAND_BATCH *Batch, ULONG ResourceId)
{
	COMMAND *Command =
		MvisorCommand(Batch, VIRTIO_GPU_CMD_RESOURCE_UNREF, 0, sizeof(struct virtio_gpu_resource_unref));

	((struct virtio_gpu_resource_unref *)CommandRequest(Command))->resource_id = ResourceId;
	return Command;
}

static BOOLEAN MvisorBackingNeed(const SG_CURSOR *Range, DIALECT_NEED *Need)
{
	Need->Pages = 0;
	Need->Pieces = SgCount(Range->Pages, Range->Offset, Range->Left, 1);
	return Need->Pieces == 1 && Range->Left <= MAX_BACKING;
}

static COMMAND *MvisorAttachBacking(
	COMMAND_POOL *Pool, COMMAND_BATCH *Batch, ULONG ResourceId, const SG_CURSOR *Range, const DIALECT_NEED *Need)
{
	COMMAND *Command = MvisorCommand(
		Batch, VIRTIO_GPU_CMD_RESOURCE_ATTACH_BACKING, 0, sizeof(struct mvisor_vgpu_resource_attach_backing));
	struct mvisor_vgpu_resource_attach_backing *Request = CommandRequest(Command);
	SG_CURSOR Cursor = *Range;
	SG_PIECE Piece = {0};

	UNREFERENCED_PARAMETER(Pool);
	(VOID) SgNext(&Cursor, &Piece);
	Request->resource_id = ResourceId;
	Request->nr_entries = Need->Pieces;
	Request->gpa = Piece.Address;
	Request->size = Piece.Length;
	return Command;
}

static COMMAND *MvisorContextResource(COMMAND_BATCH *Batch, ULONG Type, ULONG ContextId, ULONG ResourceId)
{
	COMMAND *Command = MvisorCommand(Batch, Type, ContextId, sizeof(struct virtio_gpu_ctx_resource));

	((struct virtio_gpu_ctx_resource *)CommandRequest(Command))->resource_id = ResourceId;
	return Command;
}

static COMMAND *MvisorContextAttach(COMMAND_BATCH *Batch, ULONG ContextId, ULONG ResourceId)
{
	return MvisorContextResource(Batch, VIRTIO_GPU_CMD_CTX_ATTACH_RESOURCE, ContextId, ResourceId);
}

static COMMAND *MvisorContextDetach(COMMAND_BATCH *Batch, ULONG ContextId, ULONG ResourceId)
{
	return MvisorContextResource(Batch, VIRTIO_GPU_CMD_CTX_DETACH_RESOURCE, ContextId, ResourceId);
}

static BOOLEAN MvisorSubmitNeed(const SG_CURSOR *Stream, ULONG MaxChain, DIALECT_NEED *Need)
{
	UNREFERENCED_PARAMETER(MaxChain);
	Need->Pages = 0;
	Need->Pieces = SgCount(Stream->Pages, Stream->Offset, Stream->Left, 1);
	return Need->Pieces == 1;
}

/* A fence alone needs a stream too. Its word is in the command's own memory, where other devices answer. */
static COMMAND *MvisorSubmitBegin(
	COMMAND_POOL *Pool, COMMAND_BATCH *Batch, ULONG ContextId, ULONG Ring, ULONG Bytes, ULONG Pieces)
{
	COMMAND *Command =
		MvisorCommand(Batch, VIRTIO_GPU_CMD_SUBMIT_3D, ContextId, sizeof(struct virtio_gpu_cmd_submit));
	struct virtio_gpu_cmd_submit *Request = CommandRequest(Command);

	UNREFERENCED_PARAMETER(Pool);
	UNREFERENCED_PARAMETER(Ring);
	UNREFERENCED_PARAMETER(Pieces);
	Request->size = Bytes ? Bytes : VIRGL_NOP_BYTES;
	if (Bytes == 0)
		CommandAddRead(Command, Command->SlotPhysical + COMMAND_REQUEST_BYTES, VIRGL_NOP_BYTES);
	return Command;
}

static VOID MvisorSubmitEnd(COMMAND *Command)
{
	UNREFERENCED_PARAMETER(Command); /* no answer */
}

static COMMAND *MvisorTransfer(COMMAND_BATCH *Batch, const struct vgpu_transfer *Transfer)
{
	ULONG Type = DialectTransferType(Transfer);
	COMMAND *Command = MvisorCommand(Batch, Type, Transfer->context_id, sizeof(struct virtio_gpu_transfer_host_3d));
	struct virtio_gpu_transfer_host_3d *Request = CommandRequest(Command);

	DialectFillTransfer(Request, Transfer);
	return Command;
}

/* Guest memory behind a blob is none of this device's: it is not described to the host. */
static COMMAND *MvisorBlobCreate(COMMAND_POOL *Pool, COMMAND_BATCH *Batch, ULONG ResourceId,
	const struct vgpu_resource_create_blob *Create, const SG_CURSOR *Range, const DIALECT_NEED *Need)
{
	COMMAND *Command = MvisorCommand(Batch, VIRTIO_GPU_CMD_RESOURCE_CREATE_BLOB, Create->context_id,
		sizeof(struct mvisor_vgpu_resource_create_blob));
	struct mvisor_vgpu_resource_create_blob *Request = CommandRequest(Command);

	UNREFERENCED_PARAMETER(Pool);
	UNREFERENCED_PARAMETER(Range);
	UNREFERENCED_PARAMETER(Need);
	Request->resource_id = ResourceId;
	Request->blob_mem = Create->blob_mem;
	Request->blob_flags = Create->blob_flags;
	Request->blob_id = Create->blob_id;
	Request->size = Create->size;
	Request->format = Create->template_format;
	Request->bind = Create->template_bind;
	Request->target = Create->template_target;
	Request->width = Create->template_width;
	Request->height = Create->template_height;
	Request->depth = Create->template_depth;
	Request->array_size = Create->template_array_size;
	Request->last_level = Create->template_last_level;
	Request->nr_samples = Create->template_nr_samples;
	Request->flags = Create->template_flags;
	return Command;
}

/* The answer's length is 0, so that it is judged by what it says: MvisorBlobMapped. */
static COMMAND *MvisorBlobMap(COMMAND_BATCH *Batch, ULONG ContextId, ULONG ResourceId, ULONG64 Offset)
{
	COMMAND *Command = MvisorCommand(
		Batch, VIRTIO_GPU_CMD_RESOURCE_MAP_BLOB, ContextId, sizeof(struct mvisor_vgpu_resource_map_blob));

	UNREFERENCED_PARAMETER(Offset);
	((struct mvisor_vgpu_resource_map_blob *)CommandRequest(Command))->resource_id = ResourceId;
	CommandAddWrite(
		Command, Command->SlotPhysical + COMMAND_REQUEST_BYTES, sizeof(struct mvisor_vgpu_resp_map_info));
	return Command;
}

/* An answer that is as it was, zero, says that nothing is mapped. The caching may not be said. */
static NTSTATUS MvisorBlobMapped(const VOID *Answer, DIALECT_PLACE *Place)
{
	const struct mvisor_vgpu_resp_map_info *Info = Answer;

	if (Info->hdr.type != VIRTIO_GPU_RESP_OK_MAP_INFO)
		return Info->hdr.type ? STATUS_DEVICE_PROTOCOL_ERROR : STATUS_IO_DEVICE_ERROR;
	Place->Physical = Info->gpa;
	Place->Bytes = Info->size;
	switch (Info->map_info & VIRTIO_GPU_MAP_CACHE_MASK) {
	case VIRTIO_GPU_MAP_CACHE_UNCACHED:
		Place->Cache = VGPU_MAP_CACHE_UNCACHED;
		break;
	case VIRTIO_GPU_MAP_CACHE_WC:
		Place->Cache = VGPU_MAP_CACHE_WC;
		break;
	default:
		Place->Cache = VGPU_MAP_CACHE_CACHED;
		break;
	}
	return STATUS_SUCCESS;
}

static COMMAND *MvisorBlobUnmap(COMMAND_BATCH *Batch, ULONG ContextId, ULONG ResourceId)
{
	COMMAND *Command = MvisorCommand(
		Batch, VIRTIO_GPU_CMD_RESOURCE_UNMAP_BLOB, ContextId, sizeof(struct virtio_gpu_resource_unmap_blob));

	((struct virtio_gpu_resource_unmap_blob *)CommandRequest(Command))->resource_id = ResourceId;
	return Command;
}

const DIALECT DialectMvisor = {
	.Kind = VGPU_DEVICE_KIND_MVISOR,
	.IdsOnce = TRUE,
	/* EVENT_IDX is offered, and loses interrupts. */
	.Features = BIT(VIRTIO_F_VERSION_1) | BIT(VIRTIO_F_INDIRECT_DESC),
	.ConfigBytes = sizeof(struct mvisor_vgpu_config),
	.Queue = MVISOR_VGPU_QUEUE_COMMAND,
	.MaxBacking = MAX_BACKING,
	.MaxStream = MAX_STREAM,
	.LastFenceId = 0xffffffffu,
	.CapsetHeader = sizeof(struct virtio_gpu_ctrl_hdr),
	.CreationAttaches = TRUE,
	.ResetNeedsIdle = TRUE,
	.BlobBase = MVISOR_VGPU_BLOB_BASE,
	.Matches = MvisorMatches,
	.CapsetCount = MvisorCapsetCount,
	.KernelMemory = MvisorKernelMemory,
	.Capabilities = MvisorCapabilities,
	.GetCapsetInfo = MvisorGetCapsetInfo,
	.GetCapset = MvisorGetCapset,
	.ContextCreate = MvisorContextCreate,
	.ContextDestroy = MvisorContextDestroy,
	.ResourceCreate = MvisorResourceCreate,
	.ResourceDestroy = MvisorResourceDestroy,
	.BackingNeed = MvisorBackingNeed,
	.AttachBacking = MvisorAttachBacking,
	.ContextAttach = MvisorContextAttach,
	.ContextDetach = MvisorContextDetach,
	.SubmitNeed = MvisorSubmitNeed,
	.SubmitBegin = MvisorSubmitBegin,
	.SubmitEnd = MvisorSubmitEnd,
	.Transfer = MvisorTransfer,
	.BlobCreate = MvisorBlobCreate,
	.BlobMap = MvisorBlobMap,
	.BlobMapped = MvisorBlobMapped,
	.BlobUnmap = MvisorBlobUnmap,
};
