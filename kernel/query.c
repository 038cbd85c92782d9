/* SPDX-License-Identifier: MIT */
#include "query.h"
#include "chunk.h"
#include "submit.h"
#include "version.h"

#define DEVICE_INFO_LEAST 64u /* bytes that every caller gets */
#define STATISTICS_LEAST 192u

_Use_decl_annotations_
NTSTATUS QueryOpen(FILE_CONTEXT *File, IOCTL_CALL *Call)
{
	struct vgpu_open *Open = Call->Buffer;
	ULONG Major = Open->abi_major;

	if (Open->flags || Open->reserved)
		return STATUS_INVALID_PARAMETER;
	Open->abi_major = VGPU_ABI_MAJOR;
	Open->abi_minor = VGPU_ABI_MINOR;
	if (Major != VGPU_ABI_MAJOR)
		return STATUS_REVISION_MISMATCH;
	return InterlockedCompareExchange(&File->Opened, 1, 0) ? STATUS_INVALID_DEVICE_STATE : STATUS_SUCCESS;
}

static VOID QueryFillDevice(GPU *Gpu, struct vgpu_device_info *Info)
{
	const PCI_IDENTITY *Identity = &Gpu->Pci.Identity;

	RtlZeroMemory(Info, sizeof(*Info));
	Info->abi_major = VGPU_ABI_MAJOR;
	Info->abi_minor = VGPU_ABI_MINOR;
	Info->driver_version = VGPU_VERSION_MAJOR << 24 | VGPU_VERSION_MINOR << 16 | VGPU_VERSION_BUILD;
	Info->device_kind = Gpu->Dialect->Kind;
	Info->capabilities = Gpu->Dialect->Capabilities(&Gpu->Pci) | (ChunkBudget(Gpu) ? VGPU_CAP_ALLOC : 0);
	Info->num_capsets = CapsetsCount(&Gpu->Capsets);
	Info->max_rings = Info->capabilities & VGPU_CAP_CONTEXT_INIT ? VGPU_MAX_RINGS : 1;
	Info->max_contexts = Gpu->Settings.MaxContexts;
	Info->max_resources = Gpu->Settings.MaxResources;
	Info->max_fences = Gpu->Settings.MaxCommands;
	Info->max_memory = (ULONG64)Gpu->Settings.MaxMemoryMiB << 20;
	Info->max_submit = SubmitMaxBytes(Gpu);
	Info->max_resource = Gpu->Dialect->MaxBacking;
	Info->device_features = Gpu->Pci.OfferedFeatures;
	Info->driver_features = Gpu->Pci.Features;
	Info->pci_vendor = Identity->Vendor;
	Info->pci_device = Identity->Device;
	Info->pci_subsystem_vendor = Identity->SubsystemVendor;
	Info->pci_subsystem_device = Identity->SubsystemDevice;
	Info->pci_revision = Identity->Revision;
	Info->pci_bus = Identity->Bus;
	Info->pci_slot = Identity->Slot;
	Info->pci_function = Identity->Function;
	Info->timeout_ms = Gpu->Settings.TimeoutMs;
}

_Use_decl_annotations_
NTSTATUS QueryDevice(FILE_CONTEXT *File, IOCTL_CALL *Call)
{
	struct vgpu_device_info Info;

	if (Call->OutputBytes < DEVICE_INFO_LEAST || Call->OutputBytes % 8)
		return STATUS_INFO_LENGTH_MISMATCH;
	QueryFillDevice(File->Gpu, &Info);
	Call->Information = Call->OutputBytes < sizeof(Info) ? Call->OutputBytes : sizeof(Info);
	RtlCopyMemory(Call->Buffer, &Info, Call->Information);
	return STATUS_SUCCESS;
}

_Use_decl_annotations_
NTSTATUS QueryCapsetInfo(FILE_CONTEXT *File, IOCTL_CALL *Call)
{
	struct vgpu_capset_info *Info = Call->Buffer;
	CAPSET Capset;

	if (Info->id || Info->max_version || Info->max_size)
		return STATUS_INVALID_PARAMETER;
	if (!CapsetsDescribe(&File->Gpu->Capsets, Info->index, &Capset)) {
		Call->Information = 0;
		return STATUS_NO_MORE_ENTRIES;
	}
	Info->id = Capset.Id;
	Info->max_version = Capset.MaxVersion;
	Info->max_size = Capset.Bytes;
	return STATUS_SUCCESS;
}

_Use_decl_annotations_
NTSTATUS QueryCapset(FILE_CONTEXT *File, IOCTL_CALL *Call)
{
	struct vgpu_capset Input = *(struct vgpu_capset *)Call->Buffer;
	ULONG Bytes;

	if (Call->OutputBytes == 0 || Call->OutputBytes > VGPU_MAX_CAPSET_SIZE)
		return STATUS_INFO_LENGTH_MISMATCH;
	/* Input and output share a buffer as long as the longer of the two. */
	Bytes = CapsetsCopy(&File->Gpu->Capsets, Input.id, Input.version, Call->Buffer, (ULONG)Call->OutputBytes);
	if (!Bytes)
		return STATUS_INVALID_PARAMETER;
	Call->Information = Bytes;
	return STATUS_SUCCESS;
}

_Use_decl_annotations_
NTSTATUS QueryStatistics(FILE_CONTEXT *File, IOCTL_CALL *Call)
{
	struct vgpu_statistics_query Query = *(struct vgpu_statistics_query *)Call->Buffer;
	struct vgpu_statistics Counters;

	if (Call->OutputBytes < STATISTICS_LEAST || Call->OutputBytes % 8)
		return STATUS_INFO_LENGTH_MISMATCH;
	if (Query.reserved || Query.scope > VGPU_SCOPE_HANDLE)
		return STATUS_INVALID_PARAMETER;
	StatsRead(Query.scope == VGPU_SCOPE_DEVICE ? &File->Gpu->Statistics : &File->Statistics, &Counters);
	Call->Information = Call->OutputBytes < sizeof(Counters) ? Call->OutputBytes : sizeof(Counters);
	RtlCopyMemory(Call->Buffer, &Counters, Call->Information);
	return STATUS_SUCCESS;
}

/* The device's messages concern everyone who uses it: whoever may load drivers may ask for them. */
_Use_decl_annotations_
NTSTATUS QuerySetTrace(FILE_CONTEXT *File, IOCTL_CALL *Call)
{
	const struct vgpu_trace *Trace = Call->Buffer;
	const LUID Privilege = {.LowPart = SE_LOAD_DRIVER_PRIVILEGE};

	if (!SeSinglePrivilegeCheck(Privilege, WdfRequestGetRequestorMode(Call->Request)))
		return STATUS_PRIVILEGE_NOT_HELD;
	if (Trace->level > TRACE_ALL || Trace->reserved)
		return STATUS_INVALID_PARAMETER;
	(VOID) InterlockedExchange(&File->Gpu->TraceLevel, (LONG)Trace->level);
	return STATUS_SUCCESS;
}
