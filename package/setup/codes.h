/* SPDX-License-Identifier: MIT */
/* codes.h - exit statuses; docs/install.md has the same table. 3010 is Windows' ERROR_SUCCESS_REBOOT_REQUIRED. */
#ifndef VGPU_SETUP_CODES_H
#define VGPU_SETUP_CODES_H

enum code {
	CODE_DONE = 0,
	CODE_FAILED = 1, /* everything is as it was before */
	CODE_USAGE = 2,
	CODE_OLD_WINDOWS = 10,
	CODE_WRONG_MACHINE = 11,
	CODE_NOT_ADMINISTRATOR = 12,
	CODE_BAD_PACKAGE = 13,
	CODE_TEST_SIGNING_OFF = 14,
	CODE_SECURE_BOOT = 15,
	CODE_NO_CONSENT = 16,
	CODE_DOWNGRADE = 17,
	CODE_NOT_INSTALLED = 18,
	CODE_BUSY = 19,
	CODE_DRIVER = 20, /* Windows refused the driver; everything is as it was before */
	CODE_NO_PNPUTIL = 21,
	CODE_NOT_UNDONE = 22, /* failed, and something is not as it was before */
	CODE_DAMAGED = 23, /* status: repair would change something */
	CODE_RESTART = 3010,
};

#endif /* VGPU_SETUP_CODES_H */
