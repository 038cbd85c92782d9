/* SPDX-License-Identifier: MIT */
/*
 * mm_frames.c - guest RAM and its page frames.
 *
 * The first MiB belongs to the firmware's shadow, and nothing above 2 GiB is used, where a PC's RAM is not at the same
 * place in the file. Runs start at places that the seed decides, so that physical neighbourhood is never by accident.
 */
#include <stdlib.h>

#include "../host/host.h"
#include "fault.h"
#include "mm_usermap.h"
#include "nt.h"

#define FIRST_FRAME 256
#define LAST_FRAME (0x80000000u >> PAGE_SHIFT)

static struct {
	HOST_LOCK Lock; /* guards Taken, Free and Random */
	int File;
	UCHAR *Base;
	ULONG64 Size; /* bytes */
	ULONG64 Frames;
	ULONG64 Free;
	UCHAR *Taken; /* one per frame */
	ULONG64 Random;
} Ram = {.File = -1};

static ULONG64 NextRandom(void)
{
	ULONG64 Mixed = Ram.Random += 0x9e3779b97f4a7c15ull;

	Mixed = (Mixed ^ (Mixed >> 30)) * 0xbf58476d1ce4e5b9ull;
	Mixed = (Mixed ^ (Mixed >> 27)) * 0x94d049bb133111ebull;
	return Mixed ^ (Mixed >> 31);
}

ULONG64 SimRandom(void)
{
	ULONG64 Value;

	HostLockAcquire(&Ram.Lock);
	Value = NextRandom();
	HostLockRelease(&Ram.Lock);
	return Value;
}

static int RamOpen(const char *Path)
{
	void *Base = NULL;
	int Error;

	Ram.File = HostOpenFile(Path, &Ram.Size);
	if (Ram.File < 0) {
		SimLog("sim: guest RAM %s cannot be opened (%d): is the device running?", Path, Ram.File);
		return Ram.File;
	}
	Ram.Size &= ~(ULONG64)(PAGE_SIZE - 1);
	Ram.Frames = min(Ram.Size >> PAGE_SHIFT, LAST_FRAME);
	if (Ram.Frames <= FIRST_FRAME) {
		SimLog("sim: guest RAM %s has %llu bytes, more than 1 MiB is needed", Path,
			(unsigned long long)Ram.Size);
		return -22;
	}
	Error = HostMapFile(Ram.File, 0, (size_t)Ram.Size, HOST_ACCESS_READ_WRITE, NULL, &Base);
	if (Error)
		return Error;
	Ram.Base = Base;
	Ram.Taken = calloc(Ram.Frames, 1);
	if (!Ram.Taken)
		return -12;
	memset(Ram.Taken, 1, FIRST_FRAME);
	Ram.Free = Ram.Frames - FIRST_FRAME;
	return 0;
}

int SimMmStart(const char *RamPath, ULONG64 Seed)
{
	HostLockInit(&Ram.Lock);
	Ram.Random = Seed;
	Ram.Frames = Ram.Size = 0;
	SimUserMapStart();
	SimContiguousStart();
	SimUserPagesStart();
	SimMdlStart();
	SimIoSpaceStart();
	return RamPath ? RamOpen(RamPath) : 0;
}

void SimMmStop(void)
{
	SimIoSpaceStop();
	SimMdlStop();
	SimUserPagesStop();
	SimUserMapStop();
	SimContiguousStop();
	if (Ram.Base)
		HostUnmap(Ram.Base, (size_t)Ram.Size);
	if (Ram.File >= 0)
		HostCloseDescriptor(Ram.File);
	free(Ram.Taken);
	Ram.Taken = NULL;
	Ram.Base = NULL;
	Ram.File = -1;
	HostLockDestroy(&Ram.Lock);
}

UCHAR *SimRamBase(void)
{
	return Ram.Base;
}

ULONG64 SimRamSize(void)
{
	return Ram.Size;
}

static ULONG64 RunLength(ULONG64 First, ULONG64 Wanted, ULONG64 Limit)
{
	ULONG64 Length = 0;

	while (Length < Wanted && First + Length < Limit && !Ram.Taken[First + Length])
		Length++;
	return Length;
}

