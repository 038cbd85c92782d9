/* SPDX-License-Identifier: MIT */
/*
 * vgpu_ioctl.h - the interface between the user-mode driver and vgpu.sys.
 *
 * One layout for 32- and 64-bit callers: fixed-width fields only, each aligned to its own size, pointers as uint64_t,
 * every structure a multiple of 8 bytes. The asserts at the end are part of the contract.
 *
 * Rules that hold for every code:
 *  - The first request on a handle is VGPU_IOCTL_OPEN; anything else before it fails with STATUS_INVALID_DEVICE_STATE.
 *  - Input and output sizes are exact unless the code's comment says otherwise; a wrong size fails with
 *    STATUS_INFO_LENGTH_MISMATCH. Unknown flag bits and non-zero reserved fields fail with STATUS_INVALID_PARAMETER.
 *  - An id or handle that this file handle does not own fails with STATUS_INVALID_HANDLE.
 *  - What this driver or this device does not offer fails with STATUS_NOT_SUPPORTED (Win32: ERROR_NOT_SUPPORTED).
 *  - After the device was reset (it hung, it broke the rules of virtio, the machine slept), contexts and resources made
 *    before are lost: every call that names one, but to destroy it, fails with STATUS_DEVICE_REQUIRES_CLEANING (Win32:
 *    ERROR_DEVICE_REQUIRES_CLEANING), and so does what was under way. New ones work. Memory stays as it was.
 *  - A request that comes while a device that hung is being reset waits until that is over, a second or two at most.
 *  - A device that does not come back from its reset, or hangs again at once, is broken: until it is started anew,
 *    every call fails with STATUS_DEVICE_HARDWARE_ERROR. A device that was removed: STATUS_DEVICE_REMOVED; one that
 *    sleeps: STATUS_DEVICE_NOT_READY.
 *  - CONTEXT_DESTROY, RESOURCE_DESTROY, RESOURCE_UNMAP, MEMORY_RELEASE, STATISTICS and TRACE work whatever has become
 *    of the device.
 *  - Closing the file handle undoes everything that was made through it.
 *
 * Nothing here knows what a capset means: streams, formats and bind flags are passed to the device as they are.
 */
#ifndef VGPU_IOCTL_H
#define VGPU_IOCTL_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The device interface class to look for (SetupDiGetClassDevs, IoRegisterDeviceInterface):
 * {6F5A1E0C-93C4-4C4B-9B5E-7D0A5C2E41B7}. As a GUID's members, so that no Windows header is needed here. */
#define VGPU_INTERFACE_GUID_INIT \
	{ \
		0x6f5a1e0c, 0x93c4, 0x4c4b, \
		{ \
			0x9b, 0x5e, 0x7d, 0x0a, 0x5c, 0x2e, 0x41, 0xb7 \
		} \
	}

/* The version is agreed at open. A new major number breaks callers; a new minor number only adds. */
#define VGPU_ABI_MAJOR 1u
#define VGPU_ABI_MINOR 1u

/* Control codes: device type from the vendor's range, functions from 0x800, as CTL_CODE builds them. */
#define VGPU_DEVICE_TYPE 0x8a50u
#define VGPU_METHOD_BUFFERED 0u
#define VGPU_METHOD_OUT_DIRECT 2u
#define VGPU_METHOD_NEITHER 3u
#define VGPU_ACCESS_ANY 0u
#define VGPU_ACCESS_READ 1u
#define VGPU_ACCESS_WRITE 2u
#define VGPU_ACCESS_RW (VGPU_ACCESS_READ | VGPU_ACCESS_WRITE)
#define VGPU_CTL_CODE(Function, Method, Access) \
	((VGPU_DEVICE_TYPE << 16) | ((Access) << 14) | ((Function) << 2) | (Method))

