/* SPDX-License-Identifier: MIT */
/*
 * Ends the process while its threads begin, open and close the device, and end by themselves: whatever lock such a
 * thread holds when the process ends it, the process must come to its end. With "crash", the driver is made to crash
 * when its device is removed, which is after the program's last instruction.
 */
#include <stdio.h>
#include <string.h>

#include <windows.h>

#include "vgpu_client.h"

#define THREADS 6
#define RUN_MS 300
#define CODE_OFFSET 0x1000 /* the first section */

static DWORD WINAPI ShortLived(void *Context)
{
	struct vgpu_client *Client;

	if (Context && vgpu_client_open(0, &Client) == VGPU_OK)
		vgpu_client_close(Client);
	return 0;
}

static DWORD WINAPI Starter(void *Context)
{
	unsigned i;

	for (i = 0;; i++) {
		HANDLE Thread = CreateThread(NULL, 0, ShortLived, i % 4 ? NULL : Context, 0, NULL);

		if (!Thread)
			continue;
		WaitForSingleObject(Thread, INFINITE);
		CloseHandle(Thread);
	}
}

/* Nothing of the driver's runs until then: no handle is open, no command under way. */
static int BreakDriver(void)
{
	const char *Driver = (const char *)GetModuleHandleA("vgpu.sys");
	MEMORY_BASIC_INFORMATION Code;
	DWORD Old;

	if (!Driver || !VirtualQuery(Driver + CODE_OFFSET, &Code, sizeof(Code)) ||
		!VirtualProtect(Code.BaseAddress, Code.RegionSize, PAGE_NOACCESS, &Old))
		return 1;
	printf("driver %p, was %#lx\n", (const void *)Driver, (unsigned long)Old);
	fflush(stdout);
	return 0;
}

int main(int ArgumentCount, char **Arguments)
{
	unsigned i;

	if (ArgumentCount > 1 && strcmp(Arguments[1], "crash") == 0)
		return BreakDriver();
	for (i = 0; i < THREADS; i++) {
		HANDLE Thread = CreateThread(NULL, 0, Starter, i ? NULL : (void *)&i, 0, NULL);

		if (!Thread)
			return 1;
		CloseHandle(Thread);
	}
	Sleep(RUN_MS);
	puts("ending");
	fflush(stdout);
	return 0;
}
