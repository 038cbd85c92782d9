/* SPDX-License-Identifier: MIT */
/* device.c - WDFDEVICE: the choices before it is made, its interfaces, resources and bus interface. */
#include "kmdf.h"

static SIM_DEVICE *Devices;
static ULONG NextNumber;

SIM_DEVICE *SimDevices(void)
{
	return Devices;
}

void SimDeviceUnlink(SIM_DEVICE *Device)
{
	SIM_DEVICE **Link = &Devices;

	while (*Link && *Link != Device)
		Link = &(*Link)->Next;
	if (*Link)
		*Link = Device->Next;
}

/* ---- device init ---- */
static BOOLEAN InitCheck(PWDFDEVICE_INIT Init, const char *Function)
{
	SimIrqlMax(Function, PASSIVE_LEVEL);
	if (Init && !Init->Used)
		return TRUE;
	SimViolation(SimRuleWdfHandle, "%s: WDFDEVICE_INIT used after the device was made", Function);
	return FALSE;
}

static VOID DeviceInitFree(PWDF_DRIVER_GLOBALS Globals, PWDFDEVICE_INIT Init)
{
	(void)Globals;
	(void)Init;
	SimViolation(SimRuleWdfHandle, "WdfDeviceInitFree: the framework gave it, and frees it");
}

static VOID DeviceInitSetPnpPowerEventCallbacks(
	PWDF_DRIVER_GLOBALS Globals, PWDFDEVICE_INIT Init, PWDF_PNPPOWER_EVENT_CALLBACKS Callbacks)
{
	(void)Globals;
	if (InitCheck(Init, "WdfDeviceInitSetPnpPowerEventCallbacks") &&
		SimWdfSize(Callbacks->Size, sizeof(*Callbacks), "WDF_PNPPOWER_EVENT_CALLBACKS"))
		Init->Pnp = *Callbacks;
}

static VOID DeviceInitSetIoType(PWDF_DRIVER_GLOBALS Globals, PWDFDEVICE_INIT Init, WDF_DEVICE_IO_TYPE Type)
{
	(void)Globals;
	InitCheck(Init, "WdfDeviceInitSetIoType");
	if (Type == WdfDeviceIoUndefined)
		SimViolation(SimRuleWdfParameter, "WdfDeviceInitSetIoType: undefined type");
}

static VOID DeviceInitSetExclusive(PWDF_DRIVER_GLOBALS Globals, PWDFDEVICE_INIT Init, BOOLEAN Exclusive)
{
	(void)Globals;
	if (InitCheck(Init, "WdfDeviceInitSetExclusive"))
		Init->Exclusive = Exclusive;
}

static VOID DeviceInitSetDeviceType(PWDF_DRIVER_GLOBALS Globals, PWDFDEVICE_INIT Init, ULONG Type)
{
	(void)Globals;
	(void)Type;
	InitCheck(Init, "WdfDeviceInitSetDeviceType");
}

static VOID DeviceInitSetFileObjectConfig(PWDF_DRIVER_GLOBALS Globals, PWDFDEVICE_INIT Init,
	PWDF_FILEOBJECT_CONFIG Config, PWDF_OBJECT_ATTRIBUTES Attributes)
{
	(void)Globals;
	if (!InitCheck(Init, "WdfDeviceInitSetFileObjectConfig") ||
		!SimWdfSize(Config->Size, sizeof(*Config), "WDF_FILEOBJECT_CONFIG"))
		return;
	Init->File = *Config;
	if (Attributes)
		Init->FileAttributes = *Attributes;
}

static VOID DeviceInitSetRequestAttributes(
	PWDF_DRIVER_GLOBALS Globals, PWDFDEVICE_INIT Init, PWDF_OBJECT_ATTRIBUTES Attributes)
{
	(void)Globals;
	if (InitCheck(Init, "WdfDeviceInitSetRequestAttributes") &&
		SimWdfSize(Attributes->Size, sizeof(*Attributes), "WDF_OBJECT_ATTRIBUTES"))
		Init->RequestAttributes = *Attributes;
}

static VOID DeviceInitSetIoInCallerContextCallback(
	PWDF_DRIVER_GLOBALS Globals, PWDFDEVICE_INIT Init, PFN_WDF_IO_IN_CALLER_CONTEXT Callback)
{
	(void)Globals;
	if (InitCheck(Init, "WdfDeviceInitSetIoInCallerContextCallback"))
		Init->InCallerContext = Callback;
}

