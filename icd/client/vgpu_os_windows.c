/* SPDX-License-Identifier: MIT */
#ifndef WIN32_LEAN_AND_MEAN
#define WIN32_LEAN_AND_MEAN
#endif
#ifndef _WIN32_WINNT
#define _WIN32_WINNT 0x0A00
#endif
#include <windows.h>
#include <setupapi.h>
#include <stdlib.h>
#include <string.h>

#include "vgpu_ioctl.h"
#include "vgpu_os.h"

#define INLINE_BYTES 256u /* every fixed structure of the interface fits */
#define MAX_POOLED_CALLS 32u
#define CANCEL_TIMEOUT_MS 5000u /* how long a driver may take to answer a cancelled request */
#define CLOSE_TIMEOUT_MS 5000u

/* A request in flight. It lives on the heap because the system writes to it until the request has completed, which a
 * broken driver may never let happen. */
struct call {
	OVERLAPPED overlapped;
	struct call *next; /* in the pool */
	HANDLE event;
	uint8_t *large; /* instead of data, when that is too small */
	uint8_t data[INLINE_BYTES];
};

struct vgpu_os_pin {
	OVERLAPPED overlapped; /* first: the port hands this pointer back */
	bool done; /* guarded by port_lock */
	struct vgpu_memory_pin input;
};

struct vgpu_os_device {
	HANDLE file;
	HANDLE port; /* where pins complete; nothing else does */
	SRWLOCK pool_lock;
	struct call *pool; /* guarded by pool_lock */
	unsigned pooled; /* guarded by pool_lock */
	CRITICAL_SECTION port_lock; /* held while the port is read */
	volatile LONG pins; /* issued and not yet seen to complete */
};

/* ---- finding the device ---- */

static uint32_t open_interface(HDEVINFO set, const GUID *guid, unsigned index, HANDLE *file)
{
	SP_DEVICE_INTERFACE_DATA interface_data = {.cbSize = sizeof(interface_data)};
	SP_DEVICE_INTERFACE_DETAIL_DATA_W *detail;
	uint32_t error = 0;
	DWORD size = 0;

	if (!SetupDiEnumDeviceInterfaces(set, NULL, guid, index, &interface_data))
		return GetLastError();
	SetupDiGetDeviceInterfaceDetailW(set, &interface_data, NULL, 0, &size, NULL);
	if (size < sizeof(*detail))
		return VGPU_OS_GEN_FAILURE;
	detail = calloc(1, size);
	if (!detail)
		return VGPU_OS_NOT_ENOUGH_MEMORY;
	detail->cbSize = sizeof(*detail);
	if (!SetupDiGetDeviceInterfaceDetailW(set, &interface_data, detail, size, NULL, NULL)) {
		error = GetLastError();
		goto free_detail;
	}
	*file = CreateFileW(detail->DevicePath, GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL,
		OPEN_EXISTING, FILE_FLAG_OVERLAPPED, NULL);
	if (*file == INVALID_HANDLE_VALUE)
		error = GetLastError();
free_detail:
	free(detail);
	return error;
}

static uint32_t find_and_open(unsigned index, HANDLE *file)
{
	static const GUID guid = VGPU_INTERFACE_GUID_INIT;
	HDEVINFO set = SetupDiGetClassDevsW(&guid, NULL, NULL, DIGCF_PRESENT | DIGCF_DEVICEINTERFACE);
	uint32_t error;

	if (set == INVALID_HANDLE_VALUE)
		return GetLastError();
	error = open_interface(set, &guid, index, file);
	SetupDiDestroyDeviceInfoList(set);
	return error;
}

uint32_t vgpu_os_open(unsigned index, struct vgpu_os_device **device)
{
	struct vgpu_os_device *opened;
	uint32_t error;

	*device = NULL;
	opened = calloc(1, sizeof(*opened));
	if (!opened)
		return VGPU_OS_NOT_ENOUGH_MEMORY;
	InitializeSRWLock(&opened->pool_lock);
	InitializeCriticalSection(&opened->port_lock);
	error = find_and_open(index, &opened->file);
	if (error)
		goto free_device;
	/* With a port, a request without an event belongs to the process and not to the thread that made it. */
	opened->port = CreateIoCompletionPort(opened->file, NULL, 0, 1);
	if (!opened->port) {
		error = GetLastError();
		goto close_file;
	}
	*device = opened;
	return 0;

close_file:
	CloseHandle(opened->file);
free_device:
	DeleteCriticalSection(&opened->port_lock);
	free(opened);
	return error;
}

