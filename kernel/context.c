/* SPDX-License-Identifier: MIT */
#include "context.h"
#include "blob.h"

static VOID ContextUnmapFences(GPU_CONTEXT *Context)
{
	if (Context->FencePage && Context->FenceMdl)
		MmUnmapLockedPages(Context->FencePage, Context->FenceMdl);
	Context->FencePage = NULL;
	if (Context->FenceMdl)
		IoFreeMdl(Context->FenceMdl);
	Context->FenceMdl = NULL;
	if (Context->FenceMemory)
		ObjectRelease(&Context->FenceMemory->Object);
	Context->FenceMemory = NULL;
}

static VOID ContextFree(OBJECT *Object)
{
	GPU_CONTEXT *Context = CONTAINING_RECORD(Object, GPU_CONTEXT, Object);

	ContextUnmapFences(Context);
	IdGive(&Context->Gpu->ContextIds, &Context->OnHost);
	VgpuFree(Context);
}

/* The page of numbers goes; the context goes on without. Once at most: the memory forgets whom it tells. */
static VOID ContextEvict(FILE_CONTEXT *File, OBJECT *Object)
{
	GPU_CONTEXT *Context = CONTAINING_RECORD(Object, GPU_CONTEXT, Object);

	FenceForgetPages(&File->Gpu->Fences, Context->Rings, Context->RingCount);
	ContextUnmapFences(Context);
	ContextRelease(Context);
}

static NTSTATUS ContextCheckCreate(GPU *Gpu, const struct vgpu_context_create *Create)
{
	ULONG Capabilities = Gpu->Dialect->Capabilities(&Gpu->Pci);
	ULONG Rings = Capabilities & VGPU_CAP_CONTEXT_INIT ? VGPU_MAX_RINGS : 1;

	if (Create->flags || Create->context_id || Create->num_rings == 0 || Create->name_length > VGPU_NAME_LENGTH)
		return STATUS_INVALID_PARAMETER;
	if (Create->num_rings > Rings)
		return Rings == 1 && Create->num_rings <= VGPU_MAX_RINGS ? STATUS_NOT_SUPPORTED
									 : STATUS_INVALID_PARAMETER;
	if (Create->fence_memory_id == 0 && Create->fence_offset)
		return STATUS_INVALID_PARAMETER;
	if (Create->capset_id == 0)
		return STATUS_SUCCESS;
	if (!(Capabilities & VGPU_CAP_CONTEXT_INIT))
		return STATUS_NOT_SUPPORTED;
	return CapsetsHas(&Gpu->Capsets, Create->capset_id) ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}

/* Memory of the kernel's is mapped already; of the caller's, the one page is mapped. */
static NTSTATUS ContextMapFencePage(GPU_CONTEXT *Context, ULONG64 Offset)
{
	MEMORY *Memory = Context->FenceMemory;
	PUCHAR Address = (PUCHAR)MmGetMdlVirtualAddress(Memory->Mdl) + Offset;

	if (Memory->Kernel) {
		Context->FencePage = Memory->Kernel + Offset;
		return STATUS_SUCCESS;
	}
	Context->FenceMdl = IoAllocateMdl(Address, VGPU_PAGE_BYTES, FALSE, FALSE, NULL);
	if (!Context->FenceMdl)
		return STATUS_INSUFFICIENT_RESOURCES;
	IoBuildPartialMdl(Memory->Mdl, Context->FenceMdl, Address, VGPU_PAGE_BYTES);
	Context->FencePage = MmMapLockedPagesSpecifyCache(
		Context->FenceMdl, KernelMode, MmCached, NULL, FALSE, NormalPagePriority | MdlMappingNoExecute);
	return Context->FencePage ? STATUS_SUCCESS : STATUS_INSUFFICIENT_RESOURCES;
}

static NTSTATUS ContextMapFences(FILE_CONTEXT *File, GPU_CONTEXT *Context, const struct vgpu_context_create *Create)
{
	struct vgpu_range Range = {.memory_id = Create->fence_memory_id,
		.offset = Create->fence_offset,
		.size = Create->num_rings * sizeof(ULONG64)};
	ULONG InPage = (ULONG)(Range.offset % VGPU_PAGE_BYTES);
	NTSTATUS Status;

	if (InPage % sizeof(ULONG64) || InPage + Range.size > VGPU_PAGE_BYTES)
		return STATUS_INVALID_PARAMETER;
	Status = MemoryFindRange(File, &Range, &Context->FenceMemory);
	if (!NT_SUCCESS(Status))
		return Status;
	Status = ContextMapFencePage(Context, Range.offset - InPage);
	if (!NT_SUCCESS(Status))
		return Status;
	for (ULONG Ring = 0; Ring < Context->RingCount; Ring++) {
		Context->Rings[Ring].Page = (volatile LONG64 *)((PUCHAR)Context->FencePage + InPage) + Ring;
		WriteRelease64(Context->Rings[Ring].Page, 0);
	}
	return STATUS_SUCCESS;
}

