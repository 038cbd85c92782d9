/* SPDX-License-Identifier: MIT */
/*
 * rules.h - what ends a virtual machine under Mvisor, and so ends this model: one line with the rule's name on stderr
 * and exit status MV_EXIT_PANIC.
 */
#ifndef MV_RULES_H
#define MV_RULES_H

#define MV_EXIT_PANIC 70

typedef enum MV_RULE {
	/* What the host checks, and stops at. */
	MvRuleCommonRead, /* a common register that cannot be read, or not at its start */
	MvRuleCommonWrite, /* past the common registers */
	MvRuleQueueDisable, /* queue_enable written with anything but 1 */
	MvRuleQueueEnabledTwice,
	MvRuleQueueMemory, /* a ring that is not in RAM */
	MvRuleConfigRead, /* past the 22 bytes of device configuration */
	MvRuleConfigWrite, /* device configuration is not writable */
	MvRuleNotify, /* a doorbell of no queue */
	MvRuleCommandSplit, /* a command in more than one descriptor, or shorter than it has to be */
	MvRuleResponseSplit, /* the same of a response, or no room for one */
	MvRuleSubmitStream, /* not exactly one descriptor with the stream */
	MvRuleUnknownCommand,
	MvRuleCapsetIndex,
	MvRuleFence, /* a fence for a context that does not exist */
	/* What the host does not check, and dies or goes wild of. */
	MvRuleQueueSelect, /* no such queue */
	MvRuleDescriptor, /* no such descriptor, a loop, a list that is not in RAM */
	MvRuleMemory, /* a buffer or backing that is not in RAM */
	MvRuleResetInFlight, /* a fence that retires after a reset */
	MvRuleCount
} MV_RULE;

const char *MvRuleName(MV_RULE Rule);
_Noreturn void MvPanic(MV_RULE Rule, const char *Format, ...) __attribute__((format(printf, 2, 3)));
/* A line in the host's log. Mvisor tells the guest nothing of a command that fails. */
void MvLog(const char *Format, ...) __attribute__((format(printf, 1, 2)));

#endif /* MV_RULES_H */
