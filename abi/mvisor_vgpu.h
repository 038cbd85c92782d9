/* SPDX-License-Identifier: MIT */
/*
 * mvisor_vgpu.h - the wire format of Mvisor's virtio-vgpu device, where it differs from the standard's.
 *
 * Source: the behaviour of the Mvisor hypervisor's device. What is not here is as in virtio_gpu.h: command types, the
 * header, and the commands GET_CAPSET_INFO, GET_CAPSET, CTX_CREATE, CTX_DESTROY, CTX_ATTACH_RESOURCE,
 * CTX_DETACH_RESOURCE, RESOURCE_CREATE_3D (which also attaches to hdr.ctx_id), RESOURCE_UNREF (which also detaches),
 * RESOURCE_DETACH_BACKING, TRANSFER_TO_HOST_3D, TRANSFER_FROM_HOST_3D, SUBMIT_3D and RESOURCE_UNMAP_BLOB.
 *
 * Little endian, packed. Only GET_CAPSET_INFO, GET_CAPSET and RESOURCE_MAP_BLOB have a response. A command and a
 * response lie in one descriptor each; SUBMIT_3D is followed by one descriptor with the stream and by nothing else.
 */
#ifndef MVISOR_VGPU_H
#define MVISOR_VGPU_H

#include "virtio_gpu.h"

/* PCI identity. The device id is virtio-pmem's as well: the subsystem and the revision tell them apart. */
#define MVISOR_VGPU_VENDOR 0x1af4u
#define MVISOR_VGPU_DEVICE 0x105bu
#define MVISOR_VGPU_SUBSYSTEM_VENDOR 0x1af4u
#define MVISOR_VGPU_SUBSYSTEM_DEVICE 0x1100u
#define MVISOR_VGPU_REVISION 0x01u

#define MVISOR_VGPU_QUEUE_COMMAND 0u /* rendering; the device treats all queues alike */
#define MVISOR_VGPU_QUEUE_CONTROL 1u
#define MVISOR_VGPU_MAX_QUEUES 4u
#define MVISOR_VGPU_QUEUE_SIZE 32768u

/* mvisor_vgpu_config.capabilities */
#define MVISOR_VGPU_CAP_3D (1ull << 0)
#define MVISOR_VGPU_CAP_CAPSET_FIX (1ull << 1)
#define MVISOR_VGPU_CAP_BLOB (1ull << 2)
#define MVISOR_VGPU_CAP_HOST_VISIBLE (1ull << 3)
#define MVISOR_VGPU_CAP_CROSS_DEVICE (1ull << 4)
#define MVISOR_VGPU_CAP_CONTEXT_INIT (1ull << 5)
#define MVISOR_VGPU_CAP_CAPSET_IDS (1ull << 6)

/* Where the host maps blobs: physical addresses from here up, in no BAR. */
#define MVISOR_VGPU_BLOB_BASE (256ull << 30)

#pragma pack(push, 1)

/* Device configuration. Reading past its end ends the virtual machine. */
struct mvisor_vgpu_config {
	uint8_t staging; /* 1: staging resources may be used */
	uint8_t num_queues;
	uint32_t num_capsets;
	uint64_t memory_size; /* bytes of guest RAM that the driver may use for backing */
	uint64_t capabilities; /* MVISOR_VGPU_CAP_* */
};

/* RESOURCE_CREATE_2D; also attaches to hdr.ctx_id */
struct mvisor_vgpu_resource_create_2d {
	struct virtio_gpu_ctrl_hdr hdr;
	uint32_t resource_id;
	uint32_t format;
	uint32_t width;
	uint32_t height;
};

/* TRANSFER_TO_HOST_2D */
struct mvisor_vgpu_transfer_to_host_2d {
	struct virtio_gpu_ctrl_hdr hdr;
	uint32_t x;
	uint32_t y;
	uint32_t width;
	uint32_t height;
	uint64_t offset; /* bytes into the backing */
	uint32_t resource_id;
	uint32_t padding;
};

