/* SPDX-License-Identifier: MIT */
/*
 * plan.h - everything that an installation of a package consists of, in the order in which it is made: folders, the
 * certificate, the driver, files, the registration of the OpenGL driver, the entry in Programs and Features.
 */
#ifndef VGPU_SETUP_PLAN_H
#define VGPU_SETUP_PLAN_H

#include "inf.h"
#include "state.h"

#define CERTIFICATE_FILE L"vgpu-test.cer"
#define INF_FILE L"vgpu.inf"
#define CATALOG_FILE L"vgpu.cat"

/* Where things are. */
struct places {
	WCHAR package[STATE_PATH]; /* the folder of this program */
	WCHAR target[STATE_PATH]; /* Program Files\Virtual GPU */
	WCHAR saved[STATE_PATH]; /* a folder in it for what stood there before */
	WCHAR originals[STATE_PATH]; /* a file in that: lines of state.h */
	WCHAR journal[STATE_PATH];
};

DWORD places_find(struct places *places);
/* Whether this program runs from where it is installed. */
bool places_installed(const struct places *places);
/* What the registry says is installed; false: nothing. */
bool plan_installed_version(WCHAR *version);
/* The first file that a package in this folder lacks, NULL when it is whole. */
const WCHAR *plan_missing_file(const WCHAR *folder);
/* From the package in `folder`, of which only the INF's version and the certificate are read. */
DWORD plan_make(struct state_list *plan, const struct places *places, const WCHAR *folder, const WCHAR *version);

#endif /* VGPU_SETUP_PLAN_H */