void *vgpu_os_pages_alloc(size_t size)
{
	return VirtualAlloc(NULL, size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
}

void vgpu_os_pages_free(void *pages, size_t size)
{
	(void)size;
	VirtualFree(pages, 0, MEM_RELEASE);
}

/* ---- requests that end ---- */

static void call_free(struct call *call)
{
	CloseHandle(call->event);
	free(call->large);
	free(call);
}

static struct call *call_get(struct vgpu_os_device *device)
{
	struct call *call;

	AcquireSRWLockExclusive(&device->pool_lock);
	call = device->pool;
	if (call) {
		device->pool = call->next;
		device->pooled--;
	}
	ReleaseSRWLockExclusive(&device->pool_lock);
	if (call)
		return call;

	call = calloc(1, sizeof(*call));
	if (!call)
		return NULL;
	call->event = CreateEventW(NULL, TRUE, FALSE, NULL);
	if (!call->event) {
		free(call);
		return NULL;
	}
	return call;
}

static void call_put(struct vgpu_os_device *device, struct call *call)
{
	free(call->large);
	call->large = NULL;
	AcquireSRWLockExclusive(&device->pool_lock);
	if (device->pooled < MAX_POOLED_CALLS) {
		call->next = device->pool;
		device->pool = call;
		device->pooled++;
		call = NULL;
	}
	ReleaseSRWLockExclusive(&device->pool_lock);
	if (call)
		call_free(call);
}

/* True when the request is over, in whatever way. */
static bool call_wait(struct vgpu_os_device *device, struct call *call, uint32_t timeout_ms)
{
	if (WaitForSingleObject(call->event, timeout_ms) == WAIT_OBJECT_0)
		return true;
	CancelIoEx(device->file, &call->overlapped);
	return WaitForSingleObject(call->event, CANCEL_TIMEOUT_MS) == WAIT_OBJECT_0;
}

uint32_t vgpu_os_control(struct vgpu_os_device *device, uint32_t code, const void *input, size_t input_size,
	void *output, size_t output_size, size_t *returned, uint32_t timeout_ms)
{
	size_t size = input_size > output_size ? input_size : output_size;
	struct call *call = call_get(device);
	uint32_t error = 0;
	uint8_t *data;
	DWORD got = 0;

	if (!call)
		return VGPU_OS_NOT_ENOUGH_MEMORY;
	if (size > INLINE_BYTES) {
		call->large = malloc(size);
		if (!call->large) {
			error = VGPU_OS_NOT_ENOUGH_MEMORY;
			goto put_call;
		}
	}
	data = call->large ? call->large : call->data;
	if (input_size)
		memcpy(data, input, input_size);
	memset(&call->overlapped, 0, sizeof(call->overlapped));
	/* The low bit keeps the completion away from the port. */
	call->overlapped.hEvent = (HANDLE)((ULONG_PTR)call->event | 1);

	if (!DeviceIoControl(device->file, code, input_size ? data : NULL, (DWORD)input_size, output_size ? data : NULL,
		    (DWORD)output_size, &got, &call->overlapped)) {
		error = GetLastError();
		if (error == ERROR_IO_PENDING) {
			if (!call_wait(device, call, timeout_ms))
				return VGPU_OS_TIMEOUT; /* the system still owns the call: never freed */
			error = GetOverlappedResult(device->file, &call->overlapped, &got, FALSE) ? 0 : GetLastError();
		}
	}
	if (!error && got > output_size)
		error = VGPU_OS_GEN_FAILURE;
	if (!error && got)
		memcpy(output, data, got);
	*returned = error ? 0 : got;
put_call:
	call_put(device, call);
	return error;
}

/* ---- requests that stay pending ---- */

uint32_t vgpu_os_pin(struct vgpu_os_device *device, uint32_t code, const void *input, size_t input_size, void *address,
	uint64_t size, struct vgpu_os_pin **pin)
{
	struct vgpu_os_pin *issued;
	uint32_t error;

	*pin = NULL;
	if (input_size != sizeof(issued->input) || size > MAXDWORD)
		return VGPU_OS_INVALID_PARAMETER;
	issued = calloc(1, sizeof(*issued));
	if (!issued)
		return VGPU_OS_NOT_ENOUGH_MEMORY;
	memcpy(&issued->input, input, input_size);
	InterlockedIncrement(&device->pins);
	if (DeviceIoControl(device->file, code, &issued->input, (DWORD)input_size, address, (DWORD)size, NULL,
		    &issued->overlapped)) {
		/* Over at once means that the memory is not pinned. The port has the completion: read it there. */
		vgpu_os_pin_wait(device, issued, CANCEL_TIMEOUT_MS);
		vgpu_os_pin_free(device, issued);
		return VGPU_OS_GEN_FAILURE;
	}
	error = GetLastError();
	if (error == ERROR_IO_PENDING) {
		*pin = issued;
		return 0;
	}
	InterlockedDecrement(&device->pins);
	free(issued);
	return error;
}

/* Caller holds port_lock. */
static bool read_port(struct vgpu_os_device *device, DWORD timeout_ms)
{
	OVERLAPPED *overlapped = NULL;
	ULONG_PTR key;
	DWORD got;

	if (!GetQueuedCompletionStatus(device->port, &got, &key, &overlapped, timeout_ms) && !overlapped)
		return false;
	((struct vgpu_os_pin *)overlapped)->done = true;
	InterlockedDecrement(&device->pins);
	return true;
}

bool vgpu_os_pin_wait(struct vgpu_os_device *device, struct vgpu_os_pin *pin, uint32_t timeout_ms)
{
	ULONGLONG deadline = GetTickCount64() + timeout_ms;
	bool done;

	EnterCriticalSection(&device->port_lock);
	while (!pin->done) {
		ULONGLONG now = GetTickCount64();

		if (!read_port(device, now < deadline ? (DWORD)(deadline - now) : 0))
			break;
	}
	done = pin->done;
	LeaveCriticalSection(&device->port_lock);
	return done;
}

void vgpu_os_pin_free(struct vgpu_os_device *device, struct vgpu_os_pin *pin)
{
	(void)device;
	free(pin);
}

void vgpu_os_close(struct vgpu_os_device *device)
{
	ULONGLONG deadline = GetTickCount64() + CLOSE_TIMEOUT_MS;
	struct call *call;

	/* Closing cancels the pins; their structures must outlive that. */
	CloseHandle(device->file);
	EnterCriticalSection(&device->port_lock);
	while (device->pins > 0) {
		ULONGLONG now = GetTickCount64();

		if (now >= deadline || !read_port(device, (DWORD)(deadline - now)))
			break;
	}
	LeaveCriticalSection(&device->port_lock);
	CloseHandle(device->port);
	while ((call = device->pool)) {
		device->pool = call->next;
		call_free(call);
	}
	DeleteCriticalSection(&device->port_lock);
	free(device);
}
