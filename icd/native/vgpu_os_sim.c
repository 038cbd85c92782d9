/* SPDX-License-Identifier: MIT */
/*
 * vgpu_os_sim.c - vgpu_os.h over the simulator's system calls: what ntdll and kernel32 do on Windows, in this process.
 */
#include "vgpu_os.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "stack.h"
#include "vgpu_ioctl.h"

#define CANCEL_TIMEOUT_MS 5000u /* how long a driver may take to answer a cancelled request */
#define DRAIN_TIMEOUT_MS 5000u
#define MAX_NAME 300u

/* A request. It is freed when the caller is done with it and it has completed, whichever comes last. */
struct call {
	pthread_mutex_t lock; /* guards done and abandoned */
	pthread_cond_t completed;
	bool done;
	bool abandoned; /* nobody waits any more: the completion frees it */
	NTSTATUS status;
	ULONG_PTR information;
	uint8_t data[]; /* input and output */
};

struct vgpu_os_pin {
	struct call *call;
};

struct vgpu_os_device {
	SIM_USER_FILE *file; /* NULL: disconnected */
	pthread_mutex_t lock; /* guards pins */
	pthread_cond_t fewer;
	unsigned pins; /* pending */
};

/* What Windows' RtlNtStatusToDosError makes of what the driver answers. */
static uint32_t error_of(NTSTATUS status)
{
	static const struct {
		NTSTATUS status;
		uint32_t error;
	} map[] = {
		{STATUS_ACCESS_DENIED, VGPU_OS_ACCESS_DENIED},
		{STATUS_ACCESS_VIOLATION, VGPU_OS_NOACCESS},
		{STATUS_BUFFER_TOO_SMALL, VGPU_OS_INSUFFICIENT_BUFFER},
		{STATUS_CANCELLED, VGPU_OS_OPERATION_ABORTED},
		{STATUS_DATATYPE_MISALIGNMENT, VGPU_OS_NOACCESS},
		{STATUS_DEVICE_HARDWARE_ERROR, VGPU_OS_DEVICE_HARDWARE_ERROR},
		{STATUS_DEVICE_NOT_CONNECTED, VGPU_OS_DEVICE_NOT_CONNECTED},
		{STATUS_DEVICE_NOT_READY, VGPU_OS_NOT_READY},
		{STATUS_DEVICE_REMOVED, VGPU_OS_DEVICE_REMOVED},
		{STATUS_DEVICE_REQUIRES_CLEANING, VGPU_OS_DEVICE_REQUIRES_CLEANING},
		{STATUS_INFO_LENGTH_MISMATCH, VGPU_OS_BAD_LENGTH},
		{STATUS_INSUFFICIENT_RESOURCES, VGPU_OS_NO_SYSTEM_RESOURCES},
		{STATUS_INVALID_DEVICE_REQUEST, 1},
		{STATUS_INVALID_DEVICE_STATE, VGPU_OS_BAD_COMMAND},
		{STATUS_INVALID_HANDLE, VGPU_OS_INVALID_HANDLE},
		{STATUS_INVALID_PARAMETER, VGPU_OS_INVALID_PARAMETER},
		{STATUS_INVALID_USER_BUFFER, 1784},
		{STATUS_IO_DEVICE_ERROR, VGPU_OS_IO_DEVICE},
		{STATUS_IO_TIMEOUT, VGPU_OS_SEM_TIMEOUT},
		{STATUS_NO_MEMORY, VGPU_OS_NOT_ENOUGH_MEMORY},
		{STATUS_NO_MORE_ENTRIES, VGPU_OS_NO_MORE_ITEMS},
		{STATUS_NO_SUCH_DEVICE, VGPU_OS_FILE_NOT_FOUND},
		{STATUS_NOT_SUPPORTED, VGPU_OS_NOT_SUPPORTED},
		{STATUS_OBJECT_NAME_COLLISION, VGPU_OS_ALREADY_EXISTS},
		{STATUS_OBJECT_NAME_NOT_FOUND, VGPU_OS_FILE_NOT_FOUND},
		{STATUS_PRIVILEGE_NOT_HELD, 1314},
		{STATUS_QUOTA_EXCEEDED, VGPU_OS_NOT_ENOUGH_QUOTA},
		{STATUS_REVISION_MISMATCH, VGPU_OS_REVISION_MISMATCH},
		{STATUS_SUCCESS, 0},
		{STATUS_TIMEOUT, VGPU_OS_WAIT_TIMEOUT},
	};

	for (size_t i = 0; i < sizeof(map) / sizeof(map[0]); i++) {
		if (map[i].status == status)
			return map[i].error;
	}
	return VGPU_OS_GEN_FAILURE;
}

