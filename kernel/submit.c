/* SPDX-License-Identifier: MIT */
#include "submit.h"

_Use_decl_annotations_
ULONG64 SubmitMaxBytes(const GPU *Gpu)
{
	ULONG Pieces = GpuMaxChain(Gpu) - 2; /* request and answer */

	if (Gpu->Dialect->MaxStream)
		return Gpu->Dialect->MaxStream;
	return (ULONG64)(Pieces - 1) * VGPU_PAGE_BYTES; /* the first and the last page may be used in part */
}

static VOID SubmitCount(FILE_CONTEXT *File, ULONG64 Bytes, BOOLEAN Fence, ULONG64 Copied)
{
	STATISTICS *Both[] = {&File->Statistics, &File->Gpu->Statistics};

	for (ULONG Index = 0; Index < RTL_NUMBER_OF(Both); Index++) {
		StatsAdd(&Both[Index]->Submits, 1);
		StatsAdd(&Both[Index]->SubmitBytes, (LONG64)Bytes);
		if (Fence)
			StatsAdd(&Both[Index]->Fences, 1);
		if (Copied)
			StatsAdd(&Both[Index]->BytesCopied, (LONG64)Copied);
	}
}

/* A context that can take a stream on that ring. */
static NTSTATUS SubmitFindContext(FILE_CONTEXT *File, ULONG Id, ULONG Ring, GPU_CONTEXT **Context)
{
	NTSTATUS Status = ContextFind(File, Id, Context);

	if (!NT_SUCCESS(Status))
		return Status;
	if (Ring >= (*Context)->RingCount)
		Status = STATUS_INVALID_PARAMETER;
	else if (ReadNoFence(&(*Context)->Failed))
		Status = STATUS_IO_DEVICE_ERROR;
	if (!NT_SUCCESS(Status))
		ContextRelease(*Context);
	return Status;
}

static NTSTATUS SubmitSend(GPU_CONTEXT *Context, COMMAND_BATCH *Batch, COMMAND *Command, FENCE_RING *Ring, OBJECT *Used,
	ULONG64 *FenceNumber)
{
	GPU_SEND Send = {.Batch = Batch, .Needs = {&Context->Host}};
	NTSTATUS Status;

	ContextOwnCommand(Context, Command, Ring, Used);
	Status = GpuSend(Context->Gpu, &Send);
	if (NT_SUCCESS(Status))
		*FenceNumber = Send.FenceNumber;
	else
		ContextDisownCommand(Context, Used);
	return Status;
}

/* ---- in place ---- */

static NTSTATUS SubmitCheck(const struct vgpu_submit *Submit)
{
	const struct vgpu_range *Stream = &Submit->stream;

	if (Submit->flags & ~VGPU_SUBMIT_FENCE || Submit->num_in_fences > VGPU_MAX_IN_FENCES || Submit->fence_number)
		return STATUS_INVALID_PARAMETER;
	if (Stream->reserved || Stream->offset % 4 || Stream->size % 4)
		return STATUS_INVALID_PARAMETER;
	if (Stream->size == 0 && (Stream->memory_id || Stream->offset || !(Submit->flags & VGPU_SUBMIT_FENCE)))
		return STATUS_INVALID_PARAMETER;
	for (ULONG Index = Submit->num_in_fences; Index < VGPU_MAX_IN_FENCES; Index++) {
		const struct vgpu_fence *Fence = &Submit->in_fences[Index];

		if (Fence->context_id || Fence->ring || Fence->number)
			return STATUS_INVALID_PARAMETER;
	}
	return STATUS_SUCCESS;
}

/* The device knows no fences but its own order: what another ring must finish first is waited for here. */
static NTSTATUS SubmitAwait(FILE_CONTEXT *File, const struct vgpu_submit *Submit)
{
	NTSTATUS Status = STATUS_SUCCESS;

	for (ULONG Index = 0; Index < Submit->num_in_fences && NT_SUCCESS(Status); Index++) {
		const struct vgpu_fence *Fence = &Submit->in_fences[Index];

		if (Fence->context_id != Submit->context_id || Fence->ring != Submit->ring)
			Status = ContextBlock(File, Fence);
	}
	return Status;
}

