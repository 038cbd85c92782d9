/* SPDX-License-Identifier: MIT */
/* The standard device, virtio 1.x section 5.7. */
#include "dialect.h"

/* 5.7.1, 4.1.2 */
#define STANDARD_VENDOR 0x1af4u
#define STANDARD_DEVICE 0x1050u
#define MAX_BACKING_ENTRIES 16384u /* known devices refuse more */
#define ENTRIES_PER_PAGE (VGPU_PAGE_BYTES / sizeof(struct virtio_gpu_mem_entry))
/* behind either of the two commands that have entries, of which this is the longer */
#define ENTRIES_IN_SLOT \
	((COMMAND_REQUEST_BYTES - sizeof(struct virtio_gpu_resource_create_blob)) / sizeof(struct virtio_gpu_mem_entry))

#define BIT(Feature) (1ull << (Feature))

static VOID StandardNoData(COMMAND *Command, ULONG RequestBytes)
{
	CommandAddRequest(Command, RequestBytes);
	CommandAddAnswer(Command, VIRTIO_GPU_RESP_OK_NODATA, sizeof(struct virtio_gpu_ctrl_hdr));
}

static BOOLEAN StandardMatches(const PCI_IDENTITY *Identity)
{
	return Identity->Vendor == STANDARD_VENDOR && Identity->Device == STANDARD_DEVICE;
}

static ULONG StandardCapsetCount(VIRTIO_PCI *Pci)
{
	return VirtioPciDeviceConfig32(Pci, offsetof(struct virtio_gpu_config, num_capsets));
}

static ULONG StandardCapabilities(const VIRTIO_PCI *Pci)
{
	ULONG Capabilities = VGPU_CAP_PIN | VGPU_CAP_STAGING;

	if (VirtioPciHas(Pci, VIRTIO_GPU_F_VIRGL))
		Capabilities |= VGPU_CAP_3D;
	if (VirtioPciHas(Pci, VIRTIO_GPU_F_CONTEXT_INIT))
		Capabilities |= VGPU_CAP_CONTEXT_INIT;
	if (VirtioPciHas(Pci, VIRTIO_GPU_F_RESOURCE_BLOB))
		Capabilities |= VGPU_CAP_BLOB | (Pci->HostVisible.Bytes ? VGPU_CAP_HOST_VISIBLE : 0);
	return Capabilities;
}

static VOID StandardGetCapsetInfo(COMMAND_BATCH *Batch, ULONG Index)
{
	COMMAND *Command = CommandNext(Batch, VIRTIO_GPU_CMD_GET_CAPSET_INFO, 0);
	struct virtio_gpu_get_capset_info *Request = CommandRequest(Command);

	Request->capset_index = Index;
	CommandAddRequest(Command, sizeof(*Request));
	CommandAddAnswer(Command, VIRTIO_GPU_RESP_OK_CAPSET_INFO, sizeof(struct virtio_gpu_resp_capset_info));
}

static VOID StandardGetCapset(COMMAND_BATCH *Batch, ULONG Id, ULONG Version, ULONG64 Physical, ULONG Bytes)
{
	COMMAND *Command = CommandNext(Batch, VIRTIO_GPU_CMD_GET_CAPSET, 0);
	struct virtio_gpu_get_capset *Request = CommandRequest(Command);

	Request->capset_id = Id;
	Request->capset_version = Version;
	CommandAddRequest(Command, sizeof(*Request));
	/* The header goes where the answer of every command goes, the data behind it to the caller's memory. */
	CommandAddAnswer(Command, VIRTIO_GPU_RESP_OK_CAPSET, sizeof(struct virtio_gpu_resp_capset));
	CommandAddWrite(Command, Physical, Bytes);
}

static COMMAND *StandardContextCreate(COMMAND_BATCH *Batch, ULONG ContextId, const struct vgpu_context_create *Create)
{
	COMMAND *Command = CommandNext(Batch, VIRTIO_GPU_CMD_CTX_CREATE, ContextId);
	struct virtio_gpu_ctx_create *Request = CommandRequest(Command);

	Request->nlen = Create->name_length;
	Request->context_init = Create->capset_id;
	RtlCopyMemory(Request->debug_name, Create->name, Create->name_length);
	StandardNoData(Command, sizeof(*Request));
	return Command;
}

