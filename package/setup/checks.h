/* SPDX-License-Identifier: MIT */
/* checks.h - what has to be so before anything is changed. Each says in plain words what is not, and what to do. */
#ifndef VGPU_SETUP_CHECKS_H
#define VGPU_SETUP_CHECKS_H

#include <stdbool.h>

#include "codes.h"
#include "options.h"
#include "plan.h"

/* Windows' version and the processor. */
enum code checks_machine(void);
/* A whole package; `version` gets its version. */
enum code checks_package(const struct places *places, WCHAR *version);
/* Not older than what is installed. */
enum code checks_version(const WCHAR *installed, const WCHAR *version, bool force);
/* Whether Windows, as it was started, loads this package's driver, and whether its certificate is welcome. */
enum code checks_signature(const struct places *places, const struct options *options);
enum code checks_tools(void);

#endif /* VGPU_SETUP_CHECKS_H */