static NTSTATUS SubmitQueue(FILE_CONTEXT *File, GPU_CONTEXT *Context, MEMORY *Memory, struct vgpu_submit *Submit)
{
	GPU *Gpu = Context->Gpu;
	BOOLEAN Fence = (Submit->flags & VGPU_SUBMIT_FENCE) != 0;
	DIALECT_NEED Need = {0};
	COMMAND_BATCH Batch;
	COMMAND *Command;
	SG_CURSOR Stream;
	SG_PIECE Piece;
	NTSTATUS Status;

	if (Memory) {
		SgStart(&Stream, Memory->Pages, Submit->stream.offset, Submit->stream.size);
		if (Submit->stream.size > SubmitMaxBytes(Gpu) ||
			!Gpu->Dialect->SubmitNeed(&Stream, GpuMaxChain(Gpu), &Need))
			return STATUS_INVALID_BUFFER_SIZE;
	}
	Status = GpuReserve(Gpu, File->Account, &Batch, 1, Need.Pages);
	if (!NT_SUCCESS(Status))
		return Status;
	Command = Gpu->Dialect->SubmitBegin(
		&Gpu->Pool, &Batch, Context->Id, Submit->ring, (ULONG)Submit->stream.size, Need.Pieces);
	if (Memory)
		while (SgNext(&Stream, &Piece))
			CommandAddRead(Command, Piece.Address, Piece.Length);
	Gpu->Dialect->SubmitEnd(Command);
	return SubmitSend(Context, &Batch, Command, Fence ? &Context->Rings[Submit->ring] : NULL,
		Memory ? &Memory->Object : NULL, &Submit->fence_number);
}

_Use_decl_annotations_
NTSTATUS SubmitInPlace(FILE_CONTEXT *File, struct vgpu_submit *Submit)
{
	MEMORY *Memory = NULL;
	GPU_CONTEXT *Context;
	NTSTATUS Status = SubmitCheck(Submit);

	if (NT_SUCCESS(Status) && Submit->num_in_fences)
		Status = SubmitAwait(File, Submit);
	if (!NT_SUCCESS(Status))
		return Status;
	Status = SubmitFindContext(File, Submit->context_id, Submit->ring, &Context);
	if (!NT_SUCCESS(Status))
		return Status;
	if (Submit->stream.size) {
		Status = MemoryFindRange(File, &Submit->stream, &Memory);
		if (!NT_SUCCESS(Status))
			goto ReleaseContext;
	}
	Status = SubmitQueue(File, Context, Memory, Submit);
	if (NT_SUCCESS(Status))
		SubmitCount(File, Submit->stream.size, (Submit->flags & VGPU_SUBMIT_FENCE) != 0, 0);
	if (Memory)
		ObjectRelease(&Memory->Object);
ReleaseContext:
	ContextRelease(Context);
	return Status;
}

/* ---- copied ---- */

/* Page by page; neighbouring pages become one descriptor. */
static VOID SubmitCopyIn(GPU *Gpu, COMMAND_BATCH *Batch, COMMAND *Command, const UCHAR *Source, ULONG Bytes)
{
	while (Bytes) {
		ULONG Part = Bytes < VGPU_PAGE_BYTES ? Bytes : VGPU_PAGE_BYTES;
		ULONG64 Physical;
		PVOID Page = CommandTakePage(&Gpu->Pool, Batch, Command, &Physical);

		RtlCopyMemory(Page, Source, Part);
		CommandAddRead(Command, Physical, Part);
		Source += Part;
		Bytes -= Part;
	}
}

/* In one piece, for devices that want it so. */
typedef struct _STREAM_COPY {
	OBJECT Object; /* references: its maker's, the command's */
	DMA_MEMORY Memory;
} STREAM_COPY;

static VOID StreamCopyFree(OBJECT *Object)
{
	STREAM_COPY *Copy = CONTAINING_RECORD(Object, STREAM_COPY, Object);

	DmaFree(&Copy->Memory);
	VgpuFree(Copy);
}

