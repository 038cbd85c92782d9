/* SPDX-License-Identifier: MIT */
/*
 * fake_mvisor.c - the model as Mvisor's device: abi/mvisor_vgpu.h. What makes that host panic ends the process. What is
 * left of a command then is a standard one, less its answer.
 */
#include "fake_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "../../abi/mvisor_vgpu.h"

#define MOST_PIECES 2u
#define DESCRIPTOR_WRITE 2u

static _Noreturn void Panic(const char *Rule, const char *Format, ...) __attribute__((format(printf, 2, 3)));

static _Noreturn void Panic(const char *Rule, const char *Format, ...)
{
	char Text[128], Line[192];
	va_list Arguments;

	va_start(Arguments, Format);
	vsnprintf(Text, sizeof(Text), Format, Arguments);
	va_end(Arguments);
	snprintf(Line, sizeof(Line), "fake: panic: %s: %s", Rule, Text);
	HostLog(Line);
	HostAbort();
}

/* ---- registers ---- */
void FakeMvisorReadsCommon(unsigned Offset)
{
	static const uint8_t Readable[] = {4, 16, 18, 20, 21, 24, 26, 28, 30};

	if (!memchr(Readable, (int)Offset, sizeof(Readable)))
		Panic("common-read", "offset %u", Offset);
}

uint64_t FakeMvisorReadConfig(unsigned Offset, unsigned Width)
{
	const struct mvisor_vgpu_config Config = {.staging = 1,
		.num_queues = FAKE_QUEUES,
		.num_capsets = 1,
		.memory_size = 1ull << 30,
		.capabilities = MVISOR_VGPU_CAP_3D | MVISOR_VGPU_CAP_CAPSET_FIX | MVISOR_VGPU_CAP_CONTEXT_INIT};
	uint64_t Value = 0;

	if (Offset + Width > sizeof(Config))
		Panic("config-read", "%u bytes at %u", Width, Offset);
	memcpy(&Value, (const uint8_t *)&Config + Offset, Width);
	return Value;
}

void FakeMvisorEnables(const FAKE_QUEUE *Queue, uint64_t Value)
{
	if (Value != 1)
		Panic("queue-disable", "%u is written", (unsigned)Value);
	if (Queue->Enabled)
		Panic("queue-enabled-twice", "without a reset");
}

/* A fence that retires after the reset: its queue is gone. A device that has lied does not know what it owes. */
void FakeMvisorResets(const FAKE_VIRTIO *Fake)
{
	for (unsigned i = 0; i < Fake->Taken && !Fake->Lied; i++) {
		if (Fake->Outstanding[i].Line)
			Panic("reset-in-flight", "%u commands", Fake->Taken);
	}
}

/* ---- commands ---- */
typedef struct PIECES {
	unsigned Count;
	FAKE_DESCRIPTOR Piece[MOST_PIECES];
} PIECES;

static bool AddPiece(FAKE_VIRTIO *Fake, void *Context, const FAKE_DESCRIPTOR *Descriptor)
{
	PIECES *Pieces = Context;

	if (Pieces->Count < MOST_PIECES)
		Pieces->Piece[Pieces->Count] = *Descriptor;
	Pieces->Count++;
	return FakeRam(Fake, Descriptor->Address, Descriptor->Length) != NULL;
}

/* The bytes of a command, which all are in its first descriptor. */
static uint32_t Size(uint32_t Type)
{
	switch (Type) {
	case VIRTIO_GPU_CMD_GET_CAPSET_INFO:
		return sizeof(struct virtio_gpu_get_capset_info);
	case VIRTIO_GPU_CMD_GET_CAPSET:
		return sizeof(struct virtio_gpu_get_capset);
	case VIRTIO_GPU_CMD_CTX_CREATE:
		return sizeof(struct virtio_gpu_ctx_create);
	case VIRTIO_GPU_CMD_CTX_DESTROY:
		return sizeof(struct virtio_gpu_ctx_destroy);
	case VIRTIO_GPU_CMD_CTX_ATTACH_RESOURCE:
	case VIRTIO_GPU_CMD_CTX_DETACH_RESOURCE:
		return sizeof(struct virtio_gpu_ctx_resource);
	case VIRTIO_GPU_CMD_RESOURCE_CREATE_3D:
		return sizeof(struct virtio_gpu_resource_create_3d);
	case VIRTIO_GPU_CMD_RESOURCE_UNREF:
		return sizeof(struct virtio_gpu_resource_unref);
	case VIRTIO_GPU_CMD_RESOURCE_ATTACH_BACKING:
		return sizeof(struct mvisor_vgpu_resource_attach_backing);
	case VIRTIO_GPU_CMD_RESOURCE_DETACH_BACKING:
		return sizeof(struct virtio_gpu_resource_detach_backing);
	case VIRTIO_GPU_CMD_TRANSFER_TO_HOST_3D:
	case VIRTIO_GPU_CMD_TRANSFER_FROM_HOST_3D:
		return sizeof(struct virtio_gpu_transfer_host_3d);
	case VIRTIO_GPU_CMD_SUBMIT_3D:
		return sizeof(struct virtio_gpu_cmd_submit);
	default:
		Panic("unknown-command", "%#x", Type);
	}
}

