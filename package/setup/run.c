/* SPDX-License-Identifier: MIT */
#include "run.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "state.h"

#define OUTPUT_MAX 16384u

/* What a program prints, read by a thread, so that a full pipe never holds it up. */
struct reader {
	HANDLE pipe;
	DWORD length;
	char text[OUTPUT_MAX + 1];
};

static DWORD WINAPI read_output(void *argument)
{
	struct reader *reader = argument;
	char rest[512];
	DWORD size;

	for (;;) {
		DWORD room = OUTPUT_MAX - reader->length;
		if (!ReadFile(reader->pipe, room ? reader->text + reader->length : rest, room ? room : sizeof(rest),
			    &size, NULL) ||
			!size)
			return 0;
		if (room)
			reader->length += size;
	}
}

static void log_output(struct reader *reader)
{
	WCHAR line[512];

	reader->text[reader->length] = 0;
	for (char *at = strtok(reader->text, "\r\n"); at; at = strtok(NULL, "\r\n")) {
		if (MultiByteToWideChar(CP_OEMCP, 0, at, -1, line, ARRAYSIZE(line)))
			note(L"  | %ls", line);
	}
}

static DWORD start(const WCHAR *path, WCHAR *command, HANDLE output, PROCESS_INFORMATION *process)
{
	SECURITY_ATTRIBUTES inherited = {.nLength = sizeof(inherited), .bInheritHandle = TRUE};
	STARTUPINFOW info = {.cb = sizeof(info), .dwFlags = STARTF_USESTDHANDLES};
	DWORD error = ERROR_SUCCESS;

	info.hStdInput = CreateFileW(L"NUL", GENERIC_READ, 0, &inherited, OPEN_EXISTING, 0, NULL);
	info.hStdOutput = output;
	info.hStdError = output;
	if (!CreateProcessW(path, command, NULL, NULL, TRUE, CREATE_NO_WINDOW, NULL, NULL, &info, process))
		error = GetLastError();
	if (info.hStdInput != INVALID_HANDLE_VALUE)
		CloseHandle(info.hStdInput);
	return error;
}

static DWORD wait_for(PROCESS_INFORMATION *process, DWORD seconds, DWORD *status)
{
	DWORD error = WaitForSingleObject(process->hProcess, seconds * 1000);

	if (error == WAIT_TIMEOUT)
		TerminateProcess(process->hProcess, WAIT_TIMEOUT);
	GetExitCodeProcess(process->hProcess, status);
	CloseHandle(process->hThread);
	CloseHandle(process->hProcess);
	return error;
}

DWORD run_program(const WCHAR *path, const WCHAR *arguments, DWORD seconds, DWORD *status)
{
	SECURITY_ATTRIBUTES inherited = {.nLength = sizeof(inherited), .bInheritHandle = TRUE};
	struct reader *reader = calloc(1, sizeof(*reader));
	HANDLE output = NULL, thread = NULL;
	WCHAR command[3 * STATE_PATH];
	PROCESS_INFORMATION process;
	DWORD error = ERROR_NOT_ENOUGH_MEMORY;

	*status = 0;
	if (!reader || !text_format(command, ARRAYSIZE(command), L"\"%ls\" %ls", path, arguments))
		goto out;
	note(L"run: %ls", command);
	if (!CreatePipe(&reader->pipe, &output, &inherited, 0) ||
		!SetHandleInformation(reader->pipe, HANDLE_FLAG_INHERIT, 0)) {
		error = GetLastError();
		goto out;
	}
	error = start(path, command, output, &process);
	CloseHandle(output);
	if (error)
		goto out;
	thread = CreateThread(NULL, 0, read_output, reader, 0, NULL);
	error = wait_for(&process, seconds, status);
	/* A grandchild may hold the pipe open: what came until now is enough. */
	if (thread && WaitForSingleObject(thread, 2000) == WAIT_TIMEOUT)
		CancelSynchronousIo(thread);
	if (thread) {
		WaitForSingleObject(thread, INFINITE);
		CloseHandle(thread);
	}
	log_output(reader);
	note(L"  its exit status: %lu (0x%lx)", *status, *status);

out:
	if (reader && reader->pipe)
		CloseHandle(reader->pipe);
	free(reader);
	return error;
}
