/* SPDX-License-Identifier: MIT */
/* actor_internal.h - shared by the parts of the actors. */
#ifndef ACTOR_INTERNAL_H
#define ACTOR_INTERNAL_H

#include "actor.h"
#include "../../sim/host/host.h"
#include "../../sim/sim.h"
#include "vgpu_ioctl.h"

#define ACTOR_HANDLES 3u
#define ACTOR_CONTEXTS 4u
#define ACTOR_RESOURCES 8u
#define ACTOR_MEMORIES 4u
#define ACTOR_FENCE_PAGES 1u /* of a memory; then the streams, then backing */
#define ACTOR_STREAM_PAGES 2u
#define ACTOR_MEMORY_PAGES 6u
#define ACTOR_PAGE HOST_PAGE_SIZE
#define ACTOR_STREAM_START (ACTOR_FENCE_PAGES * ACTOR_PAGE)
#define ACTOR_STREAM_END (ACTOR_STREAM_START + ACTOR_STREAM_PAGES * ACTOR_PAGE)
#define ACTOR_MEMORY_BYTES (ACTOR_MEMORY_PAGES * ACTOR_PAGE)
#define ACTOR_STREAM_BLOCK 64u /* bytes; each is right or wrong by itself */

/* How a request is meant. */
typedef enum ACTOR_MEANT { ActorMeantAny, ActorMeantRight, ActorMeantWrong } ACTOR_MEANT;

typedef struct ACTOR_REQUEST {
	struct ACTOR_REQUEST *Next; /* in the file's list, until the file is gone */
	ACTOR_WORLD *World;
	struct ACTOR_FILE *File;
	uint8_t *Output;
	bool Cancelled; /* or is about to be */
	ULONG Code;
	ACTOR_MEANT Meant;
	uint32_t Completions;
	NTSTATUS Status;
	volatile uint64_t *Page; /* a wait's fence page, or NULL */
	uint64_t Number; /* what it must say when the wait succeeds */
	union {
		struct vgpu_memory_pin Pin;
		struct vgpu_wait Wait;
	} Input;
} ACTOR_REQUEST;

/* Pinned, or allocated by the driver. What is pinned stays mapped until the file is gone. */
typedef struct ACTOR_MEMORY {
	uint32_t Id; /* 0: free */
	uint8_t *Address; /* NULL: not to be looked at */
	uint32_t FencesUsed;
} ACTOR_MEMORY;

typedef struct ACTOR_CONTEXT {
	uint32_t Id; /* 0: free */
	uint32_t Rings;
	volatile uint64_t *Page; /* of ring 0; NULL: none */
	uint64_t Seen; /* there */
	uint64_t Given; /* the highest number that a call returned */
} ACTOR_CONTEXT;

typedef struct ACTOR_MAPPING {
	struct ACTOR_MAPPING *Next;
	void *Address;
} ACTOR_MAPPING;

/* An open handle. Everything under ACTOR_WORLD.Lock. */
typedef struct ACTOR_FILE {
	SIM_USER_FILE *Handle;
	bool Closing;
	uint32_t Users; /* calls on it, and the world's table */
	ACTOR_CONTEXT Contexts[ACTOR_CONTEXTS];
	uint32_t Resources[ACTOR_RESOURCES];
	ACTOR_MEMORY Memories[ACTOR_MEMORIES];
	uint32_t LastMemoryId;
	ACTOR_REQUEST *Requests;
	ACTOR_MAPPING *Mappings;
} ACTOR_FILE;

struct ACTOR_WORLD {
	ACTOR_OPTIONS Options;
	HOST_LOCK Lock; /* not held while the driver is called */
	HOST_CONDITION Completed;
	ACTOR_FILE *Files[ACTOR_HANDLES];
};

/* Who acts, in one step. */
typedef struct ACTOR {
	ACTOR_WORLD *World;
	ACTOR_CHOOSE Choose;
	void *Context;
	ACTOR_FILE *File; /* in use by this step */
} ACTOR;

_Noreturn void ActorFail(const char *Format, ...) __attribute__((format(printf, 1, 2)));
uint32_t ActorPick(const ACTOR *Actor, uint32_t Limit);
bool ActorOneIn(const ACTOR *Actor, uint32_t Count);

/* A request that cannot stay pending. Input and output are Buffer. The result is judged. */
NTSTATUS ActorCall(
	const ACTOR *Actor, ACTOR_MEANT Meant, ULONG Code, void *Buffer, ULONG InputBytes, ULONG OutputBytes);
/* One that may. */
NTSTATUS ActorSend(const ACTOR *Actor, ACTOR_MEANT Meant, ULONG Code, ACTOR_REQUEST *Request, ULONG InputBytes,
	void *Output, ULONG OutputBytes);
ACTOR_REQUEST *ActorRequest(const ACTOR *Actor); /* new, in the file's list */
/* ACTOR_MEMORY_PAGES zeroed pages of the user's that stay until the file is gone, and behind them one that faults. */
void *ActorPages(const ACTOR *Actor);

void ActorDo(ACTOR *Actor); /* one thing with the file */

#define ACTOR_CALL(Actor, Meant, Code, Structure) \
	ActorCall((Actor), (Meant), (Code), (Structure), sizeof(*(Structure)), sizeof(*(Structure)))
#define ACTOR_TELL(Actor, Meant, Code, Structure) \
	ActorCall((Actor), (Meant), (Code), (Structure), sizeof(*(Structure)), 0)

/* ---- actor_stream.c ---- */
void ActorFillStream(uint8_t *Stream, uint32_t Bytes, uint32_t Tag);

/* ---- actor_objects.c: something the file has, Id 0 if there is nothing at the place that chance chose ---- */
ACTOR_CONTEXT ActorAnyContext(const ACTOR *Actor);
ACTOR_MEMORY ActorAnyMemory(const ACTOR *Actor);
uint32_t ActorAnyResource(const ACTOR *Actor);
uint32_t ActorForeignContext(const ACTOR *Actor); /* of nobody, or of another handle */
ACTOR_MEANT ActorMeantIf(bool Right);
void ActorLookAtPages(ACTOR *Actor); /* fence pages only rise */

/* ---- the steps ---- */
typedef void ACTOR_STEP(ACTOR *Actor);
ACTOR_STEP ActorContextCreate, ActorContextDestroy;
ACTOR_STEP ActorMemoryPin, ActorMemoryAllocate, ActorMemoryRelease;
ACTOR_STEP ActorResourceCreate, ActorResourceCreateBlob, ActorResourceDestroy, ActorResourceAttach, ActorResourceMap;
ACTOR_STEP ActorSubmit, ActorSubmitCopy, ActorTransfer, ActorWait, ActorWaitAndCancel;
ACTOR_STEP ActorCancel, ActorClose;

#endif /* ACTOR_INTERNAL_H */
