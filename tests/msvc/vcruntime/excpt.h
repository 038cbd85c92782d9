/* SPDX-License-Identifier: MIT */
/* Structured exceptions: see vcruntime.h beside this. */
#ifndef TESTS_MSVC_EXCPT_H
#define TESTS_MSVC_EXCPT_H

#define EXCEPTION_EXECUTE_HANDLER 1
#define EXCEPTION_CONTINUE_SEARCH 0
#define EXCEPTION_CONTINUE_EXECUTION (-1)

typedef enum _EXCEPTION_DISPOSITION {
	ExceptionContinueExecution,
	ExceptionContinueSearch,
	ExceptionNestedException,
	ExceptionCollidedUnwind
} EXCEPTION_DISPOSITION;

unsigned long _exception_code(void);
#define GetExceptionCode _exception_code

#endif /* TESTS_MSVC_EXCPT_H */
