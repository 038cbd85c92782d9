/* SPDX-License-Identifier: MIT */
/*
 * replay.c - mvisor-replay: takes a recording of mvisor-device into a fresh renderer as Mvisor does after a migration,
 * and compares what the streams read back with what was in the guest's memory.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <virglrenderer.h>

#include "recording.h"
#include "validity.h"

#define EXIT_FAILED 1
#define EXIT_USAGE 2
#define WORD_WIDTH 4 /* in a resource's words */
#define WORD_HEIGHT 5

typedef struct ITEM {
	const MV_CHUNK *Chunk;
	uint32_t *Data;
	struct iovec Backing; /* of a resource: a copy, which the renderer uses */
	const void *Recorded; /* what was in it */
	bool ReadBack; /* a stream copies it to its backing */
} ITEM;

typedef struct REPLAY {
	uint8_t *File;
	size_t FileSize;
	ITEM *Items;
	size_t Count;
	MV_VALIDITY Validity;
	unsigned long Commands[MV_COMMANDS_NAMED]; /* recorded, by number */
	unsigned long Replayed, Dropped, Streams;
	uint32_t LastReadBack; /* the texture that was read back last */
	const char *Folder; /* for pictures; NULL: none are written */
} REPLAY;

static const char Help[] =
	"mvisor-replay - a recording of mvisor-device in a fresh renderer\n"
	"\n"
	"  mvisor-replay FILE [FOLDER]\n"
	"\n"
	"Makes the contexts and the resources with their backing, and carries out the streams but for what names "
	"something\n"
	"that is gone, as Mvisor does after a migration. Prints how many commands there were, and for each texture "
	"that a\n"
	"stream reads back how many of its 32-bit words differ from what the guest had; writes both to FOLDER as\n"
	"ID-recorded.raw and ID-replayed.raw. Earlier pictures may differ: the guest's memory has only what came last. "
	"Exit status: 0 all was carried out, 1 not, 2 a wrong command line.\n";

/* ---- the file ---- */

static bool Load(REPLAY *Replay, const char *Path)
{
	FILE *File = fopen(Path, "rb");
	long Size;
	bool Good;

	if (!File)
		return false;
	fseek(File, 0, SEEK_END);
	Size = ftell(File);
	rewind(File);
	Replay->FileSize = Size > 0 ? (size_t)Size : 0;
	Replay->File = malloc(Replay->FileSize + 1);
	Good = Replay->File && fread(Replay->File, 1, Replay->FileSize, File) == Replay->FileSize;
	fclose(File);
	return Good && Replay->FileSize >= strlen(MV_RECORDING_MAGIC) &&
	       memcmp(Replay->File, MV_RECORDING_MAGIC, strlen(MV_RECORDING_MAGIC)) == 0;
}

/* The backing belongs to the item before. */
static bool TakeBacking(REPLAY *Replay, const MV_CHUNK *Chunk, const void *Data)
{
	ITEM *Item = Replay->Count ? &Replay->Items[Replay->Count - 1] : NULL;

	if (!Item || Item->Chunk->Kind != MvChunkResource || Item->Chunk->Resource != Chunk->Resource)
		return false;
	Item->Recorded = Data;
	Item->Backing = (struct iovec){malloc(Chunk->Size + 1), Chunk->Size};
	if (!Item->Backing.iov_base)
		return false;
	memcpy(Item->Backing.iov_base, Data, Chunk->Size);
	return true;
}

static bool IsSound(const MV_CHUNK *Chunk)
{
	return Chunk->Kind >= MvChunkContext && Chunk->Kind <= MvChunkStream &&
	       (Chunk->Kind != MvChunkResource || Chunk->Size == MV_RESOURCE_WORDS * sizeof(uint32_t)) &&
	       (Chunk->Kind != MvChunkStream || Chunk->Size % sizeof(uint32_t) == 0);
}

static bool Parse(REPLAY *Replay)
{
	size_t At = strlen(MV_RECORDING_MAGIC);

	Replay->Items = calloc(Replay->FileSize / sizeof(MV_CHUNK) + 1, sizeof(*Replay->Items));
	if (!Replay->Items)
		return false;
	while (At < Replay->FileSize) {
		const MV_CHUNK *Chunk = (void *)(Replay->File + At);
		uint8_t *Data = Replay->File + At + sizeof(*Chunk);

		if (Replay->FileSize - At < sizeof(*Chunk) || !IsSound(Chunk) ||
			Replay->FileSize - At - sizeof(*Chunk) < Chunk->Size)
			return false;
		At += sizeof(*Chunk) + ((size_t)Chunk->Size + 3) / 4 * 4;
		if (Chunk->Kind == MvChunkBacking) {
			if (!TakeBacking(Replay, Chunk, Data))
				return false;
			continue;
		}
		Replay->Items[Replay->Count++] = (ITEM){.Chunk = Chunk, .Data = (void *)Data};
	}
	return true;
}

