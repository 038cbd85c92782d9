/* SPDX-License-Identifier: MIT */
/*
 * settings.h - what an administrator can change in the registry; docs/settings.md says it to them.
 */
#ifndef VGPU_SETTINGS_H
#define VGPU_SETTINGS_H

#include "nt.h"
#include <wdf.h>

#define SETTINGS_AS_GRANTED MAXULONG

typedef struct _SETTINGS {
	ULONG TimeoutMs; /* after which a device that owes an answer counts as hung */
	ULONG ResetIntervalMs; /* a device that worked for less than this after a reset is not reset again */
	ULONG TraceLevel; /* at start */
	ULONG FirstFenceId; /* less one: where the device's fence ids begin, to try what becomes of them at their end */
	ULONG MaxKernelMemoryMiB; /* or SETTINGS_AS_GRANTED: see chunk.h */
	ULONG MaxDeviceMemoryMiB; /* pinned or allocated by all handles */
	ULONG MaxDeviceWaits; /* requests that wait for fences, of all handles */
	/* of each handle */
	ULONG MaxContexts;
	ULONG MaxResources;
	ULONG MaxMemories;
	ULONG MaxMemoryMiB;
	ULONG MaxMappedMiB; /* of the host's memory */
	ULONG MaxWaits;
	ULONG MaxCommands; /* that the device has not answered */
} SETTINGS;

/* A value that is missing or out of range is the default. */
_IRQL_requires_max_(PASSIVE_LEVEL)
VOID SettingsRead(_Out_ SETTINGS *Settings, _In_ WDFDRIVER Driver);

#endif /* VGPU_SETTINGS_H */
