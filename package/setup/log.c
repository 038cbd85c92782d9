/* SPDX-License-Identifier: MIT */
#include "log.h"

#include <stdarg.h>
#include <stdio.h>
#include <wchar.h>

#define LINE_MAX 2048

static HANDLE file = INVALID_HANDLE_VALUE;

BOOL log_open(const WCHAR *path)
{
	file = CreateFileW(path, FILE_APPEND_DATA, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_ALWAYS,
		FILE_ATTRIBUTE_NORMAL, NULL);
	return file != INVALID_HANDLE_VALUE;
}

void log_close(void)
{
	if (file != INVALID_HANDLE_VALUE)
		CloseHandle(file);
	file = INVALID_HANDLE_VALUE;
}

static void write_bytes(HANDLE to, const WCHAR *text, UINT code_page)
{
	char bytes[LINE_MAX * 3];
	int length = WideCharToMultiByte(code_page, 0, text, -1, bytes, (int)sizeof(bytes), NULL, NULL);
	DWORD written;

	if (length > 1)
		WriteFile(to, bytes, (DWORD)length - 1, &written, NULL);
}

static void write_log(const WCHAR *text)
{
	WCHAR line[LINE_MAX + 64];
	SYSTEMTIME now;

	if (file == INVALID_HANDLE_VALUE)
		return;
	GetLocalTime(&now);
	_snwprintf(line, LINE_MAX + 63, L"%04u-%02u-%02u %02u:%02u:%02u %5lu  %ls\r\n", now.wYear, now.wMonth, now.wDay,
		now.wHour, now.wMinute, now.wSecond, GetCurrentProcessId(), text);
	line[LINE_MAX + 63] = 0;
	write_bytes(file, line, CP_UTF8);
}

static void write_console(DWORD which, const WCHAR *text)
{
	HANDLE to = GetStdHandle(which);
	DWORD mode, written;

	if (!to || to == INVALID_HANDLE_VALUE)
		return;
	if (GetConsoleMode(to, &mode)) {
		WriteConsoleW(to, text, (DWORD)wcslen(text), &written, NULL);
		WriteConsoleW(to, L"\r\n", 2, &written, NULL);
	} else {
		write_bytes(to, text, GetOEMCP());
		write_bytes(to, L"\r\n", GetOEMCP());
	}
}

static void format_line(WCHAR *line, const WCHAR *format, va_list arguments)
{
	_vsnwprintf(line, LINE_MAX - 1, format, arguments);
	line[LINE_MAX - 1] = 0;
}

void say(const WCHAR *format, ...)
{
	WCHAR line[LINE_MAX];
	va_list arguments;

	va_start(arguments, format);
	format_line(line, format, arguments);
	va_end(arguments);
	write_console(STD_OUTPUT_HANDLE, line);
	write_log(line);
}

void complain(const WCHAR *format, ...)
{
	WCHAR line[LINE_MAX];
	va_list arguments;

	va_start(arguments, format);
	format_line(line, format, arguments);
	va_end(arguments);
	write_console(STD_ERROR_HANDLE, line);
	write_log(line);
}

void note(const WCHAR *format, ...)
{
	WCHAR line[LINE_MAX];
	va_list arguments;

	va_start(arguments, format);
	format_line(line, format, arguments);
	va_end(arguments);
	write_log(line);
}

const WCHAR *error_text(DWORD error)
{
	static WCHAR text[512];
	WCHAR words[400] = L"";
	DWORD length = FormatMessageW(FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS, NULL, error, 0, words,
		ARRAYSIZE(words), NULL);

	while (length && words[length - 1] <= L' ')
		words[--length] = 0;
	_snwprintf(text, ARRAYSIZE(text) - 1, L"%ls (error %lu)", length ? words : L"unknown", error);
	return text;
}
