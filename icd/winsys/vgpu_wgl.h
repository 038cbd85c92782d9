/* SPDX-License-Identifier: MIT */
/* What Mesa's wgl target calls. */
#ifndef VGPU_WGL_H
#define VGPU_WGL_H

#include <windows.h>

struct pipe_screen;
struct stw_winsys_framebuffer;

/* NULL when there is no usable device; then there are no pixel formats. */
struct pipe_screen *vgpu_wgl_create_screen(void);

/* screen: made by the function above. NULL when out of memory. */
struct stw_winsys_framebuffer *vgpu_wgl_create_framebuffer(struct pipe_screen *screen, HWND window,
                                                           int pixel_format);

#endif /* VGPU_WGL_H */
