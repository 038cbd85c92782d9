/* SPDX-License-Identifier: MIT */
#include "memory.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mvisor_vgpu.h"

void MvMemoryUse(MV_MEMORY *Memory, uint8_t *Ram, uint64_t Size)
{
	Memory->Ram = Ram;
	Memory->RamSize = Size;
	Memory->NextWindow = MVISOR_VGPU_BLOB_BASE;
}

int MvMemoryOpen(MV_MEMORY *Memory, const char *Path)
{
	struct stat Status;
	int File = open(Path, O_RDWR | O_CLOEXEC);
	int Error = 0;
	void *Ram;

	if (File < 0)
		return errno;
	if (fstat(File, &Status) != 0) {
		Error = errno;
	} else if (Status.st_size <= 0) {
		Error = EINVAL;
	} else {
		Ram = mmap(NULL, (size_t)Status.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, File, 0);
		if (Ram == MAP_FAILED)
			Error = errno;
		else
			MvMemoryUse(Memory, Ram, (uint64_t)Status.st_size);
	}
	close(File);
	return Error;
}

void *MvMemoryRam(MV_MEMORY *Memory, uint64_t Address, uint64_t Length)
{
	if (Address >= Memory->RamSize || Length > Memory->RamSize - Address)
		return NULL;
	return Memory->Ram + Address;
}

void *MvMemoryWindow(MV_MEMORY *Memory, uint64_t Address, uint64_t Length)
{
	for (unsigned i = 0; Address >= MVISOR_VGPU_BLOB_BASE && i < MV_MAX_WINDOWS; i++) {
		MV_WINDOW *Window = &Memory->Windows[i];

		if (Address >= Window->Address && Address - Window->Address < Window->Size &&
			Length <= Window->Size - (Address - Window->Address))
			return Window->Host + (Address - Window->Address);
	}
	return NULL;
}

void *MvMemoryAny(MV_MEMORY *Memory, uint64_t Address, uint64_t Length)
{
	void *Host = MvMemoryWindow(Memory, Address, Length);

	return Host ? Host : MvMemoryRam(Memory, Address, Length);
}

uint64_t MvMemoryMap(MV_MEMORY *Memory, void *Host, uint64_t Size, uint32_t Context, uint32_t Resource)
{
	for (unsigned i = 0; i < MV_MAX_WINDOWS; i++) {
		MV_WINDOW *Window = &Memory->Windows[i];

		if (Window->Size)
			continue;
		*Window = (MV_WINDOW){Memory->NextWindow, Size, Host, Context, Resource};
		Memory->NextWindow += Size;
		return Window->Address;
	}
	return 0;
}

void MvMemoryUnmap(MV_MEMORY *Memory, uint32_t Context, uint32_t Resource)
{
	for (unsigned i = 0; i < MV_MAX_WINDOWS; i++) {
		MV_WINDOW *Window = &Memory->Windows[i];

		if (Window->Size && Window->Context == Context && (!Resource || Window->Resource == Resource))
			memset(Window, 0, sizeof(*Window));
	}
}

void MvMemoryUnmapAll(MV_MEMORY *Memory)
{
	memset(Memory->Windows, 0, sizeof(Memory->Windows));
}
