/* SPDX-License-Identifier: MIT */
/*
 * kernel-bench - what the driver costs: nanoseconds of its own code per request, pool per object, doorbells and
 * interrupts.
 *
 * The driver runs on the simulator's model device, which answers at once. Only time inside the driver's library counts:
 * the simulator's is not Windows'. The report goes to the standard output as JSON.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "machine.h"
#include "sampler.h"

#define DRIVER "vgpu_bench_driver"
#define SECONDS 4.0 /* for each figure that is a time */
#define BURST 16u /* submits between two waits, as a frame of several flushes makes */
#define CREATES 2000u
#define SIGNALS 20000u
#define HELD 32u
#define ROUNDS 5u

static uint32_t Contexts[MACHINE_MAX_CONTEXTS];
static uint32_t ContextCount;

static uint64_t Now(void)
{
	struct timespec Time;

	clock_gettime(CLOCK_MONOTONIC, &Time);
	return (uint64_t)Time.tv_sec * 1000000000u + (uint64_t)Time.tv_nsec;
}

/* Does something over and over; the driver's nanoseconds for each of the things that one step does. */
static double Measure(void (*Step)(void), uint32_t Things, double Seconds)
{
	uint64_t End = Now() + (uint64_t)(Seconds * 1e9);
	uint64_t Steps = 0;

	SamplerStart(DRIVER);
	do {
		Step();
		Steps++;
	} while (Now() < End);
	return SamplerStop() / (double)(Steps * Things);
}

static void SubmitStep(void)
{
	static uint32_t Turn;
	uint32_t Context = 0;
	uint64_t Number = 0;

	for (uint32_t i = 0; i < BURST; i++) {
		Context = Contexts[Turn++ % ContextCount];
		Number = MachineSubmit(Context);
	}
	MachineWait(Context, Number);
}

static void WaitStep(void)
{
	for (uint32_t i = 0; i < BURST; i++)
		MachineWait(Contexts[0], 1); /* long complete */
}

static void SubmitAndWaitStep(void)
{
	MachineWait(Contexts[0], MachineSubmit(Contexts[0]));
}

static void CreateStep(void)
{
	static uint32_t Created[CREATES];

	for (uint32_t i = 0; i < CREATES; i++)
		Created[i] = MachineResource(Contexts[0]);
	for (uint32_t i = 0; i < CREATES; i++)
		MachineResourceDestroy(Created[i]);
	MachineWait(Contexts[0], MachineSubmit(Contexts[0]));
}

static void Figure(const char *Name, double Value)
{
	static const char *Separator = "{";

	printf("%s\n  \"%s\": %.1f", Separator, Name, Value);
	fflush(stdout);
	Separator = ",";
}

static void ResizeContexts(uint32_t Count)
{
	while (ContextCount < Count)
		Contexts[ContextCount++] = MachineContext();
	while (ContextCount > Count)
		MachineContextDestroy(Contexts[--ContextCount]);
	MachineWait(Contexts[0], MachineSubmit(Contexts[0]));
}

static int Compare(const void *A, const void *B)
{
	double Left = *(const double *)A, Right = *(const double *)B;

	return (Left > Right) - (Left < Right);
}

static double Median(double *Values)
{
	qsort(Values, ROUNDS, sizeof(*Values), Compare);
	return Values[ROUNDS / 2];
}

/* The numbers of contexts take turns, so that what else the machine does meanwhile meets all of them. */
static void MeasureContexts(void)
{
	static const struct {
		uint32_t Count;
		const char *Submit;
	} Steps[] = {{1, "submit_ns"}, {8, "submit_ns_8_contexts"}, {MACHINE_MAX_CONTEXTS, "submit_ns_64_contexts"}};
	enum { STEPS = sizeof(Steps) / sizeof(Steps[0]) };
	double Submit[STEPS][ROUNDS];
	uint64_t Before;

	_Static_assert(MACHINE_MAX_CONTEXTS == 64, "a name in Steps says so");
	ResizeContexts(1);
	Figure("wait_ns", Measure(WaitStep, BURST, SECONDS));
	Figure("submit_and_blocked_wait_ns", Measure(SubmitAndWaitStep, 1, SECONDS));
	Before = MachinePoolBytes();
	for (unsigned Round = 0; Round < ROUNDS; Round++) {
		for (unsigned i = 0; i < STEPS; i++) {
			ResizeContexts(Steps[i].Count);
			Submit[i][Round] = Measure(SubmitStep, BURST, SECONDS / 4.0);
		}
	}
	for (unsigned i = 0; i < STEPS; i++)
		Figure(Steps[i].Submit, Median(Submit[i]));
	Figure("pool_bytes_per_context", (double)(MachinePoolBytes() - Before) / (ContextCount - 1));
	ResizeContexts(1);
}

