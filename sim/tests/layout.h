/* SPDX-License-Identifier: MIT */
/*
 * layout.h - sizes and offsets of the structures that drivers and the simulator share, as on x64 Windows. Included once
 * after the simulator's headers and once after mingw-w64's driver kit: both must agree, or neither compiles.
 */
#define AT(Type, Field, Offset) _Static_assert(offsetof(Type, Field) == (Offset), #Type "." #Field)
#define SIZE(Type, Bytes) _Static_assert(sizeof(Type) == (Bytes), #Type)

SIZE(ULONG, 4);
SIZE(LONG, 4);
SIZE(ULONG_PTR, 8);
SIZE(WCHAR, 2);
SIZE(BOOLEAN, 1);
SIZE(KIRQL, 1);
SIZE(KSPIN_LOCK, 8);
SIZE(PFN_NUMBER, 8);
SIZE(KPROCESSOR_MODE, 1);
SIZE(EVENT_TYPE, 4);
SIZE(POOL_TYPE, 4);
SIZE(MEMORY_CACHING_TYPE, 4);
SIZE(LARGE_INTEGER, 8);
AT(LARGE_INTEGER, HighPart, 4);
SIZE(GUID, 16);
AT(GUID, Data4, 8);
SIZE(UNICODE_STRING, 16);
AT(UNICODE_STRING, Buffer, 8);
SIZE(LIST_ENTRY, 16);
SIZE(DISPATCHER_HEADER, 24);
AT(DISPATCHER_HEADER, SignalState, 4);
AT(DISPATCHER_HEADER, WaitListHead, 8);
SIZE(KEVENT, 24);
SIZE(FAST_MUTEX, 56);
AT(FAST_MUTEX, Owner, 8);
AT(FAST_MUTEX, Contention, 16);
AT(FAST_MUTEX, Event, 24);
AT(FAST_MUTEX, OldIrql, 48);
SIZE(MDL, 48);
AT(MDL, MdlFlags, 10);
AT(MDL, Process, 16);
AT(MDL, MappedSystemVa, 24);
AT(MDL, StartVa, 32);
AT(MDL, ByteCount, 40);
AT(MDL, ByteOffset, 44);
SIZE(CM_PARTIAL_RESOURCE_DESCRIPTOR, 20);
AT(CM_PARTIAL_RESOURCE_DESCRIPTOR, ShareDisposition, 1);
AT(CM_PARTIAL_RESOURCE_DESCRIPTOR, Flags, 2);
AT(CM_PARTIAL_RESOURCE_DESCRIPTOR, u.Memory.Start, 4);
AT(CM_PARTIAL_RESOURCE_DESCRIPTOR, u.Memory.Length, 12);
AT(CM_PARTIAL_RESOURCE_DESCRIPTOR, u.Interrupt.Vector, 8);
AT(CM_PARTIAL_RESOURCE_DESCRIPTOR, u.Interrupt.Affinity, 12);
AT(CM_PARTIAL_RESOURCE_DESCRIPTOR, u.MessageInterrupt.Raw.MessageCount, 6);
AT(CM_PARTIAL_RESOURCE_DESCRIPTOR, u.MessageInterrupt.Translated.Vector, 8);
SIZE(BUS_INTERFACE_STANDARD, 64);
AT(BUS_INTERFACE_STANDARD, Context, 8);
AT(BUS_INTERFACE_STANDARD, InterfaceDereference, 24);
AT(BUS_INTERFACE_STANDARD, SetBusData, 48);
AT(BUS_INTERFACE_STANDARD, GetBusData, 56);
SIZE(INTERFACE, 32);
SIZE(DRIVER_OBJECT, 336);
AT(DRIVER_OBJECT, DriverName, 56);
AT(DRIVER_OBJECT, DriverInit, 88);
AT(DRIVER_OBJECT, DriverUnload, 104);
AT(DRIVER_OBJECT, MajorFunction, 112);

_Static_assert(NotificationEvent == 0 && SynchronizationEvent == 1, "EVENT_TYPE");
_Static_assert(KernelMode == 0 && UserMode == 1, "MODE");
_Static_assert(PagedPool == 1 && NonPagedPoolNx == 512, "POOL_TYPE");
_Static_assert(MmNonCached == 0 && MmCached == 1 && MmWriteCombined == 2, "MEMORY_CACHING_TYPE");
_Static_assert(IoReadAccess == 0 && IoWriteAccess == 1 && IoModifyAccess == 2, "LOCK_OPERATION");
_Static_assert(MDL_MAPPED_TO_SYSTEM_VA == 1 && MDL_PAGES_LOCKED == 2 && MDL_PARTIAL == 16, "MdlFlags");
_Static_assert(LowPagePriority == 0 && NormalPagePriority == 16 && HighPagePriority == 32, "MM_PAGE_PRIORITY");
_Static_assert(LevelSensitive == 0 && Latched == 1, "KINTERRUPT_MODE");
_Static_assert(CmResourceTypeInterrupt == 2 && CmResourceTypeMemory == 3, "CmResourceType");
_Static_assert(PCI_WHICHSPACE_CONFIG == 0, "PCI_WHICHSPACE_CONFIG");
