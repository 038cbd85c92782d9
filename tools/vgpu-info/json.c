/* SPDX-License-Identifier: MIT */
#include "json.h"

#include <inttypes.h>
#include <string.h>

/* The length of the UTF-8 character that starts here, 0 if none does (RFC 3629 section 4). */
static unsigned character_length(const unsigned char *text)
{
	unsigned length = text[0] < 0x80		      ? 1
			  : text[0] >= 0xc2 && text[0] < 0xe0 ? 2
			  : text[0] >= 0xe0 && text[0] < 0xf0 ? 3
			  : text[0] >= 0xf0 && text[0] < 0xf5 ? 4
							      : 0;

	for (unsigned i = 1; i < length; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
	}
	if ((text[0] == 0xe0 && text[1] < 0xa0) || (text[0] == 0xed && text[1] > 0x9f) ||
		(text[0] == 0xf0 && text[1] < 0x90) || (text[0] == 0xf4 && text[1] > 0x8f))
		return 0;
	return length;
}

static void write_quoted(FILE *file, const char *value)
{
	const unsigned char *text = (const unsigned char *)value;

	fputc('"', file);
	while (*text) {
		unsigned length = character_length(text);
		if (!length)
			fputs("\\ufffd", file);
		else if (*text == '"' || *text == '\\')
			fprintf(file, "\\%c", *text);
		else if (*text < 0x20 || *text == 0x7f)
			fprintf(file, "\\u%04x", *text);
		else
			fwrite(text, 1, length, file);
		text += length ? length : 1;
	}
	fputc('"', file);
}

static void new_line(struct json *json)
{
	if (!json->compact)
		fprintf(json->file, "\n%*s", (int)json->depth * 2, "");
}

static void start_value(struct json *json, const char *key)
{
	if (json->behind)
		fputs(json->compact ? ", " : ",", json->file);
	if (json->depth)
		new_line(json);
	if (key) {
		write_quoted(json->file, key);
		fputs(": ", json->file);
	}
	json->behind = true;
}

void json_open(struct json *json, const char *key, char bracket)
{
	start_value(json, key);
	fputc(bracket, json->file);
	json->depth++;
	json->behind = false;
}

void json_close(struct json *json, char bracket)
{
	json->depth--;
	if (json->behind)
		new_line(json);
	fputc(bracket, json->file);
	json->behind = json->depth > 0;
	if (!json->depth)
		fputc('\n', json->file);
}

void json_string(struct json *json, const char *key, const char *value)
{
	start_value(json, key);
	if (value)
		write_quoted(json->file, value);
	else
		fputs("null", json->file);
}

void json_number(struct json *json, const char *key, uint64_t value)
{
	start_value(json, key);
	fprintf(json->file, "%" PRIu64, value);
}

void json_bool(struct json *json, const char *key, bool value)
{
	start_value(json, key);
	fputs(value ? "true" : "false", json->file);
}
