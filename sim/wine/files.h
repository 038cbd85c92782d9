/* SPDX-License-Identifier: MIT */
/*
 * files.h - the open files of the simulated device, and which handles of the process mean them.
 *
 * A handle is a real one of Wine's, to an event, so that its value, duplication and inheritance follow Wine's rules;
 * the event is the file object's own. The file closes when its last handle is closed and no call is inside it.
 */
#ifndef FILES_H
#define FILES_H

#include "nt.h"
#include "../host/host.h"

typedef struct REQUEST REQUEST;

typedef struct DEVICE_FILE {
	struct DEVICE_FILE *Next; /* all files; under the table's lock */
	LONG Handles; /* under the table's lock */
	LONG Calls; /* handles (as one) and threads in SimUserIoctl or SimUserCancel; the last one closes User */
	LONG References; /* Calls (as one) and requests; the last one frees */
	SIM_USER_FILE *User;
	HANDLE Event; /* our own handle to the file object's event */
	BOOLEAN Synchronous;
	HOST_LOCK Serial; /* held by the one request of a synchronous file */
	HOST_LOCK Lock; /* what follows */
	REQUEST *Requests;
	HANDLE Port; /* our own handle, or NULL */
	void *Key;
	ULONG NotificationModes; /* FILE_SKIP_* */
} DEVICE_FILE;

/* Opens the file and makes its first handle. */
NTSTATUS FileOpen(const WCHAR *Name, unsigned Chars, ACCESS_MASK Access, BOOLEAN Synchronous, HANDLE *Handle);

/* The handle's file, to be given back with FileLeave; NULL when it is none of ours. */
DEVICE_FILE *FileEnter(HANDLE Handle);
void FileLeave(DEVICE_FILE *File);

void FileReference(DEVICE_FILE *File);
void FileDereference(DEVICE_FILE *File);

/* Handle means File from now on; File is entered. */
NTSTATUS FileAddHandle(DEVICE_FILE *File, HANDLE Handle);
/* Forgets the handle, which the caller closes. Its file, entered, or NULL when it was none of ours. */
DEVICE_FILE *FileRemoveHandle(HANDLE Handle);

/* Calls Visit for each open file, entered. */
void FileForEach(void (*Visit)(DEVICE_FILE *File, void *Context), void *Context);
/* Closes every file, whatever still refers to it: the process ends. */
void FileCloseAll(void);

#endif /* FILES_H */
