/* SPDX-License-Identifier: MIT */
/*
 * Everything that may run out does, once: the scenario with its first, second, ... fault point failing, until there are
 * no more.
 *
 *  test_driver_faults            all of them, a process each
 *  test_driver_faults POINT      one, in this process, for the debugger; 0: none fails
 */
#include "scenario.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOST_FAILURES 20u
#define NO_SUCH_POINT 77 /* no status of a sanitizer's */

/* 0, NO_SUCH_POINT, or what ended the process. */
static int RunApart(uint32_t Point)
{
	pid_t Process;
	int Status;

	fflush(NULL);
	Process = fork();
	if (Process == 0)
		exit(ScenarioRun(Point).Function ? 0 : NO_SUCH_POINT); /* with the sanitizer's look at what is left */
	if (Process < 0 || waitpid(Process, &Status, 0) != Process)
		return -1;
	return WIFEXITED(Status) ? WEXITSTATUS(Status) : -1;
}

int main(int Arguments, char **Argument)
{
	uint32_t Point, Failures = 0;

	if (Arguments > 1) {
		SCENARIO_RESULT Result = ScenarioRun((uint32_t)strtoul(Argument[1], NULL, 0));

		printf("%u points, failed: %s\n", (unsigned)Result.Points, Result.Function ? Result.Function : "none");
		return 0;
	}
	if (RunApart(0) != NO_SUCH_POINT) {
		printf("FAILED: nothing runs out, and yet something is wrong\nreproduce: %s 0\n", Argument[0]);
		return 1;
	}
	for (Point = 1; Failures < MOST_FAILURES; Point++) {
		int Result = RunApart(Point);

		if (Result == NO_SUCH_POINT)
			break;
		if (Result == 0)
			continue;
		printf("FAILED: point %u\nreproduce: %s %u\n", (unsigned)Point, Argument[0], (unsigned)Point);
		Failures++;
	}
	printf("fault points: %u, failures: %u\n", (unsigned)Point - 1, (unsigned)Failures);
	return Failures ? 1 : 0;
}
