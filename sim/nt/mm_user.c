/* SPDX-License-Identifier: MIT */
/*
 * mm_user.c - user pages that are locked, which makes them the device's to see.
 *
 * Locking moves a page's content into a frame of guest RAM and maps that frame over the user's address; the last unlock
 * moves the content back into private memory at the same address, in one step for whoever reads it meanwhile. Another
 * thread that writes to a page at the very moment of its first lock may lose that write: programs lock memory that they
 * have just made.
 */
#include <stdlib.h>

#include "../host/host.h"
#include "nt.h"

#define BUCKETS 16384
#define MIN_RUN \
	4 /* frames; longer for large ranges, because each run is a mapping and the host limits their number \
	   */
#define MAX_RUNS 512
#define STACK_IN_USE 65536 /* bytes below the locking function's frame that may be in use */

typedef struct USER_PAGE {
	struct USER_PAGE *Next;
	UCHAR *Address;
	ULONG64 Frame;
	ULONG References;
	BOOLEAN Writable;
} USER_PAGE;

static HOST_LOCK Lock;
static USER_PAGE *Buckets[BUCKETS]; /* under Lock */

static USER_PAGE **Find(const UCHAR *Address)
{
	USER_PAGE **Link = &Buckets[((ULONG_PTR)Address >> PAGE_SHIFT) * 0x9e3779b97f4a7c15ull >> 50];

	while (*Link && (*Link)->Address != Address)
		Link = &(*Link)->Next;
	return Link;
}

static NTSTATUS AddPage(UCHAR *Address, ULONG64 Frame, BOOLEAN Writable)
{
	USER_PAGE **Link = Find(Address);
	USER_PAGE *Page = calloc(1, sizeof(*Page));

	if (!Page)
		return STATUS_INSUFFICIENT_RESOURCES;
	Page->Address = Address;
	Page->Frame = Frame;
	Page->References = 1;
	Page->Writable = Writable;
	*Link = Page;
	return STATUS_SUCCESS;
}

/* The pages of [Address, +Pages) from the first on that are not locked yet. */
static ULONG64 UnlockedRun(UCHAR *Address, ULONG64 Pages)
{
	ULONG64 Run = 0;

	while (Run < Pages && !*Find(Address + (Run << PAGE_SHIFT)))
		Run++;
	return Run;
}

/* Moves up to Pages pages; *Moved of them are locked afterwards. */
static NTSTATUS MoveIn(UCHAR *Address, ULONG64 Pages, BOOLEAN Writable, ULONG64 *Moved)
{
	ULONG64 Got, Frame = SimFramesTake(Pages, UINT64_MAX, FALSE, &Got);
	SIZE_T Length = (SIZE_T)Got << PAGE_SHIFT;
	NTSTATUS Status = STATUS_SUCCESS;

	*Moved = 0;
	if (!Frame)
		return STATUS_INSUFFICIENT_RESOURCES;
	if (!HostTryCopy(SimRamBase() + (Frame << PAGE_SHIFT), Address, Length))
		Status = STATUS_ACCESS_VIOLATION;
	else if (SimFramesMapAt(Frame, Got, Writable, Address) != 0)
		Status = STATUS_INSUFFICIENT_RESOURCES;
	if (!NT_SUCCESS(Status)) {
		SimFramesFree(Frame, Got);
		return Status;
	}
	for (ULONG64 i = 0; i < Got && NT_SUCCESS(Status); i++)
		Status = AddPage(Address + (i << PAGE_SHIFT), Frame + i, Writable);
	if (!NT_SUCCESS(Status))
		HostAbort(); /* out of memory in the simulator itself, with half a run moved */
	*Moved = Got;
	return STATUS_SUCCESS;
}

static void MoveOut(UCHAR *Address, ULONG64 Frame, ULONG64 Pages, BOOLEAN Writable)
{
	SIZE_T Length = (SIZE_T)Pages << PAGE_SHIFT;
	void *Private;

	if (HostMapPrivate(Length, HOST_ACCESS_READ_WRITE, NULL, &Private) != 0)
		HostAbort();
	memcpy(Private, SimRamBase() + (Frame << PAGE_SHIFT), Length);
	if (!Writable)
		HostProtect(Private, Length, HOST_ACCESS_READ);
	if (HostMove(Private, Length, Address) != 0)
		HostAbort();
	SimFramesFree(Frame, Pages);
}

