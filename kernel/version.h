/* SPDX-License-Identifier: MIT */
/*
 * version.h - the version of everything in a release: other parts get it from here (scripts/version.py). Also read by
 * the resource compiler.
 */
#ifndef VGPU_VERSION_H
#define VGPU_VERSION_H

#define VGPU_VERSION_MAJOR 0
#define VGPU_VERSION_MINOR 1
#define VGPU_VERSION_BUILD 0
#define VGPU_VERSION_TEXT_OF(Major, Minor, Build) #Major "." #Minor "." #Build
#define VGPU_VERSION_EXPANDED(Major, Minor, Build) VGPU_VERSION_TEXT_OF(Major, Minor, Build)
#define VGPU_VERSION_TEXT VGPU_VERSION_EXPANDED(VGPU_VERSION_MAJOR, VGPU_VERSION_MINOR, VGPU_VERSION_BUILD)

#endif /* VGPU_VERSION_H */
