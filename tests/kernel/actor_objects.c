/* SPDX-License-Identifier: MIT */
/* actor_objects.c - contexts, memory and resources of the actors. */
#include "actor_internal.h"

#define FOREIGN_ID 0x7ffffff0u /* never given out */
#define COMMON_MEMORY 1u

/* Copies, since another thread may change what the file has. */
ACTOR_CONTEXT ActorAnyContext(const ACTOR *Actor)
{
	uint32_t Slot = ActorPick(Actor, ACTOR_CONTEXTS);
	ACTOR_CONTEXT Context;

	HostLockAcquire(&Actor->World->Lock);
	Context = Actor->File->Contexts[Slot];
	HostLockRelease(&Actor->World->Lock);
	return Context;
}

ACTOR_MEMORY ActorAnyMemory(const ACTOR *Actor)
{
	uint32_t Slot = ActorPick(Actor, ACTOR_MEMORIES);
	ACTOR_MEMORY Memory;

	HostLockAcquire(&Actor->World->Lock);
	Memory = Actor->File->Memories[Slot];
	HostLockRelease(&Actor->World->Lock);
	return Memory;
}

uint32_t ActorAnyResource(const ACTOR *Actor)
{
	uint32_t Slot = ActorPick(Actor, ACTOR_RESOURCES), Id;

	HostLockAcquire(&Actor->World->Lock);
	Id = Actor->File->Resources[Slot];
	HostLockRelease(&Actor->World->Lock);
	return Id;
}

/* An id that is not this file's: of nobody, or of another handle. */
uint32_t ActorForeignContext(const ACTOR *Actor)
{
	uint32_t Slot = ActorPick(Actor, ACTOR_HANDLES), Id = FOREIGN_ID;

	HostLockAcquire(&Actor->World->Lock);
	if (Actor->World->Files[Slot] && Actor->World->Files[Slot] != Actor->File &&
		Actor->World->Files[Slot]->Contexts[0].Id)
		Id = Actor->World->Files[Slot]->Contexts[0].Id;
	HostLockRelease(&Actor->World->Lock);
	return Id;
}

ACTOR_MEANT ActorMeantIf(bool Right)
{
	return Right ? ActorMeantRight : ActorMeantWrong;
}

/* ---- contexts ---- */
/* A place for a fence page in the memory that no context had before. */
static uint64_t FencePlace(const ACTOR *Actor, uint32_t MemoryId, uint32_t Rings)
{
	uint64_t Place = UINT64_MAX;

	HostLockAcquire(&Actor->World->Lock);
	for (uint32_t Slot = 0; Slot < ACTOR_MEMORIES; Slot++) {
		ACTOR_MEMORY *Memory = &Actor->File->Memories[Slot];

		if (Memory->Id == MemoryId && Memory->FencesUsed + Rings <= ACTOR_PAGE / 8) {
			Place = 8ull * Memory->FencesUsed;
			Memory->FencesUsed += Rings;
			break;
		}
	}
	HostLockRelease(&Actor->World->Lock);
	return Place;
}

static void AddContext(const ACTOR *Actor, const ACTOR_CONTEXT *New)
{
	HostLockAcquire(&Actor->World->Lock);
	for (uint32_t Slot = 0; Slot < ACTOR_CONTEXTS; Slot++) {
		if (Actor->File->Contexts[Slot].Id)
			continue;
		Actor->File->Contexts[Slot] = *New;
		break;
	}
	HostLockRelease(&Actor->World->Lock);
}

void ActorContextCreate(ACTOR *Actor)
{
	struct vgpu_context_create Create = {.num_rings = 1, .name_length = 5, .name = "actor"};
	ACTOR_MEMORY Memory = ActorAnyMemory(Actor);
	ACTOR_MEANT Meant = ActorMeantIf(!ActorOneIn(Actor, 8));
	ACTOR_CONTEXT New = {.Rings = 1};

	if (Memory.Id && ActorOneIn(Actor, 2)) {
		uint64_t Place = FencePlace(Actor, Memory.Id, 1);

		if (Place != UINT64_MAX) {
			Create.fence_memory_id = Memory.Id;
			Create.fence_offset = Place;
			if (Memory.Address)
				New.Page = (volatile uint64_t *)(void *)(Memory.Address + Place);
		}
	}
	if (Meant == ActorMeantWrong) {
		Create.fence_offset += 4 + ACTOR_MEMORY_BYTES;
		New.Page = NULL;
	}
	if (!NT_SUCCESS(ACTOR_CALL(Actor, Meant, VGPU_IOCTL_CONTEXT_CREATE, &Create)))
		return;
	New.Id = Create.context_id;
	if (!New.Id && Actor->World->Options.Strict)
		ActorFail("a context has no id");
	AddContext(Actor, &New);
}

