/* SPDX-License-Identifier: MIT */
/*
 * wdffunctions.h - the framework functions that the driver uses: place in the function table, type and caller.
 * Included by wdf.h only. The numbers are those of KMDF 1.15, whose table has 444 entries.
 */

typedef enum _WDFFUNCENUM {
	WdfDeviceWdmGetDeviceObjectTableIndex = 31,
	WdfDeviceWdmGetPhysicalDeviceTableIndex = 33,
	WdfDeviceInitFreeTableIndex = 54,
	WdfDeviceInitSetPnpPowerEventCallbacksTableIndex = 55,
	WdfDeviceInitSetIoTypeTableIndex = 61,
	WdfDeviceInitSetExclusiveTableIndex = 62,
	WdfDeviceInitSetDeviceTypeTableIndex = 66,
	WdfDeviceInitSetFileObjectConfigTableIndex = 71,
	WdfDeviceInitSetRequestAttributesTableIndex = 72,
	WdfDeviceInitSetIoInCallerContextCallbackTableIndex = 74,
	WdfDeviceCreateTableIndex = 75,
	WdfDeviceCreateDeviceInterfaceTableIndex = 77,
	WdfDeviceQueryPropertyTableIndex = 81,
	WdfDeviceSetFailedTableIndex = 87,
	WdfDeviceEnqueueRequestTableIndex = 91,
	WdfDeviceGetDefaultQueueTableIndex = 92,
	WdfDriverCreateTableIndex = 116,
	WdfDriverOpenParametersRegistryKeyTableIndex = 119,
	WdfFdoQueryForInterfaceTableIndex = 131,
	WdfFileObjectGetDeviceTableIndex = 139,
	WdfInterruptCreateTableIndex = 141,
	WdfInterruptQueueDpcForIsrTableIndex = 142,
	WdfInterruptSynchronizeTableIndex = 143,
	WdfInterruptAcquireLockTableIndex = 144,
	WdfInterruptReleaseLockTableIndex = 145,
	WdfInterruptGetInfoTableIndex = 149,
	WdfInterruptGetDeviceTableIndex = 151,
	WdfIoQueueCreateTableIndex = 152,
	WdfIoQueueStartTableIndex = 154,
	WdfIoQueueStopTableIndex = 155,
	WdfIoQueueGetDeviceTableIndex = 157,
	WdfIoQueuePurgeSynchronouslyTableIndex = 164,
	WdfIoQueuePurgeTableIndex = 165,
	WdfMemoryGetBufferTableIndex = 194,
	WdfObjectGetTypedContextWorkerTableIndex = 202,
	WdfObjectAllocateContextTableIndex = 203,
	WdfObjectContextGetObjectTableIndex = 204,
	WdfObjectReferenceActualTableIndex = 205,
	WdfObjectDereferenceActualTableIndex = 206,
	WdfObjectDeleteTableIndex = 208,
	WdfRegistryCloseTableIndex = 231,
	WdfRegistryQueryULongTableIndex = 240,
	WdfRequestUnmarkCancelableTableIndex = 256,
	WdfRequestIsCanceledTableIndex = 257,
	WdfRequestIsFrom32BitProcessTableIndex = 259,
	WdfRequestCompleteTableIndex = 263,
	WdfRequestCompleteWithInformationTableIndex = 265,
	WdfRequestGetParametersTableIndex = 266,
	WdfRequestRetrieveInputBufferTableIndex = 269,
	WdfRequestRetrieveOutputBufferTableIndex = 270,
	WdfRequestRetrieveOutputWdmMdlTableIndex = 272,
	WdfRequestRetrieveUnsafeUserInputBufferTableIndex = 273,
	WdfRequestRetrieveUnsafeUserOutputBufferTableIndex = 274,
	WdfRequestGetFileObjectTableIndex = 277,
	WdfRequestProbeAndLockUserBufferForReadTableIndex = 278,
	WdfRequestProbeAndLockUserBufferForWriteTableIndex = 279,
	WdfRequestGetRequestorModeTableIndex = 280,
	WdfRequestGetIoQueueTableIndex = 282,
	WdfCmResourceListGetCountTableIndex = 304,
	WdfCmResourceListGetDescriptorTableIndex = 305,
	WdfTimerCreateTableIndex = 318,
	WdfTimerStartTableIndex = 319,
	WdfTimerStopTableIndex = 320,
	WdfTimerGetParentObjectTableIndex = 321,
	WdfWorkItemCreateTableIndex = 379,
	WdfWorkItemEnqueueTableIndex = 380,
	WdfWorkItemGetParentObjectTableIndex = 381,
	WdfWorkItemFlushTableIndex = 382,
	WdfRequestMarkCancelableExTableIndex = 393,
	WdfFunctionTableNumEntries = 444
} WDFFUNCENUM;

typedef PDEVICE_OBJECT (*PFN_WDFDEVICEWDMGETDEVICEOBJECT)(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDEVICE Device);
_IRQL_requires_max_(DISPATCH_LEVEL)
FORCEINLINE PDEVICE_OBJECT WdfDeviceWdmGetDeviceObject(WDFDEVICE Device)
{
	return ((PFN_WDFDEVICEWDMGETDEVICEOBJECT)(PVOID)WdfFunctions[WdfDeviceWdmGetDeviceObjectTableIndex])(
		WdfDriverGlobals, Device);
}

typedef PDEVICE_OBJECT (*PFN_WDFDEVICEWDMGETPHYSICALDEVICE)(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDEVICE Device);
_IRQL_requires_max_(DISPATCH_LEVEL)
FORCEINLINE PDEVICE_OBJECT WdfDeviceWdmGetPhysicalDevice(WDFDEVICE Device)
{
	return ((PFN_WDFDEVICEWDMGETPHYSICALDEVICE)(PVOID)WdfFunctions[WdfDeviceWdmGetPhysicalDeviceTableIndex])(
		WdfDriverGlobals, Device);
}

typedef NTSTATUS (*PFN_WDFDEVICEQUERYPROPERTY)(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDEVICE Device,
	DEVICE_REGISTRY_PROPERTY DeviceProperty, ULONG BufferLength, PVOID PropertyBuffer, PULONG ResultLength);
_IRQL_requires_max_(PASSIVE_LEVEL)
FORCEINLINE NTSTATUS WdfDeviceQueryProperty(WDFDEVICE Device, DEVICE_REGISTRY_PROPERTY DeviceProperty,
	ULONG BufferLength, PVOID PropertyBuffer, PULONG ResultLength)
{
	return ((PFN_WDFDEVICEQUERYPROPERTY)(PVOID)WdfFunctions[WdfDeviceQueryPropertyTableIndex])(
		WdfDriverGlobals, Device, DeviceProperty, BufferLength, PropertyBuffer, ResultLength);
}

