/* SPDX-License-Identifier: MIT */
/* options.h - the command line. */
#ifndef VGPU_SETUP_OPTIONS_H
#define VGPU_SETUP_OPTIONS_H

#include <stdbool.h>

#include <windows.h>

enum verb { VERB_INSTALL, VERB_UNINSTALL, VERB_REPAIR, VERB_STATUS, VERB_HELP };

struct options {
	enum verb verb;
	bool silent; /* asks nothing */
	bool force; /* an older version over a newer one */
	bool accept_certificate;
	bool ignore_boot_state; /* a test-signed driver that Windows does not load as it was started */
	const WCHAR *log; /* NULL: vgpu-setup.log in the folder for temporary files */
};

/* False after saying what is wrong. */
bool options_read(struct options *options, int count, WCHAR **arguments);
void options_help(void);

#endif /* VGPU_SETUP_OPTIONS_H */
