/* SPDX-License-Identifier: MIT */
#include "resource.h"

/* The host uses it no longer. */
static VOID ResourceDropBacking(RESOURCE *Resource)
{
	MEMORY *Backing = InterlockedExchangePointer((PVOID volatile *)&Resource->Backing, NULL);

	if (Backing)
		ObjectRelease(&Backing->Object);
}

static VOID ResourceFree(OBJECT *Object)
{
	RESOURCE *Resource = CONTAINING_RECORD(Object, RESOURCE, Object);

	ResourceDropBacking(Resource);
	IdGive(&Resource->Gpu->ResourceIds, &Resource->OnHost);
	if (Resource->Blob)
		VgpuFree(Resource->Blob);
	VgpuFree(Resource);
}

static VOID ResourceRelease(RESOURCE *Resource)
{
	ObjectRelease(&Resource->Object);
}

static VOID ResourceCount(FILE_CONTEXT *File, LONG Change)
{
	StatsAdd(&File->Statistics.LiveResources, Change);
	StatsAdd(&File->Gpu->Statistics.LiveResources, Change);
}

static VOID ResourceAnswered(COMMAND *Command)
{
	RESOURCE *Resource = Command->Owner;

	if (!NT_SUCCESS(Command->Status))
		(VOID) InterlockedExchange(&Resource->Failed, 1);
	ResourceRelease(Resource);
}

static VOID ResourceDestroyed(COMMAND *Command)
{
	RESOURCE *Resource = Command->Owner;

	if (Command->Lost && GpuKeeps(Resource->Gpu)) { /* the device never got it, and still has the backing */
		ObjectKeep(Resource->Gpu, &Resource->Object);
		return;
	}
	ResourceDropBacking(Resource);
	ResourceRelease(Resource);
}

static VOID ResourceOwnCommand(RESOURCE *Resource, COMMAND *Command)
{
	ObjectReference(&Resource->Object);
	Command->Done = ResourceAnswered;
	Command->Owner = Resource;
}

/* With a reference that is dropped when the host has let go of the resource, and of its backing with it. */
static VOID ResourceEndOnHost(FILE_CONTEXT *File, RESOURCE *Resource)
{
	COMMAND_BATCH Batch;
	GPU_SEND Send = {.Batch = &Batch, .Ends = &Resource->Host};
	VIEW *View = Resource->Blob ? BlobEnd(File, Resource->Blob) : NULL;
	COMMAND *Command;
	NTSTATUS Status = GpuReserveToEnd(Resource->Gpu, File->Account, &Batch, View ? 2 : 1, 0);

	if (NT_SUCCESS(Status)) {
		if (View)
			BlobTellHost(Resource->Blob, View, &Batch);
		Command = Resource->Gpu->Dialect->ResourceDestroy(&Batch, Resource->Id);
		Command->Done = ResourceDestroyed;
		Command->Owner = Resource;
		Status = GpuSend(Resource->Gpu, &Send);
	}
	if (NT_SUCCESS(Status))
		return;
	if (View)
		BlobRelease(View);
	if (GpuKeeps(Resource->Gpu)) {
		ObjectKeep(Resource->Gpu, &Resource->Object);
		return;
	}
	if (Status != STATUS_INVALID_HANDLE) /* of a resource that is ended already, the other one says when */
		ResourceDropBacking(Resource);
	ResourceRelease(Resource);
}

/* It stays in its table, where nobody can use it any more. */
static VOID ResourceEvict(FILE_CONTEXT *File, OBJECT *Object)
{
	ResourceEndOnHost(File, CONTAINING_RECORD(Object, RESOURCE, Object));
}

/* What is to be made: one of the first two. */
typedef struct _RESOURCE_WISH {
	const struct vgpu_resource_create *Plain;
	const struct vgpu_resource_create_blob *Blob;
	ULONG ContextId; /* 0: attach to none */
	const struct vgpu_range *Backing;
} RESOURCE_WISH;

static NTSTATUS ResourceCheckCreate(const struct vgpu_resource_create *Create)
{
	if (Create->resource_id)
		return STATUS_INVALID_PARAMETER;
	if (Create->backing.memory_id == 0 &&
		(Create->backing.reserved || Create->backing.offset || Create->backing.size))
		return STATUS_INVALID_PARAMETER;
	return STATUS_SUCCESS;
}

/* Creation and backing: Commands of the batch. */
static VOID ResourceMakeCommands(RESOURCE *Resource, const RESOURCE_WISH *Wish, COMMAND_BATCH *Batch,
	const SG_CURSOR *Range, const DIALECT_NEED *Need)
{
	GPU *Gpu = Resource->Gpu;

	if (Wish->Blob) {
		ResourceOwnCommand(
			Resource, Gpu->Dialect->BlobCreate(&Gpu->Pool, Batch, Resource->Id, Wish->Blob, Range, Need));
		return;
	}
	ResourceOwnCommand(Resource, Gpu->Dialect->ResourceCreate(Batch, Resource->Id, Wish->Plain));
	if (Range)
		ResourceOwnCommand(Resource, Gpu->Dialect->AttachBacking(&Gpu->Pool, Batch, Resource->Id, Range, Need));
}

