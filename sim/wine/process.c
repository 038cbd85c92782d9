/* SPDX-License-Identifier: MIT */
/*
 * process.c - the system calls that end the program or a thread of it; see process.h.
 */
#include "process.h"

#include "exit.h"
#include "hook.h"
#include "../host/host_wine.h"

typedef NTSTATUS NTAPI NT_TERMINATE(HANDLE, NTSTATUS);
typedef NTSTATUS NTAPI NT_QUERY_INFORMATION_THREAD(HANDLE, ULONG, void *, ULONG, ULONG *);

/* What the stubs did. */
static struct {
	NT_TERMINATE *TerminateProcess;
	NT_TERMINATE *TerminateThread;
	NT_QUERY_INFORMATION_THREAD *QueryInformationThread;
} Wine;

static bool IsThisProcess(HANDLE Process)
{
	return Process == GetCurrentProcess() || GetProcessId(Process) == GetCurrentProcessId();
}

static NTSTATUS NTAPI HookTerminateProcess(HANDLE Process, NTSTATUS ExitStatus)
{
	if (HostWineAborting() || (Process && !IsThisProcess(Process)))
		return Wine.TerminateProcess(Process, ExitStatus);
	if (!Process) {
		ExitStopThreads();
		return STATUS_SUCCESS;
	}
	ExitStopSimulator();
	ProcessTerminate(ExitStatus);
}

static NTSTATUS NTAPI HookTerminateThread(HANDLE Thread, NTSTATUS ExitStatus)
{
	if ((Thread == GetCurrentThread() || GetThreadId(Thread) == GetCurrentThreadId()) &&
		!HostWineOwnsThread(GetCurrentThreadId())) {
		GateEnter();
		SimUserThreadEnd();
		GateLeave();
	}
	return Wine.TerminateThread(Thread, ExitStatus);
}

/* The simulator's own threads must not keep a process alive whose last thread returns; nor does one of them end it. */
static NTSTATUS NTAPI HookQueryInformationThread(
	HANDLE Thread, ULONG Class, void *Buffer, ULONG Length, ULONG *Returned)
{
	if (Class != NT_THREAD_AM_I_LAST_THREAD || Length != sizeof(ULONG) || !Buffer)
		return Wine.QueryInformationThread(Thread, Class, Buffer, Length, Returned);
	*(ULONG *)Buffer = !HostWineOwnsThread(GetCurrentThreadId()) && ExitIsLastThread();
	if (Returned)
		*Returned = sizeof(ULONG);
	return STATUS_SUCCESS;
}

NTSTATUS ProcessTerminateThread(HANDLE Thread, NTSTATUS ExitStatus)
{
	return Wine.TerminateThread(Thread, ExitStatus);
}

_Noreturn void ProcessTerminate(NTSTATUS ExitStatus)
{
	Wine.TerminateProcess(NULL, ExitStatus);
	for (;;)
		Wine.TerminateProcess(GetCurrentProcess(), ExitStatus);
}

bool ProcessInstall(void)
{
	static const HOOK Hooks[] = {
		{"NtTerminateProcess", (void *)HookTerminateProcess, (void **)&Wine.TerminateProcess},
		{"NtTerminateThread", (void *)HookTerminateThread, (void **)&Wine.TerminateThread},
		{"NtQueryInformationThread", (void *)HookQueryInformationThread, (void **)&Wine.QueryInformationThread},
	};

	return HookInstall(Hooks, ARRAYSIZE(Hooks));
}
