/* SPDX-License-Identifier: MIT */
#include "commands.h"

#include <stdlib.h>
#include <string.h>

#include "command_internal.h"

/* ---- parts of a buffer ---- */

/* The bytes where they lie; Size of them must be in the descriptor that is next. */
static uint8_t *Take(MV_ELEMENT *Element, size_t Size, MV_RULE Rule)
{
	MV_PIECE *Piece = &Element->Pieces[Element->First];
	uint8_t *Data;

	if (Element->First == Element->Count)
		MvPanic(Rule, "%zu bytes are wanted and there is no descriptor", Size);
	if (Piece->Length < Size)
		MvPanic(Rule, "%zu bytes are wanted and the descriptor has %u", Size, Piece->Length);
	Data = Piece->Data;
	Piece->Data += Size;
	Piece->Length -= (uint32_t)Size;
	if (Piece->Length == 0)
		Element->First++;
	return Data;
}

const void *MvTakeCommand(MV_ELEMENT *Element, size_t Size)
{
	return Take(Element, Size, MvRuleCommandSplit);
}

void *MvTakeResponse(MV_ELEMENT *Element, size_t Size, size_t *Room)
{
	if (Room)
		*Room = Element->First < Element->Count ? Element->Pieces[Element->First].Length : 0;
	return Take(Element, Size, MvRuleResponseSplit);
}

/* ---- capsets and contexts ---- */

static void GetCapsetInfo(MV_COMMANDS *Commands, MV_ELEMENT *Element)
{
	MV_TAKE(Element, virtio_gpu_get_capset_info);
	struct virtio_gpu_resp_capset_info Response = {.hdr.type = VIRTIO_GPU_RESP_OK_CAPSET_INFO};
	void *Target = MvTakeResponse(Element, sizeof(Response), NULL);

	(void)Commands;
	if (Command.capset_index > 1)
		MvPanic(MvRuleCapsetIndex, "%u", Command.capset_index);
	Response.capset_id = Command.capset_index ? VIRTIO_GPU_CAPSET_VIRGL2 : VIRTIO_GPU_CAPSET_VIRGL;
	virgl_renderer_get_cap_set(Response.capset_id, &Response.capset_max_version, &Response.capset_max_size);
	memcpy(Target, &Response, sizeof(Response));
	Element->Written = sizeof(Response);
}

static void GetCapset(MV_COMMANDS *Commands, MV_ELEMENT *Element)
{
	MV_TAKE(Element, virtio_gpu_get_capset);
	uint32_t Failure = VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;
	struct virtio_gpu_ctrl_hdr Header = {.type = VIRTIO_GPU_RESP_OK_CAPSET};
	uint32_t Version, Size;
	size_t Room;
	uint8_t *Target = MvTakeResponse(Element, sizeof(Header), &Room);

	(void)Commands;
	virgl_renderer_get_cap_set(Command.capset_id, &Version, &Size);
	if (!Size) {
		memcpy(Target, &Failure, sizeof(Failure)); /* the type; the length stays 0 */
		return;
	}
	if (Room < sizeof(Header) + Size)
		MvPanic(MvRuleResponseSplit, "a capset of %u bytes for a descriptor of %zu", Size, Room);
	memset(Target, 0, sizeof(Header) + Size);
	virgl_renderer_fill_caps(Command.capset_id, Command.capset_version, Target + sizeof(Header));
	memcpy(Target, &Header, sizeof(Header));
	Element->Written = (uint32_t)sizeof(Header) + Size;
}

static void CreateContext(MV_COMMANDS *Commands, MV_ELEMENT *Element)
{
	MV_TAKE(Element, virtio_gpu_ctx_create);
	uint32_t Length = Command.nlen < VIRTIO_GPU_CONTEXT_NAME_LENGTH ? Command.nlen : VIRTIO_GPU_CONTEXT_NAME_LENGTH;
	int Error = virgl_renderer_context_create_with_flags(
		Command.hdr.ctx_id, Command.context_init, Length, Command.debug_name);

	if (Error)
		MvLog("context %u with context_init %#x is not created (%d)", Command.hdr.ctx_id, Command.context_init,
			Error);
	else {
		MvRecordAdd(&Commands->Records->Contexts, Command.hdr.ctx_id);
		MvRecordContext(Commands->Recording, Command.hdr.ctx_id);
	}
}

