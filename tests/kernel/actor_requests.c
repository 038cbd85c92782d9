/* SPDX-License-Identifier: MIT */
/* actor_requests.c - the requests of the actors, and what is checked of each. */
#include "actor_internal.h"

#include <stdlib.h>
#include <string.h>

#define MOST_BYTES 512u /* of a changed request */
#define MAX_LENGTH 700u

static bool MayFailCalm(NTSTATUS Status)
{
	switch (Status) {
	case STATUS_PENDING:
	case STATUS_INVALID_HANDLE: /* destroyed by another thread */
	case STATUS_FILE_CLOSED:
	case STATUS_CANCELLED:
	case STATUS_QUOTA_EXCEEDED:
	case STATUS_OBJECT_NAME_COLLISION:
	case STATUS_IO_TIMEOUT:
	case STATUS_NOT_SUPPORTED:
	case STATUS_NO_MORE_ENTRIES:
		return true;
	default:
		return false;
	}
}

static void Judge(const ACTOR_WORLD *World, ACTOR_MEANT Meant, ULONG Code, NTSTATUS Status)
{
	if (!World->Options.Strict)
		return;
	if (Meant == ActorMeantWrong && NT_SUCCESS(Status) && Status != STATUS_PENDING)
		ActorFail("code %#x succeeds (status %#x) and must not", (unsigned)Code, (unsigned)Status);
	if (Meant == ActorMeantRight && World->Options.Calm && !NT_SUCCESS(Status) && !MayFailCalm(Status))
		ActorFail("code %#x fails with status %#x", (unsigned)Code, (unsigned)Status);
}

/* Fence numbers are written to pinned memory until its pin is cancelled. */
static bool PageStays(const ACTOR_REQUEST *Request)
{
	uint8_t *Page = (uint8_t *)(uintptr_t)Request->Page;
	bool Stays = true;

	HostLockAcquire(&Request->World->Lock);
	for (const ACTOR_REQUEST *At = Request->File->Requests; At && Stays; At = At->Next)
		Stays = !(At->Code == VGPU_IOCTL_MEMORY_PIN && At->Cancelled && Page >= At->Output &&
			  Page < At->Output + ACTOR_MEMORY_BYTES);
	HostLockRelease(&Request->World->Lock);
	return Stays;
}

static void Completed(void *Context, NTSTATUS Status, ULONG_PTR Information)
{
	ACTOR_REQUEST *Request = Context;
	ACTOR_WORLD *World = Request->World;

	(void)Information;
	if (Status == STATUS_SUCCESS && Request->Page && *Request->Page < Request->Number && PageStays(Request))
		ActorFail("a wait for fence %llu ends while its page says %llu", (unsigned long long)Request->Number,
			(unsigned long long)*Request->Page);
	Judge(World, Request->Meant, Request->Code, Status);
	HostLockAcquire(&World->Lock);
	if (Request->Completions++ > 0)
		ActorFail("a request is completed twice");
	Request->Status = Status;
	HostConditionSignalAll(&World->Completed);
	HostLockRelease(&World->Lock); /* the request may be gone from here on */
}

ACTOR_REQUEST *ActorRequest(const ACTOR *Actor)
{
	ACTOR_REQUEST *Request = calloc(1, sizeof(*Request));

	if (!Request)
		abort();
	Request->World = Actor->World;
	Request->File = Actor->File;
	Request->Completions = 1; /* until it is sent */
	HostLockAcquire(&Actor->World->Lock);
	Request->Next = Actor->File->Requests;
	Actor->File->Requests = Request;
	HostLockRelease(&Actor->World->Lock);
	return Request;
}

NTSTATUS ActorSend(const ACTOR *Actor, ACTOR_MEANT Meant, ULONG Code, ACTOR_REQUEST *Request, ULONG InputBytes,
	void *Output, ULONG OutputBytes)
{
	BOOLEAN Agnostic = ActorOneIn(Actor, 2);
	ULONG_PTR Information;
	NTSTATUS Status;

	HostLockAcquire(&Actor->World->Lock);
	Request->Code = Code;
	Request->Output = Output;
	Request->Meant = Meant;
	Request->Completions = 0;
	Request->Status = STATUS_PENDING;
	HostLockRelease(&Actor->World->Lock);
	Status = SimUserIoctl(Actor->File->Handle, Code, &Request->Input, InputBytes, Output, OutputBytes, Agnostic,
		Completed, Request, &Information);
	Judge(Actor->World, Meant, Code, Status);
	if (Status == STATUS_PENDING)
		return Status;
	HostLockAcquire(&Actor->World->Lock);
	if (Request->Completions > 0)
		ActorFail("code %#x is completed both at once and later", (unsigned)Code);
	Request->Completions = 1;
	Request->Status = Status;
	HostLockRelease(&Actor->World->Lock);
	return Status;
}