#define VGPU_IOCTL_OPEN VGPU_CTL_CODE(0x800u, VGPU_METHOD_BUFFERED, VGPU_ACCESS_READ)
#define VGPU_IOCTL_QUERY VGPU_CTL_CODE(0x801u, VGPU_METHOD_BUFFERED, VGPU_ACCESS_READ)
#define VGPU_IOCTL_CAPSET_INFO VGPU_CTL_CODE(0x802u, VGPU_METHOD_BUFFERED, VGPU_ACCESS_READ)
#define VGPU_IOCTL_CAPSET VGPU_CTL_CODE(0x803u, VGPU_METHOD_BUFFERED, VGPU_ACCESS_READ)
#define VGPU_IOCTL_STATISTICS VGPU_CTL_CODE(0x804u, VGPU_METHOD_BUFFERED, VGPU_ACCESS_READ)
#define VGPU_IOCTL_TRACE VGPU_CTL_CODE(0x805u, VGPU_METHOD_BUFFERED, VGPU_ACCESS_RW)
#define VGPU_IOCTL_CONTEXT_CREATE VGPU_CTL_CODE(0x810u, VGPU_METHOD_BUFFERED, VGPU_ACCESS_RW)
#define VGPU_IOCTL_CONTEXT_DESTROY VGPU_CTL_CODE(0x811u, VGPU_METHOD_BUFFERED, VGPU_ACCESS_RW)
#define VGPU_IOCTL_MEMORY_PIN VGPU_CTL_CODE(0x820u, VGPU_METHOD_OUT_DIRECT, VGPU_ACCESS_RW)
#define VGPU_IOCTL_MEMORY_ALLOC VGPU_CTL_CODE(0x821u, VGPU_METHOD_BUFFERED, VGPU_ACCESS_RW)
#define VGPU_IOCTL_MEMORY_RELEASE VGPU_CTL_CODE(0x822u, VGPU_METHOD_BUFFERED, VGPU_ACCESS_RW)
#define VGPU_IOCTL_RESOURCE_CREATE VGPU_CTL_CODE(0x830u, VGPU_METHOD_BUFFERED, VGPU_ACCESS_RW)
#define VGPU_IOCTL_RESOURCE_CREATE_BLOB VGPU_CTL_CODE(0x831u, VGPU_METHOD_BUFFERED, VGPU_ACCESS_RW)
#define VGPU_IOCTL_RESOURCE_DESTROY VGPU_CTL_CODE(0x832u, VGPU_METHOD_BUFFERED, VGPU_ACCESS_RW)
#define VGPU_IOCTL_RESOURCE_ATTACH VGPU_CTL_CODE(0x833u, VGPU_METHOD_BUFFERED, VGPU_ACCESS_RW)
#define VGPU_IOCTL_RESOURCE_DETACH VGPU_CTL_CODE(0x834u, VGPU_METHOD_BUFFERED, VGPU_ACCESS_RW)
#define VGPU_IOCTL_RESOURCE_MAP VGPU_CTL_CODE(0x835u, VGPU_METHOD_BUFFERED, VGPU_ACCESS_RW)
#define VGPU_IOCTL_RESOURCE_UNMAP VGPU_CTL_CODE(0x836u, VGPU_METHOD_BUFFERED, VGPU_ACCESS_RW)
#define VGPU_IOCTL_SUBMIT VGPU_CTL_CODE(0x840u, VGPU_METHOD_BUFFERED, VGPU_ACCESS_RW)
#define VGPU_IOCTL_SUBMIT_COPY VGPU_CTL_CODE(0x841u, VGPU_METHOD_NEITHER, VGPU_ACCESS_RW)
#define VGPU_IOCTL_TRANSFER VGPU_CTL_CODE(0x842u, VGPU_METHOD_BUFFERED, VGPU_ACCESS_RW)
#define VGPU_IOCTL_WAIT VGPU_CTL_CODE(0x843u, VGPU_METHOD_BUFFERED, VGPU_ACCESS_RW)

/* Limits that no quota can raise. */
#define VGPU_MAX_RINGS 64u /* per context */
#define VGPU_MAX_IN_FENCES 4u /* per submit */
#define VGPU_MAX_CAPSET_SIZE 65536u /* bytes */
#define VGPU_NAME_LENGTH 64u /* bytes of a context's debug name; not NUL-terminated when full */
#define VGPU_PAGE_SIZE 4096u

/* VGPU_IOCTL_OPEN, in and out. In: the version the caller was built for. Out: the driver's.
 * STATUS_REVISION_MISMATCH when the major numbers differ; no output comes with an error. A second VGPU_IOCTL_OPEN on a
 * handle fails with STATUS_INVALID_DEVICE_STATE. */
