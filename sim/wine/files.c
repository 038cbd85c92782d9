/* SPDX-License-Identifier: MIT */
/*
 * files.c - the open files of the simulated device; see files.h.
 */
#include "files.h"

#include <stdlib.h>

#include "exit.h"

#define BUCKETS 64u

typedef struct HANDLE_ENTRY {
	struct HANDLE_ENTRY *Next;
	HANDLE Handle;
	DEVICE_FILE *File;
} HANDLE_ENTRY;

/* The table's lock guards Handles, Files and each file's count of handles; it is innermost. */
static HOST_LOCK TableLock;
static HANDLE_ENTRY *Handles[BUCKETS];
static DEVICE_FILE *Files;

/* The low two bits of a handle value are the program's own. */
static HANDLE Plain(HANDLE Handle)
{
	return (HANDLE)((ULONG_PTR)Handle & ~(ULONG_PTR)3);
}

static HANDLE_ENTRY **Find(HANDLE Handle)
{
	HANDLE_ENTRY **Link = &Handles[((ULONG_PTR)Handle >> 2) % BUCKETS];

	while (*Link && (*Link)->Handle != Handle)
		Link = &(*Link)->Next;
	return Link;
}

static void Destroy(DEVICE_FILE *File)
{
	if (File->Port)
		CloseHandle(File->Port);
	CloseHandle(File->Event);
	HostLockDestroy(&File->Lock);
	HostLockDestroy(&File->Serial);
	free(File);
}

void FileReference(DEVICE_FILE *File)
{
	InterlockedIncrement(&File->References);
}

void FileDereference(DEVICE_FILE *File)
{
	if (InterlockedDecrement(&File->References) == 0)
		Destroy(File);
}

static void CloseUser(DEVICE_FILE *File)
{
	DEVICE_FILE **Link;
	bool Listed;

	GateEnter(); /* the end of the process finds it on the list, or closed */
	HostLockAcquire(&TableLock);
	for (Link = &Files; *Link && *Link != File; Link = &(*Link)->Next)
		;
	Listed = *Link != NULL; /* if not, FileCloseAll has it */
	if (Listed)
		*Link = File->Next;
	HostLockRelease(&TableLock);
	if (Listed)
		SimUserClose(File->User);
	GateLeave();
	FileDereference(File);
}

void FileLeave(DEVICE_FILE *File)
{
	if (InterlockedDecrement(&File->Calls) == 0)
		CloseUser(File);
}

DEVICE_FILE *FileEnter(HANDLE Handle)
{
	DEVICE_FILE *File = NULL;
	HANDLE_ENTRY *Entry;

	HostLockAcquire(&TableLock);
	Entry = *Find(Plain(Handle));
	if (Entry) {
		File = Entry->File;
		InterlockedIncrement(&File->Calls);
	}
	HostLockRelease(&TableLock);
	return File;
}

NTSTATUS FileAddHandle(DEVICE_FILE *File, HANDLE Handle)
{
	HANDLE_ENTRY *Entry = malloc(sizeof(*Entry)), **Link;

	if (!Entry)
		return STATUS_INSUFFICIENT_RESOURCES;
	Entry->Handle = Plain(Handle);
	Entry->File = File;
	HostLockAcquire(&TableLock);
	Link = &Handles[((ULONG_PTR)Entry->Handle >> 2) % BUCKETS];
	Entry->Next = *Link;
	*Link = Entry;
	if (File->Handles++ == 0)
		InterlockedIncrement(&File->Calls);
	HostLockRelease(&TableLock);
	return STATUS_SUCCESS;
}

DEVICE_FILE *FileRemoveHandle(HANDLE Handle)
{
	DEVICE_FILE *File = NULL;
	HANDLE_ENTRY **Link, *Entry;

	HostLockAcquire(&TableLock);
	Link = Find(Plain(Handle));
	Entry = *Link;
	if (Entry) {
		*Link = Entry->Next;
		File = Entry->File;
		if (--File->Handles != 0)
			InterlockedIncrement(&File->Calls); /* else the handles' own count passes to the caller */
	}
	HostLockRelease(&TableLock);
	free(Entry);
	return File;
}

