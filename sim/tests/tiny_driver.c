/* SPDX-License-Identifier: MIT */
/*
 * tiny_driver.c - see tiny_driver.h. Letters of the trace: A device add, P prepare, E D0 entry, I interrupts enabled,
 * C file create, U file cleanup, L file close, S surprise, i interrupts going, X D0 exit, R release, D device cleanup,
 * d device destroy, V driver unload.
 */
#include "tiny_driver.h"

TINY_HOOKS Tiny;
WDFDEVICE TinyDevice;
WDFQUEUE TinyQueue;
WDFINTERRUPT TinyInterrupt;
char TinyTrace[512];
const GUID TinyClass = {0x11223344, 0x5566, 0x7788, {1, 2, 3, 4, 5, 6, 7, 8}};

const WDFFUNC *WdfFunctions;
PWDF_DRIVER_GLOBALS WdfDriverGlobals;

struct BIND_INFO {
	ULONG Size;
	PCWSTR Component;
	ULONG Version[3];
	ULONG FuncCount;
	const WDFFUNC **FuncTable;
	PVOID Module;
};
NTSTATUS NTAPI WdfVersionBind(PDRIVER_OBJECT, PUNICODE_STRING, struct BIND_INFO *, PWDF_DRIVER_GLOBALS *);
NTSTATUS NTAPI WdfVersionUnbind(PUNICODE_STRING, struct BIND_INFO *, PWDF_DRIVER_GLOBALS);

static struct BIND_INFO Bind = {
	sizeof(Bind), L"KmdfLibrary", {1, 15, 0}, WdfFunctionTableNumEntries, &WdfFunctions, NULL};
static PDRIVER_UNLOAD FrameworkUnload;

void TinyNote(char Letter)
{
	size_t Used = strlen(TinyTrace);

	if (Used < sizeof(TinyTrace) - 1)
		TinyTrace[Used] = Letter;
}

static NTSTATUS Prepare(WDFDEVICE Device, WDFCMRESLIST Raw, WDFCMRESLIST Translated)
{
	(void)Raw;
	TinyNote('P');
	if (Tiny.Prepare)
		Tiny.Prepare(Device, Translated);
	return STATUS_SUCCESS;
}

static NTSTATUS Release(WDFDEVICE Device, WDFCMRESLIST Translated)
{
	(void)Device;
	(void)Translated;
	TinyNote('R');
	return STATUS_SUCCESS;
}

static NTSTATUS D0Entry(WDFDEVICE Device, WDF_POWER_DEVICE_STATE Previous)
{
	(void)Previous;
	TinyNote('E');
	if (Tiny.D0Entry)
		Tiny.D0Entry(Device);
	return STATUS_SUCCESS;
}

static NTSTATUS D0EntryPost(WDFDEVICE Device, WDF_POWER_DEVICE_STATE Previous)
{
	(void)Device;
	(void)Previous;
	TinyNote('I');
	return STATUS_SUCCESS;
}

static NTSTATUS D0Exit(WDFDEVICE Device, WDF_POWER_DEVICE_STATE Target)
{
	(void)Device;
	(void)Target;
	TinyNote('X');
	return STATUS_SUCCESS;
}

static NTSTATUS D0ExitPre(WDFDEVICE Device, WDF_POWER_DEVICE_STATE Target)
{
	(void)Device;
	(void)Target;
	TinyNote('i');
	return STATUS_SUCCESS;
}

static VOID Surprise(WDFDEVICE Device)
{
	(void)Device;
	TinyNote('S');
}

static VOID FileCreate(WDFDEVICE Device, WDFREQUEST Request, WDFFILEOBJECT File)
{
	(void)Device;
	(void)File;
	TinyNote('C');
	WdfRequestComplete(Request, STATUS_SUCCESS);
}

static VOID FileCleanup(WDFFILEOBJECT File)
{
	TinyNote('U');
	if (Tiny.Cleanup)
		Tiny.Cleanup(File);
}

static VOID FileClose(WDFFILEOBJECT File)
{
	(void)File;
	TinyNote('L');
}

static VOID DeviceCleanup(WDFOBJECT Object)
{
	(void)Object;
	TinyNote('D');
}

static VOID DeviceDestroy(WDFOBJECT Object)
{
	(void)Object;
	TinyNote('d');
}

static VOID Ioctl(WDFQUEUE Queue, WDFREQUEST Request, size_t OutputLength, size_t InputLength, ULONG Code)
{
	(void)Queue;
	if (Tiny.Ioctl)
		Tiny.Ioctl(Request, OutputLength, InputLength, Code);
	else
		WdfRequestComplete(Request, STATUS_SUCCESS);
}

