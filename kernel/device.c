/* SPDX-License-Identifier: MIT */
#include "device.h"
#include "events.h"
#include "ioctl.h"
#include "resource.h"

static EVT_WDF_DEVICE_PREPARE_HARDWARE DevicePrepareHardware;
static EVT_WDF_DEVICE_RELEASE_HARDWARE DeviceReleaseHardware;
static EVT_WDF_DEVICE_D0_ENTRY DeviceD0Entry;
static EVT_WDF_DEVICE_D0_ENTRY_POST_INTERRUPTS_ENABLED DeviceD0EntryPostInterruptsEnabled;
static EVT_WDF_DEVICE_D0_EXIT DeviceD0Exit;
static EVT_WDF_DEVICE_SURPRISE_REMOVAL DeviceSurpriseRemoval;
static EVT_WDF_OBJECT_CONTEXT_CLEANUP DeviceCleanup;
static EVT_WDF_INTERRUPT_ISR DeviceIsr;
static EVT_WDF_INTERRUPT_DPC DeviceDpc;
static EVT_WDF_DEVICE_FILE_CREATE DeviceFileCreate;
static EVT_WDF_FILE_CLEANUP DeviceFileCleanup;
static EVT_WDF_FILE_CLOSE DeviceFileClose;

static const GUID DeviceInterface = VGPU_INTERFACE_GUID_INIT;

/* ---- PnP and power ---- */

/* The administrator sees why there is no device. */
static NTSTATUS DeviceTellStart(WDFDEVICE Device, NTSTATUS Status)
{
	if (Status == STATUS_NOT_SUPPORTED)
		EventWrite(Device, EVENT_NO_3D, Status);
	else if (!NT_SUCCESS(Status))
		EventWrite(Device, EVENT_NOT_STARTED, Status);
	return Status;
}

static NTSTATUS DevicePrepareHardware(WDFDEVICE Device, WDFCMRESLIST Raw, WDFCMRESLIST Translated)
{
	return DeviceTellStart(Device, GpuPrepare(&DeviceOf(Device)->Gpu, Raw, Translated));
}

static NTSTATUS DeviceReleaseHardware(WDFDEVICE Device, WDFCMRESLIST Translated)
{
	UNREFERENCED_PARAMETER(Translated);
	GpuUnprepare(&DeviceOf(Device)->Gpu);
	return STATUS_SUCCESS;
}

static NTSTATUS DeviceD0Entry(WDFDEVICE Device, WDF_POWER_DEVICE_STATE PreviousState)
{
	DEVICE_CONTEXT *Context = DeviceOf(Device);
	WDF_INTERRUPT_INFO Info;

	UNREFERENCED_PARAMETER(PreviousState);
	/* One message serves both the queue and changes of configuration; any further ones stay unused. */
	WDF_INTERRUPT_INFO_INIT(&Info);
	WdfInterruptGetInfo(Context->Interrupt, &Info);
	Context->MessageSignaled = Info.MessageSignaled;
	return DeviceTellStart(
		Device, GpuStart(&Context->Gpu, Info.MessageSignaled ? (USHORT)Info.MessageNumber : VIRTIO_NO_VECTOR));
}

static NTSTATUS DeviceD0EntryPostInterruptsEnabled(WDFDEVICE Device, WDF_POWER_DEVICE_STATE PreviousState)
{
	UNREFERENCED_PARAMETER(PreviousState);
	return DeviceTellStart(Device, GpuRun(&DeviceOf(Device)->Gpu));
}

static NTSTATUS DeviceD0Exit(WDFDEVICE Device, WDF_POWER_DEVICE_STATE TargetState)
{
	UNREFERENCED_PARAMETER(TargetState);
	GpuStop(&DeviceOf(Device)->Gpu);
	ObjectReleaseKept(&DeviceOf(Device)->Gpu);
	return STATUS_SUCCESS;
}

static VOID DeviceSurpriseRemoval(WDFDEVICE Device)
{
	GpuRemove(&DeviceOf(Device)->Gpu);
}

static VOID DeviceCleanup(WDFOBJECT Device)
{
	GpuDestroy(&DeviceOf(Device)->Gpu);
}

/* ---- interrupts ---- */

static BOOLEAN DeviceIsr(WDFINTERRUPT Interrupt, ULONG MessageId)
{
	DEVICE_CONTEXT *Context = DeviceOf(WdfInterruptGetDevice(Interrupt));

	UNREFERENCED_PARAMETER(MessageId);
	if (!Context->MessageSignaled && VirtioPciInterruptStatus(&Context->Gpu.Pci) == 0)
		return FALSE;
	StatsAdd(&Context->Gpu.Statistics.Interrupts, 1);
	(VOID) WdfInterruptQueueDpcForIsr(Interrupt);
	return TRUE;
}

static VOID DeviceDpc(WDFINTERRUPT Interrupt, WDFOBJECT Device)
{
	GPU *Gpu = &DeviceOf(Device)->Gpu;

	UNREFERENCED_PARAMETER(Interrupt);
	StatsAdd(&Gpu->Statistics.Dpcs, 1);
	GpuPoll(Gpu);
}

/* ---- files ---- */

static VOID DeviceFileCreate(WDFDEVICE Device, WDFREQUEST Request, WDFFILEOBJECT FileObject)
{
	GPU *Gpu = &DeviceOf(Device)->Gpu;
	NTSTATUS Status = FileInit(FileOf(FileObject), Gpu);

	if (NT_SUCCESS(Status))
		StatsAdd(&Gpu->Statistics.LiveHandles, 1);
	WdfRequestComplete(Request, Status); /* a handle that was refused is neither cleaned up nor closed */
}

