/* SPDX-License-Identifier: MIT */
/* actor.c - the world of the actors and its handles. */
#include "actor_internal.h"

#include <stdio.h>
#include <stdlib.h>

#define PATIENCE_NS 600000000000ull /* for the completion of what a closed handle left */

static const GUID Interface = VGPU_INTERFACE_GUID_INIT;

void ActorFail(const char *Format, ...)
{
	char Text[256];
	va_list Arguments;

	va_start(Arguments, Format);
	vsnprintf(Text, sizeof(Text), Format, Arguments);
	va_end(Arguments);
	fprintf(stderr, "actor: %s\n", Text);
	abort();
}

uint32_t ActorPick(const ACTOR *Actor, uint32_t Limit)
{
	return Actor->Choose(Actor->Context, Limit);
}

bool ActorOneIn(const ACTOR *Actor, uint32_t Count)
{
	return ActorPick(Actor, Count) == Count - 1; /* fuzzers begin with zeros */
}

/* ---- the use of a file ---- */
static void FileFree(ACTOR_FILE *File)
{
	while (File->Requests) {
		ACTOR_REQUEST *Request = File->Requests;

		File->Requests = Request->Next;
		free(Request);
	}
	while (File->Mappings) {
		ACTOR_MAPPING *Mapping = File->Mappings;

		File->Mappings = Mapping->Next;
		HostUnmap(Mapping->Address, ACTOR_MEMORY_BYTES + ACTOR_PAGE);
		free(Mapping);
	}
	free(File);
}

static bool AllCompleted(const ACTOR_FILE *File)
{
	const ACTOR_REQUEST *Request = File->Requests;

	while (Request && Request->Completions > 0)
		Request = Request->Next;
	return !Request;
}

/* The last user waits for the requests: the driver may complete a cancelled one a little after the close. */
static void FileLeave(ACTOR_WORLD *World, ACTOR_FILE *File)
{
	uint64_t End = HostNow() + PATIENCE_NS;
	bool Last;

	HostLockAcquire(&World->Lock);
	Last = --File->Users == 0;
	while (Last && !AllCompleted(File)) {
		if (HostNow() > End)
			ActorFail("a request is not completed though its handle is closed");
		HostConditionWait(&World->Completed, &World->Lock, PATIENCE_NS);
	}
	HostLockRelease(&World->Lock);
	if (Last)
		FileFree(File);
}

static ACTOR_FILE *FileEnter(ACTOR_WORLD *World, uint32_t Slot)
{
	ACTOR_FILE *File;

	HostLockAcquire(&World->Lock);
	File = World->Files[Slot];
	if (File && !File->Closing) {
		File->Users++;
		SimUserReference(File->Handle);
	} else {
		File = NULL;
	}
	HostLockRelease(&World->Lock);
	return File;
}

/* ---- handles ---- */
static NTSTATUS OpenDevice(SIM_USER_FILE **Handle)
{
	WCHAR Name[200];
	ULONG Chars = 0;

	if (!SimUserInterface(&Interface, 0, Name, 200))
		return STATUS_NO_SUCH_DEVICE;
	while (Name[Chars])
		Chars++;
	return SimUserOpen(Name, Chars, FILE_READ_DATA | FILE_WRITE_DATA, Handle);
}

static void CloseFile(ACTOR_WORLD *World, ACTOR_FILE *File)
{
	SimUserClose(File->Handle);
	FileLeave(World, File); /* the table's use */
}

/* Takes the file off the table; the table's use is the caller's then. */
static bool BeginClose(ACTOR_WORLD *World, ACTOR_FILE *File)
{
	bool First;

	HostLockAcquire(&World->Lock);
	First = !File->Closing;
	File->Closing = true;
	for (uint32_t Slot = 0; Slot < ACTOR_HANDLES; Slot++) {
		if (World->Files[Slot] == File)
			World->Files[Slot] = NULL;
	}
	HostLockRelease(&World->Lock);
	return First;
}

void ActorClose(ACTOR *Actor)
{
	if (BeginClose(Actor->World, Actor->File))
		CloseFile(Actor->World, Actor->File);
}

