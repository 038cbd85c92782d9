/* SPDX-License-Identifier: MIT */
/*
 * Says in which folder caches of this user's programs are: "root FOLDER", or "root none" when there is to be none.
 *
 *   cache_root              for this program
 *   cache_root --limited    for a program with the fewer rights that user account control gives to programs
 */
#include "vgpu_files.h"

#include <stdio.h>
#include <string.h>

#include <windows.h>

#define LIMIT_MS 20000

static int fail(const char *what)
{
	fprintf(stderr, "cache_root: %s: error %lu\n", what, GetLastError());
	return 1;
}

static int run_limited(char *self)
{
	STARTUPINFOA startup = {.cb = sizeof(startup)};
	PROCESS_INFORMATION process;
	TOKEN_LINKED_TOKEN limited;
	DWORD status = 1, size;
	HANDLE token, primary;

	if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token))
		return fail("OpenProcessToken");
	if (!GetTokenInformation(token, TokenLinkedToken, &limited, sizeof(limited), &size))
		return fail("GetTokenInformation");
	if (!DuplicateTokenEx(
		    limited.LinkedToken, MAXIMUM_ALLOWED, NULL, SecurityImpersonation, TokenPrimary, &primary))
		return fail("DuplicateTokenEx");
	if (!CreateProcessAsUserA(primary, NULL, self, NULL, NULL, TRUE, 0, NULL, NULL, &startup, &process))
		return fail("CreateProcessAsUser");
	WaitForSingleObject(process.hProcess, LIMIT_MS);
	GetExitCodeProcess(process.hProcess, &status);
	return (int)status;
}

int main(int argc, char **argv)
{
	char path[MAX_PATH], self[MAX_PATH + 2];

	if (argc == 2 && strcmp(argv[1], "--limited") == 0) {
		snprintf(self, sizeof(self), "\"%s\"", argv[0]);
		return run_limited(self);
	}
	printf("root %s\n", vgpu_files_cache_root(path, sizeof(path)) ? path : "none");
	return 0;
}
