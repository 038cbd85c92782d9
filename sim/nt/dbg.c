/* SPDX-License-Identifier: MIT */
/* dbg.c - DbgPrintEx with Windows' formats: %l has 32 bits, %I64 and %ll 64, %wZ is a UNICODE_STRING. */
#include <stdio.h>
#include <stdlib.h>

#include "nt.h"

typedef struct DBG_LINE {
	char Text[512];
	size_t Used;
} DBG_LINE;

typedef struct DBG_FIELD {
	char Flags[16]; /* flags, width and precision, as printf takes them */
	BOOLEAN Wide; /* 64 bits */
	BOOLEAN Unicode; /* %w */
	char Conversion;
} DBG_FIELD;

static void Append(DBG_LINE *Line, char Letter)
{
	if (Line->Used < sizeof(Line->Text) - 1)
		Line->Text[Line->Used++] = Letter;
}

static void AppendText(DBG_LINE *Line, const char *Text)
{
	while (*Text)
		Append(Line, *Text++);
}

static void AppendWide(DBG_LINE *Line, const WCHAR *Text, size_t Chars)
{
	for (size_t i = 0; i < Chars && Text[i]; i++)
		Append(Line, Text[i] < 128 ? (char)Text[i] : '?');
}

static const char *ParseField(const char *Format, DBG_FIELD *Field)
{
	size_t Flags = 0;

	memset(Field, 0, sizeof(*Field));
	while (*Format && strchr("-+ #.0123456789", *Format)) {
		if (Flags < sizeof(Field->Flags) - 1)
			Field->Flags[Flags++] = *Format;
		Format++;
	}
	for (;; Format++) {
		if (Format[0] == 'I' && Format[1] == '6' && Format[2] == '4') {
			Field->Wide = TRUE;
			Format += 2;
		} else if ((Format[0] == 'l' && Format[1] == 'l') || *Format == 'z' || *Format == 'j') {
			Field->Wide = TRUE;
			Format += *Format == 'l';
		} else if (*Format == 'w') {
			Field->Unicode = TRUE;
		} else if (*Format != 'h' && *Format != 'l') {
			break;
		}
	}
	Field->Conversion = *Format;
	return *Format ? Format + 1 : Format;
}

static void AppendNumber(DBG_LINE *Line, const DBG_FIELD *Field, ULONG64 Value)
{
	char Format[32], Text[80];

	snprintf(Format, sizeof(Format), "%%%sll%c", Field->Flags, Field->Conversion);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	snprintf(Text, sizeof(Text), Format, Value);
#pragma GCC diagnostic pop
	AppendText(Line, Text);
}

static void AppendField(DBG_LINE *Line, const DBG_FIELD *Field, va_list *Arguments)
{
	char Text[32];
	const UNICODE_STRING *String;

	switch (Field->Conversion) {
	case 'd':
	case 'i':
		AppendNumber(Line, Field,
			Field->Wide ? va_arg(*Arguments, ULONG64) : (ULONG64)(LONG64)va_arg(*Arguments, LONG));
		break;
	case 'u':
	case 'x':
	case 'X':
		AppendNumber(Line, Field, Field->Wide ? va_arg(*Arguments, ULONG64) : va_arg(*Arguments, ULONG));
		break;
	case 'c':
		Append(Line, (char)va_arg(*Arguments, int));
		break;
	case 'p':
		snprintf(Text, sizeof(Text), "%016llx", (unsigned long long)(ULONG_PTR)va_arg(*Arguments, void *));
		AppendText(Line, Text);
		break;
	case 's':
		AppendText(Line, va_arg(*Arguments, const char *));
		break;
	case 'S':
		AppendWide(Line, va_arg(*Arguments, const WCHAR *), 256);
		break;
	case 'Z':
		String = va_arg(*Arguments, const UNICODE_STRING *);
		AppendWide(Line, String->Buffer, String->Length / sizeof(WCHAR));
		break;
	default:
		Append(Line, Field->Conversion ? Field->Conversion : '%');
	}
}

static void Print(const char *Format, va_list *Arguments)
{
	DBG_LINE Line = {.Used = 0};
	DBG_FIELD Field;

	AppendText(&Line, "driver: ");
	while (*Format) {
		if (*Format != '%') {
			Append(&Line, *Format++);
			continue;
		}
		Format = ParseField(Format + 1, &Field);
		AppendField(&Line, &Field, Arguments);
	}
	while (Line.Used > 0 && Line.Text[Line.Used - 1] == '\n')
		Line.Used--;
	Line.Text[Line.Used] = 0;
	SimLog("%s", Line.Text);
}

ULONG DbgPrintEx(ULONG Component, ULONG Level, PCSTR Format, ...)
{
	va_list Arguments;

	(void)Component;
	(void)Level;
	va_start(Arguments, Format);
	Print(Format, &Arguments);
	va_end(Arguments);
	return 0;
}

ULONG DbgPrint(PCSTR Format, ...)
{
	va_list Arguments;

	va_start(Arguments, Format);
	Print(Format, &Arguments);
	va_end(Arguments);
	return 0;
}
