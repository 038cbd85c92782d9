/* SPDX-License-Identifier: MIT */
/*
 * host.h - what the simulator needs from the machine it runs on: threads, clock, memory, byte streams.
 *
 * Two implementations: host_linux.c (libc) and host_wine.c (a PE module under Wine: Win32 for threads and locks, raw
 * Linux system calls for memory and sockets, which Wine does not offer in the shape needed). No Windows header and no
 * Linux header is included here, so that one simulator source serves both.
 *
 * Functions returning int give 0 or a negative Linux errno value, unless said otherwise. All are safe from any thread.
 */
#ifndef HOST_H
#define HOST_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HOST_PAGE_SIZE 4096u
#define HOST_FOREVER UINT64_MAX

/* ---- locks: not recursive; a condition is waited for with its lock held ---- */
typedef struct HOST_LOCK {
	uint64_t Opaque[8];
} HOST_LOCK;
typedef struct HOST_CONDITION {
	uint64_t Opaque[8];
} HOST_CONDITION;
void HostLockInit(HOST_LOCK *Lock);
void HostLockDestroy(HOST_LOCK *Lock);
void HostLockAcquire(HOST_LOCK *Lock);
void HostLockRelease(HOST_LOCK *Lock);
void HostConditionInit(HOST_CONDITION *Condition);
void HostConditionDestroy(HOST_CONDITION *Condition);
/* true: signalled (or spurious); false: TimeoutNs passed. */
bool HostConditionWait(HOST_CONDITION *Condition, HOST_LOCK *Lock, uint64_t TimeoutNs);
void HostConditionSignalAll(HOST_CONDITION *Condition);

/* ---- threads and time ---- */
typedef struct HOST_THREAD HOST_THREAD;
typedef void (*HOST_THREAD_ROUTINE)(void *Context);
int HostThreadCreate(HOST_THREAD **Thread, const char *Name, HOST_THREAD_ROUTINE Routine, void *Context);
void HostThreadJoin(HOST_THREAD *Thread); /* waits for the end and frees */
/* Called on every thread of HostThreadCreate's that ends, from now on. */
void HostOnThreadEnd(void (*Ended)(void));
uint64_t HostThreadId(void); /* of the caller; unique while it lives */
/* One pointer per thread for the simulator; NULL in a thread that never set it. */
void *HostThreadValue(void);
void HostThreadSetValue(void *Value);
void HostThreadYield(void);
void HostSleep(uint64_t Nanoseconds);
uint64_t HostNow(void); /* monotonic, nanoseconds */
uint64_t HostWallTime(void); /* nanoseconds since 1970 */

/* ---- memory: addresses and lengths are multiples of HOST_PAGE_SIZE ---- */
#define HOST_ACCESS_NONE 0
#define HOST_ACCESS_READ 1
#define HOST_ACCESS_READ_WRITE 3
int HostOpenFile(const char *Path, uint64_t *Size); /* a descriptor, or -errno */
/* Maps Length bytes of the file at Offset, shared, at Address (replacing what is mapped there) or anywhere if NULL. */
int HostMapFile(int File, uint64_t Offset, size_t Length, int Access, void *Address, void **Mapped);
/* Reserves address space that faults on any access. */
int HostReserve(size_t Length, void **Address);
/* The same where the program may have memory: below 2 GiB if it has 32 bits. Given back whole, mapped over or not. */
int HostReserveUser(size_t Length, void **Address);
void HostReleaseUser(void *Address, size_t Length);
/* Private zeroed memory at Address (replacing what is mapped there) or anywhere if NULL. */
int HostMapPrivate(size_t Length, int Access, void *Address, void **Mapped);
/* Zeroed memory that HostAlias can map again. */
int HostMapShared(size_t Length, void **Mapped);
/* The same shared pages at a second address; fails for private memory. */
int HostAlias(void *Address, size_t Length, void **Alias);
int HostProtect(void *Address, size_t Length, int Access);
int HostUnmap(void *Address, size_t Length);
/* Moves the pages mapped at From to To at once, replacing what is mapped there: nobody sees a state in between. */
int HostMove(void *From, size_t Length, void *To);
/* Copies without faulting; false when any byte of the source or target cannot be accessed so. */
bool HostTryCopy(void *Target, const void *Source, size_t Length);
/* True when every page of the range is mapped and readable (Write: and writable). */
bool HostProbe(const void *Address, size_t Length, bool Write);

/* ---- byte streams ---- */
int HostConnect(const char *UnixPath); /* a descriptor, or -errno */
int HostSend(int Socket, const void *Data, size_t Length); /* all of it */
int HostReceive(int Socket, void *Data, size_t Length, uint64_t TimeoutNs); /* bytes, 0: closed, -ETIMEDOUT */
void HostCloseDescriptor(int Descriptor);

/* ---- the rest ---- */
const char *HostEnvironment(const char *Name); /* NULL if unset; valid for the process' life */
void HostLog(const char *Text); /* one line to standard error, whole */
_Noreturn void HostAbort(void);
/* Raises a structured exception with this code in the caller, as ExRaiseStatus. Windows targets only: elsewhere the
 * simulator unwinds by itself (nt/seh.c). */
_Noreturn void HostRaise(uint32_t Code);
/* Linux only, where no exceptions do this: Handler is called on the thread that met a memory fault and may jump away;
 * when it returns, what handled faults before goes on. NULL: no more. */
void HostOnFault(void (*Handler)(void));

#endif /* HOST_H */
