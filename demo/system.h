/* SPDX-License-Identifier: MIT */
/* system.h - a clock, and what the platform knows about the driver in use. */
#ifndef DEMO_SYSTEM_H
#define DEMO_SYSTEM_H

#include <stdbool.h>
#include "report.h"

double system_seconds(void); /* a steady clock */
void system_sleep_until(double seconds); /* of that clock */

/* The vgpu driver's counters between two moments, of the whole device. */
struct system_counters;
struct system_counters *system_counters_open(void); /* NULL where there is no vgpu driver */
void system_counters_begin(struct system_counters *counters);
void system_counters_end(struct system_counters *counters);
/* Per frame, for that many frames; nothing for NULL. */
void system_counters_report(const struct system_counters *counters, unsigned frames, struct report *report);
void system_counters_close(struct system_counters *counters); /* NULL is allowed */

/* Which files the driver's modules were loaded from; null for those that are not in this process. */
void system_modules_report(struct report *report);

#endif /* DEMO_SYSTEM_H */
