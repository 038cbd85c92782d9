/* SPDX-License-Identifier: MIT */
/*
 * file.c - the I/O manager's side of files: names, open, close. A file is used by its handle and by each request on it.
 * Closing the handle is cleanup; the last use's end is close. As on Windows, closing a handle does not cancel what the
 * driver has: EvtFileCleanup must see to that.
 */
#include "kmdf.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct CLOSING {
	SIM_WORK Work;
	SIM_USER_FILE *File;
} CLOSING;

/* ---- life of a file ---- */
static void CloseFile(SIM_USER_FILE *File)
{
	SIM_DEVICE *Device = File->Device;
	SIM_SECTION Section;

	if (Device->Init.File.EvtFileClose) {
		Section = SimCallbackEnter("EvtFileClose", PASSIVE_LEVEL);
		Device->Init.File.EvtFileClose((WDFFILEOBJECT)(void *)File);
		SimCallbackLeave(&Section);
	}
	Section = SimCallbackEnter("deletion of the file object", PASSIVE_LEVEL);
	SimObjectReference(&Device->Object);
	SimObjectDelete(&File->Object);
	HostLockAcquire(&SimIoLock);
	RemoveEntryList(&File->Link);
	HostConditionSignalAll(&SimIoChanged);
	HostLockRelease(&SimIoLock);
	SimObjectDereference(&File->Object);
	SimObjectDereference(&Device->Object);
	SimCallbackLeave(&Section);
}

static void CloseWork(SIM_WORK *Work)
{
	CLOSING *Closing = CONTAINING_RECORD(Work, CLOSING, Work);

	CloseFile(Closing->File);
	free(Closing);
}

static BOOLEAN DropUse(SIM_USER_FILE *File)
{
	BOOLEAN Last;

	HostLockAcquire(&SimIoLock);
	Last = --File->Uses == 0;
	HostLockRelease(&SimIoLock);
	return Last;
}

void SimFileRelease(SIM_USER_FILE *File)
{
	CLOSING *Closing;

	if (!DropUse(File))
		return;
	Closing = calloc(1, sizeof(*Closing));
	if (!Closing)
		HostAbort();
	Closing->File = File;
	Closing->Work.Routine = CloseWork;
	SimWorkQueue(&Closing->Work); /* the caller may hold the driver's locks, or be at a raised IRQL */
}

/* ---- names ---- */
static void InterfaceName(const SIM_DEVICE *Device, const GUID *Class, char Name[160])
{
	const SIM_PCI_FUNCTION *Function = Device->Init.Function;
	const UCHAR *End = Class->Data4;

	snprintf(Name, 160, "\\??\\PCI#VEN_%04X&DEV_%04X#%u&%02X#{%08x-%04x-%04x-%02x%02x-%02x%02x%02x%02x%02x%02x}",
		Function->Vendor, Function->Device, (unsigned)Device->Number, (unsigned)Function->DeviceFunction,
		(unsigned)Class->Data1, Class->Data2, Class->Data3, End[0], End[1], End[2], End[3], End[4], End[5],
		End[6], End[7]);
}

static char Fold(WCHAR Letter)
{
	return (char)(Letter >= 'a' && Letter <= 'z' ? Letter - 'a' + 'A' : Letter);
}

static SIM_DEVICE *FindName(const WCHAR *Name, ULONG Chars)
{
	char Own[160];

	for (SIM_DEVICE *Device = SimDevices(); Device; Device = Device->Next) {
		for (ULONG i = 0; i < Device->Interfaces; i++) {
			ULONG At = 0;

			InterfaceName(Device, &Device->Interface[i], Own);
			while (At < Chars && Own[At] && Name[At] < 128 && Fold(Name[At]) == Fold((WCHAR)Own[At]))
				At++;
			if (At == Chars && !Own[At])
				return Device;
		}
	}
	return NULL;
}

BOOLEAN SimUserInterface(const GUID *Class, ULONG Index, WCHAR *Name, ULONG NameChars)
{
	char Own[160];

	for (SIM_DEVICE *Device = SimDevices(); Device; Device = Device->Next) {
		for (ULONG i = 0; i < Device->Interfaces && Device->State != SimDeviceRemoved; i++) {
			if (memcmp(Class, &Device->Interface[i], sizeof(GUID)) != 0 || Index-- != 0)
				continue;
			InterfaceName(Device, Class, Own);
			if (strlen(Own) >= NameChars)
				return FALSE;
			for (ULONG At = 0; At <= strlen(Own); At++)
				Name[At] = (WCHAR)Own[At];
			return TRUE;
		}
	}
	return FALSE;
}

BOOLEAN SimUserOwnsName(const WCHAR *Name, ULONG Chars)
{
	return FindName(Name, Chars) != NULL;
}

/* ---- open and close ---- */
static NTSTATUS CreateRequest(SIM_USER_FILE *File)
{
	SIM_DEVICE *Device = File->Device;
	SIM_SECTION Section;
	SIM_REQUEST *Request;
	NTSTATUS Status;

	if (!Device->Init.File.EvtDeviceFileCreate)
		return STATUS_SUCCESS;
	Request = SimRequestMake(File, WdfRequestTypeCreate, &Status);
	if (!Request)
		return Status;
	Request->State = SimRequestOwned;
	SimObjectReference(&Request->Object);
	Section = SimCallbackEnter("EvtDeviceFileCreate", PASSIVE_LEVEL);
	Device->Init.File.EvtDeviceFileCreate(
		(WDFDEVICE)(void *)Device, (WDFREQUEST)(void *)Request, (WDFFILEOBJECT)(void *)File);
	SimCallbackLeave(&Section);
	HostLockAcquire(&SimIoLock);
	while (!IsListEmpty(&Request->FileLink))
		HostConditionWait(&SimIoChanged, &SimIoLock, HOST_FOREVER);
	Status = Request->Status;
	HostLockRelease(&SimIoLock);
	SimObjectDereference(&Request->Object);
	return Status;
}

