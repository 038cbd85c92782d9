/* SPDX-License-Identifier: MIT */
#include "recording.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rules.h"

#define MAX_PATH 4096

typedef struct ITEM {
	struct ITEM *Next;
	MV_CHUNK Chunk;
	const void *Backing; /* of a resource; Chunk.Size is that of Data */
	uint32_t BackingSize;
	uint32_t Data[];
} ITEM;

struct MV_RECORDING {
	const char *Path;
	ITEM *First; /* in the order in which things came to be */
	ITEM **End;
};

static volatile sig_atomic_t Wanted;

static void Catch(int Signal)
{
	(void)Signal;
	Wanted = 1;
}

MV_RECORDING *MvRecordingOpen(const char *Path)
{
	struct sigaction Action = {.sa_handler = Catch};
	MV_RECORDING *Recording = calloc(1, sizeof(*Recording));
	sigset_t Signals;

	if (!Recording)
		return NULL;
	Recording->Path = Path;
	Recording->End = &Recording->First;
	sigaction(SIGUSR1, &Action, NULL);
	sigemptyset(&Signals);
	sigaddset(&Signals, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &Signals, NULL);
	return Recording;
}

void MvRecordingClose(MV_RECORDING *Recording)
{
	MvRecordReset(Recording);
	free(Recording);
}

static ITEM *Add(MV_RECORDING *Recording, MV_CHUNK_KIND Kind, uint32_t Context, uint32_t Resource, const void *Data,
	uint32_t Size)
{
	ITEM *Item = calloc(1, sizeof(*Item) + Size + sizeof(uint32_t));

	if (!Item)
		abort();
	Item->Chunk = (MV_CHUNK){Kind, Context, Resource, Size};
	if (Size)
		memcpy(Item->Data, Data, Size);
	*Recording->End = Item;
	Recording->End = &Item->Next;
	return Item;
}

static bool IsGone(const ITEM *Item, uint32_t Context, uint32_t Resource)
{
	if (Context && Item->Chunk.Context == Context)
		return true;
	return Resource && Item->Chunk.Resource == Resource;
}

/* Forgets what belongs to a context, or to a resource. */
static void Forget(MV_RECORDING *Recording, uint32_t Context, uint32_t Resource)
{
	ITEM **Link = &Recording->First;

	while (*Link) {
		ITEM *Item = *Link;

		if (IsGone(Item, Context, Resource)) {
			*Link = Item->Next;
			free(Item);
		} else {
			Link = &Item->Next;
		}
	}
	Recording->End = Link;
}

void MvRecordContext(MV_RECORDING *Recording, uint32_t Context)
{
	if (Recording)
		Add(Recording, MvChunkContext, Context, 0, NULL, 0);
}

void MvRecordContextGone(MV_RECORDING *Recording, uint32_t Context)
{
	if (Recording)
		Forget(Recording, Context, 0);
}

void MvRecordResource(MV_RECORDING *Recording, uint32_t Context, const uint32_t Words[MV_RESOURCE_WORDS])
{
	if (Recording)
		Add(Recording, MvChunkResource, Context, Words[0], Words, MV_RESOURCE_WORDS * sizeof(*Words));
}

void MvRecordBacking(MV_RECORDING *Recording, uint32_t Resource, const void *Data, uint32_t Size)
{
	if (!Recording)
		return;
	for (ITEM *Item = Recording->First; Item; Item = Item->Next) {
		if (Item->Chunk.Kind == MvChunkResource && Item->Chunk.Resource == Resource) {
			Item->Backing = Data;
			Item->BackingSize = Data ? Size : 0;
		}
	}
}

void MvRecordResourceGone(MV_RECORDING *Recording, uint32_t Resource)
{
	if (Recording)
		Forget(Recording, 0, Resource);
}

void MvRecordStream(MV_RECORDING *Recording, uint32_t Context, const void *Data, uint32_t Size)
{
	if (Recording)
		Add(Recording, MvChunkStream, Context, 0, Data, Size);
}

void MvRecordReset(MV_RECORDING *Recording)
{
	while (Recording && Recording->First) {
		ITEM *Item = Recording->First;

		Recording->First = Item->Next;
		free(Item);
	}
	if (Recording)
		Recording->End = &Recording->First;
}

/* ---- the file ---- */

static void WriteChunk(FILE *File, const MV_CHUNK *Chunk, const void *Data)
{
	static const uint32_t Padding;

	fwrite(Chunk, sizeof(*Chunk), 1, File);
	fwrite(Data, 1, Chunk->Size, File);
	fwrite(&Padding, 1, -Chunk->Size % sizeof(Padding), File);
}

static void WriteItem(FILE *File, const ITEM *Item)
{
	const MV_CHUNK Backing = {MvChunkBacking, Item->Chunk.Context, Item->Chunk.Resource, Item->BackingSize};

	WriteChunk(File, &Item->Chunk, Item->Data);
	if (Item->Backing)
		WriteChunk(File, &Backing, Item->Backing);
}

/* It appears under its name when it is whole. */
static int Write(const MV_RECORDING *Recording)
{
	char Temporary[MAX_PATH];
	FILE *File;
	int Error;

	if (snprintf(Temporary, sizeof(Temporary), "%s.new", Recording->Path) >= (int)sizeof(Temporary))
		return -1;
	File = fopen(Temporary, "wb");
	if (!File)
		return -1;
	fwrite(MV_RECORDING_MAGIC, strlen(MV_RECORDING_MAGIC), 1, File);
	for (const ITEM *Item = Recording->First; Item; Item = Item->Next)
		WriteItem(File, Item);
	Error = ferror(File);
	if (fclose(File) != 0 || Error)
		return -1;
	return rename(Temporary, Recording->Path);
}

void MvRecordingPoll(MV_RECORDING *Recording)
{
	if (!Recording || !Wanted)
		return;
	Wanted = 0;
	if (Write(Recording) != 0)
		MvLog("%s is not written", Recording->Path);
}
