/* SPDX-License-Identifier: MIT */
/*
 * events.h - what an administrator should see in the system's event log.
 *
 * The comment above each number is its text, which make_messages.py puts into the driver's message table: %1 is the
 * name of the device. The numbers: severity, customer's own, facility 4, and the event id in the low 16 bits.
 */
#ifndef VGPU_EVENTS_H
#define VGPU_EVENTS_H

#include "nt.h"
#include <wdf.h>

/* The virtual GPU %1 did not answer in time and is being reset. Programs that draw lose what they have drawn. */
#define EVENT_HUNG ((NTSTATUS)0xA0040001)
/* The virtual GPU %1 broke the rules of its interface and is being reset. Programs that draw lose what they have drawn.
 */
#define EVENT_BROKE_RULES ((NTSTATUS)0xA0040002)
/* The virtual GPU %1 works again after a reset. */
#define EVENT_WORKS_AGAIN ((NTSTATUS)0x60040003)
/* The virtual GPU %1 does not work any more. Disable and enable the device, or restart the computer. */
#define EVENT_BROKEN ((NTSTATUS)0xE0040004)
/* The virtual GPU %1 could not be started; the data has the status. */
#define EVENT_NOT_STARTED ((NTSTATUS)0xE0040005)
/* The virtual GPU %1 offers no 3D. The virtual machine's host must be set up to offer it. */
#define EVENT_NO_3D ((NTSTATUS)0xE0040006)
/* Programs have all the memory that the virtual GPU %1 may use; requests for more are refused. See MaxDeviceMemoryMiB.
 */
#define EVENT_NO_ROOM ((NTSTATUS)0xA0040007)

/* Without memory for it nothing is written. Status: goes into the event's data. */
_IRQL_requires_max_(DISPATCH_LEVEL)
VOID EventWrite(_In_ WDFDEVICE Device, _In_ NTSTATUS Event, _In_ NTSTATUS Status);

#endif /* VGPU_EVENTS_H */