static uint32_t *Resources;
static uint32_t ResourceCount;

static void ResizeResources(uint32_t Count)
{
	while (ResourceCount < Count)
		Resources[ResourceCount++] = MachineResource(Contexts[0]);
	while (ResourceCount > Count)
		MachineResourceDestroy(Resources[--ResourceCount]);
	MachineWait(Contexts[0], MachineSubmit(Contexts[0]));
}

/* As above. */
static void MeasureResources(void)
{
	static const struct {
		uint32_t Count;
		const char *Create, *Submit;
	} Steps[] = {{10, "create_destroy_ns_10_resources", "submit_ns_10_resources"},
		{10000, "create_destroy_ns_10k_resources", "submit_ns_10k_resources"},
		{100000, "create_destroy_ns_100k_resources", "submit_ns_100k_resources"}};
	enum { STEPS = sizeof(Steps) / sizeof(Steps[0]) };
	double Create[STEPS][ROUNDS], Submit[STEPS][ROUNDS];
	uint64_t Before = MachinePoolBytes();

	Resources = calloc(Steps[STEPS - 1].Count, sizeof(*Resources));
	for (unsigned Round = 0; Round < ROUNDS; Round++) {
		for (unsigned i = 0; i < STEPS; i++) {
			ResizeResources(Steps[i].Count);
			Create[i][Round] = Measure(CreateStep, CREATES, SECONDS / 4.0);
			Submit[i][Round] = Measure(SubmitStep, BURST, SECONDS / 4.0);
		}
	}
	for (unsigned i = 0; i < STEPS; i++) {
		Figure(Steps[i].Create, Median(Create[i]));
		Figure(Steps[i].Submit, Median(Submit[i]));
	}
	Figure("pool_bytes_per_resource", (double)(MachinePoolBytes() - Before) / ResourceCount);
	ResizeResources(0);
	free(Resources);
}

/* A device that is busy takes notice of new commands by itself. */
static void MeasureSignals(void)
{
	struct vgpu_statistics Before = MachineStatistics(), After;
	uint64_t Number = 0;

	for (uint32_t i = 0; i < SIGNALS; i++)
		MachineWait(Contexts[0], MachineSubmit(Contexts[0]));
	After = MachineStatistics();
	Figure("doorbells_per_submit", (double)(After.doorbells - Before.doorbells) / SIGNALS);
	Figure("interrupts_per_100_submits", 100.0 * (double)(After.interrupts - Before.interrupts) / SIGNALS);

	Before = After;
	for (uint32_t i = 0; i < 100; i++) {
		MachineHold(true);
		for (uint32_t k = 0; k < HELD; k++)
			Number = MachineSubmit(Contexts[0]);
		MachineHold(false);
		MachineWait(Contexts[0], Number);
	}
	After = MachineStatistics();
	Figure("doorbells_per_submit_busy", (double)(After.doorbells - Before.doorbells) / (100 * HELD));
	Figure("interrupts_per_100_submits_busy",
		100.0 * (double)(After.interrupts - Before.interrupts) / (100 * HELD));
}

int main(int Argc, char **Argv)
{
	if (Argc > 1) {
		int Help = strcmp(Argv[1], "--help") == 0;

		fprintf(Help ? stdout : stderr, "usage: kernel-bench > report.json\n");
		return Help ? 0 : 2;
	}
	MachineStart();
	MeasureContexts();
	MeasureSignals();
	MeasureResources();
	printf("\n}\n");
	MachineStop();
	return 0;
}
