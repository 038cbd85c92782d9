/* SPDX-License-Identifier: MIT */
/* scenario_use.c - the scenario's use of each control code. */
#include "scenario_internal.h"

#include <string.h>

#define PAGE VGPU_PAGE_SIZE
#define FOREVER VGPU_WAIT_FOREVER
#define STREAM_BYTES (40u * PAGE) /* scattered: more descriptors than fit beside the command */
#define CHUNK_BYTES (4u * PAGE)

static void Ask(SCENE *Scene)
{
	struct vgpu_device_info Info;
	struct vgpu_capset_info CapsetInfo = {.index = 0};
	struct vgpu_trace Trace = {.level = 0};
	union {
		struct vgpu_capset Capset;
		uint8_t Bytes[400];
	} Capset;
	union {
		struct vgpu_statistics_query Query;
		struct vgpu_statistics Statistics;
	} Statistics;

	ScenarioCall(Scene, "QUERY", VGPU_IOCTL_QUERY, &Info, 0, sizeof(Info));
	Scene->Capabilities = Info.capabilities;
	CALL(CAPSET_INFO, &CapsetInfo);
	Capset.Capset = (struct vgpu_capset){.id = CapsetInfo.id, .version = CapsetInfo.max_version};
	ScenarioCall(Scene, "CAPSET", VGPU_IOCTL_CAPSET, &Capset, sizeof(Capset.Capset), sizeof(Capset));
	for (uint32_t Scope = VGPU_SCOPE_DEVICE; Scope <= VGPU_SCOPE_HANDLE; Scope++) {
		Statistics.Query = (struct vgpu_statistics_query){.scope = Scope};
		ScenarioCall(Scene, "STATISTICS", VGPU_IOCTL_STATISTICS, &Statistics, sizeof(Statistics.Query),
			sizeof(Statistics));
	}
	SimUserPrivileged(TRUE);
	TELL(TRACE, &Trace);
	SimUserPrivileged(FALSE);
}

void ScenarioNewContext(SCENE *Scene)
{
	struct vgpu_context_create Create = {.num_rings = 1, .fence_memory_id = 1, .name_length = 1, .name = "s"};

	CALL(CONTEXT_CREATE, &Create);
	Scene->Context = Create.context_id;
	Scene->Fence = 0;
	if (!Create.context_id || *(volatile uint64_t *)(void *)Scene->Arena != 0)
		ScenarioWrong(Scene, "a context without id, or whose page is not 0", STATUS_SUCCESS);
}

static void TakeFence(SCENE *Scene, uint64_t Number)
{
	if (Number != Scene->Fence + 1)
		ScenarioWrong(Scene, "a fence with another number than the next", STATUS_SUCCESS);
	Scene->Fence = Number;
}

static void Memory(SCENE *Scene)
{
	struct vgpu_memory_pin Pin = {.memory_id = 1};
	struct vgpu_memory_alloc Allocate = {.memory_id = 2, .size = CHUNK_BYTES};
	struct vgpu_memory_release Release = {.memory_id = 2};

	ScenarioPend(
		Scene, "MEMORY_PIN", VGPU_IOCTL_MEMORY_PIN, &Pin, sizeof(Pin), Scene->Arena, ARENA_BYTES, &Scene->Pin);
	if (!(Scene->Capabilities & VGPU_CAP_ALLOC)) /* as when the registry could not be read */
		return;
	CALL(MEMORY_ALLOC, &Allocate);
	memset((void *)(uintptr_t)Allocate.address, 0x5a, CHUNK_BYTES);
	TELL(MEMORY_RELEASE, &Release);
}

static void Resources(SCENE *Scene)
{
	struct vgpu_resource_create Create = {.target = 2,
		.format = 1,
		.width = 64,
		.height = 64,
		.depth = 1,
		.array_size = 1,
		.context_id = Scene->Context,
		.backing = {.memory_id = 1, .offset = 100u * PAGE, .size = 150u * PAGE}};
	struct vgpu_resource Both = {.context_id = Scene->Context};

	CALL(RESOURCE_CREATE, &Create);
	Scene->Texture = Both.resource_id = Create.resource_id;
	TELL(RESOURCE_DETACH, &Both);
	TELL(RESOURCE_ATTACH, &Both);
}

static void Blobs(SCENE *Scene)
{
	struct vgpu_resource_create_blob Create = {
		.blob_mem = 2, .blob_flags = 1, .blob_id = 1, .size = PAGE, .context_id = Scene->Context};
	struct vgpu_resource Blob = {0};
	struct vgpu_resource_map Map = {0};
	REQUEST Request;

	if (!(Scene->Capabilities & VGPU_CAP_BLOB)) {
		if (ScenarioSend(Scene, VGPU_IOCTL_RESOURCE_CREATE_BLOB, &Create, sizeof(Create), &Create,
			    sizeof(Create), &Request) != STATUS_NOT_SUPPORTED)
			ScenarioWrong(Scene, "a blob that is not offered", Request.Status);
		return;
	}
	CALL(RESOURCE_CREATE_BLOB, &Create);
	Blob.resource_id = Map.resource_id = Create.resource_id;
	if (Scene->Capabilities & VGPU_CAP_HOST_VISIBLE) {
		CALL(RESOURCE_MAP, &Map);
		TELL(RESOURCE_UNMAP, &Blob);
	}
	TELL(RESOURCE_DESTROY, &Blob);
}

