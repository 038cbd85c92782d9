/* SPDX-License-Identifier: MIT */
/*
 * virtio_gpu.h - the wire format of a standard virtio-gpu device.
 *
 * Source: "Virtual I/O Device (VIRTIO)" 1.2 and later, section 5.7 "GPU Device"; the section of each item is beside it.
 * Everything is little endian, as is every machine this driver runs on. Sizes are in bytes unless said otherwise.
 */
#ifndef VIRTIO_GPU_H
#define VIRTIO_GPU_H

#include <stddef.h>
#include <stdint.h>

/* 5.7.2 Virtqueues */
#define VIRTIO_GPU_QUEUE_CONTROL 0u
#define VIRTIO_GPU_QUEUE_CURSOR 1u

/* 5.7.3 Feature bits: bit numbers */
#define VIRTIO_GPU_F_VIRGL 0u
#define VIRTIO_GPU_F_EDID 1u
#define VIRTIO_GPU_F_RESOURCE_UUID 2u
#define VIRTIO_GPU_F_RESOURCE_BLOB 3u
#define VIRTIO_GPU_F_CONTEXT_INIT 4u

/* 5.7.4 Device configuration layout */
#define VIRTIO_GPU_EVENT_DISPLAY (1u << 0)
struct virtio_gpu_config {
	uint32_t events_read;
	uint32_t events_clear;
	uint32_t num_scanouts; /* 1 to 16 */
	uint32_t num_capsets;
};

/* 5.7.4, with 4.1.4.7: the shared memory region of host-visible blobs */
#define VIRTIO_GPU_SHM_ID_HOST_VISIBLE 1u

/* 5.7.6.7 Device operation: request header. Types of commands and of answers */
#define VIRTIO_GPU_CMD_GET_DISPLAY_INFO 0x0100u
#define VIRTIO_GPU_CMD_RESOURCE_CREATE_2D 0x0101u
#define VIRTIO_GPU_CMD_RESOURCE_UNREF 0x0102u
#define VIRTIO_GPU_CMD_SET_SCANOUT 0x0103u
#define VIRTIO_GPU_CMD_RESOURCE_FLUSH 0x0104u
#define VIRTIO_GPU_CMD_TRANSFER_TO_HOST_2D 0x0105u
#define VIRTIO_GPU_CMD_RESOURCE_ATTACH_BACKING 0x0106u
#define VIRTIO_GPU_CMD_RESOURCE_DETACH_BACKING 0x0107u
#define VIRTIO_GPU_CMD_GET_CAPSET_INFO 0x0108u
#define VIRTIO_GPU_CMD_GET_CAPSET 0x0109u
#define VIRTIO_GPU_CMD_GET_EDID 0x010au
#define VIRTIO_GPU_CMD_RESOURCE_ASSIGN_UUID 0x010bu
#define VIRTIO_GPU_CMD_RESOURCE_CREATE_BLOB 0x010cu
#define VIRTIO_GPU_CMD_SET_SCANOUT_BLOB 0x010du
#define VIRTIO_GPU_CMD_CTX_CREATE 0x0200u
#define VIRTIO_GPU_CMD_CTX_DESTROY 0x0201u
#define VIRTIO_GPU_CMD_CTX_ATTACH_RESOURCE 0x0202u
#define VIRTIO_GPU_CMD_CTX_DETACH_RESOURCE 0x0203u
#define VIRTIO_GPU_CMD_RESOURCE_CREATE_3D 0x0204u
#define VIRTIO_GPU_CMD_TRANSFER_TO_HOST_3D 0x0205u
#define VIRTIO_GPU_CMD_TRANSFER_FROM_HOST_3D 0x0206u
#define VIRTIO_GPU_CMD_SUBMIT_3D 0x0207u
#define VIRTIO_GPU_CMD_RESOURCE_MAP_BLOB 0x0208u
#define VIRTIO_GPU_CMD_RESOURCE_UNMAP_BLOB 0x0209u
#define VIRTIO_GPU_CMD_UPDATE_CURSOR 0x0300u
#define VIRTIO_GPU_CMD_MOVE_CURSOR 0x0301u
#define VIRTIO_GPU_RESP_OK_NODATA 0x1100u
#define VIRTIO_GPU_RESP_OK_DISPLAY_INFO 0x1101u
#define VIRTIO_GPU_RESP_OK_CAPSET_INFO 0x1102u
#define VIRTIO_GPU_RESP_OK_CAPSET 0x1103u
#define VIRTIO_GPU_RESP_OK_EDID 0x1104u
#define VIRTIO_GPU_RESP_OK_RESOURCE_UUID 0x1105u
#define VIRTIO_GPU_RESP_OK_MAP_INFO 0x1106u
#define VIRTIO_GPU_RESP_ERR_UNSPEC 0x1200u
#define VIRTIO_GPU_RESP_ERR_OUT_OF_MEMORY 0x1201u
#define VIRTIO_GPU_RESP_ERR_INVALID_SCANOUT_ID 0x1202u
#define VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID 0x1203u
#define VIRTIO_GPU_RESP_ERR_INVALID_CONTEXT_ID 0x1204u
#define VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER 0x1205u