/* ---- the device ---- */
static NTSTATUS DeviceCreate(
	PWDF_DRIVER_GLOBALS Globals, PWDFDEVICE_INIT *Init, PWDF_OBJECT_ATTRIBUTES Attributes, WDFDEVICE *Device)
{
	SIM_DEVICE *New;
	NTSTATUS Status;

	(void)Globals;
	if (!InitCheck(*Init, "WdfDeviceCreate"))
		return STATUS_INVALID_PARAMETER;
	if (Attributes && Attributes->ParentObject)
		SimViolation(SimRuleWdfParameter, "WdfDeviceCreate: a function device's parent is the driver");
	if (SimFault("WdfDeviceCreate"))
		return STATUS_INSUFFICIENT_RESOURCES;
	New = SimObjectCreate(SimKindDevice, sizeof(*New), &SimDriver()->Object, Attributes, &Status);
	if (!New)
		return Status;
	(*Init)->Used = TRUE;
	(*Init)->Device = New;
	New->Init = **Init;
	New->Number = NextNumber++;
	InitializeListHead(&New->Queues);
	InitializeListHead(&New->Interrupts);
	InitializeListHead(&New->Files);
	New->Next = Devices;
	Devices = New;
	*Init = NULL;
	*Device = (WDFDEVICE)(void *)New;
	return STATUS_SUCCESS;
}

static NTSTATUS DeviceCreateDeviceInterface(
	PWDF_DRIVER_GLOBALS Globals, WDFDEVICE Device, const GUID *Class, PCUNICODE_STRING Reference)
{
	SIM_DEVICE *Owner = SimObjectCheck(Device, SimKindDevice, "WdfDeviceCreateDeviceInterface");

	(void)Globals;
	SimIrqlMax("WdfDeviceCreateDeviceInterface", PASSIVE_LEVEL);
	if (!Owner || (Reference && Reference->Length))
		return STATUS_INVALID_PARAMETER;
	if (SimFault("WdfDeviceCreateDeviceInterface"))
		return STATUS_INSUFFICIENT_RESOURCES;
	if (Owner->Interfaces == SIM_MAX_INTERFACES)
		return STATUS_INSUFFICIENT_RESOURCES;
	Owner->Interface[Owner->Interfaces++] = *Class;
	return STATUS_SUCCESS;
}

static VOID DeviceSetFailed(PWDF_DRIVER_GLOBALS Globals, WDFDEVICE Device, WDF_DEVICE_FAILED_ACTION Action)
{
	SIM_DEVICE *Owner = SimObjectCheck(Device, SimKindDevice, "WdfDeviceSetFailed");

	(void)Globals;
	(void)Action;
	SimIrqlMax("WdfDeviceSetFailed", DISPATCH_LEVEL);
	if (Owner)
		Owner->Failed = TRUE;
}

static WDFQUEUE DeviceGetDefaultQueue(PWDF_DRIVER_GLOBALS Globals, WDFDEVICE Device)
{
	SIM_DEVICE *Owner = SimObjectCheck(Device, SimKindDevice, "WdfDeviceGetDefaultQueue");

	(void)Globals;
	SimIrqlMax("WdfDeviceGetDefaultQueue", DISPATCH_LEVEL);
	return Owner ? (WDFQUEUE)(void *)Owner->DefaultQueue : NULL;
}

/* The addresses only identify the device: nothing of a DEVICE_OBJECT is there to read. */
static PDEVICE_OBJECT DeviceWdmGetDeviceObject(PWDF_DRIVER_GLOBALS Globals, WDFDEVICE Device)
{
	(void)Globals;
	return SimObjectCheck(Device, SimKindDevice, "WdfDeviceWdmGetDeviceObject");
}

static PDEVICE_OBJECT DeviceWdmGetPhysicalDevice(PWDF_DRIVER_GLOBALS Globals, WDFDEVICE Device)
{
	SIM_DEVICE *Owner = SimObjectCheck(Device, SimKindDevice, "WdfDeviceWdmGetPhysicalDevice");

	(void)Globals;
	return Owner ? (PDEVICE_OBJECT)(void *)Owner->Init.Function : NULL;
}

/* What the bus driver says: there is one bus, and the address is device << 16 | function. */
static NTSTATUS DeviceQueryProperty(PWDF_DRIVER_GLOBALS Globals, WDFDEVICE Device, DEVICE_REGISTRY_PROPERTY Property,
	ULONG Length, PVOID Buffer, PULONG ResultLength)
{
	SIM_DEVICE *Owner = SimObjectCheck(Device, SimKindDevice, "WdfDeviceQueryProperty");
	ULONG Value = 0;

	(void)Globals;
	SimIrqlMax("WdfDeviceQueryProperty", PASSIVE_LEVEL);
	if (!Owner)
		return STATUS_INVALID_HANDLE;
	if (SimFault("WdfDeviceQueryProperty"))
		return STATUS_INSUFFICIENT_RESOURCES;
	if (Property != DevicePropertyBusNumber && Property != DevicePropertyAddress)
		return STATUS_OBJECT_NAME_NOT_FOUND;
	if (Property == DevicePropertyAddress)
		Value = Owner->Init.Function->DeviceFunction >> 3 << 16 | (Owner->Init.Function->DeviceFunction & 7);
	*ResultLength = sizeof(Value);
	if (Length < sizeof(Value))
		return STATUS_BUFFER_TOO_SMALL;
	memcpy(Buffer, &Value, sizeof(Value));
	return STATUS_SUCCESS;
}

/* ---- the bus driver's interface ---- */
static const GUID BusInterfaceStandard = {0x496b8280, 0x6f25, 0x11d0, {0xbe, 0xaf, 0x08, 0x00, 0x2b, 0xe2, 0x09, 0x2f}};

