/* SPDX-License-Identifier: MIT */
/* What Windows says about OpenGL drivers: registry, devices, session, files. */
#include "info.h"

#include <stdio.h>
#include <string.h>

#define INITGUID
#include <windows.h>
#include <setupapi.h>
#include <devguid.h>

#define MSOGL L"SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\OpenGLDrivers\\MSOGL"
#define CLASSES L"SYSTEM\\CurrentControlSet\\Control\\Class\\"
#define PACKAGES L"Local Settings\\Software\\Microsoft\\Windows\\CurrentVersion\\AppModel\\Repository\\Packages"
#define ALL_USERS_PACKAGES L"SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Appx\\AppxAllUserStore\\Applications"
#define COMPATIBILITY_PACK L"Microsoft.D3DMappingLayers_"
#define VIRTIO_GPU L"VEN_1AF4&DEV_1050"

static void to_utf8(char *to, const WCHAR *from)
{
	if (!WideCharToMultiByte(CP_UTF8, 0, from, -1, to, (int)CHOICE_TEXT, NULL, NULL))
		to[0] = '\0';
}

/* A string, or the first of several; "" when it is missing. */
static void read_string(HKEY key, const WCHAR *name, char *text)
{
	WCHAR value[CHOICE_TEXT] = {0};
	DWORD size = sizeof(value) - 2 * sizeof(WCHAR);
	DWORD flags = RRF_RT_REG_SZ | RRF_RT_REG_MULTI_SZ;

	text[0] = '\0';
	if (!RegGetValueW(key, NULL, name, flags, NULL, value, &size))
		to_utf8(text, value);
}

static uint32_t read_number(HKEY key, const WCHAR *name)
{
	DWORD value = 0, size = sizeof(value);

	return RegGetValueW(key, NULL, name, RRF_RT_REG_DWORD, NULL, &value, &size) ? 0 : value;
}

static bool is_file(const char *path)
{
	WCHAR wide[MAX_PATH];

	if (!MultiByteToWideChar(CP_UTF8, 0, path, -1, wide, MAX_PATH))
		return false;
	DWORD attributes = GetFileAttributesW(wide);
	return attributes != INVALID_FILE_ATTRIBUTES && !(attributes & FILE_ATTRIBUTE_DIRECTORY);
}

static bool driver_exists(const char *dll, enum bitness bitness)
{
	WCHAR wide[MAX_PATH] = {0};
	char folder[CHOICE_TEXT], path[2 * CHOICE_TEXT];
	size_t length = strlen(dll);
	const char *ending = length > 4 && !_stricmp(dll + length - 4, ".dll") ? "" : ".dll";

	if (strpbrk(dll, "\\/"))
		return is_file(dll);
	/* A 32-bit program on 32-bit Windows has no second folder. */
	if (bitness == BITS_64 || !GetSystemWow64DirectoryW(wide, MAX_PATH))
		GetSystemDirectoryW(wide, MAX_PATH);
	to_utf8(folder, wide);
	snprintf(path, sizeof(path), "%s\\%s%s", folder, dll, ending);
	return is_file(path);
}

static void read_registration(struct registration *registered, enum bitness bitness)
{
	REGSAM view = bitness == BITS_64 ? KEY_WOW64_64KEY : KEY_WOW64_32KEY;
	HKEY key;

	if (RegOpenKeyExW(HKEY_LOCAL_MACHINE, MSOGL, 0, KEY_READ | view, &key))
		return;
	registered->present = true;
	read_string(key, L"DLL", registered->dll);
	registered->version = read_number(key, L"Version");
	registered->driver_version = read_number(key, L"DriverVersion");
	registered->flags = read_number(key, L"Flags");
	registered->dll_exists = registered->dll[0] && driver_exists(registered->dll, bitness);
	RegCloseKey(key);
}

static void find_primary(char *name)
{
	DISPLAY_DEVICEW display = {.cb = sizeof(display)};

	name[0] = '\0';
	for (DWORD i = 0; EnumDisplayDevicesW(NULL, i, &display, 0); i++) {
		if (display.StateFlags & DISPLAY_DEVICE_PRIMARY_DEVICE)
			to_utf8(name, display.DeviceString);
	}
}

static void read_adapter(struct system_view *view, const WCHAR *driver_key, const char *primary)
{
	struct adapter *adapter = &view->adapters[view->num_adapters];
	WCHAR path[512] = CLASSES;
	HKEY key;

	wcsncat(path, driver_key, 400);
	if (RegOpenKeyExW(HKEY_LOCAL_MACHINE, path, 0, KEY_READ | KEY_WOW64_64KEY, &key))
		return;
	read_string(key, L"DriverDesc", adapter->name);
	read_string(key, L"OpenGLDriverName", adapter->driver[BITS_64]);
	read_string(key, L"OpenGLDriverNameWow", adapter->driver[BITS_32]);
	adapter->primary = primary[0] && !strcmp(adapter->name, primary);
	view->num_adapters++;
	RegCloseKey(key);
}