typedef VOID (*PFN_WDFDEVICEINITFREE)(PWDF_DRIVER_GLOBALS DriverGlobals, PWDFDEVICE_INIT DeviceInit);
_IRQL_requires_max_(DISPATCH_LEVEL)
FORCEINLINE VOID WdfDeviceInitFree(PWDFDEVICE_INIT DeviceInit)
{
	((PFN_WDFDEVICEINITFREE)(PVOID)WdfFunctions[WdfDeviceInitFreeTableIndex])(WdfDriverGlobals, DeviceInit);
}

typedef VOID (*PFN_WDFDEVICEINITSETPNPPOWEREVENTCALLBACKS)(PWDF_DRIVER_GLOBALS DriverGlobals,
	PWDFDEVICE_INIT DeviceInit, PWDF_PNPPOWER_EVENT_CALLBACKS PnpPowerEventCallbacks);
_IRQL_requires_max_(DISPATCH_LEVEL)
FORCEINLINE VOID WdfDeviceInitSetPnpPowerEventCallbacks(
	PWDFDEVICE_INIT DeviceInit, PWDF_PNPPOWER_EVENT_CALLBACKS PnpPowerEventCallbacks)
{
	((PFN_WDFDEVICEINITSETPNPPOWEREVENTCALLBACKS)(PVOID)
			WdfFunctions[WdfDeviceInitSetPnpPowerEventCallbacksTableIndex])(
		WdfDriverGlobals, DeviceInit, PnpPowerEventCallbacks);
}

typedef VOID (*PFN_WDFDEVICEINITSETIOTYPE)(
	PWDF_DRIVER_GLOBALS DriverGlobals, PWDFDEVICE_INIT DeviceInit, WDF_DEVICE_IO_TYPE IoType);
_IRQL_requires_max_(DISPATCH_LEVEL)
FORCEINLINE VOID WdfDeviceInitSetIoType(PWDFDEVICE_INIT DeviceInit, WDF_DEVICE_IO_TYPE IoType)
{
	((PFN_WDFDEVICEINITSETIOTYPE)(PVOID)WdfFunctions[WdfDeviceInitSetIoTypeTableIndex])(
		WdfDriverGlobals, DeviceInit, IoType);
}

typedef VOID (*PFN_WDFDEVICEINITSETEXCLUSIVE)(
	PWDF_DRIVER_GLOBALS DriverGlobals, PWDFDEVICE_INIT DeviceInit, BOOLEAN IsExclusive);
_IRQL_requires_max_(DISPATCH_LEVEL)
FORCEINLINE VOID WdfDeviceInitSetExclusive(PWDFDEVICE_INIT DeviceInit, BOOLEAN IsExclusive)
{
	((PFN_WDFDEVICEINITSETEXCLUSIVE)(PVOID)WdfFunctions[WdfDeviceInitSetExclusiveTableIndex])(
		WdfDriverGlobals, DeviceInit, IsExclusive);
}

typedef VOID (*PFN_WDFDEVICEINITSETDEVICETYPE)(
	PWDF_DRIVER_GLOBALS DriverGlobals, PWDFDEVICE_INIT DeviceInit, ULONG DeviceType);
_IRQL_requires_max_(DISPATCH_LEVEL)
FORCEINLINE VOID WdfDeviceInitSetDeviceType(PWDFDEVICE_INIT DeviceInit, ULONG DeviceType)
{
	((PFN_WDFDEVICEINITSETDEVICETYPE)(PVOID)WdfFunctions[WdfDeviceInitSetDeviceTypeTableIndex])(
		WdfDriverGlobals, DeviceInit, DeviceType);
}

typedef VOID (*PFN_WDFDEVICEINITSETFILEOBJECTCONFIG)(PWDF_DRIVER_GLOBALS DriverGlobals, PWDFDEVICE_INIT DeviceInit,
	PWDF_FILEOBJECT_CONFIG FileObjectConfig, PWDF_OBJECT_ATTRIBUTES FileObjectAttributes);
_IRQL_requires_max_(DISPATCH_LEVEL)
FORCEINLINE VOID WdfDeviceInitSetFileObjectConfig(PWDFDEVICE_INIT DeviceInit, PWDF_FILEOBJECT_CONFIG FileObjectConfig,
	PWDF_OBJECT_ATTRIBUTES FileObjectAttributes)
{
	((PFN_WDFDEVICEINITSETFILEOBJECTCONFIG)(PVOID)WdfFunctions[WdfDeviceInitSetFileObjectConfigTableIndex])(
		WdfDriverGlobals, DeviceInit, FileObjectConfig, FileObjectAttributes);
}

typedef VOID (*PFN_WDFDEVICEINITSETREQUESTATTRIBUTES)(
	PWDF_DRIVER_GLOBALS DriverGlobals, PWDFDEVICE_INIT DeviceInit, PWDF_OBJECT_ATTRIBUTES RequestAttributes);
_IRQL_requires_max_(DISPATCH_LEVEL)
FORCEINLINE VOID WdfDeviceInitSetRequestAttributes(PWDFDEVICE_INIT DeviceInit, PWDF_OBJECT_ATTRIBUTES RequestAttributes)
{
	((PFN_WDFDEVICEINITSETREQUESTATTRIBUTES)(PVOID)WdfFunctions[WdfDeviceInitSetRequestAttributesTableIndex])(
		WdfDriverGlobals, DeviceInit, RequestAttributes);
}

typedef VOID (*PFN_WDFDEVICEINITSETIOINCALLERCONTEXTCALLBACK)(PWDF_DRIVER_GLOBALS DriverGlobals,
	PWDFDEVICE_INIT DeviceInit, PFN_WDF_IO_IN_CALLER_CONTEXT EvtIoInCallerContext);
_IRQL_requires_max_(DISPATCH_LEVEL)
FORCEINLINE VOID WdfDeviceInitSetIoInCallerContextCallback(
	PWDFDEVICE_INIT DeviceInit, PFN_WDF_IO_IN_CALLER_CONTEXT EvtIoInCallerContext)
{
	((PFN_WDFDEVICEINITSETIOINCALLERCONTEXTCALLBACK)(PVOID)
			WdfFunctions[WdfDeviceInitSetIoInCallerContextCallbackTableIndex])(
		WdfDriverGlobals, DeviceInit, EvtIoInCallerContext);
}

