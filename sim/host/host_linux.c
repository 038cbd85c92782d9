/* SPDX-License-Identifier: MIT */
/* host_linux.c - host.h on Linux, with libc: threads, locks, time. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "host.h"

#define NS_PER_SECOND 1000000000ull

_Static_assert(sizeof(pthread_mutex_t) <= sizeof(HOST_LOCK), "fits");
_Static_assert(sizeof(pthread_cond_t) <= sizeof(HOST_CONDITION), "fits");

struct HOST_THREAD {
	pthread_t Thread;
	HOST_THREAD_ROUTINE Routine;
	void *Context;
};

static _Thread_local void *ThreadValue;

void HostLockInit(HOST_LOCK *Lock)
{
	pthread_mutex_init((pthread_mutex_t *)Lock, NULL);
}

void HostLockDestroy(HOST_LOCK *Lock)
{
	pthread_mutex_destroy((pthread_mutex_t *)Lock);
}

void HostLockAcquire(HOST_LOCK *Lock)
{
	pthread_mutex_lock((pthread_mutex_t *)Lock);
}

void HostLockRelease(HOST_LOCK *Lock)
{
	pthread_mutex_unlock((pthread_mutex_t *)Lock);
}

void HostConditionInit(HOST_CONDITION *Condition)
{
	pthread_condattr_t Attributes;

	pthread_condattr_init(&Attributes);
	pthread_condattr_setclock(&Attributes, CLOCK_MONOTONIC);
	pthread_cond_init((pthread_cond_t *)Condition, &Attributes);
	pthread_condattr_destroy(&Attributes);
}

void HostConditionDestroy(HOST_CONDITION *Condition)
{
	pthread_cond_destroy((pthread_cond_t *)Condition);
}

bool HostConditionWait(HOST_CONDITION *Condition, HOST_LOCK *Lock, uint64_t TimeoutNs)
{
	struct timespec Until;
	uint64_t End = HostNow() + TimeoutNs;

	if (TimeoutNs == HOST_FOREVER || End < TimeoutNs)
		return pthread_cond_wait((pthread_cond_t *)Condition, (pthread_mutex_t *)Lock) == 0;
	Until.tv_sec = (time_t)(End / NS_PER_SECOND);
	Until.tv_nsec = (long)(End % NS_PER_SECOND);
	return pthread_cond_timedwait((pthread_cond_t *)Condition, (pthread_mutex_t *)Lock, &Until) != ETIMEDOUT;
}

void HostConditionSignalAll(HOST_CONDITION *Condition)
{
	pthread_cond_broadcast((pthread_cond_t *)Condition);
}

static void (*OnThreadEnd)(void);

void HostOnThreadEnd(void (*Ended)(void))
{
	__atomic_store_n(&OnThreadEnd, Ended, __ATOMIC_RELEASE);
}

static void *ThreadStart(void *Context)
{
	HOST_THREAD *Thread = Context;
	void (*Ended)(void);

	prctl(PR_SET_TIMERSLACK, 1000); /* ns: the interrupt thread sleeps for tens of microseconds */
	Thread->Routine(Thread->Context);
	Ended = __atomic_load_n(&OnThreadEnd, __ATOMIC_ACQUIRE);
	if (Ended)
		Ended();
	return NULL;
}

int HostThreadCreate(HOST_THREAD **Thread, const char *Name, HOST_THREAD_ROUTINE Routine, void *Context)
{
	HOST_THREAD *New = malloc(sizeof(*New));
	int Error;

	if (!New)
		return -ENOMEM;
	New->Routine = Routine;
	New->Context = Context;
	Error = pthread_create(&New->Thread, NULL, ThreadStart, New);
	if (Error) {
		free(New);
		return -Error;
	}
	pthread_setname_np(New->Thread, Name);
	*Thread = New;
	return 0;
}

void HostThreadJoin(HOST_THREAD *Thread)
{
	pthread_join(Thread->Thread, NULL);
	free(Thread);
}

uint64_t HostThreadId(void)
{
	return (uint64_t)syscall(SYS_gettid);
}

void *HostThreadValue(void)
{
	return ThreadValue;
}

void HostThreadSetValue(void *Value)
{
	ThreadValue = Value;
}

void HostThreadYield(void)
{
	sched_yield();
}

void HostSleep(uint64_t Nanoseconds)
{
	struct timespec Left = {(time_t)(Nanoseconds / NS_PER_SECOND), (long)(Nanoseconds % NS_PER_SECOND)};

	while (nanosleep(&Left, &Left) != 0 && errno == EINTR)
		continue;
}

static uint64_t Clock(clockid_t Id)
{
	struct timespec Now;

	clock_gettime(Id, &Now);
	return (uint64_t)Now.tv_sec * NS_PER_SECOND + (uint64_t)Now.tv_nsec;
}

uint64_t HostNow(void)
{
	return Clock(CLOCK_MONOTONIC);
}

uint64_t HostWallTime(void)
{
	return Clock(CLOCK_REALTIME);
}
