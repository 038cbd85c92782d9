/* SPDX-License-Identifier: MIT */
/*
 * ioctl.h - the requests of vgpu_ioctl.h: one table with every code, its sizes and its handler.
 */
#ifndef VGPU_IOCTL_TABLE_H
#define VGPU_IOCTL_TABLE_H

#include "file.h"

/* Carries out a request in its caller's context, or passes it to the framework's queue when it has to stay pending. */
EVT_WDF_IO_IN_CALLER_CONTEXT IoctlInCallerContext;

/* The framework's queue: requests that stay pending. It is not power-managed and presents everything at once, though
 * not always on the thread of the request. */
EVT_WDF_IO_QUEUE_IO_DEVICE_CONTROL IoctlPend;

#endif /* VGPU_IOCTL_TABLE_H */
