/* SPDX-License-Identifier: MIT */
/*
 * commands.h - the commands, carried out by virglrenderer. One renderer a process.
 *
 * A command that fails leaves a line in the log and nothing else: the driver is not told.
 */
#ifndef MV_COMMANDS_H
#define MV_COMMANDS_H

#include "memory.h"
#include "queue.h"

typedef void MV_RETIRED(void *Owner, uint32_t Fence);

typedef struct MV_COMMANDS {
	MV_MEMORY *Memory;
	void *Owner;
	MV_RETIRED *Retired; /* all fences up to a number are done */
	bool ResetWanted;
	struct MV_RECORDS *Records; /* the contexts, and the resources with their backing */
	struct MV_RECORDING *Recording; /* NULL: nothing is recorded */
	uint64_t RefuseAt; /* the stream, counted from 1, with which its context is in error; 0: none */
	uint64_t Streams; /* so far */
	uint32_t RefusedContext; /* 0: none yet */
	uint64_t MapAt, MapSize; /* said of every mapped blob; 0: the truth */
} MV_COMMANDS;

/* Starts the renderer: 0, or what virglrenderer says. */
int MvCommandsStart(MV_COMMANDS *Commands, MV_MEMORY *Memory, MV_RETIRED *Retired, void *Owner);
void MvCommandsStop(MV_COMMANDS *Commands);
/* Whether any of this guest RAM is a resource's backing. */
bool MvCommandsTouch(const MV_COMMANDS *Commands, uint64_t Address, uint64_t Length);
uint32_t MvCommandsCapsets(void);
/* The device was reset; the renderer follows before the next command. */
void MvCommandsReset(MV_COMMANDS *Commands);
/* Carries a command out. The fence that its buffer waits for, 0: none. */
uint64_t MvCommandsRun(MV_COMMANDS *Commands, MV_ELEMENT *Element);
/* Looks for fences that are done. */
void MvCommandsPoll(MV_COMMANDS *Commands);

#endif /* MV_COMMANDS_H */
