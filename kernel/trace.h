/* SPDX-License-Identifier: MIT */
/*
 * trace.h - messages for a kernel debugger, off unless the registry value TraceLevel or VGPU_IOCTL_TRACE turns them on.
 */
#ifndef VGPU_TRACE_H
#define VGPU_TRACE_H

#include "nt.h"

/* As VGPU_IOCTL_TRACE has them. */
#define TRACE_ERROR 1u
#define TRACE_WARNING 2u
#define TRACE_INFO 3u
#define TRACE_ALL 4u

/* Current: the device's level. Any IRQL that DbgPrintEx allows. */
#define VgpuTrace(Current, Level, ...) \
	do { \
		if ((Current) >= (LONG)(Level)) \
			(VOID) DbgPrintEx(DPFLTR_IHVVIDEO_ID, DPFLTR_ERROR_LEVEL, "vgpu: " __VA_ARGS__); \
	} while (0)

#endif /* VGPU_TRACE_H */
