/* SPDX-License-Identifier: MIT */
/*
 * requests.h - device-control requests of the program, with the completion protocol of the NT I/O manager.
 */
#ifndef REQUESTS_H
#define REQUESTS_H

#include "files.h"

typedef struct REQUEST_CALL {
	HANDLE Event; /* NULL: the file's own */
	void *ApcContext; /* what a completion port gets; NULL: nothing */
	IO_STATUS_BLOCK *IoStatus;
	ULONG Code;
	void *Input;
	ULONG InputLength;
	void *Output;
	ULONG OutputLength;
} REQUEST_CALL;

/* File is entered. STATUS_PENDING only for files opened for asynchronous use. */
NTSTATUS RequestIoctl(DEVICE_FILE *File, const REQUEST_CALL *Call);

/* Which requests to cancel; zero members match any. */
typedef struct REQUEST_FILTER {
	const IO_STATUS_BLOCK *IoStatus;
	DWORD ThreadId;
	BOOLEAN SynchronousOnly;
} REQUEST_FILTER;

/* File is entered. The number of requests found. */
unsigned RequestCancel(DEVICE_FILE *File, const REQUEST_FILTER *Filter);

#endif /* REQUESTS_H */
