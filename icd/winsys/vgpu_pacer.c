/* SPDX-License-Identifier: MIT */
#include "vgpu_pacer.h"

/* More is no pace: a frame per second at 60 Hz. */
#define LONGEST_INTERVAL 60
/* Which part of a period a frame may be late and still count as in time: threads do not wake up to
 * the point. */
#define SLACK 8

uint64_t
vgpu_pacer_due(const struct vgpu_pacer *pacer, uint64_t now, uint64_t period, int interval)
{
   uint64_t count = interval < 0 ? -(int64_t)interval : interval;
   uint64_t earliest;

   if (!interval || !period || !pacer->last || now < pacer->last)
      return now;
   if (count > LONGEST_INTERVAL)
      count = LONGEST_INTERVAL;
   earliest = pacer->last + count * period;
   if (now <= earliest)
      return earliest;
   if (interval < 0 || (now - earliest) % period < period / SLACK)
      return now;
   return earliest + (now - earliest + period - 1) / period * period;
}

void
vgpu_pacer_shown(struct vgpu_pacer *pacer, uint64_t at)
{
   pacer->last = at;
}
