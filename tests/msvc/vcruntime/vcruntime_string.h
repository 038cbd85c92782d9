/* SPDX-License-Identifier: MIT */
/* What the compiler's own library has of string.h: see vcruntime.h beside this. */
#ifndef TESTS_MSVC_VCRUNTIME_STRING_H
#define TESTS_MSVC_VCRUNTIME_STRING_H

#include <vcruntime.h>

void *memchr(const void *where, int byte, size_t size);
int memcmp(const void *one, const void *other, size_t size);
void *memcpy(void *to, const void *from, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memset(void *where, int byte, size_t size);
char *strchr(const char *text, int character);
char *strrchr(const char *text, int character);
char *strstr(const char *text, const char *part);
wchar_t *wcschr(const wchar_t *text, wchar_t character);
wchar_t *wcsrchr(const wchar_t *text, wchar_t character);
wchar_t *wcsstr(const wchar_t *text, const wchar_t *part);

#endif /* TESTS_MSVC_VCRUNTIME_STRING_H */
