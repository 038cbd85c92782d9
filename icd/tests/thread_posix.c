/* SPDX-License-Identifier: MIT */
/* vgpu_thread.h on POSIX threads. */
#include "thread_posix.h"
#include "vgpu_thread.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

struct vgpu_monitor {
	pthread_mutex_t mutex;
	pthread_cond_t changed;
};

struct start {
	void (*run)(void *);
	void *argument;
};

bool thread_posix_refuses;
_Atomic unsigned thread_posix_live;

struct vgpu_monitor *vgpu_monitor_create(void)
{
	struct vgpu_monitor *monitor = calloc(1, sizeof(*monitor));
	pthread_condattr_t attributes;

	if (!monitor)
		return NULL;
	pthread_mutex_init(&monitor->mutex, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&monitor->changed, &attributes);
	pthread_condattr_destroy(&attributes);
	return monitor;
}

void vgpu_monitor_destroy(struct vgpu_monitor *monitor)
{
	pthread_cond_destroy(&monitor->changed);
	pthread_mutex_destroy(&monitor->mutex);
	free(monitor);
}

void vgpu_monitor_enter(struct vgpu_monitor *monitor)
{
	pthread_mutex_lock(&monitor->mutex);
}

void vgpu_monitor_leave(struct vgpu_monitor *monitor)
{
	pthread_mutex_unlock(&monitor->mutex);
}

bool vgpu_monitor_wait(struct vgpu_monitor *monitor, uint32_t timeout_ms)
{
	struct timespec end;

	if (timeout_ms == UINT32_MAX)
		return pthread_cond_wait(&monitor->changed, &monitor->mutex) == 0;
	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += timeout_ms / 1000;
	end.tv_nsec += timeout_ms % 1000 * 1000000L;
	if (end.tv_nsec >= 1000000000L) {
		end.tv_sec++;
		end.tv_nsec -= 1000000000L;
	}
	return pthread_cond_timedwait(&monitor->changed, &monitor->mutex, &end) != ETIMEDOUT;
}

void vgpu_monitor_notify(struct vgpu_monitor *monitor)
{
	pthread_cond_broadcast(&monitor->changed);
}

static void *thread(void *argument)
{
	const struct start start = *(struct start *)argument;

	free(argument);
	start.run(start.argument);
	thread_posix_live--;
	return NULL;
}

bool vgpu_thread_start(void (*run)(void *), void *argument)
{
	struct start *start;
	pthread_t handle;

	if (thread_posix_refuses)
		return false;
	start = malloc(sizeof(*start));
	if (!start)
		return false;
	*start = (struct start){.run = run, .argument = argument};
	thread_posix_live++;
	if (pthread_create(&handle, NULL, thread, start) != 0) {
		thread_posix_live--;
		free(start);
		return false;
	}
	pthread_detach(handle);
	return true;
}

uint64_t vgpu_thread_id(void)
{
	return (uint64_t)(uintptr_t)pthread_self();
}