typedef NTSTATUS (*PFN_WDFDEVICECREATE)(PWDF_DRIVER_GLOBALS DriverGlobals, PWDFDEVICE_INIT *DeviceInit,
	PWDF_OBJECT_ATTRIBUTES DeviceAttributes, WDFDEVICE *Device);
_IRQL_requires_max_(PASSIVE_LEVEL)
_Must_inspect_result_
FORCEINLINE NTSTATUS WdfDeviceCreate(
	PWDFDEVICE_INIT *DeviceInit, PWDF_OBJECT_ATTRIBUTES DeviceAttributes, WDFDEVICE *Device)
{
	return ((PFN_WDFDEVICECREATE)(PVOID)WdfFunctions[WdfDeviceCreateTableIndex])(
		WdfDriverGlobals, DeviceInit, DeviceAttributes, Device);
}

typedef NTSTATUS (*PFN_WDFDEVICECREATEDEVICEINTERFACE)(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDEVICE Device,
	const GUID *InterfaceClassGUID, PCUNICODE_STRING ReferenceString);
_IRQL_requires_max_(PASSIVE_LEVEL)
_Must_inspect_result_
FORCEINLINE NTSTATUS WdfDeviceCreateDeviceInterface(
	WDFDEVICE Device, const GUID *InterfaceClassGUID, PCUNICODE_STRING ReferenceString)
{
	return ((PFN_WDFDEVICECREATEDEVICEINTERFACE)(PVOID)WdfFunctions[WdfDeviceCreateDeviceInterfaceTableIndex])(
		WdfDriverGlobals, Device, InterfaceClassGUID, ReferenceString);
}

typedef VOID (*PFN_WDFDEVICESETFAILED)(
	PWDF_DRIVER_GLOBALS DriverGlobals, WDFDEVICE Device, WDF_DEVICE_FAILED_ACTION FailedAction);
_IRQL_requires_max_(DISPATCH_LEVEL)
FORCEINLINE VOID WdfDeviceSetFailed(WDFDEVICE Device, WDF_DEVICE_FAILED_ACTION FailedAction)
{
	((PFN_WDFDEVICESETFAILED)(PVOID)WdfFunctions[WdfDeviceSetFailedTableIndex])(
		WdfDriverGlobals, Device, FailedAction);
}

typedef NTSTATUS (*PFN_WDFDEVICEENQUEUEREQUEST)(
	PWDF_DRIVER_GLOBALS DriverGlobals, WDFDEVICE Device, WDFREQUEST Request);
_IRQL_requires_max_(DISPATCH_LEVEL)
_Must_inspect_result_
FORCEINLINE NTSTATUS WdfDeviceEnqueueRequest(WDFDEVICE Device, WDFREQUEST Request)
{
	return ((PFN_WDFDEVICEENQUEUEREQUEST)(PVOID)WdfFunctions[WdfDeviceEnqueueRequestTableIndex])(
		WdfDriverGlobals, Device, Request);
}

typedef WDFQUEUE (*PFN_WDFDEVICEGETDEFAULTQUEUE)(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDEVICE Device);
_IRQL_requires_max_(DISPATCH_LEVEL)
FORCEINLINE WDFQUEUE WdfDeviceGetDefaultQueue(WDFDEVICE Device)
{
	return ((PFN_WDFDEVICEGETDEFAULTQUEUE)(PVOID)WdfFunctions[WdfDeviceGetDefaultQueueTableIndex])(
		WdfDriverGlobals, Device);
}

typedef NTSTATUS (*PFN_WDFDRIVERCREATE)(PWDF_DRIVER_GLOBALS DriverGlobals, PDRIVER_OBJECT DriverObject,
	PCUNICODE_STRING RegistryPath, PWDF_OBJECT_ATTRIBUTES DriverAttributes, PWDF_DRIVER_CONFIG DriverConfig,
	WDFDRIVER *Driver);
_IRQL_requires_max_(PASSIVE_LEVEL)
_Must_inspect_result_
FORCEINLINE NTSTATUS WdfDriverCreate(PDRIVER_OBJECT DriverObject, PCUNICODE_STRING RegistryPath,
	PWDF_OBJECT_ATTRIBUTES DriverAttributes, PWDF_DRIVER_CONFIG DriverConfig, WDFDRIVER *Driver)
{
	return ((PFN_WDFDRIVERCREATE)(PVOID)WdfFunctions[WdfDriverCreateTableIndex])(
		WdfDriverGlobals, DriverObject, RegistryPath, DriverAttributes, DriverConfig, Driver);
}

typedef NTSTATUS (*PFN_WDFDRIVEROPENPARAMETERSREGISTRYKEY)(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDRIVER Driver,
	ACCESS_MASK DesiredAccess, PWDF_OBJECT_ATTRIBUTES KeyAttributes, WDFKEY *Key);
_IRQL_requires_max_(PASSIVE_LEVEL)
_Must_inspect_result_
FORCEINLINE NTSTATUS WdfDriverOpenParametersRegistryKey(
	WDFDRIVER Driver, ACCESS_MASK DesiredAccess, PWDF_OBJECT_ATTRIBUTES KeyAttributes, WDFKEY *Key)
{
	return ((PFN_WDFDRIVEROPENPARAMETERSREGISTRYKEY)(PVOID)
			WdfFunctions[WdfDriverOpenParametersRegistryKeyTableIndex])(
		WdfDriverGlobals, Driver, DesiredAccess, KeyAttributes, Key);
}

typedef NTSTATUS (*PFN_WDFFDOQUERYFORINTERFACE)(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDEVICE Fdo,
	const GUID *InterfaceType, PINTERFACE Interface, USHORT Size, USHORT Version, PVOID InterfaceSpecificData);
_IRQL_requires_max_(PASSIVE_LEVEL)
_Must_inspect_result_
FORCEINLINE NTSTATUS WdfFdoQueryForInterface(WDFDEVICE Fdo, const GUID *InterfaceType, PINTERFACE Interface,
	USHORT Size, USHORT Version, PVOID InterfaceSpecificData)
{
	return ((PFN_WDFFDOQUERYFORINTERFACE)(PVOID)WdfFunctions[WdfFdoQueryForInterfaceTableIndex])(
		WdfDriverGlobals, Fdo, InterfaceType, Interface, Size, Version, InterfaceSpecificData);
}

