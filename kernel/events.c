/* SPDX-License-Identifier: MIT */
#include "events.h"

_Use_decl_annotations_
VOID EventWrite(WDFDEVICE Device, NTSTATUS Event, NTSTATUS Status)
{
	PIO_ERROR_LOG_PACKET Packet =
		IoAllocateErrorLogEntry(WdfDeviceWdmGetDeviceObject(Device), sizeof(IO_ERROR_LOG_PACKET));

	if (!Packet)
		return;
	RtlZeroMemory(Packet, sizeof(*Packet));
	Packet->ErrorCode = Event;
	Packet->FinalStatus = Status;
	IoWriteErrorLogEntry(Packet);
}
