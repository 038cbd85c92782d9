/* SPDX-License-Identifier: MIT */
#include "options.h"

#include <stdio.h>
#include <wchar.h>

#include "log.h"

static const WCHAR help[] =
	L"vgpu-setup [install|uninstall|repair|status] [OPTION]...\n"
	L"\n"
	L"install    the package that this program is in (the default); over another version: an upgrade\n"
	L"uninstall  everything, and put back what stood there before\n"
	L"repair     make everything again as the installed version has it\n"
	L"status     what is installed, and whether it is whole; changes nothing\n"
	L"\n"
	L"/S                        ask nothing\n"
	L"/accept-test-certificate  trust the certificate of a test-signed package, on this machine\n"
	L"/ignore-boot-state        install a test-signed driver although Windows, as it was started, will not load "
	L"it\n"
	L"/force                    install an older version over a newer one\n"
	L"/log FILE                 append to this log; default: vgpu-setup.log in the folder for temporary files\n"
	L"/? or --help              this text. Options may begin with - or -- as well.\n"
	L"\n"
	L"Exit status\n"
	L"     0  done                          16  the test certificate was not accepted\n"
	L"  3010  done; restart Windows         17  a newer version is installed\n"
	L"     1  failed, nothing is changed    18  not installed\n"
	L"     2  bad arguments                 19  another vgpu-setup is running\n"
	L"    10  Windows is too old            20  Windows refused the driver, nothing is changed\n"
	L"    11  not a 64-bit PC (x64)         21  Windows has no pnputil.exe\n"
	L"    12  not an administrator          22  failed, and not all is as it was before\n"
	L"    13  the package is incomplete     23  status: damaged, run repair\n"
	L"    14  test-signing is off\n"
	L"    15  Secure Boot is on\n";

static bool read_verb(struct options *options, const WCHAR *text)
{
	static const WCHAR *const verbs[] = {L"install", L"uninstall", L"repair", L"status"};

	for (unsigned i = 0; i < ARRAYSIZE(verbs); i++) {
		if (!_wcsicmp(text, verbs[i])) {
			options->verb = (enum verb)i;
			return true;
		}
	}
	return false;
}

static bool read_switch(struct options *options, const WCHAR *name)
{
	const struct {
		const WCHAR *name;
		bool *value;
	} switches[] = {
		{L"S", &options->silent},
		{L"silent", &options->silent},
		{L"force", &options->force},
		{L"accept-test-certificate", &options->accept_certificate},
		{L"ignore-boot-state", &options->ignore_boot_state},
	};

	for (unsigned i = 0; i < ARRAYSIZE(switches); i++) {
		if (!_wcsicmp(name, switches[i].name)) {
			*switches[i].value = true;
			return true;
		}
	}
	if (_wcsicmp(name, L"?") && _wcsicmp(name, L"h") && _wcsicmp(name, L"help"))
		return false;
	options->verb = VERB_HELP;
	return true;
}

bool options_read(struct options *options, int count, WCHAR **arguments)
{
	bool verb_seen = false;

	*options = (struct options){.verb = VERB_INSTALL};
	for (int i = 1; i < count; i++) {
		const WCHAR *text = arguments[i];
		if (text[0] != L'/' && text[0] != L'-') {
			if (verb_seen || !read_verb(options, text)) {
				complain(L"vgpu-setup: %ls is not understood; vgpu-setup --help lists what is", text);
				return false;
			}
			verb_seen = true;
			continue;
		}
		text += text[0] == L'-' && text[1] == L'-' ? 2 : 1;
		if (!_wcsicmp(text, L"log") && i + 1 < count) {
			options->log = arguments[++i];
		} else if (!_wcsicmp(text, L"log") || !read_switch(options, text)) {
			complain(L"vgpu-setup: %ls is not understood, or lacks its value; vgpu-setup --help lists the "
				 L"options",
				arguments[i]);
			return false;
		}
		if (options->verb == VERB_HELP)
			return true;
	}
	return true;
}

void options_help(void)
{
	WCHAR line[128];
	size_t length;

	for (const WCHAR *at = help; *at; at += length + 1) {
		length = wcscspn(at, L"\n");
		_snwprintf(line, ARRAYSIZE(line), L"%.*ls", (int)length, at);
		say(L"%ls", line);
	}
}
