/* SPDX-License-Identifier: MIT */
#include "vgpu_timeline.h"
#include "vgpu_client.h"

void
vgpu_timeline_init(struct vgpu_timeline *timeline, struct vgpu_client *client, uint32_t context_id,
                   const void *completed)
{
   timeline->client = client;
   timeline->context_id = context_id;
   timeline->completed = completed;
   timeline->lost = false;
}

bool
vgpu_timeline_lose(struct vgpu_timeline *timeline)
{
   return !__atomic_exchange_n(&timeline->lost, true, __ATOMIC_ACQ_REL);
}

void
vgpu_timeline_end(struct vgpu_timeline *timeline)
{
   static const uint32_t none[2];

   vgpu_timeline_lose(timeline);
   __atomic_store_n(&timeline->completed, none, __ATOMIC_RELEASE);
}

uint64_t
vgpu_timeline_completed(const struct vgpu_timeline *timeline)
{
   const volatile uint32_t *completed = __atomic_load_n(&timeline->completed, __ATOMIC_ACQUIRE);
   uint32_t low, high;

   /* The driver's store may fall between the two loads, where they are two. */
   do {
      high = __atomic_load_n(&completed[1], __ATOMIC_ACQUIRE);
      low = __atomic_load_n(&completed[0], __ATOMIC_ACQUIRE);
   } while (high != __atomic_load_n(&completed[1], __ATOMIC_ACQUIRE));
   return (uint64_t)high << 32 | low;
}

bool
vgpu_timeline_done(const struct vgpu_timeline *timeline, uint64_t number)
{
   if (number == 0 || vgpu_timeline_completed(timeline) >= number)
      return true;
   return __atomic_load_n(&timeline->lost, __ATOMIC_ACQUIRE);
}

bool
vgpu_timeline_wait(struct vgpu_timeline *timeline, uint64_t number, uint64_t timeout_ns)
{
   const struct vgpu_fence fence = { .context_id = timeline->context_id, .number = number };
   enum vgpu_result result;
   uint64_t before;

   if (vgpu_timeline_done(timeline, number))
      return true;
   if (timeout_ns == 0)
      return false;

   /* A device that is slow but gets on is not lost. */
   do {
      before = vgpu_timeline_completed(timeline);
      result = vgpu_wait(timeline->client, &fence,
                         timeout_ns == VGPU_TIMEOUT_INFINITE ? VGPU_WAIT_FOREVER : timeout_ns);
   } while (result == VGPU_TIMEOUT && timeout_ns == VGPU_TIMEOUT_INFINITE &&
            vgpu_timeline_completed(timeline) != before);
   if (result == VGPU_OK)
      return true;
   if (result == VGPU_TIMEOUT && timeout_ns != VGPU_TIMEOUT_INFINITE)
      return vgpu_timeline_done(timeline, number);
   vgpu_timeline_lose(timeline);
   return true;
}
