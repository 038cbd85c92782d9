/* SPDX-License-Identifier: MIT */
/*
 * window.h - a window at the screen's top left corner, without a frame, with an OpenGL 3.3 core context that is current
 * in the thread that made it. One implementation per platform; all functions are called from that one thread.
 */
#ifndef DEMO_WINDOW_H
#define DEMO_WINDOW_H

#include <stdbool.h>

struct window;

/* On failure NULL, with a constant string in *why. The size is of the drawable, in pixels. */
struct window *window_open(unsigned width, unsigned height, const char **why);
void window_close(struct window *window); /* NULL is allowed */

/* Shows what was drawn, without waiting for the screen's refresh, and answers the window system. */
bool window_swap(void *window);

/* Keeps the window as it is, and alive, for so many seconds. */
void window_hold(struct window *window, unsigned seconds);

/* GL_VERSION of the newest core context that can be had, which need not be the current one's. The first call makes
 * contexts to find out. Valid as long as the window. */
const char *window_best_version(struct window *window);

/* An OpenGL function by its name, or NULL. Needs the current context. */
typedef void (*window_function)(void);
window_function window_get_function(const char *name);

#endif /* DEMO_WINDOW_H */
