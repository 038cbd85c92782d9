/* SPDX-License-Identifier: MIT */
#include "inf.h"

#include <wchar.h>

#define CATALOG L"vgpu.cat"
#define PROVIDER L"Virtual GPU for Windows guests"

bool version_read(const WCHAR *text, uint64_t *version)
{
	unsigned parts = 0;

	*version = 0;
	for (; parts < 4; parts++) {
		WCHAR *end;
		unsigned long number = wcstoul(text, &end, 10);
		if (end == text || *text < L'0' || *text > L'9' || number > 0xffff || (*end && *end != L'.'))
			return false;
		*version |= (uint64_t)number << (48 - 16 * parts);
		if (!*end)
			return true;
		text = end + 1;
	}
	return false;
}

bool inf_version(const WCHAR *inf, WCHAR *text)
{
	WCHAR value[128];
	const WCHAR *comma;
	uint64_t version;

	GetPrivateProfileStringW(L"Version", L"DriverVer", L"", value, ARRAYSIZE(value), inf);
	comma = wcschr(value, L',');
	if (!comma)
		return false;
	comma += 1 + wcsspn(comma + 1, L" \t");
	if (wcslen(comma) >= VERSION_TEXT || !version_read(comma, &version))
		return false;
	wcscpy(text, comma);
	return true;
}

bool inf_is_ours(const WCHAR *inf)
{
	WCHAR value[128];

	GetPrivateProfileStringW(L"Version", L"CatalogFile", L"", value, ARRAYSIZE(value), inf);
	if (_wcsicmp(value, CATALOG))
		return false;
	GetPrivateProfileStringW(L"Strings", L"Provider", L"", value, ARRAYSIZE(value), inf);
	return !wcscmp(value, PROVIDER);
}