/* Drops one reference of each page; runs that nobody holds any more are moved out together. */
static void Release(UCHAR *Address, ULONG64 Pages)
{
	UCHAR *RunAddress = NULL;
	ULONG64 RunFrame = 0, RunPages = 0;
	BOOLEAN RunWritable = TRUE;

	for (ULONG64 i = 0; i < Pages; i++, Address += PAGE_SIZE) {
		USER_PAGE **Link = Find(Address);
		USER_PAGE *Page = *Link;

		if (!Page) {
			SimViolation(SimRuleMdlState, "user page %p is unlocked but was not locked", (void *)Address);
			continue;
		}
		if (--Page->References > 0)
			continue;
		if (RunPages == 0 || RunAddress + (RunPages << PAGE_SHIFT) != Address ||
			RunFrame + RunPages != Page->Frame || RunWritable != Page->Writable) {
			if (RunPages > 0)
				MoveOut(RunAddress, RunFrame, RunPages, RunWritable);
			RunAddress = Address;
			RunFrame = Page->Frame;
			RunPages = 0;
			RunWritable = Page->Writable;
		}
		RunPages++;
		*Link = Page->Next;
		free(Page);
	}
	if (RunPages > 0)
		MoveOut(RunAddress, RunFrame, RunPages, RunWritable);
}

static ULONG64 NextRun(ULONG64 Pages, ULONG64 Total)
{
	ULONG64 Longest = max(MIN_RUN, 2 * Total / MAX_RUNS);
	ULONG64 Run = 1 + SimRandom() % Longest; /* apart: min evaluates twice */

	return min(Pages, Run);
}

/* A page that the locking code itself runs on cannot be moved under it. */
static BOOLEAN OnMyStack(const void *Address, SIZE_T Length)
{
	ULONG_PTR Top = (ULONG_PTR)__builtin_frame_address(0) | (PAGE_SIZE - 1);

	return (ULONG_PTR)Address <= Top && (ULONG_PTR)Address + Length > Top - STACK_IN_USE;
}

NTSTATUS SimUserPagesLock(const void *Address, SIZE_T Length, BOOLEAN Write, PPFN_NUMBER Frames)
{
	UCHAR *First = PAGE_ALIGN(Address);
	ULONG64 Pages = ADDRESS_AND_SIZE_TO_SPAN_PAGES(Address, Length);
	ULONG64 Done = 0, Run;
	NTSTATUS Status = STATUS_SUCCESS;
	BOOLEAN Writable;

	if ((ULONG_PTR)Address + Length < (ULONG_PTR)Address || !HostProbe(Address, Length, Write))
		return STATUS_ACCESS_VIOLATION;
	if (!SimRamBase())
		return STATUS_INSUFFICIENT_RESOURCES;
	if (OnMyStack(Address, Length)) {
		SimLog("sim: %p is on the stack of the thread that locks it, which the simulator cannot do", Address);
		return STATUS_INSUFFICIENT_RESOURCES;
	}
	Writable = Write || HostProbe(Address, Length, true);
	HostLockAcquire(&Lock);
	while (Done < Pages && NT_SUCCESS(Status)) {
		UCHAR *At = First + (Done << PAGE_SHIFT);
		USER_PAGE *Page = *Find(At);

		if (Page) {
			Page->References++;
			Run = 1;
		} else {
			Run = UnlockedRun(At, NextRun(Pages - Done, Pages));
			Status = MoveIn(At, Run, Writable, &Run);
		}
		for (ULONG64 i = 0; i < Run; i++)
			Frames[Done + i] = (*Find(At + (i << PAGE_SHIFT)))->Frame;
		Done += Run;
	}
	if (!NT_SUCCESS(Status))
		Release(First, Done);
	HostLockRelease(&Lock);
	return Status;
}

void SimUserPagesUnlock(const void *Address, SIZE_T Length)
{
	HostLockAcquire(&Lock);
	Release(PAGE_ALIGN(Address), ADDRESS_AND_SIZE_TO_SPAN_PAGES(Address, Length));
	HostLockRelease(&Lock);
}

void SimUserPagesStart(void)
{
	HostLockInit(&Lock);
}

void SimUserPagesStop(void)
{
	ULONG64 Left = 0;

	for (ULONG i = 0; i < BUCKETS; i++) {
		while (Buckets[i]) {
			Left++;
			Buckets[i]->References = 1;
			Release(Buckets[i]->Address, 1);
		}
	}
	if (Left > 0)
		SimViolation(SimRulePagesLeak, "%llu user pages are still locked", (unsigned long long)Left);
	HostLockDestroy(&Lock);
}
