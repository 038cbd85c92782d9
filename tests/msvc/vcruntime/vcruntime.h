/* SPDX-License-Identifier: MIT */
/*
 * What Microsoft's C library and Windows headers, which come in the SDK, expect of the compiler's own vcruntime.h,
 * which comes with Visual Studio alone. Enough to look for errors in C sources; nothing here is linked.
 */
#ifndef TESTS_MSVC_VCRUNTIME_H
#define TESTS_MSVC_VCRUNTIME_H
#define _VCRUNTIME_H

#include <sal.h>
#include <stdarg.h>
#include <stddef.h>

#define _VCRTIMP
#define __CRTDECL __cdecl
#define __CLRCALL_PURE_OR_CDECL __cdecl
#define __CLRCALL_OR_CDECL __cdecl
#define _CRT_BEGIN_C_HEADER
#define _CRT_END_C_HEADER
#define _HAS_EXCEPTIONS 1
#define _HAS_CXX17 0
#define _CRT_UNPARENTHESIZE_(...) __VA_ARGS__
#define _CRT_UNPARENTHESIZE(...) _CRT_UNPARENTHESIZE_ __VA_ARGS__
#define _CRT_CONCATENATE_(a, b) a##b
#define _CRT_CONCATENATE(a, b) _CRT_CONCATENATE_(a, b)
#define _CRT_STRINGIZE_(x) #x
#define _CRT_STRINGIZE(x) _CRT_STRINGIZE_(x)
#define _CRT_WIDE_(s) L##s
#define _CRT_WIDE(s) _CRT_WIDE_(s)
#define _CRT_DEPRECATE_TEXT(_Text)
#define _CRT_INSECURE_DEPRECATE(_Replacement)
#define _CRT_INSECURE_DEPRECATE_MEMORY(_Replacement)
#define _VCRT_ALLOCATOR
#define _VCRT_NOALIAS __declspec(noalias)
#define _VCRT_RESTRICT __declspec(restrict)
#define _VCRT_ALIGN(x) __declspec(align(x))
#define _CRT_SECURE_CPP_NOTHROW
#define _CRTNOALIAS
#define _CRT_DISABLE_PERFCRIT_LOCKS_
#define _UCRT_DISABLED_WARNINGS 4324
#define _CRT_SECURE_NO_WARNINGS

typedef _Bool __vcrt_bool;
typedef __SIZE_TYPE__ size_t;
#ifndef _INTPTR_T_DEFINED
#define _INTPTR_T_DEFINED
#define _UINTPTR_T_DEFINED
typedef __INTPTR_TYPE__ intptr_t;
typedef __UINTPTR_TYPE__ uintptr_t;
#endif
#define _WCHAR_T_DEFINED
typedef unsigned short wchar_t;

#endif /* TESTS_MSVC_VCRUNTIME_H */
