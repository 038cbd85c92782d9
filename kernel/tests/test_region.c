/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "region.h"

#define PAGE ((ULONG64)VGPU_PAGE_BYTES)
#define MANY 64u

static void Start(ULONG64 Pages, REGION *Region)
{
	RegionInit(Region);
	RegionResize(Region, Pages * PAGE + 5); /* what is no whole page does not count */
}

static void FirstFit(void **State)
{
	REGION_RANGE Ranges[4] = {{.Bytes = 0}}, More = {.Bytes = 0};
	REGION Region;

	(void)State;
	Start(16, &Region);
	for (unsigned i = 0; i < 4; i++) {
		assert_true(RegionTake(&Region, &Ranges[i], 4 * PAGE));
		assert_int_equal(Ranges[i].Offset, 4 * i * PAGE);
	}
	assert_false(RegionTake(&Region, &More, PAGE));
	RegionGive(&Ranges[2]);
	RegionGive(&Ranges[0]);
	RegionGive(&Ranges[0]);
	assert_false(RegionTake(&Region, &More, 5 * PAGE));
	assert_true(RegionTake(&Region, &More, 3 * PAGE));
	assert_int_equal(More.Offset, 0);
	assert_true(RegionTake(&Region, &Ranges[0], 2 * PAGE));
	assert_int_equal(Ranges[0].Offset, 8 * PAGE);
	RegionGive(&Ranges[1]);
	assert_true(RegionTake(&Region, &Ranges[1], 5 * PAGE));
	assert_int_equal(Ranges[1].Offset, 3 * PAGE);
}

static void AtAPlace(void **State)
{
	REGION_RANGE One = {.Bytes = 0}, Two = {.Bytes = 0}, Three = {.Bytes = 0};
	REGION Region;

	(void)State;
	Start(16, &Region);
	assert_false(RegionTakeAt(&Region, &One, 1, PAGE));
	assert_false(RegionTakeAt(&Region, &One, 0, 100));
	assert_false(RegionTakeAt(&Region, &One, 0, 0));
	assert_false(RegionTakeAt(&Region, &One, 0, 17 * PAGE));
	assert_false(RegionTakeAt(&Region, &One, 16 * PAGE, PAGE));
	assert_false(RegionTakeAt(&Region, &One, 0 - PAGE, 2 * PAGE));
	assert_false(RegionTakeAt(&Region, &One, PAGE, 0 - PAGE));
	assert_true(RegionTakeAt(&Region, &One, 4 * PAGE, 4 * PAGE));
	assert_false(RegionTakeAt(&Region, &Two, 4 * PAGE, 4 * PAGE));
	assert_false(RegionTakeAt(&Region, &Two, 3 * PAGE, 2 * PAGE));
	assert_false(RegionTakeAt(&Region, &Two, 7 * PAGE, 2 * PAGE));
	assert_false(RegionTakeAt(&Region, &Two, 5 * PAGE, PAGE));
	assert_false(RegionTakeAt(&Region, &Two, 0, 16 * PAGE));
	assert_true(RegionTakeAt(&Region, &Two, 8 * PAGE, 8 * PAGE));
	assert_true(RegionTakeAt(&Region, &Three, 3 * PAGE, PAGE));
}

static void Shrinks(void **State)
{
	REGION_RANGE One = {.Bytes = 0}, Two = {.Bytes = 0};
	REGION Region;

	(void)State;
	Start(16, &Region);
	assert_true(RegionTakeAt(&Region, &One, 12 * PAGE, 4 * PAGE));
	RegionResize(&Region, 4 * PAGE);
	assert_true(RegionTake(&Region, &Two, 4 * PAGE));
	RegionGive(&Two);
	assert_false(RegionTake(&Region, &Two, 5 * PAGE));
	RegionResize(&Region, 0);
	assert_false(RegionTake(&Region, &Two, PAGE));
	RegionGive(&One);
	assert_false(RegionTake(&Region, &Two, PAGE));
}

static void AssertDisjoint(const REGION_RANGE *Ranges, ULONG64 Pages)
{
	for (unsigned i = 0; i < MANY; i++) {
		if (!Ranges[i].Link.Flink)
			continue;
		assert_true(Ranges[i].Offset + Ranges[i].Bytes <= Pages * PAGE);
		for (unsigned j = 0; j < i; j++)
			assert_true(!Ranges[j].Link.Flink || Ranges[i].Offset + Ranges[i].Bytes <= Ranges[j].Offset ||
				    Ranges[j].Offset + Ranges[j].Bytes <= Ranges[i].Offset);
	}
}

/* Whatever the order, nobody gets what another has, and all of it is there again at the end. */
static void Random(void **State)
{
	static REGION_RANGE Ranges[MANY];
	REGION_RANGE Whole = {.Bytes = 0};
	REGION Region;

	(void)State;
	memset(Ranges, 0, sizeof(Ranges));
	Start(100, &Region);
	srand(3);
	for (unsigned Step = 0; Step < 20000; Step++) {
		REGION_RANGE *Range = &Ranges[(unsigned)rand() % MANY];
		ULONG64 Bytes = (1 + (unsigned)rand() % 9) * PAGE;

		if (Range->Link.Flink)
			RegionGive(Range);
		else if (rand() % 2)
			(void)!RegionTake(&Region, Range, Bytes);
		else
			(void)!RegionTakeAt(&Region, Range, (unsigned)rand() % 100 * PAGE, Bytes);
		AssertDisjoint(Ranges, 100);
	}
	for (unsigned i = 0; i < MANY; i++)
		RegionGive(&Ranges[i]);
	assert_true(RegionTake(&Region, &Whole, 100 * PAGE));
}

int main(void)
{
	const struct CMUnitTest Tests[] = {
		cmocka_unit_test(FirstFit),
		cmocka_unit_test(AtAPlace),
		cmocka_unit_test(Shrinks),
		cmocka_unit_test(Random),
	};

	return cmocka_run_group_tests_name("region", Tests, NULL, NULL);
}
