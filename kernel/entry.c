/* SPDX-License-Identifier: MIT */
/*
 * The driver's first instruction: binds the framework, then hands over to DriverEntry; undone at unload. With
 * Microsoft's kit WdfDriverEntry.lib does the same, and this file is left out.
 */
#include "driver.h"
#include <wdf.h>

#define REGISTRY_PATH_CHARS 512u

/* What the framework's loader reads and fills; its layout for x64 is asserted below. */
typedef struct _WDF_BIND_INFO {
	ULONG Size;
	const WCHAR *Component;
	struct {
		ULONG Major;
		ULONG Minor;
		ULONG Build;
	} Version;
	ULONG FuncCount;
	const WDFFUNC **FuncTable; /* where the loader puts the table's address */
	PVOID Module;
} WDF_BIND_INFO;
C_ASSERT(sizeof(WDF_BIND_INFO) == 48);
C_ASSERT(FIELD_OFFSET(WDF_BIND_INFO, FuncTable) == 32);

NTSTATUS NTAPI WdfVersionBind(
	PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath, WDF_BIND_INFO *BindInfo, PVOID *ComponentGlobals);
NTSTATUS NTAPI WdfVersionUnbind(PUNICODE_STRING RegistryPath, WDF_BIND_INFO *BindInfo, PVOID ComponentGlobals);
DRIVER_INITIALIZE FxDriverEntry;

PWDF_DRIVER_GLOBALS WdfDriverGlobals;
const WDFFUNC *WdfFunctions;

static WDF_BIND_INFO BindInfo = {
	.Size = sizeof(BindInfo),
	.Component = L"KmdfLibrary",
	.Version = {1, 15, 0},
	.FuncCount = WdfFunctionTableNumEntries,
	.FuncTable = &WdfFunctions,
};
static PDRIVER_UNLOAD FrameworkUnload;
static UNICODE_STRING SavedPath; /* the loader's unbind wants it after the caller's is gone */
static WCHAR SavedPathBuffer[REGISTRY_PATH_CHARS];

static VOID Unbind(VOID)
{
	(VOID) WdfVersionUnbind(&SavedPath, &BindInfo, WdfDriverGlobals);
}

static VOID NTAPI Unload(PDRIVER_OBJECT DriverObject)
{
	if (FrameworkUnload)
		FrameworkUnload(DriverObject);
	Unbind();
}

static NTSTATUS SavePath(PUNICODE_STRING RegistryPath)
{
	if (RegistryPath->Length > sizeof(SavedPathBuffer))
		return STATUS_INVALID_PARAMETER;
	RtlCopyMemory(SavedPathBuffer, RegistryPath->Buffer, RegistryPath->Length);
	SavedPath.Buffer = SavedPathBuffer;
	SavedPath.Length = RegistryPath->Length;
	SavedPath.MaximumLength = sizeof(SavedPathBuffer);
	return STATUS_SUCCESS;
}

_Use_decl_annotations_
NTSTATUS NTAPI FxDriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
	NTSTATUS Status = SavePath(RegistryPath);

	if (!NT_SUCCESS(Status))
		return Status;
	Status = WdfVersionBind(DriverObject, &SavedPath, &BindInfo, (PVOID *)&WdfDriverGlobals);
	if (!NT_SUCCESS(Status))
		return Status;
	Status = DriverEntry(DriverObject, &SavedPath);
	if (!NT_SUCCESS(Status)) {
		Unbind();
		return Status;
	}
	/* The framework leaves the unload routine to the stub when it says so. */
	if (WdfDriverGlobals->DisplaceDriverUnload || DriverObject->DriverUnload) {
		FrameworkUnload = DriverObject->DriverUnload;
		DriverObject->DriverUnload = Unload;
	}
	return STATUS_SUCCESS;
}
