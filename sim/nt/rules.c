/* SPDX-License-Identifier: MIT */
/* rules.c - reports of broken rules. */
#include "rules.h"

#include <stdio.h>

#include "../host/host.h"
#include "thread.h"

static const char *const RuleNames[SimRuleCount] = {
#define SIM_RULE_NAME(Name) #Name,
	SIM_RULES(SIM_RULE_NAME)
#undef SIM_RULE_NAME
};

static LONG Counts[SimRuleCount];
static BOOLEAN Collecting;

void SimRulesReset(BOOLEAN Collect)
{
	memset(Counts, 0, sizeof(Counts));
	Collecting = Collect;
}

ULONG SimViolationsOf(SIM_RULE Rule)
{
	return (ULONG)__atomic_load_n(&Counts[Rule], __ATOMIC_RELAXED);
}

ULONG SimViolations(void)
{
	ULONG Total = 0;

	for (int Rule = 0; Rule < SimRuleCount; Rule++)
		Total += SimViolationsOf((SIM_RULE)Rule);
	return Total;
}

void SimLog(const char *Format, ...)
{
	char Line[512];
	va_list Arguments;

	va_start(Arguments, Format);
	vsnprintf(Line, sizeof(Line), Format, Arguments);
	va_end(Arguments);
	HostLog(Line);
}

void SimViolation(SIM_RULE Rule, const char *Format, ...)
{
	char Text[384];
	va_list Arguments;

	InterlockedIncrement(&Counts[Rule]);
	va_start(Arguments, Format);
	vsnprintf(Text, sizeof(Text), Format, Arguments);
	va_end(Arguments);
	SimLog("sim: rule broken: %s: %s (thread %llu, IRQL %u)", RuleNames[Rule], Text,
		(unsigned long long)HostThreadId(), SimThread()->Irql);
	if (!Collecting)
		HostAbort();
}
