/* SPDX-License-Identifier: MIT */
/* memory.h - physical memory as the device sees it: guest RAM, and windows of host memory that the renderer mapped. */
#ifndef MV_MEMORY_H
#define MV_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

#define MV_MAX_WINDOWS 1024

typedef struct MV_WINDOW {
	uint64_t Address;
	uint64_t Size; /* bytes; 0: free */
	uint8_t *Host;
	uint32_t Context;
	uint32_t Resource;
} MV_WINDOW;

typedef struct MV_MEMORY {
	uint8_t *Ram;
	uint64_t RamSize;
	uint64_t NextWindow; /* addresses are not reused */
	MV_WINDOW Windows[MV_MAX_WINDOWS];
} MV_MEMORY;

/* Maps the file that is guest RAM: 0 or an errno. */
int MvMemoryOpen(MV_MEMORY *Memory, const char *Path);
/* Guest RAM is mapped by somebody else, and stays so. */
void MvMemoryUse(MV_MEMORY *Memory, uint8_t *Ram, uint64_t Size);
/* Guest RAM, or NULL when the range is not all RAM. */
void *MvMemoryRam(MV_MEMORY *Memory, uint64_t Address, uint64_t Length);
/* In a window, or NULL. */
void *MvMemoryWindow(MV_MEMORY *Memory, uint64_t Address, uint64_t Length);
/* RAM or a window, or NULL. */
void *MvMemoryAny(MV_MEMORY *Memory, uint64_t Address, uint64_t Length);

/* A window's address; 0: there are too many. */
uint64_t MvMemoryMap(MV_MEMORY *Memory, void *Host, uint64_t Size, uint32_t Context, uint32_t Resource);
/* Removes the windows of a context, or of one of its resources when Resource is not 0. */
void MvMemoryUnmap(MV_MEMORY *Memory, uint32_t Context, uint32_t Resource);
void MvMemoryUnmapAll(MV_MEMORY *Memory);

#endif /* MV_MEMORY_H */
