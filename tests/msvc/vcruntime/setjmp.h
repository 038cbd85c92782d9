/* SPDX-License-Identifier: MIT */
/* For the compiler's own intrin.h: see vcruntime.h beside this. */
#ifndef TESTS_MSVC_SETJMP_H
#define TESTS_MSVC_SETJMP_H

typedef long long jmp_buf[32];
int _setjmp(jmp_buf state);
int _setjmpex(jmp_buf state);

#endif /* TESTS_MSVC_SETJMP_H */
