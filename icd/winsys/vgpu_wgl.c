/* SPDX-License-Identifier: MIT */
/*
 * The window side: a screen for the wgl frontend, and framebuffers. A framebuffer has two buffers
 * that take turns. What was drawn to one is shown by the window's presenter while the program draws
 * to the other; it is drawn to again only when it has been shown.
 */
#include "vgpu_wgl.h"
#include "vgpu_counters.h"
#include "vgpu_presenter.h"
#include "vgpu_readback.h"
#include "vgpu_screen.h"
#include "vgpu_settings.h"
#include "vgpu_window.h"
#include "vgpu_winsys.h"

#include "util/u_memory.h"
#include "virgl/virgl_public.h"

#include "stw_pixelformat.h"
#include "stw_winsys.h"

struct vgpu_framebuffer {
   struct stw_winsys_framebuffer base;
   struct list_head link;
   struct pipe_screen *screen;
   struct vgpu_presenter *presenter;
   unsigned back;      /* index of the back buffer */
   bool flushes_front; /* the next present is of the front buffer, which was drawn to */
   struct pipe_resource templ;
   struct pipe_resource *buffers[2]; /* made when they are first asked for */
};

/* All there are. Held shared while a thread waits for their frames. */
static SRWLOCK framebuffers_lock = SRWLOCK_INIT;
static struct list_head framebuffers = { &framebuffers, &framebuffers };

static struct vgpu_framebuffer *
vgpu_framebuffer(struct stw_winsys_framebuffer *fb)
{
   return (struct vgpu_framebuffer *)fb;
}

/* ---- the presenter's frames are images ---- */

static bool
wait_for_image(void *frame)
{
   return vgpu_image_wait(frame);
}

static void
pace_window(void *window, void *frame, int interval)
{
   vgpu_window_pace(window, interval);
}

static void
show_image(void *window, void *frame)
{
   vgpu_window_show(window, frame);
}

static void
drop_image(void *frame)
{
   vgpu_image_end(frame);
   FREE(frame);
}

static void
release_window(void *window)
{
   vgpu_window_destroy(window);
}

static const struct vgpu_presenter_ops presenter_ops = {
   .wait = wait_for_image,
   .pace = pace_window,
   .show = show_image,
   .drop = drop_image,
   .release = release_window,
};

/* ---- framebuffers ---- */

static void
drop_buffers(struct vgpu_framebuffer *fb)
{
   for (unsigned i = 0; i < ARRAY_SIZE(fb->buffers); i++)
      pipe_resource_reference(&fb->buffers[i], NULL);
}

static void
framebuffer_destroy(struct stw_winsys_framebuffer *base, struct pipe_context *pipe)
{
   struct vgpu_framebuffer *fb = vgpu_framebuffer(base);

   AcquireSRWLockExclusive(&framebuffers_lock);
   list_del(&fb->link);
   ReleaseSRWLockExclusive(&framebuffers_lock);
   vgpu_presenter_destroy(fb->presenter);
   drop_buffers(fb);
   FREE(fb);
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

/* Before the frontend has the front buffer read back, where the last frame may still come from. */
static void
framebuffer_flush_front(struct stw_winsys_framebuffer *base, struct pipe_context *pipe)
{
   struct vgpu_framebuffer *fb = vgpu_framebuffer(base);

   fb->flushes_front = true;
   vgpu_presenter_drain(fb->presenter);
}

/* The buffer that is to be shown; buffers change their roles unless it is the front buffer. */
static struct pipe_resource *
next_buffer(struct vgpu_framebuffer *fb)
{
   if (!fb->flushes_front)
      fb->back = !fb->back;
   fb->flushes_front = false;
   return fb->buffers[!fb->back];
}

static bool
framebuffer_present(struct stw_winsys_framebuffer *base, int interval)
{
   struct vgpu_framebuffer *fb = vgpu_framebuffer(base);
   const struct vgpu_settings *settings = vgpu_settings();
   const bool is_front = interval == STW_NO_SWAP_INTERVAL;
   struct pipe_resource *buffer;
   struct vgpu_image *image;

   if (!fb->buffers[fb->flushes_front ? !fb->back : fb->back])
      return true; /* nothing was drawn */
   buffer = next_buffer(fb);
   image = MALLOC_STRUCT(vgpu_image);
   if (!image)
      return false;
   if (!vgpu_image_begin(image, buffer)) {
      FREE(image);
      return false;
   }
   if (is_front)
      interval = 0;
   else if (settings->has_swap_interval)
      interval = settings->swap_interval;
   return vgpu_presenter_queue(fb->presenter, image, interval, is_front || settings->present_waits);
}

static void
finish_frames(void)
{
   AcquireSRWLockShared(&framebuffers_lock);
   list_for_each_entry(struct vgpu_framebuffer, fb, &framebuffers, link)
   {
      vgpu_presenter_finish(fb->presenter);
   }
   ReleaseSRWLockShared(&framebuffers_lock);
}

struct stw_winsys_framebuffer *
vgpu_wgl_create_framebuffer(struct pipe_screen *screen, HWND window, int pixel_format)
{
   const struct stw_pixelformat_info *info = stw_pixelformat_get_info(pixel_format);
   struct vgpu_framebuffer *fb;
   struct vgpu_window *shown;

   /* The frontend cannot resolve a multisampled window without a back buffer into a framebuffer of
    * ours. */
   if (!info || !(info->pfd.dwFlags & PFD_DOUBLEBUFFER))
      return NULL;
   fb = CALLOC_STRUCT(vgpu_framebuffer);
   if (!fb)
      return NULL;
   shown = vgpu_window_create(window);
   fb->presenter = shown ? vgpu_presenter_create(&presenter_ops, shown) : NULL;
   if (!fb->presenter) {
      FREE(fb);
      return NULL;
   }
   fb->screen = screen;
   fb->base.destroy = framebuffer_destroy;
   fb->base.resize = framebuffer_resize;
   fb->base.get_resource = framebuffer_get_resource;
   fb->base.present = framebuffer_present;
   fb->base.flush_frontbuffer = framebuffer_flush_front;
   AcquireSRWLockExclusive(&framebuffers_lock);
   list_addtail(&fb->link, &framebuffers);
   ReleaseSRWLockExclusive(&framebuffers_lock);
   return &fb->base;
}

__declspec(dllexport) void vgpu_read_counters(struct vgpu_counters *counters)
{
   vgpu_window_counters(counters);
}

bool
vgpu_wgl_present(struct pipe_resource *buffer, HDC hdc)
{
   struct vgpu_image image;
   bool shown;

   if (!vgpu_image_begin(&image, buffer))
      return false;
   shown = vgpu_image_wait(&image) && vgpu_window_draw(hdc, &image);
   vgpu_image_end(&image);
   return shown;
}

struct pipe_screen *
vgpu_wgl_create_screen(void)
{
   struct virgl_winsys *vws = vgpu_winsys_create();
   struct pipe_screen *screen;

   if (!vws)
      return NULL;
   vgpu_winsys(vws)->finish_frames = finish_frames;
   screen = virgl_create_screen(vws, NULL);
   if (!screen) {
      vws->destroy(vws);
      return NULL;
   }
   vgpu_screen_init(screen);
   return screen;
}
