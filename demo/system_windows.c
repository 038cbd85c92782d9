/* SPDX-License-Identifier: MIT */
#include "system.h"

#include <stdlib.h>
#include <string.h>

#include <windows.h>

#include "vgpu_client.h"
#include "vgpu_counters.h"

struct system_counters {
	struct vgpu_client *client; /* owned */
	struct vgpu_statistics begin, end;
	bool valid; /* both could be read */
	struct vgpu_counters shown_begin, shown_end; /* of the OpenGL driver; all 0 when it is another's */
};

#define OPENGL_DRIVER (sizeof(void *) == 8 ? "MvisorVGPUx64.dll" : "MvisorVGPUx86.dll")

static void read_shown(struct vgpu_counters *shown)
{
	HMODULE module = GetModuleHandleA(OPENGL_DRIVER);
	FARPROC address = module ? GetProcAddress(module, VGPU_READ_COUNTERS) : NULL;
	vgpu_read_counters_function read;

	memcpy(&read, &address, sizeof(read));
	if (read)
		read(shown);
}

double system_seconds(void)
{
	LARGE_INTEGER now, frequency;

	QueryPerformanceCounter(&now);
	QueryPerformanceFrequency(&frequency);
	return (double)now.QuadPart / (double)frequency.QuadPart;
}

void system_sleep_until(double seconds)
{
	double rest = seconds - system_seconds();

	if (rest > 0)
		Sleep((DWORD)(rest * 1000 + 1));
}

struct system_counters *system_counters_open(void)
{
	struct system_counters *counters = calloc(1, sizeof(*counters));

	if (counters && vgpu_client_open(0, &counters->client) != VGPU_OK) {
		free(counters);
		counters = NULL;
	}
	return counters;
}

void system_counters_begin(struct system_counters *counters)
{
	read_shown(&counters->shown_begin);
	counters->valid = vgpu_statistics(counters->client, VGPU_SCOPE_DEVICE, &counters->begin) == VGPU_OK;
}

void system_counters_end(struct system_counters *counters)
{
	counters->valid =
		vgpu_statistics(counters->client, VGPU_SCOPE_DEVICE, &counters->end) == VGPU_OK && counters->valid;
	read_shown(&counters->shown_end);
}

void system_counters_report(const struct system_counters *counters, unsigned frames, struct report *report)
{
	if (!counters || !counters->valid || !frames)
		return;
	const struct vgpu_statistics *begin = &counters->begin, *end = &counters->end;
	const struct vgpu_counters *shown_begin = &counters->shown_begin, *shown_end = &counters->shown_end;
	const struct {
		const char *name;
		uint64_t count;
	} rows[] = {
		/* the first reading counts itself only afterwards */
		{"ioctls_per_frame", end->ioctls - begin->ioctls - 1},
		{"submits_per_frame", end->submits - begin->submits},
		{"submit_bytes_per_frame", end->submit_bytes - begin->submit_bytes},
		{"transfers_per_frame", end->transfers - begin->transfers},
		{"waits_per_frame", end->waits - begin->waits},
		{"waits_blocked_per_frame", end->waits_blocked - begin->waits_blocked},
		{"commands_per_frame", end->commands - begin->commands},
		{"doorbells_per_frame", end->doorbells - begin->doorbells},
		{"interrupts_per_frame", end->interrupts - begin->interrupts},
		{"kernel_bytes_copied_per_frame", end->bytes_copied - begin->bytes_copied},
		{"images_shown_per_frame", shown_end->images - shown_begin->images},
		{"pixel_copies_per_frame", shown_end->pixel_copies - shown_begin->pixel_copies},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		report_number(report, rows[i].name, (double)rows[i].count / frames);
	report_number(report, "device_errors", (double)end->device_errors);
	report_number(report, "device_violations", (double)end->device_violations);
}

void system_counters_close(struct system_counters *counters)
{
	if (!counters)
		return;
	vgpu_client_close(counters->client);
	free(counters);
}

void system_modules_report(struct report *report)
{
	/* A 32-bit program sees only modules of 32 bits, so not the driver. */
	static const char *const names[] = {"vgpu.sys", OPENGL_DRIVER, "opengl32.dll"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char path[MAX_PATH];
		HMODULE module = GetModuleHandleA(names[i]);
		DWORD length = module ? GetModuleFileNameA(module, path, sizeof(path)) : 0;
		report_text(report, names[i], length && length < sizeof(path) ? path : NULL);
	}
}
