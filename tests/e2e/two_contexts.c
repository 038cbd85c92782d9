/* SPDX-License-Identifier: MIT */
/*
 * Two threads of one program, each with a window and an OpenGL context of its own, draw at the same time and check
 * every pixel of what they read back. Exit status 0: all right.
 *
 * Each round, with a pattern that depends on thread and round: clear the window to a colour, upload the pattern as a
 * texture, draw it one to one in the middle, read back, swap.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <windows.h>
#include <GL/gl.h>

#define THREADS 2
#define ROUNDS 200
#define SIDE 128 /* of the window, pixels */
#define PATTERN 64 /* side of the textured square */
#define BORDER ((SIDE - PATTERN) / 2)
#define CLASS_NAME "vgpu-two-contexts"

struct painter {
	unsigned number;
	HWND window;
	HDC device;
	HGLRC context;
	GLuint texture;
	uint8_t pattern[PATTERN * PATTERN * 4];
	uint8_t pixels[SIDE * SIDE * 4];
	char renderer[128];
	const char *failure; /* NULL: none */
	unsigned round;
};

/* Both threads begin their rounds together. */
static volatile LONG waiting = THREADS;

static bool fail(struct painter *painter, const char *why)
{
	painter->failure = why;
	return false;
}

static bool open_window(struct painter *painter)
{
	PIXELFORMATDESCRIPTOR wanted = {
		.nSize = sizeof(wanted),
		.nVersion = 1,
		.dwFlags = PFD_DRAW_TO_WINDOW | PFD_SUPPORT_OPENGL | PFD_DOUBLEBUFFER,
		.iPixelType = PFD_TYPE_RGBA,
		.cColorBits = 24,
	};

	painter->window = CreateWindowA(CLASS_NAME, CLASS_NAME, WS_POPUP | WS_VISIBLE, (int)painter->number * 2 * SIDE,
		0, SIDE, SIDE, NULL, NULL, GetModuleHandleA(NULL), NULL);
	painter->device = painter->window ? GetDC(painter->window) : NULL;
	if (!painter->device)
		return fail(painter, "no window");
	int format = ChoosePixelFormat(painter->device, &wanted);
	if (!format || !SetPixelFormat(painter->device, format, &wanted))
		return fail(painter, "no pixel format");
	painter->context = wglCreateContext(painter->device);
	if (!painter->context || !wglMakeCurrent(painter->device, painter->context))
		return fail(painter, "no context");
	return true;
}

static void close_window(struct painter *painter)
{
	wglMakeCurrent(NULL, NULL);
	if (painter->context)
		wglDeleteContext(painter->context);
	if (painter->device)
		ReleaseDC(painter->window, painter->device);
	if (painter->window)
		DestroyWindow(painter->window);
}

static void set_up(struct painter *painter)
{
	snprintf(painter->renderer, sizeof(painter->renderer), "%s", (const char *)glGetString(GL_RENDERER));
	glViewport(0, 0, SIDE, SIDE);
	glMatrixMode(GL_PROJECTION);
	glLoadIdentity();
	glOrtho(0, SIDE, 0, SIDE, -1, 1);
	glGenTextures(1, &painter->texture);
	glBindTexture(GL_TEXTURE_2D, painter->texture);
	glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_NEAREST);
	glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, GL_NEAREST);
	glTexEnvi(GL_TEXTURE_ENV, GL_TEXTURE_ENV_MODE, GL_REPLACE);
	glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA8, PATTERN, PATTERN, 0, GL_RGBA, GL_UNSIGNED_BYTE, NULL);
	glPixelStorei(GL_PACK_ALIGNMENT, 1);
}

static void paint_pattern(struct painter *painter)
{
	uint32_t noise = painter->number * 7919 + painter->round * 104729 + 1;

	for (size_t i = 0; i < sizeof(painter->pattern); i++) {
		noise = noise * 1664525u + 1013904223u;
		painter->pattern[i] = i % 4 == 3 ? 255 : (uint8_t)(noise >> 24);
	}
}

