/* SPDX-License-Identifier: MIT */
/* Fences retire "all up to N": what was queued later with a smaller number goes, what has a larger one stays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "fences.h"

static void Add(MV_FENCES *Fences, uint64_t Fence, uint16_t Id)
{
	const MV_FENCED Item = {.Fence = Fence, .Id = Id};

	MvFencesAdd(Fences, &Item);
}

static void ExpectTaken(MV_FENCES *Fences, uint32_t Retired, const uint16_t *Ids, unsigned Count)
{
	MV_FENCED Item;

	for (unsigned i = 0; i < Count; i++) {
		assert_true(MvFencesTake(Fences, Retired, &Item));
		assert_int_equal(Item.Id, Ids[i]);
	}
	assert_false(MvFencesTake(Fences, Retired, &Item));
}

static void AllUpToTheNumber(void **State)
{
	static const uint16_t First[] = {1, 3}, Second[] = {0, 2};
	MV_FENCES Fences = {0};

	(void)State;
	Add(&Fences, 10, 0);
	Add(&Fences, 5, 1);
	Add(&Fences, 11, 2);
	Add(&Fences, 7, 3);
	ExpectTaken(&Fences, 4, NULL, 0);
	ExpectTaken(&Fences, 7, First, 2);
	ExpectTaken(&Fences, 11, Second, 2);
	assert_int_equal(Fences.Count, 0);
	MvFencesFree(&Fences);
}

static void NumbersThatWrapWait(void **State)
{
	static const uint16_t Low[] = {1};
	MV_FENCES Fences = {0};

	(void)State;
	Add(&Fences, UINT32_MAX, 0);
	Add(&Fences, 1, 1);
	Add(&Fences, UINT32_MAX + 1ull, 2);
	ExpectTaken(&Fences, 1, Low, 1);
	ExpectTaken(&Fences, UINT32_MAX, (const uint16_t[]){0}, 1);
	assert_int_equal(Fences.Count, 1); /* for ever: no number of 32 bits reaches it */
	MvFencesFree(&Fences);
}

static void Many(void **State)
{
	MV_FENCES Fences = {0};
	MV_FENCED Item;

	(void)State;
	for (unsigned i = 0; i < 1000; i++)
		Add(&Fences, 1000 - i, (uint16_t)i);
	for (unsigned Retired = 1; Retired <= 1000; Retired++) {
		assert_true(MvFencesTake(&Fences, Retired, &Item));
		assert_int_equal(Item.Id, 1000 - Retired);
	}
	MvFencesFree(&Fences);
}

int main(void)
{
	const struct CMUnitTest Tests[] = {
		cmocka_unit_test(AllUpToTheNumber),
		cmocka_unit_test(NumbersThatWrapWait),
		cmocka_unit_test(Many),
	};

	return cmocka_run_group_tests(Tests, NULL, NULL);
}