void ActorContextDestroy(ACTOR *Actor)
{
	struct vgpu_context_destroy Destroy = {.context_id = ActorAnyContext(Actor).Id};
	ACTOR_MEANT Meant = ActorMeantIf(Destroy.context_id && !ActorOneIn(Actor, 8));

	if (Meant == ActorMeantWrong)
		Destroy.context_id = ActorForeignContext(Actor);
	HostLockAcquire(&Actor->World->Lock);
	for (uint32_t Slot = 0; Slot < ACTOR_CONTEXTS; Slot++) {
		if (Actor->File->Contexts[Slot].Id == Destroy.context_id)
			Actor->File->Contexts[Slot].Id = 0;
	}
	HostLockRelease(&Actor->World->Lock);
	ACTOR_TELL(Actor, Meant, VGPU_IOCTL_CONTEXT_DESTROY, &Destroy);
}

/* Fence pages only rise. */
void ActorLookAtPages(ACTOR *Actor)
{
	HostLockAcquire(&Actor->World->Lock);
	for (uint32_t Slot = 0; Slot < ACTOR_CONTEXTS && Actor->World->Options.Strict; Slot++) {
		ACTOR_CONTEXT *Context = &Actor->File->Contexts[Slot];
		uint64_t Now;

		if (!Context->Id || !Context->Page)
			continue;
		Now = *Context->Page;
		if (Now < Context->Seen)
			ActorFail("a fence page says %llu after %llu", (unsigned long long)Now,
				(unsigned long long)Context->Seen);
		Context->Seen = Now;
	}
	HostLockRelease(&Actor->World->Lock);
}

/* ---- memory ---- */
static void AddMemory(const ACTOR *Actor, uint32_t Id, uint8_t *Address)
{
	HostLockAcquire(&Actor->World->Lock);
	for (uint32_t Slot = 0; Slot < ACTOR_MEMORIES; Slot++) {
		if (Actor->File->Memories[Slot].Id)
			continue;
		Actor->File->Memories[Slot] = (ACTOR_MEMORY){Id, Address, 0};
		break;
	}
	HostLockRelease(&Actor->World->Lock);
}

/* Ids are not used again, so that a copy in another thread does not name other memory; but for one, which collides. */
static uint32_t NewMemoryId(const ACTOR *Actor)
{
	uint32_t Id = COMMON_MEMORY;

	if (ActorOneIn(Actor, 8))
		return Id;
	HostLockAcquire(&Actor->World->Lock);
	Id += ++Actor->File->LastMemoryId;
	HostLockRelease(&Actor->World->Lock);
	return Id;
}

void ActorMemoryPin(ACTOR *Actor)
{
	uint32_t Id = NewMemoryId(Actor);
	ACTOR_MEANT Meant = ActorMeantIf(!ActorOneIn(Actor, 8));
	ACTOR_REQUEST *Request = ActorRequest(Actor);
	uint8_t *Pages = ActorPages(Actor);

	if (Actor->World->Options.KernelMemory)
		Meant = ActorMeantWrong;
	ActorFillStream(Pages + ACTOR_STREAM_START, ACTOR_STREAM_END - ACTOR_STREAM_START, Id << 16);
	Request->Input.Pin.memory_id = Id;
	Request->Input.Pin.flags = Meant == ActorMeantWrong;
	if (ActorSend(Actor, Meant, VGPU_IOCTL_MEMORY_PIN, Request, sizeof(Request->Input.Pin), Pages,
		    ACTOR_MEMORY_BYTES) == STATUS_PENDING &&
		Id != COMMON_MEMORY)
		AddMemory(Actor, Id, Pages);
}

void ActorMemoryAllocate(ACTOR *Actor)
{
	uint32_t Id = NewMemoryId(Actor);
	struct vgpu_memory_alloc Allocate = {.memory_id = Id, .size = ACTOR_MEMORY_BYTES};
	ACTOR_MEANT Meant = ActorMeantIf(!ActorOneIn(Actor, 8));

	if (Meant == ActorMeantWrong)
		Allocate.size++;
	if (!NT_SUCCESS(ACTOR_CALL(Actor, Meant, VGPU_IOCTL_MEMORY_ALLOC, &Allocate)))
		return;
	if (Actor->World->Options.Strict && (!Allocate.address || Allocate.size != ACTOR_MEMORY_BYTES))
		ActorFail("allocated memory has no address, or another size");
	if (Actor->World->Options.KernelMemory && Allocate.size == ACTOR_MEMORY_BYTES && Id != COMMON_MEMORY)
		AddMemory(Actor, Id, NULL);
}

void ActorMemoryRelease(ACTOR *Actor)
{
	struct vgpu_memory_release Release = {.memory_id = ActorAnyMemory(Actor).Id};
	ACTOR_MEANT Meant = ActorMeantIf(Release.memory_id && !ActorOneIn(Actor, 8));

	if (Meant == ActorMeantWrong)
		Release.memory_id = FOREIGN_ID;
	HostLockAcquire(&Actor->World->Lock);
	for (uint32_t Slot = 0; Slot < ACTOR_MEMORIES; Slot++) {
		if (Actor->File->Memories[Slot].Id == Release.memory_id)
			Actor->File->Memories[Slot].Id = 0;
	}
	HostLockRelease(&Actor->World->Lock);
	ACTOR_TELL(Actor, Meant, VGPU_IOCTL_MEMORY_RELEASE, &Release);
}