static COMMAND *StandardContextDestroy(COMMAND_BATCH *Batch, ULONG ContextId)
{
	COMMAND *Command = CommandNext(Batch, VIRTIO_GPU_CMD_CTX_DESTROY, ContextId);

	StandardNoData(Command, sizeof(struct virtio_gpu_ctx_destroy));
	return Command;
}

static COMMAND *StandardResourceCreate(
	COMMAND_BATCH *Batch, ULONG ResourceId, const struct vgpu_resource_create *Create)
{
	COMMAND *Command = CommandNext(Batch, VIRTIO_GPU_CMD_RESOURCE_CREATE_3D, 0);
	struct virtio_gpu_resource_create_3d *Request = CommandRequest(Command);

	DialectFillCreate3d(Request, ResourceId, Create);
	StandardNoData(Command, sizeof(*Request));
	return Command;
}

static COMMAND *StandardResourceDestroy(COMMAND_BATCH *Batch, ULONG ResourceId)
{
	COMMAND *Command = CommandNext(Batch, VIRTIO_GPU_CMD_RESOURCE_UNREF, 0);
	struct virtio_gpu_resource_unref *Request = CommandRequest(Command);

	Request->resource_id = ResourceId;
	StandardNoData(Command, sizeof(*Request));
	return Command;
}

static BOOLEAN StandardBackingNeed(const SG_CURSOR *Range, DIALECT_NEED *Need)
{
	Need->Pieces = SgCount(Range->Pages, Range->Offset, Range->Left, MAX_BACKING_ENTRIES);
	Need->Pages = 0;
	if (Need->Pieces > ENTRIES_IN_SLOT) {
		Need->Pages = (ULONG)((Need->Pieces + ENTRIES_PER_PAGE - 1) / ENTRIES_PER_PAGE);
		if (Need->Pages + 2 > COMMAND_SLOT_DESCRIPTORS)
			Need->Pages++; /* for the table */
	}
	return Need->Pieces <= MAX_BACKING_ENTRIES;
}

static VOID StandardEntry(struct virtio_gpu_mem_entry *Entry, const SG_PIECE *Piece)
{
	Entry->addr = Piece->Address;
	Entry->length = Piece->Length;
	Entry->padding = 0;
}

static VOID StandardEntriesInPages(
	COMMAND_POOL *Pool, COMMAND_BATCH *Batch, COMMAND *Command, SG_CURSOR *Cursor, ULONG Pieces)
{
	while (Pieces) {
		ULONG Count = Pieces < ENTRIES_PER_PAGE ? Pieces : (ULONG)ENTRIES_PER_PAGE;
		ULONG64 Physical;
		struct virtio_gpu_mem_entry *Entries = CommandTakePage(Pool, Batch, Command, &Physical);
		SG_PIECE Piece;

		for (ULONG Index = 0; Index < Count && SgNext(Cursor, &Piece); Index++)
			StandardEntry(&Entries[Index], &Piece);
		CommandAddRead(Command, Physical, Count * (ULONG)sizeof(*Entries));
		Pieces -= Count;
	}
}

/* A request of Bytes that is followed by entries for the range. */
static VOID StandardEntries(COMMAND_POOL *Pool, COMMAND_BATCH *Batch, COMMAND *Command, ULONG Bytes,
	const SG_CURSOR *Range, const DIALECT_NEED *Need)
{
	struct virtio_gpu_mem_entry *Entries = (PVOID)((PUCHAR)CommandRequest(Command) + Bytes);
	SG_CURSOR Cursor = *Range;
	SG_PIECE Piece;

	if (Need->Pieces <= ENTRIES_IN_SLOT) {
		for (ULONG Index = 0; SgNext(&Cursor, &Piece); Index++)
			StandardEntry(&Entries[Index], &Piece);
		CommandAddRequest(Command, Bytes + Need->Pieces * (ULONG)sizeof(*Entries));
	} else {
		if (Need->Pages + 1 > COMMAND_SLOT_DESCRIPTORS - 1)
			CommandUsePageTable(Pool, Batch, Command);
		CommandAddRequest(Command, Bytes);
		StandardEntriesInPages(Pool, Batch, Command, &Cursor, Need->Pieces);
	}
}

