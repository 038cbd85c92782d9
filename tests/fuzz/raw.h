/* SPDX-License-Identifier: MIT */
/*
 * raw.h - requests as no library makes them: codes, sizes and contents out of the fuzzer's bytes, most of them near to
 * what is right. Ids come from earlier answers, on whichever handle those were.
 */
#ifndef FUZZ_RAW_H
#define FUZZ_RAW_H

#include "../kernel/actor.h"

typedef struct RAW RAW;

RAW *RawCreate(void);
/* One request, or an open, cancel, close. Safe from any thread of host_seeded.c's. */
void RawStep(RAW *Raw, ACTOR_CHOOSE Choose, void *Context);
void RawEnd(RAW *Raw); /* closes; every request must be completed then */

#endif /* FUZZ_RAW_H */