struct vgpu_open {
	uint32_t abi_major;
	uint32_t abi_minor;
	uint32_t flags; /* 0 */
	uint32_t reserved;
};

/* Which dialect the device speaks; for display, never to decide what to call. */
#define VGPU_DEVICE_KIND_STANDARD 1u /* virtio-gpu, virtio 1.x section 5.7 */
#define VGPU_DEVICE_KIND_MVISOR 2u

/* vgpu_device_info.capabilities */
#define VGPU_CAP_3D (1u << 0) /* VIRGL: contexts and 3D resources */
#define VGPU_CAP_BLOB (1u << 1) /* RESOURCE_CREATE_BLOB */
#define VGPU_CAP_HOST_VISIBLE (1u << 2) /* RESOURCE_MAP */
#define VGPU_CAP_CONTEXT_INIT (1u << 3) /* capset and rings chosen per context */
#define VGPU_CAP_PIN (1u << 4) /* MEMORY_PIN: the caller's own pages */
#define VGPU_CAP_ALLOC (1u << 5) /* MEMORY_ALLOC: memory of the kernel's */
#define VGPU_CAP_STAGING (1u << 6) /* copies through staging resources are safe on this device */
#define VGPU_CAP_BLOB_TEMPLATE (1u << 7) /* the host makes a blob's resource from its template */

/* VGPU_IOCTL_QUERY, out. May be longer in a later minor version: the driver fills as much as the caller asked for, from
 * 64 bytes up, in multiples of 8. */
struct vgpu_device_info {
	uint32_t abi_major;
	uint32_t abi_minor;
	uint32_t driver_version; /* major << 24 | minor << 16 | build */
	uint32_t device_kind; /* VGPU_DEVICE_KIND_* */
	uint32_t capabilities; /* VGPU_CAP_* */
	uint32_t num_capsets;
	uint32_t max_rings; /* per context, 1 without CONTEXT_INIT */
	uint32_t max_contexts; /* per handle */
	uint32_t max_resources; /* per handle */
	uint32_t max_fences; /* commands that the device has not answered, per handle; see below */
	uint64_t max_memory; /* bytes pinned or allocated, per handle */
	uint64_t max_submit; /* bytes of one stream */
	uint64_t max_resource; /* bytes of one resource's backing */
	uint64_t device_features; /* as offered, for diagnosis */
	uint64_t driver_features; /* as negotiated, for diagnosis */
	uint16_t pci_vendor;
	uint16_t pci_device;
	uint16_t pci_subsystem_vendor;
	uint16_t pci_subsystem_device;
	uint8_t pci_revision;
	uint8_t pci_bus;
	uint8_t pci_slot;
	uint8_t pci_function;
	uint32_t timeout_ms; /* after which a silent device counts as hung */
};

/* The quotas of a handle: contexts, resources, memory (what is released counts until the device lets go of it). A
 * request beyond them fails with STATUS_QUOTA_EXCEEDED (Win32: ERROR_NOT_ENOUGH_QUOTA) and has no effect. Commands are
 * another matter: a stream, a transfer, each step of creating or destroying is one, and a request of a handle that has
 * max_fences of them with the device waits until the device has answered enough, or is reset. */

/* VGPU_IOCTL_CAPSET_INFO, in and out. In: index, the rest 0. STATUS_NO_MORE_ENTRIES past the last. */
struct vgpu_capset_info {
	uint32_t index;
	uint32_t id;
	uint32_t max_version;
	uint32_t max_size; /* bytes */
};

/* VGPU_IOCTL_CAPSET. In: this. Out: the capset's bytes, at most as many as the output buffer holds (1 to
 * VGPU_MAX_CAPSET_SIZE); the number of bytes returned is the capset's size or the buffer's, whichever is less. */
struct vgpu_capset {
	uint32_t id;
	uint32_t version;
};

/* VGPU_IOCTL_CONTEXT_CREATE, in and out.
 *
 * fence_memory_id and fence_offset place num_rings consecutive uint64_t in memory of this handle: the driver writes
 * each ring's completed number there, so that it is read without a system call. 8-byte aligned, within one page. With
 * fence_memory_id = 0 there is none, and VGPU_IOCTL_WAIT with timeout 0 asks. The driver never reads them back.
 * The memory stays in use until the context is destroyed. */
