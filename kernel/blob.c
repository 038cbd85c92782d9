/* SPDX-License-Identifier: MIT */
#include "blob.h"
#include "io_map.h"

#define BLOB_MAX_MAPPED 0x40000000ull /* bytes of one; an MDL counts with 32 bits */

struct _VIEW {
	OBJECT Object; /* references: the blob's, a command's under way, who is undoing it */
	GPU *Gpu;
	ULONG ContextId; /* BLOB.ContextId */
	REGION_RANGE Range; /* under GPU_VIEWS.Lock */
	LIST_ENTRY Link; /* in GPU_VIEWS.Shown, under its lock; self-linked: not in it */
	IO_PAGES Pages;
	MAPPING Mapping;
};

/* ---- views ---- */

static VOID ViewFree(OBJECT *Object)
{
	VIEW *View = CONTAINING_RECORD(Object, VIEW, Object);
	GPU_VIEWS *Views = &View->Gpu->Views;
	KIRQL Irql;

	IoPagesForget(&View->Pages);
	KeAcquireSpinLock(&Views->Lock, &Irql);
	RegionGive(&View->Range);
	KeReleaseSpinLock(&Views->Lock, Irql);
	VgpuFree(View);
}

_Use_decl_annotations_
VOID BlobRelease(VIEW *View)
{
	ObjectRelease(&View->Object);
}

/* With a place in the region, unless the host chooses that. */
static NTSTATUS ViewCreate(const BLOB *Blob, VIEW **Created)
{
	GPU_VIEWS *Views = &Blob->Gpu->Views;
	VIEW *View = VgpuAllocate(sizeof(*View));
	BOOLEAN Taken = TRUE;
	KIRQL Irql;

	if (!View)
		return STATUS_INSUFFICIENT_RESOURCES;
	ObjectInit(&View->Object, Blob->ResourceId, ViewFree);
	View->Gpu = Blob->Gpu;
	View->ContextId = Blob->ContextId;
	InitializeListHead(&View->Link);
	if (!Blob->Gpu->Dialect->BlobBase) {
		KeAcquireSpinLock(&Views->Lock, &Irql);
		RegionResize(&Views->Region, Blob->Gpu->Pci.HostVisible.Bytes);
		Taken = RegionTake(&Views->Region, &View->Range, Blob->Bytes);
		KeReleaseSpinLock(&Views->Lock, Irql);
	}
	if (!Taken) {
		BlobRelease(View);
		return STATUS_INSUFFICIENT_RESOURCES;
	}
	*Created = View;
	return STATUS_SUCCESS;
}

/* From the moment that it is listed, losing the device undoes it. FALSE: the device is lost already. */
static BOOLEAN ViewList(VIEW *View, const BLOB *Blob)
{
	GPU_VIEWS *Views = &View->Gpu->Views;
	BOOLEAN Listed;
	KIRQL Irql;

	KeAcquireSpinLock(&Views->Lock, &Irql);
	Listed = NT_SUCCESS(GpuCheck(View->Gpu, Blob->Host));
	if (Listed)
		InsertTailList(&Views->Shown, &View->Link);
	KeReleaseSpinLock(&Views->Lock, Irql);
	return Listed;
}

static VOID ViewHide(VIEW *View)
{
	GPU_VIEWS *Views = &View->Gpu->Views;
	KIRQL Irql;

	KeAcquireSpinLock(&Views->Lock, &Irql);
	RemoveEntryList(&View->Link);
	InitializeListHead(&View->Link);
	KeReleaseSpinLock(&Views->Lock, Irql);
	MappingDestroy(&View->Mapping);
}

/* The first that is shown, of a context or (0) of any, taken out of the list with a reference of its own: whoever drops
 * the last one has hidden it before. */
_Requires_lock_held_(Views->Lock)
static VIEW *ViewTakeShown(GPU_VIEWS *Views, ULONG ContextId)
{
	for (LIST_ENTRY *Link = Views->Shown.Flink; Link != &Views->Shown; Link = Link->Flink) {
		VIEW *View = CONTAINING_RECORD(Link, VIEW, Link);

		if (ContextId && View->ContextId != ContextId)
			continue;
		RemoveEntryList(Link);
		InitializeListHead(Link);
		ObjectReference(&View->Object);
		return View;
	}
	return NULL;
}

static VOID ViewsHide(GPU *Gpu, ULONG ContextId)
{
	GPU_VIEWS *Views = &Gpu->Views;
	VIEW *View;
	KIRQL Irql;

	do {
		KeAcquireSpinLock(&Views->Lock, &Irql);
		View = ViewTakeShown(Views, ContextId);
		KeReleaseSpinLock(&Views->Lock, Irql);
		if (View) {
			MappingDestroy(&View->Mapping);
			BlobRelease(View);
		}
	} while (View);
}

