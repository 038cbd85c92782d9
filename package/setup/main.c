/* SPDX-License-Identifier: MIT */
/* vgpu-setup: installs, upgrades, repairs and uninstalls the package. docs/install.md is for its users. */
#include <stdio.h>
#include <wchar.h>

#include "elevate.h"
#include "log.h"
#include "transaction.h"
#include "verbs.h"

#define MUTEX L"Global\\VirtualGpuSetup"
#define LOG L"vgpu-setup.log"

static void start_log(const struct options *options)
{
	WCHAR path[STATE_PATH];
	DWORD length = GetTempPathW(STATE_PATH, path);

	if (options->log) {
		if (!log_open(options->log))
			complain(L"The log %ls cannot be written: %ls", options->log, error_text(GetLastError()));
	} else if (length && text_format(path + length, STATE_PATH - length, LOG)) {
		log_open(path);
	}
	note(L"---- %ls", GetCommandLineW());
}

static enum code run(const struct places *places, const struct options *options)
{
	switch (options->verb) {
	case VERB_UNINSTALL:
		return verb_uninstall(places, options);
	case VERB_STATUS:
		return verb_status(places);
	default:
		return verb_install(places, options, options->verb == VERB_REPAIR);
	}
}

/* One at a time; what an earlier one left comes first. */
static enum code run_alone(const struct places *places, const struct options *options)
{
	HANDLE mutex = CreateMutexW(NULL, FALSE, MUTEX);
	DWORD error, waited = mutex ? WaitForSingleObject(mutex, 0) : WAIT_FAILED;
	enum code code;

	if (waited != WAIT_OBJECT_0 && waited != WAIT_ABANDONED) {
		complain(L"Another vgpu-setup is running. Wait for its end, then try again.");
		return CODE_BUSY;
	}
	error = transaction_recover(places->journal);
	if (error) {
		complain(L"What an earlier run left could not be put in order: %ls. %ls has what is to be done.",
			error_text(error), places->journal);
		code = CODE_NOT_UNDONE;
	} else {
		code = run(places, options);
	}
	ReleaseMutex(mutex);
	CloseHandle(mutex);
	return code;
}

static enum code start(const struct options *options)
{
	struct places places;
	enum code code;
	DWORD status, error = places_find(&places);

	if (error) {
		complain(L"Program Files: %ls", error_text(error));
		return CODE_FAILED;
	}
	if (options->verb == VERB_STATUS)
		return run(&places, options);
	if (is_elevated()) {
		code = run_alone(&places, options);
		if (code == CODE_RESTART)
			say(L"Restart Windows to complete it.");
		return code;
	}
	if (!options->silent && run_elevated(&status))
		return (enum code)status;
	complain(L"This needs administrators' rights. Choose \"Run as administrator\", or start it from such a command "
		 L"line.");
	return CODE_NOT_ADMINISTRATOR;
}

/* A console of its own would be gone before anybody has read it. */
static void wait_for_reader(const struct options *options)
{
	DWORD processes[2];

	if (options->silent || GetConsoleProcessList(processes, ARRAYSIZE(processes)) != 1)
		return;
	say(L"Press Enter to close this window.");
	getwchar();
}

int wmain(int count, WCHAR **arguments)
{
	struct options options;
	enum code code;

	if (!options_read(&options, count, arguments))
		return CODE_USAGE;
	if (options.verb == VERB_HELP) {
		options_help();
		return CODE_DONE;
	}
	file_know_own();
	start_log(&options);
	code = start(&options);
	note(L"exit status %d", code);
	log_close();
	wait_for_reader(&options);
	return code;
}
