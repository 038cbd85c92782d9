/* SPDX-License-Identifier: MIT */
/* From here on, what MSVC does not know is an error. Macros that were made before may still use it. */
#ifndef TESTS_MSVC_NO_GCC_H
#define TESTS_MSVC_NO_GCC_H

/* clang-format off */
#pragma GCC poison __attribute__ __attribute __asm__ __asm __typeof__ typeof __extension__ __int128 __auto_type __label__
#pragma GCC poison __builtin_expect __builtin_clz __builtin_ctz __builtin_clzll __builtin_ctzll __builtin_popcount
#pragma GCC poison __builtin_unreachable __builtin_add_overflow __builtin_mul_overflow __builtin_sub_overflow __builtin_memcpy
#pragma GCC poison __atomic_load_n __atomic_store_n __atomic_fetch_add __atomic_thread_fence __atomic_exchange_n
#pragma GCC poison __sync_synchronize __sync_fetch_and_add __sync_bool_compare_and_swap

/* clang-format on */

#endif /* TESTS_MSVC_NO_GCC_H */