static void DestroyContext(MV_COMMANDS *Commands, MV_ELEMENT *Element)
{
	MV_TAKE(Element, virtio_gpu_ctx_destroy);

	virgl_renderer_context_destroy(Command.hdr.ctx_id);
	MvRecordRemove(&Commands->Records->Contexts, Command.hdr.ctx_id);
	MvRecordContextGone(Commands->Recording, Command.hdr.ctx_id);
	MvMemoryUnmap(Commands->Memory, Command.hdr.ctx_id, 0);
}

/* The stream that was asked for, and what follows it in its context. */
static bool IsRefused(MV_COMMANDS *Commands, uint32_t Context)
{
	if (++Commands->Streams == Commands->RefuseAt)
		Commands->RefusedContext = Context;
	return Commands->RefusedContext && Context == Commands->RefusedContext;
}

static void Submit(MV_COMMANDS *Commands, MV_ELEMENT *Element)
{
	MV_TAKE(Element, virtio_gpu_cmd_submit);
	MV_PIECE *Stream = &Element->Pieces[Element->First];
	int Error = -1;

	if (Element->First != 1 || Element->Count != 2)
		MvPanic(MvRuleSubmitStream, "%u descriptors behind the header's", Element->Count - 1);
	if (Command.size > Stream->Length)
		MvPanic(MvRuleSubmitStream, "a stream of %u bytes in a descriptor of %u", Command.size, Stream->Length);
	if (Command.size % 4)
		MvLog("a stream of %u bytes: the last %u are ignored", Command.size, Command.size % 4);
	if (!IsRefused(Commands, Command.hdr.ctx_id))
		Error = virgl_renderer_submit_cmd(Stream->Data, (int)Command.hdr.ctx_id, (int)(Command.size / 4));
	if (Error)
		MvLog("a stream of context %u with %u bytes fails (%d)", Command.hdr.ctx_id, Command.size, Error);
	else
		MvRecordStream(Commands->Recording, Command.hdr.ctx_id, Stream->Data, Command.size / 4 * 4);
}

/* ---- dispatch ---- */

static MV_COMMAND *const Groups[2][16] = {
	{
		[VIRTIO_GPU_CMD_RESOURCE_CREATE_2D & 0xff] = MvCreate2d,
		[VIRTIO_GPU_CMD_RESOURCE_UNREF & 0xff] = MvUnref,
		[VIRTIO_GPU_CMD_TRANSFER_TO_HOST_2D & 0xff] = MvTransferToHost2d,
		[VIRTIO_GPU_CMD_RESOURCE_ATTACH_BACKING & 0xff] = MvAttachBacking,
		[VIRTIO_GPU_CMD_RESOURCE_DETACH_BACKING & 0xff] = MvDetachBacking,
		[VIRTIO_GPU_CMD_GET_CAPSET_INFO & 0xff] = GetCapsetInfo,
		[VIRTIO_GPU_CMD_GET_CAPSET & 0xff] = GetCapset,
		[VIRTIO_GPU_CMD_RESOURCE_CREATE_BLOB & 0xff] = MvCreateBlob,
	},
	{
		[VIRTIO_GPU_CMD_CTX_CREATE & 0xff] = CreateContext,
		[VIRTIO_GPU_CMD_CTX_DESTROY & 0xff] = DestroyContext,
		[VIRTIO_GPU_CMD_CTX_ATTACH_RESOURCE & 0xff] = MvAttachResource,
		[VIRTIO_GPU_CMD_CTX_DETACH_RESOURCE & 0xff] = MvDetachResource,
		[VIRTIO_GPU_CMD_RESOURCE_CREATE_3D & 0xff] = MvCreate3d,
		[VIRTIO_GPU_CMD_TRANSFER_TO_HOST_3D & 0xff] = MvTransferToHost3d,
		[VIRTIO_GPU_CMD_TRANSFER_FROM_HOST_3D & 0xff] = MvTransferFromHost3d,
		[VIRTIO_GPU_CMD_SUBMIT_3D & 0xff] = Submit,
		[VIRTIO_GPU_CMD_RESOURCE_MAP_BLOB & 0xff] = MvMapBlob,
		[VIRTIO_GPU_CMD_RESOURCE_UNMAP_BLOB & 0xff] = MvUnmapBlob,
	},
};