/* ---- commands ---- */

/* Calls Visit for each command of a stream; false when it is cut off in one. */
static bool ForCommands(REPLAY *Replay, const ITEM *Item, void (*Visit)(REPLAY *, uint32_t *))
{
	uint32_t Words = Item->Chunk->Size / sizeof(uint32_t);

	for (uint32_t At = 0; At < Words;) {
		uint32_t Length = (Item->Data[At] >> 16) + 1;

		if (Length > Words - At)
			return false;
		Visit(Replay, Item->Data + At);
		At += Length;
	}
	return true;
}

static void MarkReadBack(REPLAY *Replay, uint32_t Resource)
{
	for (size_t i = 0; i < Replay->Count; i++) {
		ITEM *Item = &Replay->Items[i];

		if (Item->Chunk->Kind == MvChunkResource && Item->Chunk->Resource == Resource && Item->Recorded &&
			Item->Data[1] != 0) {
			Item->ReadBack = true;
			Replay->LastReadBack = Resource;
		}
	}
}

static void Learn(REPLAY *Replay, uint32_t *Command)
{
	Replay->Commands[Command[0] & 0xff]++;
	MvValidityLearn(&Replay->Validity, Command);
	if ((Command[0] & 0xff) == MV_COMMAND_TRANSFER3D && Command[0] >> 16 >= MV_TRANSFER_DIRECTION &&
		Command[MV_TRANSFER_DIRECTION] == MV_TRANSFER_FROM_HOST)
		MarkReadBack(Replay, Command[MV_TRANSFER_RESOURCE]);
}

/* What is gone is known before the first command is carried out. */
static bool LearnAll(REPLAY *Replay)
{
	for (size_t i = 0; i < Replay->Count; i++) {
		if (Replay->Items[i].Chunk->Kind == MvChunkResource)
			MvSetAdd(&Replay->Validity.Resources, Replay->Items[i].Chunk->Resource);
	}
	for (size_t i = 0; i < Replay->Count; i++) {
		const ITEM *Item = &Replay->Items[i];

		if (Item->Chunk->Kind == MvChunkStream && !ForCommands(Replay, Item, Learn))
			return false;
	}
	return true;
}

static bool MakeResource(ITEM *Item)
{
	struct virgl_renderer_resource_create_args Arguments;

	memcpy(&Arguments, Item->Data, sizeof(Arguments));
	if (virgl_renderer_resource_create(&Arguments, NULL, 0) != 0)
		return false;
	if (Item->ReadBack)
		memset(Item->Backing.iov_base, 0, Item->Backing.iov_len);
	if (Item->Recorded && virgl_renderer_resource_attach_iov((int)Arguments.handle, &Item->Backing, 1) != 0)
		return false;
	virgl_renderer_ctx_attach_resource((int)Item->Chunk->Context, (int)Arguments.handle);
	return true;
}

/* Without what is not valid, in place. */
static bool Submit(REPLAY *Replay, ITEM *Item)
{
	uint32_t Words = Item->Chunk->Size / sizeof(uint32_t), Kept = 0;

	for (uint32_t At = 0; At < Words;) {
		uint32_t Length = (Item->Data[At] >> 16) + 1;

		if (MvValidityKeep(&Replay->Validity, Item->Data + At)) {
			memmove(Item->Data + Kept, Item->Data + At, Length * sizeof(uint32_t));
			Kept += Length;
			Replay->Replayed++;
		} else {
			Replay->Dropped++;
		}
		At += Length;
	}
	Replay->Streams++;
	return Kept == 0 || virgl_renderer_submit_cmd(Item->Data, (int)Item->Chunk->Context, (int)Kept) == 0;
}