typedef WDFDEVICE (*PFN_WDFFILEOBJECTGETDEVICE)(PWDF_DRIVER_GLOBALS DriverGlobals, WDFFILEOBJECT FileObject);
_IRQL_requires_max_(DISPATCH_LEVEL)
FORCEINLINE WDFDEVICE WdfFileObjectGetDevice(WDFFILEOBJECT FileObject)
{
	return ((PFN_WDFFILEOBJECTGETDEVICE)(PVOID)WdfFunctions[WdfFileObjectGetDeviceTableIndex])(
		WdfDriverGlobals, FileObject);
}

typedef NTSTATUS (*PFN_WDFINTERRUPTCREATE)(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDEVICE Device,
	PWDF_INTERRUPT_CONFIG Configuration, PWDF_OBJECT_ATTRIBUTES Attributes, WDFINTERRUPT *Interrupt);
_IRQL_requires_max_(PASSIVE_LEVEL)
_Must_inspect_result_
FORCEINLINE NTSTATUS WdfInterruptCreate(WDFDEVICE Device, PWDF_INTERRUPT_CONFIG Configuration,
	PWDF_OBJECT_ATTRIBUTES Attributes, WDFINTERRUPT *Interrupt)
{
	return ((PFN_WDFINTERRUPTCREATE)(PVOID)WdfFunctions[WdfInterruptCreateTableIndex])(
		WdfDriverGlobals, Device, Configuration, Attributes, Interrupt);
}

typedef BOOLEAN (*PFN_WDFINTERRUPTQUEUEDPCFORISR)(PWDF_DRIVER_GLOBALS DriverGlobals, WDFINTERRUPT Interrupt);
FORCEINLINE BOOLEAN WdfInterruptQueueDpcForIsr(WDFINTERRUPT Interrupt)
{
	return ((PFN_WDFINTERRUPTQUEUEDPCFORISR)(PVOID)WdfFunctions[WdfInterruptQueueDpcForIsrTableIndex])(
		WdfDriverGlobals, Interrupt);
}

typedef BOOLEAN (*PFN_WDFINTERRUPTSYNCHRONIZE)(PWDF_DRIVER_GLOBALS DriverGlobals, WDFINTERRUPT Interrupt,
	PFN_WDF_INTERRUPT_SYNCHRONIZE Callback, WDFCONTEXT Context);
_IRQL_requires_max_(DISPATCH_LEVEL)
FORCEINLINE BOOLEAN WdfInterruptSynchronize(
	WDFINTERRUPT Interrupt, PFN_WDF_INTERRUPT_SYNCHRONIZE Callback, WDFCONTEXT Context)
{
	return ((PFN_WDFINTERRUPTSYNCHRONIZE)(PVOID)WdfFunctions[WdfInterruptSynchronizeTableIndex])(
		WdfDriverGlobals, Interrupt, Callback, Context);
}

typedef VOID (*PFN_WDFINTERRUPTACQUIRELOCK)(PWDF_DRIVER_GLOBALS DriverGlobals, WDFINTERRUPT Interrupt);
FORCEINLINE VOID WdfInterruptAcquireLock(WDFINTERRUPT Interrupt)
{
	((PFN_WDFINTERRUPTACQUIRELOCK)(PVOID)WdfFunctions[WdfInterruptAcquireLockTableIndex])(
		WdfDriverGlobals, Interrupt);
}

typedef VOID (*PFN_WDFINTERRUPTRELEASELOCK)(PWDF_DRIVER_GLOBALS DriverGlobals, WDFINTERRUPT Interrupt);
FORCEINLINE VOID WdfInterruptReleaseLock(WDFINTERRUPT Interrupt)
{
	((PFN_WDFINTERRUPTRELEASELOCK)(PVOID)WdfFunctions[WdfInterruptReleaseLockTableIndex])(
		WdfDriverGlobals, Interrupt);
}

typedef VOID (*PFN_WDFINTERRUPTGETINFO)(
	PWDF_DRIVER_GLOBALS DriverGlobals, WDFINTERRUPT Interrupt, PWDF_INTERRUPT_INFO Info);
_IRQL_requires_max_(DISPATCH_LEVEL)
FORCEINLINE VOID WdfInterruptGetInfo(WDFINTERRUPT Interrupt, PWDF_INTERRUPT_INFO Info)
{
	((PFN_WDFINTERRUPTGETINFO)(PVOID)WdfFunctions[WdfInterruptGetInfoTableIndex])(
		WdfDriverGlobals, Interrupt, Info);
}

typedef WDFDEVICE (*PFN_WDFINTERRUPTGETDEVICE)(PWDF_DRIVER_GLOBALS DriverGlobals, WDFINTERRUPT Interrupt);
FORCEINLINE WDFDEVICE WdfInterruptGetDevice(WDFINTERRUPT Interrupt)
{
	return ((PFN_WDFINTERRUPTGETDEVICE)(PVOID)WdfFunctions[WdfInterruptGetDeviceTableIndex])(
		WdfDriverGlobals, Interrupt);
}

typedef NTSTATUS (*PFN_WDFIOQUEUECREATE)(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDEVICE Device,
	PWDF_IO_QUEUE_CONFIG Config, PWDF_OBJECT_ATTRIBUTES QueueAttributes, WDFQUEUE *Queue);
_IRQL_requires_max_(DISPATCH_LEVEL)
_Must_inspect_result_
FORCEINLINE NTSTATUS WdfIoQueueCreate(
	WDFDEVICE Device, PWDF_IO_QUEUE_CONFIG Config, PWDF_OBJECT_ATTRIBUTES QueueAttributes, WDFQUEUE *Queue)
{
	return ((PFN_WDFIOQUEUECREATE)(PVOID)WdfFunctions[WdfIoQueueCreateTableIndex])(
		WdfDriverGlobals, Device, Config, QueueAttributes, Queue);
}

typedef VOID (*PFN_WDFIOQUEUESTART)(PWDF_DRIVER_GLOBALS DriverGlobals, WDFQUEUE Queue);
_IRQL_requires_max_(DISPATCH_LEVEL)
FORCEINLINE VOID WdfIoQueueStart(WDFQUEUE Queue)
{
	((PFN_WDFIOQUEUESTART)(PVOID)WdfFunctions[WdfIoQueueStartTableIndex])(WdfDriverGlobals, Queue);
}

typedef VOID (*PFN_WDFIOQUEUESTOP)(
	PWDF_DRIVER_GLOBALS DriverGlobals, WDFQUEUE Queue, PFN_WDF_IO_QUEUE_STATE StopComplete, WDFCONTEXT Context);
