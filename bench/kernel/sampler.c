/* SPDX-License-Identifier: MIT */
#include "sampler.h"

#include <dirent.h>
#include <link.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <ucontext.h>

#define PERIOD_NS 500000 /* more often, and the interruptions themselves show */
#define MAX_THREADS 32

typedef struct RANGE {
	const char *Library;
	uintptr_t Start;
	uintptr_t End;
} RANGE;

static RANGE Code; /* constant while a timer runs */
static timer_t Timers[MAX_THREADS];
static unsigned TimerCount;
static volatile uint64_t Hits;

static _Noreturn void Fail(const char *What)
{
	perror(What);
	exit(2);
}

/* A thread that was kept waiting for its turn to run has one sample, however many fell due meanwhile. */
static void Sample(int Signal, siginfo_t *Information, void *Context)
{
	uintptr_t At = (uintptr_t)((ucontext_t *)Context)->uc_mcontext.gregs[REG_RIP];

	(void)Signal;
	(void)Information;
	if (At >= Code.Start && At < Code.End)
		__atomic_fetch_add(&Hits, 1, __ATOMIC_RELAXED);
}

static int FindCode(struct dl_phdr_info *Module, size_t Size, void *Context)
{
	RANGE *Range = Context;

	(void)Size;
	if (!strstr(Module->dlpi_name, Range->Library))
		return 0;
	for (int i = 0; i < Module->dlpi_phnum; i++) {
		const ElfW(Phdr) *Part = &Module->dlpi_phdr[i];

		if (Part->p_type == PT_LOAD && Part->p_flags & PF_X) {
			Range->Start = Module->dlpi_addr + Part->p_vaddr;
			Range->End = Range->Start + Part->p_memsz;
		}
	}
	return 1;
}

static void Arm(pid_t Thread)
{
	const struct itimerspec Period = {.it_interval.tv_nsec = PERIOD_NS, .it_value.tv_nsec = PERIOD_NS};
	struct sigevent Event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGPROF};

	Event._sigev_un._tid = Thread;
	if (timer_create(CLOCK_MONOTONIC, &Event, &Timers[TimerCount]) ||
		timer_settime(Timers[TimerCount], 0, &Period, NULL))
		Fail("sampler: timer");
	TimerCount++;
}

void SamplerStart(const char *Library)
{
	struct sigaction Action = {.sa_sigaction = Sample, .sa_flags = SA_SIGINFO | SA_RESTART};
	DIR *Tasks;

	Code = (RANGE){.Library = Library};
	dl_iterate_phdr(FindCode, &Code);
	if (!Code.End) {
		fprintf(stderr, "sampler: %s is not loaded\n", Library);
		exit(2);
	}
	Hits = 0;
	TimerCount = 0;
	if (sigaction(SIGPROF, &Action, NULL))
		Fail("sampler: sigaction");
	Tasks = opendir("/proc/self/task");
	if (!Tasks)
		Fail("sampler: /proc/self/task");
	for (struct dirent *Task; (Task = readdir(Tasks)) && TimerCount < MAX_THREADS;)
		if (Task->d_name[0] != '.')
			Arm((pid_t)atoi(Task->d_name));
	closedir(Tasks);
}

double SamplerStop(void)
{
	for (unsigned i = 0; i < TimerCount; i++)
		timer_delete(Timers[i]);
	return (double)Hits * PERIOD_NS;
}
