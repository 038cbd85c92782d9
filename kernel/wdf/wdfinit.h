/* SPDX-License-Identifier: MIT */
/*
 * wdfinit.h - initializers of the framework's structures, and their sizes. Included by wdf.h only.
 */

#define WDF_START(Structure) \
	do { \
		RtlZeroMemory((Structure), sizeof(*(Structure))); \
		(Structure)->Size = sizeof(*(Structure)); \
	} while (0)

FORCEINLINE VOID WDF_OBJECT_ATTRIBUTES_INIT(PWDF_OBJECT_ATTRIBUTES Attributes)
{
	WDF_START(Attributes);
	Attributes->ExecutionLevel = WdfExecutionLevelInheritFromParent;
	Attributes->SynchronizationScope = WdfSynchronizationScopeInheritFromParent;
}

#define WDF_OBJECT_ATTRIBUTES_SET_CONTEXT_TYPE(Attributes, Type) \
	((Attributes)->ContextTypeInfo = WDF_GET_CONTEXT_TYPE_INFO(Type)->UniqueType)
#define WDF_OBJECT_ATTRIBUTES_INIT_CONTEXT_TYPE(Attributes, Type) \
	do { \
		WDF_OBJECT_ATTRIBUTES_INIT(Attributes); \
		WDF_OBJECT_ATTRIBUTES_SET_CONTEXT_TYPE(Attributes, Type); \
	} while (0)

FORCEINLINE VOID WDF_DRIVER_CONFIG_INIT(PWDF_DRIVER_CONFIG Config, PFN_WDF_DRIVER_DEVICE_ADD EvtDriverDeviceAdd)
{
	WDF_START(Config);
	Config->EvtDriverDeviceAdd = EvtDriverDeviceAdd;
}

FORCEINLINE VOID WDF_PNPPOWER_EVENT_CALLBACKS_INIT(PWDF_PNPPOWER_EVENT_CALLBACKS Callbacks)
{
	WDF_START(Callbacks);
}

FORCEINLINE VOID WDF_FILEOBJECT_CONFIG_INIT(PWDF_FILEOBJECT_CONFIG Config,
	PFN_WDF_DEVICE_FILE_CREATE EvtDeviceFileCreate, PFN_WDF_FILE_CLOSE EvtFileClose,
	PFN_WDF_FILE_CLEANUP EvtFileCleanup)
{
	WDF_START(Config);
	Config->EvtDeviceFileCreate = EvtDeviceFileCreate;
	Config->EvtFileClose = EvtFileClose;
	Config->EvtFileCleanup = EvtFileCleanup;
	Config->AutoForwardCleanupClose = WdfUseDefault;
	Config->FileObjectClass = WdfFileObjectWdfCannotUseFsContexts;
}

FORCEINLINE VOID WDF_IO_QUEUE_CONFIG_INIT(PWDF_IO_QUEUE_CONFIG Config, WDF_IO_QUEUE_DISPATCH_TYPE DispatchType)
{
	WDF_START(Config);
	Config->PowerManaged = WdfUseDefault;
	Config->DispatchType = DispatchType;
	if (DispatchType == WdfIoQueueDispatchParallel)
		Config->Settings.Parallel.NumberOfPresentedRequests = (ULONG)-1;
}

FORCEINLINE VOID WDF_IO_QUEUE_CONFIG_INIT_DEFAULT_QUEUE(
	PWDF_IO_QUEUE_CONFIG Config, WDF_IO_QUEUE_DISPATCH_TYPE DispatchType)
{
	WDF_IO_QUEUE_CONFIG_INIT(Config, DispatchType);
	Config->DefaultQueue = TRUE;
}

FORCEINLINE VOID WDF_REQUEST_PARAMETERS_INIT(PWDF_REQUEST_PARAMETERS Parameters)
{
	WDF_START(Parameters);
}

FORCEINLINE VOID WDF_INTERRUPT_CONFIG_INIT(
	PWDF_INTERRUPT_CONFIG Config, PFN_WDF_INTERRUPT_ISR EvtInterruptIsr, PFN_WDF_INTERRUPT_DPC EvtInterruptDpc)
{
	WDF_START(Config);
	Config->ShareVector = WdfUseDefault;
	Config->EvtInterruptIsr = EvtInterruptIsr;
	Config->EvtInterruptDpc = EvtInterruptDpc;
	Config->ReportInactiveOnPowerDown = WdfUseDefault;
}

FORCEINLINE VOID WDF_INTERRUPT_INFO_INIT(PWDF_INTERRUPT_INFO Info)
{
	WDF_START(Info);
}

FORCEINLINE VOID WDF_TIMER_CONFIG_INIT(PWDF_TIMER_CONFIG Config, PFN_WDF_TIMER EvtTimerFunc)
{
	WDF_START(Config);
	Config->EvtTimerFunc = EvtTimerFunc;
	Config->AutomaticSerialization = TRUE;
}

FORCEINLINE VOID WDF_WORKITEM_CONFIG_INIT(PWDF_WORKITEM_CONFIG Config, PFN_WDF_WORKITEM EvtWorkItemFunc)
{
	WDF_START(Config);
	Config->EvtWorkItemFunc = EvtWorkItemFunc;
	Config->AutomaticSerialization = TRUE;
}

#undef WDF_START

/* Due times are in 100 ns units, negative when relative to now. */
FORCEINLINE LONGLONG WDF_REL_TIMEOUT_IN_MS(ULONGLONG Time)
{
	return -(LONGLONG)(Time * 10000);
}

/* The framework refuses structures of another size: these are the sizes of KMDF 1.15 for x64. */
#define WDF_ASSERT_SIZE(Type, Bytes) _Static_assert(sizeof(Type) == (Bytes), #Type)
WDF_ASSERT_SIZE(WDF_DRIVER_GLOBALS, 56);
WDF_ASSERT_SIZE(WDF_OBJECT_CONTEXT_TYPE_INFO, 40);
WDF_ASSERT_SIZE(WDF_OBJECT_ATTRIBUTES, 56);
WDF_ASSERT_SIZE(WDF_DRIVER_CONFIG, 32);
WDF_ASSERT_SIZE(WDF_PNPPOWER_EVENT_CALLBACKS, 144);
WDF_ASSERT_SIZE(WDF_FILEOBJECT_CONFIG, 40);
WDF_ASSERT_SIZE(WDF_IO_QUEUE_CONFIG, 96);
WDF_ASSERT_SIZE(WDF_REQUEST_PARAMETERS, 40);
WDF_ASSERT_SIZE(WDF_INTERRUPT_CONFIG, 104);
WDF_ASSERT_SIZE(WDF_INTERRUPT_INFO, 64);
WDF_ASSERT_SIZE(WDF_TIMER_CONFIG, 40);
WDF_ASSERT_SIZE(WDF_WORKITEM_CONFIG, 24);
#undef WDF_ASSERT_SIZE
