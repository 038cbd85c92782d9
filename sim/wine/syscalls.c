/* SPDX-License-Identifier: MIT */
/*
 * syscalls.c - the system calls of the program that concern the simulated device.
 *
 * Each function stands where Windows would enter the kernel. What does not name our device goes on to Wine.
 */
#include "syscalls.h"

#include "hook.h"
#include "requests.h"

#define SYNCHRONOUS_OPTIONS (FILE_SYNCHRONOUS_IO_ALERT | FILE_SYNCHRONOUS_IO_NONALERT)

typedef NTSTATUS NTAPI NT_CREATE_FILE(HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *, IO_STATUS_BLOCK *, LARGE_INTEGER *,
	ULONG, ULONG, ULONG, ULONG, void *, ULONG);
typedef NTSTATUS NTAPI NT_OPEN_FILE(HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *, IO_STATUS_BLOCK *, ULONG, ULONG);
typedef NTSTATUS NTAPI NT_DEVICE_IO_CONTROL_FILE(
	HANDLE, HANDLE, PIO_APC_ROUTINE, void *, IO_STATUS_BLOCK *, ULONG, void *, ULONG, void *, ULONG);
typedef NTSTATUS NTAPI NT_CLOSE(HANDLE);
typedef NTSTATUS NTAPI NT_INFORMATION_FILE(HANDLE, IO_STATUS_BLOCK *, void *, ULONG, ULONG);
typedef NTSTATUS NTAPI NT_CANCEL_IO_FILE(HANDLE, IO_STATUS_BLOCK *);
typedef NTSTATUS NTAPI NT_CANCEL_IO_FILE_EX(HANDLE, IO_STATUS_BLOCK *, IO_STATUS_BLOCK *);
typedef NTSTATUS NTAPI NT_DUPLICATE_OBJECT(HANDLE, HANDLE, HANDLE, HANDLE *, ACCESS_MASK, ULONG, ULONG);

/* What the stubs did. */
static struct {
	NT_CREATE_FILE *CreateFile;
	NT_OPEN_FILE *OpenFile;
	NT_DEVICE_IO_CONTROL_FILE *DeviceIoControlFile;
	NT_CLOSE *Close;
	NT_INFORMATION_FILE *SetInformationFile;
	NT_INFORMATION_FILE *QueryVolumeInformationFile;
	NT_CANCEL_IO_FILE *CancelIoFile;
	NT_CANCEL_IO_FILE_EX *CancelIoFileEx;
	NT_CANCEL_IO_FILE_EX *CancelSynchronousIoFile;
	NT_DUPLICATE_OBJECT *DuplicateObject;
} Wine;

static bool OwnsName(const OBJECT_ATTRIBUTES *Attributes)
{
	const UNICODE_STRING *Name = Attributes ? Attributes->ObjectName : NULL;

	return Name && Name->Buffer && !Attributes->RootDirectory && SimUserOwnsName(Name->Buffer, Name->Length / 2u);
}

static NTSTATUS Open(
	HANDLE *Handle, ACCESS_MASK Access, OBJECT_ATTRIBUTES *Attributes, IO_STATUS_BLOCK *IoStatus, ULONG Options)
{
	NTSTATUS Status = FileOpen(Attributes->ObjectName->Buffer, Attributes->ObjectName->Length / 2u, Access,
		(Options & SYNCHRONOUS_OPTIONS) != 0, Handle);

	IoStatus->Status = Status;
	IoStatus->Information = NT_SUCCESS(Status) ? FILE_OPENED : 0;
	return Status;
}

static NTSTATUS NTAPI HookCreateFile(HANDLE *Handle, ACCESS_MASK Access, OBJECT_ATTRIBUTES *Attributes,
	IO_STATUS_BLOCK *IoStatus, LARGE_INTEGER *Size, ULONG FileAttributes, ULONG Sharing, ULONG Disposition,
	ULONG Options, void *Ea, ULONG EaLength)
{
	if (OwnsName(Attributes))
		return Open(Handle, Access, Attributes, IoStatus, Options);
	return Wine.CreateFile(Handle, Access, Attributes, IoStatus, Size, FileAttributes, Sharing, Disposition,
		Options, Ea, EaLength);
}

