/* SPDX-License-Identifier: MIT */
/* Requests that stay pending: they complete through a port, because a request without an event on a handle with a port
 * belongs to the process, and not to the thread that made it. */
#include "vgpu_os_windows.h"

#include <stdlib.h>
#include <string.h>

#include "vgpu_ioctl.h"

#define DRAIN_TIMEOUT_MS 5000u /* how long a driver may take to cancel what is pending */

struct vgpu_os_pin {
	OVERLAPPED overlapped; /* first: the port hands this pointer back */
	bool done; /* guarded by port_lock */
	struct vgpu_memory_pin input;
};

uint32_t vgpu_os_pin(struct vgpu_os_device *device, uint32_t code, const void *input, size_t input_size, void *address,
	uint64_t size, struct vgpu_os_pin **pin)
{
	struct vgpu_os_pin *issued;
	DWORD returned;
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
		vgpu_os_pin_wait(device, issued, DRAIN_TIMEOUT_MS);
		vgpu_os_pin_free(device, issued);
		return VGPU_OS_GEN_FAILURE;
	}
	error = GetLastError();
	if (error == ERROR_IO_PENDING) {
		/* A refusal, too, comes through the port when the framework had queued the request by then. */
		if (!vgpu_os_pin_wait(device, issued, 0)) {
			*pin = issued;
			return 0;
		}
		error = GetOverlappedResult(device->file, &issued->overlapped, &returned, FALSE) ? VGPU_OS_GEN_FAILURE
												 : GetLastError();
		vgpu_os_pin_free(device, issued);
		return error;
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

void vgpu_os_pins_drain(struct vgpu_os_device *device)
{
	ULONGLONG deadline = GetTickCount64() + DRAIN_TIMEOUT_MS;

	EnterCriticalSection(&device->port_lock);
	while (device->pins > 0) {
		ULONGLONG now = GetTickCount64();

		if (now >= deadline || !read_port(device, (DWORD)(deadline - now)))
			break;
	}
	LeaveCriticalSection(&device->port_lock);
}
