/* SPDX-License-Identifier: MIT */
/* vgpu-info - shows the virtio GPU, its driver, and which OpenGL driver applications get. */
#include <stdio.h>

#include "options.h"
#include "show.h"
#include "watch.h"

static enum status find_status(const struct info *info)
{
	struct outcome outcome = {
		.device_present = info->device.result != VGPU_NO_DEVICE,
		.device_usable = info->device.result == VGPU_OK,
		.gl_works = !info->gl.error,
		.gl_ours = info->gl.ours,
		.reasons = {info->choices[BITS_64].reason, info->choices[BITS_32].reason},
	};

	return choice_status(&outcome);
}

static enum status show_info(const struct options *options)
{
	static struct info info;

	if (!system_find_out(&info.view, options->application)) {
		fprintf(stderr, "vgpu-info: --application=%s: no such file\n", options->application);
		return STATUS_USAGE;
	}
	device_find_out(&info.device, options->device);
	gl_find_out(&info.gl);
	for (unsigned i = 0; i < BITNESS_COUNT; i++)
		info.choices[i] = choice_make(&info.view, (enum bitness)i);
	info.status = find_status(&info);
	if (options->json)
		show_json(stdout, &info, options->extensions);
	else
		show_text(stdout, &info, options->extensions);
	gl_free(&info.gl);
	return info.status;
}

int main(int argc, char **argv)
{
	struct options options;
	enum status status = STATUS_ALL_WELL;

	if (!options_parse(&options, argc, argv))
		return STATUS_USAGE;
	if (options.help)
		options_usage();
	else if (options.watch)
		status = watch(&options);
	else
		status = show_info(&options);
	if (fflush(stdout) || ferror(stdout)) {
		fprintf(stderr, "vgpu-info: the output cannot be written\n");
		status = STATUS_USAGE;
	}
	return (int)status;
}
