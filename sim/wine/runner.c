/* SPDX-License-Identifier: MIT */
/*
 * runner.c - vgpu-runner.exe SIMULATOR.dll PROGRAM.exe [ARGS]: runs a program with the simulator in its process.
 *
 * The program is created suspended. A thread made in it loads the DLL, which also lets the loader bind the program's
 * own imports, and then brings the simulator up, outside the loader's lock. Only then does the program's first thread
 * run. The exit status is the program's; 125: it was not started, after a line on standard error.
 */
#include <windows.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

#include "start.h"
#include "../host/host_wine.h"

#define EXIT_NOT_STARTED 125
#define MAX_COMMAND 32767

/* What the thread in the program finds in its memory; kernel32 has one address in all processes. */
typedef struct REMOTE {
	HMODULE(WINAPI *LoadLibraryW)(const WCHAR *);
	FARPROC(WINAPI *GetProcAddress)(HMODULE, const char *);
	WCHAR Path[MAX_PATH];
	char Export[32];
} REMOTE;

/* Copied into the program: refers to nothing but its argument. */
__attribute__((section(".remote"), noinline, no_stack_protector)) static DWORD WINAPI RemoteStart(void *Argument)
{
	const REMOTE *Remote = Argument;
	HMODULE Library = Remote->LoadLibraryW(Remote->Path);
	LPTHREAD_START_ROUTINE Start;

	if (!Library)
		return StartNoLibrary;
	Start = (LPTHREAD_START_ROUTINE)(void *)Remote->GetProcAddress(Library, Remote->Export);
	return Start ? Start(NULL) : StartNoExport;
}

#define REMOTE_CODE_SIZE 512u

static int Fail(const char *What)
{
	fprintf(stderr, "vgpu-runner: %s (error %lu)\n", What, GetLastError());
	return EXIT_NOT_STARTED;
}

/* StartOk, another of the start codes, or -1 when the thread could not be made or the program ended. */
static int StartSimulator(HANDLE Process, const WCHAR *Library)
{
	HMODULE Kernel32 = GetModuleHandleW(L"kernel32.dll");
	REMOTE Remote = {.Export = START_EXPORT};
	DWORD ExitCode = (DWORD)-1;
	HANDLE Thread, Ended[2];
	char *Memory;

	/* Not by name: that may give the address of a thunk in this image. */
	Remote.LoadLibraryW = (HMODULE(WINAPI *)(const WCHAR *))(void *)GetProcAddress(Kernel32, "LoadLibraryW");
	Remote.GetProcAddress =
		(FARPROC(WINAPI *)(HMODULE, const char *))(void *)GetProcAddress(Kernel32, "GetProcAddress");
	if (!GetFullPathNameW(Library, MAX_PATH, Remote.Path, NULL))
		return -1;
	Memory = VirtualAllocEx(
		Process, NULL, REMOTE_CODE_SIZE + sizeof(Remote), MEM_COMMIT | MEM_RESERVE, PAGE_EXECUTE_READWRITE);
	if (!Memory || !WriteProcessMemory(Process, Memory, (const void *)RemoteStart, REMOTE_CODE_SIZE, NULL) ||
		!WriteProcessMemory(Process, Memory + REMOTE_CODE_SIZE, &Remote, sizeof(Remote), NULL))
		return -1;
	Thread = CreateRemoteThread(
		Process, NULL, 0, (LPTHREAD_START_ROUTINE)(void *)Memory, Memory + REMOTE_CODE_SIZE, 0, NULL);
	if (!Thread)
		return -1;
	Ended[0] = Thread;
	Ended[1] = Process;
	if (WaitForMultipleObjects(2, Ended, FALSE, INFINITE) != WAIT_OBJECT_0 || !GetExitCodeThread(Thread, &ExitCode))
		ExitCode = (DWORD)-1;
	CloseHandle(Thread);
	return (int)ExitCode;
}

/* The command line after the first Skip arguments, as it was given. */
static WCHAR *SkipArguments(WCHAR *Line, int Skip)
{
	for (; Skip > 0; Skip--) {
		WCHAR End = L' ';

		if (*Line == L'"') {
			End = L'"';
			Line++;
		}
		while (*Line && *Line != End && !(End == L' ' && *Line == L'\t'))
			Line++;
		if (*Line)
			Line++;
		while (*Line == L' ' || *Line == L'\t')
			Line++;
	}
	return Line;
}

static int Run(const WCHAR *Library, const WCHAR *Program, WCHAR *CommandLine)
{
	STARTUPINFOW Startup = {.cb = sizeof(Startup)};
	PROCESS_INFORMATION Process;
	DWORD ExitCode = EXIT_NOT_STARTED;
	int Started;

	if (!CreateProcessW(Program, CommandLine, NULL, NULL, TRUE, CREATE_SUSPENDED, NULL, NULL, &Startup, &Process))
		return Fail("the program cannot be started");
	Started = StartSimulator(Process.hProcess, Library);
	if (Started != StartOk && WaitForSingleObject(Process.hProcess, 0) == WAIT_TIMEOUT) {
		TerminateProcess(Process.hProcess, EXIT_NOT_STARTED);
		fprintf(stderr, "vgpu-runner: %s\n",
			Started == StartNoLibrary
				? "the simulator's DLL, or one that the program imports, cannot be loaded"
			: Started == StartFailed ? "the simulator did not start"
						 : "the simulator could not be put into the program");
		goto close;
	}
	ResumeThread(Process.hThread);
	WaitForSingleObject(Process.hProcess, INFINITE);
	if (!GetExitCodeProcess(Process.hProcess, &ExitCode))
		ExitCode = EXIT_NOT_STARTED;
	if (Started == StartOk && ExitCode >= 0xc0000000)
		fprintf(stderr, "vgpu-runner: the program ended with status %08lx\n", ExitCode);
	else if (Started != StartOk && ExitCode != HOST_WINE_VIOLATION_EXIT)
		fprintf(stderr, "vgpu-runner: the program ended before it began (status %08lx); is a DLL missing?\n",
			ExitCode);
close:
	CloseHandle(Process.hThread);
	CloseHandle(Process.hProcess);
	return (int)ExitCode;
}

int wmain(int ArgumentCount, WCHAR **Arguments)
{
	static WCHAR CommandLine[MAX_COMMAND];

	if (ArgumentCount < 3) {
		fputs("usage: vgpu-runner SIMULATOR.dll PROGRAM.exe [ARGS]\n", stderr);
		return EXIT_NOT_STARTED;
	}
	wcsncpy(CommandLine, SkipArguments(GetCommandLineW(), 2), MAX_COMMAND - 1);
	return Run(Arguments[1], Arguments[2], CommandLine);
}
