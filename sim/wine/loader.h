/* SPDX-License-Identifier: MIT */
/*
 * loader.h - maps a driver image.
 */
#ifndef LOADER_H
#define LOADER_H

#include "nt.h"

/* The image's entry point, or NULL after a line in the log. Path is a DOS path. The image stays loaded. */
void *LoaderMapDriver(const char *Path);

#endif /* LOADER_H */
