/* SPDX-License-Identifier: MIT */
#include "vgpu_os_windows.h"

#include <setupapi.h>
#include <stdlib.h>
#include <string.h>

#include "vgpu_ioctl.h"

#define INLINE_BYTES 256u /* every fixed structure of the interface fits */
#define MAX_POOLED_CALLS 32u
#define CANCEL_TIMEOUT_MS 5000u /* how long a driver may take to answer a cancelled request */

/* A request in flight. It lives on the heap because the system writes to it until the request has completed, which a
 * broken driver may never let happen. */
struct call {
	OVERLAPPED overlapped;
	struct call *next; /* in the pool */
	HANDLE event;
	uint8_t *large; /* instead of data, when that is too small */
	uint8_t data[INLINE_BYTES];
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

void vgpu_os_disconnect(struct vgpu_os_device *device)
{
	/* Closing cancels the pins; their structures must outlive that. */
	if (device->file)
		CloseHandle(device->file);
	device->file = NULL;
}

void vgpu_os_close(struct vgpu_os_device *device)
{
	struct call *call;

	vgpu_os_disconnect(device);
	vgpu_os_pins_drain(device);
	CloseHandle(device->port);
	while ((call = device->pool)) {
		device->pool = call->next;
		call_free(call);
	}
	DeleteCriticalSection(&device->port_lock);
	free(device);
}
