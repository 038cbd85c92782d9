/* SPDX-License-Identifier: MIT */
/*
 * table.c - what wdfldr.sys exports: binds a driver to the framework's function table. A function that the simulator
 * does not have is a trap that names its place in the table.
 */
#include "kmdf.h"

#include <stdio.h>

/* The loader's interface, as the driver's entry stub passes it. */
typedef struct WDF_BIND_INFO {
	ULONG Size;
	PWSTR Component;
	struct {
		ULONG Major;
		ULONG Minor;
		ULONG Build;
	} Version;
	ULONG FuncCount;
	const WDFFUNC **FuncTable;
	PVOID Module;
} WDF_BIND_INFO;

NTSTATUS NTAPI WdfVersionBind(
	PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath, WDF_BIND_INFO *Info, PWDF_DRIVER_GLOBALS *Globals);
NTSTATUS NTAPI WdfVersionUnbind(PUNICODE_STRING RegistryPath, WDF_BIND_INFO *Info, PWDF_DRIVER_GLOBALS Globals);

WDF_DRIVER_GLOBALS SimWdfGlobals;
static ULONG Bound;

/* ---- traps: T(ab) makes a function for entry ab; 1##ab - 1000 keeps leading zeros from meaning octal ---- */
static ULONG64 Trap(ULONG Index)
{
	SimViolation(SimRuleWdfNotImplemented, "framework function %u is not simulated", (unsigned)Index);
	return (ULONG)STATUS_NOT_IMPLEMENTED;
}

#define T1(n) \
	static ULONG64 Trap##n(void) \
	{ \
		return Trap(1##n - 1000); \
	}
#define T10(n) T1(n##0) T1(n##1) T1(n##2) T1(n##3) T1(n##4) T1(n##5) T1(n##6) T1(n##7) T1(n##8) T1(n##9)
#define T100(n) T10(n##0) T10(n##1) T10(n##2) T10(n##3) T10(n##4) T10(n##5) T10(n##6) T10(n##7) T10(n##8) T10(n##9)
T100(0)
T100(1)
T100(2)
T100(3)
T10(40)
T10(41)
T10(42)
T10(43)
T1(440)
T1(441)
T1(442)
T1(443)

#define E1(n) (WDFFUNC) Trap##n,
#define E10(n) E1(n##0) E1(n##1) E1(n##2) E1(n##3) E1(n##4) E1(n##5) E1(n##6) E1(n##7) E1(n##8) E1(n##9)
#define E100(n) E10(n##0) E10(n##1) E10(n##2) E10(n##3) E10(n##4) E10(n##5) E10(n##6) E10(n##7) E10(n##8) E10(n##9)
static WDFFUNC Table[WdfFunctionTableNumEntries] = {
	E100(0) E100(1) E100(2) E100(3) E10(40) E10(41) E10(42) E10(43) E1(440) E1(441) E1(442) E1(443)};

BOOLEAN SimWdfSize(ULONG Size, SIZE_T Expected, const char *Structure)
{
	if (Size == Expected)
		return TRUE;
	SimViolation(SimRuleWdfParameter, "%s has size %u, expected %zu", Structure, (unsigned)Size, (size_t)Expected);
	return FALSE;
}

NTSTATUS NTAPI WdfVersionBind(
	PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath, WDF_BIND_INFO *Info, PWDF_DRIVER_GLOBALS *Globals)
{
	static const char Library[] = "KmdfLibrary";

	(void)DriverObject;
	(void)RegistryPath;
	SimIrqlMax("WdfVersionBind", PASSIVE_LEVEL);
	if (!SimWdfSize(Info->Size, sizeof(*Info), "WDF_BIND_INFO"))
		return STATUS_INVALID_PARAMETER;
	for (ULONG i = 0; i < sizeof(Library); i++) {
		if (Info->Component[i] != (WCHAR)Library[i])
			return STATUS_OBJECT_NAME_NOT_FOUND;
	}
	if (Info->Version.Major != 1 || Info->Version.Minor > 15 || Info->FuncCount > WdfFunctionTableNumEntries) {
		SimLog("sim: the driver wants KMDF %u.%u with %u functions, the simulator has 1.15",
			(unsigned)Info->Version.Major, (unsigned)Info->Version.Minor, (unsigned)Info->FuncCount);
		return STATUS_REVISION_MISMATCH;
	}
	SimWdfTableObjects(Table);
	SimWdfTableDriver(Table);
	SimWdfTableDevice(Table);
	SimWdfTableQueue(Table);
	SimWdfTableRequest(Table);
	SimWdfTableBuffers(Table);
	SimWdfTableInterrupt(Table);
	SimWdfTableTimer(Table);
	SimWdfTableWorkItem(Table);
	memset(&SimWdfGlobals, 0, sizeof(SimWdfGlobals));
	snprintf(SimWdfGlobals.DriverName, sizeof(SimWdfGlobals.DriverName), "driver");
	SimWdfGlobals.DisplaceDriverUnload = TRUE;
	*Info->FuncTable = Table;
	*Globals = &SimWdfGlobals;
	Bound++;
	return STATUS_SUCCESS;
}

NTSTATUS NTAPI WdfVersionUnbind(PUNICODE_STRING RegistryPath, WDF_BIND_INFO *Info, PWDF_DRIVER_GLOBALS Globals)
{
	(void)RegistryPath;
	(void)Info;
	if (Bound == 0 || Globals != &SimWdfGlobals) {
		SimViolation(SimRuleWdfHandle, "WdfVersionUnbind without WdfVersionBind");
		return STATUS_INVALID_PARAMETER;
	}
	Bound--;
	return STATUS_SUCCESS;
}
