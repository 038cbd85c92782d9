/* SPDX-License-Identifier: MIT */
/* actor_steps.c - what actors do with an open handle, by weight. */
#include "actor_internal.h"

/* ---- questions, and nonsense ---- */
static void Ask(ACTOR *Actor)
{
	union {
		struct vgpu_device_info Info;
		struct vgpu_capset_info CapsetInfo;
		struct vgpu_capset Capset;
		struct vgpu_statistics_query Statistics;
		struct vgpu_trace Trace;
		uint8_t Room[512];
	} Buffer = {.Room = {0}};

	switch (ActorPick(Actor, 5)) {
	case 0:
		ActorCall(Actor, ActorMeantRight, VGPU_IOCTL_QUERY, &Buffer, 0, sizeof(Buffer.Info));
		break;
	case 1:
		Buffer.CapsetInfo.index = ActorPick(Actor, 3);
		ACTOR_CALL(Actor, ActorMeantAny, VGPU_IOCTL_CAPSET_INFO, &Buffer.CapsetInfo);
		break;
	case 2:
		Buffer.Capset.id = ActorPick(Actor, 3);
		ActorCall(Actor, ActorMeantAny, VGPU_IOCTL_CAPSET, &Buffer, sizeof(Buffer.Capset),
			1 + ActorPick(Actor, sizeof(Buffer)));
		break;
	case 3:
		Buffer.Statistics.scope = ActorPick(Actor, 2);
		ActorCall(Actor, ActorMeantRight, VGPU_IOCTL_STATISTICS, &Buffer, sizeof(Buffer.Statistics),
			sizeof(struct vgpu_statistics));
		break;
	default:
		ACTOR_TELL(Actor, ActorMeantWrong, VGPU_IOCTL_TRACE, &Buffer.Trace); /* nobody is privileged */
		break;
	}
}

/* Any code with any bytes. */
static void Nonsense(ACTOR *Actor)
{
	static const ULONG Codes[] = {VGPU_IOCTL_OPEN, VGPU_IOCTL_QUERY, VGPU_IOCTL_CAPSET_INFO, VGPU_IOCTL_CAPSET,
		VGPU_IOCTL_STATISTICS, VGPU_IOCTL_TRACE, VGPU_IOCTL_CONTEXT_CREATE, VGPU_IOCTL_CONTEXT_DESTROY,
		VGPU_IOCTL_MEMORY_PIN, VGPU_IOCTL_MEMORY_ALLOC, VGPU_IOCTL_MEMORY_RELEASE, VGPU_IOCTL_RESOURCE_CREATE,
		VGPU_IOCTL_RESOURCE_CREATE_BLOB, VGPU_IOCTL_RESOURCE_DESTROY, VGPU_IOCTL_RESOURCE_ATTACH,
		VGPU_IOCTL_RESOURCE_DETACH, VGPU_IOCTL_RESOURCE_MAP, VGPU_IOCTL_RESOURCE_UNMAP, VGPU_IOCTL_SUBMIT,
		VGPU_IOCTL_SUBMIT_COPY, VGPU_IOCTL_TRANSFER, VGPU_IOCTL_WAIT};
	ULONG Code = ActorOneIn(Actor, 4) ? VGPU_CTL_CODE(0x800u + ActorPick(Actor, 0x48), ActorPick(Actor, 4), 3u)
					  : Codes[ActorPick(Actor, sizeof(Codes) / sizeof(Codes[0]))];
	ACTOR_REQUEST *Request = ActorRequest(Actor);
	uint8_t *Pages = ActorPages(Actor);
	ULONG InputBytes = ActorPick(Actor, sizeof(Request->Input) + 1);

	for (ULONG At = 0; At < InputBytes; At += 4)
		((uint8_t *)&Request->Input)[At] = (uint8_t)ActorPick(Actor, 256);
	ActorSend(Actor, ActorMeantAny, Code, Request, InputBytes, Pages, ActorPick(Actor, 2) * ACTOR_MEMORY_BYTES);
}

void ActorDo(ACTOR *Actor)
{
	static const struct {
		ACTOR_STEP *Do;
		uint32_t Weight;
	} Steps[] = {{ActorContextCreate, 4}, {ActorMemoryPin, 4}, {ActorSubmit, 8}, {ActorWait, 6},
		{ActorWaitAndCancel, 4}, {ActorResourceCreate, 6}, {ActorTransfer, 4}, {ActorSubmitCopy, 3},
		{ActorResourceAttach, 2}, {ActorResourceDestroy, 3}, {ActorMemoryRelease, 2}, {ActorContextDestroy, 2},
		{ActorCancel, 3}, {ActorMemoryAllocate, 1}, {ActorResourceCreateBlob, 1}, {ActorResourceMap, 1},
		{Ask, 2}, {Nonsense, 1}, {ActorClose, 1}};
	uint32_t Which = ActorPick(Actor, 58);

	if (Actor->World->Options.KernelMemory && ActorOneIn(Actor, 10)) /* as often as others pin */
		ActorMemoryAllocate(Actor);
	for (uint32_t i = 0; i < sizeof(Steps) / sizeof(Steps[0]); i++) {
		if (Which < Steps[i].Weight) {
			Steps[i].Do(Actor);
			break;
		}
		Which -= Steps[i].Weight;
	}
	ActorLookAtPages(Actor);
}
