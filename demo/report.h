/* SPDX-License-Identifier: MIT */
/* report.h - what one run of the demo measured, as a JSON object of numbers and strings. */
#ifndef DEMO_REPORT_H
#define DEMO_REPORT_H

#include <stdbool.h>
#include <stdio.h>

/* Either a file being written, or nothing at all when no file name was given. */
struct report {
	FILE *file;
	bool empty;
};

/* path may be NULL: every call then does nothing. False, after an explanation, when the file cannot be made. */
bool report_open(struct report *report, const char *path);
void report_text(struct report *report, const char *name, const char *value); /* NULL is written as null */
void report_number(struct report *report, const char *name, double value);
/* False, after an explanation, when not all could be written. */
bool report_close(struct report *report, const char *path);

#endif /* DEMO_REPORT_H */