/* The device forgets all that it has mapped: before it does, no program sees any of it. */
static VOID BlobsHide(GPU *Gpu)
{
	ViewsHide(Gpu, 0);
}

_Use_decl_annotations_
VOID BlobsEndContext(GPU *Gpu, ULONG ContextId)
{
	if (Gpu->Dialect->BlobBase)
		ViewsHide(Gpu, ContextId);
}

/* A host that forgets a context's mappings with it shows nothing of one that is gone. */
static NTSTATUS ViewCheckContext(FILE_CONTEXT *File, VIEW *View)
{
	OBJECT *Context;

	if (!File->Gpu->Dialect->BlobBase)
		return STATUS_SUCCESS;
	Context = FileFind(File, &File->Contexts, View->ContextId);
	if (!Context)
		return STATUS_INVALID_HANDLE;
	ObjectRelease(Context);
	return STATUS_SUCCESS;
}

_Use_decl_annotations_
VOID BlobsInit(GPU *Gpu)
{
	KeInitializeSpinLock(&Gpu->Views.Lock);
	RegionInit(&Gpu->Views.Region);
	InitializeListHead(&Gpu->Views.Shown);
	Gpu->Views.Hide = BlobsHide;
}

/* ---- the host's side ---- */

static VOID ViewUnmapped(COMMAND *Command)
{
	BlobRelease(Command->Owner);
}

_Use_decl_annotations_
VOID BlobTellHost(const BLOB *Blob, VIEW *View, COMMAND_BATCH *Batch)
{
	COMMAND *Command = Blob->Gpu->Dialect->BlobUnmap(Batch, Blob->ContextId, Blob->ResourceId);

	Command->Done = ViewUnmapped;
	Command->Owner = View;
}

/* Takes the caller's reference. A device that does not take the command is lost, and has forgotten the mapping or will
 * have before it takes another. */
static VOID ViewUnmapOnHost(FILE_CONTEXT *File, BLOB *Blob, VIEW *View)
{
	COMMAND_BATCH Batch;
	GPU_SEND Send = {.Batch = &Batch, .Needs = {Blob->Host}};
	NTSTATUS Status = GpuReserveToEnd(Blob->Gpu, File->Account, &Batch, 1, 0);

	if (NT_SUCCESS(Status)) {
		BlobTellHost(Blob, View, &Batch);
		Status = GpuSend(Blob->Gpu, &Send);
	}
	if (!NT_SUCCESS(Status))
		BlobRelease(View);
}

/* The place that the host chose must be one that a host may choose, and nobody else's. */
static BOOLEAN ViewTakePlace(VIEW *View, const BLOB *Blob, const DIALECT_PLACE *Place)
{
	GPU_VIEWS *Views = &View->Gpu->Views;
	BOOLEAN Taken = FALSE;
	KIRQL Irql;

	if (Place->Bytes < Blob->Bytes || Place->Bytes > BLOB_MAX_MAPPED ||
		Place->Physical < Blob->Gpu->Dialect->BlobBase || IoIsRam(Place->Physical, Place->Bytes))
		return FALSE;
	KeAcquireSpinLock(&Views->Lock, &Irql);
	RegionResize(&Views->Region, MAXULONG64);
	Taken = RegionTakeAt(&Views->Region, &View->Range, Place->Physical, Place->Bytes);
	KeReleaseSpinLock(&Views->Lock, Irql);
	return Taken;
}

/* STATUS_DEVICE_PROTOCOL_ERROR: it may be mapped on the host, after any other error it is not. */
static NTSTATUS ViewMapOnHost(FILE_CONTEXT *File, BLOB *Blob, VIEW *View, DIALECT_PLACE *Place)
{
	GPU *Gpu = Blob->Gpu;
	UCHAR Answer[COMMAND_ANSWER_BYTES];
	COMMAND_BATCH Batch;
	GPU_SEND Send = {.Batch = &Batch, .Needs = {Blob->Host}};
	NTSTATUS Status = GpuReserve(Gpu, File->Account, &Batch, 1, 0);

	if (!NT_SUCCESS(Status))
		return Status;
	(VOID) Gpu->Dialect->BlobMap(&Batch, Blob->ContextId, Blob->ResourceId, View->Range.Offset);
	Status = GpuExecute(Gpu, &Send, Answer, sizeof(Answer));
	if (!NT_SUCCESS(Status))
		return Status;
	Place->Physical = Gpu->Pci.HostVisible.Address + View->Range.Offset;
	Place->Bytes = Blob->Bytes;
	Status = Gpu->Dialect->BlobMapped(Answer, Place);
	if (NT_SUCCESS(Status) && Gpu->Dialect->BlobBase && !ViewTakePlace(View, Blob, Place))
		Status = STATUS_DEVICE_PROTOCOL_ERROR;
	if (Status == STATUS_DEVICE_PROTOCOL_ERROR)
		StatsViolation(&Gpu->Statistics, &Gpu->Statistics.ViolationsAnswer);
	return Status;
}

