/* SPDX-License-Identifier: MIT */
#include "mm_usermap.h"

#include <stdlib.h>

#include "../host/host.h"
#include "nt.h"

typedef struct USER_MAPPING {
	struct USER_MAPPING *Next;
	UCHAR *Base;
	BOOLEAN Owned; /* the address space at Base is */
	PMDL Mdl;
	PEPROCESS Process;
	ULONG64 Pages;
	PFN_NUMBER Frames[];
} USER_MAPPING;

static HOST_LOCK Lock;
static USER_MAPPING *List; /* under Lock */

/* Base NULL: there is no room. Owned: its address space goes with the mapping. */
static PVOID Add(PMDL Mdl, const PFN_NUMBER *Frames, ULONG64 Pages, void *Base, BOOLEAN Owned)
{
	USER_MAPPING *New = Base ? malloc(sizeof(*New) + Pages * sizeof(PFN_NUMBER)) : NULL;

	if (!New) {
		if (Base && Owned)
			HostReleaseUser(Base, (size_t)Pages << PAGE_SHIFT);
		return NULL;
	}
	New->Base = Base;
	New->Owned = Owned;
	New->Mdl = Mdl;
	New->Process = IoGetCurrentProcess();
	New->Pages = Pages;
	memcpy(New->Frames, Frames, Pages * sizeof(PFN_NUMBER));
	HostLockAcquire(&Lock);
	New->Next = List;
	List = New;
	HostLockRelease(&Lock);
	return New->Base + Mdl->ByteOffset;
}

PVOID SimUserMap(PMDL Mdl, const PFN_NUMBER *Frames, ULONG64 Pages)
{
	size_t Bytes = (size_t)Pages << PAGE_SHIFT;
	void *Base;

	if (HostReserveUser(Bytes, &Base) != 0)
		return NULL;
	if (SimFramesMapOver(Frames, Pages, Base) != 0) {
		HostReleaseUser(Base, Bytes);
		return NULL;
	}
	return Add(Mdl, Frames, Pages, Base, TRUE);
}

/* Memory that cannot be had at a second address, a renderer's own, is shown where it is. */
PVOID SimUserMapDevice(PMDL Mdl, const PFN_NUMBER *Frames, ULONG64 Pages, UCHAR *Memory)
{
	size_t Bytes = (size_t)Pages << PAGE_SHIFT;
	void *Alias, *Base;

	if (HostAlias(Memory, Bytes, &Alias) != 0)
		return Add(Mdl, Frames, Pages, Memory, FALSE);
	if (HostReserveUser(Bytes, &Base) != 0) {
		HostUnmap(Alias, Bytes);
		return NULL;
	}
	if (HostMove(Alias, Bytes, Base) != 0) {
		HostUnmap(Alias, Bytes);
		HostReleaseUser(Base, Bytes);
		return NULL;
	}
	return Add(Mdl, Frames, Pages, Base, TRUE);
}

static void Drop(USER_MAPPING *Old)
{
	if (Old->Owned)
		HostReleaseUser(Old->Base, (size_t)Old->Pages << PAGE_SHIFT);
	free(Old);
}

BOOLEAN SimUserUnmap(PVOID Address, PMDL Mdl)
{
	USER_MAPPING **Link = &List;
	USER_MAPPING *Old;

	HostLockAcquire(&Lock);
	while (*Link && (*Link)->Base != PAGE_ALIGN(Address))
		Link = &(*Link)->Next;
	Old = *Link;
	if (Old)
		*Link = Old->Next;
	HostLockRelease(&Lock);
	if (!Old)
		return FALSE;
	SimIrqlMax("MmUnmapLockedPages", APC_LEVEL);
	if (Old->Mdl != Mdl)
		SimViolation(SimRuleMappingBad, "%p is no mapping of this MDL", Address);
	if (Old->Process != IoGetCurrentProcess())
		SimViolation(SimRuleMappingProcess, "%p is unmapped in another process than it was mapped in", Address);
	Drop(Old);
	return TRUE;
}

BOOLEAN SimUserMapped(ULONG64 Frame, ULONG64 Frames)
{
	BOOLEAN Found = FALSE;

	HostLockAcquire(&Lock);
	for (const USER_MAPPING *Old = List; Old && !Found; Old = Old->Next)
		for (ULONG64 i = 0; i < Old->Pages && !Found; i++)
			Found = Old->Frames[i] >= Frame && Old->Frames[i] - Frame < Frames;
	HostLockRelease(&Lock);
	return Found;
}

void SimUserMapProcessEnds(PEPROCESS Process)
{
	USER_MAPPING **Link = &List;
	ULONG Left = 0;

	HostLockAcquire(&Lock);
	while (*Link) {
		USER_MAPPING *Old = *Link;

		if (Old->Process != Process) {
			Link = &Old->Next;
			continue;
		}
		*Link = Old->Next;
		Drop(Old);
		Left++;
	}
	HostLockRelease(&Lock);
	if (Left)
		SimViolation(
			SimRuleMappingProcess, "a process ended with %u mappings of kernel memory", (unsigned)Left);
}

void SimUserMapStart(void)
{
	HostLockInit(&Lock);
}

void SimUserMapStop(void)
{
	while (List) {
		USER_MAPPING *Old = List;

		List = Old->Next;
		SimViolation(SimRuleMappingLeak, "user mapping of %llu pages at %p", (unsigned long long)Old->Pages,
			(void *)Old->Base);
		Drop(Old);
	}
	HostLockDestroy(&Lock);
}
