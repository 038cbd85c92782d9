/* SPDX-License-Identifier: MIT */
#include "checks.h"

#include <stdio.h>
#include <string.h>
#include <wchar.h>

#include "log.h"
#include "things.h"

#define OLDEST_BUILD 14393u /* Windows 10 1607, Windows Server 2016 */
#define CODE_INTEGRITY_CLASS 103u /* SystemCodeIntegrityInformation (winternl.h) */
#define TEST_SIGNING 0x2u /* CODEINTEGRITY_OPTION_TESTSIGN */
#define CONTROL L"64\\SYSTEM\\CurrentControlSet\\Control"

struct code_integrity {
	ULONG length;
	ULONG options;
};

static bool load(const WCHAR *module, const char *name, void *to)
{
	HMODULE library = GetModuleHandleW(module);
	FARPROC function = library ? GetProcAddress(library, name) : NULL;

	memcpy(to, &function, sizeof(function));
	return function != NULL;
}

/* GetVersionEx says what the manifest lets it say; this says what is. */
static enum code check_windows(void)
{
	LONG(WINAPI * get_version)(OSVERSIONINFOW *);
	OSVERSIONINFOW version = {.dwOSVersionInfoSize = sizeof(version)};

	if (load(L"ntdll.dll", "RtlGetVersion", &get_version))
		get_version(&version);
	note(L"Windows %lu.%lu build %lu", version.dwMajorVersion, version.dwMinorVersion, version.dwBuildNumber);
	if (version.dwMajorVersion >= 10 && version.dwBuildNumber >= OLDEST_BUILD)
		return CODE_DONE;
	complain(L"This Windows is too old (%lu.%lu, build %lu). The driver needs Windows 10 1607 or Windows Server "
		 L"2016 "
		 L"(build %u) or later.",
		version.dwMajorVersion, version.dwMinorVersion, version.dwBuildNumber, OLDEST_BUILD);
	return CODE_OLD_WINDOWS;
}

/* A program for x64 also runs on Arm, where the driver would not. */
static enum code check_processor(void)
{
	BOOL(WINAPI * is_wow64)(HANDLE, USHORT *, USHORT *);
	USHORT process, machine = IMAGE_FILE_MACHINE_AMD64;

	if (load(L"kernel32.dll", "IsWow64Process2", &is_wow64) && !is_wow64(GetCurrentProcess(), &process, &machine))
		machine = IMAGE_FILE_MACHINE_AMD64;
	if (machine == IMAGE_FILE_MACHINE_AMD64)
		return CODE_DONE;
	complain(L"The driver is for x64 machines. This one is another (machine type 0x%x).", machine);
	return CODE_WRONG_MACHINE;
}

enum code checks_machine(void)
{
	enum code code = check_windows();

	return code ? code : check_processor();
}

enum code checks_package(const struct places *places, WCHAR *version)
{
	const WCHAR *missing = plan_missing_file(places->package);
	WCHAR inf[STATE_PATH];

	if (missing) {
		complain(L"%ls is missing in %ls. Unpack the whole package into a folder, and start vgpu-setup.exe "
			 L"there.",
			missing, places->package);
		return CODE_BAD_PACKAGE;
	}
	if (text_format(inf, STATE_PATH, L"%ls\\" INF_FILE, places->package) && inf_version(inf, version))
		return CODE_DONE;
	complain(L"%ls names no version. Get the package again.", inf);
	return CODE_BAD_PACKAGE;
}

enum code checks_version(const WCHAR *installed, const WCHAR *version, bool force)
{
	uint64_t old, new;

	if (!version_read(installed, &old) || !version_read(version, &new) || new >= old || force)
		return CODE_DONE;
	complain(
		L"Version %ls is installed, which is newer than %ls. Use /force to install the older one all the same.",
		installed, version);
	return CODE_DOWNGRADE;
}

