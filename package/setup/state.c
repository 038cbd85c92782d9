/* SPDX-License-Identifier: MIT */
#include "state.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define LINE_SIZE (3u * (2u * STATE_PATH + STATE_ITEM) + 2u * STATE_DATA + 64u)
#define FIELDS 8u
#define FILE_MAX (16u << 20)

static const char *const kind_words[KIND_COUNT] = {"file", "folder", "key", "value", "certificate", "driver"};

bool text_format(WCHAR *to, size_t count, const WCHAR *format, ...)
{
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = _vsnwprintf(to, count, format, arguments);
	va_end(arguments);
	to[count - 1] = 0;
	return length >= 0 && (size_t)length < count;
}

bool state_same_thing(const struct state *a, const struct state *b)
{
	if (a->kind != b->kind || _wcsicmp(a->name, b->name))
		return false;
	return a->kind == KIND_DRIVER || !_wcsicmp(a->item, b->item);
}

const WCHAR *state_words(const struct state *state)
{
	static WCHAR words[STATE_PATH + STATE_ITEM + 32];

	text_format(words, ARRAYSIZE(words), L"%hs %ls%ls%ls", kind_words[state->kind], state->name,
		state->item[0] ? L" " : L"", state->item);
	return words;
}

bool state_list_add(struct state_list *list, const struct state *state)
{
	struct state **grown = realloc(list->states, (list->count + 1) * sizeof(*grown));
	struct state *copy = malloc(sizeof(*copy));

	if (grown)
		list->states = grown;
	if (!grown || !copy) {
		free(copy);
		return false;
	}
	*copy = *state;
	list->states[list->count++] = copy;
	return true;
}

struct state *state_list_find(const struct state_list *list, const struct state *thing)
{
	for (size_t i = 0; i < list->count; i++) {
		if (state_same_thing(list->states[i], thing))
			return list->states[i];
	}
	return NULL;
}

void state_list_free(struct state_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->states[i]);
	free(list->states);
	*list = (struct state_list){0};
}

static size_t put_text(char *line, size_t size, size_t at, const WCHAR *text)
{
	int length = at + 1 < size
			     ? WideCharToMultiByte(CP_UTF8, 0, text, -1, line + at, (int)(size - at - 1), NULL, NULL)
			     : 0;

	if (!length)
		return size;
	line[at + (size_t)length - 1] = '\t';
	return at + (size_t)length;
}

size_t state_write(const struct state *state, char *line, size_t size)
{
	int length = snprintf(line, size, "%s\t%c\t%lu\t", kind_words[state->kind],
		!state->present ? '-'
		: state->moved	? 'm'
				: '+',
		state->type);
	size_t at = length > 0 ? (size_t)length : size;

	at = put_text(line, size, at, state->name);
	at = put_text(line, size, at, state->item);
	at = put_text(line, size, at, state->source);
	if (at + 2 * (size_t)state->size + 3 > size)
		return 0;
	for (DWORD i = 0; i < state->size; i++, at += 2)
		snprintf(line + at, 3, "%02x", state->data[i]);
	memcpy(line + at, "\t\n", 3);
	return at + 2;
}

static bool get_text(WCHAR *text, size_t count, const char *field)
{
	return MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, field, -1, text, (int)count) > 0;
}

static bool get_data(struct state *state, const char *field)
{
	size_t length = strlen(field);

	if (length % 2 || length / 2 > STATE_DATA)
		return false;
	for (state->size = 0; state->size < length / 2; state->size++) {
		unsigned byte;
		if (sscanf(field + 2 * (size_t)state->size, "%2x", &byte) != 1)
			return false;
		state->data[state->size] = (BYTE)byte;
	}
	return true;
}

bool state_read(struct state *state, char *line)
{
	char *fields[FIELDS];
	unsigned count = 0;

	*state = (struct state){.kind = KIND_COUNT};
	while (count < FIELDS) {
		char *end = strchr(line, '\t');
		fields[count++] = line;
		if (!end)
			break;
		*end = 0;
		line = end + 1;
	}
	if (count != FIELDS)
		return false;
	for (unsigned i = 0; i < KIND_COUNT; i++) {
		if (!strcmp(fields[0], kind_words[i]))
			state->kind = (enum kind)i;
	}
	state->present = fields[1][0] != '-';
	state->moved = fields[1][0] == 'm';
	state->type = strtoul(fields[2], NULL, 10);
	return state->kind != KIND_COUNT && get_text(state->name, STATE_PATH, fields[3]) &&
	       get_text(state->item, STATE_ITEM, fields[4]) && get_text(state->source, STATE_PATH, fields[5]) &&
	       get_data(state, fields[6]);
}

static DWORD read_all(const WCHAR *path, char **text)
{
	HANDLE file = CreateFileW(path, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
		OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, NULL);
	DWORD error = ERROR_SUCCESS, size, read = 0;

	*text = NULL;
	if (file == INVALID_HANDLE_VALUE)
		return GetLastError();
	size = GetFileSize(file, NULL);
	*text = size <= FILE_MAX ? calloc(1, (size_t)size + 1) : NULL;
	if (!*text)
		error = ERROR_NOT_ENOUGH_MEMORY;
	else if (!ReadFile(file, *text, size, &read, NULL))
		error = GetLastError();
	CloseHandle(file);
	return error;
}

static DWORD read_line(struct state_list *list, struct state *state, char *line,
	bool (*other)(void *context, const char *line), void *context)
{
	bool taken = true;

	if (strchr(line, '\t')) {
		if (state_read(state, line))
			taken = state_list_add(list, state);
	} else if (other) {
		taken = other(context, line);
	}
	return taken ? ERROR_SUCCESS : ERROR_NOT_ENOUGH_MEMORY;
}

DWORD state_list_read(
	struct state_list *list, const WCHAR *path, bool (*other)(void *context, const char *line), void *context)
{
	struct state *state = malloc(sizeof(*state));
	char *text = NULL, *line, *end;
	DWORD error = state ? read_all(path, &text) : ERROR_NOT_ENOUGH_MEMORY;

	for (line = text; !error && (end = strchr(line, '\n')); line = end + 1) {
		*end = 0;
		error = read_line(list, state, line, other, context);
	}
	free(text);
	free(state);
	return error;
}

DWORD state_list_write(const struct state_list *list, const WCHAR *path)
{
	HANDLE file = CreateFileW(path, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, FILE_ATTRIBUTE_NORMAL, NULL);
	char *line = malloc(LINE_SIZE);
	DWORD error = line ? ERROR_SUCCESS : ERROR_NOT_ENOUGH_MEMORY, written;

	if (file == INVALID_HANDLE_VALUE) {
		error = GetLastError();
		free(line);
		return error;
	}
	for (size_t i = 0; !error && i < list->count; i++) {
		size_t length = state_write(list->states[i], line, LINE_SIZE);
		if (!length)
			error = ERROR_INSUFFICIENT_BUFFER;
		else if (!WriteFile(file, line, (DWORD)length, &written, NULL))
			error = GetLastError();
	}
	if (!error && !FlushFileBuffers(file))
		error = GetLastError();
	CloseHandle(file);
	free(line);
	return error;
}
