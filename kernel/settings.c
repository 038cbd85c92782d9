/* SPDX-License-Identifier: MIT */
#include "settings.h"
#include "command.h"

typedef struct _SETTING {
	const WCHAR *Name;
	SIZE_T Offset; /* in SETTINGS */
	ULONG Default;
	ULONG Least;
	ULONG Most;
} SETTING;

static const SETTING SettingsTable[] = {
	{L"DeviceTimeoutMs", FIELD_OFFSET(SETTINGS, TimeoutMs), 10000, 1000, 600000},
	{L"ResetIntervalMs", FIELD_OFFSET(SETTINGS, ResetIntervalMs), 60000, 0, 3600000},
	{L"TraceLevel", FIELD_OFFSET(SETTINGS, TraceLevel), 0, 0, 4},
	{L"FirstFenceId", FIELD_OFFSET(SETTINGS, FirstFenceId), 0, 0, MAXULONG},
	{L"MaxKernelMemoryMiB", FIELD_OFFSET(SETTINGS, MaxKernelMemoryMiB), SETTINGS_AS_GRANTED, 0, 1048576},
	{L"MaxDeviceMemoryMiB", FIELD_OFFSET(SETTINGS, MaxDeviceMemoryMiB), 0, 1, 1048576},
	{L"MaxDeviceWaits", FIELD_OFFSET(SETTINGS, MaxDeviceWaits), 65536, 1, 1048576},
	{L"MaxWaits", FIELD_OFFSET(SETTINGS, MaxWaits), 4096, 1, 1048576},
	{L"MaxContexts", FIELD_OFFSET(SETTINGS, MaxContexts), 256, 1, 65536},
	{L"MaxResources", FIELD_OFFSET(SETTINGS, MaxResources), 262144, 1, 4194304},
	{L"MaxMemories", FIELD_OFFSET(SETTINGS, MaxMemories), 4096, 1, 1048576},
	{L"MaxMemoryMiB", FIELD_OFFSET(SETTINGS, MaxMemoryMiB), 16384, 1, 1048576},
	{L"MaxMappedMiB", FIELD_OFFSET(SETTINGS, MaxMappedMiB), 16384, 1, 1048576},
	{L"MaxCommands", FIELD_OFFSET(SETTINGS, MaxCommands), COMMAND_COUNT / 4, COMMAND_MOST_AT_ONCE, COMMAND_COUNT},
};

static ULONG SettingsReadOne(WDFKEY Key, const SETTING *Setting)
{
	UNICODE_STRING Name;
	ULONG Value;

	RtlInitUnicodeString(&Name, Setting->Name);
	if (!NT_SUCCESS(WdfRegistryQueryULong(Key, &Name, &Value)) || Value < Setting->Least || Value > Setting->Most)
		return Setting->Default;
	return Value;
}

/* Half of the machine's memory, as Windows lets graphics have. */
static ULONG SettingsHalfOfMemoryMiB(VOID)
{
	PPHYSICAL_MEMORY_RANGE Ranges = MmGetPhysicalMemoryRanges();
	ULONG64 Bytes = 0;

	if (!Ranges)
		return 1024;
	for (ULONG Index = 0; Ranges[Index].NumberOfBytes.QuadPart; Index++)
		Bytes += (ULONG64)Ranges[Index].NumberOfBytes.QuadPart;
	ExFreePool(Ranges);
	return (ULONG)(Bytes >> 21) ? (ULONG)(Bytes >> 21) : 1;
}

_Use_decl_annotations_
VOID SettingsRead(SETTINGS *Settings, WDFDRIVER Driver)
{
	WDFKEY Key = NULL;
	NTSTATUS Status = WdfDriverOpenParametersRegistryKey(Driver, KEY_READ, WDF_NO_OBJECT_ATTRIBUTES, &Key);

	for (ULONG Index = 0; Index < RTL_NUMBER_OF(SettingsTable); Index++) {
		const SETTING *Setting = &SettingsTable[Index];
		ULONG *Value = (ULONG *)((PUCHAR)Settings + Setting->Offset);

		*Value = NT_SUCCESS(Status) ? SettingsReadOne(Key, Setting) : Setting->Default;
	}
	if (NT_SUCCESS(Status))
		WdfRegistryClose(Key);
	if (!Settings->MaxDeviceMemoryMiB)
		Settings->MaxDeviceMemoryMiB = SettingsHalfOfMemoryMiB();
}
