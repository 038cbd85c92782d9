/* SPDX-License-Identifier: MIT
 *
 * What a benchmark needs to draw the same pictures each time, and to give them away.
 */
#ifndef APPS_FRAMES_H
#define APPS_FRAMES_H

#ifdef __cplusplus
extern "C" {
#endif

/* A frame is complete and not yet swapped: its pixels are read back from the current framebuffer and kept. */
void FrameDrawn(int width, int height);

/* The scene ends: its last frame is appended to the file that the environment variable APPS_FRAMES names, RGBA, top row
 * first. */
void SceneEnded(void);

#ifdef __cplusplus
}
#endif
#endif
