/* SPDX-License-Identifier: MIT */
#include "raw.h"
#include "../../sim/host/host.h"
#include "../../sim/sim.h"
#include "vgpu_ioctl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HANDLES 2u
#define CONTEXTS 4u
#define RESOURCES 4u
#define MEMORIES 4u /* ids are 1 to this */
#define PAGES 4u /* of one memory */
#define MOST_WORDS 64u
#define MEMORY_BYTES (PAGES * VGPU_PAGE_SIZE)
#define PATIENCE_NS 600000000000ull

/* How a request is filled, a letter for each of its words. A digit stands for itself. */
#define LETTER_CONTEXT 'c'
#define LETTER_RESOURCE 'r'
#define LETTER_MEMORY 'm'
#define LETTER_SMALL 's'
#define LETTER_FEW 'o'
#define LETTER_EIGHTS '8'
#define LETTER_PAGES 'p'
#define LETTER_BYTES 'b'
#define LETTER_TIME 't'
#define LETTER_ONES 'F'
#define LETTER_ADDRESS 'a' /* and the next word */
#define NAME "0000000000000000"
#define NO_FENCES "0000000000000000"

typedef struct FORM {
	ULONG Code;
	const char *Input;
	ULONG OutputBytes;
	char Answer; /* what the answer's word AnswerAt is: c, r or 0 for nothing */
	ULONG AnswerAt;
} FORM;

static const FORM Forms[] = {
	{VGPU_IOCTL_OPEN, "1s00", sizeof(struct vgpu_open), 0, 0},
	{VGPU_IOCTL_QUERY, "", sizeof(struct vgpu_device_info), 0, 0},
	{VGPU_IOCTL_CAPSET_INFO, "o000", sizeof(struct vgpu_capset_info), 0, 0},
	{VGPU_IOCTL_CAPSET, "oo", 512, 0, 0},
	{VGPU_IOCTL_STATISTICS, "o0", sizeof(struct vgpu_statistics), 0, 0},
	{VGPU_IOCTL_TRACE, "s0", 0, 0, 0},
	{VGPU_IOCTL_CONTEXT_CREATE, "010m80s0" NAME, sizeof(struct vgpu_context_create), 'c', 7},
	{VGPU_IOCTL_CONTEXT_CREATE, "os0m80s0" NAME, sizeof(struct vgpu_context_create), 'c', 7},
	{VGPU_IOCTL_CONTEXT_CREATE, "01000000" NAME, sizeof(struct vgpu_context_create), 'c', 7},
	{VGPU_IOCTL_CONTEXT_DESTROY, "c0", 0, 0, 0},
	{VGPU_IOCTL_MEMORY_PIN, "m0", MEMORY_BYTES, 0, 0},
	{VGPU_IOCTL_MEMORY_ALLOC, "mop000", sizeof(struct vgpu_memory_alloc), 0, 0},
	{VGPU_IOCTL_MEMORY_RELEASE, "m0", 0, 0, 0},
	{VGPU_IOCTL_RESOURCE_CREATE, "sssssssss0c0m0b0b0", sizeof(struct vgpu_resource_create), 'r', 11},
	{VGPU_IOCTL_RESOURCE_CREATE, "sssssssss0c0000000", sizeof(struct vgpu_resource_create), 'r', 11},
	{VGPU_IOCTL_RESOURCE_CREATE_BLOB, "sss0p0c0m0b0p0ssssssssss", sizeof(struct vgpu_resource_create_blob), 'r', 7},
	{VGPU_IOCTL_RESOURCE_CREATE_BLOB, "sos0p0c00000000000000000", sizeof(struct vgpu_resource_create_blob), 'r', 7},
	{VGPU_IOCTL_RESOURCE_DESTROY, "r0", 0, 0, 0},
	{VGPU_IOCTL_RESOURCE_ATTACH, "rc", 0, 0, 0},
	{VGPU_IOCTL_RESOURCE_DETACH, "rc", 0, 0, 0},
	{VGPU_IOCTL_RESOURCE_MAP, "r00000", sizeof(struct vgpu_resource_map), 0, 0},
	{VGPU_IOCTL_RESOURCE_UNMAP, "r0", 0, 0, 0},
	{VGPU_IOCTL_SUBMIT, "c0o0m0b0b000" NO_FENCES, sizeof(struct vgpu_submit), 0, 0},
	{VGPU_IOCTL_SUBMIT, "cooom0b0b000cos0cos0cos0cos0", sizeof(struct vgpu_submit), 0, 0},
	{VGPU_IOCTL_SUBMIT, "c01000000000" NO_FENCES, sizeof(struct vgpu_submit), 0, 0},
	{VGPU_IOCTL_SUBMIT_COPY, "coo0a0b000", sizeof(struct vgpu_submit_copy), 0, 0},
	{VGPU_IOCTL_TRANSFER, "crsosssssssob000", sizeof(struct vgpu_transfer), 0, 0},
	{VGPU_IOCTL_WAIT, "cos0t0", 0, 0, 0},
	{VGPU_IOCTL_WAIT, "c0s0FF", 0, 0, 0},
};
#define FORM_COUNT (sizeof(Forms) / sizeof(Forms[0]))