#define VIRTIO_GPU_FLAG_FENCE (1u << 0) /* answer only when the work is done */
#define VIRTIO_GPU_FLAG_INFO_RING_IDX (1u << 1) /* ring_idx counts; with CONTEXT_INIT only */

struct virtio_gpu_ctrl_hdr {
	uint32_t type;
	uint32_t flags; /* VIRTIO_GPU_FLAG_*; the answer repeats FENCE, fence_id and ring_idx */
	uint64_t fence_id;
	uint32_t ctx_id;
	uint8_t ring_idx;
	uint8_t padding[3];
};

/* 5.7.6.8 Device operation: controlq, 2D part that 3D uses as well */
struct virtio_gpu_resource_unref {
	struct virtio_gpu_ctrl_hdr hdr;
	uint32_t resource_id;
	uint32_t padding;
};

struct virtio_gpu_mem_entry {
	uint64_t addr; /* guest-physical */
	uint32_t length;
	uint32_t padding;
};

/* Followed by nr_entries struct virtio_gpu_mem_entry. */
struct virtio_gpu_resource_attach_backing {
	struct virtio_gpu_ctrl_hdr hdr;
	uint32_t resource_id;
	uint32_t nr_entries;
};

struct virtio_gpu_resource_detach_backing {
	struct virtio_gpu_ctrl_hdr hdr;
	uint32_t resource_id;
	uint32_t padding;
};

#define VIRTIO_GPU_CAPSET_VIRGL 1u
#define VIRTIO_GPU_CAPSET_VIRGL2 2u
#define VIRTIO_GPU_CAPSET_GFXSTREAM_VULKAN 3u
#define VIRTIO_GPU_CAPSET_VENUS 4u
#define VIRTIO_GPU_CAPSET_CROSS_DOMAIN 5u

struct virtio_gpu_get_capset_info {
	struct virtio_gpu_ctrl_hdr hdr;
	uint32_t capset_index; /* 0 to virtio_gpu_config.num_capsets - 1 */
	uint32_t padding;
};

struct virtio_gpu_resp_capset_info {
	struct virtio_gpu_ctrl_hdr hdr;
	uint32_t capset_id;
	uint32_t capset_max_version;
	uint32_t capset_max_size;
	uint32_t padding;
};

struct virtio_gpu_get_capset {
	struct virtio_gpu_ctrl_hdr hdr;
	uint32_t capset_id;
	uint32_t capset_version;
};

/* Followed by capset_max_size bytes. */
struct virtio_gpu_resp_capset {
	struct virtio_gpu_ctrl_hdr hdr;
};

/* 5.7.6.8, blob resources */
#define VIRTIO_GPU_BLOB_MEM_GUEST 1u
#define VIRTIO_GPU_BLOB_MEM_HOST3D 2u
#define VIRTIO_GPU_BLOB_MEM_HOST3D_GUEST 3u
#define VIRTIO_GPU_BLOB_FLAG_USE_MAPPABLE (1u << 0)
#define VIRTIO_GPU_BLOB_FLAG_USE_SHAREABLE (1u << 1)
#define VIRTIO_GPU_BLOB_FLAG_USE_CROSS_DEVICE (1u << 2)

/* Followed by nr_entries struct virtio_gpu_mem_entry. */
struct virtio_gpu_resource_create_blob {
	struct virtio_gpu_ctrl_hdr hdr;
	uint32_t resource_id;
	uint32_t blob_mem;
	uint32_t blob_flags;
	uint32_t nr_entries;
	uint64_t blob_id;
	uint64_t size;
};

/* 5.7.6.9 Device operation: controlq (3d) */
struct virtio_gpu_box {
	uint32_t x;
	uint32_t y;
	uint32_t z;
	uint32_t w;
	uint32_t h;
	uint32_t d;
};

#define VIRTIO_GPU_CONTEXT_INIT_CAPSET_ID_MASK 0x000000ffu
#define VIRTIO_GPU_CONTEXT_NAME_LENGTH 64u
struct virtio_gpu_ctx_create {
	struct virtio_gpu_ctrl_hdr hdr;
	uint32_t nlen; /* bytes of debug_name that count */
	uint32_t context_init; /* the capset's id; 0 without CONTEXT_INIT */
	char debug_name[VIRTIO_GPU_CONTEXT_NAME_LENGTH];
};

struct virtio_gpu_ctx_destroy {
	struct virtio_gpu_ctrl_hdr hdr;
};

