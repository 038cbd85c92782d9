/* SPDX-License-Identifier: MIT */
/* cmocka.h - as much of cmocka's interface as the driver's tests use, for Windows programs. The first failure ends the
 * program with status 1. */
#ifndef WINDOWS_CMOCKA_H
#define WINDOWS_CMOCKA_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

struct CMUnitTest {
	const char *name;
	void (*test_func)(void **State);
	int (*setup_func)(void **State);
	int (*teardown_func)(void **State);
};

#define cmocka_unit_test_setup_teardown(Test, Setup, Teardown) \
	{ \
#Test, Test, Setup, Teardown \
	}

static inline void CmockaFail(const char *File, int Line, const char *What, long long Left, long long Right)
{
	printf("[   LINE   ] --- %s:%d: %s: %#llx, %#llx\n", File, Line, What, Left, Right);
	fflush(stdout);
	exit(1);
}

#define CMOCKA_CHECK(Holds, What, Left, Right) \
	((Holds) ? (void)0 : CmockaFail(__FILE__, __LINE__, What, (long long)(Left), (long long)(Right)))
#define assert_int_equal(Left, Right) \
	do { \
		long long Left_ = (long long)(Left), Right_ = (long long)(Right); \
		CMOCKA_CHECK(Left_ == Right_, #Left " is " #Right, Left_, Right_); \
	} while (0)
#define assert_int_not_equal(Left, Right) CMOCKA_CHECK((Left) != (Right), #Left " is not " #Right, Left, Right)
#define assert_true(Condition) CMOCKA_CHECK(Condition, #Condition, 0, 0)
#define assert_false(Condition) CMOCKA_CHECK(!(Condition), "not: " #Condition, 0, 0)
#define assert_non_null(Pointer) CMOCKA_CHECK((Pointer) != NULL, #Pointer, 0, 0)

static inline int CmockaRun(const char *Name, const struct CMUnitTest *Tests, size_t Count)
{
	printf("[==========] %s: Running %u test(s).\n", Name, (unsigned)Count);
	for (size_t Index = 0; Index < Count; Index++) {
		void *State = NULL;

		printf("[ RUN      ] %s\n", Tests[Index].name);
		fflush(stdout);
		if (Tests[Index].setup_func)
			Tests[Index].setup_func(&State);
		Tests[Index].test_func(&State);
		if (Tests[Index].teardown_func)
			Tests[Index].teardown_func(&State);
	}
	printf("[  PASSED  ] %u test(s).\n", (unsigned)Count);
	return 0;
}

#define cmocka_run_group_tests_name(Name, Tests, Setup, Teardown) \
	CmockaRun(Name, Tests, sizeof(Tests) / sizeof(Tests[0]))

#endif /* WINDOWS_CMOCKA_H */