static bool Answers(uint32_t Type)
{
	return Type == VIRTIO_GPU_CMD_GET_CAPSET_INFO || Type == VIRTIO_GPU_CMD_GET_CAPSET;
}

/* One piece; a stream, or an answer, is a second one. */
static void CheckPieces(const PIECES *Pieces, const struct virtio_gpu_ctrl_hdr *Header)
{
	bool Stream = Header->type == VIRTIO_GPU_CMD_SUBMIT_3D;
	bool Answer = Answers(Header->type);
	bool Writes = Pieces->Count > 1 && (Pieces->Piece[1].Flags & DESCRIPTOR_WRITE);

	if (Pieces->Piece[0].Length < Size(Header->type))
		Panic("command-split", "%#x in %u bytes", Header->type, Pieces->Piece[0].Length);
	if (Pieces->Count != 1u + Stream + Answer || Writes != Answer)
		Panic(Stream ? "submit-stream" : "response-split", "%#x in %u pieces", Header->type, Pieces->Count);
}

/* Ids rise, and end with their 32 bits; they start again when nothing is owed. */
static void CheckFence(FAKE_VIRTIO *Fake, const struct virtio_gpu_ctrl_hdr *Header, uint16_t Head)
{
	if (Header->fence_id == 0 || Header->fence_id > UINT32_MAX)
		Panic("fence", "id %llu", (unsigned long long)Header->fence_id);
	for (unsigned i = 0; Header->fence_id <= Fake->LastFence && i < Fake->Taken; i++) {
		if (Fake->Outstanding[i].Head == Head)
			break;
		if (Fake->Outstanding[i].Line)
			Panic("fence", "id %llu after %llu", (unsigned long long)Header->fence_id,
				(unsigned long long)Fake->LastFence);
	}
	Fake->LastFence = Header->fence_id;
	if (Header->ctx_id >= FAKE_MAX_IDS || (Header->ctx_id && !Fake->Contexts[Header->ctx_id]))
		Panic("fence", "context %u does not exist", Header->ctx_id);
}

/* The same command for the standard device; its length. */
static uint32_t Translate(FAKE_VIRTIO *Fake, uint8_t *Command, uint32_t Length)
{
	struct mvisor_vgpu_resource_attach_backing *Attach = (void *)Command;
	struct virtio_gpu_ctx_create *Create = (void *)Command;
	const struct virtio_gpu_cmd_submit *Submit = (const void *)Command;

	switch (Create->hdr.type) {
	case VIRTIO_GPU_CMD_RESOURCE_ATTACH_BACKING:
		if (!FakeRam(Fake, Attach->gpa, Attach->size))
			Panic("memory", "%u bytes at %#llx", Attach->size, (unsigned long long)Attach->gpa);
		Attach->nr_entries = 1; /* the range is laid out as the list's only entry */
		memset(Attach + 1, 0, sizeof(uint32_t));
		return sizeof(*Attach) + sizeof(uint32_t);
	case VIRTIO_GPU_CMD_CTX_CREATE:
		if (Create->context_init != VIRTIO_GPU_CAPSET_VIRGL && Create->context_init != VIRTIO_GPU_CAPSET_VIRGL2)
			Panic("context", "capset %u: it is not made, and the next fence of it kills",
				Create->context_init);
		Create->context_init = 0;
		return Length;
	case VIRTIO_GPU_CMD_SUBMIT_3D:
		if (Submit->size > Length - sizeof(*Submit))
			Panic("submit-stream", "%u bytes of %u", (unsigned)(Length - sizeof(*Submit)), Submit->size);
		return Length;
	default:
		return Length;
	}
}

uint32_t FakeMvisorCommand(FAKE_VIRTIO *Fake, const FAKE_QUEUE *Queue, uint16_t Head, const FAKE_BUFFERS *Buffers)
{
	uint8_t Nowhere[sizeof(struct virtio_gpu_ctrl_hdr)];
	struct virtio_gpu_ctrl_hdr Header;
	PIECES Pieces = {.Count = 0};
	uint32_t Length;

	if (!FakeWalk(Fake, Queue, Head, AddPiece, &Pieces) || Buffers->OutLength < sizeof(Header))
		Panic("descriptor", "head %u", Head);
	memcpy(&Header, Buffers->Out, sizeof(Header));
	CheckPieces(&Pieces, &Header);
	Length = Translate(Fake, Buffers->Out, Buffers->OutLength);
	if (Answers(Header.type))
		return FakeGpuCommand(Fake, Buffers->Out, Length, Buffers->In, Buffers->InLength);
	FakeGpuCommand(Fake, Buffers->Out, Length, Nowhere, sizeof(Nowhere));
	if (Header.flags & VIRTIO_GPU_FLAG_FENCE)
		CheckFence(Fake, &Header, Head);
	return 0;
}