static NTSTATUS ContextAllocate(FILE_CONTEXT *File, const struct vgpu_context_create *Create, GPU_CONTEXT **Created)
{
	GPU_CONTEXT *Context = VgpuAllocate(sizeof(GPU_CONTEXT) + (Create->num_rings - 1) * sizeof(FENCE_RING));
	NTSTATUS Status = STATUS_SUCCESS;

	if (!Context)
		return STATUS_INSUFFICIENT_RESOURCES;
	Context->Gpu = File->Gpu;
	if (!IdTake(&File->Gpu->ContextIds, &Context->OnHost)) {
		VgpuFree(Context);
		return STATUS_INSUFFICIENT_RESOURCES;
	}
	Context->Id = Context->OnHost.Id;
	ObjectInit(&Context->Object, Context->Id, ContextFree);
	Context->Object.Evict = ContextEvict;
	Context->RingCount = Create->num_rings;
	for (ULONG Ring = 0; Ring < Context->RingCount; Ring++)
		FenceRingInit(&Context->Rings[Ring], NULL);
	if (Create->fence_memory_id)
		Status = ContextMapFences(File, Context, Create);
	if (NT_SUCCESS(Status))
		*Created = Context;
	else
		ContextRelease(Context);
	return Status;
}

static VOID ContextCount(FILE_CONTEXT *File, LONG Change)
{
	StatsAdd(&File->Statistics.LiveContexts, Change);
	StatsAdd(&File->Gpu->Statistics.LiveContexts, Change);
}

static VOID ContextDestroyed(COMMAND *Command)
{
	ContextRelease(Command->Owner);
}

/* With a reference that is dropped when the host has answered. Fails without effect when the host has lost it. */
static VOID ContextEndOnHost(FILE_CONTEXT *File, GPU_CONTEXT *Context)
{
	COMMAND_BATCH Batch;
	GPU_SEND Send = {.Batch = &Batch, .Ends = &Context->Host};
	COMMAND *Command;
	NTSTATUS Status = GpuReserveToEnd(Context->Gpu, File->Account, &Batch, 1, 0);

	if (NT_SUCCESS(Status)) {
		Command = Context->Gpu->Dialect->ContextDestroy(&Batch, Context->Id);
		Command->Done = ContextDestroyed;
		Command->Owner = Context;
		Status = GpuSend(Context->Gpu, &Send);
	}
	if (NT_SUCCESS(Status))
		return;
	if (GpuKeeps(Context->Gpu))
		ObjectKeep(Context->Gpu, &Context->Object);
	else
		ContextRelease(Context);
}

_Use_decl_annotations_
NTSTATUS ContextCreate(FILE_CONTEXT *File, struct vgpu_context_create *Create)
{
	GPU *Gpu = File->Gpu;
	COMMAND_BATCH Batch;
	GPU_SEND Send = {.Batch = &Batch};
	GPU_CONTEXT *Context;
	NTSTATUS Status;

	Status = ContextCheckCreate(Gpu, Create);
	if (NT_SUCCESS(Status))
		Status = FileCheckRoom(File, &File->Contexts, Gpu->Settings.MaxContexts);
	if (!NT_SUCCESS(Status))
		return Status;
	Status = ContextAllocate(File, Create, &Context);
	if (!NT_SUCCESS(Status))
		return Status;
	Status = GpuReserve(Gpu, File->Account, &Batch, 1, 0);
	if (!NT_SUCCESS(Status))
		goto Release;
	(VOID) Gpu->Dialect->ContextCreate(&Batch, Context->Id, Create);
	Send.Begins = &Context->Host;
	Status = GpuExecute(Gpu, &Send, NULL, 0);
	if (!NT_SUCCESS(Status))
		goto Release;
	Status = MemoryInsertUser(
		File, &File->Contexts, &Context->Object, Gpu->Settings.MaxContexts, Context->FenceMemory);
	if (!NT_SUCCESS(Status)) {
		ContextEndOnHost(File, Context);
		return Status;
	}
	ContextCount(File, 1);
	Create->context_id = Context->Id;
Release:
	ContextRelease(Context);
	return Status;
}

/* With the table's reference. */
static VOID ContextEnd(FILE_CONTEXT *File, GPU_CONTEXT *Context)
{
	ContextCount(File, -1);
	for (ULONG Ring = 0; Ring < Context->RingCount; Ring++)
		FenceFail(&Context->Gpu->Fences, &Context->Rings[Ring], STATUS_CANCELLED);
	BlobsEndContext(Context->Gpu, Context->Id);
	ContextEndOnHost(File, Context);
}

_Use_decl_annotations_
NTSTATUS ContextDestroy(FILE_CONTEXT *File, ULONG Id)
{
	OBJECT *Object = FileRemoveId(File, &File->Contexts, Id);

	if (!Object)
		return STATUS_INVALID_HANDLE;
	ContextEnd(File, CONTAINING_RECORD(Object, GPU_CONTEXT, Object));
	return STATUS_SUCCESS;
}

_Use_decl_annotations_
VOID ContextDestroyAll(FILE_CONTEXT *File)
{
	OBJECT *Object;

	while ((Object = FilePop(File, &File->Contexts)) != NULL)
		ContextEnd(File, CONTAINING_RECORD(Object, GPU_CONTEXT, Object));
}

