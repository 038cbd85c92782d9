/* SPDX-License-Identifier: MIT */
/*
 * rules.h - tests that break a rule each. A test starts the simulator, breaks the rule and ends with BROKEN, which
 * stops the simulator and checks the report; the last test of the program checks that no rule was left out.
 */
#ifndef SIM_TEST_RULES_H
#define SIM_TEST_RULES_H

#include "harness.h"
#include "tiny_driver.h"

#define TAG 0x74736554u /* 'Test' */
#define BROKEN(Rule) RulesBroken(SimRule##Rule, #Rule)

void RulesStart(void); /* no device; guest RAM */
void RulesStartDriver(void); /* the tiny driver on the model device */
void RulesBroken(SIM_RULE Rule, const char *Name);
void RulesMark(SIM_RULE Rule); /* shown in another way */
BOOLEAN RulesSeen(SIM_RULE Rule);

extern const struct CMUnitTest NtRuleTests[];
extern const size_t NtRuleTestCount;
extern const struct CMUnitTest WdfRuleTests[];
extern const size_t WdfRuleTestCount;
extern const struct CMUnitTest ProcessRuleTests[];
extern const size_t ProcessRuleTestCount;
extern const struct CMUnitTest DeviceRuleTests[];
extern const size_t DeviceRuleTestCount;

#endif /* SIM_TEST_RULES_H */
