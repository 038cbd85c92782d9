/* SPDX-License-Identifier: MIT */
/*
 * host_seeded.h - a machine on which one number decides everything: host_seeded.c instead of host_linux.c.
 *
 * All threads are stacks in one thread of the process, and exactly one runs. Wherever threads can meet (locks,
 * conditions, sleeps, interlocked operations), the next decision says who goes on. The clock is virtual: it rises a
 * little with each decision, and to the next sleeper's time when nobody can run, so that waiting costs nothing.
 */
#ifndef HOST_SEEDED_H
#define HOST_SEEDED_H

#include <stdbool.h>
#include <stdint.h>

typedef struct HOST_SEEDED_OPTIONS {
	uint64_t Seed;
	/* A number below Limit, instead of those that follow from Seed; NULL: none. */
	uint32_t (*Choose)(void *Context, uint32_t Limit);
	void *Context;
	/* A sleeper that is due within this time may wake though others can run, as if they had been slow. */
	uint64_t MostJumpNs;
	uint64_t MostSteps; /* decisions after which the run counts as hung; 0: 50 million */
	uint64_t MostNs; /* virtual time, the same; 0: an hour */
	bool Trace; /* every switch of threads to standard error */
} HOST_SEEDED_OPTIONS;

/* From here on other threads may be created; before, and after the stop, the caller is alone. */
void HostSeededStart(const HOST_SEEDED_OPTIONS *Options);
/* Another run on the same machine: decisions and their limits begin anew, threads and time go on. */
void HostSeededAgain(const HOST_SEEDED_OPTIONS *Options);
/* Every thread has ended and was joined. A hash of all decisions and switches: equal if two runs were. */
uint64_t HostSeededStop(void);

/* A decision of the run, for whatever else is left to chance. */
uint32_t HostSeededChoose(uint32_t Limit);
/* As HostSeededChoose(Count) == 0, for what is seldom. */
bool HostSeededOneIn(uint32_t Count);
uint64_t HostSeededSteps(void);

#endif /* HOST_SEEDED_H */
