/* SPDX-License-Identifier: MIT */
/*
 * scenario.h - a program that uses every control code, on a device that starts, sleeps, wakes, hangs, is reset and is
 * pulled out, while exactly one thing runs out: for runs that let each of them.
 */
#ifndef SCENARIO_H
#define SCENARIO_H

#include <stdint.h>

typedef struct SCENARIO_RESULT {
	uint32_t Points; /* calls that might have failed */
	const char *Function; /* that failed; NULL: none did */
} SCENARIO_RESULT;

/* Lets the call number FailAt fail, counted from 1; 0: none. Whatever depends on it fails, and nothing else; the same
 * request made again succeeds. What is wrong ends the process. */
SCENARIO_RESULT ScenarioRun(uint32_t FailAt);

#endif /* SCENARIO_H */
