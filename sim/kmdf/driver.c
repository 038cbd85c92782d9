/* SPDX-License-Identifier: MIT */
/* driver.c - WDFDRIVER, its registry parameters and its unload. */
#include "kmdf.h"

#include <stdlib.h>

typedef struct SIM_KEY {
	SIM_OBJECT Object;
} SIM_KEY;

static SIM_DRIVER *TheDriver;
static const char *Registry;

void SimDriverRegistry(const char *Values)
{
	Registry = Values;
}

SIM_DRIVER *SimDriver(void)
{
	return TheDriver;
}

/* What the framework puts into DRIVER_OBJECT.DriverUnload. */
static VOID NTAPI Unload(PDRIVER_OBJECT DriverObject)
{
	SIM_SECTION Section;

	(void)DriverObject;
	if (!TheDriver)
		return;
	if (TheDriver->Config.EvtDriverUnload) {
		Section = SimCallbackEnter("EvtDriverUnload", PASSIVE_LEVEL);
		TheDriver->Config.EvtDriverUnload((WDFDRIVER)(void *)TheDriver);
		SimCallbackLeave(&Section);
	}
	SimDriverUnload();
}

/* Deletes the driver object; also when DriverEntry fails after it was made. */
void SimDriverUnload(void)
{
	SIM_DRIVER *Old = TheDriver;

	TheDriver = NULL;
	if (Old)
		SimObjectDelete(&Old->Object);
}

static NTSTATUS DriverCreate(PWDF_DRIVER_GLOBALS Globals, PDRIVER_OBJECT DriverObject, PCUNICODE_STRING RegistryPath,
	PWDF_OBJECT_ATTRIBUTES Attributes, PWDF_DRIVER_CONFIG Config, WDFDRIVER *Driver)
{
	SIM_DRIVER *New;
	NTSTATUS Status;

	(void)RegistryPath;
	SimIrqlMax("WdfDriverCreate", PASSIVE_LEVEL);
	if (!SimWdfSize(Config->Size, sizeof(*Config), "WDF_DRIVER_CONFIG"))
		return STATUS_INVALID_PARAMETER;
	if (TheDriver) {
		SimViolation(SimRuleWdfParameter, "WdfDriverCreate: called twice");
		return STATUS_INVALID_DEVICE_STATE;
	}
	if (SimFault("WdfDriverCreate"))
		return STATUS_INSUFFICIENT_RESOURCES;
	New = SimObjectCreate(SimKindDriver, sizeof(*New), NULL, Attributes, &Status);
	if (!New)
		return Status;
	New->Config = *Config;
	New->DriverObject = DriverObject;
	TheDriver = New;
	Globals->Driver = (WDFDRIVER)(void *)New;
	if (Globals->DisplaceDriverUnload)
		DriverObject->DriverUnload = Unload;
	if (Driver)
		*Driver = Globals->Driver;
	return STATUS_SUCCESS;
}

static NTSTATUS DriverOpenParametersRegistryKey(PWDF_DRIVER_GLOBALS Globals, WDFDRIVER Driver, ACCESS_MASK Access,
	PWDF_OBJECT_ATTRIBUTES Attributes, WDFKEY *Key)
{
	SIM_DRIVER *Owner = SimObjectCheck(Driver, SimKindDriver, "WdfDriverOpenParametersRegistryKey");
	NTSTATUS Status;

	(void)Globals;
	(void)Access;
	SimIrqlMax("WdfDriverOpenParametersRegistryKey", PASSIVE_LEVEL);
	if (!Owner)
		return STATUS_INVALID_HANDLE;
	if (SimFault("WdfDriverOpenParametersRegistryKey"))
		return STATUS_INSUFFICIENT_RESOURCES;
	*Key = SimObjectCreate(SimKindKey, sizeof(SIM_KEY), &Owner->Object, Attributes, &Status);
	return Status;
}

static BOOLEAN NameEqual(const char *Text, size_t Length, PCUNICODE_STRING Name)
{
	if (Length != Name->Length / sizeof(WCHAR))
		return FALSE;
	for (size_t i = 0; i < Length; i++) {
		if ((Text[i] | 0x20) != (Name->Buffer[i] | 0x20))
			return FALSE;
	}
	return TRUE;
}

static NTSTATUS RegistryQueryULong(PWDF_DRIVER_GLOBALS Globals, WDFKEY Key, PCUNICODE_STRING Name, PULONG Value)
{
	const char *Next = Registry;

	(void)Globals;
	SimIrqlMax("WdfRegistryQueryULong", PASSIVE_LEVEL);
	if (!SimObjectCheck(Key, SimKindKey, "WdfRegistryQueryULong"))
		return STATUS_INVALID_HANDLE;
	if (SimFault("WdfRegistryQueryULong"))
		return STATUS_INSUFFICIENT_RESOURCES;
	while (Next && *Next) {
		size_t Length = strcspn(Next, "=,");

		if (Next[Length] == '=' && NameEqual(Next, Length, Name)) {
			*Value = (ULONG)strtoul(Next + Length + 1, NULL, 0);
			return STATUS_SUCCESS;
		}
		Next += strcspn(Next, ",");
		Next += *Next == ',';
	}
	return STATUS_OBJECT_NAME_NOT_FOUND;
}

static VOID RegistryClose(PWDF_DRIVER_GLOBALS Globals, WDFKEY Key)
{
	SIM_KEY *Old = SimObjectCheck(Key, SimKindKey, "WdfRegistryClose");

	(void)Globals;
	SimIrqlMax("WdfRegistryClose", PASSIVE_LEVEL);
	if (Old)
		SimObjectDelete(&Old->Object);
}

void SimWdfTableDriver(WDFFUNC *Table)
{
	SIM_WDF_ENTRY(Table, DriverCreate);
	SIM_WDF_ENTRY(Table, DriverOpenParametersRegistryKey);
	SIM_WDF_ENTRY(Table, RegistryQueryULong);
	SIM_WDF_ENTRY(Table, RegistryClose);
}