/* Sends creation, backing and attachment with one doorbell. */
static NTSTATUS ResourceSendCreate(
	FILE_CONTEXT *File, RESOURCE *Resource, const RESOURCE_WISH *Wish, GPU_CONTEXT *Context)
{
	GPU *Gpu = Resource->Gpu;
	BOOLEAN Attach = Context && !Gpu->Dialect->CreationAttaches;
	ULONG Commands = 1 + (Resource->Backing && !Wish->Blob ? 1 : 0) + (Attach ? 1 : 0);
	DIALECT_NEED Need = {0};
	COMMAND_BATCH Batch;
	GPU_SEND Send = {.Batch = &Batch, .Begins = &Resource->Host};
	SG_CURSOR Range;
	NTSTATUS Status;

	if (Resource->Backing) {
		SgStart(&Range, Resource->Backing->Pages, Wish->Backing->offset, Wish->Backing->size);
		if (!Gpu->Dialect->BackingNeed(&Range, &Need))
			return STATUS_INVALID_BUFFER_SIZE;
	}
	Status = GpuReserve(Gpu, File->Account, &Batch, Commands, Need.Pages);
	if (!NT_SUCCESS(Status))
		return Status;
	ResourceMakeCommands(Resource, Wish, &Batch, Resource->Backing ? &Range : NULL, &Need);
	if (Attach)
		ResourceOwnCommand(Resource, Gpu->Dialect->ContextAttach(&Batch, Context->Id, Resource->Id));
	if (Context)
		Send.Needs[0] = &Context->Host;
	Status = GpuSend(Gpu, &Send);
	if (!NT_SUCCESS(Status))
		while (Commands--)
			ResourceRelease(Resource);
	return Status;
}

/* Not on the host yet. NULL: no memory, or no number is left. */
static RESOURCE *ResourceAllocate(GPU *Gpu, const RESOURCE_WISH *Wish)
{
	RESOURCE *Resource = VgpuAllocate(sizeof(*Resource));

	if (!Resource)
		return NULL;
	if (!IdTake(&Gpu->ResourceIds, &Resource->OnHost)) {
		VgpuFree(Resource);
		return NULL;
	}
	Resource->Gpu = Gpu;
	Resource->Id = Resource->OnHost.Id;
	ObjectInit(&Resource->Object, Resource->Id, ResourceFree);
	Resource->Object.Evict = ResourceEvict;
	if (!Wish->Blob)
		return Resource;
	Resource->Blob = BlobCreate(Gpu, &Resource->Host, Resource->Id, Wish->Blob);
	if (Resource->Blob)
		return Resource;
	ResourceRelease(Resource);
	return NULL;
}

static NTSTATUS ResourceMake(FILE_CONTEXT *File, const RESOURCE_WISH *Wish, uint32_t *Id)
{
	GPU_CONTEXT *Context = NULL;
	MEMORY *Backing = NULL;
	RESOURCE *Resource;
	NTSTATUS Status = FileCheckRoom(File, &File->Resources, File->Gpu->Settings.MaxResources);

	if (NT_SUCCESS(Status) && Wish->ContextId)
		Status = ContextFind(File, Wish->ContextId, &Context);
	if (!NT_SUCCESS(Status))
		return Status;
	Resource = ResourceAllocate(File->Gpu, Wish);
	if (!Resource) {
		Status = STATUS_INSUFFICIENT_RESOURCES;
		goto ReleaseContext;
	}
	if (Wish->Backing->memory_id) {
		Status = MemoryFindRange(File, Wish->Backing, &Backing);
		Resource->Backing = Backing;
		if (!NT_SUCCESS(Status))
			goto ReleaseResource;
	}
	Status = ResourceSendCreate(File, Resource, Wish, Context);
	if (!NT_SUCCESS(Status))
		goto ReleaseResource;
	/* Only now: a file that is closed meanwhile must find in its table what is queued, and nothing else. */
	Status = MemoryInsertUser(File, &File->Resources, &Resource->Object, File->Gpu->Settings.MaxResources, Backing);
	if (!NT_SUCCESS(Status)) {
		ResourceEndOnHost(File, Resource);
		goto ReleaseContext;
	}
	ResourceCount(File, 1);
	*Id = Resource->Id;
ReleaseResource:
	ResourceRelease(Resource);
ReleaseContext:
	if (Context)
		ContextRelease(Context);
	return Status;
}

_Use_decl_annotations_
NTSTATUS ResourceCreate(FILE_CONTEXT *File, struct vgpu_resource_create *Create)
{
	const RESOURCE_WISH Wish = {.Plain = Create, .ContextId = Create->context_id, .Backing = &Create->backing};
	NTSTATUS Status = ResourceCheckCreate(Create);

	return NT_SUCCESS(Status) ? ResourceMake(File, &Wish, &Create->resource_id) : Status;
}

