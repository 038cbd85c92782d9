/* SPDX-License-Identifier: MIT */
/* show.h - what was found out, for people and for programs. */
#ifndef VGPU_INFO_SHOW_H
#define VGPU_INFO_SHOW_H

#include <stdio.h>

#include "info.h"

struct json;

/* Plain words about a result of opening the device. */
const char *show_device_advice(const struct info *info);
void show_text(FILE *file, const struct info *info, bool extensions);
void show_json(FILE *file, const struct info *info, bool extensions);
/* The counters as an object: all, or those that a handle has. */
void show_json_counters(struct json *json, const char *key, const struct vgpu_statistics *statistics, bool handle);

#endif /* VGPU_INFO_SHOW_H */
