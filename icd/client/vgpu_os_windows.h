/* SPDX-License-Identifier: MIT */
/* What the two files of the Windows implementation share. */
#ifndef VGPU_OS_WINDOWS_H
#define VGPU_OS_WINDOWS_H

#ifndef WIN32_LEAN_AND_MEAN
#define WIN32_LEAN_AND_MEAN
#endif
#ifndef _WIN32_WINNT
#define _WIN32_WINNT 0x0A00
#endif
#include <windows.h>

#include "vgpu_os.h"

struct call;

struct vgpu_os_device {
	HANDLE file; /* NULL: disconnected */
	HANDLE port; /* where pins complete; nothing else does */
	SRWLOCK pool_lock;
	struct call *pool; /* guarded by pool_lock */
	unsigned pooled; /* guarded by pool_lock */
	CRITICAL_SECTION port_lock; /* held while the port is read */
	volatile LONG pins; /* issued and not yet seen to complete */
};

/* Reads completions until no pin is outstanding, for a limited time. The file is closed already. */
void vgpu_os_pins_drain(struct vgpu_os_device *device);

#endif /* VGPU_OS_WINDOWS_H */