_IRQL_requires_max_(DISPATCH_LEVEL)
FORCEINLINE VOID WdfIoQueueStop(WDFQUEUE Queue, PFN_WDF_IO_QUEUE_STATE StopComplete, WDFCONTEXT Context)
{
	((PFN_WDFIOQUEUESTOP)(PVOID)WdfFunctions[WdfIoQueueStopTableIndex])(
		WdfDriverGlobals, Queue, StopComplete, Context);
}

typedef WDFDEVICE (*PFN_WDFIOQUEUEGETDEVICE)(PWDF_DRIVER_GLOBALS DriverGlobals, WDFQUEUE Queue);
_IRQL_requires_max_(DISPATCH_LEVEL)
FORCEINLINE WDFDEVICE WdfIoQueueGetDevice(WDFQUEUE Queue)
{
	return ((PFN_WDFIOQUEUEGETDEVICE)(PVOID)WdfFunctions[WdfIoQueueGetDeviceTableIndex])(WdfDriverGlobals, Queue);
}

typedef VOID (*PFN_WDFIOQUEUEPURGESYNCHRONOUSLY)(PWDF_DRIVER_GLOBALS DriverGlobals, WDFQUEUE Queue);
_IRQL_requires_max_(PASSIVE_LEVEL)
FORCEINLINE VOID WdfIoQueuePurgeSynchronously(WDFQUEUE Queue)
{
	((PFN_WDFIOQUEUEPURGESYNCHRONOUSLY)(PVOID)WdfFunctions[WdfIoQueuePurgeSynchronouslyTableIndex])(
		WdfDriverGlobals, Queue);
}

typedef VOID (*PFN_WDFIOQUEUEPURGE)(
	PWDF_DRIVER_GLOBALS DriverGlobals, WDFQUEUE Queue, PFN_WDF_IO_QUEUE_STATE PurgeComplete, WDFCONTEXT Context);
_IRQL_requires_max_(DISPATCH_LEVEL)
FORCEINLINE VOID WdfIoQueuePurge(WDFQUEUE Queue, PFN_WDF_IO_QUEUE_STATE PurgeComplete, WDFCONTEXT Context)
{
	((PFN_WDFIOQUEUEPURGE)(PVOID)WdfFunctions[WdfIoQueuePurgeTableIndex])(
		WdfDriverGlobals, Queue, PurgeComplete, Context);
}

typedef PVOID (*PFN_WDFMEMORYGETBUFFER)(PWDF_DRIVER_GLOBALS DriverGlobals, WDFMEMORY Memory, size_t *BufferSize);
_IRQL_requires_max_(DISPATCH_LEVEL)
FORCEINLINE PVOID WdfMemoryGetBuffer(WDFMEMORY Memory, size_t *BufferSize)
{
	return ((PFN_WDFMEMORYGETBUFFER)(PVOID)WdfFunctions[WdfMemoryGetBufferTableIndex])(
		WdfDriverGlobals, Memory, BufferSize);
}

typedef PVOID(FASTCALL *PFN_WDFOBJECTGETTYPEDCONTEXTWORKER)(
	PWDF_DRIVER_GLOBALS DriverGlobals, WDFOBJECT Handle, PCWDF_OBJECT_CONTEXT_TYPE_INFO TypeInfo);
FORCEINLINE PVOID WdfObjectGetTypedContextWorker(WDFOBJECT Handle, PCWDF_OBJECT_CONTEXT_TYPE_INFO TypeInfo)
{
	return ((PFN_WDFOBJECTGETTYPEDCONTEXTWORKER)(PVOID)WdfFunctions[WdfObjectGetTypedContextWorkerTableIndex])(
		WdfDriverGlobals, Handle, TypeInfo);
}

typedef NTSTATUS (*PFN_WDFOBJECTALLOCATECONTEXT)(
	PWDF_DRIVER_GLOBALS DriverGlobals, WDFOBJECT Handle, PWDF_OBJECT_ATTRIBUTES ContextAttributes, PVOID *Context);
_IRQL_requires_max_(DISPATCH_LEVEL)
_Must_inspect_result_
FORCEINLINE NTSTATUS WdfObjectAllocateContext(
	WDFOBJECT Handle, PWDF_OBJECT_ATTRIBUTES ContextAttributes, PVOID *Context)
{
	return ((PFN_WDFOBJECTALLOCATECONTEXT)(PVOID)WdfFunctions[WdfObjectAllocateContextTableIndex])(
		WdfDriverGlobals, Handle, ContextAttributes, Context);
}

typedef WDFOBJECT(FASTCALL *PFN_WDFOBJECTCONTEXTGETOBJECT)(PWDF_DRIVER_GLOBALS DriverGlobals, PVOID ContextPointer);
FORCEINLINE WDFOBJECT WdfObjectContextGetObject(PVOID ContextPointer)
{
	return ((PFN_WDFOBJECTCONTEXTGETOBJECT)(PVOID)WdfFunctions[WdfObjectContextGetObjectTableIndex])(
		WdfDriverGlobals, ContextPointer);
}

typedef VOID (*PFN_WDFOBJECTREFERENCEACTUAL)(
	PWDF_DRIVER_GLOBALS DriverGlobals, WDFOBJECT Handle, PVOID Tag, LONG Line, PCHAR File);
_IRQL_requires_max_(DISPATCH_LEVEL)
FORCEINLINE VOID WdfObjectReferenceActual(WDFOBJECT Handle, PVOID Tag, LONG Line, PCHAR File)
{
	((PFN_WDFOBJECTREFERENCEACTUAL)(PVOID)WdfFunctions[WdfObjectReferenceActualTableIndex])(
		WdfDriverGlobals, Handle, Tag, Line, File);
}

typedef VOID (*PFN_WDFOBJECTDEREFERENCEACTUAL)(
	PWDF_DRIVER_GLOBALS DriverGlobals, WDFOBJECT Handle, PVOID Tag, LONG Line, PCHAR File);
_IRQL_requires_max_(DISPATCH_LEVEL)
FORCEINLINE VOID WdfObjectDereferenceActual(WDFOBJECT Handle, PVOID Tag, LONG Line, PCHAR File)
{
	((PFN_WDFOBJECTDEREFERENCEACTUAL)(PVOID)WdfFunctions[WdfObjectDereferenceActualTableIndex])(
		WdfDriverGlobals, Handle, Tag, Line, File);
}

typedef VOID (*PFN_WDFOBJECTDELETE)(PWDF_DRIVER_GLOBALS DriverGlobals, WDFOBJECT Object);
_IRQL_requires_max_(DISPATCH_LEVEL)
FORCEINLINE VOID WdfObjectDelete(WDFOBJECT Object)
{
	((PFN_WDFOBJECTDELETE)(PVOID)WdfFunctions[WdfObjectDeleteTableIndex])(WdfDriverGlobals, Object);
}

