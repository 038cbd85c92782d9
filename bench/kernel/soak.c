/* SPDX-License-Identifier: MIT */
/*
 * kernel-soak - millions of requests, and memory that does not grow.
 *
 * Submits with fences, and resources that are made and destroyed, in rounds. What the driver has of pool and what the
 * process has of memory must be the same after the first round and after the last.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "machine.h"

#define ROUNDS 20u
#define BURST 64u
#define LIVE 512u /* resources at a time */
#define CONTEXTS 4u
#define RESIDENT_SLACK (4u << 20) /* what the C library's heap may move about */
#define RESIDENT_PER_ID 64u /* the model device keeps an entry for each id, and ids are not used again */

static uint32_t Contexts[CONTEXTS];

static uint64_t Resident(void)
{
	unsigned long Total, Pages = 0;
	FILE *File = fopen("/proc/self/statm", "r");

	if (!File || fscanf(File, "%lu %lu", &Total, &Pages) != 2)
		Pages = 0;
	if (File)
		fclose(File);
	return (uint64_t)Pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static void Submit(uint64_t Count)
{
	for (uint64_t i = 0; i < Count; i += BURST) {
		uint32_t Context = Contexts[i / BURST % CONTEXTS];
		uint64_t Number = 0;

		for (uint32_t k = 0; k < BURST; k++)
			Number = MachineSubmit(Context);
		MachineWait(Context, Number);
	}
}

static void CreateAndDestroy(uint64_t Count)
{
	uint32_t Live[LIVE];

	for (uint64_t i = 0; i < Count; i += LIVE) {
		for (uint32_t k = 0; k < LIVE; k++)
			Live[k] = MachineResource(Contexts[k % CONTEXTS]);
		for (uint32_t k = 0; k < LIVE; k++)
			MachineResourceDestroy(Live[(k * 7 + 3) % LIVE]);
	}
	MachineWait(Contexts[0], MachineSubmit(Contexts[0]));
}

static uint64_t Number(const char *Text)
{
	char *End;
	uint64_t Value;

	errno = 0;
	Value = strtoull(Text, &End, 10);
	if (errno || *End || End == Text || *Text == '-') {
		fprintf(stderr, "kernel-soak: not a number: %s\n", Text);
		exit(2);
	}
	return Value;
}

int main(int Argc, char **Argv)
{
	uint64_t Submits, Resources, Pool = 0, Memory = 0;
	time_t Start = time(NULL);

	if (Argc != 3) {
		fprintf(stderr, "usage: kernel-soak SUBMITS RESOURCES\n");
		return 2;
	}
	Submits = Number(Argv[1]);
	Resources = Number(Argv[2]);
	MachineStart();
	for (uint32_t i = 0; i < CONTEXTS; i++)
		Contexts[i] = MachineContext();
	for (uint32_t Round = 0; Round < ROUNDS; Round++) {
		Submit(Submits / ROUNDS);
		CreateAndDestroy(Resources / ROUNDS);
		if (Round == 0) {
			Pool = MachinePoolBytes();
			Memory = Resident();
		}
		fprintf(stderr, "round %2u of %u: %llu bytes of pool, %llu KiB resident, %lld s\n", Round + 1, ROUNDS,
			(unsigned long long)MachinePoolBytes(), (unsigned long long)Resident() / 1024,
			(long long)(time(NULL) - Start));
	}
	if (MachinePoolBytes() != Pool || Resident() > Memory + RESIDENT_SLACK + RESIDENT_PER_ID * Resources) {
		fprintf(stderr, "kernel-soak: memory has grown since the first round\n");
		return 1;
	}
	printf("%llu submits, %llu resources made and destroyed: pool %llu bytes, constant\n",
		(unsigned long long)MachineStatistics().submits,
		(unsigned long long)(Resources / ROUNDS / LIVE * LIVE * ROUNDS), (unsigned long long)Pool);
	MachineStop();
	return 0;
}