_Use_decl_annotations_
NTSTATUS ContextFind(FILE_CONTEXT *File, ULONG Id, GPU_CONTEXT **Context)
{
	OBJECT *Object = FileFind(File, &File->Contexts, Id);
	NTSTATUS Status;

	*Context = NULL;
	if (!Object)
		return STATUS_INVALID_HANDLE;
	*Context = CONTAINING_RECORD(Object, GPU_CONTEXT, Object);
	Status = GpuCheck(File->Gpu, &(*Context)->Host);
	if (!NT_SUCCESS(Status)) {
		ObjectRelease(Object);
		*Context = NULL;
	}
	return Status;
}

/* ---- commands of a context ---- */

static VOID ContextCommandDone(COMMAND *Command)
{
	GPU_CONTEXT *Context = Command->Owner;
	FENCE_RING *Ring = Command->Timeline ? CONTAINING_RECORD(Command->Timeline, FENCE_RING, Given) : NULL;
	const struct virtio_gpu_ctrl_hdr *Request = CommandRequest(Command);

	if (Command->Lost) {
		if (Ring)
			FenceFail(&Context->Gpu->Fences, Ring, Command->Status);
	} else {
		if (!NT_SUCCESS(Command->Status) && Request->type == VIRTIO_GPU_CMD_SUBMIT_3D)
			(VOID) InterlockedExchange(&Context->Failed, 1);
		if (Ring)
			FenceSignal(&Context->Gpu->Fences, Ring, Command->Number);
	}
	if (Command->Second)
		ObjectRelease(Command->Second);
	ContextRelease(Context);
}

_Use_decl_annotations_
VOID ContextOwnCommand(GPU_CONTEXT *Context, COMMAND *Command, FENCE_RING *Ring, OBJECT *Used)
{
	ObjectReference(&Context->Object);
	if (Used)
		ObjectReference(Used);
	Command->Done = ContextCommandDone;
	Command->Owner = Context;
	Command->Second = Used;
	if (Ring) {
		Command->Fenced = TRUE;
		Command->Timeline = &Ring->Given;
	}
}

_Use_decl_annotations_
VOID ContextDisownCommand(GPU_CONTEXT *Context, OBJECT *Used)
{
	if (Used)
		ObjectRelease(Used);
	ContextRelease(Context);
}

/* ---- waits ---- */

/* A fence that was given out by a context of the file: a new reference to the context, and the ring. */
static NTSTATUS ContextFindFence(
	FILE_CONTEXT *File, const struct vgpu_fence *Fence, GPU_CONTEXT **Context, FENCE_RING **Ring)
{
	NTSTATUS Status = ContextFind(File, Fence->context_id, Context);

	if (!NT_SUCCESS(Status))
		return Status;
	if (Fence->ring < (*Context)->RingCount) {
		*Ring = &(*Context)->Rings[Fence->ring];
		if (Fence->number && Fence->number <= (ULONG64)ReadNoFence64((volatile LONG64 *)&(*Ring)->Given))
			return STATUS_SUCCESS;
	}
	ContextRelease(*Context);
	return STATUS_INVALID_PARAMETER;
}

_Use_decl_annotations_
NTSTATUS ContextWait(FILE_CONTEXT *File, const struct vgpu_wait *Wait)
{
	FENCE_RING *Ring;
	GPU_CONTEXT *Context;
	NTSTATUS Status = ContextFindFence(File, &Wait->fence, &Context, &Ring);

	if (!NT_SUCCESS(Status))
		return Status;
	if (Wait->fence.number > FenceCompleted(Ring))
		Status = Wait->timeout_ns ? STATUS_PENDING : STATUS_IO_TIMEOUT;
	ContextRelease(Context);
	return Status;
}

_Use_decl_annotations_
VOID ContextPendWait(FILE_CONTEXT *File, WDFREQUEST Request, const struct vgpu_wait *Wait)
{
	FENCE_RING *Ring;
	GPU_CONTEXT *Context;
	NTSTATUS Status = ContextFindFence(File, &Wait->fence, &Context, &Ring);

	if (!NT_SUCCESS(Status)) {
		StatsFailure(&File->Statistics, &File->Gpu->Statistics, Status);
		WdfRequestComplete(Request, Status);
		return;
	}
	/* A number that was given out has a command under way, which keeps the context until it ends the wait. */
	FencePend(&File->Gpu->Fences, Ring, &File->Waits, Request, Wait->fence.number, Wait->timeout_ns);
	ContextRelease(Context);
}

_Use_decl_annotations_
NTSTATUS ContextBlock(FILE_CONTEXT *File, const struct vgpu_fence *Fence)
{
	FENCE_RING *Ring;
	GPU_CONTEXT *Context;
	NTSTATUS Status = ContextFindFence(File, Fence, &Context, &Ring);

	if (!NT_SUCCESS(Status))
		return Status;
	if (Fence->number > FenceCompleted(Ring))
		Status = FenceBlock(&File->Gpu->Fences, Ring, Fence->number);
	ContextRelease(Context);
	return Status;
}
