/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "machine.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define RAM_SIZE (32u << 20)

const char *MachineRam(void)
{
	static char Path[32];
	int File;

	if (Path[0])
		return Path;
	File = memfd_create("guest-ram", 0);
	if (File < 0 || ftruncate(File, RAM_SIZE) != 0)
		abort();
	snprintf(Path, sizeof(Path), "/proc/self/fd/%d", File);
	return Path;
}