static void background(const struct painter *painter, uint8_t colour[3])
{
	colour[0] = painter->number ? 255 : 0;
	colour[1] = painter->number ? 0 : 255;
	colour[2] = (uint8_t)painter->round;
}

static void draw(struct painter *painter)
{
	uint8_t colour[3];

	background(painter, colour);
	glClearColor((float)colour[0] / 255, (float)colour[1] / 255, (float)colour[2] / 255, 1);
	glClear(GL_COLOR_BUFFER_BIT);
	glTexSubImage2D(GL_TEXTURE_2D, 0, 0, 0, PATTERN, PATTERN, GL_RGBA, GL_UNSIGNED_BYTE, painter->pattern);
	glEnable(GL_TEXTURE_2D);
	glBegin(GL_QUADS);
	for (int corner = 0; corner < 4; corner++) {
		int right = corner == 1 || corner == 2, top = corner >= 2;
		glTexCoord2i(right, top);
		glVertex2i(BORDER + right * PATTERN, BORDER + top * PATTERN);
	}
	glEnd();
}

static bool check(struct painter *painter)
{
	uint8_t colour[3];

	background(painter, colour);
	for (int y = 0; y < SIDE; y++) {
		for (int x = 0; x < SIDE; x++) {
			int u = x - BORDER, v = y - BORDER;
			bool inside = u >= 0 && u < PATTERN && v >= 0 && v < PATTERN;
			const uint8_t *expected = inside ? &painter->pattern[(v * PATTERN + u) * 4] : colour;
			if (memcmp(&painter->pixels[(y * SIDE + x) * 4], expected, 3))
				return fail(painter,
					inside ? "a wrong pixel in the texture" : "a wrong pixel in the background");
		}
	}
	return true;
}

static bool run_round(struct painter *painter)
{
	MSG message;

	while (PeekMessageA(&message, NULL, 0, 0, PM_REMOVE))
		DispatchMessageA(&message);
	paint_pattern(painter);
	draw(painter);
	memset(painter->pixels, 0x55, sizeof(painter->pixels));
	glReadPixels(0, 0, SIDE, SIDE, GL_RGBA, GL_UNSIGNED_BYTE, painter->pixels);
	if (glGetError() != GL_NO_ERROR)
		return fail(painter, "a GL error");
	if (!check(painter))
		return false;
	return SwapBuffers(painter->device) || fail(painter, "the buffers cannot be swapped");
}

static DWORD WINAPI paint(void *parameter)
{
	struct painter *painter = parameter;
	bool ready = open_window(painter);

	InterlockedDecrement(&waiting);
	while (InterlockedCompareExchange(&waiting, 0, 0) > 0)
		Sleep(1);
	if (ready) {
		set_up(painter);
		while (painter->round < ROUNDS && run_round(painter))
			painter->round++;
	}
	close_window(painter);
	return 0;
}

int main(void)
{
	static struct painter painters[THREADS];
	WNDCLASSA window_class = {
		.style = CS_OWNDC,
		.lpfnWndProc = DefWindowProcA,
		.hInstance = GetModuleHandleA(NULL),
		.lpszClassName = CLASS_NAME,
	};
	HANDLE threads[THREADS];
	bool failed = false;

	RegisterClassA(&window_class);
	for (unsigned i = 0; i < THREADS; i++) {
		painters[i].number = i;
		threads[i] = CreateThread(NULL, 0, paint, &painters[i], 0, NULL);
		if (!threads[i]) {
			fprintf(stderr, "no thread\n");
			return 1;
		}
	}
	WaitForMultipleObjects(THREADS, threads, TRUE, INFINITE);
	for (unsigned i = 0; i < THREADS; i++) {
		printf("thread %u, %s: %u of %u rounds right%s%s\n", i, painters[i].renderer, painters[i].round, ROUNDS,
			painters[i].failure ? ", then " : "", painters[i].failure ? painters[i].failure : "");
		failed |= painters[i].round != ROUNDS;
	}
	return failed ? 1 : 0;
}