static COMMAND *StandardAttachBacking(
	COMMAND_POOL *Pool, COMMAND_BATCH *Batch, ULONG ResourceId, const SG_CURSOR *Range, const DIALECT_NEED *Need)
{
	COMMAND *Command = CommandNext(Batch, VIRTIO_GPU_CMD_RESOURCE_ATTACH_BACKING, 0);
	struct virtio_gpu_resource_attach_backing *Request = CommandRequest(Command);

	Request->resource_id = ResourceId;
	Request->nr_entries = Need->Pieces;
	StandardEntries(Pool, Batch, Command, sizeof(*Request), Range, Need);
	CommandAddAnswer(Command, VIRTIO_GPU_RESP_OK_NODATA, sizeof(struct virtio_gpu_ctrl_hdr));
	return Command;
}

static COMMAND *StandardContextResource(COMMAND_BATCH *Batch, ULONG Type, ULONG ContextId, ULONG ResourceId)
{
	COMMAND *Command = CommandNext(Batch, Type, ContextId);
	struct virtio_gpu_ctx_resource *Request = CommandRequest(Command);

	Request->resource_id = ResourceId;
	StandardNoData(Command, sizeof(*Request));
	return Command;
}

static COMMAND *StandardContextAttach(COMMAND_BATCH *Batch, ULONG ContextId, ULONG ResourceId)
{
	return StandardContextResource(Batch, VIRTIO_GPU_CMD_CTX_ATTACH_RESOURCE, ContextId, ResourceId);
}

static COMMAND *StandardContextDetach(COMMAND_BATCH *Batch, ULONG ContextId, ULONG ResourceId)
{
	return StandardContextResource(Batch, VIRTIO_GPU_CMD_CTX_DETACH_RESOURCE, ContextId, ResourceId);
}

static BOOLEAN StandardSubmitNeed(const SG_CURSOR *Stream, ULONG MaxChain, DIALECT_NEED *Need)
{
	Need->Pieces = SgCount(Stream->Pages, Stream->Offset, Stream->Left, MaxChain);
	Need->Pages = Need->Pieces + 2 > COMMAND_SLOT_DESCRIPTORS ? 1 : 0;
	return Need->Pieces + 2 <= MaxChain;
}

static COMMAND *StandardSubmitBegin(
	COMMAND_POOL *Pool, COMMAND_BATCH *Batch, ULONG ContextId, ULONG Ring, ULONG Bytes, ULONG Pieces)
{
	COMMAND *Command = CommandNext(Batch, VIRTIO_GPU_CMD_SUBMIT_3D, ContextId);
	struct virtio_gpu_cmd_submit *Request = CommandRequest(Command);

	Request->size = Bytes;
	if (Ring) {
		Request->hdr.flags = VIRTIO_GPU_FLAG_INFO_RING_IDX;
		Request->hdr.ring_idx = (uint8_t)Ring;
	}
	if (Pieces + 2 > COMMAND_SLOT_DESCRIPTORS)
		CommandUsePageTable(Pool, Batch, Command);
	CommandAddRequest(Command, sizeof(*Request));
	return Command;
}

static VOID StandardSubmitEnd(COMMAND *Command)
{
	CommandAddAnswer(Command, VIRTIO_GPU_RESP_OK_NODATA, sizeof(struct virtio_gpu_ctrl_hdr));
}

static COMMAND *StandardTransfer(COMMAND_BATCH *Batch, const struct vgpu_transfer *Transfer)
{
	ULONG Type = DialectTransferType(Transfer);
	COMMAND *Command = CommandNext(Batch, Type, Transfer->context_id);
	struct virtio_gpu_transfer_host_3d *Request = CommandRequest(Command);

	DialectFillTransfer(Request, Transfer);
	StandardNoData(Command, sizeof(*Request));
	return Command;
}

static COMMAND *StandardBlobCreate(COMMAND_POOL *Pool, COMMAND_BATCH *Batch, ULONG ResourceId,
	const struct vgpu_resource_create_blob *Create, const SG_CURSOR *Range, const DIALECT_NEED *Need)
{
	COMMAND *Command = CommandNext(Batch, VIRTIO_GPU_CMD_RESOURCE_CREATE_BLOB, Create->context_id);
	struct virtio_gpu_resource_create_blob *Request = CommandRequest(Command);

	Request->resource_id = ResourceId;
	Request->blob_mem = Create->blob_mem;
	Request->blob_flags = Create->blob_flags;
	Request->blob_id = Create->blob_id;
	Request->size = Create->size;
	if (Range) {
		Request->nr_entries = Need->Pieces;
		StandardEntries(Pool, Batch, Command, sizeof(*Request), Range, Need);
	} else {
		CommandAddRequest(Command, sizeof(*Request));
	}
	CommandAddAnswer(Command, VIRTIO_GPU_RESP_OK_NODATA, sizeof(struct virtio_gpu_ctrl_hdr));
	return Command;
}

