/* SPDX-License-Identifier: MIT */
/*
 * device.h - the framework's device: PnP and power, interrupts, open and close.
 */
#ifndef VGPU_DEVICE_H
#define VGPU_DEVICE_H

#include "gpu.h"

typedef struct _DEVICE_CONTEXT {
	GPU Gpu;
	WDFINTERRUPT Interrupt;
	BOOLEAN MessageSignaled; /* constant while interrupts are connected */
} DEVICE_CONTEXT;
WDF_DECLARE_CONTEXT_TYPE_WITH_NAME(DEVICE_CONTEXT, DeviceOf)

EVT_WDF_DRIVER_DEVICE_ADD DeviceAdd;

#endif /* VGPU_DEVICE_H */