static MV_COMMAND *Find(uint32_t Type)
{
	uint32_t Group = (Type >> 8) - 1;
	uint32_t Number = Type & 0xff;

	return Group < 2 && Number < 16 ? Groups[Group][Number] : NULL;
}

static uint64_t CreateFence(MV_COMMANDS *Commands, const struct virtio_gpu_ctrl_hdr *Header)
{
	int Error;

	if (!(Header->flags & VIRTIO_GPU_FLAG_FENCE))
		return 0;
	if (Header->ctx_id && !MvRecordFind(&Commands->Records->Contexts, Header->ctx_id))
		MvPanic(MvRuleFence, "context %u does not exist", Header->ctx_id);
	Error = virgl_renderer_create_fence((int)(uint32_t)Header->fence_id, Header->ctx_id);
	if (Error)
		MvPanic(MvRuleFence, "the renderer refuses it (%d)", Error);
	return Header->fence_id;
}

uint64_t MvCommandsRun(MV_COMMANDS *Commands, MV_ELEMENT *Element)
{
	struct virtio_gpu_ctrl_hdr Header;
	MV_COMMAND *Command;

	if (Element->Count == 0 || Element->Pieces[0].Length < sizeof(Header))
		MvPanic(MvRuleCommandSplit, "a header of less than %zu bytes", sizeof(Header));
	memcpy(&Header, Element->Pieces[0].Data, sizeof(Header));
	if (Commands->ResetWanted) {
		virgl_renderer_reset();
		MvRecordClear(&Commands->Records->Contexts);
		MvRecordClear(&Commands->Records->Resources);
		MvRecordReset(Commands->Recording);
		MvMemoryUnmapAll(Commands->Memory);
		Commands->ResetWanted = false;
	}
	Command = Find(Header.type);
	if (!Command)
		MvPanic(MvRuleUnknownCommand, "%#x", Header.type);
	Command(Commands, Element);
	return CreateFence(Commands, &Header);
}

/* ---- the renderer ---- */

static void WriteFence(void *Cookie, uint32_t Fence)
{
	MV_COMMANDS *Commands = Cookie;

	Commands->Retired(Commands->Owner, Fence);
}

int MvCommandsStart(MV_COMMANDS *Commands, MV_MEMORY *Memory, MV_RETIRED *Retired, void *Owner)
{
	static struct virgl_renderer_callbacks Callbacks = {.version = 1, .write_fence = WriteFence};
	int Error;

	memset(Commands, 0, sizeof(*Commands));
	Commands->Memory = Memory;
	Commands->Retired = Retired;
	Commands->Owner = Owner;
	Commands->Records = calloc(1, sizeof(*Commands->Records));
	if (!Commands->Records)
		return -1;
	Error = virgl_renderer_init(Commands, VIRGL_RENDERER_USE_EGL | VIRGL_RENDERER_USE_SURFACELESS, &Callbacks);
	if (Error)
		free(Commands->Records);
	return Error;
}

void MvCommandsStop(MV_COMMANDS *Commands)
{
	virgl_renderer_cleanup(Commands);
	MvRecordClear(&Commands->Records->Contexts);
	MvRecordClear(&Commands->Records->Resources);
	free(Commands->Records);
	if (Commands->Recording)
		MvRecordingClose(Commands->Recording);
}

bool MvCommandsTouch(const MV_COMMANDS *Commands, uint64_t Address, uint64_t Length)
{
	const uint8_t *Start = Commands->Memory->Ram + Address;

	if (Commands->ResetWanted) /* the renderer lets go of everything before it does anything else */
		return false;
	for (unsigned i = 0; i < MV_BUCKETS; i++) {
		for (const MV_RECORD *Record = Commands->Records->Resources.Buckets[i]; Record; Record = Record->Next) {
			const uint8_t *Backing = Record->Backing.iov_base;

			if (Backing && Start < Backing + Record->Backing.iov_len && Backing < Start + Length)
				return true;
		}
	}
	return false;
}

uint32_t MvCommandsCapsets(void)
{
	uint32_t Version, Size;

	virgl_renderer_get_cap_set(VIRTIO_GPU_CAPSET_VIRGL2, &Version, &Size);
	return Version ? 2 : 1;
}

void MvCommandsReset(MV_COMMANDS *Commands)
{
	Commands->ResetWanted = true;
}

void MvCommandsPoll(MV_COMMANDS *Commands)
{
	(void)Commands;
	virgl_renderer_poll();
}