static NTSTATUS StreamCopyCreate(const UCHAR *Stream, ULONG Bytes, STREAM_COPY **Created)
{
	STREAM_COPY *Copy = VgpuAllocate(sizeof(*Copy));
	NTSTATUS Status;

	if (!Copy)
		return STATUS_INSUFFICIENT_RESOURCES;
	ObjectInit(&Copy->Object, 0, StreamCopyFree);
	Status = DmaAllocate(&Copy->Memory, Bytes);
	if (!NT_SUCCESS(Status)) {
		VgpuFree(Copy);
		return Status;
	}
	RtlCopyMemory(Copy->Memory.Address, Stream, Bytes);
	*Created = Copy;
	return STATUS_SUCCESS;
}

static NTSTATUS SubmitCopyWhole(
	FILE_CONTEXT *File, GPU_CONTEXT *Context, const UCHAR *Stream, struct vgpu_submit_copy *Submit)
{
	GPU *Gpu = File->Gpu;
	BOOLEAN Fence = (Submit->flags & VGPU_SUBMIT_FENCE) != 0;
	ULONG Bytes = (ULONG)Submit->size;
	STREAM_COPY *Copy;
	COMMAND_BATCH Batch;
	COMMAND *Command;
	NTSTATUS Status = StreamCopyCreate(Stream, Bytes, &Copy);

	if (!NT_SUCCESS(Status))
		return Status;
	Status = GpuReserve(Gpu, File->Account, &Batch, 1, 0);
	if (NT_SUCCESS(Status)) {
		Command = Gpu->Dialect->SubmitBegin(&Gpu->Pool, &Batch, Context->Id, Submit->ring, Bytes, 1);
		CommandAddRead(Command, Copy->Memory.Physical, Bytes);
		Gpu->Dialect->SubmitEnd(Command);
		Status = SubmitSend(Context, &Batch, Command, Fence ? &Context->Rings[Submit->ring] : NULL,
			&Copy->Object, &Submit->fence_number);
	}
	ObjectRelease(&Copy->Object);
	return Status;
}

static NTSTATUS SubmitCopyQueue(
	FILE_CONTEXT *File, GPU_CONTEXT *Context, const UCHAR *Stream, struct vgpu_submit_copy *Submit)
{
	GPU *Gpu = File->Gpu;
	BOOLEAN Fence = (Submit->flags & VGPU_SUBMIT_FENCE) != 0;
	ULONG Bytes = (ULONG)Submit->size;
	ULONG Pages = (Bytes + VGPU_PAGE_BYTES - 1) / VGPU_PAGE_BYTES;
	COMMAND_BATCH Batch;
	COMMAND *Command;
	NTSTATUS Status = GpuReserve(Gpu, File->Account, &Batch, 1, Pages + 1);

	if (!NT_SUCCESS(Status))
		return Status;
	Command = Gpu->Dialect->SubmitBegin(&Gpu->Pool, &Batch, Context->Id, Submit->ring, Bytes, Pages);
	SubmitCopyIn(Gpu, &Batch, Command, Stream, Bytes);
	Gpu->Dialect->SubmitEnd(Command);
	return SubmitSend(
		Context, &Batch, Command, Fence ? &Context->Rings[Submit->ring] : NULL, NULL, &Submit->fence_number);
}

static NTSTATUS SubmitCheckCopied(FILE_CONTEXT *File, const struct vgpu_submit_copy *Submit)
{
	if (Submit->flags & ~VGPU_SUBMIT_FENCE || Submit->reserved || Submit->fence_number || Submit->address % 4 ||
		Submit->size % 4 || Submit->size == 0)
		return STATUS_INVALID_PARAMETER;
	if (Submit->size > SUBMIT_MAX_COPY || Submit->size > SubmitMaxBytes(File->Gpu))
		return STATUS_INVALID_BUFFER_SIZE;
	if ((ULONG64)(ULONG_PTR)Submit->address != Submit->address)
		return STATUS_INVALID_PARAMETER;
	return STATUS_SUCCESS;
}

