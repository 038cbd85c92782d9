/* SPDX-License-Identifier: MIT */
#include "chunk.h"
#include "mapping.h"

#define CHUNK_MAX_BYTES 0x40000000ull /* of one; an MDL counts bytes with 32 bits */
#define CHUNK_UNASKED_MIB 256u /* for devices that could do without */
#define CHUNK_SHORTEST 0x10000ull /* less than this is not given for more */

typedef struct _CHUNK {
	MEMORY Memory;
	DMA_MEMORY Dma;
	MAPPING Mapping;
} CHUNK;

/* Half of what programs may have, a quarter of the machine's memory, is enough for any. */
static ULONG64 ChunkUnasked(const GPU *Gpu)
{
	ULONG64 MiB = min(CHUNK_UNASKED_MIB, Gpu->Settings.MaxDeviceMemoryMiB / 2);

	return MiB << 20;
}

_Use_decl_annotations_
ULONG64 ChunkBudget(const GPU *Gpu)
{
	ULONG64 Granted = Gpu->Dialect->KernelMemory ? Gpu->Dialect->KernelMemory(&Gpu->Pci) : 0;
	ULONG64 Set = (ULONG64)Gpu->Settings.MaxKernelMemoryMiB << 20;

	if (Gpu->Settings.MaxKernelMemoryMiB == SETTINGS_AS_GRANTED)
		return Gpu->Dialect->KernelMemory ? Granted : ChunkUnasked(Gpu);
	return Granted && Granted < Set ? Granted : Set;
}

/* Takes Bytes from the device's budget, or what is left of it if Short. 0: nothing is left. */
static ULONG64 ChunkTakeBudget(GPU *Gpu, ULONG64 Bytes, BOOLEAN Short)
{
	ULONG64 Budget = ChunkBudget(Gpu);
	LONG64 Used = ReadNoFence64(&Gpu->ChunkBytes);
	ULONG64 Left, Taken;
	LONG64 Seen;

	for (;;) {
		Left = Budget > (ULONG64)Used ? Budget - (ULONG64)Used : 0;
		Taken = Bytes <= Left ? Bytes : Short && Left >= CHUNK_SHORTEST ? Left : 0;
		if (Taken == 0)
			return 0;
		Seen = InterlockedCompareExchange64(&Gpu->ChunkBytes, Used + (LONG64)Taken, Used);
		if (Seen == Used)
			return Taken;
		Used = Seen;
	}
}

static VOID ChunkGiveBudget(GPU *Gpu, ULONG64 Bytes)
{
	(VOID) InterlockedExchangeAdd64(&Gpu->ChunkBytes, -(LONG64)Bytes);
}

/* Everything but the mapping, which is gone by now. */
static VOID ChunkDestroy(CHUNK *Chunk)
{
	if (Chunk->Memory.Mdl)
		IoFreeMdl(Chunk->Memory.Mdl);
	ChunkGiveBudget(Chunk->Memory.File->Gpu, Chunk->Dma.Bytes);
	DmaFree(&Chunk->Dma);
	VgpuFree(Chunk);
}

static VOID ChunkFree(OBJECT *Object)
{
	CHUNK *Chunk = CONTAINING_RECORD(Object, CHUNK, Memory.Object);
	FILE_CONTEXT *File = Chunk->Memory.File;

	if (Chunk->Memory.Counted)
		MemoryUncount(File, Chunk->Memory.Bytes);
	ChunkDestroy(Chunk);
	WdfObjectDereference(WdfObjectContextGetObject(File));
}

/* Out of the table. */
static VOID ChunkEnd(MEMORY *Memory)
{
	MappingDestroy(&CONTAINING_RECORD(Memory, CHUNK, Memory)->Mapping);
	ObjectRelease(&Memory->Object);
}

