/* SPDX-License-Identifier: MIT */
/* rules_process.c - the rules of processes and of threads that end. */
#include "rules.h"

#include <stdlib.h>
#include <string.h>

#define DIRECT CTL_CODE(FILE_DEVICE_UNKNOWN, 0x901, METHOD_OUT_DIRECT, FILE_ANY_ACCESS)

static WDFREQUEST Kept;
static char Told[8];

static void Keep(WDFREQUEST Request, size_t Out, size_t In, ULONG Code)
{
	(void)Out;
	(void)In;
	(void)Code;
	Kept = Request;
}

static VOID KeptCancelled(WDFREQUEST Request)
{
	WdfRequestComplete(Request, STATUS_CANCELLED);
}

static void KeepCancelable(WDFREQUEST Request, size_t Out, size_t In, ULONG Code)
{
	Keep(Request, Out, In, Code);
	assert_int_equal(WdfRequestMarkCancelableEx(Request, KeptCancelled), STATUS_SUCCESS);
}

static SIM_USER_FILE *Begin(void (*Ioctl)(WDFREQUEST, size_t, size_t, ULONG))
{
	Tiny.Ioctl = Ioctl;
	RulesStartDriver();
	return HarnessOpen(&TinyClass);
}

/* A request that locks a page, made so that no thread's end cancels it. */
static void *LockPage(SIM_USER_FILE *File, BOOLEAN ThreadAgnostic)
{
	void *Page = aligned_alloc(PAGE_SIZE, PAGE_SIZE);
	ULONG_PTR Information;

	assert_non_null(Page);
	assert_int_equal(SimUserIoctl(File, DIRECT, NULL, 0, Page, PAGE_SIZE, ThreadAgnostic, NULL, Page, &Information),
		STATUS_PENDING);
	return Page;
}

static void ProcessLockedPages(void **State)
{
	SIM_USER_FILE *File = Begin(Keep);
	SIM_PROCESS *Process = SimProcessCreate();
	SIM_PROCESS *Own = SimProcessEnter(Process);
	void *Page = LockPage(File, TRUE);

	(void)State;
	assert_null(Own);
	(void)SimProcessEnter(Own);
	SimProcessEnd(Process);
	assert_int_equal(SimViolationsOf(SimRuleProcessLockedPages), 1);
	WdfRequestComplete(Kept, STATUS_SUCCESS);
	SimUserClose(File);
	BROKEN(ProcessLockedPages);
	free(Page);
}

static void ErrorLog(void **State)
{
	PIO_ERROR_LOG_PACKET Packet;

	(void)State;
	RulesStartDriver();
	assert_int_equal(SimEventCount(0xE0040001), 0);
	Packet = IoAllocateErrorLogEntry(TinyDevice, sizeof(*Packet));
	assert_non_null(Packet);
	Packet->ErrorCode = (NTSTATUS)0xE0040001;
	IoWriteErrorLogEntry(Packet);
	assert_int_equal(SimEventCount(0xE0040001), 1);
	assert_int_equal(SimViolations(), 0);
	assert_null(IoAllocateErrorLogEntry(TinyDevice, 8));
	assert_int_equal(SimViolations(), 1);
	assert_non_null(IoAllocateErrorLogEntry(TinyDevice, sizeof(*Packet))); /* and never written */
	BROKEN(ErrorLog);
	assert_int_equal(SimViolationsOf(SimRuleErrorLog), 2);
}

static void ThreadUnkillable(void **State)
{
	SIM_USER_FILE *File = Begin(Keep);
	void *Page = LockPage(File, FALSE);

	(void)State;
	SimUserThreadEnd();
	assert_int_equal(SimViolationsOf(SimRuleThreadUnkillable), 1);
	WdfRequestComplete(Kept, STATUS_SUCCESS);
	SimUserClose(File);
	BROKEN(ThreadUnkillable);
	free(Page);
}

static void NTAPI Notified(HANDLE Parent, HANDLE Process, BOOLEAN Create)
{
	assert_int_equal((ULONG_PTR)Parent, 4);
	assert_true((ULONG_PTR)Process > 4);
	assert_int_equal(KeGetCurrentIrql(), PASSIVE_LEVEL);
	strcat(Told, Create ? "+" : "-");
}

static void ProcessNotifyLeak(void **State)
{
	(void)State;
	RulesStart();
	assert_int_equal(PsSetCreateProcessNotifyRoutine(Notified, TRUE), STATUS_INVALID_PARAMETER);
	assert_int_equal(PsSetCreateProcessNotifyRoutine(Notified, FALSE), STATUS_SUCCESS);
	assert_int_equal(PsSetCreateProcessNotifyRoutine(Notified, FALSE), STATUS_INVALID_PARAMETER);
	BROKEN(ProcessNotifyLeak);
}

/* No rule is broken: a process has a handle of a file that lives on in another, and a cancelable request. */
static void ProcessEnds(void **State)
{
	SIM_USER_FILE *File = Begin(KeepCancelable);
	SIM_PROCESS *Process, *Own;
	PEPROCESS First = IoGetCurrentProcess();
	void *Page;

	(void)State;
	Told[0] = 0;
	assert_int_equal(PsSetCreateProcessNotifyRoutine(Notified, FALSE), STATUS_SUCCESS);
	Process = SimProcessCreate();
	SimUserDuplicate(File, Process);
	Own = SimProcessEnter(Process);
	assert_ptr_equal(IoGetCurrentProcess(), Process);
	Page = LockPage(File, FALSE);
	(void)SimProcessEnter(Own);
	assert_ptr_equal(IoGetCurrentProcess(), First);
	memset(TinyTrace, 0, sizeof(TinyTrace));
	SimProcessEnd(Process);
	assert_string_equal(Told, "+-");
	assert_string_equal(TinyTrace, ""); /* no cleanup: the file is open */
	assert_int_equal(PsSetCreateProcessNotifyRoutine(Notified, TRUE), STATUS_SUCCESS);
	SimUserClose(File);
	assert_string_equal(TinyTrace, "UL");
	assert_int_equal(SimStop(), 0);
	memset(&Tiny, 0, sizeof(Tiny));
	free(Page);
}