/* ---- both sides ---- */

static VOID BlobTakeTurn(BLOB *Blob)
{
	(VOID) LeaveWait(&Blob->Gpu->Leavers, &Blob->Turn, FALSE); /* who has it waits for one answer at most */
}

static VOID BlobEndTurn(BLOB *Blob)
{
	(VOID) KeSetEvent(&Blob->Turn, IO_NO_INCREMENT, FALSE);
}

static BOOLEAN BlobCount(FILE_CONTEXT *File, const BLOB *Blob)
{
	const LONG64 Most = (LONG64)File->Gpu->Settings.MaxMappedMiB << 20;

	if (InterlockedAdd64(&File->MappedBytes, (LONG64)Blob->Bytes) <= Most)
		return TRUE;
	(VOID) InterlockedAdd64(&File->MappedBytes, -(LONG64)Blob->Bytes);
	return FALSE;
}

static VOID BlobUncount(FILE_CONTEXT *File, const BLOB *Blob)
{
	(VOID) InterlockedAdd64(&File->MappedBytes, -(LONG64)Blob->Bytes);
}

/* With the turn. */
static VIEW *BlobTakeView(FILE_CONTEXT *File, BLOB *Blob)
{
	VIEW *View = Blob->View;

	Blob->View = NULL;
	if (View) {
		ViewHide(View);
		BlobUncount(File, Blob);
	}
	return View;
}

static MEMORY_CACHING_TYPE ViewCacheType(ULONG Cache)
{
	switch (Cache) {
	case VGPU_MAP_CACHE_UNCACHED:
		return MmNonCached;
	case VGPU_MAP_CACHE_WC:
		return MmWriteCombined;
	default:
		return MmCached;
	}
}

static NTSTATUS ViewShow(FILE_CONTEXT *File, BLOB *Blob, VIEW *View, const DIALECT_PLACE *Place, ULONG64 *Address)
{
	PHYSICAL_ADDRESS Physical = {.QuadPart = (LONGLONG)Place->Physical};
	MEMORY_CACHING_TYPE Cache = ViewCacheType(Place->Cache);
	NTSTATUS Status = IoPagesDescribe(&View->Pages, Physical, (SIZE_T)Blob->Bytes, Cache);

	if (NT_SUCCESS(Status))
		Status = MappingCreate(&View->Mapping, File, &View->Object, View->Pages.Mdl, Cache);
	if (!NT_SUCCESS(Status))
		return Status;
	*Address = (ULONG64)(ULONG_PTR)View->Mapping.Address;
	if (ViewList(View, Blob)) {
		/* Listed first: whoever ends the context hides it, or its end is seen here. */
		Status = ViewCheckContext(File, View);
		if (!NT_SUCCESS(Status))
			ViewHide(View);
		return Status;
	}
	MappingDestroy(&View->Mapping); /* its place is still this view's: nobody saw what is another's */
	return STATUS_DEVICE_REQUIRES_CLEANING;
}

static NTSTATUS BlobMapNow(FILE_CONTEXT *File, BLOB *Blob, struct vgpu_resource_map *Map)
{
	DIALECT_PLACE Place;
	ULONG64 Address;
	VIEW *View;
	NTSTATUS Status;

	if (!BlobCount(File, Blob))
		return STATUS_QUOTA_EXCEEDED;
	Status = ViewCreate(Blob, &View);
	if (!NT_SUCCESS(Status))
		goto Uncount;
	Status = ViewMapOnHost(File, Blob, View, &Place);
	if (!NT_SUCCESS(Status) && Status != STATUS_DEVICE_PROTOCOL_ERROR) {
		BlobRelease(View);
		goto Uncount;
	}
	if (NT_SUCCESS(Status))
		Status = ViewShow(File, Blob, View, &Place, &Address);
	if (!NT_SUCCESS(Status)) {
		ViewUnmapOnHost(File, Blob, View);
		goto Uncount;
	}
	Blob->View = View;
	Map->address = Address;
	Map->cache = Place.Cache;
	Map->size = Blob->Bytes;
	return STATUS_SUCCESS;
Uncount:
	BlobUncount(File, Blob);
	return Status;
}

