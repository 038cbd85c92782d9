/* SPDX-License-Identifier: MIT */
/* process.c - processes, their handles and locked pages, and the routines that are told of their beginning and end. */
#include "process.h"

#include <stdlib.h>

#include "../host/host.h"
#include "mm_usermap.h"
#include "nt.h"
#include "thread.h"

#define MAX_ROUTINES 64 /* as on Windows */

typedef struct HANDLE_RECORD {
	struct HANDLE_RECORD *Next;
	SIM_USER_FILE *File;
} HANDLE_RECORD;

struct SIM_PROCESS {
	KEVENT Ended; /* first, as an EPROCESS begins with what waits wait for */
	LONG References; /* the machine's until it ends, and drivers' */
	struct SIM_PROCESS *Next; /* in All */
	BOOLEAN Dead; /* with pages locked: kept for whoever unlocks them */
	LONG_PTR Id;
	LONG64 LockedPages;
	HANDLE_RECORD *Handles;
};

static HOST_LOCK Lock; /* guards what follows, and what is in a process */
static PCREATE_PROCESS_NOTIFY_ROUTINE Routines[MAX_ROUTINES];
static struct SIM_PROCESS First = {.Id = 4};
static struct SIM_PROCESS *All; /* but the first */
static LONG_PTR LastId;

static SIM_PROCESS *Current(void)
{
	SIM_PROCESS *Process = SimThread()->Process;

	return Process ? Process : &First;
}

/* A thread of the simulator's own, which serves whoever needs it, is in the first process: as in NT's system process,
 * nobody's pages may be locked there. */
PEPROCESS NTAPI IoGetCurrentProcess(VOID)
{
	return (PEPROCESS)(void *)Current();
}

LONG_PTR NTAPI ObfReferenceObject(PVOID Object)
{
	SIM_PROCESS *Process = Object;
	LONG References;

	SimIrqlMax("ObfReferenceObject", DISPATCH_LEVEL);
	HostLockAcquire(&Lock);
	References = ++Process->References;
	HostLockRelease(&Lock);
	return References;
}

static void Remove(SIM_PROCESS *Process)
{
	SIM_PROCESS **Link = &All;

	HostLockAcquire(&Lock);
	while (*Link != Process)
		Link = &(*Link)->Next;
	*Link = Process->Next;
	HostLockRelease(&Lock);
	free(Process);
}

LONG_PTR NTAPI ObfDereferenceObject(PVOID Object)
{
	SIM_PROCESS *Process = Object;
	LONG References;

	SimIrqlMax("ObfDereferenceObject", DISPATCH_LEVEL);
	HostLockAcquire(&Lock);
	References = --Process->References;
	HostLockRelease(&Lock);
	if (References < 0 || (References == 0 && Process == &First))
		SimViolation(SimRuleProcessReference, "a process is dereferenced more often than referenced");
	else if (References == 0)
		Remove(Process);
	return References;
}

VOID NTAPI KeStackAttachProcess(PRKPROCESS Process, PRKAPC_STATE State)
{
	SimIrqlMax("KeStackAttachProcess", APC_LEVEL);
	if (KeReadStateEvent(&((SIM_PROCESS *)(void *)Process)->Ended))
		SimViolation(SimRuleProcessAttach, "the process has ended: it has no address space any more");
	memset(State, 0, sizeof(*State));
	State->ApcListHead[0].Flink = (LIST_ENTRY *)(void *)SimThread();
	State->Process = (PKPROCESS)(void *)SimThread()->Process;
	SimThread()->Process = (SIM_PROCESS *)(void *)Process;
}

VOID NTAPI KeUnstackDetachProcess(PRKAPC_STATE State)
{
	if (State->ApcListHead[0].Flink != (LIST_ENTRY *)(void *)SimThread()) {
		SimViolation(SimRuleProcessAttach, "KeUnstackDetachProcess: the thread is not attached by this state");
		return;
	}
	State->ApcListHead[0].Flink = NULL;
	SimThread()->Process = (SIM_PROCESS *)(void *)State->Process;
}

NTSTATUS NTAPI PsSetCreateProcessNotifyRoutine(PCREATE_PROCESS_NOTIFY_ROUTINE Routine, BOOLEAN Remove)
{
	NTSTATUS Status = STATUS_INVALID_PARAMETER;
	ULONG At, Free = MAX_ROUTINES;

	SimIrqlMax("PsSetCreateProcessNotifyRoutine", PASSIVE_LEVEL);
	if (!Remove && SimFault("PsSetCreateProcessNotifyRoutine"))
		return Status; /* there are only so many places */
	HostLockAcquire(&Lock);
	for (At = 0; At < MAX_ROUTINES && Routines[At] != Routine; At++) {
		if (!Routines[At] && Free == MAX_ROUTINES)
			Free = At;
	}
	if (Remove && At < MAX_ROUTINES) {
		Routines[At] = NULL;
		Status = STATUS_SUCCESS;
	} else if (!Remove && At == MAX_ROUTINES && Free < MAX_ROUTINES) {
		Routines[Free] = Routine;
		Status = STATUS_SUCCESS;
	}
	HostLockRelease(&Lock);
	return Status;
}

