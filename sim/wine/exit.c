/* SPDX-License-Identifier: MIT */
/*
 * exit.c - the end of the process; see exit.h.
 *
 * Windows ends the other threads, then lets the DLLs detach with the devices still there, then closes the handles. Wine
 * would end the simulator's threads with the program's, so the program's are ended here, one by one, and only when none
 * of them is inside the simulator.
 */
#include "exit.h"

#include <stdio.h>
#include <string.h>

#include "files.h"
#include "postmortem.h"
#include "process.h"
#include "threads.h"
#include "../host/host_wine.h"
#include "../host/linux_syscall.h"

#define LEAVE_TIMEOUT_MS 5000
#define STOP_TRIES 100 /* a millisecond each */
#define WATCHDOG_NS 60000000000ull /* far more than it takes on a machine that does much else */

extern const IMAGE_DOS_HEADER __ImageBase; /* of this DLL; the linker's */

static volatile LONG Inside; /* program threads in the simulator */
static volatile LONG EndingThread; /* id of the thread that ends the process */
static volatile LONG Stopped; /* ExitStopSimulator was called */
static const char *volatile Stage = "nothing"; /* what the end is at, for the watchdog */
static HOST_LOCK WatchdogLock;
static HOST_CONDITION WatchdogStart; /* under WatchdogLock: EndingThread was set */

/* In a 32-bit program, %fs selects the segment of the thread's 32-bit data, by the same selector in all threads. Wine 8
 * does not load it again when an exception has ended in 64-bit code, where nothing needs it, and each access to a
 * device register is one. */
static uint16_t ProgramFs;

void GateEnter(void)
{
	if (HostWineIsWow64())
		__asm__("movw %%fs, %0" : "=m"(ProgramFs));
	InterlockedIncrement(&Inside);
	if (EndingThread && (DWORD)EndingThread != GetCurrentThreadId()) {
		InterlockedDecrement(&Inside);
		for (;;)
			Sleep(INFINITE);
	}
}

void GateLeave(void)
{
	InterlockedDecrement(&Inside);
	if (HostWineIsWow64())
		__asm__ volatile("movw %0, %%fs" : : "m"(ProgramFs));
}

/* ---- the report for the one who started us ---- */
static void WriteReport(uint32_t Violations)
{
	const char *Path = HostEnvironment("VGPU_SIM_REPORT");
	struct linux_iovec Part;
	char Line[64];
	int64_t File;

	if (!Path)
		return;
	File = linux_syscall(LINUX_OPENAT, (uint64_t)LINUX_AT_FDCWD, (uintptr_t)Path,
		LINUX_O_WRONLY | LINUX_O_CREAT | LINUX_O_APPEND | LINUX_O_CLOEXEC, 0600, 0, 0);
	if (File < 0)
		return;
	Part.base = Line;
	Part.length = (uint64_t)snprintf(Line, sizeof(Line), "violations %u\n", (unsigned)Violations);
	linux_syscall(LINUX_WRITEV, (uint64_t)File, (uintptr_t)&Part, 1, 0, 0, 0);
	HostCloseDescriptor((int)File);
}

static _Noreturn void EndBroken(void)
{
	WriteReport(1);
	ProcessTerminate(HOST_WINE_VIOLATION_EXIT);
}

static void Watchdog(void *Context)
{
	char Line[128];

	(void)Context;
	HostLockAcquire(&WatchdogLock);
	while (!EndingThread)
		HostConditionWait(&WatchdogStart, &WatchdogLock, HOST_FOREVER);
	HostLockRelease(&WatchdogLock);
	HostSleep(WATCHDOG_NS);
	snprintf(Line, sizeof(Line), "simulator: the process did not end in time: it is at %s", Stage);
	HostLog(Line);
	PostmortemThreads();
	EndBroken();
}

bool ExitPrepare(void)
{
	HOST_THREAD *Thread;

	HostLockInit(&WatchdogLock);
	HostConditionInit(&WatchdogStart);
	return PostmortemInstall() && HostThreadCreate(&Thread, "watchdog", Watchdog, NULL) == 0;
}

/* ---- threads ---- */
static bool IsHere(ULONG_PTR Address)
{
	const IMAGE_NT_HEADERS *Headers = (const void *)((const char *)&__ImageBase + __ImageBase.e_lfanew);

	return Address - (ULONG_PTR)&__ImageBase < Headers->OptionalHeader.SizeOfImage;
}

/* Wine ends a thread even when it holds one of Wine's own locks, which nobody gets any more then. A thread that has
 * answered a suspension holds none of these, and none of ours when it is not in our code. */
static void StopWhereHarmless(HANDLE Thread)
{
	CONTEXT Context;
	unsigned Tries;

	for (Tries = 0; Tries < STOP_TRIES; Tries++) {
		Context.ContextFlags = CONTEXT_CONTROL;
		if (SuspendThread(Thread) == (DWORD)-1 || !GetThreadContext(Thread, &Context) || !IsHere(Context.Rip))
			return;
		ResumeThread(Thread);
		Sleep(1);
	}
}

static bool EndThread(DWORD ThreadId, void *Context)
{
	HANDLE Thread = OpenThread(THREAD_TERMINATE | THREAD_SUSPEND_RESUME | THREAD_GET_CONTEXT, FALSE, ThreadId);

	(void)Context;
	if (Thread) {
		StopWhereHarmless(Thread);
		ProcessTerminateThread(Thread, 0);
		CloseHandle(Thread);
	}
	return true;
}

static bool NoteThread(DWORD ThreadId, void *Found)
{
	(void)ThreadId;
	*(bool *)Found = true;
	return false;
}

bool ExitIsLastThread(void)
{
	bool Found = false;

	ThreadsVisit(ThreadsOfProgram, NoteThread, &Found);
	return !Found;
}

/* Only the first thread to come here returns. */
static void BeginEnd(void)
{
	LONG Self = (LONG)GetCurrentThreadId();
	LONG Ending = InterlockedCompareExchange(&EndingThread, Self, 0);
	unsigned Waited;

	if (Ending == Self)
		return;
	if (Ending)
		for (;;)
			Sleep(INFINITE);
	HostLockAcquire(&WatchdogLock);
	HostConditionSignalAll(&WatchdogStart);
	HostLockRelease(&WatchdogLock);
	Stage = "threads that are in the driver";
	for (Waited = 0; Inside && Waited < LEAVE_TIMEOUT_MS; Waited++)
		Sleep(1);
	if (Inside)
		HostLog("simulator: a thread of the program does not come back from the driver");
}

void ExitStopThreads(void)
{
	BeginEnd();
	Stage = "ending threads";
	ThreadsVisit(ThreadsOfProgram, EndThread, NULL);
	Stage = "detaching DLLs";
}

void ExitStopSimulator(void)
{
	BeginEnd();
	if (InterlockedExchange(&Stopped, 1))
		return;
	Stage = "cancelling requests";
	SimUserThreadEnd();
	Stage = "closing handles";
	FileCloseAll();
	Stage = "removing the device";
	PostmortemCatch(EndBroken);
	WriteReport(SimStop());
	Stage = "ending the process";
}
