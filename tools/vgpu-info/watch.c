/* SPDX-License-Identifier: MIT */
#include "watch.h"

#include <inttypes.h>
#include <stdio.h>

#include <windows.h>

#include "json.h"
#include "names.h"
#include "show.h"

#define TITLE_EVERY 20u /* samples */

static void show_line(const struct vgpu_statistics *now, const struct vgpu_statistics *before, double seconds)
{
	double commands = (double)(now->commands - before->commands) / seconds;

	printf("%9" PRIu64 " %9" PRIu64 " %9" PRIu64 " %9" PRIu64 " %10.1f %9.0f %9.0f %9.0f %9.0f %9" PRIu64 "\n",
		now->live_handles, now->live_contexts, now->live_resources, now->live_memory >> 10,
		(double)(now->submits - before->submits) / seconds, commands,
		(double)(now->doorbells - before->doorbells) / seconds,
		(double)(now->interrupts - before->interrupts) / seconds,
		(double)(now->waits_blocked - before->waits_blocked) / seconds,
		now->errors + now->device_errors + now->device_violations);
}

static void show_title(void)
{
	printf("%9s %9s %9s %9s %10s %9s %9s %9s %9s %9s\n", "handles", "contexts", "resources", "KiB", "submits/s",
		"commands/s", "bells/s", "irqs/s", "blocked/s", "errors");
}

static void show_object(const struct vgpu_statistics *now, uint64_t milliseconds)
{
	struct json json = {.file = stdout, .compact = true};

	json_open(&json, NULL, '{');
	json_number(&json, "milliseconds", milliseconds);
	show_json_counters(&json, "device", now, false);
	json_close(&json, '}');
}

static enum vgpu_result take_samples(const struct options *options, struct vgpu_client *client)
{
	struct vgpu_statistics before = {0};
	ULONGLONG start = GetTickCount64(), last = start;

	for (unsigned i = 0; !options->count || i < options->count; i++) {
		struct vgpu_statistics now;
		enum vgpu_result result;

		if (i)
			Sleep(options->watch * 1000);
		result = vgpu_statistics(client, VGPU_SCOPE_DEVICE, &now);
		if (result != VGPU_OK)
			return result;
		ULONGLONG time = GetTickCount64();
		if (!options->json && i % TITLE_EVERY == 0)
			show_title();
		/* The first sample has nothing before it: its rates are 0. */
		if (options->json)
			show_object(&now, time - start);
		else
			show_line(&now, i ? &before : &now, time > last ? (double)(time - last) / 1000 : 1);
		if (fflush(stdout))
			break;
		before = now;
		last = time;
	}
	return VGPU_OK;
}

enum status watch(const struct options *options)
{
	struct vgpu_client *client;
	enum vgpu_result result = vgpu_client_open(options->device, &client);

	if (result == VGPU_OK) {
		result = take_samples(options, client);
		vgpu_client_close(client);
	}
	if (result == VGPU_OK)
		return STATUS_ALL_WELL;
	fprintf(stderr, "vgpu-info: device %u: %s\n", options->device, vgpu_result_text(result));
	return result == VGPU_NO_DEVICE ? STATUS_NO_DEVICE : STATUS_DEVICE_UNUSABLE;
}