typedef VOID (*PFN_WDFREGISTRYCLOSE)(PWDF_DRIVER_GLOBALS DriverGlobals, WDFKEY Key);
_IRQL_requires_max_(PASSIVE_LEVEL)
FORCEINLINE VOID WdfRegistryClose(WDFKEY Key)
{
	((PFN_WDFREGISTRYCLOSE)(PVOID)WdfFunctions[WdfRegistryCloseTableIndex])(WdfDriverGlobals, Key);
}

typedef NTSTATUS (*PFN_WDFREGISTRYQUERYULONG)(
	PWDF_DRIVER_GLOBALS DriverGlobals, WDFKEY Key, PCUNICODE_STRING ValueName, PULONG Value);
_IRQL_requires_max_(PASSIVE_LEVEL)
_Must_inspect_result_
FORCEINLINE NTSTATUS WdfRegistryQueryULong(WDFKEY Key, PCUNICODE_STRING ValueName, PULONG Value)
{
	return ((PFN_WDFREGISTRYQUERYULONG)(PVOID)WdfFunctions[WdfRegistryQueryULongTableIndex])(
		WdfDriverGlobals, Key, ValueName, Value);
}

typedef NTSTATUS (*PFN_WDFREQUESTUNMARKCANCELABLE)(PWDF_DRIVER_GLOBALS DriverGlobals, WDFREQUEST Request);
_IRQL_requires_max_(DISPATCH_LEVEL)
_Must_inspect_result_
FORCEINLINE NTSTATUS WdfRequestUnmarkCancelable(WDFREQUEST Request)
{
	return ((PFN_WDFREQUESTUNMARKCANCELABLE)(PVOID)WdfFunctions[WdfRequestUnmarkCancelableTableIndex])(
		WdfDriverGlobals, Request);
}

typedef BOOLEAN (*PFN_WDFREQUESTISCANCELED)(PWDF_DRIVER_GLOBALS DriverGlobals, WDFREQUEST Request);
_IRQL_requires_max_(DISPATCH_LEVEL)
FORCEINLINE BOOLEAN WdfRequestIsCanceled(WDFREQUEST Request)
{
	return ((PFN_WDFREQUESTISCANCELED)(PVOID)WdfFunctions[WdfRequestIsCanceledTableIndex])(
		WdfDriverGlobals, Request);
}

typedef BOOLEAN (*PFN_WDFREQUESTISFROM32BITPROCESS)(PWDF_DRIVER_GLOBALS DriverGlobals, WDFREQUEST Request);
_IRQL_requires_max_(DISPATCH_LEVEL)
FORCEINLINE BOOLEAN WdfRequestIsFrom32BitProcess(WDFREQUEST Request)
{
	return ((PFN_WDFREQUESTISFROM32BITPROCESS)(PVOID)WdfFunctions[WdfRequestIsFrom32BitProcessTableIndex])(
		WdfDriverGlobals, Request);
}

typedef VOID (*PFN_WDFREQUESTCOMPLETE)(PWDF_DRIVER_GLOBALS DriverGlobals, WDFREQUEST Request, NTSTATUS Status);
_IRQL_requires_max_(DISPATCH_LEVEL)
FORCEINLINE VOID WdfRequestComplete(WDFREQUEST Request, NTSTATUS Status)
{
	((PFN_WDFREQUESTCOMPLETE)(PVOID)WdfFunctions[WdfRequestCompleteTableIndex])(WdfDriverGlobals, Request, Status);
}

typedef VOID (*PFN_WDFREQUESTCOMPLETEWITHINFORMATION)(
	PWDF_DRIVER_GLOBALS DriverGlobals, WDFREQUEST Request, NTSTATUS Status, ULONG_PTR Information);
_IRQL_requires_max_(DISPATCH_LEVEL)
FORCEINLINE VOID WdfRequestCompleteWithInformation(WDFREQUEST Request, NTSTATUS Status, ULONG_PTR Information)
{
	((PFN_WDFREQUESTCOMPLETEWITHINFORMATION)(PVOID)WdfFunctions[WdfRequestCompleteWithInformationTableIndex])(
		WdfDriverGlobals, Request, Status, Information);
}

typedef VOID (*PFN_WDFREQUESTGETPARAMETERS)(
	PWDF_DRIVER_GLOBALS DriverGlobals, WDFREQUEST Request, PWDF_REQUEST_PARAMETERS Parameters);
_IRQL_requires_max_(DISPATCH_LEVEL)
FORCEINLINE VOID WdfRequestGetParameters(WDFREQUEST Request, PWDF_REQUEST_PARAMETERS Parameters)
{
	((PFN_WDFREQUESTGETPARAMETERS)(PVOID)WdfFunctions[WdfRequestGetParametersTableIndex])(
		WdfDriverGlobals, Request, Parameters);
}

typedef NTSTATUS (*PFN_WDFREQUESTRETRIEVEINPUTBUFFER)(PWDF_DRIVER_GLOBALS DriverGlobals, WDFREQUEST Request,
	size_t MinimumRequiredLength, PVOID *Buffer, size_t *Length);
_IRQL_requires_max_(DISPATCH_LEVEL)
_Must_inspect_result_
FORCEINLINE NTSTATUS WdfRequestRetrieveInputBuffer(
	WDFREQUEST Request, size_t MinimumRequiredLength, PVOID *Buffer, size_t *Length)
{
	return ((PFN_WDFREQUESTRETRIEVEINPUTBUFFER)(PVOID)WdfFunctions[WdfRequestRetrieveInputBufferTableIndex])(
		WdfDriverGlobals, Request, MinimumRequiredLength, Buffer, Length);
}

typedef NTSTATUS (*PFN_WDFREQUESTRETRIEVEOUTPUTBUFFER)(PWDF_DRIVER_GLOBALS DriverGlobals, WDFREQUEST Request,
	size_t MinimumRequiredSize, PVOID *Buffer, size_t *Length);
_IRQL_requires_max_(DISPATCH_LEVEL)
_Must_inspect_result_
FORCEINLINE NTSTATUS WdfRequestRetrieveOutputBuffer(
	WDFREQUEST Request, size_t MinimumRequiredSize, PVOID *Buffer, size_t *Length)
{
	return ((PFN_WDFREQUESTRETRIEVEOUTPUTBUFFER)(PVOID)WdfFunctions[WdfRequestRetrieveOutputBufferTableIndex])(
		WdfDriverGlobals, Request, MinimumRequiredSize, Buffer, Length);
}

