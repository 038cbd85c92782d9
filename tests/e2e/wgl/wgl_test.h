/* SPDX-License-Identifier: MIT */
/* wgl_test.h - what the cases of the WGL test share. A case returns NULL when all is right, else what was not. */
#ifndef WGL_TEST_H
#define WGL_TEST_H

#include <stdbool.h>
#include <stdint.h>

#include <windows.h>
#include <GL/gl.h>
#include <GL/wglext.h>

#ifndef GL_FRAMEBUFFER_SRGB
#define GL_FRAMEBUFFER_SRGB 0x8DB9
#endif
#ifndef GL_MULTISAMPLE
#define GL_MULTISAMPLE 0x809D
#endif

#define SIDE 64 /* pixels, of most windows */

typedef const char *(*wgl_case)(void);

struct named_case {
	const char *name;
	wgl_case run;
};

extern const struct named_case context_cases[], window_cases[], format_cases[]; /* the last has no name */

struct view {
	HWND window;
	HDC device;
	HGLRC context; /* NULL: none of its own */
};

/* A visible window without a frame, with the usual pixel format, or with the given one. */
bool view_open_format(struct view *view, int x, int width, int height, DWORD extended_style, int format);
bool view_open(struct view *view, int x, int width, int height);
/* The same with a context, which is current. */
bool view_start(struct view *view, int x, int width, int height);
void view_close(struct view *view); /* nothing is current afterwards */

void answer_messages(void);

/* Colours are 0xrrggbb. */
void clear_to(uint32_t colour);
uint32_t read_pixel(int x, int y);
bool all_pixels(int width, int height, uint32_t colour); /* of the read buffer */
bool nearly(uint32_t colour, uint32_t expected, int tolerance);

/* An extension's function; NULL when there is none. Needs a current context. */
PROC wgl_function(const char *name);
#define FUNCTION(Type, variable, name) \
	Type variable; \
	*(PROC *)&variable = wgl_function(name)

bool has_wgl_extension(const char *name);

#define CHECK(condition, text) \
	do { \
		if (!(condition)) \
			return text; \
	} while (0)

#endif /* WGL_TEST_H */