static void Open(ACTOR *Actor, uint32_t Slot)
{
	struct vgpu_open Open = {.abi_major = VGPU_ABI_MAJOR, .abi_minor = VGPU_ABI_MINOR};
	ACTOR_FILE *File = calloc(1, sizeof(*File));
	bool Taken;

	if (!File)
		abort();
	File->Users = 1;
	if (!NT_SUCCESS(OpenDevice(&File->Handle))) {
		free(File);
		return;
	}
	Actor->File = File;
	if (ActorOneIn(Actor, 8)) {
		struct vgpu_context_create Create = {.num_rings = 1};

		ActorCall(Actor, ActorMeantWrong, VGPU_IOCTL_CONTEXT_CREATE, &Create, sizeof(Create), sizeof(Create));
		Open.abi_major++;
		ActorCall(Actor, ActorMeantWrong, VGPU_IOCTL_OPEN, &Open, sizeof(Open), sizeof(Open));
		Open.abi_major = VGPU_ABI_MAJOR;
	}
	ActorCall(Actor, ActorMeantRight, VGPU_IOCTL_OPEN, &Open, sizeof(Open), sizeof(Open));
	HostLockAcquire(&Actor->World->Lock);
	Taken = Actor->World->Files[Slot] != NULL;
	if (!Taken)
		Actor->World->Files[Slot] = File;
	HostLockRelease(&Actor->World->Lock);
	if (Taken)
		CloseFile(Actor->World, File);
}

void ActorCancel(ACTOR *Actor)
{
	ACTOR_REQUEST *Request = NULL;
	uint32_t Pending = 0, Which;

	HostLockAcquire(&Actor->World->Lock);
	for (ACTOR_REQUEST *At = Actor->File->Requests; At; At = At->Next)
		Pending += At->Completions == 0;
	HostLockRelease(&Actor->World->Lock);
	Which = Pending ? ActorPick(Actor, Pending) : 0;
	HostLockAcquire(&Actor->World->Lock);
	for (ACTOR_REQUEST *At = Actor->File->Requests; At && Pending && !Request; At = At->Next) {
		if (At->Completions == 0 && Which-- == 0)
			Request = At;
	}
	for (ACTOR_REQUEST *At = Actor->File->Requests; At; At = At->Next)
		At->Cancelled |= !Request || At == Request;
	HostLockRelease(&Actor->World->Lock);
	if (Request || ActorOneIn(Actor, 4))
		SimUserCancel(Actor->File->Handle, Request);
}

void ActorThreadEnd(ACTOR_WORLD *World)
{
	HostLockAcquire(&World->Lock);
	for (unsigned Slot = 0; Slot < ACTOR_HANDLES; Slot++) {
		for (ACTOR_REQUEST *At = World->Files[Slot] ? World->Files[Slot]->Requests : NULL; At; At = At->Next)
			At->Cancelled = true;
	}
	HostLockRelease(&World->Lock);
	SimUserThreadEnd();
}

/* ---- the world ---- */
ACTOR_WORLD *ActorWorldCreate(const ACTOR_OPTIONS *Options)
{
	ACTOR_WORLD *World = calloc(1, sizeof(*World));

	if (!World)
		abort();
	World->Options = *Options;
	HostLockInit(&World->Lock);
	HostConditionInit(&World->Completed);
	return World;
}

void ActorWorldEnd(ACTOR_WORLD *World)
{
	for (uint32_t Slot = 0; Slot < ACTOR_HANDLES; Slot++) {
		ACTOR_FILE *File = World->Files[Slot];

		if (File && BeginClose(World, File))
			CloseFile(World, File);
	}
	HostConditionDestroy(&World->Completed);
	HostLockDestroy(&World->Lock);
	free(World);
}

void ActorStep(ACTOR_WORLD *World, ACTOR_CHOOSE Choose, void *Context)
{
	ACTOR Actor = {.World = World, .Choose = Choose, .Context = Context};
	uint32_t Slot = ActorPick(&Actor, ACTOR_HANDLES);

	Actor.File = FileEnter(World, Slot);
	if (!Actor.File) {
		Open(&Actor, Slot);
		return;
	}
	ActorDo(&Actor);
	SimUserDereference(Actor.File->Handle);
	FileLeave(World, Actor.File);
}
