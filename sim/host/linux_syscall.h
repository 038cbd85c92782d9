/* SPDX-License-Identifier: MIT */
/*
 * linux_syscall.h - Linux system calls (x86-64) made directly from PE code under Wine.
 *
 * Wine's own system calls leave a PE module through a dispatcher, so that the syscall instruction itself still reaches
 * Linux. What is created here is unknown to Wine: descriptors and mappings must not be handed to Win32 functions.
 * Numbers and structures: the Linux x86-64 ABI.
 */
#ifndef LINUX_SYSCALL_H
#define LINUX_SYSCALL_H

#include <stdint.h>

#define LINUX_CLOSE 3
#define LINUX_FSTAT 5
#define LINUX_MMAP 9
#define LINUX_MPROTECT 10
#define LINUX_MUNMAP 11
#define LINUX_WRITEV 20
#define LINUX_SCHED_YIELD 24
#define LINUX_MREMAP 25
#define LINUX_MADVISE 28
#define LINUX_GETPID 39
#define LINUX_SOCKET 41
#define LINUX_CONNECT 42
#define LINUX_SENDTO 44
#define LINUX_RECVFROM 45
#define LINUX_FUTEX 202
#define LINUX_CLOCK_GETTIME 228
#define LINUX_CLOCK_NANOSLEEP 230
#define LINUX_OPENAT 257
#define LINUX_PPOLL 271
#define LINUX_PROCESS_VM_READV 310

#define LINUX_EINTR (-4)
#define LINUX_EAGAIN (-11)
#define LINUX_ENOMEM (-12)
#define LINUX_ENAMETOOLONG (-36)
#define LINUX_ETIMEDOUT (-110)

#define LINUX_AT_FDCWD (-100)
#define LINUX_O_RDWR 02
#define LINUX_O_CREAT 0100
#define LINUX_O_APPEND 02000
#define LINUX_O_WRONLY 01
#define LINUX_O_CLOEXEC 02000000
#define LINUX_PROT_READ 1
#define LINUX_PROT_WRITE 2
#define LINUX_MAP_SHARED 0x01
#define LINUX_MAP_PRIVATE 0x02
#define LINUX_MAP_FIXED 0x10
#define LINUX_MAP_ANONYMOUS 0x20
#define LINUX_MAP_NORESERVE 0x4000
#define LINUX_MREMAP_MAYMOVE 1
#define LINUX_MREMAP_FIXED 2
#define LINUX_MADV_POPULATE_READ 22 /* since 5.14 */
#define LINUX_MADV_POPULATE_WRITE 23
#define LINUX_FUTEX_WAIT_PRIVATE (0 | 128)
#define LINUX_FUTEX_WAKE_PRIVATE (1 | 128)
#define LINUX_CLOCK_REALTIME 0
#define LINUX_CLOCK_MONOTONIC 1
#define LINUX_AF_UNIX 1
#define LINUX_SOCK_STREAM 1
#define LINUX_SOCK_CLOEXEC 02000000
#define LINUX_MSG_NOSIGNAL 0x4000
#define LINUX_POLLIN 1

struct linux_timespec {
	int64_t sec;
	int64_t nsec;
};

struct linux_iovec {
	void *base;
	uint64_t length;
};

struct linux_pollfd {
	int32_t fd;
	int16_t events;
	int16_t revents;
};

struct linux_sockaddr_un {
	uint16_t family;
	char path[108];
};

/* The result, or a negative errno value. The argument types are the kernel's: everything is a 64-bit register. */
static inline int64_t linux_syscall(
	int64_t number, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e, uint64_t f)
{
	register uint64_t r10 __asm__("r10") = d;
	register uint64_t r8 __asm__("r8") = e;
	register uint64_t r9 __asm__("r9") = f;
	int64_t result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return result;
}

#endif /* LINUX_SYSCALL_H */