/* Of the whole system; the option of the boot menu entry, where the first cannot be asked. */
static bool is_test_signing(void)
{
	LONG(WINAPI * query)(ULONG, void *, ULONG, ULONG *);
	struct code_integrity information = {.length = sizeof(information)};
	struct state options = {.kind = KIND_VALUE, .name = CONTROL, .item = L"SystemStartOptions"};

	if (load(L"ntdll.dll", "NtQuerySystemInformation", &query) &&
		!query(CODE_INTEGRITY_CLASS, &information, sizeof(information), NULL) &&
		(information.options & TEST_SIGNING))
		return true;
	if (value_look(&options) || !options.present || options.size > STATE_DATA - sizeof(WCHAR))
		return false;
	memset(options.data + options.size, 0, sizeof(WCHAR));
	_wcsupr((WCHAR *)(void *)options.data);
	return wcsstr((WCHAR *)(void *)options.data, L"TESTSIGNING") != NULL;
}

static bool is_secure_boot(void)
{
	struct state state = {
		.kind = KIND_VALUE, .name = CONTROL L"\\SecureBoot\\State", .item = L"UEFISecureBootEnabled"};
	DWORD enabled = 0;

	if (!value_look(&state) && state.present && state.size == sizeof(enabled))
		memcpy(&enabled, state.data, sizeof(enabled));
	return enabled != 0;
}

static enum code check_boot(const struct options *options)
{
	bool secure_boot = is_secure_boot(), test_signing = is_test_signing();

	note(L"Secure Boot: %ls; test-signing: %ls", secure_boot ? L"on" : L"off", test_signing ? L"on" : L"off");
	if (!secure_boot && test_signing)
		return CODE_DONE;
	if (secure_boot) {
		complain(L"This package is test-signed, and Secure Boot is on: Windows will not load its driver.");
		complain(L"What to do: turn Secure Boot off in the virtual machine's firmware settings, then run as "
			 L"administrator: bcdedit /set testsigning on, and restart Windows. Or use a package with a "
			 L"production signature.");
	} else {
		complain(L"This package is test-signed, and Windows was not started with test-signing: it will not "
			 L"load its "
			 L"driver.");
		complain(
			L"What to do: run as administrator: bcdedit /set testsigning on, and restart Windows. Or use a "
			L"package with a production signature.");
	}
	if (options->ignore_boot_state) {
		say(L"It is installed all the same, as /ignore-boot-state says.");
		return CODE_DONE;
	}
	return secure_boot ? CODE_SECURE_BOOT : CODE_TEST_SIGNING_OFF;
}

static bool answer_is_yes(void)
{
	WCHAR answer[16];

	return fgetws(answer, ARRAYSIZE(answer), stdin) && (answer[0] == L'y' || answer[0] == L'Y');
}

static enum code check_consent(const WCHAR *certificate, const struct options *options)
{
	struct state *state = &(struct state){.kind = KIND_CERTIFICATE};
	WCHAR subject[256] = L"";
	DWORD error = certificate_read(state, certificate, subject, ARRAYSIZE(subject));

	if (error) {
		complain(L"%ls is no certificate: %ls", certificate, error_text(error));
		return CODE_BAD_PACKAGE;
	}
	say(L"Its certificate is \"%ls\", SHA-1 %ls.", subject, state->item);
	if (options->accept_certificate)
		return CODE_DONE;
	if (!options->silent) {
		say(L"This machine would trust everything that is signed with that certificate's key, drivers "
		    L"included,");
		say(L"until the package is uninstalled. Do so only on a machine for tests. Trust it? [y/N]");
		if (answer_is_yes())
			return CODE_DONE;
	}
	complain(L"The certificate is not accepted; nothing is changed. To accept it: /accept-test-certificate.");
	return CODE_NO_CONSENT;
}

enum code checks_signature(const struct places *places, const struct options *options)
{
	WCHAR certificate[STATE_PATH];
	enum code code;

	if (!text_format(certificate, STATE_PATH, L"%ls\\" CERTIFICATE_FILE, places->package) ||
		GetFileAttributesW(certificate) == INVALID_FILE_ATTRIBUTES)
		return CODE_DONE;
	code = check_boot(options);
	return code ? code : check_consent(certificate, options);
}

enum code checks_tools(void)
{
	WCHAR path[MAX_PATH] = L"pnputil.exe";

	if (driver_has_pnputil(path, ARRAYSIZE(path)))
		return CODE_DONE;
	complain(
		L"%ls is missing, with which drivers are installed. Windows 10 1607 and later bring it: repair Windows "
		L"(sfc /scannow).",
		path);
	return CODE_NO_PNPUTIL;
}