static bool ForKind(REPLAY *Replay, MV_CHUNK_KIND Kind)
{
	for (size_t i = 0; i < Replay->Count; i++) {
		ITEM *Item = &Replay->Items[i];
		bool Good = true;

		if (Item->Chunk->Kind != Kind)
			continue;
		if (Kind == MvChunkContext)
			Good = virgl_renderer_context_create(Item->Chunk->Context, 0, NULL) == 0;
		else if (Kind == MvChunkResource)
			Good = MakeResource(Item);
		else
			Good = Submit(Replay, Item);
		if (!Good) {
			fprintf(stderr, "mvisor-replay: item %zu (context %u, resource %u) is refused\n", i,
				Item->Chunk->Context, Item->Chunk->Resource);
			return false;
		}
	}
	return true;
}

/* ---- what came out ---- */

static bool WritePicture(const REPLAY *Replay, const ITEM *Item, const char *Name, const void *Data)
{
	char Path[4096];
	FILE *File;
	bool Good;

	snprintf(Path, sizeof(Path), "%s/%u-%s.raw", Replay->Folder, Item->Chunk->Resource, Name);
	File = fopen(Path, "wb");
	if (!File)
		return false;
	Good = fwrite(Data, 1, Item->Backing.iov_len, File) == Item->Backing.iov_len;
	return fclose(File) == 0 && Good;
}

static bool Show(REPLAY *Replay)
{
	printf("streams %lu commands %lu dropped %lu transfers %lu\n", Replay->Streams,
		Replay->Replayed + Replay->Dropped, Replay->Dropped, Replay->Commands[MV_COMMAND_TRANSFER3D]);
	for (size_t i = 0; i < Replay->Count; i++) {
		const ITEM *Item = &Replay->Items[i];
		size_t Words = Item->Backing.iov_len / sizeof(uint32_t), Different = 0;

		if (!Item->ReadBack)
			continue;
		for (size_t k = 0; k < Words; k++)
			Different += memcmp((const uint32_t *)Item->Backing.iov_base + k,
					     (const uint32_t *)Item->Recorded + k, sizeof(uint32_t)) != 0;
		printf("texture %u width %u height %u words %zu different %zu%s\n", Item->Chunk->Resource,
			Item->Data[WORD_WIDTH], Item->Data[WORD_HEIGHT], Words, Different,
			Item->Chunk->Resource == Replay->LastReadBack ? " last" : "");
		if (Replay->Folder && (!WritePicture(Replay, Item, "recorded", Item->Recorded) ||
					      !WritePicture(Replay, Item, "replayed", Item->Backing.iov_base)))
			return false;
	}
	return true;
}

static void NoFence(void *Cookie, uint32_t Fence)
{
	(void)Cookie;
	(void)Fence;
}

static bool Run(REPLAY *Replay)
{
	static struct virgl_renderer_callbacks Callbacks = {.version = 1, .write_fence = NoFence};

	if (Replay->Commands[MV_COMMAND_COPY_TRANSFER3D]) {
		printf("copy-transfers %lu: Mvisor would not migrate this\n",
			Replay->Commands[MV_COMMAND_COPY_TRANSFER3D]);
		return false;
	}
	if (virgl_renderer_init(Replay, VIRGL_RENDERER_USE_EGL | VIRGL_RENDERER_USE_SURFACELESS, &Callbacks) != 0) {
		fprintf(stderr, "mvisor-replay: virglrenderer does not start\n");
		return false;
	}
	return ForKind(Replay, MvChunkContext) && ForKind(Replay, MvChunkResource) && ForKind(Replay, MvChunkStream) &&
	       Show(Replay);
}

static void Free(REPLAY *Replay)
{
	for (size_t i = 0; i < Replay->Count; i++)
		free(Replay->Items[i].Backing.iov_base);
	MvSetFree(&Replay->Validity.Resources);
	MvSetFree(&Replay->Validity.DeadObjects);
	MvSetFree(&Replay->Validity.DeadSubContexts);
	free(Replay->Items);
	free(Replay->File);
}

int main(int Count, char **Arguments)
{
	REPLAY Replay = {0};
	bool Good;

	if (Count < 2 || Count > 3 || strcmp(Arguments[1], "--help") == 0) {
		fputs(Help, Count == 2 ? stdout : stderr);
		return Count == 2 ? 0 : EXIT_USAGE;
	}
	Replay.Folder = Count == 3 ? Arguments[2] : NULL;
	Good = Load(&Replay, Arguments[1]) && Parse(&Replay) && LearnAll(&Replay);
	if (!Good)
		fprintf(stderr, "mvisor-replay: %s is no recording\n", Arguments[1]);
	else
		Good = Run(&Replay);
	fflush(NULL);
	if (Good)
		_Exit(0); /* the renderer's threads are not waited for */
	Free(&Replay);
	return EXIT_FAILED;
}