static BOOLEAN OpenAllowed(SIM_DEVICE *Device)
{
	BOOLEAN Busy;

	HostLockAcquire(&SimIoLock);
	Busy = Device->Init.Exclusive && !IsListEmpty(&Device->Files);
	HostLockRelease(&SimIoLock);
	return !Busy;
}

NTSTATUS SimUserOpen(const WCHAR *Name, ULONG Chars, ACCESS_MASK Access, SIM_USER_FILE **Handle)
{
	SIM_DEVICE *Device = FindName(Name, Chars);
	SIM_USER_FILE *File;
	NTSTATUS Status;

	*Handle = NULL;
	if (!Device)
		return STATUS_OBJECT_NAME_NOT_FOUND;
	if (Device->State != SimDeviceWorking && Device->State != SimDeviceSleeping)
		return STATUS_NO_SUCH_DEVICE;
	if (!OpenAllowed(Device))
		return STATUS_ACCESS_DENIED;
	File = SimObjectCreate(SimKindFile, sizeof(*File), &Device->Object,
		Device->Init.FileAttributes.Size ? &Device->Init.FileAttributes : NULL, &Status);
	if (!File)
		return Status;
	SimObjectReference(&File->Object); /* CloseFile's */
	File->Device = Device;
	File->Access = Access;
	File->Uses = 1;
	File->Handles = 1;
	InitializeListHead(&File->Requests);
	HostLockAcquire(&SimIoLock);
	InsertTailList(&Device->Files, &File->Link);
	HostLockRelease(&SimIoLock);
	Status = CreateRequest(File);
	if (NT_SUCCESS(Status)) {
		SimProcessHandleAdd(NULL, File);
		*Handle = File;
		return Status;
	}
	SimWorkDrain(); /* the create request's release of the file */
	HostLockAcquire(&SimIoLock);
	RemoveEntryList(&File->Link);
	HostLockRelease(&SimIoLock);
	SimObjectDelete(&File->Object); /* a file that was never open has no cleanup and no close */
	SimObjectDereference(&File->Object);
	return Status;
}

void SimUserReference(SIM_USER_FILE *File)
{
	HostLockAcquire(&SimIoLock);
	File->Uses++;
	HostLockRelease(&SimIoLock);
}

void SimUserDereference(SIM_USER_FILE *File)
{
	SimFileRelease(File);
}

void SimUserClose(SIM_USER_FILE *File)
{
	SIM_DEVICE *Device = File->Device;
	SIM_SECTION Section;

	BOOLEAN Last;

	SimProcessHandleDrop(File);
	HostLockAcquire(&SimIoLock);
	Last = --File->Handles == 0;
	HostLockRelease(&SimIoLock);
	if (!Last)
		return;
	SimQueuesFlushFile(File);
	if (Device->Init.File.EvtFileCleanup) {
		Section = SimCallbackEnter("EvtFileCleanup", PASSIVE_LEVEL);
		Device->Init.File.EvtFileCleanup((WDFFILEOBJECT)(void *)File);
		SimCallbackLeave(&Section);
	}
	if (DropUse(File))
		CloseFile(File);
}

static SIM_USER_FILE *OpenHandle(SIM_DEVICE *Device)
{
	SIM_USER_FILE *Found = NULL;

	HostLockAcquire(&SimIoLock);
	for (LIST_ENTRY *Link = Device->Files.Flink; Link != &Device->Files && !Found; Link = Link->Flink) {
		if (CONTAINING_RECORD(Link, SIM_USER_FILE, Link)->Handles > 0)
			Found = CONTAINING_RECORD(Link, SIM_USER_FILE, Link);
	}
	HostLockRelease(&SimIoLock);
	return Found;
}

static void WaitClosed(SIM_DEVICE *Device)
{
	uint64_t End = HostNow() + SimPatienceNs();
	ULONG Left = 0;

	HostLockAcquire(&SimIoLock);
	while (!IsListEmpty(&Device->Files) && HostNow() < End)
		HostConditionWait(&SimIoChanged, &SimIoLock, 100000000);
	for (LIST_ENTRY *Link = Device->Files.Flink; Link != &Device->Files; Link = Link->Flink)
		Left += CONTAINING_RECORD(Link, SIM_USER_FILE, Link)->Uses;
	HostLockRelease(&SimIoLock);
	if (Left > 0)
		SimViolation(SimRuleRequestLeak, "%u requests were not completed after their files were closed",
			(unsigned)Left);
}

void SimFilesStop(void)
{
	for (SIM_DEVICE *Device = SimDevices(); Device; Device = Device->Next) {
		SIM_USER_FILE *File;

		while ((File = OpenHandle(Device)) != NULL) {
			SimViolation(SimRuleFileLeak, "file %p is still open", (void *)File);
			SimUserClose(File);
		}
		WaitClosed(Device);
	}
}
