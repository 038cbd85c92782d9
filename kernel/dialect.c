/* SPDX-License-Identifier: MIT */
#include "dialect.h"

static const DIALECT *const Dialects[] = {&DialectStandard, &DialectMvisor};

_Use_decl_annotations_
const DIALECT *DialectFind(const PCI_IDENTITY *Identity)
{
	for (ULONG Index = 0; Index < RTL_NUMBER_OF(Dialects); Index++)
		if (Dialects[Index]->Matches(Identity))
			return Dialects[Index];
	return NULL;
}

_Use_decl_annotations_
ULONG DialectConfigBytes(const PCI_IDENTITY *Identity)
{
	const DIALECT *Dialect = DialectFind(Identity);

	return Dialect ? Dialect->ConfigBytes : 0;
}

_Use_decl_annotations_
VOID DialectFillCreate3d(
	struct virtio_gpu_resource_create_3d *Request, ULONG ResourceId, const struct vgpu_resource_create *Create)
{
	Request->resource_id = ResourceId;
	Request->target = Create->target;
	Request->format = Create->format;
	Request->bind = Create->bind;
	Request->width = Create->width;
	Request->height = Create->height;
	Request->depth = Create->depth;
	Request->array_size = Create->array_size;
	Request->last_level = Create->last_level;
	Request->nr_samples = Create->nr_samples;
	Request->flags = Create->flags;
}

_Use_decl_annotations_
ULONG DialectTransferType(const struct vgpu_transfer *Transfer)
{
	return Transfer->flags & VGPU_TRANSFER_TO_HOST ? VIRTIO_GPU_CMD_TRANSFER_TO_HOST_3D
						       : VIRTIO_GPU_CMD_TRANSFER_FROM_HOST_3D;
}

_Use_decl_annotations_
VOID DialectFillTransfer(struct virtio_gpu_transfer_host_3d *Request, const struct vgpu_transfer *Transfer)
{
	Request->box.x = Transfer->x;
	Request->box.y = Transfer->y;
	Request->box.z = Transfer->z;
	Request->box.w = Transfer->width;
	Request->box.h = Transfer->height;
	Request->box.d = Transfer->depth;
	Request->offset = Transfer->offset;
	Request->resource_id = Transfer->resource_id;
	Request->level = Transfer->level;
	Request->stride = Transfer->stride;
	Request->layer_stride = Transfer->layer_stride;
}