static void read_adapters(struct system_view *view)
{
	SP_DEVINFO_DATA device = {.cbSize = sizeof(device)};
	char primary[CHOICE_TEXT];
	WCHAR driver_key[CHOICE_TEXT];
	HDEVINFO set = SetupDiGetClassDevsW(&GUID_DEVCLASS_DISPLAY, NULL, NULL, DIGCF_PRESENT);

	if (set == INVALID_HANDLE_VALUE)
		return;
	find_primary(primary);
	for (DWORD i = 0; view->num_adapters < CHOICE_MAX_ADAPTERS && SetupDiEnumDeviceInfo(set, i, &device); i++) {
		if (SetupDiGetDeviceRegistryPropertyW(set, &device, SPDRP_DRIVER, NULL, (BYTE *)driver_key,
			    sizeof(driver_key) - sizeof(WCHAR), NULL))
			read_adapter(view, driver_key, primary);
	}
	SetupDiDestroyDeviceInfoList(set);
}

/* Which service drives a virtio GPU, where it is not ours; "(no driver)" where none does. */
static void find_other_service(struct system_view *view)
{
	SP_DEVINFO_DATA device = {.cbSize = sizeof(device)};
	HDEVINFO set = SetupDiGetClassDevsW(NULL, L"PCI", NULL, DIGCF_PRESENT | DIGCF_ALLCLASSES);

	if (set == INVALID_HANDLE_VALUE)
		return;
	for (DWORD i = 0; SetupDiEnumDeviceInfo(set, i, &device); i++) {
		WCHAR ids[512] = {0}, service[CHOICE_TEXT] = L"(no driver)";
		if (!SetupDiGetDeviceRegistryPropertyW(
			    set, &device, SPDRP_HARDWAREID, NULL, (BYTE *)ids, sizeof(ids) - 4, NULL) ||
			!wcsstr(ids, VIRTIO_GPU))
			continue;
		SetupDiGetDeviceRegistryPropertyW(
			set, &device, SPDRP_SERVICE, NULL, (BYTE *)service, sizeof(service) - sizeof(WCHAR), NULL);
		if (_wcsicmp(service, L"vgpu"))
			to_utf8(view->gpu_service, service);
	}
	SetupDiDestroyDeviceInfoList(set);
}

static bool has_package(HKEY root, const WCHAR *path)
{
	WCHAR name[256];
	HKEY key;
	bool found = false;

	if (RegOpenKeyExW(root, path, 0, KEY_READ | KEY_WOW64_64KEY, &key))
		return false;
	for (DWORD i = 0, length = 256; !found; i++, length = 256) {
		LSTATUS status = RegEnumKeyExW(key, i, name, &length, NULL, NULL, NULL, NULL);
		if (status && status != ERROR_MORE_DATA)
			break;
		found = !status && !_wcsnicmp(name, COMPATIBILITY_PACK, wcslen(COMPATIBILITY_PACK));
	}
	RegCloseKey(key);
	return found;
}

static void find_beside(struct system_view *view, const char *application)
{
	WCHAR wide[MAX_PATH] = {0};
	char program[CHOICE_TEXT], path[2 * CHOICE_TEXT];
	char *end = program;

	if (!application && GetModuleFileNameW(NULL, wide, MAX_PATH - 1))
		to_utf8(program, wide);
	else
		snprintf(program, sizeof(program), "%s", application ? application : "");
	for (char *at = program; *at; at++) {
		if (*at == '\\' || *at == '/')
			end = at + 1;
	}
	*end = '\0';
	snprintf(path, sizeof(path), "%sopengl32.dll", program);
	if (strlen(path) < sizeof(view->beside) && is_file(path))
		memcpy(view->beside, path, strlen(path) + 1);
}

bool system_find_out(struct system_view *view, const char *application)
{
	if (application && !is_file(application))
		return false;
	*view = (struct system_view){0};
	for (unsigned i = 0; i < BITNESS_COUNT; i++)
		read_registration(&view->registered[i], (enum bitness)i);
	read_adapters(view);
	find_other_service(view);
	view->compatibility_pack =
		has_package(HKEY_CLASSES_ROOT, PACKAGES) || has_package(HKEY_LOCAL_MACHINE, ALL_USERS_PACKAGES);
	view->remote_session = GetSystemMetrics(SM_REMOTESESSION) != 0;
	find_beside(view, application);
	return true;
}