typedef NTSTATUS (*PFN_WDFREQUESTRETRIEVEOUTPUTWDMMDL)(
	PWDF_DRIVER_GLOBALS DriverGlobals, WDFREQUEST Request, PMDL *Mdl);
_IRQL_requires_max_(DISPATCH_LEVEL)
_Must_inspect_result_
FORCEINLINE NTSTATUS WdfRequestRetrieveOutputWdmMdl(WDFREQUEST Request, PMDL *Mdl)
{
	return ((PFN_WDFREQUESTRETRIEVEOUTPUTWDMMDL)(PVOID)WdfFunctions[WdfRequestRetrieveOutputWdmMdlTableIndex])(
		WdfDriverGlobals, Request, Mdl);
}

typedef NTSTATUS (*PFN_WDFREQUESTRETRIEVEUNSAFEUSERINPUTBUFFER)(PWDF_DRIVER_GLOBALS DriverGlobals, WDFREQUEST Request,
	size_t MinimumRequiredLength, PVOID *InputBuffer, size_t *Length);
_IRQL_requires_max_(APC_LEVEL)
_Must_inspect_result_
FORCEINLINE NTSTATUS WdfRequestRetrieveUnsafeUserInputBuffer(
	WDFREQUEST Request, size_t MinimumRequiredLength, PVOID *InputBuffer, size_t *Length)
{
	return ((PFN_WDFREQUESTRETRIEVEUNSAFEUSERINPUTBUFFER)(PVOID)
			WdfFunctions[WdfRequestRetrieveUnsafeUserInputBufferTableIndex])(
		WdfDriverGlobals, Request, MinimumRequiredLength, InputBuffer, Length);
}

typedef NTSTATUS (*PFN_WDFREQUESTRETRIEVEUNSAFEUSEROUTPUTBUFFER)(PWDF_DRIVER_GLOBALS DriverGlobals, WDFREQUEST Request,
	size_t MinimumRequiredLength, PVOID *OutputBuffer, size_t *Length);
_IRQL_requires_max_(APC_LEVEL)
_Must_inspect_result_
FORCEINLINE NTSTATUS WdfRequestRetrieveUnsafeUserOutputBuffer(
	WDFREQUEST Request, size_t MinimumRequiredLength, PVOID *OutputBuffer, size_t *Length)
{
	return ((PFN_WDFREQUESTRETRIEVEUNSAFEUSEROUTPUTBUFFER)(PVOID)
			WdfFunctions[WdfRequestRetrieveUnsafeUserOutputBufferTableIndex])(
		WdfDriverGlobals, Request, MinimumRequiredLength, OutputBuffer, Length);
}

typedef WDFFILEOBJECT (*PFN_WDFREQUESTGETFILEOBJECT)(PWDF_DRIVER_GLOBALS DriverGlobals, WDFREQUEST Request);
_IRQL_requires_max_(DISPATCH_LEVEL)
FORCEINLINE WDFFILEOBJECT WdfRequestGetFileObject(WDFREQUEST Request)
{
	return ((PFN_WDFREQUESTGETFILEOBJECT)(PVOID)WdfFunctions[WdfRequestGetFileObjectTableIndex])(
		WdfDriverGlobals, Request);
}

typedef NTSTATUS (*PFN_WDFREQUESTPROBEANDLOCKUSERBUFFERFORREAD)(
	PWDF_DRIVER_GLOBALS DriverGlobals, WDFREQUEST Request, PVOID Buffer, size_t Length, WDFMEMORY *MemoryObject);
_IRQL_requires_max_(PASSIVE_LEVEL)
_Must_inspect_result_
FORCEINLINE NTSTATUS WdfRequestProbeAndLockUserBufferForRead(
	WDFREQUEST Request, PVOID Buffer, size_t Length, WDFMEMORY *MemoryObject)
{
	return ((PFN_WDFREQUESTPROBEANDLOCKUSERBUFFERFORREAD)(PVOID)
			WdfFunctions[WdfRequestProbeAndLockUserBufferForReadTableIndex])(
		WdfDriverGlobals, Request, Buffer, Length, MemoryObject);
}

typedef NTSTATUS (*PFN_WDFREQUESTPROBEANDLOCKUSERBUFFERFORWRITE)(
	PWDF_DRIVER_GLOBALS DriverGlobals, WDFREQUEST Request, PVOID Buffer, size_t Length, WDFMEMORY *MemoryObject);
_IRQL_requires_max_(PASSIVE_LEVEL)
_Must_inspect_result_
FORCEINLINE NTSTATUS WdfRequestProbeAndLockUserBufferForWrite(
	WDFREQUEST Request, PVOID Buffer, size_t Length, WDFMEMORY *MemoryObject)
{
	return ((PFN_WDFREQUESTPROBEANDLOCKUSERBUFFERFORWRITE)(PVOID)
			WdfFunctions[WdfRequestProbeAndLockUserBufferForWriteTableIndex])(
		WdfDriverGlobals, Request, Buffer, Length, MemoryObject);
}

typedef KPROCESSOR_MODE (*PFN_WDFREQUESTGETREQUESTORMODE)(PWDF_DRIVER_GLOBALS DriverGlobals, WDFREQUEST Request);
_IRQL_requires_max_(DISPATCH_LEVEL)
FORCEINLINE KPROCESSOR_MODE WdfRequestGetRequestorMode(WDFREQUEST Request)
{
	return ((PFN_WDFREQUESTGETREQUESTORMODE)(PVOID)WdfFunctions[WdfRequestGetRequestorModeTableIndex])(
		WdfDriverGlobals, Request);
}

typedef WDFQUEUE (*PFN_WDFREQUESTGETIOQUEUE)(PWDF_DRIVER_GLOBALS DriverGlobals, WDFREQUEST Request);
_IRQL_requires_max_(DISPATCH_LEVEL)
FORCEINLINE WDFQUEUE WdfRequestGetIoQueue(WDFREQUEST Request)
{
	return ((PFN_WDFREQUESTGETIOQUEUE)(PVOID)WdfFunctions[WdfRequestGetIoQueueTableIndex])(
		WdfDriverGlobals, Request);
}

typedef ULONG (*PFN_WDFCMRESOURCELISTGETCOUNT)(PWDF_DRIVER_GLOBALS DriverGlobals, WDFCMRESLIST List);
_IRQL_requires_max_(DISPATCH_LEVEL)
FORCEINLINE ULONG WdfCmResourceListGetCount(WDFCMRESLIST List)
{
	return ((PFN_WDFCMRESOURCELISTGETCOUNT)(PVOID)WdfFunctions[WdfCmResourceListGetCountTableIndex])(
		WdfDriverGlobals, List);
}

