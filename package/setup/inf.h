/* SPDX-License-Identifier: MIT */
/* inf.h - what our INF says of itself, and versions of four numbers. */
#ifndef VGPU_SETUP_INF_H
#define VGPU_SETUP_INF_H

#include <stdbool.h>
#include <stdint.h>

#include <windows.h>

#define VERSION_TEXT 32u

/* "1.2.3.4" as one number that compares as versions do; missing parts count as 0. False: not a version. */
bool version_read(const WCHAR *text, uint64_t *version);
/* DriverVer's version, as the INF words it. False: no such file, or no version in it. */
bool inf_version(const WCHAR *inf, WCHAR *text);
/* By its catalog and its provider. */
bool inf_is_ours(const WCHAR *inf);

#endif /* VGPU_SETUP_INF_H */