_Use_decl_annotations_
NTSTATUS ResourceCreateBlob(FILE_CONTEXT *File, struct vgpu_resource_create_blob *Create)
{
	const RESOURCE_WISH Wish = {.Blob = Create, .ContextId = Create->context_id, .Backing = &Create->backing};
	NTSTATUS Status = BlobCheckCreate(File->Gpu, Create);

	return NT_SUCCESS(Status) ? ResourceMake(File, &Wish, &Create->resource_id) : Status;
}

_Use_decl_annotations_
NTSTATUS ResourceDestroy(FILE_CONTEXT *File, ULONG Id)
{
	OBJECT *Object = FileRemoveId(File, &File->Resources, Id);

	if (!Object)
		return STATUS_INVALID_HANDLE;
	ResourceCount(File, -1);
	ResourceEndOnHost(File, CONTAINING_RECORD(Object, RESOURCE, Object));
	return STATUS_SUCCESS;
}

_Use_decl_annotations_
VOID ResourceDestroyAll(FILE_CONTEXT *File)
{
	OBJECT *Object;

	while ((Object = FilePop(File, &File->Resources)) != NULL) {
		ResourceCount(File, -1);
		ResourceEndOnHost(File, CONTAINING_RECORD(Object, RESOURCE, Object));
	}
}

_Use_decl_annotations_
NTSTATUS ResourceFind(FILE_CONTEXT *File, ULONG Id, RESOURCE **Resource)
{
	OBJECT *Object = FileFind(File, &File->Resources, Id);
	NTSTATUS Status;

	*Resource = NULL;
	if (!Object)
		return STATUS_INVALID_HANDLE;
	*Resource = CONTAINING_RECORD(Object, RESOURCE, Object);
	Status = GpuCheck(File->Gpu, &(*Resource)->Host);
	if (NT_SUCCESS(Status) && ReadNoFence(&(*Resource)->Failed))
		Status = STATUS_IO_DEVICE_ERROR;
	if (!NT_SUCCESS(Status)) {
		ObjectRelease(Object);
		*Resource = NULL;
	}
	return Status;
}

_Use_decl_annotations_
NTSTATUS ResourceAttach(FILE_CONTEXT *File, const struct vgpu_resource *Names, BOOLEAN Attach)
{
	const DIALECT *Dialect = File->Gpu->Dialect;
	COMMAND_BATCH Batch;
	GPU_SEND Send = {.Batch = &Batch};
	RESOURCE *Resource;
	GPU_CONTEXT *Context;
	NTSTATUS Status;

	Status = ContextFind(File, Names->context_id, &Context);
	if (!NT_SUCCESS(Status))
		return Status;
	Status = ResourceFind(File, Names->resource_id, &Resource);
	if (!NT_SUCCESS(Status))
		goto ReleaseContext;
	Status = GpuReserve(File->Gpu, File->Account, &Batch, 1, 0);
	if (!NT_SUCCESS(Status))
		goto ReleaseResource;
	if (Attach)
		(VOID) Dialect->ContextAttach(&Batch, Context->Id, Resource->Id);
	else
		(VOID) Dialect->ContextDetach(&Batch, Context->Id, Resource->Id);
	Send.Needs[0] = &Context->Host;
	Send.Needs[1] = &Resource->Host;
	Status = GpuSend(File->Gpu, &Send);
ReleaseResource:
	ObjectRelease(&Resource->Object);
ReleaseContext:
	ContextRelease(Context);
	return Status;
}

_Use_decl_annotations_
NTSTATUS ResourceMap(FILE_CONTEXT *File, struct vgpu_resource_map *Map)
{
	RESOURCE *Resource;
	NTSTATUS Status;

	if (!(File->Gpu->Dialect->Capabilities(&File->Gpu->Pci) & VGPU_CAP_HOST_VISIBLE))
		return STATUS_NOT_SUPPORTED;
	Status = ResourceFind(File, Map->resource_id, &Resource);
	if (!NT_SUCCESS(Status))
		return Status;
	Status = Resource->Blob ? BlobMap(File, Resource->Blob, Map) : STATUS_INVALID_PARAMETER;
	ResourceRelease(Resource);
	return Status;
}

_Use_decl_annotations_
NTSTATUS ResourceUnmap(FILE_CONTEXT *File, ULONG Id)
{
	OBJECT *Object = FileFind(File, &File->Resources, Id);
	BLOB *Blob;
	NTSTATUS Status;

	if (!Object)
		return STATUS_INVALID_HANDLE;
	Blob = CONTAINING_RECORD(Object, RESOURCE, Object)->Blob;
	Status = Blob ? BlobUnmap(File, Blob) : STATUS_INVALID_DEVICE_STATE;
	ObjectRelease(Object);
	return Status;
}