/* A request as a broken or hostile program makes it. The result's structure is in Buffer all the same. */
static NTSTATUS SendChanged(const ACTOR *Actor, ULONG Code, void *Buffer, ULONG InputBytes, ULONG OutputBytes)
{
	uint8_t Changed[MAX_LENGTH] __attribute__((aligned(16))) = {0};
	ULONG Size = InputBytes > OutputBytes ? InputBytes : OutputBytes;
	struct vgpu_submit_copy *Copy = (struct vgpu_submit_copy *)(void *)Changed;
	void *Input = Changed, *Output = Changed;
	ULONG_PTR Information;
	NTSTATUS Status;

	memcpy(Changed, Buffer, Size);
	for (uint32_t Changes = 1 + ActorPick(Actor, 3); Changes > 0; Changes--) {
		uint32_t Value = 1u << ActorPick(Actor, 32);

		switch (ActorPick(Actor, 8)) {
		case 0:
			InputBytes = ActorPick(Actor, MAX_LENGTH);
			break;
		case 1:
			OutputBytes = ActorPick(Actor, MAX_LENGTH);
			break;
		case 2:
			Input = (void *)(uintptr_t)(ActorOneIn(Actor, 2) ? 0 : 0x10001); /* not mapped */
			break;
		case 3:
			Output = (void *)(uintptr_t)(ActorOneIn(Actor, 2) ? 0x7ffffffff000ull : 0xffff800000000000ull);
			break;
		default:
			memcpy(Changed + 4 * ActorPick(Actor, MOST_BYTES / 4), &Value, sizeof(Value));
			break;
		}
	}
	if (Code == VGPU_IOCTL_SUBMIT_COPY) /* what is elsewhere differs from process to process */
		Copy->address = ((struct vgpu_submit_copy *)Buffer)->address;
	Status = SimUserIoctl(Actor->File->Handle, Code, Input, InputBytes, OutputBytes ? Output : NULL, OutputBytes,
		FALSE, NULL, Buffer, &Information);
	if (NT_SUCCESS(Status) && Output == Changed)
		memcpy(Buffer, Changed, Size);
	return Status;
}

NTSTATUS ActorCall(const ACTOR *Actor, ACTOR_MEANT Meant, ULONG Code, void *Buffer, ULONG InputBytes, ULONG OutputBytes)
{
	ULONG_PTR Information;
	NTSTATUS Status;

	if (!Actor->World->Options.Strict && ActorOneIn(Actor, 6))
		return SendChanged(Actor, Code, Buffer, InputBytes, OutputBytes);
	Status = SimUserIoctl(Actor->File->Handle, Code, Buffer, InputBytes, OutputBytes ? Buffer : NULL, OutputBytes,
		FALSE, NULL, Buffer, &Information);
	if (Status == STATUS_PENDING)
		ActorFail("code %#x stays pending", (unsigned)Code);
	Judge(Actor->World, Meant, Code, Status);
	return Status;
}

void *ActorPages(const ACTOR *Actor)
{
	ACTOR_MAPPING *Mapping = calloc(1, sizeof(*Mapping));

	if (!Mapping || HostReserve(ACTOR_MEMORY_BYTES + ACTOR_PAGE, &Mapping->Address) != 0 ||
		HostMapPrivate(ACTOR_MEMORY_BYTES, HOST_ACCESS_READ_WRITE, Mapping->Address, NULL) != 0)
		abort();
	HostLockAcquire(&Actor->World->Lock);
	Mapping->Next = Actor->File->Mappings;
	Actor->File->Mappings = Mapping;
	HostLockRelease(&Actor->World->Lock);
	return Mapping->Address;
}