struct vgpu_context_create {
	uint32_t capset_id; /* 0 without VGPU_CAP_CONTEXT_INIT means the device's default, virgl */
	uint32_t num_rings; /* 1 to vgpu_device_info.max_rings */
	uint32_t flags; /* 0 */
	uint32_t fence_memory_id;
	uint64_t fence_offset;
	uint32_t name_length; /* bytes of name that count */
	uint32_t context_id; /* out; 0 on input */
	char name[VGPU_NAME_LENGTH];
};

/* VGPU_IOCTL_CONTEXT_DESTROY, in. Waits on it fail with STATUS_CANCELLED. */
struct vgpu_context_destroy {
	uint32_t context_id;
	uint32_t reserved;
};

/* VGPU_IOCTL_MEMORY_PIN, in; the output buffer is the memory itself, page aligned and a multiple of VGPU_PAGE_SIZE.
 *
 * The request stays pending as long as the memory is pinned and completes, with STATUS_SUCCESS, when the device no
 * longer uses any of it: after VGPU_IOCTL_MEMORY_RELEASE and after the last resource, fence page and submit in it is
 * gone. Only then may the memory be freed. Cancelling the request, or closing the handle, releases it. It is registered
 * when the call returns with ERROR_IO_PENDING. A request that the thread's end must not cancel is made on a handle with
 * a completion port, without an event.
 *
 * memory_id is the caller's choice, non-zero and unique in the handle (STATUS_OBJECT_NAME_COLLISION). */
struct vgpu_memory_pin {
	uint32_t memory_id;
	uint32_t flags; /* 0 */
};

/* VGPU_IOCTL_MEMORY_ALLOC, in and out: zeroed memory of the kernel's, mapped into the caller, where VGPU_CAP_ALLOC is
 * offered. It may be shorter than asked for when memory is fragmented, if VGPU_MEMORY_SHORT is set. */
#define VGPU_MEMORY_SHORT (1u << 0)
struct vgpu_memory_alloc {
	uint32_t memory_id; /* the caller's choice, as above */
	uint32_t flags; /* VGPU_MEMORY_* */
	uint64_t size; /* bytes, multiple of VGPU_PAGE_SIZE; out: what was given */
	uint64_t address; /* out: in the caller's address space; 0 on input */
};

/* VGPU_IOCTL_MEMORY_RELEASE, in. The id is free for reuse at once. */
struct vgpu_memory_release {
	uint32_t memory_id;
	uint32_t reserved;
};

/* A range of a handle's memory. memory_id = 0: none, and then offset and size are 0. */
struct vgpu_range {
	uint32_t memory_id;
	uint32_t reserved;
	uint64_t offset; /* bytes; backing of resources needs no alignment */
	uint64_t size; /* bytes */
};

/* VGPU_IOCTL_RESOURCE_CREATE, in and out: RESOURCE_CREATE_3D (5.7.6.8), then, in the same call, ATTACH_BACKING when a
 * range is given and CTX_ATTACH_RESOURCE when a context is. resource_id is the id that streams use. */
struct vgpu_resource_create {
	uint32_t target;
	uint32_t format;
	uint32_t bind;
	uint32_t width;
	uint32_t height;
	uint32_t depth;
	uint32_t array_size;
	uint32_t last_level;
	uint32_t nr_samples;
	uint32_t flags; /* the device's: VIRTIO_GPU_RESOURCE_FLAG_* */
	uint32_t context_id; /* 0: attach to none */
	uint32_t resource_id; /* out; 0 on input */
	struct vgpu_range backing;
};

/* VGPU_IOCTL_RESOURCE_CREATE_BLOB, in and out, where VGPU_CAP_BLOB is offered (5.7.6.8, RESOURCE_CREATE_BLOB). The
 * template describes the resource for devices whose host creates it from the same command (VGPU_CAP_BLOB_TEMPLATE); for
 * others, a stream that names blob_id comes first. */
