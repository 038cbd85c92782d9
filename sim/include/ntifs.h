/* SPDX-License-Identifier: MIT */
/* ntifs.h - see wdm.h. */
#include <wdm.h>
