/* SPDX-License-Identifier: MIT */
/*
 * nt.h - the native API's types for the Windows side of this folder.
 */
#ifndef NT_H
#define NT_H

#define WIN32_NO_STATUS
#include <windows.h>
#include <winternl.h>
#undef WIN32_NO_STATUS
#include <ntstatus.h>
#include <stdbool.h>

#include "../sim.h"

/* Information classes that winternl.h does not name everywhere. */
#define NT_FILE_COMPLETION_INFORMATION 30
#define NT_FILE_IO_COMPLETION_NOTIFICATION_INFORMATION 41
#define NT_FS_DEVICE_INFORMATION 4
#define NT_THREAD_AM_I_LAST_THREAD 12

struct nt_completion_information {
	HANDLE Port;
	void *Key;
};

struct nt_fs_device_information {
	ULONG DeviceType;
	ULONG Characteristics;
};

#endif /* NT_H */
