/* SPDX-License-Identifier: MIT */
#include "capsets.h"
#include "gpu.h"

/* ---- from the device ---- */

/* Into a new buffer. A capset that is empty or absurdly large is passed over: Data is NULL. */
static NTSTATUS CapsetsReadData(GPU *Gpu, CAPSET *Capset)
{
	ULONG Header = Gpu->Dialect->CapsetHeader;
	COMMAND_BATCH Batch;
	GPU_SEND Send = {.Batch = &Batch};
	DMA_MEMORY *Memory = &Gpu->CapsetAnswer;
	NTSTATUS Status;

	Capset->Data = NULL;
	if (Capset->Bytes == 0 || Capset->Bytes > VGPU_MAX_CAPSET_SIZE)
		return STATUS_SUCCESS;
	DmaFree(Memory); /* of a start that failed */
	Status = DmaAllocate(Memory, Header + Capset->Bytes);
	if (!NT_SUCCESS(Status))
		return Status;
	Status = GpuReserve(Gpu, NULL, &Batch, 1, 0);
	if (!NT_SUCCESS(Status))
		goto FreeMemory;
	Gpu->Dialect->GetCapset(&Batch, Capset->Id, Capset->MaxVersion, Memory->Physical, Capset->Bytes);
	Status = GpuExecute(Gpu, &Send, NULL, 0);
	if (NT_SUCCESS(Status) && Header && *(volatile ULONG *)Memory->Address != VIRTIO_GPU_RESP_OK_CAPSET)
		Status = STATUS_DEVICE_PROTOCOL_ERROR;
	if (!NT_SUCCESS(Status))
		goto FreeMemory;
	Capset->Data = VgpuAllocate(Capset->Bytes);
	if (Capset->Data)
		RtlCopyMemory(Capset->Data, (PUCHAR)Memory->Address + Header, Capset->Bytes);
	else
		Status = STATUS_INSUFFICIENT_RESOURCES;
FreeMemory:
	if (!GpuKeeps(Gpu))
		DmaFree(Memory);
	return Status;
}

static NTSTATUS CapsetsReadOne(GPU *Gpu, ULONG Index, CAPSET *Capset)
{
	struct virtio_gpu_resp_capset_info Answer;
	COMMAND_BATCH Batch;
	GPU_SEND Send = {.Batch = &Batch};
	NTSTATUS Status = GpuReserve(Gpu, NULL, &Batch, 1, 0);

	if (!NT_SUCCESS(Status))
		return Status;
	Gpu->Dialect->GetCapsetInfo(&Batch, Index);
	Status = GpuExecute(Gpu, &Send, &Answer, sizeof(Answer));
	if (!NT_SUCCESS(Status))
		return Status;
	Capset->Id = Answer.capset_id;
	Capset->MaxVersion = Answer.capset_max_version;
	Capset->Bytes = Answer.capset_max_size;
	return CapsetsReadData(Gpu, Capset);
}

static VOID CapsetListFree(CAPSET_LIST *List)
{
	while (List->Count)
		VgpuFree(List->Of[--List->Count].Data);
}

/* One by one: both do not fit on a kernel's stack twice. */
static VOID CapsetListSwap(CAPSET_LIST *One, CAPSET_LIST *Other)
{
	ULONG Count = One->Count;

	One->Count = Other->Count;
	Other->Count = Count;
	for (ULONG Index = 0; Index < CAPSETS_MAX; Index++) {
		CAPSET Capset = One->Of[Index];

		One->Of[Index] = Other->Of[Index];
		Other->Of[Index] = Capset;
	}
}

_Use_decl_annotations_
NTSTATUS CapsetsRead(GPU *Gpu)
{
	ULONG Count = Gpu->Dialect->CapsetCount(&Gpu->Pci);
	CAPSET_LIST New = {0};
	NTSTATUS Status = STATUS_SUCCESS;
	KIRQL Irql;

	for (ULONG Index = 0; Index < Count && Index < CAPSETS_MAX && NT_SUCCESS(Status); Index++) {
		CAPSET *Capset = &New.Of[New.Count];

		Status = CapsetsReadOne(Gpu, Index, Capset);
		if (NT_SUCCESS(Status) && Capset->Data)
			New.Count++;
	}
	if (!NT_SUCCESS(Status)) {
		CapsetListFree(&New);
		return Status;
	}
	KeAcquireSpinLock(&Gpu->Capsets.Lock, &Irql);
	CapsetListSwap(&Gpu->Capsets.List, &New);
	KeReleaseSpinLock(&Gpu->Capsets.Lock, Irql);
	CapsetListFree(&New);
	return STATUS_SUCCESS;
}

/* ---- for programs ---- */

_Use_decl_annotations_
VOID CapsetsInit(CAPSETS *Capsets)
{
	RtlZeroMemory(Capsets, sizeof(*Capsets));
	KeInitializeSpinLock(&Capsets->Lock);
}

_Use_decl_annotations_
VOID CapsetsFree(CAPSETS *Capsets)
{
	CapsetListFree(&Capsets->List);
}

_Use_decl_annotations_
BOOLEAN CapsetsDescribe(CAPSETS *Capsets, ULONG Index, CAPSET *Capset)
{
	BOOLEAN Found;
	KIRQL Irql;

	RtlZeroMemory(Capset, sizeof(*Capset));
	KeAcquireSpinLock(&Capsets->Lock, &Irql);
	Found = Index < Capsets->List.Count;
	if (Found)
		*Capset = Capsets->List.Of[Index];
	KeReleaseSpinLock(&Capsets->Lock, Irql);
	Capset->Data = NULL;
	return Found;
}

_Use_decl_annotations_
ULONG CapsetsCopy(CAPSETS *Capsets, ULONG Id, ULONG Version, PVOID Data, ULONG Room)
{
	ULONG Bytes = 0;
	KIRQL Irql;

	KeAcquireSpinLock(&Capsets->Lock, &Irql);
	for (ULONG Index = 0; Index < Capsets->List.Count && !Bytes; Index++) {
		const CAPSET *Capset = &Capsets->List.Of[Index];

		if (Capset->Id != Id || Version > Capset->MaxVersion)
			continue;
		Bytes = Room < Capset->Bytes ? Room : Capset->Bytes;
		RtlCopyMemory(Data, Capset->Data, Bytes);
	}
	KeReleaseSpinLock(&Capsets->Lock, Irql);
	return Bytes;
}

_Use_decl_annotations_
BOOLEAN CapsetsHas(CAPSETS *Capsets, ULONG Id)
{
	BOOLEAN Found = FALSE;
	KIRQL Irql;

	KeAcquireSpinLock(&Capsets->Lock, &Irql);
	for (ULONG Index = 0; Index < Capsets->List.Count; Index++)
		Found |= Capsets->List.Of[Index].Id == Id;
	KeReleaseSpinLock(&Capsets->Lock, Irql);
	return Found;
}

_Use_decl_annotations_
ULONG CapsetsCount(CAPSETS *Capsets)
{
	ULONG Count;
	KIRQL Irql;

	KeAcquireSpinLock(&Capsets->Lock, &Irql);
	Count = Capsets->List.Count;
	KeReleaseSpinLock(&Capsets->Lock, Irql);
	return Count;
}
