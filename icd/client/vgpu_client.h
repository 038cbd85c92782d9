/* SPDX-License-Identifier: MIT */
/*
 * vgpu_client.h - the vgpu driver as a C library: find the device, one function per control code of vgpu_ioctl.h.
 *
 * Threads: every function may be called from any thread at any time, except that nothing may run on a client once
 * vgpu_client_close has been called on it.
 *
 * Ownership: a client owns the device handle. Whatever was made through it (contexts, resources, memory) is gone when
 * it is closed. The pages of pinned memory belong to the caller, but only after vgpu_memory_unpin has returned VGPU_OK.
 *
 * Time: no function waits without a limit. A request that the driver does not answer in time is cancelled, and if it
 * does not answer to that either, it is abandoned (its buffers are never freed) and the client counts as gone.
 *
 * Units: bytes, unless a name ends in _ms or _ns.
 */
#ifndef VGPU_CLIENT_H
#define VGPU_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vgpu_ioctl.h"

#ifdef __cplusplus
extern "C" {
#endif

enum vgpu_result {
	VGPU_OK = 0,
	VGPU_NO_DEVICE, /* no device with that index, or its driver did not start */
	VGPU_ACCESS_DENIED,
	VGPU_VERSION_MISMATCH, /* the driver speaks another major version of the interface */
	VGPU_INVALID, /* an argument, size or state that the driver refuses: a bug of the caller */
	VGPU_NOT_OWNED, /* an id that this client does not own */
	VGPU_NOT_SUPPORTED, /* by this driver or device */
	VGPU_NO_MEMORY, /* or a quota is used up */
	VGPU_TIMEOUT, /* of a wait */
	VGPU_CANCELLED,
	VGPU_END, /* past the last entry */
	VGPU_LOST, /* the device was reset: the context is lost, new ones work */
	VGPU_REFUSED, /* the host refused an earlier command for this context or resource, which is of no use any more
		       */
	VGPU_GONE, /* the device was removed or is broken: nothing will work on this client any more */
	VGPU_FAILED, /* anything else */
};

/* A constant string, in English, for logs. */
const char *vgpu_result_text(enum vgpu_result result);

struct vgpu_client;

/* Memory that the device can reach: the caller's own pages, pinned. Read-only for callers. */
struct vgpu_memory {
	uint32_t id; /* names the memory in struct vgpu_range */
	void *address;
	uint64_t size;
};

/* Opens the index-th device and agrees on the version. VGPU_NO_DEVICE past the last. On failure *client is NULL. */
enum vgpu_result vgpu_client_open(unsigned index, struct vgpu_client **client);
void vgpu_client_close(struct vgpu_client *client); /* NULL is allowed */
/* Closes the device handle, which makes the driver let go of everything; nothing else may run on the client meanwhile.
 * Afterwards every request fails with VGPU_GONE, and only vgpu_memory_unpin, vgpu_memory_free and vgpu_client_close are
 * of use. For a device that is lost: its memory is free at once, without a wait for each piece. */
void vgpu_client_disconnect(struct vgpu_client *client);

/* Facts about the device, as read at open; valid as long as the client. */
const struct vgpu_device_info *vgpu_client_info(const struct vgpu_client *client);
/* Sticky: true once a call found the device removed, broken or silent. */
bool vgpu_client_gone(const struct vgpu_client *client);

/* info->index in, the rest out. VGPU_END past the last. */
enum vgpu_result vgpu_capset_info(struct vgpu_client *client, struct vgpu_capset_info *info);
/* Up to size bytes into data; *returned says how many. */
enum vgpu_result vgpu_capset(
	struct vgpu_client *client, uint32_t id, uint32_t version, void *data, size_t size, size_t *returned);
enum vgpu_result vgpu_statistics(struct vgpu_client *client, uint32_t scope, struct vgpu_statistics *statistics);
enum vgpu_result vgpu_trace(struct vgpu_client *client, uint32_t level);

/* In and out as the structure's comments in vgpu_ioctl.h say. */
enum vgpu_result vgpu_context_create(struct vgpu_client *client, struct vgpu_context_create *create);
enum vgpu_result vgpu_context_destroy(struct vgpu_client *client, uint32_t context_id);
enum vgpu_result vgpu_resource_create(struct vgpu_client *client, struct vgpu_resource_create *create);
enum vgpu_result vgpu_resource_create_blob(struct vgpu_client *client, struct vgpu_resource_create_blob *create);
enum vgpu_result vgpu_resource_destroy(struct vgpu_client *client, uint32_t resource_id);
enum vgpu_result vgpu_resource_attach(struct vgpu_client *client, uint32_t resource_id, uint32_t context_id);
enum vgpu_result vgpu_resource_detach(struct vgpu_client *client, uint32_t resource_id, uint32_t context_id);
enum vgpu_result vgpu_resource_map(struct vgpu_client *client, struct vgpu_resource_map *map);
enum vgpu_result vgpu_resource_unmap(struct vgpu_client *client, uint32_t resource_id);
enum vgpu_result vgpu_submit(struct vgpu_client *client, struct vgpu_submit *submit);
enum vgpu_result vgpu_submit_copy(struct vgpu_client *client, struct vgpu_submit_copy *submit);
enum vgpu_result vgpu_transfer(struct vgpu_client *client, struct vgpu_transfer *transfer);

/* VGPU_TIMEOUT when the fence is not complete after timeout_ns (0 asks without waiting). VGPU_WAIT_FOREVER waits as
 * long as the driver takes to call a silent device hung, and then some. */
enum vgpu_result vgpu_wait(struct vgpu_client *client, const struct vgpu_fence *fence, uint64_t timeout_ns);

/* Pins address..address+size, both multiples of VGPU_PAGE_SIZE. The client chooses the id. The structure is the
 * client's and valid until vgpu_memory_unpin or vgpu_client_close. */
enum vgpu_result vgpu_memory_pin(struct vgpu_client *client, void *address, uint64_t size, struct vgpu_memory **memory);
/* False once the driver has let go of the memory by itself: the device was removed, or the handle is dying. */
bool vgpu_memory_pinned(struct vgpu_client *client, struct vgpu_memory *memory);
/* Lets go of the memory and waits up to timeout_ms until the device no longer uses it. VGPU_OK: the structure is freed
 * and the pages are the caller's again. VGPU_TIMEOUT: something still uses it; call again. */
enum vgpu_result vgpu_memory_unpin(struct vgpu_client *client, struct vgpu_memory *memory, uint32_t timeout_ms);

/* Memory of the kernel's (VGPU_CAP_ALLOC). *size in: wanted, out: given. */
enum vgpu_result vgpu_memory_alloc(
	struct vgpu_client *client, uint32_t flags, uint64_t *size, struct vgpu_memory **memory);
enum vgpu_result vgpu_memory_free(struct vgpu_client *client, struct vgpu_memory *memory);

#ifdef __cplusplus
}
#endif

#endif /* VGPU_CLIENT_H */