static NTSTATUS NTAPI HookOpenFile(HANDLE *Handle, ACCESS_MASK Access, OBJECT_ATTRIBUTES *Attributes,
	IO_STATUS_BLOCK *IoStatus, ULONG Sharing, ULONG Options)
{
	if (OwnsName(Attributes))
		return Open(Handle, Access, Attributes, IoStatus, Options);
	return Wine.OpenFile(Handle, Access, Attributes, IoStatus, Sharing, Options);
}

static NTSTATUS NTAPI HookDeviceIoControlFile(HANDLE Handle, HANDLE Event, PIO_APC_ROUTINE Apc, void *ApcContext,
	IO_STATUS_BLOCK *IoStatus, ULONG Code, void *Input, ULONG InputLength, void *Output, ULONG OutputLength)
{
	const REQUEST_CALL Call = {Event, ApcContext, IoStatus, Code, Input, InputLength, Output, OutputLength};
	DEVICE_FILE *File = FileEnter(Handle);
	NTSTATUS Status;

	if (!File)
		return Wine.DeviceIoControlFile(
			Handle, Event, Apc, ApcContext, IoStatus, Code, Input, InputLength, Output, OutputLength);
	/* Win32's DeviceIoControl has no way to ask for an APC. */
	Status = Apc ? STATUS_NOT_IMPLEMENTED : RequestIoctl(File, &Call);
	FileLeave(File);
	return Status;
}

static NTSTATUS NTAPI HookClose(HANDLE Handle)
{
	DEVICE_FILE *File = FileRemoveHandle(Handle);
	NTSTATUS Status = Wine.Close(Handle);

	if (File)
		FileLeave(File);
	return Status;
}

static NTSTATUS SetCompletionPort(DEVICE_FILE *File, const struct nt_completion_information *Information)
{
	HANDLE Port;

	if (!DuplicateHandle(GetCurrentProcess(), Information->Port, GetCurrentProcess(), &Port, 0, FALSE,
		    DUPLICATE_SAME_ACCESS))
		return STATUS_INVALID_HANDLE;
	HostLockAcquire(&File->Lock);
	if (File->Port || File->Synchronous) {
		HostLockRelease(&File->Lock);
		CloseHandle(Port);
		return STATUS_INVALID_PARAMETER;
	}
	File->Key = Information->Key;
	File->Port = Port;
	HostLockRelease(&File->Lock);
	return STATUS_SUCCESS;
}

static NTSTATUS NTAPI HookSetInformationFile(
	HANDLE Handle, IO_STATUS_BLOCK *IoStatus, void *Buffer, ULONG Length, ULONG Class)
{
	DEVICE_FILE *File = FileEnter(Handle);
	NTSTATUS Status;

	if (!File)
		return Wine.SetInformationFile(Handle, IoStatus, Buffer, Length, Class);
	if (Class == NT_FILE_COMPLETION_INFORMATION && Length >= sizeof(struct nt_completion_information)) {
		Status = SetCompletionPort(File, Buffer);
	} else if (Class == NT_FILE_IO_COMPLETION_NOTIFICATION_INFORMATION && Length >= sizeof(ULONG)) {
		HostLockAcquire(&File->Lock);
		File->NotificationModes |= *(const ULONG *)Buffer;
		HostLockRelease(&File->Lock);
		Status = STATUS_SUCCESS;
	} else {
		Status = STATUS_INVALID_DEVICE_REQUEST;
	}
	FileLeave(File);
	IoStatus->Status = Status;
	IoStatus->Information = 0;
	return Status;
}

/* GetFileType asks for the device type. */
static NTSTATUS NTAPI HookQueryVolumeInformationFile(
	HANDLE Handle, IO_STATUS_BLOCK *IoStatus, void *Buffer, ULONG Length, ULONG Class)
{
	static const struct nt_fs_device_information Unknown = {FILE_DEVICE_UNKNOWN, 0};
	DEVICE_FILE *File = FileEnter(Handle);

	if (!File)
		return Wine.QueryVolumeInformationFile(Handle, IoStatus, Buffer, Length, Class);
	FileLeave(File);
	if (Class != NT_FS_DEVICE_INFORMATION || Length < sizeof(Unknown))
		return STATUS_INVALID_DEVICE_REQUEST;
	*(struct nt_fs_device_information *)Buffer = Unknown;
	IoStatus->Status = STATUS_SUCCESS;
	IoStatus->Information = sizeof(Unknown);
	return STATUS_SUCCESS;
}