/* RESOURCE_ATTACH_BACKING: one contiguous range */
struct mvisor_vgpu_resource_attach_backing {
	struct virtio_gpu_ctrl_hdr hdr;
	uint32_t resource_id;
	uint32_t nr_entries; /* not looked at */
	uint64_t gpa; /* guest-physical */
	uint32_t size; /* bytes */
};

/* RESOURCE_CREATE_BLOB: the host makes the pipe resource by itself, then the blob, and attaches it to hdr.ctx_id. */
struct mvisor_vgpu_resource_create_blob {
	struct virtio_gpu_ctrl_hdr hdr;
	uint32_t resource_id;
	uint32_t blob_mem; /* VIRTIO_GPU_BLOB_MEM_* */
	uint32_t blob_flags; /* VIRTIO_GPU_BLOB_FLAG_* */
	uint32_t nr_entries;
	uint64_t blob_id;
	uint64_t size; /* bytes */
	uint32_t format;
	uint32_t bind;
	uint32_t target;
	uint32_t width;
	uint32_t height;
	uint32_t depth;
	uint32_t array_size;
	uint32_t last_level;
	uint32_t nr_samples;
	uint32_t flags;
};

/* RESOURCE_MAP_BLOB. A failure leaves the response untouched, and the used length is 0 either way. */
struct mvisor_vgpu_resource_map_blob {
	struct virtio_gpu_ctrl_hdr hdr;
	uint32_t resource_id;
	uint32_t padding;
};

struct mvisor_vgpu_resp_map_info {
	struct virtio_gpu_ctrl_hdr hdr; /* only the type is written */
	uint32_t map_info; /* VIRTIO_GPU_MAP_CACHE_* */
	uint64_t gpa; /* guest-physical, from MVISOR_VGPU_BLOB_BASE up */
	uint64_t size; /* bytes */
	uint32_t padding;
};

#pragma pack(pop)

/* ---- layout ---- */

VIRTIO_GPU_SIZE(mvisor_vgpu_config, 22);
VIRTIO_GPU_AT(mvisor_vgpu_config, num_queues, 1);
VIRTIO_GPU_AT(mvisor_vgpu_config, num_capsets, 2);
VIRTIO_GPU_AT(mvisor_vgpu_config, memory_size, 6);
VIRTIO_GPU_AT(mvisor_vgpu_config, capabilities, 14);
VIRTIO_GPU_SIZE(mvisor_vgpu_resource_create_2d, 40);
VIRTIO_GPU_SIZE(mvisor_vgpu_transfer_to_host_2d, 56);
VIRTIO_GPU_AT(mvisor_vgpu_transfer_to_host_2d, offset, 40);
VIRTIO_GPU_AT(mvisor_vgpu_transfer_to_host_2d, resource_id, 48);
VIRTIO_GPU_SIZE(mvisor_vgpu_resource_attach_backing, 44);
VIRTIO_GPU_AT(mvisor_vgpu_resource_attach_backing, resource_id, 24);
VIRTIO_GPU_AT(mvisor_vgpu_resource_attach_backing, gpa, 32);
VIRTIO_GPU_AT(mvisor_vgpu_resource_attach_backing, size, 40);
VIRTIO_GPU_SIZE(mvisor_vgpu_resource_create_blob, 96);
VIRTIO_GPU_AT(mvisor_vgpu_resource_create_blob, blob_id, 40);
VIRTIO_GPU_AT(mvisor_vgpu_resource_create_blob, size, 48);
VIRTIO_GPU_AT(mvisor_vgpu_resource_create_blob, format, 56);
VIRTIO_GPU_AT(mvisor_vgpu_resource_create_blob, flags, 92);
VIRTIO_GPU_SIZE(mvisor_vgpu_resource_map_blob, 32);
VIRTIO_GPU_AT(mvisor_vgpu_resource_map_blob, resource_id, 24);
VIRTIO_GPU_SIZE(mvisor_vgpu_resp_map_info, 48);
VIRTIO_GPU_AT(mvisor_vgpu_resp_map_info, map_info, 24);
VIRTIO_GPU_AT(mvisor_vgpu_resp_map_info, gpa, 28);
VIRTIO_GPU_AT(mvisor_vgpu_resp_map_info, size, 36);

#endif /* MVISOR_VGPU_H */