/* ---- requests ---- */

static struct call *call_new(size_t bytes)
{
	struct call *call = calloc(1, sizeof(*call) + bytes);
	pthread_condattr_t attributes;

	if (!call)
		return NULL;
	pthread_mutex_init(&call->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&call->completed, &attributes);
	pthread_condattr_destroy(&attributes);
	return call;
}

static void call_free(struct call *call)
{
	pthread_cond_destroy(&call->completed);
	pthread_mutex_destroy(&call->lock);
	free(call);
}

static void call_complete(void *context, NTSTATUS status, ULONG_PTR information)
{
	struct call *call = context;
	bool abandoned;

	pthread_mutex_lock(&call->lock);
	call->status = status;
	call->information = information;
	call->done = true;
	abandoned = call->abandoned;
	pthread_cond_broadcast(&call->completed);
	pthread_mutex_unlock(&call->lock);
	if (abandoned)
		call_free(call);
}

static struct timespec deadline_in(uint32_t timeout_ms)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	at.tv_sec += timeout_ms / 1000;
	at.tv_nsec += (long)(timeout_ms % 1000) * 1000000;
	if (at.tv_nsec >= 1000000000) {
		at.tv_sec++;
		at.tv_nsec -= 1000000000;
	}
	return at;
}

static bool call_wait(struct call *call, uint32_t timeout_ms)
{
	const struct timespec until = deadline_in(timeout_ms);
	bool done;

	pthread_mutex_lock(&call->lock);
	while (!call->done && timeout_ms) {
		if (pthread_cond_timedwait(&call->completed, &call->lock, &until) != 0)
			break;
	}
	done = call->done;
	pthread_mutex_unlock(&call->lock);
	return done;
}

/* True when the completion is to free the call, false when it has happened by now. */
static bool call_abandon(struct call *call)
{
	bool done;

	pthread_mutex_lock(&call->lock);
	call->abandoned = true;
	done = call->done;
	pthread_mutex_unlock(&call->lock);
	return !done;
}

/* The request's end, if it was pending; an error number. Frees the call unless that says VGPU_OS_TIMEOUT. */
static uint32_t finish(struct vgpu_os_device *device, struct call *call, uint32_t timeout_ms)
{
	if (!call_wait(call, timeout_ms)) {
		SimUserCancel(device->file, call);
		if (!call_wait(call, CANCEL_TIMEOUT_MS) && call_abandon(call))
			return VGPU_OS_TIMEOUT;
	}
	return error_of(call->status);
}

uint32_t vgpu_os_control(struct vgpu_os_device *device, uint32_t code, const void *input, size_t input_size,
	void *output, size_t output_size, size_t *returned, uint32_t timeout_ms)
{
	struct call *call = call_new(input_size > output_size ? input_size : output_size);
	uint32_t error = VGPU_OS_DEV_NOT_EXIST;

	*returned = 0;
	if (!call)
		return VGPU_OS_NOT_ENOUGH_MEMORY;
	if (!StackEnter())
		goto free_call;
	if (input_size)
		memcpy(call->data, input, input_size);
	call->status = SimUserIoctl(device->file, code, input_size ? call->data : NULL, (ULONG)input_size,
		output_size ? call->data : NULL, (ULONG)output_size, FALSE, call_complete, call, &call->information);
	error = call->status == STATUS_PENDING ? finish(device, call, timeout_ms) : error_of(call->status);
	StackLeave();
	if (error == VGPU_OS_TIMEOUT)
		return error; /* the driver still has it */
	if (!error && call->information > output_size)
		error = VGPU_OS_GEN_FAILURE;
	if (!error && call->information)
		memcpy(output, call->data, call->information);
	*returned = error ? 0 : call->information;
free_call:
	call_free(call);
	return error;
}

/* ---- requests that stay pending ---- */

static void count_pins(struct vgpu_os_device *device, int change)
{
	pthread_mutex_lock(&device->lock);
	device->pins += (unsigned)change;
	pthread_cond_broadcast(&device->fewer);
	pthread_mutex_unlock(&device->lock);
}

struct pin_call {
	struct vgpu_os_device *device;
	struct vgpu_memory_pin input;
};

static struct pin_call *pin_call_of(struct call *call)
{
	return (struct pin_call *)(void *)call->data;
}

static void pin_complete(void *context, NTSTATUS status, ULONG_PTR information)
{
	struct vgpu_os_device *device = pin_call_of(context)->device;

	call_complete(context, status, information);
	count_pins(device, -1);
}