_Use_decl_annotations_
NTSTATUS BlobMap(FILE_CONTEXT *File, BLOB *Blob, struct vgpu_resource_map *Map)
{
	NTSTATUS Status;
	VIEW *Old;

	if (Map->cache || Map->address || Map->size || !Blob->Mappable)
		return STATUS_INVALID_PARAMETER;
	BlobTakeTurn(Blob);
	if (Blob->Ended) {
		Status = STATUS_INVALID_HANDLE;
	} else if (Blob->View && MappingExists(&Blob->View->Mapping)) {
		Status = STATUS_INVALID_DEVICE_STATE;
	} else {
		Old = BlobTakeView(File, Blob); /* of a process that has ended */
		if (Old)
			ViewUnmapOnHost(File, Blob, Old);
		Status = BlobMapNow(File, Blob, Map);
	}
	BlobEndTurn(Blob);
	return Status;
}

_Use_decl_annotations_
NTSTATUS BlobUnmap(FILE_CONTEXT *File, BLOB *Blob)
{
	VIEW *View;

	BlobTakeTurn(Blob);
	View = BlobTakeView(File, Blob);
	if (View)
		ViewUnmapOnHost(File, Blob, View);
	BlobEndTurn(Blob);
	return View ? STATUS_SUCCESS : STATUS_INVALID_DEVICE_STATE;
}

_Use_decl_annotations_
VIEW *BlobEnd(FILE_CONTEXT *File, BLOB *Blob)
{
	VIEW *View;

	BlobTakeTurn(Blob);
	Blob->Ended = TRUE;
	View = BlobTakeView(File, Blob);
	BlobEndTurn(Blob);
	return View;
}

/* ---- creation ---- */

_Use_decl_annotations_
NTSTATUS BlobCheckCreate(const GPU *Gpu, const struct vgpu_resource_create_blob *Create)
{
	const ULONG Flags = VIRTIO_GPU_BLOB_FLAG_USE_MAPPABLE | VIRTIO_GPU_BLOB_FLAG_USE_SHAREABLE |
			    VIRTIO_GPU_BLOB_FLAG_USE_CROSS_DEVICE;
	BOOLEAN Guest = Create->blob_mem != VIRTIO_GPU_BLOB_MEM_HOST3D;

	if (!(Gpu->Dialect->Capabilities(&Gpu->Pci) & VGPU_CAP_BLOB))
		return STATUS_NOT_SUPPORTED;
	if (Create->resource_id || Create->blob_flags & ~Flags || Create->size == 0 || Create->size % VGPU_PAGE_BYTES)
		return STATUS_INVALID_PARAMETER;
	if (Create->blob_mem < VIRTIO_GPU_BLOB_MEM_GUEST || Create->blob_mem > VIRTIO_GPU_BLOB_MEM_HOST3D_GUEST)
		return STATUS_INVALID_PARAMETER;
	/* What the host makes, it makes in a context. */
	if (Create->blob_mem != VIRTIO_GPU_BLOB_MEM_GUEST && Create->context_id == 0)
		return STATUS_INVALID_PARAMETER;
	if (!Guest && (Create->backing.memory_id || Create->backing.offset || Create->backing.size))
		return STATUS_INVALID_PARAMETER;
	if (Guest && (Create->backing.memory_id == 0 || Create->backing.size != Create->size))
		return STATUS_INVALID_PARAMETER;
	return Create->backing.reserved ? STATUS_INVALID_PARAMETER : STATUS_SUCCESS;
}

_Use_decl_annotations_
BLOB *BlobCreate(GPU *Gpu, HOST_OBJECT *Host, ULONG ResourceId, const struct vgpu_resource_create_blob *Create)
{
	BLOB *Blob = VgpuAllocate(sizeof(*Blob));

	if (!Blob)
		return NULL;
	Blob->Gpu = Gpu;
	Blob->Host = Host;
	Blob->ResourceId = ResourceId;
	Blob->ContextId = Create->context_id;
	Blob->Bytes = Create->size;
	Blob->Mappable = (Create->blob_flags & VIRTIO_GPU_BLOB_FLAG_USE_MAPPABLE) &&
			 Create->blob_mem != VIRTIO_GPU_BLOB_MEM_GUEST && Create->size <= BLOB_MAX_MAPPED;
	KeInitializeEvent(&Blob->Turn, SynchronizationEvent, TRUE);
	return Blob;
}
