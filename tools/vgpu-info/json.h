/* SPDX-License-Identifier: MIT */
/* json.h - writes JSON (RFC 8259). A key is NULL for an element of an array and for the outermost value. */
#ifndef VGPU_INFO_JSON_H
#define VGPU_INFO_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct json {
	FILE *file;
	bool compact; /* all on one line */
	unsigned depth;
	bool behind; /* a value came before in the same object or array */
};

void json_open(struct json *json, const char *key, char bracket); /* '{' or '[' */
void json_close(struct json *json, char bracket); /* '}' or ']'; the outermost one ends the line */
/* UTF-8; what is not becomes U+FFFD. NULL writes null. */
void json_string(struct json *json, const char *key, const char *value);
void json_number(struct json *json, const char *key, uint64_t value);
void json_bool(struct json *json, const char *key, bool value);

#endif /* VGPU_INFO_JSON_H */