/* Smaller and smaller pieces, if Short, as far as memory is fragmented. */
static NTSTATUS ChunkGetPages(CHUNK *Chunk, ULONG64 Bytes, BOOLEAN Short)
{
	GPU *Gpu = Chunk->Memory.File->Gpu;
	ULONG64 Taken = ChunkTakeBudget(Gpu, Bytes, Short);
	ULONG64 Try = Taken;
	NTSTATUS Status;

	if (Taken == 0)
		return STATUS_QUOTA_EXCEEDED;
	for (;;) {
		Status = DmaAllocate(&Chunk->Dma, (SIZE_T)Try);
		if (NT_SUCCESS(Status) || !Short || Try / 2 < CHUNK_SHORTEST)
			break;
		Try = Try / 2 & ~(ULONG64)(VGPU_PAGE_BYTES - 1);
	}
	if (!NT_SUCCESS(Status))
		Chunk->Dma.Bytes = 0;
	ChunkGiveBudget(Gpu, Taken - Chunk->Dma.Bytes);
	return Status;
}

static NTSTATUS ChunkCreate(FILE_CONTEXT *File, const struct vgpu_memory_alloc *Alloc, CHUNK **Created)
{
	CHUNK *Chunk = VgpuAllocate(sizeof(*Chunk));
	MEMORY *Memory;
	NTSTATUS Status;

	if (!Chunk)
		return STATUS_INSUFFICIENT_RESOURCES;
	Memory = &Chunk->Memory;
	MemoryPrepare(Memory, File, Alloc->memory_id, ChunkFree, ChunkEnd);
	WdfObjectReference(WdfObjectContextGetObject(File));
	Status = ChunkGetPages(Chunk, Alloc->size, (Alloc->flags & VGPU_MEMORY_SHORT) != 0);
	if (!NT_SUCCESS(Status))
		goto Free;
	Memory->Kernel = Chunk->Dma.Address;
	Memory->Bytes = Chunk->Dma.Bytes;
	Memory->Mdl = IoAllocateMdl(Chunk->Dma.Address, (ULONG)Chunk->Dma.Bytes, FALSE, FALSE, NULL);
	if (!Memory->Mdl) {
		Status = STATUS_INSUFFICIENT_RESOURCES;
		goto Free;
	}
	MmBuildMdlForNonPagedPool(Memory->Mdl);
	Memory->Pages = MmGetMdlPfnArray(Memory->Mdl);
	Status = MappingCreate(&Chunk->Mapping, File, &Memory->Object, Memory->Mdl, MmCached);
	if (!NT_SUCCESS(Status))
		goto Free;
	*Created = Chunk;
	return STATUS_SUCCESS;
Free:
	ChunkFree(&Memory->Object);
	return Status;
}

static NTSTATUS ChunkCheck(const struct vgpu_memory_alloc *Alloc)
{
	if (Alloc->memory_id == 0 || Alloc->flags & ~VGPU_MEMORY_SHORT || Alloc->address)
		return STATUS_INVALID_PARAMETER;
	if (Alloc->size == 0 || Alloc->size % VGPU_PAGE_BYTES)
		return STATUS_INVALID_PARAMETER;
	return Alloc->size > CHUNK_MAX_BYTES ? STATUS_QUOTA_EXCEEDED : STATUS_SUCCESS;
}

_Use_decl_annotations_
NTSTATUS ChunkAllocate(FILE_CONTEXT *File, struct vgpu_memory_alloc *Alloc)
{
	NTSTATUS Status;
	ULONG64 Bytes;
	PVOID Address;
	CHUNK *Chunk;

	if (ChunkBudget(File->Gpu) == 0)
		return STATUS_NOT_SUPPORTED;
	Status = ChunkCheck(Alloc);
	if (NT_SUCCESS(Status))
		Status = MemoryCheckRoom(File, Alloc->flags & VGPU_MEMORY_SHORT ? CHUNK_SHORTEST : Alloc->size);
	if (NT_SUCCESS(Status))
		Status = ChunkCreate(File, Alloc, &Chunk);
	if (!NT_SUCCESS(Status))
		return Status;
	Address = Chunk->Mapping.Address;
	Bytes = Chunk->Memory.Bytes;
	Status = MemoryInsertCounted(File, &Chunk->Memory);
	if (!NT_SUCCESS(Status)) {
		ChunkEnd(&Chunk->Memory);
		return Status;
	}
	ObjectRelease(&Chunk->Memory.Object); /* the table has its own */
	Alloc->address = (ULONG64)(ULONG_PTR)Address;
	Alloc->size = Bytes;
	return STATUS_SUCCESS;
}
