/* SPDX-License-Identifier: MIT */
/* Read before each source of the client library and of the tools when it is compiled as MSVC would. */
#ifndef TESTS_MSVC_USER_H
#define TESTS_MSVC_USER_H

#define WIN32_LEAN_AND_MEAN
#include <windows.h>

#include <ctype.h>
#include <inttypes.h>
#include <setupapi.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#undef WIN32_LEAN_AND_MEAN

#include "no_gcc.h"

#endif /* TESTS_MSVC_USER_H */