/* In the process that begins or ends, in a critical region, as the kernel calls them. */
void SimProcessNotify(SIM_PROCESS *Process, BOOLEAN Create)
{
	for (ULONG i = 0; i < MAX_ROUTINES; i++) {
		PCREATE_PROCESS_NOTIFY_ROUTINE Routine;
		SIM_SECTION Section;

		HostLockAcquire(&Lock);
		Routine = Routines[i];
		HostLockRelease(&Lock);
		if (!Routine)
			continue;
		KeEnterCriticalRegion();
		Section = SimCallbackEnter("process notify routine", PASSIVE_LEVEL);
		Routine((HANDLE)First.Id, (HANDLE)Process->Id, Create);
		SimCallbackLeave(&Section);
		KeLeaveCriticalRegion();
	}
}

SIM_PROCESS *SimProcessCreate(void)
{
	SIM_PROCESS *Process = calloc(1, sizeof(*Process));

	if (!Process)
		HostAbort();
	KeInitializeEvent(&Process->Ended, NotificationEvent, FALSE);
	Process->References = 1;
	HostLockAcquire(&Lock);
	Process->Id = LastId += 4;
	Process->Next = All;
	All = Process;
	HostLockRelease(&Lock);
	SimProcessNotify(Process, TRUE);
	return Process;
}

SIM_PROCESS *SimProcessEnter(SIM_PROCESS *Process)
{
	SIM_PROCESS *Old = SimThread()->Process;

	SimThread()->Process = Process;
	return Old;
}

void SimProcessFree(SIM_PROCESS *Process)
{
	LONG64 Locked;

	SimUserMapProcessEnds((PEPROCESS)(void *)Process);
	(void)KeSetEvent(&Process->Ended, IO_NO_INCREMENT, FALSE);
	HostLockAcquire(&Lock);
	Locked = Process->LockedPages;
	if (Locked) {
		Process->References++;
		Process->Dead = TRUE;
	}
	HostLockRelease(&Lock);
	if (Locked) /* bug check 0x76 */
		SimViolation(SimRuleProcessLockedPages, "a process ended with %lld pages locked", (long long)Locked);
	(void)ObfDereferenceObject(Process);
}

void SimProcessPages(PEPROCESS Process, LONG64 Change)
{
	HostLockAcquire(&Lock);
	((SIM_PROCESS *)(void *)Process)->LockedPages += Change;
	HostLockRelease(&Lock);
}

void SimProcessHandleAdd(SIM_PROCESS *Process, SIM_USER_FILE *File)
{
	HANDLE_RECORD *New = calloc(1, sizeof(*New));

	if (!New)
		HostAbort();
	if (!Process)
		Process = Current();
	New->File = File;
	HostLockAcquire(&Lock);
	New->Next = Process->Handles;
	Process->Handles = New;
	HostLockRelease(&Lock);
}

SIM_USER_FILE *SimProcessHandle(SIM_PROCESS *Process)
{
	SIM_USER_FILE *File;

	HostLockAcquire(&Lock);
	File = Process->Handles ? Process->Handles->File : NULL;
	HostLockRelease(&Lock);
	return File;
}

void SimProcessHandleDrop(SIM_USER_FILE *File)
{
	HANDLE_RECORD **Link = &Current()->Handles;
	HANDLE_RECORD *Old;

	HostLockAcquire(&Lock);
	while (*Link && (*Link)->File != File)
		Link = &(*Link)->Next;
	Old = *Link;
	if (Old)
		*Link = Old->Next;
	HostLockRelease(&Lock);
	free(Old);
}

void SimProcessesStart(void)
{
	HostLockInit(&Lock);
	KeInitializeEvent(&First.Ended, NotificationEvent, FALSE);
	First.References = 1;
	All = NULL;
	LastId = First.Id;
	memset(Routines, 0, sizeof(Routines));
}

void SimProcessesStop(void)
{
	for (ULONG i = 0; i < MAX_ROUTINES; i++) {
		if (Routines[i])
			SimViolation(SimRuleProcessNotifyLeak,
				"a process notify routine is still registered at the driver's unload");
		Routines[i] = NULL;
	}
	while (First.Handles)
		SimProcessHandleDrop(First.Handles->File);
	First.LockedPages = 0;
	if (First.References != 1)
		SimViolation(SimRuleProcessReference, "the first process is still referenced %d times",
			(int)First.References - 1);
	while (All) {
		if (!All->Dead)
			SimViolation(SimRuleProcessReference, "a process is still referenced");
		Remove(All);
	}
	HostLockDestroy(&Lock);
}
