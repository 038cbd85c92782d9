/* SPDX-License-Identifier: MIT */
/*
 * validity.h - which commands of a recorded stream Mvisor replays after a migration, and which it drops because what
 * they name is gone.
 */
#ifndef MV_VALIDITY_H
#define MV_VALIDITY_H

#include <stdbool.h>
#include <stdint.h>

/* virgl's commands that are looked for by name: the low 8 bits of a command's first word */
#define MV_COMMAND_TRANSFER3D 43u
#define MV_COMMAND_COPY_TRANSFER3D 45u
#define MV_COMMANDS_NAMED 256u

#define MV_TRANSFER_RESOURCE 1u /* words of TRANSFER3D */
#define MV_TRANSFER_DIRECTION 13u
#define MV_TRANSFER_FROM_HOST 2u

typedef struct MV_SET {
	uint32_t *Items; /* sorted once it is asked */
	uint32_t Count;
	uint32_t Room;
	bool Sorted;
} MV_SET;

void MvSetAdd(MV_SET *Set, uint32_t Item);
bool MvSetHas(MV_SET *Set, uint32_t Item);
void MvSetFree(MV_SET *Set);

typedef struct MV_VALIDITY {
	MV_SET Resources; /* that exist */
	MV_SET DeadObjects;
	MV_SET DeadSubContexts;
} MV_VALIDITY;

/* Learns from a command what is destroyed in the course of the streams. */
void MvValidityLearn(MV_VALIDITY *Validity, const uint32_t *Command);
/* Whether the command is replayed. May take handles of what is gone out of it. */
bool MvValidityKeep(MV_VALIDITY *Validity, uint32_t *Command);

#endif /* MV_VALIDITY_H */
