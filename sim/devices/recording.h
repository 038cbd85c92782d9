/* SPDX-License-Identifier: MIT */
/*
 * recording.h - what a migration of the virtual machine takes along: the contexts, the resources with what their
 * backing holds, and every stream of a living context, in order. Kept in memory, written to a file when SIGUSR1 comes.
 *
 * The file is MV_RECORDING_MAGIC, then chunks: MV_CHUNK and Size bytes, padded to 4. All numbers are the machine's own.
 */
#ifndef MV_RECORDING_H
#define MV_RECORDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MV_RECORDING_MAGIC "MVSTREAM"
#define MV_RESOURCE_WORDS 11 /* virglrenderer's arguments: id, target, format, bind, sizes, levels, samples, flags */

typedef enum MV_CHUNK_KIND {
	MvChunkContext = 1, /* no bytes */
	MvChunkResource, /* MV_RESOURCE_WORDS words */
	MvChunkBacking, /* the contents */
	MvChunkStream /* commands */
} MV_CHUNK_KIND;

typedef struct MV_CHUNK {
	uint32_t Kind;
	uint32_t Context;
	uint32_t Resource; /* 0 for contexts and streams */
	uint32_t Size; /* bytes that follow */
} MV_CHUNK;

typedef struct MV_RECORDING MV_RECORDING;

/* Writes to Path when SIGUSR1 comes, which this thread and those that it starts hold back from now on, but for where
 * the thread waits. NULL: no memory. */
MV_RECORDING *MvRecordingOpen(const char *Path);
void MvRecordingClose(MV_RECORDING *Recording);
/* Writes the file if that was asked for. Between commands, when the guest is at rest. */
void MvRecordingPoll(MV_RECORDING *Recording);

/* What happened. Recording may be NULL. Data is copied; a backing is not, and must be there until it is taken away. */
void MvRecordContext(MV_RECORDING *Recording, uint32_t Context);
void MvRecordContextGone(MV_RECORDING *Recording, uint32_t Context);
void MvRecordResource(MV_RECORDING *Recording, uint32_t Context, const uint32_t Words[MV_RESOURCE_WORDS]);
void MvRecordBacking(MV_RECORDING *Recording, uint32_t Resource, const void *Data, uint32_t Size);
void MvRecordResourceGone(MV_RECORDING *Recording, uint32_t Resource);
void MvRecordStream(MV_RECORDING *Recording, uint32_t Context, const void *Data, uint32_t Size);
void MvRecordReset(MV_RECORDING *Recording);

#endif /* MV_RECORDING_H */
