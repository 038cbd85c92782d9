/* SPDX-License-Identifier: MIT */
/*
 * Runs of driver, device and programs that one number each decides (seeded.h).
 *
 *  test_driver_seeded                       the first 10000
 *  test_driver_seeded FIRST COUNT           others
 *  test_driver_seeded --seed N [--trace]    one, in this process, for the debugger
 *
 * Each process does a batch of runs, one after the other; a run that fails ends its process, and is named.
 */
#define _GNU_SOURCE
#include "seeded.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define FIRST 1u
#define COUNT 10000u
#define BATCH 100u
#define MOST_JOBS 16u
#define MOST_FAILURES 5u
#define REPEATED 40u /* runs that are made twice */

/* Shared with the children. */
typedef struct SLOT {
	pid_t Process; /* 0: free */
	uint64_t Seed; /* of the run in progress */
	uint64_t End;
} SLOT;
static struct SHARED {
	SLOT Slots[MOST_JOBS];
	uint64_t Runs, Steps, Calm;
	uint64_t Hashes[REPEATED];
} * Shared;

static void Batch(SLOT *Slot, uint64_t First, uint64_t End)
{
	for (Slot->Seed = First; Slot->Seed < End; Slot->Seed++) {
		SEEDED_RESULT Result = SeededRun(Slot->Seed, SeededTellNothing);

		__atomic_fetch_add(&Shared->Runs, 1, __ATOMIC_RELAXED);
		__atomic_fetch_add(&Shared->Steps, Result.Steps, __ATOMIC_RELAXED);
		__atomic_fetch_add(&Shared->Calm, Result.Calm, __ATOMIC_RELAXED);
	}
}

static void StartBatch(SLOT *Slot, uint64_t First, uint64_t End)
{
	pid_t Process;

	fflush(NULL);
	Slot->Seed = First;
	Slot->End = End;
	Process = fork();
	if (Process != 0) {
		Slot->Process = Process;
		return;
	}
	Batch(Slot, First, End);
	exit(0); /* with the sanitizer's look at what is still allocated */
}

static SLOT *Await(int *Status)
{
	pid_t Process = wait(Status);

	for (unsigned i = 0; i < MOST_JOBS; i++) {
		if (Shared->Slots[i].Process == Process)
			return &Shared->Slots[i];
	}
	return NULL;
}

static void Report(const char *Program, const SLOT *Slot, int Status)
{
	if (Slot->Seed == Slot->End)
		printf("FAILED: after run %llu, status %#x: something is left; look at the runs of this batch one by "
		       "one\n",
			(unsigned long long)Slot->Seed - 1, (unsigned)Status);
	else
		printf("FAILED: run %llu, status %#x\nreproduce: %s --seed %llu\n", (unsigned long long)Slot->Seed,
			(unsigned)Status, Program, (unsigned long long)Slot->Seed);
}

/* The number of failures. */
static unsigned RunAll(const char *Program, uint64_t First, uint64_t Count, unsigned Jobs)
{
	uint64_t Next = First, End = First + Count;
	unsigned Failures = 0, Busy = 0;

	for (;;) {
		int Status;
		SLOT *Slot = Shared->Slots;

		while (Busy < Jobs && Next < End && Failures < MOST_FAILURES) {
			for (Slot = Shared->Slots; Slot->Process; Slot++)
				continue;
			StartBatch(Slot, Next, Next + BATCH < End ? Next + BATCH : End);
			Next = Slot->End;
			Busy++;
		}
		if (Busy == 0)
			return Failures;
		Slot = Await(&Status);
		if (!Slot)
			continue;
		Busy--;
		Slot->Process = 0;
		if (Status == 0)
			continue;
		Report(Program, Slot, Status);
		Failures++;
		if (Slot->Seed + 1 < Slot->End && Failures < MOST_FAILURES) { /* what the process had left to do */
			StartBatch(Slot, Slot->Seed + 1, Slot->End);
			Busy++;
		}
	}
}

/* The same number twice, in other company: the same run. */
static unsigned RunTwice(uint64_t First)
{
	unsigned Failures = 0;
	int Status;
	pid_t Process;

	for (unsigned i = 0; i < REPEATED; i++)
		Shared->Hashes[i] = 0;
	fflush(NULL);
	Process = fork();
	if (Process == 0) {
		for (unsigned i = 0; i < REPEATED; i++)
			Shared->Hashes[i] = SeededRun(First + i, SeededTellNothing).Hash;
		exit(0);
	}
	waitpid(Process, &Status, 0);
	Process = fork();
	if (Process == 0) {
		for (unsigned i = REPEATED; i-- > 0;) {
			if (Shared->Hashes[i] == SeededRun(First + i, SeededTellNothing).Hash)
				continue;
			printf("FAILED: run %llu is not the same twice\n", (unsigned long long)First + i);
			fflush(stdout);
			Failures++;
		}
		exit(Failures ? 1 : 0);
	}
	waitpid(Process, &Status, 0);
	return Status != 0;
}

int main(int Arguments, char **Argument)
{
	uint64_t First = FIRST, Count = COUNT;
	long Cores = sysconf(_SC_NPROCESSORS_ONLN);
	unsigned Jobs = Cores < 1 ? 1 : Cores > (long)MOST_JOBS ? MOST_JOBS : (unsigned)Cores;
	struct timespec Before, After;
	unsigned Failures;

	if (Arguments >= 3 && strcmp(Argument[1], "--seed") == 0) {
		SEEDED_RESULT Result =
			SeededRun(strtoull(Argument[2], NULL, 0), Arguments > 3 ? SeededTellAll : SeededTellPlan);

		printf("%llu decisions, hash %016llx\n", (unsigned long long)Result.Steps,
			(unsigned long long)Result.Hash);
		return 0;
	}
	if (Arguments >= 3) {
		First = strtoull(Argument[1], NULL, 0);
		Count = strtoull(Argument[2], NULL, 0);
	}
	Shared = mmap(NULL, sizeof(*Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (Shared == MAP_FAILED)
		return 1;
	clock_gettime(CLOCK_MONOTONIC, &Before);
	Failures = RunAll(Argument[0], First, Count, Jobs);
	clock_gettime(CLOCK_MONOTONIC, &After);
	printf("seeded runs: %llu (%llu of them calm), %llu decisions, %ld s\n", (unsigned long long)Shared->Runs,
		(unsigned long long)Shared->Calm, (unsigned long long)Shared->Steps,
		(long)(After.tv_sec - Before.tv_sec));
	Failures += RunTwice(First);
	return Failures ? 1 : 0;
}
