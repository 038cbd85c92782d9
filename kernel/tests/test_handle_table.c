/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "handle_table.h"

static unsigned AllocationsLeft = ~0u;

/* The table's only two needs of a kernel. */
PVOID NTAPI ExAllocatePoolWithTag(POOL_TYPE Type, SIZE_T Bytes, ULONG Tag)
{
	(void)Type;
	(void)Tag;
	if (AllocationsLeft == 0)
		return NULL;
	AllocationsLeft--;
	return malloc(Bytes);
}

VOID NTAPI ExFreePoolWithTag(PVOID Memory, ULONG Tag)
{
	(void)Tag;
	free(Memory);
}

#define MANY 5000u

static void FillAndEmpty(HANDLE_TABLE *Table, HANDLE_ENTRY *Entries)
{
	unsigned Popped = 0;

	HandleTableInit(Table);
	for (ULONG Index = 0; Index < MANY; Index++) {
		Entries[Index].Id = Index * 7919u + 1;
		assert_true(HandleTableInsert(Table, &Entries[Index]));
	}
	assert_int_equal(Table->Count, MANY);
	for (ULONG Index = 0; Index < MANY; Index++)
		assert_ptr_equal(HandleTableFind(Table, Index * 7919u + 1), &Entries[Index]);
	assert_null(HandleTableFind(Table, 2));
	for (ULONG Index = 0; Index < MANY; Index += 2)
		assert_true(HandleTableRemove(Table, &Entries[Index]));
	assert_false(HandleTableRemove(Table, &Entries[0]));
	assert_null(HandleTableFind(Table, 1));
	while (HandleTablePop(Table))
		Popped++;
	assert_int_equal(Popped, MANY / 2);
	assert_int_equal(Table->Count, 0);
	HandleTableFree(Table);
}

static void Grows(void **State)
{
	HANDLE_ENTRY *Entries = calloc(MANY, sizeof(*Entries));
	HANDLE_TABLE Table;

	(void)State;
	AllocationsLeft = ~0u;
	FillAndEmpty(&Table, Entries);
	free(Entries);
}

static void WorksWithoutMemory(void **State)
{
	HANDLE_ENTRY *Entries = calloc(MANY, sizeof(*Entries));
	HANDLE_TABLE Table;

	(void)State;
	for (unsigned Allowed = 0; Allowed < 4; Allowed++) {
		AllocationsLeft = Allowed;
		FillAndEmpty(&Table, Entries);
	}
	free(Entries);
}

static void RefusesTaken(void **State)
{
	HANDLE_ENTRY First = {.Id = 9}, Second = {.Id = 9};
	HANDLE_TABLE Table;

	(void)State;
	HandleTableInit(&Table);
	assert_true(HandleTableInsert(&Table, &First));
	assert_false(HandleTableInsert(&Table, &Second));
	assert_ptr_equal(HandleTableFind(&Table, 9), &First);
	assert_ptr_equal(HandleTablePop(&Table), &First);
	assert_null(HandleTablePop(&Table));
	assert_true(HandleTableInsert(&Table, &Second));
	assert_ptr_equal(HandleTablePop(&Table), &Second);
	HandleTableFree(&Table);
}

int main(void)
{
	const struct CMUnitTest Tests[] = {
		cmocka_unit_test(Grows),
		cmocka_unit_test(WorksWithoutMemory),
		cmocka_unit_test(RefusesTaken),
	};

	return cmocka_run_group_tests(Tests, NULL, NULL);
}
