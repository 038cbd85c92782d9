/* SPDX-License-Identifier: MIT */
/*
 * vgpu_os.h - what the client library needs from the operating system. One implementation is linked: Windows
 * (vgpu_os_windows.c), or another that reaches the driver by other means.
 *
 * Errors are Win32 error numbers everywhere; 0 is success. All functions are safe from any thread.
 */
#ifndef VGPU_OS_H
#define VGPU_OS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The Win32 error numbers that have a meaning here. */
enum vgpu_os_error {
	VGPU_OS_FILE_NOT_FOUND = 2,
	VGPU_OS_PATH_NOT_FOUND = 3,
	VGPU_OS_ACCESS_DENIED = 5,
	VGPU_OS_INVALID_HANDLE = 6,
	VGPU_OS_NOT_ENOUGH_MEMORY = 8,
	VGPU_OS_OUT_OF_MEMORY = 14,
	VGPU_OS_NOT_READY = 21,
	VGPU_OS_BAD_COMMAND = 22,
	VGPU_OS_BAD_LENGTH = 24,
	VGPU_OS_GEN_FAILURE = 31,
	VGPU_OS_NOT_SUPPORTED = 50,
	VGPU_OS_DEV_NOT_EXIST = 55,
	VGPU_OS_INVALID_PARAMETER = 87,
	VGPU_OS_SEM_TIMEOUT = 121,
	VGPU_OS_INSUFFICIENT_BUFFER = 122,
	VGPU_OS_BUSY = 170,
	VGPU_OS_ALREADY_EXISTS = 183,
	VGPU_OS_WAIT_TIMEOUT = 258,
	VGPU_OS_NO_MORE_ITEMS = 259,
	VGPU_OS_DEVICE_HARDWARE_ERROR = 483,
	VGPU_OS_OPERATION_ABORTED = 995,
	VGPU_OS_NOACCESS = 998,
	VGPU_OS_IO_DEVICE = 1117,
	VGPU_OS_DEVICE_REQUIRES_CLEANING = 1165,
	VGPU_OS_DEVICE_NOT_CONNECTED = 1167,
	VGPU_OS_REVISION_MISMATCH = 1306,
	VGPU_OS_PRIVILEGE_NOT_HELD = 1314,
	VGPU_OS_NO_SYSTEM_RESOURCES = 1450,
	VGPU_OS_WORKING_SET_QUOTA = 1453,
	VGPU_OS_TIMEOUT = 1460,
	VGPU_OS_DEVICE_REMOVED = 1617,
	VGPU_OS_NOT_ENOUGH_QUOTA = 1816,
};

struct vgpu_os_device;
struct vgpu_os_pin;

/* Opens the index-th interface of the vgpu class; VGPU_OS_NO_MORE_ITEMS past the last. */
uint32_t vgpu_os_open(unsigned index, struct vgpu_os_device **device);
/* Closes the handle: what is pending completes, and pins can be waited for. Nothing else may be done afterwards but to
 * free pins and to close. */
void vgpu_os_disconnect(struct vgpu_os_device *device);
/* Closes the handle, if it is open, and waits, for a limited time, until pending pins have completed. */
void vgpu_os_close(struct vgpu_os_device *device);

/* One request, made synchronous. Input and output are copied, so that they may go out of scope whatever happens.
 * *returned: bytes of output. Not answered in timeout_ms: cancelled. VGPU_OS_TIMEOUT: it did not answer to that either,
 * and the request is abandoned. VGPU_OS_OPERATION_ABORTED: cancelled. */
uint32_t vgpu_os_control(struct vgpu_os_device *device, uint32_t code, const void *input, size_t input_size,
	void *output, size_t output_size, size_t *returned, uint32_t timeout_ms);

/* A request that stays pending, with the memory as its output buffer. Success: it is pending, and survives the end of
 * the calling thread. */
uint32_t vgpu_os_pin(struct vgpu_os_device *device, uint32_t code, const void *input, size_t input_size, void *address,
	uint64_t size, struct vgpu_os_pin **pin);
/* True when the request has completed; waits for that up to timeout_ms. */
bool vgpu_os_pin_wait(struct vgpu_os_device *device, struct vgpu_os_pin *pin, uint32_t timeout_ms);
/* Only after vgpu_os_pin_wait has said true. */
void vgpu_os_pin_free(struct vgpu_os_device *device, struct vgpu_os_pin *pin);

/* Zeroed pages of the process, a multiple of the page size; NULL when there are none. */
void *vgpu_os_pages_alloc(size_t size);
void vgpu_os_pages_free(void *pages, size_t size);

#ifdef __cplusplus
}
#endif

#endif /* VGPU_OS_H */
