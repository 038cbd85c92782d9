/* SPDX-License-Identifier: MIT */
/* postmortem.c - where threads are; see postmortem.h. */
#include "postmortem.h"

#include <stdio.h>

#include "threads.h"
#include "../host/host.h"

#define STACK_WORDS 512u /* looked at */
#define MAX_PLACES 24u /* told */

static void (*volatile AfterCrash)(void);

/* The module's base and the offset, if the address lies in one: code of an image. */
static bool FindImage(ULONG64 Address, ULONG64 *Base)
{
	MEMORY_BASIC_INFORMATION Memory;

	if (!VirtualQuery((const void *)Address, &Memory, sizeof(Memory)) || Memory.Type != MEM_IMAGE)
		return false;
	*Base = (ULONG64)(ULONG_PTR)Memory.AllocationBase;
	return true;
}

static bool IsCode(ULONG64 Address)
{
	const DWORD Executable = PAGE_EXECUTE | PAGE_EXECUTE_READ | PAGE_EXECUTE_READWRITE | PAGE_EXECUTE_WRITECOPY;
	MEMORY_BASIC_INFORMATION Memory;

	return VirtualQuery((const void *)Address, &Memory, sizeof(Memory)) && Memory.Type == MEM_IMAGE &&
	       (Memory.Protect & Executable);
}

/* "base+offset": the base tells the module, by what the loader is known to put there. */
static void LogPlace(const char *What, ULONG64 Address)
{
	extern const IMAGE_DOS_HEADER __ImageBase;
	char Line[128];
	ULONG64 Base;

	if (!FindImage(Address, &Base))
		snprintf(Line, sizeof(Line), "simulator: %s %#llx", What, (unsigned long long)Address);
	else if (Base == (ULONG64)(ULONG_PTR)&__ImageBase)
		snprintf(Line, sizeof(Line), "simulator: %s vgpusim.dll+%#llx", What,
			(unsigned long long)(Address - Base));
	else
		snprintf(Line, sizeof(Line), "simulator: %s the module at %#llx+%#llx", What, (unsigned long long)Base,
			(unsigned long long)(Address - Base));
	HostLog(Line);
}

void PostmortemContext(const char *What, const CONTEXT *Context)
{
	unsigned Told = 0;

	LogPlace(What, Context->Rip);
	for (unsigned i = 0; i < STACK_WORDS && Told < MAX_PLACES; i++) {
		ULONG64 Word;

		if (!HostTryCopy(&Word, (const void *)(ULONG_PTR)(Context->Rsp + i * sizeof(Word)), sizeof(Word)))
			break;
		if (IsCode(Word)) {
			LogPlace("  on its stack", Word);
			Told++;
		}
	}
}

static bool LogThread(DWORD ThreadId, void *Context)
{
	HANDLE Thread = OpenThread(THREAD_SUSPEND_RESUME | THREAD_GET_CONTEXT, FALSE, ThreadId);
	CONTEXT Registers = {.ContextFlags = CONTEXT_CONTROL | CONTEXT_INTEGER};
	char What[64];

	(void)Context;
	snprintf(What, sizeof(What), "thread %#lx is at", (unsigned long)ThreadId);
	if (Thread && SuspendThread(Thread) != (DWORD)-1 && GetThreadContext(Thread, &Registers))
		PostmortemContext(What, &Registers);
	if (Thread)
		CloseHandle(Thread);
	return true;
}

void PostmortemThreads(void)
{
	ThreadsVisit(ThreadsOfProcess, LogThread, NULL);
}

/* What no handler of the driver's is there for; registers of the device, whose accesses fault, come before this. */
static bool IsCrash(DWORD Code)
{
	switch (Code) {
	case EXCEPTION_ACCESS_VIOLATION:
	case EXCEPTION_IN_PAGE_ERROR:
	case EXCEPTION_ILLEGAL_INSTRUCTION:
	case EXCEPTION_PRIV_INSTRUCTION:
	case EXCEPTION_INT_DIVIDE_BY_ZERO:
	case EXCEPTION_STACK_OVERFLOW:
	case EXCEPTION_BREAKPOINT:
		return true;
	default:
		return false;
	}
}

static LONG CALLBACK OnException(EXCEPTION_POINTERS *Exception)
{
	const EXCEPTION_RECORD *Record = Exception->ExceptionRecord;
	char What[96];

	if (!AfterCrash || !IsCrash(Record->ExceptionCode))
		return EXCEPTION_CONTINUE_SEARCH;
	snprintf(What, sizeof(What), "exception %#lx (%#llx) in thread %#lx at", (unsigned long)Record->ExceptionCode,
		(unsigned long long)(Record->NumberParameters > 1 ? Record->ExceptionInformation[1] : 0),
		(unsigned long)GetCurrentThreadId());
	PostmortemContext(What, Exception->ContextRecord);
	AfterCrash();
	return EXCEPTION_CONTINUE_SEARCH;
}

bool PostmortemInstall(void)
{
	return AddVectoredExceptionHandler(FALSE, OnException) != NULL;
}

void PostmortemCatch(void (*Done)(void))
{
	AfterCrash = Done;
}