struct vgpu_resource_create_blob {
	uint32_t blob_mem; /* VIRTIO_GPU_BLOB_MEM_* */
	uint32_t blob_flags; /* VIRTIO_GPU_BLOB_FLAG_* */
	uint64_t blob_id;
	uint64_t size; /* bytes, whole pages */
	uint32_t context_id; /* not 0 for host memory */
	uint32_t resource_id; /* out; 0 on input */
	struct vgpu_range backing; /* of the same size, for guest memory */
	uint32_t template_format;
	uint32_t template_bind;
	uint32_t template_target;
	uint32_t template_width;
	uint32_t template_height;
	uint32_t template_depth;
	uint32_t template_array_size;
	uint32_t template_last_level;
	uint32_t template_nr_samples;
	uint32_t template_flags;
};

/* VGPU_IOCTL_RESOURCE_DESTROY, _UNMAP (context_id 0); _ATTACH and _DETACH (both). In. */
struct vgpu_resource {
	uint32_t resource_id;
	uint32_t context_id;
};

/* VGPU_IOCTL_RESOURCE_MAP, in and out, where VGPU_CAP_HOST_VISIBLE is offered: a host memory blob, made mappable, into
 * the calling process. It is undone by RESOURCE_UNMAP, the resource's end, the process' end, and a reset of the device.
 */
#define VGPU_MAP_CACHE_CACHED 1u
#define VGPU_MAP_CACHE_UNCACHED 2u
#define VGPU_MAP_CACHE_WC 3u
struct vgpu_resource_map {
	uint32_t resource_id;
	uint32_t cache; /* out: VGPU_MAP_CACHE_* */
	uint64_t address; /* out */
	uint64_t size; /* out, bytes */
};

/* A point on a ring's timeline. Numbers are per context and ring, from 1, and rise by one per fence. */
struct vgpu_fence {
	uint32_t context_id;
	uint32_t ring;
	uint64_t number;
};

/* VGPU_IOCTL_SUBMIT, in and out: a stream that already lies in this handle's memory, read by the device in place. The
 * range must stay unchanged until the fence (or a later one on the ring) is complete. in_fences are waited for by the
 * device side before the stream starts; those of this context and ring hold by order and cost nothing. */
#define VGPU_SUBMIT_FENCE (1u << 0) /* make a fence; its number comes back in fence_number */
struct vgpu_submit {
	uint32_t context_id;
	uint32_t ring;
	uint32_t flags; /* VGPU_SUBMIT_* */
	uint32_t num_in_fences;
	struct vgpu_range stream; /* offset and size: multiples of 4; size 0 with VGPU_SUBMIT_FENCE: a fence alone */
	uint64_t fence_number; /* out; 0 on input */
	struct vgpu_fence in_fences[VGPU_MAX_IN_FENCES]; /* unused ones all zero */
};

/* VGPU_IOCTL_SUBMIT_COPY, in and out (METHOD_NEITHER; both buffers are this structure): as above for a stream at any
 * address of the caller's; copied once. */
struct vgpu_submit_copy {
	uint32_t context_id;
	uint32_t ring;
	uint32_t flags; /* VGPU_SUBMIT_* */
	uint32_t reserved;
	uint64_t address; /* 4-byte aligned */
	uint64_t size; /* bytes, a multiple of 4, at most 1 MiB */
	uint64_t fence_number; /* out; 0 on input */
};

/* VGPU_IOCTL_TRANSFER, in and out: TRANSFER_TO_HOST_3D or TRANSFER_FROM_HOST_3D between a resource and its backing. */
#define VGPU_TRANSFER_TO_HOST (1u << 0)
#define VGPU_TRANSFER_FROM_HOST (1u << 1)
#define VGPU_TRANSFER_FENCE (1u << 2) /* fence on ring 0 of the context */
struct vgpu_transfer {
	uint32_t context_id;
	uint32_t resource_id;
	uint32_t flags; /* VGPU_TRANSFER_*, one direction */
	uint32_t level;
	uint32_t x;
	uint32_t y;
	uint32_t z;
	uint32_t width;
	uint32_t height;
	uint32_t depth;
	uint32_t stride; /* bytes */
	uint32_t layer_stride; /* bytes */
	uint64_t offset; /* bytes into the backing */
	uint64_t fence_number; /* out; 0 on input */
};

/* VGPU_IOCTL_WAIT, in. Completes when the ring's completed number reaches fence.number. STATUS_TIMEOUT is not an error
 * code on the wire, so a time-out completes with STATUS_IO_TIMEOUT (Win32: ERROR_SEM_TIMEOUT). A number that was never
 * given out fails with STATUS_INVALID_PARAMETER. The request can be cancelled. */
