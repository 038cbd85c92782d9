/* SPDX-License-Identifier: MIT */
#include "dma.h"

_Use_decl_annotations_
NTSTATUS DmaAllocate(DMA_MEMORY *Memory, SIZE_T Bytes)
{
	PHYSICAL_ADDRESS Lowest = {.QuadPart = 0};
	PHYSICAL_ADDRESS Highest = {.QuadPart = -1};
	PHYSICAL_ADDRESS Boundary = {.QuadPart = 0};

	Bytes = (Bytes + VGPU_PAGE_BYTES - 1) & ~(SIZE_T)(VGPU_PAGE_BYTES - 1);
	Memory->Address = MmAllocateContiguousMemorySpecifyCache(Bytes, Lowest, Highest, Boundary, MmCached);
	Memory->Bytes = Bytes;
	if (!Memory->Address)
		return STATUS_INSUFFICIENT_RESOURCES;
	RtlZeroMemory(Memory->Address, Bytes);
	Memory->Physical = (ULONG64)MmGetPhysicalAddress(Memory->Address).QuadPart;
	return STATUS_SUCCESS;
}

_Use_decl_annotations_
VOID DmaFree(DMA_MEMORY *Memory)
{
	if (Memory->Address)
		MmFreeContiguousMemorySpecifyCache(Memory->Address, Memory->Bytes, MmCached);
	Memory->Address = NULL;
}
