/* SPDX-License-Identifier: MIT */
#include "rules.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

static const char *const Names[MvRuleCount] = {
	[MvRuleCommonRead] = "common-read",
	[MvRuleCommonWrite] = "common-write",
	[MvRuleQueueDisable] = "queue-disable",
	[MvRuleQueueEnabledTwice] = "queue-enabled-twice",
	[MvRuleQueueMemory] = "queue-memory",
	[MvRuleConfigRead] = "config-read",
	[MvRuleConfigWrite] = "config-write",
	[MvRuleNotify] = "notify",
	[MvRuleCommandSplit] = "command-split",
	[MvRuleResponseSplit] = "response-split",
	[MvRuleSubmitStream] = "submit-stream",
	[MvRuleUnknownCommand] = "unknown-command",
	[MvRuleCapsetIndex] = "capset-index",
	[MvRuleFence] = "fence",
	[MvRuleQueueSelect] = "queue-select",
	[MvRuleDescriptor] = "descriptor",
	[MvRuleMemory] = "memory",
	[MvRuleResetInFlight] = "reset-in-flight",
};

const char *MvRuleName(MV_RULE Rule)
{
	return Names[Rule];
}

static void Print(const char *Kind, const char *Format, va_list Arguments)
{
	char Text[256];

	vsnprintf(Text, sizeof(Text), Format, Arguments);
	fprintf(stderr, "mvisor-device: %s%s\n", Kind, Text);
}

void MvPanic(MV_RULE Rule, const char *Format, ...)
{
	char Kind[64];
	va_list Arguments;

	snprintf(Kind, sizeof(Kind), "panic: %s: ", Names[Rule]);
	va_start(Arguments, Format);
	Print(Kind, Format, Arguments);
	va_end(Arguments);
	fflush(NULL);
	_exit(MV_EXIT_PANIC); /* as a panic ends, at once: the renderer's threads are not waited for */
}

void MvLog(const char *Format, ...)
{
	va_list Arguments;

	va_start(Arguments, Format);
	Print("", Format, Arguments);
	va_end(Arguments);
}
