/* SPDX-License-Identifier: MIT */
/*
 * Ends the process while its threads begin, open and close the device, and end by themselves: whatever lock such a
 * thread holds when the process ends it, the process must come to its end.
 */
#include <stdio.h>

#include <windows.h>

#include "vgpu_client.h"

#define THREADS 6
#define RUN_MS 300

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

int main(void)
{
	unsigned i;

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