ULONG64 SimFramesTake(ULONG64 Wanted, ULONG64 Limit, BOOLEAN Exact, ULONG64 *Got)
{
	ULONG64 Start, At, Looked, Length, Found = 0;

	Limit = min(Limit, Ram.Frames);
	*Got = 0;
	if (Limit <= FIRST_FRAME || Wanted == 0)
		return 0;
	HostLockAcquire(&Ram.Lock);
	Start = At = FIRST_FRAME + NextRandom() % (Limit - FIRST_FRAME);
	for (Looked = 0; Ram.Free > 0 && Looked < Limit - FIRST_FRAME && !Found; Looked += Length + 1) {
		Length = RunLength(At, Wanted, Limit);
		if (Length == Wanted || (Length > 0 && !Exact)) {
			Found = At;
			*Got = Length;
			break;
		}
		At += Length + 1;
		if (At >= Limit)
			At = FIRST_FRAME;
	}
	if (!Found && Exact) { /* a run across Start, which the loop above looks at only from Start on */
		At = Start > Wanted + FIRST_FRAME ? Start - Wanted : FIRST_FRAME;
		for (; At <= Start && !Found; At++) {
			if (RunLength(At, Wanted, Limit) == Wanted) {
				Found = At;
				*Got = Wanted;
			}
		}
	}
	if (Found) {
		memset(Ram.Taken + Found, 1, (size_t)*Got);
		Ram.Free -= *Got;
	}
	HostLockRelease(&Ram.Lock);
	return Found;
}

static BOOLEAN (*Touches)(ULONG64 Address, ULONG64 Length);

void SimFramesWatch(BOOLEAN (*New)(ULONG64 Address, ULONG64 Length))
{
	Touches = New;
}

void SimFramesFree(ULONG64 First, ULONG64 Count)
{
	if (Touches && Touches(First << PAGE_SHIFT, Count << PAGE_SHIFT))
		SimViolation(SimRuleDeviceMemory, "%llu pages at %#llx are given back while the device may touch them",
			(unsigned long long)Count, (unsigned long long)(First << PAGE_SHIFT));
	HostLockAcquire(&Ram.Lock);
	memset(Ram.Taken + First, 0, (size_t)Count);
	Ram.Free += Count;
	HostLockRelease(&Ram.Lock);
}

BOOLEAN SimFrameTaken(ULONG64 Frame)
{
	return Frame >= FIRST_FRAME && Frame < Ram.Frames && Ram.Taken[Frame];
}

int SimFramesMapAt(ULONG64 First, ULONG64 Count, BOOLEAN Write, void *Address)
{
	return HostMapFile(Ram.File, First << PAGE_SHIFT, (size_t)Count << PAGE_SHIFT,
		Write ? HOST_ACCESS_READ_WRITE : HOST_ACCESS_READ, Address, NULL);
}

int SimFramesMapOver(const PFN_NUMBER *Frames, ULONG64 Count, UCHAR *Base)
{
	ULONG64 i, Run;
	int Error = 0;

	for (i = 0; i < Count && !Error; i += Run) {
		for (Run = 1; i + Run < Count && Frames[i + Run] == Frames[i] + Run;)
			Run++;
		Error = SimFramesMapAt(Frames[i], Run, TRUE, Base + (i << PAGE_SHIFT));
	}
	return Error;
}

UCHAR *SimFramesMap(const PFN_NUMBER *Frames, ULONG64 Count)
{
	void *Base;

	if (HostReserve((size_t)Count << PAGE_SHIFT, &Base) != 0)
		return NULL;
	if (SimFramesMapOver(Frames, Count, Base) != 0) {
		HostUnmap(Base, (size_t)Count << PAGE_SHIFT);
		return NULL;
	}
	return Base;
}

/* Guest RAM in two ranges, as machines with a hole below 4 GiB have it, then an empty one. */
PPHYSICAL_MEMORY_RANGE NTAPI MmGetPhysicalMemoryRanges(VOID)
{
	LONGLONG Half = (LONGLONG)(Ram.Size / 2);
	PPHYSICAL_MEMORY_RANGE Ranges;

	SimIrqlMax("MmGetPhysicalMemoryRanges", PASSIVE_LEVEL);
	Ranges = ExAllocatePoolWithTag(NonPagedPoolNx, 3 * sizeof(*Ranges), 0x6d50684d);
	if (!Ranges)
		return NULL;
	memset(Ranges, 0, 3 * sizeof(*Ranges));
	Ranges[0].NumberOfBytes.QuadPart = Half;
	Ranges[1].BaseAddress.QuadPart = Half;
	Ranges[1].NumberOfBytes.QuadPart = (LONGLONG)Ram.Size - Half;
	return Ranges;
}