static NTSTATUS Cancelled(IO_STATUS_BLOCK *IoStatus, NTSTATUS Status)
{
	IoStatus->Status = Status;
	IoStatus->Information = 0;
	return Status;
}

static NTSTATUS NTAPI HookCancelIoFile(HANDLE Handle, IO_STATUS_BLOCK *IoStatus)
{
	const REQUEST_FILTER Filter = {.ThreadId = GetCurrentThreadId()};
	DEVICE_FILE *File = FileEnter(Handle);

	if (!File)
		return Wine.CancelIoFile(Handle, IoStatus);
	RequestCancel(File, &Filter);
	FileLeave(File);
	return Cancelled(IoStatus, STATUS_SUCCESS);
}

static NTSTATUS NTAPI HookCancelIoFileEx(HANDLE Handle, IO_STATUS_BLOCK *Which, IO_STATUS_BLOCK *IoStatus)
{
	const REQUEST_FILTER Filter = {.IoStatus = Which};
	DEVICE_FILE *File = FileEnter(Handle);
	unsigned Count;

	if (!File)
		return Wine.CancelIoFileEx(Handle, Which, IoStatus);
	Count = RequestCancel(File, &Filter);
	FileLeave(File);
	return Cancelled(IoStatus, Count ? STATUS_SUCCESS : STATUS_NOT_FOUND);
}

typedef struct CANCEL_SYNCHRONOUS {
	REQUEST_FILTER Filter;
	unsigned Count;
} CANCEL_SYNCHRONOUS;

static void CancelSynchronousOn(DEVICE_FILE *File, void *Context)
{
	CANCEL_SYNCHRONOUS *Cancel = Context;

	Cancel->Count += RequestCancel(File, &Cancel->Filter);
}

static NTSTATUS NTAPI HookCancelSynchronousIoFile(HANDLE Thread, IO_STATUS_BLOCK *Which, IO_STATUS_BLOCK *IoStatus)
{
	CANCEL_SYNCHRONOUS Cancel = {{Which, GetThreadId(Thread), TRUE}, 0};

	if (Cancel.Filter.ThreadId)
		FileForEach(CancelSynchronousOn, &Cancel);
	if (Cancel.Count == 0)
		return Wine.CancelSynchronousIoFile(Thread, Which, IoStatus);
	return Cancelled(IoStatus, STATUS_SUCCESS);
}

static bool IsThisProcess(HANDLE Process)
{
	return Process == GetCurrentProcess() || GetProcessId(Process) == GetCurrentProcessId();
}

static NTSTATUS NTAPI HookDuplicateObject(HANDLE FromProcess, HANDLE From, HANDLE ToProcess, HANDLE *To,
	ACCESS_MASK Access, ULONG Attributes, ULONG Options)
{
	DEVICE_FILE *File = FileEnter(From), *Closed;
	NTSTATUS Status;

	if (!File || !IsThisProcess(FromProcess) || (To && !IsThisProcess(ToProcess))) {
		Status = Wine.DuplicateObject(FromProcess, From, ToProcess, To, Access, Attributes, Options);
		goto leave;
	}
	Closed = Options & DUPLICATE_CLOSE_SOURCE ? FileRemoveHandle(From) : NULL;
	Status = Wine.DuplicateObject(FromProcess, From, ToProcess, To, 0, Attributes, Options | DUPLICATE_SAME_ACCESS);
	if (NT_SUCCESS(Status) && To) {
		Status = FileAddHandle(File, *To);
		if (!NT_SUCCESS(Status))
			Wine.Close(*To);
	}
	if (Closed)
		FileLeave(Closed);
leave:
	if (File)
		FileLeave(File);
	return Status;
}

bool SyscallsInstall(void)
{
#define HOOK_OF(Name) \
	{ \
		"Nt" #Name, (void *)Hook##Name, (void **)&Wine.Name \
	}
	static const HOOK Hooks[] = {
		HOOK_OF(CreateFile),
		HOOK_OF(OpenFile),
		HOOK_OF(DeviceIoControlFile),
		HOOK_OF(Close),
		HOOK_OF(SetInformationFile),
		HOOK_OF(QueryVolumeInformationFile),
		HOOK_OF(CancelIoFile),
		HOOK_OF(CancelIoFileEx),
		HOOK_OF(CancelSynchronousIoFile),
		HOOK_OF(DuplicateObject),
	};
#undef HOOK_OF

	return HookInstall(Hooks, ARRAYSIZE(Hooks));
}
