/* SPDX-License-Identifier: MIT */
/* ntddk.h - see wdm.h. */
#include <wdm.h>
