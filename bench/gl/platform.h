/* SPDX-License-Identifier: MIT */
/*
 * platform.h - what a scene asks of the window system beside window.h. All functions work on the window of the context
 * that is current in the calling thread.
 */
#ifndef BENCH_GL_PLATFORM_H
#define BENCH_GL_PLATFORM_H

#include <stdbool.h>

/* What a program's first window costs without OpenGL, so that it is paid before start-up is measured. */
void platform_warm_up(void);

/* A window that is not shown costs the others nothing. */
struct platform;
struct platform *platform_open(void); /* NULL, when it cannot be */
void platform_close(struct platform *platform); /* NULL is allowed */
void platform_show(struct platform *platform, bool shown);

/* So many contexts of the window, which share nothing. False: not all could be made. */
bool platform_contexts_create(struct platform *platform, unsigned count);
void platform_contexts_destroy(struct platform *platform);
bool platform_context_use(struct platform *platform, unsigned number); /* makes it current */
bool platform_context_back(struct platform *platform); /* makes the window's own current again */

/* Copies pixels (4 bytes each, top row first) to the window without OpenGL, as a driver that has them in memory would.
 */
bool platform_blit(struct platform *platform, void *pixels, unsigned width, unsigned height);

#endif /* BENCH_GL_PLATFORM_H */
