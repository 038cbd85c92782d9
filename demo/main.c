/* SPDX-License-Identifier: MIT */
/* The demo: a window, a scene, a report. The same on every platform; see window.h and system.h for what differs. */
#include <stdio.h>

#include "frames.h"
#include "gl.h"
#include "report.h"
#include "system.h"
#include "window.h"

/* The swap and the counters, as the frame loop's platform. */
struct stage {
	struct window *window;
	struct system_counters *counters; /* may be NULL */
	bool gate; /* the timed frames wait for a line of standard input */
};

static bool stage_swap(void *context)
{
	struct stage *stage = context;

	return window_swap(stage->window);
}

static void stage_timed_begin(void *context)
{
	struct stage *stage = context;

	if (stage->gate) {
		printf("ready\n");
		fflush(stdout);
		for (int letter = 0; letter != '\n' && letter != EOF;)
			letter = getchar();
	}
	if (stage->counters)
		system_counters_begin(stage->counters);
}

static void stage_timed_end(void *context)
{
	struct stage *stage = context;

	if (stage->counters)
		system_counters_end(stage->counters);
}

static bool write_report(const struct options *options, const struct gl *gl, const struct stage *stage,
	const struct frames_result *result)
{
	struct report report;

	if (!report_open(&report, options->report))
		return false;
	report_text(&report, "gl_version", window_best_version(stage->window));
	report_text(&report, "gl_context_version", (const char *)gl->GetString(GL_VERSION));
	report_text(&report, "gl_renderer", (const char *)gl->GetString(GL_RENDERER));
	report_number(&report, "width", options->width);
	report_number(&report, "height", options->height);
	report_number(&report, "frames", result->frames);
	report_number(&report, "fps", result->fps);
	report_number(&report, "draw_calls_per_frame", SCENE_DRAW_CALLS);
	system_counters_report(stage->counters, result->frames, &report);
	system_modules_report(&report);
	return report_close(&report, options->report);
}

static bool run(const struct options *options, struct stage *stage)
{
	struct gl gl;
	struct frames_result result;
	const char *missing;
	struct frames_platform platform = {
		.context = stage,
		.swap = stage_swap,
		.seconds = system_seconds,
		.timed_begin = stage_timed_begin,
		.timed_end = stage_timed_end,
	};

	if (!gl_load(&gl, window_get_function, &missing)) {
		fprintf(stderr, "OpenGL lacks %s\n", missing);
		return false;
	}
	printf("gl_version: %s\n", window_best_version(stage->window));
	printf("gl_renderer: %s\n", (const char *)gl.GetString(GL_RENDERER));
	fflush(stdout);
	if (!frames_run(&gl, options, &platform, &result))
		return false;
	printf("fps: %.1f\n", result.fps);
	if (!write_report(options, &gl, stage, &result))
		return false;
	/* Whoever takes a picture of the window waits for this word. */
	printf("done\n");
	fflush(stdout);
	window_hold(stage->window, options->hold);
	return true;
}

int main(int argc, char **argv)
{
	struct options options;
	const char *why;
	bool done;

	if (!options_parse(&options, argc, argv))
		return 2;
	if (options.help) {
		options_usage(argv[0]);
		return 0;
	}
	struct stage stage = {.window = window_open(options.width, options.height, &why), .gate = options.gate};
	if (!stage.window) {
		fprintf(stderr, "%s: %s\n", argv[0], why);
		return 1;
	}
	stage.counters = system_counters_open();
	done = run(&options, &stage);
	system_counters_close(stage.counters);
	window_close(stage.window);
	return done ? 0 : 1;
}
