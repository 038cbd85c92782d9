/* SPDX-License-Identifier: MIT */
/* actor_work.c - streams, transfers and waits of the actors. */
#include "actor_internal.h"

static void RememberFence(const ACTOR *Actor, uint32_t ContextId, uint64_t Number)
{
	HostLockAcquire(&Actor->World->Lock);
	for (uint32_t Slot = 0; Slot < ACTOR_CONTEXTS; Slot++) {
		ACTOR_CONTEXT *Context = &Actor->File->Contexts[Slot];

		if (Context->Id == ContextId && Number > Context->Given)
			Context->Given = Number;
	}
	HostLockRelease(&Actor->World->Lock);
}

void ActorSubmit(ACTOR *Actor)
{
	ACTOR_MEMORY Memory = ActorAnyMemory(Actor);
	struct vgpu_submit Submit = {.context_id = ActorAnyContext(Actor).Id, .flags = VGPU_SUBMIT_FENCE};
	ACTOR_MEANT Meant = ActorMeantIf(Submit.context_id && !ActorOneIn(Actor, 8));
	ACTOR_CONTEXT Before = ActorAnyContext(Actor);

	if (Memory.Id) {
		uint32_t First = ActorPick(Actor, ACTOR_STREAM_PAGES * ACTOR_PAGE / ACTOR_STREAM_BLOCK);
		uint32_t Most = ACTOR_STREAM_PAGES * ACTOR_PAGE / ACTOR_STREAM_BLOCK - First;

		Submit.stream.memory_id = Memory.Id;
		Submit.stream.offset = ACTOR_STREAM_START + First * ACTOR_STREAM_BLOCK;
		Submit.stream.size = ACTOR_STREAM_BLOCK * (1 + ActorPick(Actor, Most));
		Submit.flags = ActorOneIn(Actor, 4) ? 0 : VGPU_SUBMIT_FENCE;
	}
	if (Before.Id && Before.Given && ActorOneIn(Actor, 4)) {
		Submit.num_in_fences = 1;
		Submit.in_fences[0] = (struct vgpu_fence){.context_id = Before.Id, .number = Before.Given};
	}
	if (Meant == ActorMeantWrong)
		Submit.ring = VGPU_MAX_RINGS;
	if (NT_SUCCESS(ACTOR_CALL(Actor, Meant, VGPU_IOCTL_SUBMIT, &Submit)) && Submit.flags)
		RememberFence(Actor, Submit.context_id, Submit.fence_number);
}

void ActorSubmitCopy(ACTOR *Actor)
{
	uint8_t *Stream = ActorPages(Actor);
	struct vgpu_submit_copy Submit = {.context_id = ActorAnyContext(Actor).Id,
		.flags = ActorPick(Actor, 2),
		.address = (uintptr_t)Stream,
		.size = ACTOR_STREAM_BLOCK * (1 + ActorPick(Actor, 3))};
	ACTOR_MEANT Meant = ActorMeantIf(Submit.context_id && !ActorOneIn(Actor, 8));

	ActorFillStream(Stream, 3 * ACTOR_STREAM_BLOCK, ActorPick(Actor, 1 << 20));
	if (Meant == ActorMeantWrong)
		Submit.address = ActorOneIn(Actor, 2) ? 0x10000 : 0xffff800000000000ull;
	if (NT_SUCCESS(ACTOR_CALL(Actor, Meant, VGPU_IOCTL_SUBMIT_COPY, &Submit)) && Submit.flags)
		RememberFence(Actor, Submit.context_id, Submit.fence_number);
}

void ActorTransfer(ACTOR *Actor)
{
	struct vgpu_transfer Transfer = {.context_id = ActorAnyContext(Actor).Id,
		.resource_id = ActorAnyResource(Actor),
		.flags = 1 + ActorPick(Actor, 2) + 4 * ActorPick(Actor, 2),
		.width = 1,
		.height = 1,
		.depth = 1};
	ACTOR_MEANT Meant = ActorMeantIf(Transfer.context_id && Transfer.resource_id && !ActorOneIn(Actor, 8));

	if (Meant == ActorMeantWrong)
		Transfer.flags |= VGPU_TRANSFER_TO_HOST | VGPU_TRANSFER_FROM_HOST;
	if (NT_SUCCESS(ACTOR_CALL(Actor, Meant, VGPU_IOCTL_TRANSFER, &Transfer)) &&
		Transfer.flags & VGPU_TRANSFER_FENCE)
		RememberFence(Actor, Transfer.context_id, Transfer.fence_number);
}

/* A wait that is cancelled about when it ends. */
void ActorWaitAndCancel(ACTOR *Actor)
{
	struct vgpu_submit Submit = {.context_id = ActorAnyContext(Actor).Id, .flags = VGPU_SUBMIT_FENCE};
	ACTOR_REQUEST *Request;
	struct vgpu_wait *Wait;

	if (!Submit.context_id || !NT_SUCCESS(ACTOR_CALL(Actor, ActorMeantRight, VGPU_IOCTL_SUBMIT, &Submit)))
		return;
	Request = ActorRequest(Actor);
	Wait = &Request->Input.Wait;
	Wait->fence.context_id = Submit.context_id;
	Wait->fence.number = Submit.fence_number;
	Wait->timeout_ns = ActorOneIn(Actor, 2) ? ActorPick(Actor, 100000) : VGPU_WAIT_FOREVER;
	ActorSend(Actor, ActorMeantAny, VGPU_IOCTL_WAIT, Request, sizeof(*Wait), NULL, 0);
	if (ActorOneIn(Actor, 2))
		HostSleep(ActorPick(Actor, 20000));
	SimUserCancel(Actor->File->Handle, Request);
}

void ActorWait(ACTOR *Actor)
{
	static const uint64_t Timeouts[] = {VGPU_WAIT_FOREVER, 0, 1000, 1000000, 3000000000ull};
	ACTOR_CONTEXT Context = ActorAnyContext(Actor);
	ACTOR_REQUEST *Request = ActorRequest(Actor);
	ACTOR_MEANT Meant = ActorMeantIf(Context.Id && Context.Given && !ActorOneIn(Actor, 8));
	struct vgpu_wait *Wait = &Request->Input.Wait;

	Wait->fence.context_id = Context.Id;
	Wait->fence.number = Context.Given ? 1 + ActorPick(Actor, (uint32_t)Context.Given) : 0;
	Wait->timeout_ns = Timeouts[ActorPick(Actor, 5)];
	if (Meant == ActorMeantWrong)
		Wait->fence.ring = VGPU_MAX_RINGS;
	else if (Actor->World->Options.Strict)
		Request->Page = Context.Page;
	Request->Number = Wait->fence.number;
	ActorSend(Actor, Meant, VGPU_IOCTL_WAIT, Request, sizeof(*Wait), NULL, 0);
}
