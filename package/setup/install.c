/* SPDX-License-Identifier: MIT */
#include "verbs.h"

#include <wchar.h>

#include "log.h"
#include "originals.h"

struct job {
	const struct places *places;
	struct state_list plan;
	struct state_list originals;
	struct transaction transaction;
	bool repair;
	bool downgrade;
};

/* The same INF, but another catalog: the same version was built or signed anew. */
static bool is_rebuilt(const struct job *job, const struct state *driver)
{
	struct state catalog = {.kind = KIND_FILE, .present = true};

	return thing_is(driver) && text_format(catalog.name, STATE_PATH, L"%ls\\" CATALOG_FILE, job->places->target) &&
	       text_format(catalog.source, STATE_PATH, L"%ls\\" CATALOG_FILE, job->places->package) &&
	       GetFileAttributesW(catalog.name) != INVALID_FILE_ATTRIBUTES && !file_is(&catalog);
}

static enum code check(
	const struct places *places, const struct options *options, bool repair, WCHAR *version, WCHAR *installed)
{
	bool any = plan_installed_version(installed);
	enum code code = checks_machine();

	if (!any)
		installed[0] = 0;
	if (!code && repair && !any) {
		complain(L"Nothing is installed that could be repaired. To install: vgpu-setup install");
		return CODE_NOT_INSTALLED;
	}
	if (!code)
		code = checks_package(places, version);
	if (!code && repair && wcscmp(version, installed)) {
		complain(L"Version %ls is installed, and this package is %ls. Repair with the same version, or install "
			 L"this one.",
			installed, version);
		return CODE_BAD_PACKAGE;
	}
	if (!code && any)
		code = checks_version(installed, version, options->force);
	/* What is installed was accepted when it was. */
	if (!code && !repair)
		code = checks_signature(places, options);
	return code ? code : checks_tools();
}

static DWORD make_plan(struct job *job)
{
	struct state absent = {.kind = KIND_DRIVER, .name = L"vgpu"};
	DWORD error = ERROR_SUCCESS;

	for (size_t i = 0; !error && i < job->plan.count; i++) {
		const struct state *wanted = job->plan.states[i];
		bool driver = wanted->kind == KIND_DRIVER;
		/* Devices keep a driver that is newer, or as new: it has to go first. */
		if (driver && (job->downgrade || is_rebuilt(job, wanted))) {
			text_format(absent.source, STATE_PATH, L"%ls\\" INF_FILE, job->places->target);
			error = transaction_set(&job->transaction, &absent, false);
		}
		if (driver)
			say(L"Driver");
		if (!error)
			error = transaction_set(&job->transaction, wanted, driver && job->repair);
	}
	return error;
}

static DWORD change(struct job *job, const WCHAR *version)
{
	DWORD error = plan_make(&job->plan, job->places, job->places->package, version);

	if (!error)
		error = originals_load(&job->originals, job->places);
	if (!error)
		error = originals_take(&job->originals, &job->plan, job->places, &job->transaction);
	if (!error)
		error = make_plan(job);
	if (!error)
		error = originals_put_back(&job->originals, &job->plan, &job->transaction);
	if (!error)
		error = originals_store(&job->originals, job->places, &job->transaction);
	return error;
}

static enum code run(struct job *job, const WCHAR *version)
{
	WCHAR inf[STATE_PATH];
	enum code code;
	DWORD error = transaction_begin(&job->transaction, job->places->journal);

	if (error) {
		complain(L"%ls: %ls", job->places->journal, error_text(error));
		return CODE_FAILED;
	}
	error = change(job, version);
	if (error) {
		code = job->transaction.effects.driver_refused ? CODE_DRIVER : CODE_FAILED;
		say(L"It failed: %ls. What was changed is undone.", error_text(error));
		return transaction_roll_back(&job->transaction) ? code : CODE_NOT_UNDONE;
	}
	transaction_commit(&job->transaction);
	if (text_format(inf, STATE_PATH, L"%ls\\" INF_FILE, job->places->package))
		driver_remove_others(inf);
	return job->transaction.effects.restart ? CODE_RESTART : CODE_DONE;
}

enum code verb_install(const struct places *places, const struct options *options, bool repair)
{
	struct job job = {.places = places, .repair = repair};
	WCHAR version[VERSION_TEXT], installed[VERSION_TEXT];
	uint64_t old = 0, new = 0;
	enum code code = check(places, options, repair, version, installed);

	if (code)
		return code;
	if (installed[0] && version_read(installed, &old) && version_read(version, &new))
		job.downgrade = new < old;
	if (!installed[0])
		say(L"Installing version %ls", version);
	else if (repair || !wcscmp(version, installed))
		say(L"Repairing version %ls", version);
	else
		say(L"Installing version %ls over %ls", version, installed);
	code = run(&job, version);
	state_list_free(&job.plan);
	state_list_free(&job.originals);
	if (code == CODE_DONE || code == CODE_RESTART)
		say(L"Version %ls is installed. Programs that are started from now on use it; vgpu-info.exe in %ls "
		    L"shows it.",
			version, places->target);
	return code;
}
