/* SPDX-License-Identifier: MIT */
#include "driver.h"
#include "device.h"
#include "process.h"

static VOID DriverUnload(WDFDRIVER Driver)
{
	ProcessesStop(ProcessesOf(Driver));
}

_Use_decl_annotations_
NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
	WDF_OBJECT_ATTRIBUTES Attributes;
	WDF_DRIVER_CONFIG Config;
	WDFDRIVER Driver;
	NTSTATUS Status;

	WDF_DRIVER_CONFIG_INIT(&Config, DeviceAdd);
	Config.DriverPoolTag = VGPU_POOL_TAG;
	Config.EvtDriverUnload = DriverUnload;
	WDF_OBJECT_ATTRIBUTES_INIT_CONTEXT_TYPE(&Attributes, PROCESSES);
	Status = WdfDriverCreate(DriverObject, RegistryPath, &Attributes, &Config, &Driver);
	if (NT_SUCCESS(Status))
		ProcessesStart(ProcessesOf(Driver));
	return Status;
}
