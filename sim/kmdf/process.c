/* SPDX-License-Identifier: MIT */
/* process.c - what becomes of files and requests when a process ends. */
#include "kmdf.h"

void SimUserDuplicate(SIM_USER_FILE *File, SIM_PROCESS *Process)
{
	SimProcessHandleAdd(Process, File);
	HostLockAcquire(&SimIoLock);
	File->Handles++;
	HostLockRelease(&SimIoLock);
}

void SimProcessEnd(SIM_PROCESS *Process)
{
	SIM_PROCESS *Old = SimProcessEnter(Process);
	SIM_USER_FILE *File;

	SimUserThreadsEnd(Process);
	SimProcessNotify(Process, FALSE);
	while ((File = SimProcessHandle(Process)) != NULL)
		SimUserClose(File);
	(void)SimProcessEnter(Old == Process ? NULL : Old);
	SimProcessFree(Process);
}
