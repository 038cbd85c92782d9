/* SPDX-License-Identifier: MIT */
/* process.c - processes, their handles and locked pages, and the routines that are told of their beginning and end. */
#include "process.h"

#include <stdlib.h>

#include "../host/host.h"
#include "nt.h"
#include "thread.h"

#define MAX_ROUTINES 64 /* as on Windows */

typedef struct HANDLE_RECORD {
	struct HANDLE_RECORD *Next;
	SIM_USER_FILE *File;
} HANDLE_RECORD;

struct SIM_PROCESS {
	struct SIM_PROCESS *Next; /* in Dead */
	LONG_PTR Id;
	LONG64 LockedPages;
	HANDLE_RECORD *Handles;
};

static HOST_LOCK Lock; /* guards what follows, and what is in a process */
static PCREATE_PROCESS_NOTIFY_ROUTINE Routines[MAX_ROUTINES];
static struct SIM_PROCESS First = {.Id = 4};
static struct SIM_PROCESS *Dead; /* with pages locked: whoever unlocks them names it */
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

NTSTATUS NTAPI PsSetCreateProcessNotifyRoutine(PCREATE_PROCESS_NOTIFY_ROUTINE Routine, BOOLEAN Remove)
{
	NTSTATUS Status = STATUS_INVALID_PARAMETER;
	ULONG At, Free = MAX_ROUTINES;

	SimIrqlMax("PsSetCreateProcessNotifyRoutine", PASSIVE_LEVEL);
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
	HostLockAcquire(&Lock);
	Process->Id = LastId += 4;
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

	HostLockAcquire(&Lock);
	Locked = Process->LockedPages;
	if (Locked) {
		Process->Next = Dead;
		Dead = Process;
	}
	HostLockRelease(&Lock);
	if (Locked) /* bug check 0x76 */
		SimViolation(SimRuleProcessLockedPages, "a process ended with %lld pages locked", (long long)Locked);
	else
		free(Process);
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
	while (Dead) {
		SIM_PROCESS *Old = Dead;

		Dead = Old->Next;
		free(Old);
	}
	HostLockDestroy(&Lock);
}
