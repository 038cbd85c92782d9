/* SPDX-License-Identifier: MIT */
#include "window.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <GL/glx.h>
#include <GL/glxext.h>
#include <X11/Xlib.h>

#include "core_versions.h"

struct window {
	Display *display;
	Window handle;
	Colormap colours;
	GLXFBConfig config;
	GLXContext context;
	char best_version[128];
};

window_function window_get_function(const char *name)
{
	return (window_function)glXGetProcAddressARB((const GLubyte *)name);
}

bool window_swap(void *context)
{
	struct window *window = context;

	glXSwapBuffers(window->display, window->handle);
	return true;
}

void window_hold(struct window *window, unsigned seconds)
{
	XSync(window->display, False);
	sleep(seconds);
}

static bool choose_config(struct window *window)
{
	static const int wanted[] = {GLX_RENDER_TYPE, GLX_RGBA_BIT, GLX_DRAWABLE_TYPE, GLX_WINDOW_BIT, GLX_RED_SIZE, 8,
		GLX_GREEN_SIZE, 8, GLX_BLUE_SIZE, 8, GLX_DEPTH_SIZE, 24, GLX_DOUBLEBUFFER, True, None};
	int count = 0;
	GLXFBConfig *configs = glXChooseFBConfig(window->display, DefaultScreen(window->display), wanted, &count);

	if (configs && count > 0)
		window->config = configs[0];
	if (configs)
		XFree(configs);
	return window->config != NULL;
}

static bool create_handle(struct window *window, unsigned width, unsigned height)
{
	XVisualInfo *visual = glXGetVisualFromFBConfig(window->display, window->config);

	if (!visual)
		return false;
	Window root = RootWindow(window->display, visual->screen);
	window->colours = XCreateColormap(window->display, root, visual->visual, AllocNone);
	XSetWindowAttributes attributes = {.colormap = window->colours, .override_redirect = True};
	window->handle = XCreateWindow(window->display, root, 0, 0, width, height, 0, visual->depth, InputOutput,
		visual->visual, CWColormap | CWBorderPixel | CWOverrideRedirect, &attributes);
	XFree(visual);
	XMapRaised(window->display, window->handle);
	XSync(window->display, False);
	return true;
}

/* Xlib ends the program on an error, and a version that is not there is reported as one. */
static int ignore_error(Display *display, XErrorEvent *event)
{
	(void)display;
	(void)event;
	return 0;
}

static GLXContext create_context(struct window *window, size_t version)
{
	PFNGLXCREATECONTEXTATTRIBSARBPROC create =
		(PFNGLXCREATECONTEXTATTRIBSARBPROC)window_get_function("glXCreateContextAttribsARB");
	const int attributes[] = {GLX_CONTEXT_MAJOR_VERSION_ARB, core_versions[version].major,
		GLX_CONTEXT_MINOR_VERSION_ARB, core_versions[version].minor, GLX_CONTEXT_PROFILE_MASK_ARB,
		GLX_CONTEXT_CORE_PROFILE_BIT_ARB, None};

	if (!create)
		return NULL;
	int (*old_handler)(Display *, XErrorEvent *) = XSetErrorHandler(ignore_error);
	GLXContext context = create(window->display, window->config, NULL, True, attributes);
	XSync(window->display, False);
	XSetErrorHandler(old_handler);
	if (context && glXMakeCurrent(window->display, window->handle, context))
		return context;
	if (context)
		glXDestroyContext(window->display, context);
	return NULL;
}

static void find_best_version(struct window *window)
{
	for (size_t i = 0; i < CORE_VERSION_COUNT; i++) {
		GLXContext context = create_context(window, i);
		if (!context)
			continue;
		snprintf(window->best_version, sizeof(window->best_version), "%s",
			(const char *)glGetString(GL_VERSION));
		glXMakeCurrent(window->display, None, NULL);
		glXDestroyContext(window->display, context);
		return;
	}
}

const char *window_best_version(struct window *window)
{
	if (!window->best_version[0]) {
		find_best_version(window);
		glXMakeCurrent(window->display, window->handle, window->context);
	}
	return window->best_version;
}

struct window *window_open(unsigned width, unsigned height, const char **why)
{
	struct window *window = calloc(1, sizeof(*window));

	*why = "not enough memory";
	if (!window)
		return NULL;
	*why = "there is no X display (see $DISPLAY)";
	window->display = XOpenDisplay(NULL);
	if (!window->display)
		goto close;
	*why = "the display has no suitable GLX configuration";
	if (!choose_config(window) || !create_handle(window, width, height))
		goto close;
	*why = "there is no OpenGL 3.3 core context";
	window->context = create_context(window, DEMO_VERSION);
	if (!window->context)
		goto close;
	PFNGLXSWAPINTERVALEXTPROC swap_interval = (PFNGLXSWAPINTERVALEXTPROC)window_get_function("glXSwapIntervalEXT");
	if (swap_interval)
		swap_interval(window->display, window->handle, 0);
	return window;

close:
	window_close(window);
	return NULL;
}

void window_close(struct window *window)
{
	if (!window)
		return;
	if (window->context) {
		glXMakeCurrent(window->display, None, NULL);
		glXDestroyContext(window->display, window->context);
	}
	if (window->handle)
		XDestroyWindow(window->display, window->handle);
	if (window->colours)
		XFreeColormap(window->display, window->colours);
	if (window->display)
		XCloseDisplay(window->display);
	free(window);
}
