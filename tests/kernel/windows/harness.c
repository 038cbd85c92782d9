/* SPDX-License-Identifier: MIT */
/* harness.c - see harness.h. */
#include "driver_test.h"

#include <initguid.h>
#include <setupapi.h>

#define WAIT_MS 20000

NTSTATUS NTAPI NtCancelIoFileEx(HANDLE File, IO_STATUS_BLOCK *Which, IO_STATUS_BLOCK *Block);

SIM_BUS *DriverStartFake(SIM_INTERRUPTS Interrupts)
{
	(void)Interrupts;
	return NULL;
}

void DriverStop(void)
{
}

/* ---- handles ---- */
SIM_USER_FILE *HarnessOpen(const GUID *Class)
{
	union {
		SP_DEVICE_INTERFACE_DETAIL_DATA_W Detail;
		BYTE Bytes[1024];
	} Path = {.Detail.cbSize = sizeof(SP_DEVICE_INTERFACE_DETAIL_DATA_W)};
	SP_DEVICE_INTERFACE_DATA Interface = {.cbSize = sizeof(Interface)};
	HDEVINFO Set = SetupDiGetClassDevsW(Class, NULL, NULL, DIGCF_PRESENT | DIGCF_DEVICEINTERFACE);
	HANDLE File;

	assert_true(Set != INVALID_HANDLE_VALUE);
	assert_true(SetupDiEnumDeviceInterfaces(Set, NULL, Class, 0, &Interface));
	assert_true(SetupDiGetDeviceInterfaceDetailW(Set, &Interface, &Path.Detail, sizeof(Path), NULL, NULL));
	SetupDiDestroyDeviceInfoList(Set);
	File = CreateFileW(Path.Detail.DevicePath, GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE,
		NULL, OPEN_EXISTING, FILE_FLAG_OVERLAPPED, NULL);
	assert_true(File != INVALID_HANDLE_VALUE);
	return (SIM_USER_FILE *)File;
}

void SimUserClose(SIM_USER_FILE *File)
{
	assert_true(CloseHandle((HANDLE)File));
}

/* ---- requests ---- */
NTSTATUS HarnessSend(SIM_USER_FILE *File, ULONG Code, const void *Input, ULONG InputLength, void *Output,
	ULONG OutputLength, HARNESS_REQUEST *Request)
{
	*Request = (HARNESS_REQUEST){.Event = CreateEventW(NULL, TRUE, FALSE, NULL)};
	assert_non_null(Request->Event);
	Request->Status = NtDeviceIoControlFile((HANDLE)File, Request->Event, NULL, NULL, &Request->Block, Code,
		(void *)(uintptr_t)Input, InputLength, Output, OutputLength);
	return Request->Status;
}

NTSTATUS HarnessWait(HARNESS_REQUEST *Request)
{
	if (Request->Status == STATUS_PENDING) {
		assert_int_equal(WaitForSingleObject(Request->Event, WAIT_MS), WAIT_OBJECT_0);
		Request->Status = Request->Block.Status;
	}
	/* A request that fails at once need not fill the block. */
	Request->Information = NT_ERROR(Request->Status) ? 0 : Request->Block.Information;
	assert_true(CloseHandle(Request->Event));
	return Request->Status;
}

NTSTATUS HarnessIoctl(SIM_USER_FILE *File, ULONG Code, const void *Input, ULONG InputLength, void *Output,
	ULONG OutputLength, ULONG_PTR *Information)
{
	HARNESS_REQUEST Request;
	NTSTATUS Status;

	HarnessSend(File, Code, Input, InputLength, Output, OutputLength, &Request);
	Status = HarnessWait(&Request);
	if (Information)
		*Information = Request.Information;
	return Status;
}

NTSTATUS HarnessCancel(SIM_USER_FILE *File, HARNESS_REQUEST *Request)
{
	IO_STATUS_BLOCK Block;

	return NtCancelIoFileEx((HANDLE)File, &Request->Block, &Block);
}

/* ---- memory, rights ---- */
void *HarnessPages(size_t Bytes)
{
	void *Memory = VirtualAlloc(NULL, Bytes, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);

	assert_non_null(Memory);
	return Memory;
}

void HarnessPagesFree(void *Memory)
{
	assert_true(VirtualFree(Memory, 0, MEM_RELEASE));
}

BOOLEAN HarnessPrivileged(BOOLEAN Is)
{
	return !Is;
}
