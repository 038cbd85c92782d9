/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "ids.h"

PVOID NTAPI ExAllocatePoolWithTag(POOL_TYPE Type, SIZE_T Bytes, ULONG Tag)
{
	(void)Type;
	(void)Tag;
	return malloc(Bytes);
}

VOID NTAPI ExFreePoolWithTag(PVOID Memory, ULONG Tag)
{
	(void)Tag;
	free(Memory);
}

KIRQL NTAPI KeAcquireSpinLockRaiseToDpc(PKSPIN_LOCK Lock)
{
	assert_int_equal(*Lock, 0);
	*Lock = 1;
	return PASSIVE_LEVEL;
}

VOID NTAPI KeReleaseSpinLock(PKSPIN_LOCK Lock, KIRQL Irql)
{
	(void)Irql;
	assert_int_equal(*Lock, 1);
	*Lock = 0;
}

VOID NTAPI KeInitializeSpinLock(PKSPIN_LOCK Lock)
{
	*Lock = 0;
}

/* Past the last number: 0 is left out, and so is what is still in use. */
static void WrapsAround(void **State)
{
	HANDLE_ENTRY Old[3], New[3];
	ID_SPACE Space;

	(void)State;
	IdSpaceInit(&Space);
	for (ULONG Index = 0; Index < 3; Index++) {
		assert_true(IdTake(&Space, &Old[Index]));
		assert_int_equal(Old[Index].Id, Index + 1);
	}
	IdGive(&Space, &Old[1]);
	Space.Last = 0xfffffffe;
	for (ULONG Index = 0; Index < 3; Index++)
		assert_true(IdTake(&Space, &New[Index]));
	assert_int_equal(New[0].Id, 0xffffffff);
	assert_int_equal(New[1].Id, 2); /* not 0, not 1 */
	assert_int_equal(New[2].Id, 4); /* not 3 */
	for (ULONG Index = 0; Index < 3; Index++)
		IdGive(&Space, &New[Index]);
	IdGive(&Space, &Old[0]);
	IdGive(&Space, &Old[2]);
	assert_int_equal(Space.Live.Count, 0);
	IdSpaceFree(&Space);
}

static void NoneTwice(void **State)
{
	HANDLE_ENTRY Entry;
	ID_SPACE Space;

	(void)State;
	IdSpaceInit(&Space);
	Space.Once = TRUE;
	Space.Last = 0xfffffffe;
	assert_true(IdTake(&Space, &Entry));
	assert_int_equal(Entry.Id, 0xffffffff);
	IdGive(&Space, &Entry);
	assert_false(IdTake(&Space, &Entry));
	assert_false(IdTake(&Space, &Entry));
	IdSpaceFree(&Space);
}

int main(void)
{
	const struct CMUnitTest Tests[] = {cmocka_unit_test(WrapsAround), cmocka_unit_test(NoneTwice)};

	return cmocka_run_group_tests_name("ids", Tests, NULL, NULL);
}
