/* SPDX-License-Identifier: MIT */
/*
 * nt.h - what the parts of the NT simulator offer each other and the framework simulator. Each part has a start, and a
 * stop that audits what the driver left behind.
 */
#ifndef SIM_NT_H
#define SIM_NT_H

#include <ntddk.h>

#include "fault.h"
#include "rules.h"
#include "thread.h"

void SimKeStart(void);
void SimKeStop(void);

void SimPoolStart(void);
void SimPoolStop(void); /* PoolLeak */

/* ---- memory: mm_*.c ---- */
int SimMmStart(const char *RamPath, ULONG64 Seed); /* 0 or -errno; RamPath NULL: no device memory */
void SimMmStop(void); /* every Mm leak */

UCHAR *SimRamBase(void); /* the simulator's own view of guest RAM, NULL without */
ULONG64 SimRamSize(void);

/* Frames of guest RAM: page frame numbers. A run of at most Wanted adjoining free frames below Limit, taken from a
 * place that the seed decides; exactly Wanted if Exact. 0: none left; *Got is its length. */
ULONG64 SimFramesTake(ULONG64 Wanted, ULONG64 Limit, BOOLEAN Exact, ULONG64 *Got);
void SimFramesFree(ULONG64 First, ULONG64 Count);
/* Asked before frames are freed: whether the device may still touch these bytes (rule DeviceMemory). NULL: nobody. */
void SimFramesWatch(BOOLEAN (*Touches)(ULONG64 Address, ULONG64 Length));
BOOLEAN SimFrameTaken(ULONG64 Frame);
ULONG64 SimRandom(void); /* from the seed */

/* Maps adjoining frames at this address, replacing what is there: 0 or -errno. */
int SimFramesMapAt(ULONG64 First, ULONG64 Count, BOOLEAN Write, void *Address);

/* Maps the frames one after the other, replacing what is at Base: 0 or -errno, after which any of them may be mapped.
 */
int SimFramesMapOver(const PFN_NUMBER *Frames, ULONG64 Count, UCHAR *Base);
/* The same in fresh address space; NULL: no room. */
UCHAR *SimFramesMap(const PFN_NUMBER *Frames, ULONG64 Count);

void SimContiguousStart(void);
void SimContiguousStop(void);
void SimContiguousFragment(ULONG64 LargestPiece); /* bytes; 0: whatever there is */
/* The frame that backs a kernel address of contiguous memory or of a kernel mapping; FALSE: none. */
BOOLEAN SimContiguousFrame(const void *Address, ULONG64 *Frame);
BOOLEAN SimMappingFrame(const void *Address, ULONG64 *Frame);

void SimUserPagesStart(void);
void SimUserPagesStop(void);
void SimMdlStart(void);
void SimMdlStop(void);

/* Locks the pages that an MDL describes, for the current process. */
NTSTATUS SimMdlLock(PMDL Mdl, BOOLEAN Write);

/* Locks the user pages of [Address, +Length): STATUS_ACCESS_VIOLATION and nothing locked when one cannot be accessed
 * so. */
NTSTATUS SimUserPagesLock(const void *Address, SIZE_T Length, BOOLEAN Write, PPFN_NUMBER Frames);
void SimUserPagesUnlock(const void *Address, SIZE_T Length);

/* ---- device memory: mm_io.c ---- */
struct SIM_PCI_FUNCTION;
typedef struct SIM_IO_TARGET {
	ULONG64 (*Read)(void *Context, ULONG64 Physical, ULONG Width);
	void (*Write)(void *Context, ULONG64 Physical, ULONG Width, ULONG64 Value);
	/* Bytes that may be mapped from this physical address on; 0: no device memory there. */
	ULONG64 (*Extent)(void *Context, ULONG64 Physical);
	/* Where it lies in this process; NULL: nowhere. */
	UCHAR *(*Memory)(void *Context, ULONG64 Physical, ULONG64 Length);
	void *Context;
} SIM_IO_TARGET;
void SimIoSpaceStart(void);
void SimIoSpaceTarget(const SIM_IO_TARGET *Target); /* NULL: none */
void SimIoSpaceStop(void);
BOOLEAN SimIoSpaceIs(ULONG64 Physical, ULONG64 Length); /* all of it a device's */
UCHAR *SimIoSpaceMemory(ULONG64 Physical, ULONG64 Length); /* in this process, or NULL */
BOOLEAN SimIoSpaceFrame(const void *Address, ULONG64 *Frame); /* of an address that MmMapIoSpaceEx gave */
void SimIoSpaceCaching(ULONG64 Physical, ULONG64 Length, MEMORY_CACHING_TYPE Cache); /* MappingCache */

void SimErrorLogStart(void);
void SimErrorLogStop(void);
void SimRoutinesMissing(const char *Names); /* routines.c: SIM_OPTIONS.MissingRoutines */

/* ---- exceptions: seh.c ---- */
/* Copies from or to user memory; FALSE when it cannot be accessed. */
BOOLEAN SimCopyFromUser(void *Target, const void *Source, SIZE_T Length);
BOOLEAN SimCopyToUser(void *Target, const void *Source, SIZE_T Length);

#endif /* SIM_NT_H */