/* ---- memory of the kernel's in processes ---- */

typedef struct SEEN {
	PHYSICAL_ADDRESS Highest;
	PVOID Kernel;
	PVOID User;
	PMDL Mdl;
} SEEN;

static SEEN MapPage(void)
{
	const PHYSICAL_ADDRESS Lowest = {.QuadPart = 0};
	SEEN Seen = {.Highest = {.QuadPart = -1}};

	Seen.Kernel = MmAllocateContiguousMemorySpecifyCache(PAGE_SIZE, Lowest, Seen.Highest, Lowest, MmCached);
	assert_non_null(Seen.Kernel);
	Seen.Mdl = IoAllocateMdl(Seen.Kernel, PAGE_SIZE, FALSE, FALSE, NULL);
	MmBuildMdlForNonPagedPool(Seen.Mdl);
	Seen.User = MmMapLockedPagesSpecifyCache(Seen.Mdl, UserMode, MmCached, NULL, FALSE, NormalPagePriority);
	assert_non_null(Seen.User);
	*(ULONG *)Seen.User = 77;
	assert_int_equal(*(ULONG *)Seen.Kernel, 77);
	return Seen;
}

static void Free(const SEEN *Seen)
{
	IoFreeMdl(Seen->Mdl);
	MmFreeContiguousMemorySpecifyCache(Seen->Kernel, PAGE_SIZE, MmCached);
}

static void MappingProcess(void **State)
{
	SIM_PROCESS *Process, *Own;
	KAPC_STATE Attached;
	SEEN Left, Elsewhere, Right;

	(void)State;
	RulesStart();
	Process = SimProcessCreate();
	Own = SimProcessEnter(Process);
	Left = MapPage();
	Elsewhere = MapPage();
	Right = MapPage();
	(void)SimProcessEnter(Own);
	KeStackAttachProcess((PRKPROCESS)(void *)Process, &Attached);
	MmUnmapLockedPages(Right.User, Right.Mdl);
	KeUnstackDetachProcess(&Attached);
	assert_int_equal(SimViolations(), 0);
	MmUnmapLockedPages(Elsewhere.User, Elsewhere.Mdl);
	assert_int_equal(SimViolationsOf(SimRuleMappingProcess), 1);
	SimProcessEnd(Process);
	assert_int_equal(SimViolationsOf(SimRuleMappingProcess), 2);
	Free(&Left);
	Free(&Elsewhere);
	Free(&Right);
	BROKEN(MappingProcess);
}

static void ContiguousMapped(void **State)
{
	SEEN Seen;

	(void)State;
	RulesStart();
	Seen = MapPage();
	MmFreeContiguousMemorySpecifyCache(Seen.Kernel, PAGE_SIZE, MmCached);
	assert_int_equal(SimViolations(), 1);
	MmUnmapLockedPages(Seen.User, Seen.Mdl);
	IoFreeMdl(Seen.Mdl);
	BROKEN(ContiguousMapped);
}

static void ProcessReference(void **State)
{
	SIM_PROCESS *Process;

	(void)State;
	RulesStart();
	(void)ObReferenceObject(IoGetCurrentProcess());
	(void)ObDereferenceObject(IoGetCurrentProcess());
	Process = SimProcessCreate();
	(void)ObReferenceObject(Process);
	SimProcessEnd(Process);
	assert_int_equal(SimViolations(), 0);
	BROKEN(ProcessReference);
}

static void ProcessAttach(void **State)
{
	LARGE_INTEGER Now = {.QuadPart = 0};
	KAPC_STATE Attached, Other;
	SIM_PROCESS *Process;

	(void)State;
	RulesStart();
	Process = SimProcessCreate();
	(void)ObReferenceObject(Process);
	assert_int_equal(KeWaitForSingleObject(Process, Executive, KernelMode, FALSE, &Now), STATUS_TIMEOUT);
	SimProcessEnd(Process);
	assert_int_equal(KeWaitForSingleObject(Process, Executive, KernelMode, FALSE, &Now), STATUS_SUCCESS);
	KeStackAttachProcess((PRKPROCESS)(void *)Process, &Attached);
	assert_int_equal(SimViolationsOf(SimRuleProcessAttach), 1);
	memset(&Other, 0, sizeof(Other));
	KeUnstackDetachProcess(&Other);
	assert_int_equal(SimViolationsOf(SimRuleProcessAttach), 2);
	KeUnstackDetachProcess(&Attached);
	(void)ObDereferenceObject(Process);
	BROKEN(ProcessAttach);
}

const struct CMUnitTest ProcessRuleTests[] = {
	cmocka_unit_test(MappingProcess),
	cmocka_unit_test(ContiguousMapped),
	cmocka_unit_test(ProcessReference),
	cmocka_unit_test(ProcessAttach),
	cmocka_unit_test(ProcessLockedPages),
	cmocka_unit_test(ErrorLog),
	cmocka_unit_test(ThreadUnkillable),
	cmocka_unit_test(ProcessNotifyLeak),
	cmocka_unit_test(ProcessEnds),
};
const size_t ProcessRuleTestCount = ARRAYSIZE(ProcessRuleTests);