typedef struct REQUEST {
	struct REQUEST *Next;
	unsigned Handle;
	bool Pending;
	void *Pages; /* its own, or NULL */
	uint32_t Words[MOST_WORDS];
} REQUEST;

struct RAW {
	HOST_LOCK Lock; /* guards Handles; not held while the driver is called */
	SIM_USER_FILE *Handles[HANDLES];
	uint32_t Contexts[CONTEXTS];
	uint32_t Resources[RESOURCES];
	unsigned NextContext, NextResource;
	REQUEST *Requests;
};

/* What a step needs. */
typedef struct STEP {
	RAW *Raw;
	ACTOR_CHOOSE Choose;
	void *Context;
} STEP;

static uint32_t Pick(const STEP *Step, uint32_t Limit)
{
	return Step->Choose(Step->Context, Limit);
}

RAW *RawCreate(void)
{
	RAW *Raw = calloc(1, sizeof(*Raw));

	if (!Raw)
		abort();
	HostLockInit(&Raw->Lock);
	return Raw;
}

static void Completed(void *Context, NTSTATUS Status, ULONG_PTR Information)
{
	REQUEST *Request = Context;

	(void)Status;
	(void)Information;
	if (!Request->Pending) {
		fprintf(stderr, "fuzz: a request is completed twice, or both at once and later\n");
		abort();
	}
	Request->Pending = false;
}

/* ---- handles ---- */
static void Open(const STEP *Step, unsigned Slot)
{
	static const GUID Class = VGPU_INTERFACE_GUID_INIT;
	struct vgpu_open Hello = {.abi_major = VGPU_ABI_MAJOR, .abi_minor = VGPU_ABI_MINOR};
	SIM_USER_FILE *Handle;
	WCHAR Name[200];
	ULONG Chars = 0;
	ULONG_PTR Information;
	NTSTATUS Status;
	bool Taken;

	if (!SimUserInterface(&Class, 0, Name, 200))
		return;
	while (Name[Chars])
		Chars++;
	if (!NT_SUCCESS(SimUserOpen(Name, Chars, FILE_READ_DATA | FILE_WRITE_DATA, &Handle)))
		return;
	if (Pick(Step, 8) != 7) {
		Status = SimUserIoctl(Handle, VGPU_IOCTL_OPEN, &Hello, sizeof(Hello), &Hello, sizeof(Hello), FALSE,
			Completed, NULL, &Information);
		if (Status == STATUS_PENDING)
			abort();
	}
	HostLockAcquire(&Step->Raw->Lock);
	Taken = Step->Raw->Handles[Slot] != NULL;
	if (!Taken)
		Step->Raw->Handles[Slot] = Handle;
	HostLockRelease(&Step->Raw->Lock);
	if (Taken)
		SimUserClose(Handle);
}

