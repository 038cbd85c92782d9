/* SPDX-License-Identifier: MIT */
/* core_versions.h - versions of OpenGL that have a core profile, newest first; the last one is what the demo uses. */
#ifndef DEMO_CORE_VERSIONS_H
#define DEMO_CORE_VERSIONS_H

static const struct {
	int major, minor;
} core_versions[] = {{4, 6}, {4, 5}, {4, 4}, {4, 3}, {4, 2}, {4, 1}, {4, 0}, {3, 3}};

#define CORE_VERSION_COUNT (sizeof(core_versions) / sizeof(core_versions[0]))
#define DEMO_VERSION (CORE_VERSION_COUNT - 1)

#endif /* DEMO_CORE_VERSIONS_H */