_Use_decl_annotations_
NTSTATUS SubmitCopied(FILE_CONTEXT *File, WDFREQUEST Request, struct vgpu_submit_copy *Submit)
{
	GPU_CONTEXT *Context;
	WDFMEMORY Stream;
	NTSTATUS Status = SubmitCheckCopied(File, Submit);

	if (!NT_SUCCESS(Status))
		return Status;
	/* Before anything is reserved: reading the caller's pages may take as long as their pager likes. */
	Status = WdfRequestProbeAndLockUserBufferForRead(
		Request, (PVOID)(ULONG_PTR)Submit->address, (size_t)Submit->size, &Stream);
	if (!NT_SUCCESS(Status))
		return Status;
	Status = SubmitFindContext(File, Submit->context_id, Submit->ring, &Context);
	if (!NT_SUCCESS(Status))
		return Status;
	Status = (File->Gpu->Dialect->MaxStream ? SubmitCopyWhole : SubmitCopyQueue)(
		File, Context, WdfMemoryGetBuffer(Stream, NULL), Submit);
	if (NT_SUCCESS(Status))
		SubmitCount(File, Submit->size, (Submit->flags & VGPU_SUBMIT_FENCE) != 0, Submit->size);
	ContextRelease(Context);
	return Status;
}

/* ---- transfers ---- */

static NTSTATUS TransferQueue(
	FILE_CONTEXT *File, GPU_CONTEXT *Context, RESOURCE *Resource, struct vgpu_transfer *Transfer)
{
	GPU *Gpu = Context->Gpu;
	BOOLEAN Fence = (Transfer->flags & VGPU_TRANSFER_FENCE) != 0;
	COMMAND_BATCH Batch;
	GPU_SEND Send = {.Batch = &Batch, .Needs = {&Context->Host, &Resource->Host}};
	NTSTATUS Status = GpuReserve(Gpu, File->Account, &Batch, 1, 0);

	if (!NT_SUCCESS(Status))
		return Status;
	ContextOwnCommand(Context, Gpu->Dialect->Transfer(&Batch, Transfer), Fence ? &Context->Rings[0] : NULL,
		&Resource->Object);
	Status = GpuSend(Gpu, &Send);
	if (NT_SUCCESS(Status))
		Transfer->fence_number = Send.FenceNumber;
	else
		ContextDisownCommand(Context, &Resource->Object);
	return Status;
}

static VOID TransferCount(FILE_CONTEXT *File, BOOLEAN Fence)
{
	StatsAdd(&File->Statistics.Transfers, 1);
	StatsAdd(&File->Gpu->Statistics.Transfers, 1);
	if (Fence) {
		StatsAdd(&File->Statistics.Fences, 1);
		StatsAdd(&File->Gpu->Statistics.Fences, 1);
	}
}

_Use_decl_annotations_
NTSTATUS SubmitTransfer(FILE_CONTEXT *File, struct vgpu_transfer *Transfer)
{
	ULONG Direction = Transfer->flags & (VGPU_TRANSFER_TO_HOST | VGPU_TRANSFER_FROM_HOST);
	GPU_CONTEXT *Context;
	RESOURCE *Resource;
	NTSTATUS Status;

	if (Transfer->flags & ~(VGPU_TRANSFER_TO_HOST | VGPU_TRANSFER_FROM_HOST | VGPU_TRANSFER_FENCE) ||
		(Direction != VGPU_TRANSFER_TO_HOST && Direction != VGPU_TRANSFER_FROM_HOST) || Transfer->fence_number)
		return STATUS_INVALID_PARAMETER;
	Status = ContextFind(File, Transfer->context_id, &Context);
	if (!NT_SUCCESS(Status))
		return Status;
	Status = ResourceFind(File, Transfer->resource_id, &Resource);
	if (!NT_SUCCESS(Status))
		goto ReleaseContext;
	Status = TransferQueue(File, Context, Resource, Transfer);
	if (NT_SUCCESS(Status))
		TransferCount(File, (Transfer->flags & VGPU_TRANSFER_FENCE) != 0);
	ObjectRelease(&Resource->Object);
ReleaseContext:
	ContextRelease(Context);
	return Status;
}
