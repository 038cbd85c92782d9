/* SPDX-License-Identifier: MIT */
/*
 * threads.c - the threads of the program; see threads.h.
 *
 * Not by CreateToolhelp32Snapshot: it works on the program's heap, whose state at the end is anybody's guess, and
 * Wine's has been seen to write past the end of its own section there.
 */
#include "threads.h"

#include "../host/host.h"
#include "../host/host_wine.h"

#define LIST_BYTES ((size_t)1 << 20) /* for all processes of the session: thousands of threads */

/* The processes of the list are chained by offsets, the last one's is 0. Returns NULL when ours is not there, or the
 * list does not hold together. */
static const SYSTEM_PROCESS_INFORMATION *FindOwn(const char *List, size_t Bytes)
{
	size_t At = 0;

	while (At + sizeof(SYSTEM_PROCESS_INFORMATION) <= Bytes) {
		const SYSTEM_PROCESS_INFORMATION *Process = (const void *)(List + At);
		size_t Length = Process->NextEntryOffset ? Process->NextEntryOffset : Bytes - At;

		if (Length > Bytes - At || Length < sizeof(*Process) ||
			Process->NumberOfThreads > (Length - sizeof(*Process)) / sizeof(SYSTEM_THREAD_INFORMATION))
			break;
		if ((DWORD)(ULONG_PTR)Process->UniqueProcessId == GetCurrentProcessId())
			return Process;
		if (!Process->NextEntryOffset)
			break;
		At += Length;
	}
	HostLog("simulator: the list of threads is broken");
	return NULL;
}

void ThreadsVisit(THREAD_SET Set, THREAD_VISIT *Visit, void *Context)
{
	const SYSTEM_PROCESS_INFORMATION *Own;
	const SYSTEM_THREAD_INFORMATION *Threads;
	void *List;

	if (HostMapPrivate(LIST_BYTES, HOST_ACCESS_READ_WRITE, NULL, &List) != 0)
		return;
	if (!NT_SUCCESS(NtQuerySystemInformation(SystemProcessInformation, List, LIST_BYTES, NULL))) {
		HostLog("simulator: there is no list of threads");
		goto Unmap;
	}
	Own = FindOwn(List, LIST_BYTES);
	if (!Own)
		goto Unmap;
	Threads = (const void *)(Own + 1);
	for (ULONG i = 0; i < Own->NumberOfThreads; i++) {
		DWORD ThreadId = (DWORD)(ULONG_PTR)Threads[i].ClientId.UniqueThread;

		if (ThreadId == GetCurrentThreadId() || (Set == ThreadsOfProgram && HostWineOwnsThread(ThreadId)))
			continue;
		if (!Visit(ThreadId, Context))
			break;
	}
Unmap:
	HostUnmap(List, LIST_BYTES);
}