static VOID InCaller(WDFDEVICE Device, WDFREQUEST Request)
{
	Tiny.InCaller(Device, Request);
}

static BOOLEAN Isr(WDFINTERRUPT Interrupt, ULONG Message)
{
	return Tiny.Isr ? Tiny.Isr(Interrupt, Message) : FALSE;
}

static VOID Dpc(WDFINTERRUPT Interrupt, WDFOBJECT Object)
{
	(void)Object;
	if (Tiny.Dpc)
		Tiny.Dpc(Interrupt);
}

static void SetCallbacks(PWDFDEVICE_INIT Init)
{
	WDF_PNPPOWER_EVENT_CALLBACKS Pnp;
	WDF_FILEOBJECT_CONFIG File;

	WDF_PNPPOWER_EVENT_CALLBACKS_INIT(&Pnp);
	Pnp.EvtDevicePrepareHardware = Prepare;
	Pnp.EvtDeviceReleaseHardware = Release;
	Pnp.EvtDeviceD0Entry = D0Entry;
	Pnp.EvtDeviceD0EntryPostInterruptsEnabled = D0EntryPost;
	Pnp.EvtDeviceD0Exit = D0Exit;
	Pnp.EvtDeviceD0ExitPreInterruptsDisabled = D0ExitPre;
	Pnp.EvtDeviceSurpriseRemoval = Surprise;
	WdfDeviceInitSetPnpPowerEventCallbacks(Init, &Pnp);
	WDF_FILEOBJECT_CONFIG_INIT(&File, FileCreate, FileClose, FileCleanup);
	WdfDeviceInitSetFileObjectConfig(Init, &File, WDF_NO_OBJECT_ATTRIBUTES);
	if (Tiny.InCaller)
		WdfDeviceInitSetIoInCallerContextCallback(Init, InCaller);
}

static NTSTATUS DeviceAdd(WDFDRIVER Driver, PWDFDEVICE_INIT Init)
{
	WDF_OBJECT_ATTRIBUTES Attributes;
	WDF_IO_QUEUE_CONFIG Queue;
	WDF_INTERRUPT_CONFIG Interrupt;
	NTSTATUS Status;

	(void)Driver;
	TinyNote('A');
	SetCallbacks(Init);
	WDF_OBJECT_ATTRIBUTES_INIT(&Attributes);
	Attributes.EvtCleanupCallback = DeviceCleanup;
	Attributes.EvtDestroyCallback = DeviceDestroy;
	Status = WdfDeviceCreate(&Init, &Attributes, &TinyDevice);
	if (!NT_SUCCESS(Status))
		return Status;
	WDF_INTERRUPT_CONFIG_INIT(&Interrupt, Isr, Dpc);
	Status = WdfInterruptCreate(TinyDevice, &Interrupt, WDF_NO_OBJECT_ATTRIBUTES, &TinyInterrupt);
	if (!NT_SUCCESS(Status))
		return Status;
	WDF_IO_QUEUE_CONFIG_INIT_DEFAULT_QUEUE(&Queue, Tiny.Dispatch ? Tiny.Dispatch : WdfIoQueueDispatchParallel);
	Queue.EvtIoDeviceControl = Ioctl;
	Queue.PowerManaged = Tiny.PowerManaged ? WdfTrue : WdfFalse;
	Status = WdfIoQueueCreate(TinyDevice, &Queue, WDF_NO_OBJECT_ATTRIBUTES, &TinyQueue);
	if (!NT_SUCCESS(Status))
		return Status;
	return WdfDeviceCreateDeviceInterface(TinyDevice, &TinyClass, NULL);
}

static VOID DriverUnload(WDFDRIVER Driver)
{
	(void)Driver;
	TinyNote('V');
}

static VOID NTAPI Unload(PDRIVER_OBJECT DriverObject)
{
	FrameworkUnload(DriverObject);
	WdfVersionUnbind(NULL, &Bind, WdfDriverGlobals);
}

NTSTATUS NTAPI TinyDriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
	WDF_DRIVER_CONFIG Config;
	NTSTATUS Status = WdfVersionBind(DriverObject, RegistryPath, &Bind, &WdfDriverGlobals);

	if (!NT_SUCCESS(Status))
		return Status;
	memset(TinyTrace, 0, sizeof(TinyTrace));
	WDF_DRIVER_CONFIG_INIT(&Config, DeviceAdd);
	Config.EvtDriverUnload = DriverUnload;
	Status = WdfDriverCreate(DriverObject, RegistryPath, WDF_NO_OBJECT_ATTRIBUTES, &Config, WDF_NO_HANDLE);
	FrameworkUnload = DriverObject->DriverUnload;
	DriverObject->DriverUnload = Unload;
	return Status;
}