typedef PCM_PARTIAL_RESOURCE_DESCRIPTOR (*PFN_WDFCMRESOURCELISTGETDESCRIPTOR)(
	PWDF_DRIVER_GLOBALS DriverGlobals, WDFCMRESLIST List, ULONG Index);
_IRQL_requires_max_(DISPATCH_LEVEL)
FORCEINLINE PCM_PARTIAL_RESOURCE_DESCRIPTOR WdfCmResourceListGetDescriptor(WDFCMRESLIST List, ULONG Index)
{
	return ((PFN_WDFCMRESOURCELISTGETDESCRIPTOR)(PVOID)WdfFunctions[WdfCmResourceListGetDescriptorTableIndex])(
		WdfDriverGlobals, List, Index);
}

typedef NTSTATUS (*PFN_WDFTIMERCREATE)(PWDF_DRIVER_GLOBALS DriverGlobals, PWDF_TIMER_CONFIG Config,
	PWDF_OBJECT_ATTRIBUTES Attributes, WDFTIMER *Timer);
_IRQL_requires_max_(DISPATCH_LEVEL)
_Must_inspect_result_
FORCEINLINE NTSTATUS WdfTimerCreate(PWDF_TIMER_CONFIG Config, PWDF_OBJECT_ATTRIBUTES Attributes, WDFTIMER *Timer)
{
	return ((PFN_WDFTIMERCREATE)(PVOID)WdfFunctions[WdfTimerCreateTableIndex])(
		WdfDriverGlobals, Config, Attributes, Timer);
}

typedef BOOLEAN (*PFN_WDFTIMERSTART)(PWDF_DRIVER_GLOBALS DriverGlobals, WDFTIMER Timer, LONGLONG DueTime);
_IRQL_requires_max_(DISPATCH_LEVEL)
FORCEINLINE BOOLEAN WdfTimerStart(WDFTIMER Timer, LONGLONG DueTime)
{
	return ((PFN_WDFTIMERSTART)(PVOID)WdfFunctions[WdfTimerStartTableIndex])(WdfDriverGlobals, Timer, DueTime);
}

typedef BOOLEAN (*PFN_WDFTIMERSTOP)(PWDF_DRIVER_GLOBALS DriverGlobals, WDFTIMER Timer, BOOLEAN Wait);
_IRQL_requires_max_(DISPATCH_LEVEL)
FORCEINLINE BOOLEAN WdfTimerStop(WDFTIMER Timer, BOOLEAN Wait)
{
	return ((PFN_WDFTIMERSTOP)(PVOID)WdfFunctions[WdfTimerStopTableIndex])(WdfDriverGlobals, Timer, Wait);
}

typedef WDFOBJECT (*PFN_WDFTIMERGETPARENTOBJECT)(PWDF_DRIVER_GLOBALS DriverGlobals, WDFTIMER Timer);
_IRQL_requires_max_(DISPATCH_LEVEL)
FORCEINLINE WDFOBJECT WdfTimerGetParentObject(WDFTIMER Timer)
{
	return ((PFN_WDFTIMERGETPARENTOBJECT)(PVOID)WdfFunctions[WdfTimerGetParentObjectTableIndex])(
		WdfDriverGlobals, Timer);
}

typedef NTSTATUS (*PFN_WDFWORKITEMCREATE)(PWDF_DRIVER_GLOBALS DriverGlobals, PWDF_WORKITEM_CONFIG Config,
	PWDF_OBJECT_ATTRIBUTES Attributes, WDFWORKITEM *WorkItem);
_IRQL_requires_max_(DISPATCH_LEVEL)
_Must_inspect_result_
FORCEINLINE NTSTATUS WdfWorkItemCreate(
	PWDF_WORKITEM_CONFIG Config, PWDF_OBJECT_ATTRIBUTES Attributes, WDFWORKITEM *WorkItem)
{
	return ((PFN_WDFWORKITEMCREATE)(PVOID)WdfFunctions[WdfWorkItemCreateTableIndex])(
		WdfDriverGlobals, Config, Attributes, WorkItem);
}

typedef VOID (*PFN_WDFWORKITEMENQUEUE)(PWDF_DRIVER_GLOBALS DriverGlobals, WDFWORKITEM WorkItem);
_IRQL_requires_max_(DISPATCH_LEVEL)
FORCEINLINE VOID WdfWorkItemEnqueue(WDFWORKITEM WorkItem)
{
	((PFN_WDFWORKITEMENQUEUE)(PVOID)WdfFunctions[WdfWorkItemEnqueueTableIndex])(WdfDriverGlobals, WorkItem);
}

typedef WDFOBJECT (*PFN_WDFWORKITEMGETPARENTOBJECT)(PWDF_DRIVER_GLOBALS DriverGlobals, WDFWORKITEM WorkItem);
_IRQL_requires_max_(DISPATCH_LEVEL)
FORCEINLINE WDFOBJECT WdfWorkItemGetParentObject(WDFWORKITEM WorkItem)
{
	return ((PFN_WDFWORKITEMGETPARENTOBJECT)(PVOID)WdfFunctions[WdfWorkItemGetParentObjectTableIndex])(
		WdfDriverGlobals, WorkItem);
}

typedef VOID (*PFN_WDFWORKITEMFLUSH)(PWDF_DRIVER_GLOBALS DriverGlobals, WDFWORKITEM WorkItem);
_IRQL_requires_max_(PASSIVE_LEVEL)
FORCEINLINE VOID WdfWorkItemFlush(WDFWORKITEM WorkItem)
{
	((PFN_WDFWORKITEMFLUSH)(PVOID)WdfFunctions[WdfWorkItemFlushTableIndex])(WdfDriverGlobals, WorkItem);
}

typedef NTSTATUS (*PFN_WDFREQUESTMARKCANCELABLEEX)(
	PWDF_DRIVER_GLOBALS DriverGlobals, WDFREQUEST Request, PFN_WDF_REQUEST_CANCEL EvtRequestCancel);
_IRQL_requires_max_(DISPATCH_LEVEL)
_Must_inspect_result_
FORCEINLINE NTSTATUS WdfRequestMarkCancelableEx(WDFREQUEST Request, PFN_WDF_REQUEST_CANCEL EvtRequestCancel)
{
	return ((PFN_WDFREQUESTMARKCANCELABLEEX)(PVOID)WdfFunctions[WdfRequestMarkCancelableExTableIndex])(
		WdfDriverGlobals, Request, EvtRequestCancel);
}
