/* SPDX-License-Identifier: MIT */
#include "system.h"

#include <stddef.h>
#include <time.h>

double system_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void system_sleep_until(double seconds)
{
	double rest = seconds - system_seconds();

	if (rest <= 0)
		return;
	const struct timespec time = {.tv_sec = (time_t)rest, .tv_nsec = (long)((rest - (double)(time_t)rest) * 1e9)};
	nanosleep(&time, NULL);
}

struct system_counters *system_counters_open(void)
{
	return NULL;
}

void system_counters_begin(struct system_counters *counters)
{
	(void)counters;
}

void system_counters_end(struct system_counters *counters)
{
	(void)counters;
}

void system_counters_report(const struct system_counters *counters, unsigned frames, struct report *report)
{
	(void)counters;
	(void)frames;
	(void)report;
}

void system_counters_close(struct system_counters *counters)
{
	(void)counters;
}

void system_modules_report(struct report *report)
{
	(void)report;
}
