/* SPDX-License-Identifier: MIT */
/* verbs.h - what vgpu-setup can be told to do. For the first two the caller is an administrator, and the only one. */
#ifndef VGPU_SETUP_VERBS_H
#define VGPU_SETUP_VERBS_H

#include "checks.h"

/* Also upgrades and, with `repair`, makes again what is installed. */
enum code verb_install(const struct places *places, const struct options *options, bool repair);
enum code verb_uninstall(const struct places *places, const struct options *options);
enum code verb_status(const struct places *places);

#endif /* VGPU_SETUP_VERBS_H */
