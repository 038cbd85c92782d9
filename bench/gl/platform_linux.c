/* SPDX-License-Identifier: MIT */
#include "platform.h"

#include <stdlib.h>

#include <GL/glx.h>
#include <X11/Xlib.h>
#include <X11/Xutil.h>

struct platform {
	Display *display;
	Window window;
	GLXFBConfig config;
	GLXContext own;
	GLXContext *contexts; /* owned */
	unsigned count;
};

static GLXFBConfig config_of(Display *display, GLXContext context)
{
	int id = 0, count = 0;
	GLXFBConfig config = NULL;

	glXQueryContext(display, context, GLX_FBCONFIG_ID, &id);
	const int wanted[] = {GLX_FBCONFIG_ID, id, None};
	GLXFBConfig *configs = glXChooseFBConfig(display, DefaultScreen(display), wanted, &count);
	if (configs && count > 0)
		config = configs[0];
	if (configs)
		XFree(configs);
	return config;
}

/* X has no such cost, and a server starts anew when the last of its connections ends. */
void platform_warm_up(void)
{
}

struct platform *platform_open(void)
{
	struct platform *platform = calloc(1, sizeof(*platform));

	if (!platform)
		return NULL;
	platform->display = glXGetCurrentDisplay();
	platform->window = glXGetCurrentDrawable();
	platform->own = glXGetCurrentContext();
	platform->config = config_of(platform->display, platform->own);
	if (platform->config)
		return platform;
	free(platform);
	return NULL;
}

void platform_close(struct platform *platform)
{
	free(platform);
}

void platform_show(struct platform *platform, bool shown)
{
	if (shown)
		XMapRaised(platform->display, platform->window);
	else
		XUnmapWindow(platform->display, platform->window);
	XSync(platform->display, False);
}

bool platform_contexts_create(struct platform *platform, unsigned count)
{
	platform->contexts = calloc(count, sizeof(platform->contexts[0]));
	for (platform->count = 0; platform->contexts && platform->count < count; platform->count++) {
		platform->contexts[platform->count] =
			glXCreateNewContext(platform->display, platform->config, GLX_RGBA_TYPE, NULL, True);
		if (!platform->contexts[platform->count])
			return false;
	}
	return platform->contexts != NULL;
}

void platform_contexts_destroy(struct platform *platform)
{
	while (platform->count)
		glXDestroyContext(platform->display, platform->contexts[--platform->count]);
	free(platform->contexts);
	platform->contexts = NULL;
}

bool platform_context_use(struct platform *platform, unsigned number)
{
	return glXMakeCurrent(platform->display, platform->window, platform->contexts[number]);
}

bool platform_context_back(struct platform *platform)
{
	return glXMakeCurrent(platform->display, platform->window, platform->own);
}

bool platform_blit(struct platform *platform, void *pixels, unsigned width, unsigned height)
{
	int screen = DefaultScreen(platform->display);
	XImage *image = XCreateImage(platform->display, DefaultVisual(platform->display, screen),
		(unsigned)DefaultDepth(platform->display, screen), ZPixmap, 0, pixels, width, height, 32, 0);

	if (!image)
		return false;
	XPutImage(platform->display, platform->window, DefaultGC(platform->display, screen), image, 0, 0, 0, 0, width,
		height);
	XSync(platform->display, False);
	image->data = NULL; /* the caller's */
	XDestroyImage(image);
	return true;
}
