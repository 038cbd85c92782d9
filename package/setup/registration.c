/* SPDX-License-Identifier: MIT */
#include "registration.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define INITGUID
#include <setupapi.h>
#include <devguid.h>

#include "log.h"
#include "things.h"

#define DRIVERS L"\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\OpenGLDrivers"
#define MSOGL L"\\MSOGL"
#define CLASSES L"64\\SYSTEM\\CurrentControlSet\\Control\\Class\\"
#define NAME_MAX 260u

/* The value's name in a key that names a driver for 64-bit programs, and the one for 32-bit programs. */
struct naming {
	const WCHAR *name;
	const WCHAR *driver;
};

static const struct naming adapter_names[] = {
	{L"OpenGLDriverName", DRIVER_64},
	{L"OpenGLDriverNameWow", DRIVER_32},
};

static bool add_value(
	struct state_list *plan, const WCHAR *key, const WCHAR *name, DWORD type, const void *data, size_t size)
{
	struct state *state = calloc(1, sizeof(*state));
	bool added;

	if (!state)
		return false;
	state->kind = KIND_VALUE;
	state->present = true;
	state->type = type;
	state->size = (DWORD)size;
	memcpy(state->data, data, size);
	added = text_format(state->name, STATE_PATH, L"%ls", key) &&
		text_format(state->item, STATE_ITEM, L"%ls", name) && state_list_add(plan, state);
	free(state);
	return added;
}

static bool add_text(struct state_list *plan, const WCHAR *key, const WCHAR *name, const WCHAR *text)
{
	return add_value(plan, key, name, REG_SZ, text, (wcslen(text) + 1) * sizeof(*text));
}

static bool add_number(struct state_list *plan, const WCHAR *key, const WCHAR *name, DWORD number)
{
	return add_value(plan, key, name, REG_DWORD, &number, sizeof(number));
}

bool registration_plan_key(struct state_list *plan, const WCHAR *name)
{
	struct state *state = calloc(1, sizeof(*state));
	unsigned depth = 0;
	bool added = state != NULL;

	for (const WCHAR *at = name; added; at++) {
		if (*at && *at != L'\\')
			continue;
		if (++depth > 2) {
			*state = (struct state){.kind = KIND_KEY, .present = true};
			wmemcpy(state->name, name, (size_t)(at - name));
			added = state_list_find(plan, state) || state_list_add(plan, state);
		}
		if (!*at)
			break;
	}
	free(state);
	return added;
}

static bool plan_msogl(struct state_list *plan, const WCHAR *bits, const WCHAR *driver)
{
	WCHAR key[STATE_PATH];

	return text_format(key, ARRAYSIZE(key), L"%ls" DRIVERS MSOGL, bits) && registration_plan_key(plan, key) &&
	       add_text(plan, key, L"DLL", driver) && add_number(plan, key, L"Version", 2) &&
	       add_number(plan, key, L"DriverVersion", 1) && add_number(plan, key, L"Flags", 1);
}

/* The first string of a value, "" where there is none. */
static void read_string(const WCHAR *key_name, const WCHAR *name, WCHAR *text)
{
	DWORD size = (NAME_MAX - 2) * sizeof(*text), flags = RRF_RT_REG_SZ | RRF_RT_REG_MULTI_SZ;
	HKEY key;

	memset(text, 0, NAME_MAX * sizeof(*text));
	if (registry_open(key_name, KEY_READ, &key))
		return;
	if (RegGetValueW(key, NULL, name, flags, NULL, text, &size))
		text[0] = 0;
	RegCloseKey(key);
}

/* Of a path, the last part counts, with or without ".dll". */
static bool is_ours(const WCHAR *driver)
{
	static const WCHAR *const ours[] = {DRIVER_64, DRIVER_32};
	const WCHAR *name = wcsrchr(driver, L'\\');

	name = name ? name + 1 : driver;
	for (unsigned i = 0; i < ARRAYSIZE(ours); i++) {
		size_t stem = wcslen(ours[i]) - 4;
		if (!_wcsicmp(name, ours[i]) || (wcslen(name) == stem && !_wcsnicmp(name, ours[i], stem)))
			return true;
	}
	return false;
}

static bool names_others(const WCHAR *key, const WCHAR *value)
{
	WCHAR driver[NAME_MAX];

	read_string(key, value, driver);
	return driver[0] && !is_ours(driver);
}

bool registration_is_others(const WCHAR *key)
{
	size_t length = wcslen(key), ending = wcslen(MSOGL);

	if (length > ending && !_wcsicmp(key + length - ending, MSOGL))
		return names_others(key, L"DLL");
	if (_wcsnicmp(key, CLASSES, wcslen(CLASSES)))
		return false;
	return names_others(key, adapter_names[0].name) || names_others(key, adapter_names[1].name);
}

static bool plan_adapter(struct state_list *plan, const WCHAR *key)
{
	WCHAR name[NAME_MAX];

	read_string(key, L"DriverDesc", name);
	if (registration_is_others(key)) {
		note(L"the display adapter %ls has an OpenGL driver of its own and keeps it", name);
		return true;
	}
	for (unsigned i = 0; i < ARRAYSIZE(adapter_names); i++) {
		if (!add_text(plan, key, adapter_names[i].name, adapter_names[i].driver))
			return false;
	}
	return add_number(plan, key, L"OpenGLVersion", 1) && add_number(plan, key, L"OpenGLFlags", 1) &&
	       add_number(plan, key, L"OpenGLVersionWow", 1) && add_number(plan, key, L"OpenGLFlagsWow", 1);
}

static bool plan_adapters(struct state_list *plan)
{
	SP_DEVINFO_DATA device = {.cbSize = sizeof(device)};
	WCHAR driver_key[NAME_MAX], key[STATE_PATH];
	HDEVINFO set = SetupDiGetClassDevsW(&GUID_DEVCLASS_DISPLAY, NULL, NULL, DIGCF_PRESENT);
	bool planned = true;

	if (set == INVALID_HANDLE_VALUE)
		return true;
	for (DWORD i = 0; planned && SetupDiEnumDeviceInfo(set, i, &device); i++) {
		HKEY open;
		if (!SetupDiGetDeviceRegistryPropertyW(set, &device, SPDRP_DRIVER, NULL, (BYTE *)driver_key,
			    sizeof(driver_key) - sizeof(WCHAR), NULL) ||
			!text_format(key, ARRAYSIZE(key), CLASSES L"%ls", driver_key) ||
			registry_open(key, KEY_READ, &open))
			continue;
		RegCloseKey(open);
		planned = plan_adapter(plan, key);
	}
	SetupDiDestroyDeviceInfoList(set);
	return planned;
}

bool registration_plan(struct state_list *plan)
{
	return plan_msogl(plan, L"64", DRIVER_64) && plan_msogl(plan, L"32", DRIVER_32) && plan_adapters(plan);
}
