/* SPDX-License-Identifier: MIT */
/* errorlog.c - the system's event log, as far as drivers write it: entries are checked, counted and shown. */
#include <stdlib.h>

#include "../host/host.h"
#include "../sim.h"
#include "nt.h"

#define MAX_CODES 64
#define MAX_SIZE 240 /* ERROR_LOG_MAXIMUM_SIZE, with the packet */

typedef struct ENTRY {
	struct ENTRY *Next;
	PVOID Object;
	IO_ERROR_LOG_PACKET Packet;
} ENTRY;

static HOST_LOCK Lock; /* guards what follows */
static ENTRY *Open; /* allocated and not written yet */
static struct {
	NTSTATUS Code;
	ULONG Count;
} Written[MAX_CODES];

PVOID NTAPI IoAllocateErrorLogEntry(PVOID Object, UCHAR Size)
{
	ENTRY *New;

	SimIrqlMax("IoAllocateErrorLogEntry", DISPATCH_LEVEL);
	if (!Object || Size < sizeof(IO_ERROR_LOG_PACKET) || Size > MAX_SIZE) {
		SimViolation(SimRuleErrorLog, "IoAllocateErrorLogEntry: %u bytes for %p", Size, Object);
		return NULL;
	}
	New = SimFault("IoAllocateErrorLogEntry") ? NULL : calloc(1, sizeof(*New) + Size);
	if (!New)
		return NULL;
	New->Object = Object;
	HostLockAcquire(&Lock);
	New->Next = Open;
	Open = New;
	HostLockRelease(&Lock);
	return &New->Packet;
}

static void Count(NTSTATUS Code)
{
	for (ULONG i = 0; i < MAX_CODES; i++) {
		if (Written[i].Count && Written[i].Code != Code)
			continue;
		Written[i].Code = Code;
		Written[i].Count++;
		return;
	}
}

VOID NTAPI IoWriteErrorLogEntry(PVOID Entry)
{
	ENTRY **Link = &Open;
	ENTRY *Old;

	SimIrqlMax("IoWriteErrorLogEntry", DISPATCH_LEVEL);
	HostLockAcquire(&Lock);
	while (*Link && &(*Link)->Packet != Entry)
		Link = &(*Link)->Next;
	Old = *Link;
	if (Old) {
		*Link = Old->Next;
		Count(Old->Packet.ErrorCode);
	}
	HostLockRelease(&Lock);
	if (!Old || Old->Packet.ErrorCode == 0)
		SimViolation(SimRuleErrorLog, "IoWriteErrorLogEntry: %p is not an entry, or says nothing", Entry);
	else
		SimLog("sim: event %#x, status %#x", (unsigned)Old->Packet.ErrorCode,
			(unsigned)Old->Packet.FinalStatus);
	free(Old);
}

ULONG SimEventCount(ULONG Code)
{
	ULONG Found = 0;

	HostLockAcquire(&Lock);
	for (ULONG i = 0; i < MAX_CODES; i++) {
		if ((ULONG)Written[i].Code == Code)
			Found = Written[i].Count;
	}
	HostLockRelease(&Lock);
	return Found;
}

void SimErrorLogStart(void)
{
	HostLockInit(&Lock);
	memset(Written, 0, sizeof(Written));
}

void SimErrorLogStop(void)
{
	while (Open) {
		ENTRY *Old = Open;

		Open = Old->Next;
		SimViolation(SimRuleErrorLog, "an entry of the error log was not written");
		free(Old);
	}
	HostLockDestroy(&Lock);
}
