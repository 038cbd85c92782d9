/* SPDX-License-Identifier: MIT */
#include "report.h"

#include <errno.h>
#include <string.h>

bool report_open(struct report *report, const char *path)
{
	*report = (struct report){.empty = true};
	if (!path)
		return true;
	report->file = fopen(path, "w");
	if (report->file)
		return true;
	fprintf(stderr, "%s: %s\n", path, strerror(errno));
	return false;
}

static void write_name(struct report *report, const char *name)
{
	fprintf(report->file, "%s\n\t\"%s\": ", report->empty ? "{" : ",", name);
	report->empty = false;
}

void report_text(struct report *report, const char *name, const char *value)
{
	if (!report->file)
		return;
	write_name(report, name);
	if (!value) {
		fputs("null", report->file);
		return;
	}
	fputc('"', report->file);
	for (; *value; value++) {
		unsigned char c = (unsigned char)*value;
		if (c == '"' || c == '\\')
			fprintf(report->file, "\\%c", c);
		else if (c < 0x20)
			fprintf(report->file, "\\u%04x", c);
		else
			fputc(c, report->file);
	}
	fputc('"', report->file);
}

void report_number(struct report *report, const char *name, double value)
{
	if (!report->file)
		return;
	write_name(report, name);
	fprintf(report->file, "%.10g", value);
}

bool report_close(struct report *report, const char *path)
{
	if (!report->file)
		return true;
	fputs(report->empty ? "{}\n" : "\n}\n", report->file);
	bool failed = ferror(report->file) != 0;
	failed |= fclose(report->file) != 0;
	if (failed)
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
	return !failed;
}
