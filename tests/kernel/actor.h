/* SPDX-License-Identifier: MIT */
/*
 * actor.h - user programs that do anything: right and wrong requests in any order, on several handles and from several
 * threads. Every decision is asked of the caller, who takes it from a seed or from a fuzzer's bytes.
 *
 * The simulator runs and the driver is loaded. What an actor finds wrong ends the process with a line that says what.
 */
#ifndef ACTOR_H
#define ACTOR_H

#include <stdbool.h>
#include <stdint.h>

/* A number below Limit, which is not 0. */
typedef uint32_t (*ACTOR_CHOOSE)(void *Context, uint32_t Limit);

/* What all actors share: handles and what was made through them. Safe from any thread. */
typedef struct ACTOR_WORLD ACTOR_WORLD;

typedef struct ACTOR_OPTIONS {
	/* Requests are right, or wrong in a known way, and answers are checked: what is wrong must fail, fences only
	 * rise, streams reach the device as they are (ActorStreamRight). Else requests are changed at random, too. */
	bool Strict;
	/* With Strict: nothing disturbs device, power or memory, so what is right may fail only because another thread
	 * took away what it names. */
	bool Calm;
	/* The device takes the kernel's memory only: there are no pins, streams in place are zeroes, and nobody looks
	 * at memory, which goes away when any thread releases it. */
	bool KernelMemory;
} ACTOR_OPTIONS;

ACTOR_WORLD *ActorWorldCreate(const ACTOR_OPTIONS *Options);
/* Closes every handle; each request must be completed then, exactly once. No thread is in ActorStep. */
void ActorWorldEnd(ACTOR_WORLD *World);

/* One thing that a user program may do. Returns when the call has returned; a pending request may be left. */
void ActorStep(ACTOR_WORLD *World, ACTOR_CHOOSE Choose, void *Context);

/* The calling thread ends, and cancels its requests. */
void ActorThreadEnd(ACTOR_WORLD *World);

/* Whether these bytes are a stream of a strict actor, unchanged. */
bool ActorStreamRight(const void *Stream, uint32_t Bytes);

#endif /* ACTOR_H */
