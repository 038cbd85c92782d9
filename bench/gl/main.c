/* SPDX-License-Identifier: MIT */
/*
 * Draws the scenes that standard input names and says how long that took, so that several of these, each on another
 * driver, can take turns. Commands, one a line: run SCENE SECONDS REPORT [PICTURE]   the report is JSON; answers
 * "done", "not here: WHY" or "failed: WHY" hide                                 the window, after a scene that showed
 * it; answers "done"
 */
#include <stdio.h>
#include <string.h>

#include "bench.h"
#include "platform.h"
#include "report.h"
#include "system.h"
#include "timing.h"
#include "window.h"

#define LINE_LENGTH 4096

struct session {
	struct bench bench;
	struct system_counters *counters; /* may be NULL */
};

static const struct scene_kind *find(const char *name)
{
	const struct scene_kind *const groups[] = {scenes_draw, scenes_memory, scenes_window};

	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		for (const struct scene_kind *kind = groups[i]; kind->name; kind++) {
			if (!strcmp(kind->name, name))
				return kind;
		}
	}
	return NULL;
}

static bool write_report(
	struct session *session, const struct scene_kind *kind, const struct timing *timing, const char *path)
{
	struct report report;

	if (!report_open(&report, path))
		return false;
	report_text(&report, "scene", kind->name);
	report_number(&report, "width", session->bench.width);
	report_number(&report, "height", session->bench.height);
	report_number(&report, "units", kind->units);
	report_number(&report, "draws", timing->draws);
	report_number(&report, "seconds", timing->seconds);
	system_counters_report(session->counters, timing->draws, &report);
	return report_close(&report, path);
}

static void run(struct session *session, char *arguments)
{
	char name[64], report[LINE_LENGTH] = "", picture[LINE_LENGTH] = "";
	double seconds;
	struct timing timing = {0};
	int parts = sscanf(arguments, "%63s %lf %4095s %4095s", name, &seconds, report, picture);
	const struct scene_kind *kind = parts >= 3 ? find(name) : NULL;

	if (!kind)
		printf("failed: no such scene, or not enough arguments: %s\n", arguments);
	else if (!timing_run(&session->bench, kind, seconds, parts == 4 ? picture : NULL, session->counters, &timing))
		printf("%s: %s\n", timing.draws ? "failed" : "not here", session->bench.error);
	else if (!write_report(session, kind, &timing, report))
		printf("failed: the report cannot be written\n");
	else
		printf("done\n");
}

static void hide(void)
{
	struct platform *platform = platform_open();

	if (platform)
		platform_show(platform, false);
	platform_close(platform);
	printf("done\n");
}

static void serve(struct session *session)
{
	char line[LINE_LENGTH];

	while (fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\r\n")] = '\0';
		if (!strncmp(line, "run ", 4))
			run(session, line + 4);
		else if (!strcmp(line, "hide"))
			hide();
		else
			printf("failed: unknown command: %s\n", line);
		fflush(stdout);
	}
}

/* A trivial program's first frame: one colour. */
static bool first_frame(struct bench *bench, const char **why)
{
	bench->window = window_open(BENCH_WIDTH, BENCH_HEIGHT, why);
	if (!bench->window)
		return false;
	if (!gl_load(&bench->gl, window_get_function, why))
		return false;
	bench->gl.ClearColor(0.5f, 0.5f, 0.5f, 1);
	bench->gl.Clear(GL_COLOR_BUFFER_BIT);
	window_swap(bench->window);
	bench->gl.Finish();
	return true;
}

int main(int argc, char **argv)
{
	struct session session = {0};
	const char *why = NULL;

	if (argc > 1) {
		printf("usage: %s\nDraws the scenes that standard input names; see bench/gl/main.c.\n", argv[0]);
		return strcmp(argv[1], "--help") ? 2 : 0;
	}
	platform_warm_up();
	double begin = system_seconds();
	if (!first_frame(&session.bench, &why)) {
		fprintf(stderr, "%s: %s\n", argv[0], why);
		window_close(session.bench.window);
		return 1;
	}
	double seconds = system_seconds() - begin;
	window_hold(session.bench.window, 0);
	hide();
	printf("renderer: %s\n", (const char *)session.bench.gl.GetString(GL_RENDERER));
	printf("ready: %.6f\n", seconds);
	fflush(stdout);
	session.counters = system_counters_open();
	serve(&session);
	system_counters_close(session.counters);
	window_close(session.bench.window);
	return 0;
}
