/* SPDX-License-Identifier: MIT */
/*
 * The window side: a screen for the wgl frontend, and framebuffers that put what was rendered into
 * a window with one GDI call, straight from the memory that the device wrote to.
 */
#include "vgpu_wgl.h"
#include "vgpu_readback.h"
#include "vgpu_screen.h"
#include "vgpu_winsys.h"

#include "util/format/u_format.h"
#include "util/u_memory.h"
#include "virgl/virgl_public.h"

#include "stw_pixelformat.h"
#include "stw_winsys.h"

struct vgpu_framebuffer {
   struct stw_winsys_framebuffer base;
   struct pipe_screen *screen;
   HWND window;
   unsigned back; /* index of the buffer that is drawn to */
   struct pipe_resource templ;
   struct pipe_resource *buffers[2]; /* made when they are first asked for */
};

static struct vgpu_framebuffer *
vgpu_framebuffer(struct stw_winsys_framebuffer *fb)
{
   return (struct vgpu_framebuffer *)fb;
}

static void
drop_buffers(struct vgpu_framebuffer *fb)
{
   for (unsigned i = 0; i < ARRAY_SIZE(fb->buffers); i++)
      pipe_resource_reference(&fb->buffers[i], NULL);
}

static void
framebuffer_destroy(struct stw_winsys_framebuffer *base, struct pipe_context *pipe)
{
   drop_buffers(vgpu_framebuffer(base));
   FREE(base);
}

static void
framebuffer_resize(struct stw_winsys_framebuffer *base, struct pipe_context *pipe,
                   struct pipe_resource *templ)
{
   struct vgpu_framebuffer *fb = vgpu_framebuffer(base);

   drop_buffers(fb);
   fb->templ = *templ;
   fb->templ.bind = PIPE_BIND_DISPLAY_TARGET | PIPE_BIND_SAMPLER_VIEW | PIPE_BIND_RENDER_TARGET;
}

static struct pipe_resource *
framebuffer_get_resource(struct stw_winsys_framebuffer *base, enum st_attachment_type statt)
{
   struct vgpu_framebuffer *fb = vgpu_framebuffer(base);
   const unsigned index = statt == ST_ATTACHMENT_BACK_LEFT ? fb->back : !fb->back;
   struct pipe_resource *buffer = NULL;

   if (!fb->buffers[index])
      fb->buffers[index] = fb->screen->resource_create(fb->screen, &fb->templ);
   pipe_resource_reference(&buffer, fb->buffers[index]);
   return buffer;
}

/* pixels: four bytes each (blue, green, red, unused), the top row first. That GDI draws nothing,
 * into a window that is hidden or gone, is no failure of a swap. */
static void
show(HDC hdc, const void *pixels, unsigned width, unsigned height)
{
   const BITMAPINFO info = {
      .bmiHeader = {
         .biSize = sizeof(BITMAPINFOHEADER),
         .biWidth = (LONG)width,
         .biHeight = -(LONG)height, /* negative: the top row first */
         .biPlanes = 1,
         .biBitCount = 32,
         .biCompression = BI_RGB,
      },
   };

   SetDIBitsToDevice(hdc, 0, 0, width, height, 0, 0, 0, height, pixels, &info, DIB_RGB_COLORS);
}

static bool
convert_and_show(HDC hdc, const struct pipe_resource *buffer, const void *pixels, uint32_t stride)
{
   const unsigned width = buffer->width0, height = buffer->height0;
   void *converted = MALLOC((size_t)width * 4 * height);
   bool done;

   if (!converted)
      return false;
   done = util_format_translate(PIPE_FORMAT_B8G8R8X8_UNORM, converted, width * 4, 0, 0,
                                buffer->format, pixels, stride, 0, 0, width, height);
   if (done)
      show(hdc, converted, width, height);
   FREE(converted);
   return done;
}

bool
vgpu_wgl_present(struct pipe_resource *buffer, HDC hdc)
{
   uint32_t stride;
   const void *pixels = vgpu_readback_pixels(buffer, &stride);
   bool shown = true;

   if (!pixels)
      return false;
   if (buffer->format != PIPE_FORMAT_B8G8R8X8_UNORM && buffer->format != PIPE_FORMAT_B8G8R8A8_UNORM)
      shown = convert_and_show(hdc, buffer, pixels, stride);
   else
      show(hdc, pixels, buffer->width0, buffer->height0);
   vgpu_readback_done(buffer);
   return shown;
}

static bool
framebuffer_present(struct stw_winsys_framebuffer *base, int interval)
{
   struct vgpu_framebuffer *fb = vgpu_framebuffer(base);
   struct pipe_resource *buffer = fb->buffers[fb->back];
   bool shown;
   HDC hdc;

   if (!buffer)
      return true; /* nothing was drawn */
   fb->back = !fb->back;
   hdc = GetDC(fb->window);
   if (!hdc)
      return false;
   shown = vgpu_wgl_present(buffer, hdc);
   ReleaseDC(fb->window, hdc);
   return shown;
}

struct stw_winsys_framebuffer *
vgpu_wgl_create_framebuffer(struct pipe_screen *screen, HWND window, int pixel_format)
{
   const struct stw_pixelformat_info *info = stw_pixelformat_get_info(pixel_format);
   struct vgpu_framebuffer *fb;

   /* The frontend cannot resolve a multisampled window without a back buffer into a framebuffer of
    * ours. */
   if (!info || !(info->pfd.dwFlags & PFD_DOUBLEBUFFER))
      return NULL;
   fb = CALLOC_STRUCT(vgpu_framebuffer);
   if (!fb)
      return NULL;
   fb->screen = screen;
   fb->window = window;
   fb->base.destroy = framebuffer_destroy;
   fb->base.resize = framebuffer_resize;
   fb->base.get_resource = framebuffer_get_resource;
   fb->base.present = framebuffer_present;
   return &fb->base;
}

struct pipe_screen *
vgpu_wgl_create_screen(void)
{
   struct virgl_winsys *vws = vgpu_winsys_create();
   struct pipe_screen *screen;

   if (!vws)
      return NULL;
   screen = virgl_create_screen(vws, NULL);
   if (!screen) {
      vws->destroy(vws);
      return NULL;
   }
   vgpu_screen_init(screen);
   return screen;
}
