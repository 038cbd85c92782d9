/* SPDX-License-Identifier: MIT */
/* version.h - the driver's version; also read by the resource compiler. */
#ifndef VGPU_VERSION_H
#define VGPU_VERSION_H

#define VGPU_VERSION_MAJOR 0
#define VGPU_VERSION_MINOR 1
#define VGPU_VERSION_BUILD 0
#define VGPU_VERSION_TEXT "0.1.0"

#endif /* VGPU_VERSION_H */
