/* SPDX-License-Identifier: MIT */
/* layout_ddk.c - mingw-w64's driver kit against the common numbers. */
#include <stddef.h>
#include <ntddk.h>

#include "layout.h"
