/* SPDX-License-Identifier: MIT */
/*
 * smoke.c - the device as a plain Win32 program sees it, without any of the project's user-mode code.
 *
 *	smoke.exe [none | measure]
 *
 * none: there must be no device. measure: also times requests. The exit status is 0 when every check held; each failure
 *is a line on standard output. A request is left pending at the end on purpose: closing the process must cancel it.
 */
#include <windows.h>
#include <setupapi.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "vgpu_ioctl.h"

#define PIN_BYTES (64 * VGPU_PAGE_SIZE)
#define PENDING_MS 5000
#define MEASURE_COUNT 2000

static unsigned Failures;

#define CHECK(Condition) \
	do { \
		if (!(Condition)) { \
			printf("FAIL line %d: %s (last error %lu)\n", __LINE__, #Condition, GetLastError()); \
			Failures++; \
		} \
	} while (0)

static const GUID InterfaceClass = VGPU_INTERFACE_GUID_INIT;

static bool FindDevice(WCHAR *Path, DWORD Chars)
{
	union {
		SP_DEVICE_INTERFACE_DETAIL_DATA_W Data;
		char Bytes[1024];
	} Detail = {.Data = {.cbSize = sizeof(Detail.Data)}};
	SP_DEVICE_INTERFACE_DATA Interface = {.cbSize = sizeof(Interface)};
	HDEVINFO Set = SetupDiGetClassDevsW(&InterfaceClass, NULL, NULL, DIGCF_PRESENT | DIGCF_DEVICEINTERFACE);
	bool Found;

	Found = SetupDiEnumDeviceInterfaces(Set, NULL, &InterfaceClass, 0, &Interface) &&
		SetupDiGetDeviceInterfaceDetailW(Set, &Interface, &Detail.Data, sizeof(Detail), NULL, NULL);
	SetupDiDestroyDeviceInfoList(Set);
	if (Found)
		wcsncpy(Path, Detail.Data.DevicePath, Chars);
	return Found;
}

static HANDLE OpenDevice(const WCHAR *Path, DWORD Flags)
{
	return CreateFileW(Path, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, Flags, NULL);
}

/* The number of bytes returned, or -1 with the last error set. */
static long Call(HANDLE Device, DWORD Code, void *In, DWORD InBytes, void *Out, DWORD OutBytes)
{
	OVERLAPPED Overlapped = {.hEvent = CreateEventW(NULL, TRUE, FALSE, NULL)};
	DWORD Bytes = 0, Error;
	BOOL Done = DeviceIoControl(Device, Code, In, InBytes, Out, OutBytes, &Bytes, &Overlapped);

	if (!Done && GetLastError() == ERROR_IO_PENDING)
		Done = GetOverlappedResult(Device, &Overlapped, &Bytes, TRUE);
	Error = GetLastError();
	CloseHandle(Overlapped.hEvent);
	SetLastError(Error);
	return Done ? (long)Bytes : -1;
}

static void OpenAbi(HANDLE Device)
{
	struct vgpu_open Open = {VGPU_ABI_MAJOR, VGPU_ABI_MINOR, 0, 0};

	CHECK(Call(Device, VGPU_IOCTL_OPEN, &Open, sizeof(Open), &Open, sizeof(Open)) == sizeof(Open));
	CHECK(Open.abi_major == VGPU_ABI_MAJOR);
}

static void QueryAndCapsets(HANDLE Device)
{
	static unsigned char Capset[VGPU_MAX_CAPSET_SIZE];
	struct vgpu_device_info Info = {0};
	unsigned i;

	CHECK(Call(Device, VGPU_IOCTL_QUERY, NULL, 0, &Info, sizeof(Info)) == sizeof(Info));
	CHECK(Info.pci_vendor == 0x1af4 && Info.device_kind == VGPU_DEVICE_KIND_STANDARD);
	CHECK((Info.capabilities & (VGPU_CAP_3D | VGPU_CAP_PIN)) == (VGPU_CAP_3D | VGPU_CAP_PIN));
	CHECK(Info.num_capsets > 0);
	for (i = 0; i < Info.num_capsets; i++) {
		struct vgpu_capset_info Item = {.index = i};
		struct vgpu_capset Which;

		CHECK(Call(Device, VGPU_IOCTL_CAPSET_INFO, &Item, sizeof(Item), &Item, sizeof(Item)) == sizeof(Item));
		Which = (struct vgpu_capset){Item.id, Item.max_version};
		CHECK(Call(Device, VGPU_IOCTL_CAPSET, &Which, sizeof(Which), Capset, sizeof(Capset)) ==
			(long)Item.max_size);
		printf("capset %u version %u: %u bytes\n", Item.id, Item.max_version, Item.max_size);
	}
	CHECK(Call(Device, VGPU_IOCTL_QUERY, NULL, 0, &Info, 8) == -1 && GetLastError() == ERROR_BAD_LENGTH);
}

/* A pin stays pending; its pages stay the program's own; cancelling ends it. */
static BOOL Pin(HANDLE Device, uint32_t Id, void *Memory, OVERLAPPED *Overlapped)
{
	struct vgpu_memory_pin In = {Id, 0};

	return DeviceIoControl(Device, VGPU_IOCTL_MEMORY_PIN, &In, sizeof(In), Memory, PIN_BYTES, NULL, Overlapped);
}

static void PinAndCancel(HANDLE Device, char *Memory)
{
	OVERLAPPED Overlapped = {.hEvent = CreateEventW(NULL, TRUE, FALSE, NULL)};
	DWORD Bytes;

	memset(Memory, 0x5a, PIN_BYTES);
	CHECK(!Pin(Device, 1, Memory, &Overlapped) && GetLastError() == ERROR_IO_PENDING);
	CHECK(WaitForSingleObject(Overlapped.hEvent, 0) == WAIT_TIMEOUT);
	CHECK(Memory[0] == 0x5a && Memory[PIN_BYTES - 1] == 0x5a);
	Memory[VGPU_PAGE_SIZE] = 1;
	CHECK(CancelIoEx(Device, &Overlapped));
	CHECK(WaitForSingleObject(Overlapped.hEvent, PENDING_MS) == WAIT_OBJECT_0);
	CHECK(!GetOverlappedResult(Device, &Overlapped, &Bytes, FALSE) ||
		Overlapped.Internal == 0 /* a release by cancelling may count as success */);
	CHECK(Memory[0] == 0x5a && Memory[VGPU_PAGE_SIZE] == 1 && Memory[PIN_BYTES - 1] == 0x5a);
	CHECK(!CancelIoEx(Device, &Overlapped));
	CHECK(GetLastError() == ERROR_NOT_FOUND);
	CloseHandle(Overlapped.hEvent);
}

static void PinAndRelease(HANDLE Device, char *Memory)
{
	HANDLE Port = CreateIoCompletionPort(Device, NULL, 77, 1);
	struct vgpu_memory_release Release = {2, 0};
	OVERLAPPED Overlapped = {0}, *Ended = NULL;
	ULONG_PTR Key = 0;
	DWORD Bytes;

	CHECK(Port != NULL);
	CHECK(!Pin(Device, 2, Memory, &Overlapped) && GetLastError() == ERROR_IO_PENDING);
	CHECK(Call(Device, VGPU_IOCTL_MEMORY_RELEASE, &Release, sizeof(Release), NULL, 0) == 0);
	while (GetQueuedCompletionStatus(Port, &Bytes, &Key, &Ended, PENDING_MS) && Ended != &Overlapped)
		; /* the port also hears of the requests of Call */
	CHECK(Ended == &Overlapped && Key == 77);
	CloseHandle(Port);
}

static void WaitWithTimeout(HANDLE Device)
{
	struct vgpu_context_create Context = {.num_rings = 1};
	struct vgpu_wait Wait = {0};
	struct vgpu_submit Submit = {.flags = VGPU_SUBMIT_FENCE};

	CHECK(Call(Device, VGPU_IOCTL_CONTEXT_CREATE, &Context, sizeof(Context), &Context, sizeof(Context)) ==
		sizeof(Context));
	Wait.fence = (struct vgpu_fence){Context.context_id, 0, 1};
	CHECK(Call(Device, VGPU_IOCTL_WAIT, &Wait, sizeof(Wait), NULL, 0) == -1);
	CHECK(GetLastError() == ERROR_INVALID_PARAMETER); /* no such fence was given out */

	Submit.context_id = Context.context_id;
	CHECK(Call(Device, VGPU_IOCTL_SUBMIT, &Submit, sizeof(Submit), &Submit, sizeof(Submit)) == sizeof(Submit));
	CHECK(Submit.fence_number == 1);
	Wait.timeout_ns = 5000000000ull;
	CHECK(Call(Device, VGPU_IOCTL_WAIT, &Wait, sizeof(Wait), NULL, 0) == 0);
}

typedef struct THREAD_PIN {
	HANDLE Device;
	char *Memory;
	OVERLAPPED Overlapped;
} THREAD_PIN;

static DWORD WINAPI PinInThread(void *Argument)
{
	THREAD_PIN *It = Argument;

	CHECK(!Pin(It->Device, 3, It->Memory, &It->Overlapped) && GetLastError() == ERROR_IO_PENDING);
	return 0;
}

/* The end of a thread cancels its requests, unless they belong to a completion port. */
static void ThreadEnd(HANDLE Device, char *Memory)
{
	THREAD_PIN It = {Device, Memory, {.hEvent = CreateEventW(NULL, TRUE, FALSE, NULL)}};
	HANDLE Thread = CreateThread(NULL, 0, PinInThread, &It, 0, NULL);

	CHECK(WaitForSingleObject(Thread, PENDING_MS) == WAIT_OBJECT_0);
	CHECK(WaitForSingleObject(It.Overlapped.hEvent, PENDING_MS) == WAIT_OBJECT_0);
	CloseHandle(Thread);
	CloseHandle(It.Overlapped.hEvent);
}

/* Closing the last of two handles cancels what is pending. */
static void CloseWithPending(const WCHAR *Path, char *Memory)
{
	OVERLAPPED Overlapped = {.hEvent = CreateEventW(NULL, TRUE, FALSE, NULL)};
	HANDLE Device = OpenDevice(Path, FILE_FLAG_OVERLAPPED), Second = NULL;

	OpenAbi(Device);
	CHECK(DuplicateHandle(
		GetCurrentProcess(), Device, GetCurrentProcess(), &Second, 0, FALSE, DUPLICATE_SAME_ACCESS));
	CHECK(!Pin(Device, 1, Memory, &Overlapped) && GetLastError() == ERROR_IO_PENDING);
	CHECK(CloseHandle(Device));
	CHECK(WaitForSingleObject(Overlapped.hEvent, 50) == WAIT_TIMEOUT);
	CHECK(CloseHandle(Second));
	CHECK(WaitForSingleObject(Overlapped.hEvent, PENDING_MS) == WAIT_OBJECT_0);
	CloseHandle(Overlapped.hEvent);
}

static void Synchronous(const WCHAR *Path)
{
	HANDLE Device = OpenDevice(Path, 0);
	struct vgpu_open Open = {VGPU_ABI_MAJOR, VGPU_ABI_MINOR, 0, 0};
	DWORD Bytes = 0;

	CHECK(GetFileType(Device) == FILE_TYPE_CHAR);
	CHECK(DeviceIoControl(Device, VGPU_IOCTL_OPEN, &Open, sizeof(Open), &Open, sizeof(Open), &Bytes, NULL));
	CHECK(Bytes == sizeof(Open));
	CHECK(CloseHandle(Device));
	SetLastError(0);
	CHECK(!DeviceIoControl(Device, VGPU_IOCTL_OPEN, &Open, sizeof(Open), &Open, sizeof(Open), &Bytes, NULL));
	CHECK(GetLastError() == ERROR_INVALID_HANDLE);
}

static double Microseconds(LARGE_INTEGER From, LARGE_INTEGER To)
{
	LARGE_INTEGER Frequency;

	QueryPerformanceFrequency(&Frequency);
	return (double)(To.QuadPart - From.QuadPart) * 1e6 / (double)Frequency.QuadPart / MEASURE_COUNT;
}

static void Measure(const WCHAR *Path)
{
	HANDLE Device = OpenDevice(Path, 0);
	struct vgpu_open Open = {VGPU_ABI_MAJOR, VGPU_ABI_MINOR, 0, 0};
	struct vgpu_context_create Context = {.num_rings = 1};
	struct vgpu_device_info Info;
	struct vgpu_submit Submit = {.flags = VGPU_SUBMIT_FENCE};
	struct vgpu_wait Wait = {.timeout_ns = 5000000000ull};
	LARGE_INTEGER Times[4];
	DWORD Bytes;
	unsigned i;

	DeviceIoControl(Device, VGPU_IOCTL_OPEN, &Open, sizeof(Open), &Open, sizeof(Open), &Bytes, NULL);
	CHECK(DeviceIoControl(
		Device, VGPU_IOCTL_CONTEXT_CREATE, &Context, sizeof(Context), &Context, sizeof(Context), &Bytes, NULL));
	Submit.context_id = Wait.fence.context_id = Context.context_id;
	QueryPerformanceCounter(&Times[0]);
	for (i = 0; i < MEASURE_COUNT; i++)
		DeviceIoControl(Device, VGPU_IOCTL_QUERY, NULL, 0, &Info, sizeof(Info), &Bytes, NULL);
	QueryPerformanceCounter(&Times[1]);
	for (i = 0; i < MEASURE_COUNT && !Failures; i++) {
		Submit.fence_number = 0;
		CHECK(DeviceIoControl(
			Device, VGPU_IOCTL_SUBMIT, &Submit, sizeof(Submit), &Submit, sizeof(Submit), &Bytes, NULL));
		Wait.fence.number = Submit.fence_number;
		CHECK(DeviceIoControl(Device, VGPU_IOCTL_WAIT, &Wait, sizeof(Wait), NULL, 0, &Bytes, NULL));
	}
	QueryPerformanceCounter(&Times[2]);
	for (i = 0; i < MEASURE_COUNT && !Failures; i++) {
		Submit.fence_number = 0;
		CHECK(DeviceIoControl(
			Device, VGPU_IOCTL_SUBMIT, &Submit, sizeof(Submit), &Submit, sizeof(Submit), &Bytes, NULL));
	}
	QueryPerformanceCounter(&Times[3]);
	printf("query %.1f us, fenced empty submit and wait %.1f us, submit alone %.1f us\n",
		Microseconds(Times[0], Times[1]), Microseconds(Times[1], Times[2]), Microseconds(Times[2], Times[3]));
	CloseHandle(Device);
}

int main(int ArgumentCount, char **Arguments)
{
	const char *Mode = ArgumentCount > 1 ? Arguments[1] : "";
	char *Memory = VirtualAlloc(NULL, PIN_BYTES, MEM_COMMIT | MEM_RESERVE, PAGE_READWRITE);
	static OVERLAPPED LeftPending;
	WCHAR Path[512];
	HANDLE Device;

	printf("a program of %u bits\n", (unsigned)sizeof(void *) * 8);
	if (!FindDevice(Path, 512)) {
		puts("no device");
		return strcmp(Mode, "none") == 0 ? 0 : 1;
	}
	CHECK(strcmp(Mode, "none") != 0);
	Device = OpenDevice(Path, FILE_FLAG_OVERLAPPED);
	CHECK(Device != INVALID_HANDLE_VALUE);
	if (Device == INVALID_HANDLE_VALUE)
		return 1;
	CHECK(Call(Device, VGPU_IOCTL_QUERY, NULL, 0, Path, 64) == -1); /* before VGPU_IOCTL_OPEN */
	OpenAbi(Device);
	QueryAndCapsets(Device);
	PinAndCancel(Device, Memory);
	ThreadEnd(Device, Memory);
	PinAndRelease(Device, Memory);
	WaitWithTimeout(Device);
	if (FindDevice(Path, 512)) {
		CloseWithPending(Path, Memory);
		Synchronous(Path);
		if (strcmp(Mode, "measure") == 0)
			Measure(Path);
	}
	CHECK(!Pin(Device, 9, Memory, &LeftPending) && GetLastError() == ERROR_IO_PENDING);
	printf("%u failures\n", Failures);
	return Failures ? 1 : 0;
}
