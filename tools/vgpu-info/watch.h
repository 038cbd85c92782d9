/* SPDX-License-Identifier: MIT */
/* watch.h - the device's counters, again and again. */
#ifndef VGPU_INFO_WATCH_H
#define VGPU_INFO_WATCH_H

#include "choice.h"
#include "options.h"

/* Until options->count samples are shown, the device is gone (STATUS_DEVICE_UNUSABLE), or the output's reader is. */
enum status watch(const struct options *options);

#endif /* VGPU_INFO_WATCH_H */