/* ---- resources ---- */
static void AddResource(const ACTOR *Actor, uint32_t Id)
{
	HostLockAcquire(&Actor->World->Lock);
	for (uint32_t Slot = 0; Slot < ACTOR_RESOURCES; Slot++) {
		if (Actor->File->Resources[Slot])
			continue;
		Actor->File->Resources[Slot] = Id;
		break;
	}
	HostLockRelease(&Actor->World->Lock);
}

static struct vgpu_range Backing(ACTOR *Actor)
{
	struct vgpu_range Range = {.memory_id = ActorAnyMemory(Actor).Id};

	if (Range.memory_id) {
		Range.offset = ACTOR_STREAM_END + 64 * ActorPick(Actor, ACTOR_PAGE / 64);
		Range.size = 1 + ActorPick(Actor, ACTOR_MEMORY_BYTES - (uint32_t)Range.offset);
	}
	return Range;
}

void ActorResourceCreate(ACTOR *Actor)
{
	struct vgpu_resource_create Create = {.target = 2,
		.format = 1,
		.bind = 2,
		.width = 1 + ActorPick(Actor, 64),
		.height = 1,
		.depth = 1,
		.array_size = 1,
		.context_id = ActorAnyContext(Actor).Id};
	ACTOR_MEANT Meant = ActorMeantIf(!ActorOneIn(Actor, 8));

	if (ActorOneIn(Actor, 2))
		Create.backing = Backing(Actor);
	if (Meant == ActorMeantWrong)
		Create.context_id = ActorForeignContext(Actor);
	if (NT_SUCCESS(ACTOR_CALL(Actor, Meant, VGPU_IOCTL_RESOURCE_CREATE, &Create)))
		AddResource(Actor, Create.resource_id);
}

void ActorResourceCreateBlob(ACTOR *Actor)
{
	struct vgpu_resource_create_blob Create = {.blob_mem = 1 + ActorPick(Actor, 3),
		.blob_flags = 1,
		.blob_id = 1 + ActorPick(Actor, 8),
		.size = ACTOR_PAGE,
		.context_id = ActorAnyContext(Actor).Id};
	ACTOR_MEANT Meant = ActorMeantIf(!ActorOneIn(Actor, 8));

	if (ActorOneIn(Actor, 2))
		Create.backing = Backing(Actor);
	if (Meant == ActorMeantWrong)
		Create.context_id = ActorForeignContext(Actor);
	if (NT_SUCCESS(ACTOR_CALL(Actor, ActorMeantAny, VGPU_IOCTL_RESOURCE_CREATE_BLOB, &Create)))
		AddResource(Actor, Create.resource_id);
}

void ActorResourceDestroy(ACTOR *Actor)
{
	struct vgpu_resource Destroy = {.resource_id = ActorAnyResource(Actor)};
	ACTOR_MEANT Meant = ActorMeantIf(Destroy.resource_id && !ActorOneIn(Actor, 8));

	if (Meant == ActorMeantWrong)
		Destroy.resource_id = FOREIGN_ID;
	HostLockAcquire(&Actor->World->Lock);
	for (uint32_t Slot = 0; Slot < ACTOR_RESOURCES; Slot++) {
		if (Actor->File->Resources[Slot] == Destroy.resource_id)
			Actor->File->Resources[Slot] = 0;
	}
	HostLockRelease(&Actor->World->Lock);
	ACTOR_TELL(Actor, Meant, VGPU_IOCTL_RESOURCE_DESTROY, &Destroy);
}

void ActorResourceAttach(ACTOR *Actor)
{
	struct vgpu_resource Attach = {.resource_id = ActorAnyResource(Actor), .context_id = ActorAnyContext(Actor).Id};
	ACTOR_MEANT Meant = ActorMeantIf(Attach.resource_id && Attach.context_id);
	bool Detach = ActorOneIn(Actor, 2);

	ACTOR_TELL(Actor, Meant, Detach ? VGPU_IOCTL_RESOURCE_DETACH : VGPU_IOCTL_RESOURCE_ATTACH, &Attach);
}

void ActorResourceMap(ACTOR *Actor)
{
	struct vgpu_resource_map Map = {.resource_id = ActorAnyResource(Actor)};
	struct vgpu_resource Unmap = {.resource_id = Map.resource_id};

	if (ActorOneIn(Actor, 2))
		ACTOR_CALL(Actor, ActorMeantAny, VGPU_IOCTL_RESOURCE_MAP, &Map);
	else
		ACTOR_TELL(Actor, ActorMeantAny, VGPU_IOCTL_RESOURCE_UNMAP, &Unmap);
}
