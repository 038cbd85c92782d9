/* SPDX-License-Identifier: MIT */
/*
 * The fences of a context. A fence is a number; the driver writes the number of the last complete
 * one into memory that the process can read, so that asking costs no system call. Numbers start at
 * 1; 0 is "nothing to wait for".
 *
 * When the device is lost, everything counts as complete: nothing waits any more.
 * All functions are safe from any thread.
 */
#ifndef VGPU_TIMELINE_H
#define VGPU_TIMELINE_H

#include <stdbool.h>
#include <stdint.h>

struct vgpu_client;

struct vgpu_timeline {
   struct vgpu_client *client;
   uint32_t context_id;
   /* two halves of the driver's uint64_t, low first, so that a 32-bit process can read it too */
   const volatile uint32_t *completed;
   volatile bool lost;
};

#define VGPU_TIMEOUT_INFINITE UINT64_MAX

void vgpu_timeline_init(struct vgpu_timeline *timeline, struct vgpu_client *client,
                        uint32_t context_id, const void *completed);

/* The device is lost. True the first time. */
bool vgpu_timeline_lose(struct vgpu_timeline *timeline);

/* The memory that the driver writes to goes away. */
void vgpu_timeline_end(struct vgpu_timeline *timeline);

/* Number of the last complete fence. */
uint64_t vgpu_timeline_completed(const struct vgpu_timeline *timeline);

bool vgpu_timeline_done(const struct vgpu_timeline *timeline, uint64_t number);

/* True when the fence is complete or the device is lost, false after timeout_ns. Infinite ends with
 * a lost device when the driver gives no answer. */
bool vgpu_timeline_wait(struct vgpu_timeline *timeline, uint64_t number, uint64_t timeout_ns);

#endif /* VGPU_TIMELINE_H */
