/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "sg.h"

#define PAGE 4096ull

static void Neighbours(void **State)
{
	static const PFN_NUMBER Pages[] = {7, 8, 9, 20, 19, 21, 22};
	static const SG_PIECE Expected[] = {
		{7 * PAGE, 3 * PAGE}, {20 * PAGE, PAGE}, {19 * PAGE, PAGE}, {21 * PAGE, 2 * PAGE}};
	SG_CURSOR Cursor;
	SG_PIECE Piece;

	(void)State;
	SgStart(&Cursor, Pages, 0, 7 * PAGE);
	for (size_t Index = 0; Index < RTL_NUMBER_OF(Expected); Index++) {
		assert_true(SgNext(&Cursor, &Piece));
		assert_int_equal(Piece.Address, Expected[Index].Address);
		assert_int_equal(Piece.Length, Expected[Index].Length);
	}
	assert_false(SgNext(&Cursor, &Piece));
	assert_int_equal(SgCount(Pages, 0, 7 * PAGE, 100), 4);
	assert_int_equal(SgCount(Pages, 0, 7 * PAGE, 2), 3);
}

static void Unaligned(void **State)
{
	static const PFN_NUMBER Pages[] = {100, 101, 50};
	SG_CURSOR Cursor;
	SG_PIECE Piece;

	(void)State;
	SgStart(&Cursor, Pages, 4090, PAGE + 10);
	assert_true(SgNext(&Cursor, &Piece));
	assert_int_equal(Piece.Address, 100 * PAGE + 4090);
	assert_int_equal(Piece.Length, 6 + PAGE);
	assert_true(SgNext(&Cursor, &Piece));
	assert_int_equal(Piece.Address, 50 * PAGE);
	assert_int_equal(Piece.Length, 4);
	assert_false(SgNext(&Cursor, &Piece));
}

static void WithinOnePage(void **State)
{
	static const PFN_NUMBER Pages[] = {3};
	SG_CURSOR Cursor;
	SG_PIECE Piece;

	(void)State;
	SgStart(&Cursor, Pages, 16, 4);
	assert_true(SgNext(&Cursor, &Piece));
	assert_int_equal(Piece.Address, 3 * PAGE + 16);
	assert_int_equal(Piece.Length, 4);
	assert_false(SgNext(&Cursor, &Piece));
	SgStart(&Cursor, Pages, 0, 0);
	assert_false(SgNext(&Cursor, &Piece));
}

/* The end of the range is the end of the pages: nothing behind them is read. */
static void LastPageOnly(void **State)
{
	PFN_NUMBER *Pages = test_malloc(2 * sizeof(*Pages));
	SG_CURSOR Cursor;
	SG_PIECE Piece;

	(void)State;
	Pages[0] = 5;
	Pages[1] = 6;
	SgStart(&Cursor, Pages, PAGE + 1, PAGE - 1);
	assert_true(SgNext(&Cursor, &Piece));
	assert_int_equal(Piece.Address, 6 * PAGE + 1);
	assert_int_equal(Piece.Length, PAGE - 1);
	assert_false(SgNext(&Cursor, &Piece));
	test_free(Pages);
}

int main(void)
{
	const struct CMUnitTest Tests[] = {
		cmocka_unit_test(Neighbours),
		cmocka_unit_test(Unaligned),
		cmocka_unit_test(WithinOnePage),
		cmocka_unit_test(LastPageOnly),
	};

	return cmocka_run_group_tests(Tests, NULL, NULL);
}
