/* SPDX-License-Identifier: MIT */
/* rules_main.c - every rule of the simulator is broken once and caught. */
#include "rules.h"

#include <stdlib.h>
#include <string.h>

static BOOLEAN Seen[SimRuleCount];

void RulesStart(void)
{
	const SIM_OPTIONS Options = {.RamPath = HarnessRam(), .Seed = 7, .CollectViolations = TRUE};

	assert_int_equal(SimStart(&Options), 0);
	HarnessRamRemove();
}

void RulesStartDriver(void)
{
	HarnessStartFake(SimInterruptsMessage, 200);
	assert_int_equal(SimLoadDriver(TinyDriverEntry, FAKE_VIRTIO_VENDOR, FAKE_VIRTIO_DEVICE), STATUS_SUCCESS);
}

void RulesBroken(SIM_RULE Rule, const char *Name)
{
	SimStop();
	memset(&Tiny, 0, sizeof(Tiny));
	if (SimViolationsOf(Rule) == 0)
		fail_msg("rule %s was broken and not caught", Name);
	Seen[Rule] = TRUE;
}

void RulesMark(SIM_RULE Rule)
{
	Seen[Rule] = TRUE;
}

BOOLEAN RulesSeen(SIM_RULE Rule)
{
	return Seen[Rule];
}

static void EveryRuleHasATest(void **State)
{
	static const char *const Names[] = {
#define NAME(Rule) #Rule,
		SIM_RULES(NAME)};
	int Missing = 0;

	(void)State;
	for (int Rule = 0; Rule < SimRuleCount; Rule++) {
		if (!RulesSeen((SIM_RULE)Rule)) {
			print_error("rule %s has no test\n", Names[Rule]);
			Missing++;
		}
	}
	assert_int_equal(Missing, 0);
}

int main(void)
{
	static const struct CMUnitTest Last = cmocka_unit_test(EveryRuleHasATest);
	size_t Count = NtRuleTestCount + WdfRuleTestCount + ProcessRuleTestCount + DeviceRuleTestCount + 1;
	struct CMUnitTest *Tests = calloc(Count, sizeof(*Tests));
	int Failed;

	if (!Tests)
		return 1;
	memcpy(Tests, NtRuleTests, NtRuleTestCount * sizeof(*Tests));
	memcpy(Tests + NtRuleTestCount, WdfRuleTests, WdfRuleTestCount * sizeof(*Tests));
	memcpy(Tests + NtRuleTestCount + WdfRuleTestCount, ProcessRuleTests, ProcessRuleTestCount * sizeof(*Tests));
	memcpy(Tests + Count - 1 - DeviceRuleTestCount, DeviceRuleTests, DeviceRuleTestCount * sizeof(*Tests));
	Tests[Count - 1] = Last;
	Failed = _cmocka_run_group_tests("simulator rules", Tests, Count, NULL, NULL);
	free(Tests);
	return Failed;
}
