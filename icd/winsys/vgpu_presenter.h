/* SPDX-License-Identifier: MIT */
/*
 * Shows a window's frames in their order, from a thread of its own, so that a program need not wait
 * for the frame that it has just drawn. One frame may be on its way when a swap returns; the frame
 * before that has been shown.
 *
 * The thread is there when it is wanted, and ends when there was nothing to show for a while. Where
 * none can be made, a swap shows its frame itself.
 *
 * All functions are safe from any thread, but nothing may be called once vgpu_presenter_destroy
 * was.
 */
#ifndef VGPU_PRESENTER_H
#define VGPU_PRESENTER_H

#include <stdbool.h>
#include <stdint.h>

struct vgpu_presenter;

/* What the window system does with a frame. No lock is held. */
struct vgpu_presenter_ops {
   /* Until the frame's pixels are there. False: they will not come. */
   bool (*wait)(void *frame);
   /* Until the screen's refresh at which it is to be shown. */
   void (*pace)(void *window, void *frame, int interval);
   void (*show)(void *window, void *frame);
   void (*drop)(void *frame);
   /* Nothing of the presenter uses the window any more. */
   void (*release)(void *window);
};

/* window: what the functions get; must be valid until it is released. NULL when out of memory; then
 * the window was released. */
struct vgpu_presenter *vgpu_presenter_create(const struct vgpu_presenter_ops *ops, void *window);

/* Frames that are not shown yet never will be. Waits for one that is being shown, but not for one
 * that is not there yet, nor for the screen. */
void vgpu_presenter_destroy(struct vgpu_presenter *presenter);

/* Takes over the frame. synchronous: returns when it is shown. False: the pixels of a frame for
 * which it waited did not come. */
bool vgpu_presenter_queue(struct vgpu_presenter *presenter, void *frame, int interval,
                          bool synchronous);

/* Waits until all frames that the calling thread has queued are shown. */
void vgpu_presenter_finish(struct vgpu_presenter *presenter);

/* The same for the frames of all threads. */
void vgpu_presenter_drain(struct vgpu_presenter *presenter);

#endif /* VGPU_PRESENTER_H */