void ScenarioWait(SCENE *Scene)
{
	struct vgpu_submit Submit = {.context_id = Scene->Context, .flags = VGPU_SUBMIT_FENCE};
	struct vgpu_wait Wait = {.fence = {.context_id = Scene->Context}, .timeout_ns = FOREVER};
	REQUEST Request;

	FakeVirtioHold(Scene->Bus, true);
	CALL(SUBMIT, &Submit);
	TakeFence(Scene, Submit.fence_number);
	Wait.fence.number = Scene->Fence;
	ScenarioPend(Scene, "WAIT", VGPU_IOCTL_WAIT, &Wait, sizeof(Wait), NULL, 0, &Request);
	FakeVirtioHold(Scene->Bus, false);
	if (ScenarioAwait(Scene, &Request) != STATUS_SUCCESS)
		ScenarioWrong(Scene, "a wait", Request.Status);
	if (*(volatile uint64_t *)(void *)Scene->Arena < Scene->Fence)
		ScenarioWrong(Scene, "a fence page that lags behind its wait", STATUS_SUCCESS);
}

/* Waits that end otherwise: by time, and by their caller. */
static void WaitInVain(SCENE *Scene)
{
	struct vgpu_submit Submit = {.context_id = Scene->Context, .flags = VGPU_SUBMIT_FENCE};
	struct vgpu_wait Wait = {.fence = {.context_id = Scene->Context}, .timeout_ns = 5000000};
	REQUEST Request;

	FakeVirtioHold(Scene->Bus, true);
	CALL(SUBMIT, &Submit);
	TakeFence(Scene, Submit.fence_number);
	Wait.fence.number = Scene->Fence;
	ScenarioPend(Scene, "WAIT", VGPU_IOCTL_WAIT, &Wait, sizeof(Wait), NULL, 0, &Request);
	if (ScenarioAwait(Scene, &Request) != STATUS_IO_TIMEOUT)
		ScenarioWrong(Scene, "a wait with a short time", Request.Status);
	Wait.timeout_ns = FOREVER;
	ScenarioPend(Scene, "WAIT", VGPU_IOCTL_WAIT, &Wait, sizeof(Wait), NULL, 0, &Request);
	SimUserCancel(Scene->File, &Request);
	if (ScenarioAwait(Scene, &Request) != STATUS_CANCELLED)
		ScenarioWrong(Scene, "a cancelled wait", Request.Status);
	FakeVirtioHold(Scene->Bus, false);
	ScenarioWait(Scene);
}

static void Work(SCENE *Scene)
{
	struct vgpu_submit Submit = {.context_id = Scene->Context,
		.flags = VGPU_SUBMIT_FENCE,
		.stream = {.memory_id = 1, .offset = PAGE, .size = STREAM_BYTES}};
	struct vgpu_submit_copy Copy = {.context_id = Scene->Context,
		.flags = VGPU_SUBMIT_FENCE,
		.address = (uintptr_t)Scene->Arena + 260u * PAGE,
		.size = 3u * PAGE};
	struct vgpu_transfer Transfer = {.context_id = Scene->Context,
		.resource_id = Scene->Texture,
		.flags = VGPU_TRANSFER_TO_HOST | VGPU_TRANSFER_FENCE,
		.width = 64,
		.height = 64,
		.depth = 1};

	CALL(SUBMIT, &Submit);
	TakeFence(Scene, Submit.fence_number);
	CALL(SUBMIT_COPY, &Copy);
	TakeFence(Scene, Copy.fence_number);
	CALL(TRANSFER, &Transfer);
	TakeFence(Scene, Transfer.fence_number);
	ScenarioWait(Scene);
	WaitInVain(Scene);
}

static void Undo(SCENE *Scene)
{
	struct vgpu_resource Texture = {.resource_id = Scene->Texture};
	struct vgpu_context_destroy Destroy = {.context_id = Scene->Context};

	TELL(RESOURCE_DESTROY, &Texture);
	TELL(CONTEXT_DESTROY, &Destroy);
}

void ScenarioUseAll(SCENE *Scene)
{
	Ask(Scene);
	Memory(Scene);
	ScenarioNewContext(Scene);
	Resources(Scene);
	Blobs(Scene);
	Work(Scene);
	Undo(Scene);
}