/* CTX_ATTACH_RESOURCE and CTX_DETACH_RESOURCE */
struct virtio_gpu_ctx_resource {
	struct virtio_gpu_ctrl_hdr hdr;
	uint32_t resource_id;
	uint32_t padding;
};

#define VIRTIO_GPU_RESOURCE_FLAG_Y_0_TOP (1u << 0)
struct virtio_gpu_resource_create_3d {
	struct virtio_gpu_ctrl_hdr hdr;
	uint32_t resource_id;
	uint32_t target;
	uint32_t format;
	uint32_t bind;
	uint32_t width;
	uint32_t height;
	uint32_t depth;
	uint32_t array_size;
	uint32_t last_level;
	uint32_t nr_samples;
	uint32_t flags; /* VIRTIO_GPU_RESOURCE_FLAG_* */
	uint32_t padding;
};

/* TRANSFER_TO_HOST_3D and TRANSFER_FROM_HOST_3D */
struct virtio_gpu_transfer_host_3d {
	struct virtio_gpu_ctrl_hdr hdr;
	struct virtio_gpu_box box;
	uint64_t offset; /* bytes into the backing */
	uint32_t resource_id;
	uint32_t level;
	uint32_t stride; /* bytes */
	uint32_t layer_stride; /* bytes */
};

/* Followed by size bytes of the stream. */
struct virtio_gpu_cmd_submit {
	struct virtio_gpu_ctrl_hdr hdr;
	uint32_t size;
	uint32_t padding;
};

struct virtio_gpu_resource_map_blob {
	struct virtio_gpu_ctrl_hdr hdr;
	uint32_t resource_id;
	uint32_t padding;
	uint64_t offset; /* into the host-visible region */
};

#define VIRTIO_GPU_MAP_CACHE_MASK 0x0fu
#define VIRTIO_GPU_MAP_CACHE_NONE 0x00u
#define VIRTIO_GPU_MAP_CACHE_CACHED 0x01u
#define VIRTIO_GPU_MAP_CACHE_UNCACHED 0x02u
#define VIRTIO_GPU_MAP_CACHE_WC 0x03u
struct virtio_gpu_resp_map_info {
	struct virtio_gpu_ctrl_hdr hdr;
	uint32_t map_info; /* VIRTIO_GPU_MAP_CACHE_* */
	uint32_t padding;
};

struct virtio_gpu_resource_unmap_blob {
	struct virtio_gpu_ctrl_hdr hdr;
	uint32_t resource_id;
	uint32_t padding;
};

/* ---- layout ---- */

#ifdef __cplusplus
#define VIRTIO_GPU_ASSERT(Expression) static_assert(Expression, #Expression)
#else
#define VIRTIO_GPU_ASSERT(Expression) _Static_assert(Expression, #Expression)
#endif
#define VIRTIO_GPU_SIZE(Type, Size) VIRTIO_GPU_ASSERT(sizeof(struct Type) == (Size))
#define VIRTIO_GPU_AT(Type, Field, Offset) VIRTIO_GPU_ASSERT(offsetof(struct Type, Field) == (Offset))