static void Close(RAW *Raw, unsigned Slot)
{
	SIM_USER_FILE *Handle;

	HostLockAcquire(&Raw->Lock);
	Handle = Raw->Handles[Slot];
	Raw->Handles[Slot] = NULL;
	HostLockRelease(&Raw->Lock);
	if (Handle)
		SimUserClose(Handle);
}

static void Cancel(const STEP *Step, SIM_USER_FILE *Handle, unsigned Slot)
{
	REQUEST *Request = Step->Raw->Requests;

	for (uint32_t Skip = Pick(Step, 4); Request && Skip > 0; Skip--)
		Request = Request->Next;
	SimUserCancel(Handle, Request && Request->Handle == Slot ? Request : NULL);
}

/* ---- requests ---- */
static uint32_t Anything(const STEP *Step)
{
	switch (Pick(Step, 4)) {
	case 0:
		return Pick(Step, 256);
	case 1:
		return 1u << Pick(Step, 32);
	case 2:
		return UINT32_MAX - Pick(Step, 16);
	default:
		return Pick(Step, UINT32_MAX);
	}
}

static uint32_t Word(const STEP *Step, char Letter)
{
	switch (Letter) {
	case LETTER_CONTEXT:
		return Step->Raw->Contexts[Pick(Step, CONTEXTS)];
	case LETTER_RESOURCE:
		return Step->Raw->Resources[Pick(Step, RESOURCES)];
	case LETTER_MEMORY:
		return Pick(Step, MEMORIES + 1);
	case LETTER_SMALL:
		return Pick(Step, 16);
	case LETTER_FEW:
		return Pick(Step, 3);
	case LETTER_EIGHTS:
		return 8 * Pick(Step, 256);
	case LETTER_PAGES:
		return VGPU_PAGE_SIZE * Pick(Step, 16);
	case LETTER_BYTES:
		return 4 * Pick(Step, MEMORY_BYTES / 4);
	case LETTER_TIME:
		return 1u << Pick(Step, 32);
	case LETTER_ONES:
		return UINT32_MAX;
	default:
		return (uint32_t)(Letter - '0');
	}
}

static ULONG Fill(const STEP *Step, const FORM *Form, uint32_t Words[MOST_WORDS])
{
	static const uint32_t Stream[MEMORY_BYTES / 4];
	const uintptr_t Address = (uintptr_t)Stream;
	ULONG Count = (ULONG)strlen(Form->Input);

	for (ULONG At = 0; At < Count; At++) {
		if (Form->Input[At] == LETTER_ADDRESS)
			memcpy(&Words[At++], &Address, sizeof(Address));
		else
			Words[At] = Word(Step, Form->Input[At]);
	}
	return 4 * Count;
}

/* Pages that stay until the end: the driver may have them locked, and let go when it pleases. */
static void *Pages(REQUEST *Request)
{
	if (!Request->Pages && HostMapPrivate(MEMORY_BYTES, HOST_ACCESS_READ_WRITE, NULL, &Request->Pages) != 0)
		abort();
	return Request->Pages;
}

typedef struct CALL {
	ULONG Code;
	void *Input;
	ULONG InputBytes;
	void *Output;
	ULONG OutputBytes;
} CALL;

static void Change(const STEP *Step, REQUEST *Request, CALL *Call)
{
	static const uintptr_t Nowhere[] = {0, 0x10001, 0x7ffffffff000, 0xffff800000000000};

	switch (Pick(Step, 8)) {
	case 0:
		Call->InputBytes = Pick(Step, sizeof(Request->Words));
		break;
	case 1:
		Call->OutputBytes = Pick(Step, MEMORY_BYTES + 1);
		break;
	case 2:
		Call->Input = (void *)Nowhere[Pick(Step, 4)];
		break;
	case 3:
		Call->Output = (void *)Nowhere[Pick(Step, 4)];
		break;
	case 4:
		Call->Code = VGPU_CTL_CODE(0x800u + Pick(Step, 0x48), Pick(Step, 4), 3u);
		break;
	default:
		Request->Words[Pick(Step, MOST_WORDS / 2)] = Anything(Step);
		break;
	}
}