static DEVICE_FILE *Create(BOOLEAN Synchronous)
{
	DEVICE_FILE *File = calloc(1, sizeof(*File));

	if (!File)
		return NULL;
	File->Calls = 1;
	File->References = 1;
	File->Synchronous = Synchronous;
	HostLockInit(&File->Serial);
	HostLockInit(&File->Lock);
	File->Event = CreateEventW(NULL, TRUE, FALSE, NULL);
	if (!File->Event) {
		free(File);
		return NULL;
	}
	return File;
}

/* As the object manager maps generic rights to a file's. */
static ACCESS_MASK MapAccess(ACCESS_MASK Access)
{
	static const struct {
		ACCESS_MASK Generic, File;
	} Map[] = {
		{GENERIC_READ, FILE_GENERIC_READ},
		{GENERIC_WRITE, FILE_GENERIC_WRITE},
		{GENERIC_EXECUTE, FILE_GENERIC_EXECUTE},
		{GENERIC_ALL, FILE_ALL_ACCESS},
	};
	size_t i;

	for (i = 0; i < ARRAYSIZE(Map); i++)
		if (Access & Map[i].Generic)
			Access = (Access & ~Map[i].Generic) | Map[i].File;
	return Access;
}

NTSTATUS FileOpen(const WCHAR *Name, unsigned Chars, ACCESS_MASK Access, BOOLEAN Synchronous, HANDLE *Handle)
{
	DEVICE_FILE *File = Create(Synchronous);
	HANDLE New = NULL;
	NTSTATUS Status;

	if (!File)
		return STATUS_INSUFFICIENT_RESOURCES;
	GateEnter(); /* the end of the process finds it on the list, or not open */
	Status = SimUserOpen(Name, Chars, MapAccess(Access), &File->User);
	if (NT_SUCCESS(Status)) {
		HostLockAcquire(&TableLock);
		File->Next = Files;
		Files = File;
		HostLockRelease(&TableLock);
	}
	GateLeave();
	if (!NT_SUCCESS(Status)) {
		Destroy(File);
		return Status;
	}

	Status = STATUS_INSUFFICIENT_RESOURCES;
	if (DuplicateHandle(
		    GetCurrentProcess(), File->Event, GetCurrentProcess(), &New, 0, FALSE, DUPLICATE_SAME_ACCESS))
		Status = FileAddHandle(File, New);
	if (NT_SUCCESS(Status))
		*Handle = New;
	else if (New)
		CloseHandle(New);
	FileLeave(File);
	return Status;
}

void FileForEach(void (*Visit)(DEVICE_FILE *File, void *Context), void *Context)
{
	DEVICE_FILE *File, **Found;
	unsigned Count = 0, i = 0;

	HostLockAcquire(&TableLock);
	for (File = Files; File; File = File->Next)
		Count++;
	Found = calloc(Count + 1, sizeof(*Found));
	for (File = Files; File && Found; File = File->Next) {
		if (InterlockedIncrement(&File->Calls) > 1)
			Found[i++] = File;
		else /* its last call is about to take it off the list */
			InterlockedDecrement(&File->Calls);
	}
	HostLockRelease(&TableLock);
	for (Count = i, i = 0; i < Count; i++) {
		Visit(Found[i], Context);
		FileLeave(Found[i]);
	}
	free(Found);
}

void FileCloseAll(void)
{
	DEVICE_FILE *File;

	for (;;) {
		HostLockAcquire(&TableLock);
		File = Files;
		if (File)
			Files = File->Next;
		HostLockRelease(&TableLock);
		if (!File)
			return;
		SimUserClose(File->User);
	}
}