VIRTIO_GPU_SIZE(virtio_gpu_config, 16);
VIRTIO_GPU_AT(virtio_gpu_config, events_clear, 4);
VIRTIO_GPU_AT(virtio_gpu_config, num_scanouts, 8);
VIRTIO_GPU_AT(virtio_gpu_config, num_capsets, 12);
VIRTIO_GPU_SIZE(virtio_gpu_ctrl_hdr, 24);
VIRTIO_GPU_AT(virtio_gpu_ctrl_hdr, flags, 4);
VIRTIO_GPU_AT(virtio_gpu_ctrl_hdr, fence_id, 8);
VIRTIO_GPU_AT(virtio_gpu_ctrl_hdr, ctx_id, 16);
VIRTIO_GPU_AT(virtio_gpu_ctrl_hdr, ring_idx, 20);
VIRTIO_GPU_SIZE(virtio_gpu_resource_unref, 32);
VIRTIO_GPU_AT(virtio_gpu_resource_unref, resource_id, 24);
VIRTIO_GPU_SIZE(virtio_gpu_mem_entry, 16);
VIRTIO_GPU_AT(virtio_gpu_mem_entry, length, 8);
VIRTIO_GPU_SIZE(virtio_gpu_resource_attach_backing, 32);
VIRTIO_GPU_AT(virtio_gpu_resource_attach_backing, resource_id, 24);
VIRTIO_GPU_AT(virtio_gpu_resource_attach_backing, nr_entries, 28);
VIRTIO_GPU_SIZE(virtio_gpu_resource_detach_backing, 32);
VIRTIO_GPU_AT(virtio_gpu_resource_detach_backing, resource_id, 24);
VIRTIO_GPU_SIZE(virtio_gpu_get_capset_info, 32);
VIRTIO_GPU_AT(virtio_gpu_get_capset_info, capset_index, 24);
VIRTIO_GPU_SIZE(virtio_gpu_resp_capset_info, 40);
VIRTIO_GPU_AT(virtio_gpu_resp_capset_info, capset_id, 24);
VIRTIO_GPU_AT(virtio_gpu_resp_capset_info, capset_max_version, 28);
VIRTIO_GPU_AT(virtio_gpu_resp_capset_info, capset_max_size, 32);
VIRTIO_GPU_SIZE(virtio_gpu_get_capset, 32);
VIRTIO_GPU_AT(virtio_gpu_get_capset, capset_id, 24);
VIRTIO_GPU_AT(virtio_gpu_get_capset, capset_version, 28);
VIRTIO_GPU_SIZE(virtio_gpu_resp_capset, 24);
VIRTIO_GPU_SIZE(virtio_gpu_resource_create_blob, 56);
VIRTIO_GPU_AT(virtio_gpu_resource_create_blob, resource_id, 24);
VIRTIO_GPU_AT(virtio_gpu_resource_create_blob, blob_mem, 28);
VIRTIO_GPU_AT(virtio_gpu_resource_create_blob, blob_flags, 32);
VIRTIO_GPU_AT(virtio_gpu_resource_create_blob, nr_entries, 36);
VIRTIO_GPU_AT(virtio_gpu_resource_create_blob, blob_id, 40);
VIRTIO_GPU_AT(virtio_gpu_resource_create_blob, size, 48);
VIRTIO_GPU_SIZE(virtio_gpu_box, 24);
VIRTIO_GPU_AT(virtio_gpu_box, w, 12);
VIRTIO_GPU_SIZE(virtio_gpu_ctx_create, 96);
VIRTIO_GPU_AT(virtio_gpu_ctx_create, nlen, 24);
VIRTIO_GPU_AT(virtio_gpu_ctx_create, context_init, 28);
VIRTIO_GPU_AT(virtio_gpu_ctx_create, debug_name, 32);
VIRTIO_GPU_SIZE(virtio_gpu_ctx_destroy, 24);
VIRTIO_GPU_SIZE(virtio_gpu_ctx_resource, 32);
VIRTIO_GPU_AT(virtio_gpu_ctx_resource, resource_id, 24);
VIRTIO_GPU_SIZE(virtio_gpu_resource_create_3d, 72);
VIRTIO_GPU_AT(virtio_gpu_resource_create_3d, resource_id, 24);
VIRTIO_GPU_AT(virtio_gpu_resource_create_3d, target, 28);
VIRTIO_GPU_AT(virtio_gpu_resource_create_3d, format, 32);
VIRTIO_GPU_AT(virtio_gpu_resource_create_3d, bind, 36);
VIRTIO_GPU_AT(virtio_gpu_resource_create_3d, width, 40);
VIRTIO_GPU_AT(virtio_gpu_resource_create_3d, array_size, 52);
VIRTIO_GPU_AT(virtio_gpu_resource_create_3d, last_level, 56);
VIRTIO_GPU_AT(virtio_gpu_resource_create_3d, nr_samples, 60);
VIRTIO_GPU_AT(virtio_gpu_resource_create_3d, flags, 64);
VIRTIO_GPU_SIZE(virtio_gpu_transfer_host_3d, 72);
VIRTIO_GPU_AT(virtio_gpu_transfer_host_3d, box, 24);
VIRTIO_GPU_AT(virtio_gpu_transfer_host_3d, offset, 48);
VIRTIO_GPU_AT(virtio_gpu_transfer_host_3d, resource_id, 56);
VIRTIO_GPU_AT(virtio_gpu_transfer_host_3d, level, 60);
VIRTIO_GPU_AT(virtio_gpu_transfer_host_3d, stride, 64);
VIRTIO_GPU_AT(virtio_gpu_transfer_host_3d, layer_stride, 68);
VIRTIO_GPU_SIZE(virtio_gpu_cmd_submit, 32);
VIRTIO_GPU_AT(virtio_gpu_cmd_submit, size, 24);
VIRTIO_GPU_SIZE(virtio_gpu_resource_map_blob, 40);
VIRTIO_GPU_AT(virtio_gpu_resource_map_blob, resource_id, 24);
VIRTIO_GPU_AT(virtio_gpu_resource_map_blob, offset, 32);
VIRTIO_GPU_SIZE(virtio_gpu_resp_map_info, 32);
VIRTIO_GPU_AT(virtio_gpu_resp_map_info, map_info, 24);
VIRTIO_GPU_SIZE(virtio_gpu_resource_unmap_blob, 32);
VIRTIO_GPU_AT(virtio_gpu_resource_unmap_blob, resource_id, 24);

#endif /* VIRTIO_GPU_H */