static void Remember(RAW *Raw, const FORM *Form, const uint32_t *Answer)
{
	if (Form->Answer == 'c')
		Raw->Contexts[Raw->NextContext++ % CONTEXTS] = Answer[Form->AnswerAt];
	else if (Form->Answer == 'r')
		Raw->Resources[Raw->NextResource++ % RESOURCES] = Answer[Form->AnswerAt];
}

static void Send(const STEP *Step, SIM_USER_FILE *Handle, unsigned Slot)
{
	const FORM *Form = &Forms[Pick(Step, FORM_COUNT)];
	REQUEST *Request = calloc(1, sizeof(*Request));
	CALL Call = {.Code = Form->Code, .OutputBytes = Form->OutputBytes};
	ULONG_PTR Information;
	NTSTATUS Status;

	if (!Request)
		abort();
	Request->Handle = Slot;
	Call.Input = Request->Words;
	Call.InputBytes = Fill(Step, Form, Request->Words);
	Call.Output = Form->OutputBytes > sizeof(Request->Words) ? Pages(Request) : Request->Words;
	for (uint32_t Changes = Pick(Step, 8); Changes > 4; Changes--)
		Change(Step, Request, &Call);
	if (Call.Output == Request->Words && Call.OutputBytes > sizeof(Request->Words))
		Call.Output = Pages(Request);
	Request->Next = Step->Raw->Requests;
	Step->Raw->Requests = Request;
	Request->Pending = true;
	Status = SimUserIoctl(Handle, Call.Code, Call.Input, Call.InputBytes, Call.OutputBytes ? Call.Output : NULL,
		Call.OutputBytes, Pick(Step, 2) != 0, Completed, Request, &Information);
	if (Status == STATUS_PENDING)
		return;
	if (!Request->Pending) {
		fprintf(stderr, "fuzz: code %#x is completed both at once and later\n", (unsigned)Call.Code);
		abort();
	}
	Request->Pending = false;
	if (NT_SUCCESS(Status) && Call.Output == Request->Words)
		Remember(Step->Raw, Form, Request->Words);
}

void RawStep(RAW *Raw, ACTOR_CHOOSE Choose, void *Context)
{
	const STEP Step = {Raw, Choose, Context};
	unsigned Slot = Pick(&Step, HANDLES);
	SIM_USER_FILE *Handle;

	HostLockAcquire(&Raw->Lock);
	Handle = Raw->Handles[Slot];
	if (Handle)
		SimUserReference(Handle);
	HostLockRelease(&Raw->Lock);
	if (!Handle) {
		Open(&Step, Slot);
		return;
	}
	switch (Pick(&Step, 16)) {
	case 15:
		Close(Raw, Slot);
		break;
	case 14:
		Cancel(&Step, Handle, Slot);
		break;
	default:
		Send(&Step, Handle, Slot);
		break;
	}
	SimUserDereference(Handle);
}

static bool AnyPending(const RAW *Raw)
{
	const REQUEST *Request = Raw->Requests;

	while (Request && !Request->Pending)
		Request = Request->Next;
	return Request != NULL;
}

void RawEnd(RAW *Raw)
{
	uint64_t End = HostNow() + PATIENCE_NS;

	for (unsigned Slot = 0; Slot < HANDLES; Slot++)
		Close(Raw, Slot);
	while (AnyPending(Raw)) {
		if (HostNow() > End) {
			fprintf(stderr, "fuzz: a request is not completed though its handle is closed\n");
			abort();
		}
		HostSleep(1000000);
	}
	while (Raw->Requests) {
		REQUEST *Request = Raw->Requests;

		Raw->Requests = Request->Next;
		if (Request->Pages)
			HostUnmap(Request->Pages, MEMORY_BYTES);
		free(Request);
	}
	HostLockDestroy(&Raw->Lock);
	free(Raw);
}
