/* SPDX-License-Identifier: MIT */
/* What Mesa's wgl target calls. */
#ifndef VGPU_WGL_H
#define VGPU_WGL_H

#include <windows.h>

#include <stdbool.h>

struct pipe_resource;
struct pipe_screen;
struct stw_winsys_framebuffer;

/* NULL when there is no usable device; then there are no pixel formats. */
struct pipe_screen *vgpu_wgl_create_screen(void);

/* Puts a buffer into a window. Waits until it is drawn. False when the device is lost, or GDI
 * refuses. */
bool vgpu_wgl_present(struct pipe_resource *buffer, HDC hdc);

/* screen: made by the function above. NULL: the frontend makes the window's buffers and shows them
 * by the function above; so for windows without a back buffer. */
struct stw_winsys_framebuffer *vgpu_wgl_create_framebuffer(struct pipe_screen *screen, HWND window,
                                                           int pixel_format);

#endif /* VGPU_WGL_H */
