/* SPDX-License-Identifier: MIT */
/*
 * Threads, as far as the window side needs them. One implementation is linked: Windows
 * (vgpu_thread_windows.c), or that of the unit tests.
 */
#ifndef VGPU_THREAD_H
#define VGPU_THREAD_H

#include <stdbool.h>
#include <stdint.h>

/* A lock, and a way to sleep until somebody who held it says that something has changed. */
struct vgpu_monitor;

struct vgpu_monitor *vgpu_monitor_create(void); /* NULL when out of memory */
void vgpu_monitor_destroy(struct vgpu_monitor *monitor);
void vgpu_monitor_enter(struct vgpu_monitor *monitor);
void vgpu_monitor_leave(struct vgpu_monitor *monitor);
/* For those inside. Leaves, sleeps, enters; may also return for no reason. False after timeout_ms
 * (UINT32_MAX: never). */
bool vgpu_monitor_wait(struct vgpu_monitor *monitor, uint32_t timeout_ms);
void vgpu_monitor_notify(struct vgpu_monitor *monitor);

/* Runs a function in a thread that nobody waits for. The library stays loaded until it returns. */
bool vgpu_thread_start(void (*run)(void *), void *argument);

/* Of the calling thread. */
uint64_t vgpu_thread_id(void);

#endif /* VGPU_THREAD_H */
