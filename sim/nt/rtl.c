/* SPDX-License-Identifier: MIT */
/* rtl.c - run-time library and process functions. */
#include "nt.h"

VOID NTAPI RtlInitUnicodeString(PUNICODE_STRING Target, PCWSTR Source)
{
	USHORT Chars = 0;

	while (Source && Source[Chars] && Chars < MAXUSHORT / sizeof(WCHAR) - 1)
		Chars++;
	Target->Buffer = (PWSTR)Source;
	Target->Length = (USHORT)(Chars * sizeof(WCHAR));
	Target->MaximumLength = (USHORT)(Source ? Target->Length + sizeof(WCHAR) : 0);
}

VOID NTAPI RtlCopyUnicodeString(PUNICODE_STRING Target, PCUNICODE_STRING Source)
{
	USHORT Length = Source ? Source->Length : 0;

	Length = min(Length, Target->MaximumLength);
	if (Length > 0)
		memcpy(Target->Buffer, Source->Buffer, Length);
	Target->Length = Length;
	if (Length + sizeof(WCHAR) <= Target->MaximumLength)
		Target->Buffer[Length / sizeof(WCHAR)] = 0;
}
