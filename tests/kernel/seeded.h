/* SPDX-License-Identifier: MIT */
/* seeded.h - one run of driver, device and programs in which one number decides everything. */
#ifndef SEEDED_H
#define SEEDED_H

#include <stdbool.h>
#include <stdint.h>

typedef struct SEEDED_RESULT {
	uint64_t Hash; /* of every decision */
	uint64_t Steps; /* decisions about who goes on */
	bool Calm; /* the run disturbed nothing */
} SEEDED_RESULT;

/* To standard error: what kind of run it is; every switch of threads, too. */
typedef enum SEEDED_TELL { SeededTellNothing, SeededTellPlan, SeededTellAll } SEEDED_TELL;

/* What is wrong ends the process. */
SEEDED_RESULT SeededRun(uint64_t Seed, SEEDED_TELL Tell);

#endif /* SEEDED_H */
