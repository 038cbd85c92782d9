/* SPDX-License-Identifier: MIT */
/*
 * When frames are shown: swap intervals, as arithmetic. Times are nanoseconds of any clock that
 * only rises.
 */
#ifndef VGPU_PACER_H
#define VGPU_PACER_H

#include <stdint.h>

/* All zero: nothing was shown yet. */
struct vgpu_pacer {
   uint64_t last; /* the screen's refresh at which the last frame was shown */
};

/* When the next frame may be shown; now: at once. period: between two refreshes, 0 unknown.
 * interval: as wglSwapIntervalEXT has it.
 *    0    at once
 *    n    at a refresh, n of them after the last frame's at the earliest
 *    -n   the same, but a frame that comes later than that is shown at once */
uint64_t vgpu_pacer_due(const struct vgpu_pacer *pacer, uint64_t now, uint64_t period,
                        int interval);

/* at: what was due, or when the screen's refresh really was. */
void vgpu_pacer_shown(struct vgpu_pacer *pacer, uint64_t at);

#endif /* VGPU_PACER_H */
