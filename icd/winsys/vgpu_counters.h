/* SPDX-License-Identifier: MIT */
/*
 * What the OpenGL driver's DLL counts in its process, for reports: GetProcAddress of the DLL with
 * VGPU_READ_COUNTERS. The kernel driver has counters of its own (vgpu_ioctl.h).
 */
#ifndef VGPU_COUNTERS_H
#define VGPU_COUNTERS_H

#include <stdint.h>

struct vgpu_counters {
   uint64_t images; /* shown in windows */
   /* whole images that the driver had copied: one each into the window, one more where the window
    * system does not know the format */
   uint64_t pixel_copies;
   uint64_t screen_waits; /* images that waited for the screen, as their swap interval wants */
};

#define VGPU_READ_COUNTERS "vgpu_read_counters"
typedef void (*vgpu_read_counters_function)(struct vgpu_counters *counters);

void vgpu_read_counters(struct vgpu_counters *counters);

#endif /* VGPU_COUNTERS_H */
