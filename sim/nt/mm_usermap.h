/* SPDX-License-Identifier: MIT */
/*
 * mm_usermap.h - memory of the kernel's that is mapped into a process: MmMapLockedPagesSpecifyCache with UserMode.
 *
 * A mapping belongs to the process in which it was made, and may be unmapped only there. A process that ends with one,
 * or memory that is freed while it is mapped, would let a program see what the kernel does with the pages next.
 */
#ifndef SIM_MM_USERMAP_H
#define SIM_MM_USERMAP_H

#include <ntddk.h>

void SimUserMapStart(void);
void SimUserMapStop(void); /* MappingLeak */

/* The pages in fresh address space of the calling thread's process; NULL: no room. */
PVOID SimUserMap(PMDL Mdl, const PFN_NUMBER *Frames, ULONG64 Pages);
/* Device memory, which this process has at Memory. */
PVOID SimUserMapDevice(PMDL Mdl, const PFN_NUMBER *Frames, ULONG64 Pages, UCHAR *Memory);
/* FALSE: no user mapping is at this address. MappingBad, MappingProcess. */
BOOLEAN SimUserUnmap(PVOID Address, PMDL Mdl);
BOOLEAN SimUserMapped(ULONG64 Frame, ULONG64 Frames); /* any of them, in any process */
void SimUserMapProcessEnds(PEPROCESS Process); /* MappingProcess */

#endif /* SIM_MM_USERMAP_H */