uint32_t vgpu_os_pin(struct vgpu_os_device *device, uint32_t code, const void *input, size_t input_size, void *address,
	uint64_t size, struct vgpu_os_pin **pin)
{
	struct call *call = call_new(sizeof(struct pin_call));
	uint32_t error = VGPU_OS_NOT_ENOUGH_MEMORY;
	NTSTATUS status;

	*pin = calloc(1, sizeof(**pin));
	if (!call || !*pin)
		goto fail;
	error = VGPU_OS_INVALID_PARAMETER;
	if (input_size != sizeof(struct vgpu_memory_pin) || size > UINT32_MAX)
		goto fail;
	error = VGPU_OS_DEV_NOT_EXIST;
	if (!StackEnter())
		goto fail;
	(*pin)->call = call;
	pin_call_of(call)->device = device;
	memcpy(&pin_call_of(call)->input, input, input_size);
	count_pins(device, 1);
	status = SimUserIoctl(device->file, code, &pin_call_of(call)->input, (ULONG)input_size, address, (ULONG)size,
		TRUE, pin_complete, call, &call->information);
	StackLeave();
	if (status == STATUS_PENDING && !call_wait(call, 0))
		return 0;
	/* Over at once means that the memory is not pinned. */
	if (status == STATUS_PENDING)
		status = call->status;
	else
		count_pins(device, -1);
	error = error_of(status);
	if (!error)
		error = VGPU_OS_GEN_FAILURE;
fail:
	if (call)
		call_free(call);
	free(*pin);
	*pin = NULL;
	return error;
}

bool vgpu_os_pin_wait(struct vgpu_os_device *device, struct vgpu_os_pin *pin, uint32_t timeout_ms)
{
	(void)device;
	return call_wait(pin->call, timeout_ms);
}

void vgpu_os_pin_free(struct vgpu_os_device *device, struct vgpu_os_pin *pin)
{
	(void)device;
	call_free(pin->call);
	free(pin);
}

/* ---- devices and pages ---- */

static uint32_t open_file(unsigned index, SIM_USER_FILE **file)
{
	static const GUID class = VGPU_INTERFACE_GUID_INIT;
	WCHAR name[MAX_NAME];
	ULONG chars = 0;
	NTSTATUS status;

	if (!SimUserInterface(&class, index, name, MAX_NAME))
		return VGPU_OS_NO_MORE_ITEMS;
	while (name[chars])
		chars++;
	status = SimUserOpen(name, chars, FILE_READ_DATA | FILE_WRITE_DATA, file);
	if (status != STATUS_SUCCESS)
		return error_of(status);
	if (StackRemember(*file))
		return 0;
	SimUserClose(*file);
	return VGPU_OS_NO_SYSTEM_RESOURCES;
}

uint32_t vgpu_os_open(unsigned index, struct vgpu_os_device **device)
{
	struct vgpu_os_device *opened = calloc(1, sizeof(*opened));
	pthread_condattr_t attributes;
	uint32_t error;

	*device = NULL;
	if (!opened)
		return VGPU_OS_NOT_ENOUGH_MEMORY;
	if (!StackEnter()) {
		free(opened);
		return VGPU_OS_NO_MORE_ITEMS;
	}
	error = open_file(index, &opened->file);
	StackLeave();
	if (error) {
		free(opened);
		return error;
	}
	pthread_mutex_init(&opened->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&opened->fewer, &attributes);
	pthread_condattr_destroy(&attributes);
	*device = opened;
	return 0;
}

/* Closing cancels the pins; the device must outlive that. */
static bool drain(struct vgpu_os_device *device)
{
	const struct timespec until = deadline_in(DRAIN_TIMEOUT_MS);
	bool empty;

	pthread_mutex_lock(&device->lock);
	while (device->pins > 0) {
		if (pthread_cond_timedwait(&device->fewer, &device->lock, &until) != 0)
			break;
	}
	empty = device->pins == 0;
	pthread_mutex_unlock(&device->lock);
	return empty;
}

void vgpu_os_disconnect(struct vgpu_os_device *device)
{
	if (device->file && StackEnter()) {
		if (StackForget(device->file))
			SimUserClose(device->file);
		StackLeave();
	}
	device->file = NULL;
}

void vgpu_os_close(struct vgpu_os_device *device)
{
	vgpu_os_disconnect(device);
	if (!drain(device))
		return; /* never freed: a completion may still come */
	pthread_cond_destroy(&device->fewer);
	pthread_mutex_destroy(&device->lock);
	free(device);
}

void *vgpu_os_pages_alloc(size_t size)
{
	void *pages = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return pages == MAP_FAILED ? NULL : pages;
}

void vgpu_os_pages_free(void *pages, size_t size)
{
	munmap(pages, size);
}