#define VGPU_WAIT_FOREVER UINT64_MAX
struct vgpu_wait {
	struct vgpu_fence fence;
	uint64_t timeout_ns; /* relative; 0 asks without waiting */
};

/* VGPU_IOCTL_STATISTICS. In: scope; out: counters, all since the device was added or the handle was opened. As much as
 * the caller asks for, from 192 bytes up, in multiples of 8. */
#define VGPU_SCOPE_DEVICE 0u
#define VGPU_SCOPE_HANDLE 1u
struct vgpu_statistics_query {
	uint32_t scope;
	uint32_t reserved;
};

struct vgpu_statistics {
	/* both scopes */
	uint64_t ioctls;
	uint64_t submits;
	uint64_t submit_bytes;
	uint64_t transfers;
	uint64_t waits; /* VGPU_IOCTL_WAIT requests */
	uint64_t waits_blocked; /* those that did not complete at once */
	uint64_t fences;
	uint64_t bytes_copied; /* of the user's streams and data, by the CPU in the kernel */
	uint64_t live_contexts;
	uint64_t live_resources;
	uint64_t live_memory; /* bytes */
	uint64_t errors; /* requests that failed */
	/* device scope; 0 for a handle */
	uint64_t commands; /* queued to the device */
	uint64_t doorbells;
	uint64_t doorbells_avoided; /* the device had said that it is looking */
	uint64_t interrupts; /* that were ours */
	uint64_t dpcs;
	uint64_t device_errors; /* error responses */
	uint64_t device_violations; /* answers that break the rules */
	uint64_t resets;
	uint64_t queue_full; /* times a command had to wait for room */
	uint64_t live_handles;
	/* since minor version 1, both scopes: the errors above by their kind */
	uint64_t bad_requests; /* malformed, not offered, at the wrong time */
	uint64_t bad_ids; /* contexts, resources, memory that the handle does not have, or has already */
	uint64_t bad_addresses; /* user memory that cannot be read or written */
	uint64_t over_quota;
	uint64_t out_of_memory;
	uint64_t refused_by_host; /* the device answered with an error, or against the rules */
	uint64_t lost; /* the device was reset, broke, sleeps or went away */
	uint64_t timed_out; /* waits, those that only ask included */
	uint64_t cancelled; /* by the caller, or because what they waited for was destroyed */
	/* since minor version 1, both scopes */
	uint64_t live_mappings; /* of kernel memory and resources in processes */
	/* since minor version 1, device scope */
	uint64_t hangs; /* the device owed an answer for too long, or gave up */
	uint64_t failed_resets; /* the device ignored a reset, or did not start after it */
	uint64_t commands_lost; /* not answered when the device was reset */
	uint64_t violations_ring; /* of device_violations: used ring; the device is reset */
	uint64_t violations_answer; /* the answer's type or length */
	uint64_t violations_config; /* configuration space or registers, found while starting */
};

/* VGPU_IOCTL_TRACE, in: the level of the device's messages for a kernel debugger, until the next start of the driver.
 * The caller must hold SeLoadDriverPrivilege, enabled: STATUS_PRIVILEGE_NOT_HELD (Win32: ERROR_PRIVILEGE_NOT_HELD). */
struct vgpu_trace {
	uint32_t level; /* 0 off, 1 errors, 2 warnings, 3 information, 4 everything */
	uint32_t reserved;
};

/* ---- layout ---- */

#ifdef __cplusplus
#define VGPU_ASSERT_LAYOUT(Expression) static_assert(Expression, #Expression)
#else
#define VGPU_ASSERT_LAYOUT(Expression) _Static_assert(Expression, #Expression)
#endif
#define VGPU_ASSERT_SIZE(Type, Size) VGPU_ASSERT_LAYOUT(sizeof(struct Type) == (Size))
#define VGPU_ASSERT_AT(Type, Field, Offset) VGPU_ASSERT_LAYOUT(offsetof(struct Type, Field) == (Offset))

#include "vgpu_ioctl_layout.h"

#ifdef __cplusplus
}
#endif

#endif /* VGPU_IOCTL_H */
