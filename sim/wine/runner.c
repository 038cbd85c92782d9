/* SPDX-License-Identifier: MIT */
/*
 * runner.c - vgpu-runner.exe SIMULATOR.dll PROGRAM.exe [ARGS]: runs a program with the simulator in its process.
 *
 * The program is created suspended. A thread made in it loads the DLL, which also lets the loader bind the program's
 * own imports, and then brings the simulator up, outside the loader's lock. Only then does the program's first thread
 * run. The exit status is the program's; 125: it was not started, after a line on standard error.
 */
#include <windows.h>
#include <winternl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

#include "start.h"
#include "../host/host_wine.h"

#define EXIT_NOT_STARTED 125
#define MAX_COMMAND 32767
#define CREATE_TRIES 3u

NTSYSAPI NTSTATUS NTAPI NtQueueApcThread(HANDLE Thread, void *Routine, void *First, void *Second, void *Third);

typedef NTSTATUS NTAPI LDR_LOAD_DLL(void *Path, ULONG *Flags, UNICODE_STRING *Name, HMODULE *Module);
typedef NTSTATUS NTAPI LDR_GET_PROCEDURE_ADDRESS(HMODULE Module, ANSI_STRING *Name, ULONG Ordinal, void **Address);
typedef NTSTATUS NTAPI NT_TERMINATE_THREAD(HANDLE Thread, NTSTATUS Status);

/* What the thread in the program finds in its memory; the 64-bit ntdll has one address in all processes. */
typedef struct REMOTE {
	LDR_LOAD_DLL *LdrLoadDll;
	LDR_GET_PROCEDURE_ADDRESS *LdrGetProcedureAddress;
	NT_TERMINATE_THREAD *NtTerminateThread;
	HANDLE Self; /* the pseudo handle */
	UNICODE_STRING Library;
	ANSI_STRING Export;
	WCHAR Path[MAX_PATH];
	char Name[32];
} REMOTE;

/* Copied into the program: refers to nothing but its argument. */
__attribute__((section(".remote"), noinline, no_stack_protector)) static void NTAPI RemoteStart(
	void *Argument, void *Second, void *Third)
{
	REMOTE *Remote = Argument;
	NTSTATUS Status = StartNoLibrary;
	HMODULE Library;
	void *Start;

	(void)Second;
	(void)Third;
	if (Remote->LdrLoadDll(NULL, NULL, &Remote->Library, &Library) == 0) {
		Status = StartNoExport;
		if (Remote->LdrGetProcedureAddress(Library, &Remote->Export, 0, &Start) == 0)
			Status = (NTSTATUS)((LPTHREAD_START_ROUTINE)Start)(NULL);
	}
	for (;;)
		Remote->NtTerminateThread(Remote->Self, Status);
}

#define REMOTE_CODE_SIZE 512u

static int Fail(const char *What)
{
	fprintf(stderr, "vgpu-runner: %s (error %lu)\n", What, GetLastError());
	return EXIT_NOT_STARTED;
}

/* Memory is where Remote is to be in the program. */
static bool PrepareRemote(REMOTE *Remote, const WCHAR *Library, char *Memory)
{
	HMODULE Ntdll = GetModuleHandleW(L"ntdll.dll");
	DWORD Chars = GetFullPathNameW(Library, MAX_PATH, Remote->Path, NULL);

	/* Not by name: that may give the address of a thunk in this image. */
	Remote->LdrLoadDll = (LDR_LOAD_DLL *)(void *)GetProcAddress(Ntdll, "LdrLoadDll");
	Remote->LdrGetProcedureAddress =
		(LDR_GET_PROCEDURE_ADDRESS *)(void *)GetProcAddress(Ntdll, "LdrGetProcedureAddress");
	Remote->NtTerminateThread = (NT_TERMINATE_THREAD *)(void *)GetProcAddress(Ntdll, "NtTerminateThread");
	Remote->Self = GetCurrentThread();
	strcpy(Remote->Name, START_EXPORT);
	Remote->Library.Length = (USHORT)(Chars * sizeof(WCHAR));
	Remote->Library.MaximumLength = (USHORT)(Remote->Library.Length + sizeof(WCHAR));
	Remote->Library.Buffer = (WCHAR *)(void *)(Memory + offsetof(REMOTE, Path));
	Remote->Export.Length = sizeof(START_EXPORT) - 1;
	Remote->Export.MaximumLength = sizeof(START_EXPORT);
	Remote->Export.Buffer = Memory + offsetof(REMOTE, Name);
	return Chars > 0 && Chars < MAX_PATH;
}

/* A thread that runs RemoteStart: as an APC, which is 64-bit code in a 32-bit program too. The start address is never
 * reached. */
static HANDLE CreateRemote(HANDLE Process, const WCHAR *Library)
{
	REMOTE Remote = {0};
	HANDLE Thread;
	char *Memory;

	Memory = VirtualAllocEx(
		Process, NULL, REMOTE_CODE_SIZE + sizeof(Remote), MEM_COMMIT | MEM_RESERVE, PAGE_EXECUTE_READWRITE);
	if (!Memory || !PrepareRemote(&Remote, Library, Memory + REMOTE_CODE_SIZE) ||
		!WriteProcessMemory(Process, Memory, (const void *)RemoteStart, REMOTE_CODE_SIZE, NULL) ||
		!WriteProcessMemory(Process, Memory + REMOTE_CODE_SIZE, &Remote, sizeof(Remote), NULL))
		return NULL;
	Thread = CreateRemoteThread(
		Process, NULL, 0, (LPTHREAD_START_ROUTINE)(void *)Memory, NULL, CREATE_SUSPENDED, NULL);
	if (Thread && NtQueueApcThread(Thread, Memory, Memory + REMOTE_CODE_SIZE, NULL, NULL) != 0) {
		CloseHandle(Thread);
		return NULL;
	}
	return Thread;
}

/* StartOk, another of the start codes, or -1 when the thread could not be made or the program ended. */
static int StartSimulator(HANDLE Process, const WCHAR *Library)
{
	HANDLE Thread = CreateRemote(Process, Library), Ended[2] = {Thread, Process};
	DWORD ExitCode = (DWORD)-1;

	if (!Thread)
		return -1;
	ResumeThread(Thread);
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

/* Now and then a process of Wine's dies before it is one, mostly when much else runs: ERROR_INTERNAL_ERROR. Nothing of
 * the program has run then. */
static bool CreateProgram(const WCHAR *Program, WCHAR *CommandLine, PROCESS_INFORMATION *Process)
{
	STARTUPINFOW Startup = {.cb = sizeof(Startup)};

	for (unsigned Tries = CREATE_TRIES; Tries > 0; Tries--) {
		if (CreateProcessW(
			    Program, CommandLine, NULL, NULL, TRUE, CREATE_SUSPENDED, NULL, NULL, &Startup, Process))
			return true;
		if (GetLastError() != ERROR_INTERNAL_ERROR)
			break;
	}
	return false;
}

static int Run(const WCHAR *Library, const WCHAR *Program, WCHAR *CommandLine)
{
	PROCESS_INFORMATION Process;
	DWORD ExitCode = EXIT_NOT_STARTED;
	int Started;

	if (!CreateProgram(Program, CommandLine, &Process))
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