static VOID NTAPI InterfaceReference(PVOID Context)
{
	SimObjectReference(&((SIM_DEVICE *)Context)->Object);
}

static VOID NTAPI InterfaceDereference(PVOID Context)
{
	SimObjectDereference(&((SIM_DEVICE *)Context)->Object);
}

static ULONG NTAPI GetBusData(PVOID Context, ULONG Type, PVOID Buffer, ULONG Offset, ULONG Length)
{
	SimIrqlMax("GetBusData", DISPATCH_LEVEL);
	return Type == PCI_WHICHSPACE_CONFIG && !SimFault("GetBusData")
		       ? SimPciConfigRead(((SIM_DEVICE *)Context)->Init.Function, Offset, Buffer, Length)
		       : 0;
}

static ULONG NTAPI SetBusData(PVOID Context, ULONG Type, PVOID Buffer, ULONG Offset, ULONG Length)
{
	SimIrqlMax("SetBusData", DISPATCH_LEVEL);
	return Type == PCI_WHICHSPACE_CONFIG && !SimFault("SetBusData")
		       ? SimPciConfigWrite(((SIM_DEVICE *)Context)->Init.Function, Offset, Buffer, Length)
		       : 0;
}

static NTSTATUS FdoQueryForInterface(PWDF_DRIVER_GLOBALS Globals, WDFDEVICE Fdo, const GUID *Type, PINTERFACE Interface,
	USHORT Size, USHORT Version, PVOID Specific)
{
	SIM_DEVICE *Device = SimObjectCheck(Fdo, SimKindDevice, "WdfFdoQueryForInterface");
	BUS_INTERFACE_STANDARD *Bus = (BUS_INTERFACE_STANDARD *)(void *)Interface;

	(void)Globals;
	(void)Specific;
	SimIrqlMax("WdfFdoQueryForInterface", PASSIVE_LEVEL);
	if (!Device)
		return STATUS_INVALID_HANDLE;
	if (memcmp(Type, &BusInterfaceStandard, sizeof(GUID)) != 0 || Size < sizeof(*Bus) || Version != 1)
		return STATUS_NOT_SUPPORTED;
	if (SimFault("WdfFdoQueryForInterface"))
		return STATUS_INSUFFICIENT_RESOURCES;
	memset(Bus, 0, sizeof(*Bus));
	Bus->Size = sizeof(*Bus);
	Bus->Version = 1;
	Bus->Context = Device;
	Bus->InterfaceReference = InterfaceReference;
	Bus->InterfaceDereference = InterfaceDereference;
	Bus->GetBusData = GetBusData;
	Bus->SetBusData = SetBusData;
	InterfaceReference(Device);
	return STATUS_SUCCESS;
}

/* ---- resource lists ---- */
static ULONG CmResourceListGetCount(PWDF_DRIVER_GLOBALS Globals, WDFCMRESLIST List)
{
	SIM_RESOURCES *Resources = SimObjectCheck(List, SimKindResources, "WdfCmResourceListGetCount");

	(void)Globals;
	return Resources ? Resources->Count : 0;
}

static PCM_PARTIAL_RESOURCE_DESCRIPTOR CmResourceListGetDescriptor(
	PWDF_DRIVER_GLOBALS Globals, WDFCMRESLIST List, ULONG Index)
{
	SIM_RESOURCES *Resources = SimObjectCheck(List, SimKindResources, "WdfCmResourceListGetDescriptor");

	(void)Globals;
	return Resources && Index < Resources->Count ? &Resources->Descriptors[Index] : NULL;
}

void SimWdfTableDevice(WDFFUNC *Table)
{
	SIM_WDF_ENTRY(Table, DeviceInitFree);
	SIM_WDF_ENTRY(Table, DeviceInitSetPnpPowerEventCallbacks);
	SIM_WDF_ENTRY(Table, DeviceInitSetIoType);
	SIM_WDF_ENTRY(Table, DeviceInitSetExclusive);
	SIM_WDF_ENTRY(Table, DeviceInitSetDeviceType);
	SIM_WDF_ENTRY(Table, DeviceInitSetFileObjectConfig);
	SIM_WDF_ENTRY(Table, DeviceInitSetRequestAttributes);
	SIM_WDF_ENTRY(Table, DeviceInitSetIoInCallerContextCallback);
	SIM_WDF_ENTRY(Table, DeviceCreate);
	SIM_WDF_ENTRY(Table, DeviceCreateDeviceInterface);
	SIM_WDF_ENTRY(Table, DeviceSetFailed);
	SIM_WDF_ENTRY(Table, DeviceQueryProperty);
	SIM_WDF_ENTRY(Table, DeviceGetDefaultQueue);
	SIM_WDF_ENTRY(Table, DeviceWdmGetDeviceObject);
	SIM_WDF_ENTRY(Table, DeviceWdmGetPhysicalDevice);
	SIM_WDF_ENTRY(Table, FdoQueryForInterface);
	SIM_WDF_ENTRY(Table, CmResourceListGetCount);
	SIM_WDF_ENTRY(Table, CmResourceListGetDescriptor);
}