/* The handle is gone: resources first, for they are in contexts and memory; memory last, for both use it. A process
 * that ends must not do so before its pages are unlocked. */
static VOID DeviceFileCleanup(WDFFILEOBJECT FileObject)
{
	FILE_CONTEXT *File = FileOf(FileObject);
	LEAVER Leaver;

	KeEnterCriticalRegion();
	LeaveBegin(&File->Gpu->Leavers, &Leaver);
	ResourceDestroyAll(File);
	ContextDestroyAll(File);
	MemoryReleaseAll(File);
	FileAwaitPins(File);
	LeaveEnd(&File->Gpu->Leavers, &Leaver);
	KeLeaveCriticalRegion();
}

static VOID DeviceFileClose(WDFFILEOBJECT FileObject)
{
	FILE_CONTEXT *File = FileOf(FileObject);

	FileFree(File);
	StatsAdd(&File->Gpu->Statistics.LiveHandles, -1);
}

/* ---- creation ---- */

static VOID DeviceSetUpInit(PWDFDEVICE_INIT DeviceInit)
{
	WDF_PNPPOWER_EVENT_CALLBACKS Events;
	WDF_FILEOBJECT_CONFIG Files;
	WDF_OBJECT_ATTRIBUTES Attributes;

	WDF_PNPPOWER_EVENT_CALLBACKS_INIT(&Events);
	Events.EvtDevicePrepareHardware = DevicePrepareHardware;
	Events.EvtDeviceReleaseHardware = DeviceReleaseHardware;
	Events.EvtDeviceD0Entry = DeviceD0Entry;
	Events.EvtDeviceD0EntryPostInterruptsEnabled = DeviceD0EntryPostInterruptsEnabled;
	Events.EvtDeviceD0Exit = DeviceD0Exit;
	Events.EvtDeviceSurpriseRemoval = DeviceSurpriseRemoval;
	WdfDeviceInitSetPnpPowerEventCallbacks(DeviceInit, &Events);

	WDF_FILEOBJECT_CONFIG_INIT(&Files, DeviceFileCreate, DeviceFileClose, DeviceFileCleanup);
	WDF_OBJECT_ATTRIBUTES_INIT_CONTEXT_TYPE(&Attributes, FILE_CONTEXT);
	WdfDeviceInitSetFileObjectConfig(DeviceInit, &Files, &Attributes);

	WDF_OBJECT_ATTRIBUTES_INIT_CONTEXT_TYPE(&Attributes, FENCE_WAIT);
	WdfDeviceInitSetRequestAttributes(DeviceInit, &Attributes);
	WdfDeviceInitSetIoInCallerContextCallback(DeviceInit, IoctlInCallerContext);
	WdfDeviceInitSetIoType(DeviceInit, WdfDeviceIoBuffered);
}

static NTSTATUS DeviceCreateQueue(WDFDEVICE Device)
{
	WDF_IO_QUEUE_CONFIG Config;
	WDF_OBJECT_ATTRIBUTES Attributes;

	WDF_IO_QUEUE_CONFIG_INIT_DEFAULT_QUEUE(&Config, WdfIoQueueDispatchParallel);
	Config.PowerManaged = WdfFalse; /* pinned memory and waits outlast a sleep */
	Config.EvtIoDeviceControl = IoctlPend;
	WDF_OBJECT_ATTRIBUTES_INIT(&Attributes);
	Attributes.SynchronizationScope = WdfSynchronizationScopeNone;
	return WdfIoQueueCreate(Device, &Config, &Attributes, WDF_NO_HANDLE);
}

_Use_decl_annotations_
NTSTATUS DeviceAdd(WDFDRIVER Driver, PWDFDEVICE_INIT DeviceInit)
{
	WDF_OBJECT_ATTRIBUTES Attributes;
	WDF_INTERRUPT_CONFIG Interrupt;
	DEVICE_CONTEXT *Context;
	WDFDEVICE Device;
	NTSTATUS Status;

	DeviceSetUpInit(DeviceInit);
	WDF_OBJECT_ATTRIBUTES_INIT_CONTEXT_TYPE(&Attributes, DEVICE_CONTEXT);
	Attributes.EvtCleanupCallback = DeviceCleanup;
	Status = WdfDeviceCreate(&DeviceInit, &Attributes, &Device);
	if (!NT_SUCCESS(Status))
		return Status; /* the framework frees what a failed DeviceAdd leaves behind, here and below */
	Context = DeviceOf(Device);
	SettingsRead(&Context->Gpu.Settings, Driver);
	Context->Gpu.TraceLevel = (LONG)Context->Gpu.Settings.TraceLevel;
	Status = GpuInit(&Context->Gpu, Device);
	if (!NT_SUCCESS(Status))
		return Status;
	BlobsInit(&Context->Gpu);
	Status = MemoryInit(&Context->Gpu);
	if (!NT_SUCCESS(Status))
		return Status;
	WDF_INTERRUPT_CONFIG_INIT(&Interrupt, DeviceIsr, DeviceDpc);
	Status = WdfInterruptCreate(Device, &Interrupt, WDF_NO_OBJECT_ATTRIBUTES, &Context->Interrupt);
	if (!NT_SUCCESS(Status))
		return Status;
	Status = DeviceCreateQueue(Device);
	if (!NT_SUCCESS(Status))
		return Status;
	return WdfDeviceCreateDeviceInterface(Device, &DeviceInterface, NULL);
}
