/* SPDX-License-Identifier: MIT */
/* info.h - everything the program found out, and the functions that find it out. */
#ifndef VGPU_INFO_INFO_H
#define VGPU_INFO_INFO_H

#include <stdbool.h>

#include "choice.h"
#include "vgpu_client.h"

#define INFO_MAX_CAPSETS 32u
#define INFO_TEXT 256u

struct device_report {
	enum vgpu_result result; /* of the first call that failed, or VGPU_OK */
	struct vgpu_device_info info;
	struct vgpu_capset_info capsets[INFO_MAX_CAPSETS];
	unsigned num_capsets;
	struct vgpu_statistics device; /* counters */
	struct vgpu_statistics handle; /* of this program's own handle */
};

enum profile { PROFILE_CORE, PROFILE_COMPATIBILITY, PROFILE_COUNT };

struct gl_profile {
	bool works;
	char version[INFO_TEXT];
	char glsl[INFO_TEXT];
	char renderer[INFO_TEXT];
	char vendor[INFO_TEXT];
	char **extensions; /* owned; gl_free */
	unsigned num_extensions;
};

struct gl_report {
	const char *error; /* why there is no OpenGL, or NULL */
	char library[INFO_TEXT]; /* the opengl32.dll that this process has */
	bool ours; /* this process has loaded this project's driver */
	struct gl_profile profiles[PROFILE_COUNT];
};

struct info {
	struct device_report device;
	struct gl_report gl;
	struct system_view view;
	struct choice choices[BITNESS_COUNT];
	enum status status;
};

void device_find_out(struct device_report *report, unsigned index);
void gl_find_out(struct gl_report *report);
void gl_free(struct gl_report *report);
/* application: a program's path, or NULL for this one. False when there is no such file. */
bool system_find_out(struct system_view *view, const char *application);

#endif /* VGPU_INFO_INFO_H */