static COMMAND *StandardBlobMap(COMMAND_BATCH *Batch, ULONG ContextId, ULONG ResourceId, ULONG64 Offset)
{
	COMMAND *Command = CommandNext(Batch, VIRTIO_GPU_CMD_RESOURCE_MAP_BLOB, 0);
	struct virtio_gpu_resource_map_blob *Request = CommandRequest(Command);

	UNREFERENCED_PARAMETER(ContextId);
	Request->resource_id = ResourceId;
	Request->offset = Offset;
	CommandAddRequest(Command, sizeof(*Request));
	CommandAddAnswer(Command, VIRTIO_GPU_RESP_OK_MAP_INFO, sizeof(struct virtio_gpu_resp_map_info));
	return Command;
}

static NTSTATUS StandardBlobMapped(const VOID *Answer, DIALECT_PLACE *Place)
{
	const struct virtio_gpu_resp_map_info *Info = Answer;

	switch (Info->map_info & VIRTIO_GPU_MAP_CACHE_MASK) {
	case VIRTIO_GPU_MAP_CACHE_NONE: /* the host does not care: its memory is memory */
	case VIRTIO_GPU_MAP_CACHE_CACHED:
		Place->Cache = VGPU_MAP_CACHE_CACHED;
		return STATUS_SUCCESS;
	case VIRTIO_GPU_MAP_CACHE_UNCACHED:
		Place->Cache = VGPU_MAP_CACHE_UNCACHED;
		return STATUS_SUCCESS;
	case VIRTIO_GPU_MAP_CACHE_WC:
		Place->Cache = VGPU_MAP_CACHE_WC;
		return STATUS_SUCCESS;
	default:
		return STATUS_DEVICE_PROTOCOL_ERROR;
	}
}

static COMMAND *StandardBlobUnmap(COMMAND_BATCH *Batch, ULONG ContextId, ULONG ResourceId)
{
	COMMAND *Command = CommandNext(Batch, VIRTIO_GPU_CMD_RESOURCE_UNMAP_BLOB, 0);
	struct virtio_gpu_resource_unmap_blob *Request = CommandRequest(Command);

	UNREFERENCED_PARAMETER(ContextId);
	Request->resource_id = ResourceId;
	StandardNoData(Command, sizeof(*Request));
	return Command;
}

const DIALECT DialectStandard = {
	.Kind = VGPU_DEVICE_KIND_STANDARD,
	.Features = BIT(VIRTIO_F_VERSION_1) | BIT(VIRTIO_F_INDIRECT_DESC) | BIT(VIRTIO_F_EVENT_IDX) |
		    BIT(VIRTIO_GPU_F_VIRGL) | BIT(VIRTIO_GPU_F_RESOURCE_BLOB) | BIT(VIRTIO_GPU_F_CONTEXT_INIT),
	.ConfigBytes = sizeof(struct virtio_gpu_config),
	.Queue = VIRTIO_GPU_QUEUE_CONTROL,
	.MaxBacking = (ULONG64)MAX_BACKING_ENTRIES * VGPU_PAGE_BYTES,
	.Matches = StandardMatches,
	.CapsetCount = StandardCapsetCount,
	.Capabilities = StandardCapabilities,
	.GetCapsetInfo = StandardGetCapsetInfo,
	.GetCapset = StandardGetCapset,
	.ContextCreate = StandardContextCreate,
	.ContextDestroy = StandardContextDestroy,
	.ResourceCreate = StandardResourceCreate,
	.ResourceDestroy = StandardResourceDestroy,
	.BackingNeed = StandardBackingNeed,
	.AttachBacking = StandardAttachBacking,
	.ContextAttach = StandardContextAttach,
	.ContextDetach = StandardContextDetach,
	.SubmitNeed = StandardSubmitNeed,
	.SubmitBegin = StandardSubmitBegin,
	.SubmitEnd = StandardSubmitEnd,
	.Transfer = StandardTransfer,
	.BlobCreate = StandardBlobCreate,
	.BlobMap = StandardBlobMap,
	.BlobMapped = StandardBlobMapped,
	.BlobUnmap = StandardBlobUnmap,
};
