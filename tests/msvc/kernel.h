/* SPDX-License-Identifier: MIT */
/*
 * Read before each source of the driver when it is compiled as MSVC would: the simulator's NT names, what Microsoft's
 * headers have beyond them, and then no GCC-isms any more.
 */
#ifndef TESTS_MSVC_KERNEL_H
#define TESTS_MSVC_KERNEL_H

#include <ntifs.h>
#include <wdf.h>

unsigned long _exception_code(void);
#define GetExceptionCode _exception_code

/* winnt.h and wdm.h: plain accesses, ordered where the name says so. */
#define ReadNoFence64(Source) (*(const volatile LONG64 *)(Source))
#define WriteNoFence64(Target, Value) ((void)(*(volatile LONG64 *)(Target) = (Value)))
#define WriteRelease64(Target, Value) ((void)(*(volatile LONG64 *)(Target) = (Value)))
UCHAR READ_REGISTER_UCHAR(volatile UCHAR *Register);
USHORT READ_REGISTER_USHORT(volatile USHORT *Register);
ULONG READ_REGISTER_ULONG(volatile ULONG *Register);
void WRITE_REGISTER_UCHAR(volatile UCHAR *Register, UCHAR Value);
void WRITE_REGISTER_USHORT(volatile USHORT *Register, USHORT Value);
void WRITE_REGISTER_ULONG(volatile ULONG *Register, ULONG Value);

#include "no_gcc.h"

#endif /* TESTS_MSVC_KERNEL_H */
