/* SPDX-License-Identifier: MIT */
#include "vgpu_presenter.h"
#include "vgpu_thread.h"

#include <stdlib.h>

#define MAX_FRAMES 2 /* one on its way, and one whose swap has not returned yet */
#define IDLE_MS 1000 /* how long the thread waits for another frame */

struct frame {
   void *data;
   int interval;
};

struct vgpu_presenter {
   const struct vgpu_presenter_ops *ops;
   void *window;
   struct vgpu_monitor *monitor; /* guards all below */
   unsigned users;               /* the owner, and the thread when there is one */
   struct frame frames[MAX_FRAMES];
   uint64_t queued;      /* frames, so far */
   uint64_t done;        /* of those: shown or dropped */
   uint64_t last_thread; /* that queued one */
   bool has_thread;
   bool showing; /* the window is in use */
   bool closed;
   bool failed;
};

struct vgpu_presenter *
vgpu_presenter_create(const struct vgpu_presenter_ops *ops, void *window)
{
   struct vgpu_presenter *presenter = calloc(1, sizeof(*presenter));

   if (!presenter)
      goto release;
   presenter->monitor = vgpu_monitor_create();
   if (!presenter->monitor)
      goto free_presenter;
   presenter->ops = ops;
   presenter->window = window;
   presenter->users = 1;
   return presenter;

free_presenter:
   free(presenter);
release:
   ops->release(window);
   return NULL;
}

/* Caller is inside the monitor, and leaves it here. */
static void
leave_for_good(struct vgpu_presenter *presenter)
{
   const bool is_last = --presenter->users == 0;

   vgpu_monitor_leave(presenter->monitor);
   if (!is_last)
      return;
   presenter->ops->release(presenter->window);
   vgpu_monitor_destroy(presenter->monitor);
   free(presenter);
}

/* Shows the oldest frame. Caller is inside the monitor, which is left for the time. */
static void
show_next(struct vgpu_presenter *presenter)
{
   const struct vgpu_presenter_ops *ops = presenter->ops;
   const struct frame frame = presenter->frames[presenter->done % MAX_FRAMES];
   bool arrived;

   vgpu_monitor_leave(presenter->monitor);
   arrived = ops->wait(frame.data);
   if (arrived)
      ops->pace(presenter->window, frame.data, frame.interval);
   vgpu_monitor_enter(presenter->monitor);
   if (arrived && !presenter->closed) {
      presenter->showing = true;
      vgpu_monitor_leave(presenter->monitor);
      ops->show(presenter->window, frame.data);
      vgpu_monitor_enter(presenter->monitor);
      presenter->showing = false;
      if (presenter->closed)
         vgpu_monitor_notify(presenter->monitor);
   }
   vgpu_monitor_leave(presenter->monitor);
   ops->drop(frame.data);
   vgpu_monitor_enter(presenter->monitor);
   presenter->failed |= !arrived;
   presenter->done++;
   vgpu_monitor_notify(presenter->monitor);
}

static void
run(void *argument)
{
   struct vgpu_presenter *presenter = argument;
   bool was_idle = false;

   vgpu_monitor_enter(presenter->monitor);
   for (;;) {
      if (presenter->done < presenter->queued) {
         show_next(presenter);
         was_idle = false;
      } else if (presenter->closed || was_idle) {
         break;
      } else {
         was_idle = !vgpu_monitor_wait(presenter->monitor, IDLE_MS);
      }
   }
   presenter->has_thread = false;
   leave_for_good(presenter);
}

/* Caller is inside the monitor. */
static void
get_going(struct vgpu_presenter *presenter)
{
   vgpu_monitor_notify(presenter->monitor);
   if (presenter->has_thread)
      return;
   presenter->has_thread = vgpu_thread_start(run, presenter);
   if (presenter->has_thread)
      presenter->users++;
}

/* Caller is inside the monitor. */
static void
wait_until_done(struct vgpu_presenter *presenter, uint64_t number)
{
   while (presenter->done < number)
      vgpu_monitor_wait(presenter->monitor, UINT32_MAX);
}

bool
vgpu_presenter_queue(struct vgpu_presenter *presenter, void *frame, int interval, bool synchronous)
{
   uint64_t number;
   bool shown;

   vgpu_monitor_enter(presenter->monitor);
   presenter->failed = false; /* what went wrong before has been said, or nobody wants to know */
   while (presenter->queued - presenter->done == MAX_FRAMES)
      vgpu_monitor_wait(presenter->monitor, UINT32_MAX);
   presenter->frames[presenter->queued % MAX_FRAMES] =
      (struct frame){ .data = frame, .interval = interval };
   number = ++presenter->queued;
   presenter->last_thread = vgpu_thread_id();
   get_going(presenter);
   if (presenter->has_thread)
      wait_until_done(presenter, synchronous ? number : number - 1);
   else
      show_next(presenter);
   shown = !presenter->failed;
   vgpu_monitor_leave(presenter->monitor);
   return shown;
}

void
vgpu_presenter_finish(struct vgpu_presenter *presenter)
{
   vgpu_monitor_enter(presenter->monitor);
   if (presenter->last_thread == vgpu_thread_id())
      wait_until_done(presenter, presenter->queued);
   vgpu_monitor_leave(presenter->monitor);
}

void
vgpu_presenter_drain(struct vgpu_presenter *presenter)
{
   vgpu_monitor_enter(presenter->monitor);
   wait_until_done(presenter, presenter->queued);
   vgpu_monitor_leave(presenter->monitor);
}

void
vgpu_presenter_destroy(struct vgpu_presenter *presenter)
{
   vgpu_monitor_enter(presenter->monitor);
   presenter->closed = true;
   vgpu_monitor_notify(presenter->monitor);
   while (presenter->showing)
      vgpu_monitor_wait(presenter->monitor, UINT32_MAX);
   leave_for_good(presenter);
}
