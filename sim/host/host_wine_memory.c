/* SPDX-License-Identifier: MIT */
/*
 * host_wine_memory.c - host.h for a PE module under Wine: memory and byte streams, by Linux system calls.
 */
#include <errno.h> /* callers compare with its ETIMEDOUT, which is not Linux's */
#include <stddef.h>
#include <string.h>

#include "host.h"
#include "linux_syscall.h"

#define NS_PER_SECOND 1000000000ull

/* ---- memory ---- */
#define LINUX_STAT_SIZE 144 /* bytes of struct stat */
#define LINUX_STAT_ST_SIZE 48 /* offset of st_size in it */

int HostOpenFile(const char *Path, uint64_t *Size)
{
	uint64_t Stat[LINUX_STAT_SIZE / sizeof(uint64_t)];
	int64_t File, Result;

	File = linux_syscall(
		LINUX_OPENAT, (uint64_t)LINUX_AT_FDCWD, (uintptr_t)Path, LINUX_O_RDWR | LINUX_O_CLOEXEC, 0, 0, 0);
	if (File < 0)
		return (int)File;
	Result = linux_syscall(LINUX_FSTAT, (uint64_t)File, (uintptr_t)Stat, 0, 0, 0, 0);
	if (Result < 0) {
		HostCloseDescriptor((int)File);
		return (int)Result;
	}
	*Size = Stat[LINUX_STAT_ST_SIZE / sizeof(uint64_t)];
	return (int)File;
}

/* HOST_ACCESS_* are chosen to be PROT_* values. */
static int Map(void *Address, size_t Length, int Access, int Flags, int File, uint64_t Offset, void **Mapped)
{
	int64_t Result = linux_syscall(LINUX_MMAP, (uintptr_t)Address, Length, (uint64_t)Access,
		(uint64_t)(Flags | (Address ? LINUX_MAP_FIXED : 0)), (uint64_t)(int64_t)File, Offset);

	if (Result < 0 && Result > -4096)
		return (int)Result;
	if (Mapped)
		*Mapped = (void *)(uintptr_t)Result;
	return 0;
}

int HostMapFile(int File, uint64_t Offset, size_t Length, int Access, void *Address, void **Mapped)
{
	return Map(Address, Length, Access, LINUX_MAP_SHARED, File, Offset, Mapped);
}

int HostReserve(size_t Length, void **Address)
{
	return Map(NULL, Length, HOST_ACCESS_NONE, LINUX_MAP_PRIVATE | LINUX_MAP_ANONYMOUS | LINUX_MAP_NORESERVE, -1, 0,
		Address);
}

int HostMapPrivate(size_t Length, int Access, void *Address, void **Mapped)
{
	return Map(Address, Length, Access, LINUX_MAP_PRIVATE | LINUX_MAP_ANONYMOUS, -1, 0, Mapped);
}

int HostMapShared(size_t Length, void **Mapped)
{
	return Map(NULL, Length, HOST_ACCESS_READ_WRITE, LINUX_MAP_SHARED | LINUX_MAP_ANONYMOUS, -1, 0, Mapped);
}

/* An old length of 0 asks for a second mapping. */
int HostAlias(void *Address, size_t Length, void **Alias)
{
	int64_t Result = linux_syscall(LINUX_MREMAP, (uintptr_t)Address, 0, Length, LINUX_MREMAP_MAYMOVE, 0, 0);

	if (Result < 0 && Result > -4096)
		return (int)Result;
	*Alias = (void *)(uintptr_t)Result;
	return 0;
}

int HostProtect(void *Address, size_t Length, int Access)
{
	return (int)linux_syscall(LINUX_MPROTECT, (uintptr_t)Address, Length, (uint64_t)Access, 0, 0, 0);
}

int HostUnmap(void *Address, size_t Length)
{
	return (int)linux_syscall(LINUX_MUNMAP, (uintptr_t)Address, Length, 0, 0, 0, 0);
}

int HostMove(void *From, size_t Length, void *To)
{
	int64_t Result = linux_syscall(LINUX_MREMAP, (uintptr_t)From, Length, Length,
		LINUX_MREMAP_MAYMOVE | LINUX_MREMAP_FIXED, (uintptr_t)To, 0);

	return Result < 0 && Result > -4096 ? (int)Result : 0;
}

bool HostTryCopy(void *Target, const void *Source, size_t Length)
{
	static int64_t Process;
	struct linux_iovec To = {Target, Length}, From = {(void *)(uintptr_t)Source, Length};
	int64_t Done;

	if (Length == 0)
		return true;
	if (!Process)
		Process = linux_syscall(LINUX_GETPID, 0, 0, 0, 0, 0, 0);
	Done = linux_syscall(LINUX_PROCESS_VM_READV, (uint64_t)Process, (uintptr_t)&To, 1, (uintptr_t)&From, 1, 0);
	return Done >= 0 && (uint64_t)Done == Length;
}

/* Populating fails exactly when an access would, and changes no byte. */
bool HostProbe(const void *Address, size_t Length, bool Write)
{
	uintptr_t First = (uintptr_t)Address & ~(uintptr_t)(HOST_PAGE_SIZE - 1);
	uintptr_t End = ((uintptr_t)Address + Length + HOST_PAGE_SIZE - 1) & ~(uintptr_t)(HOST_PAGE_SIZE - 1);
	int64_t Result;

	if (Length == 0)
		return true;
	if (End <= First)
		return false;
	do {
		Result = linux_syscall(LINUX_MADVISE, First, End - First,
			Write ? LINUX_MADV_POPULATE_WRITE : LINUX_MADV_POPULATE_READ, 0, 0, 0);
	} while (Result == LINUX_EINTR || Result == LINUX_EAGAIN);
	return Result == 0;
}

/* ---- byte streams ---- */
int HostConnect(const char *UnixPath)
{
	struct linux_sockaddr_un Name = {LINUX_AF_UNIX, {0}};
	size_t Length = strlen(UnixPath);
	int64_t Socket, Result;

	if (Length >= sizeof(Name.path))
		return LINUX_ENAMETOOLONG;
	memcpy(Name.path, UnixPath, Length);
	Socket = linux_syscall(LINUX_SOCKET, LINUX_AF_UNIX, LINUX_SOCK_STREAM | LINUX_SOCK_CLOEXEC, 0, 0, 0, 0);
	if (Socket < 0)
		return (int)Socket;
	do {
		Result = linux_syscall(LINUX_CONNECT, (uint64_t)Socket, (uintptr_t)&Name, sizeof(Name), 0, 0, 0);
	} while (Result == LINUX_EINTR);
	if (Result < 0) {
		HostCloseDescriptor((int)Socket);
		return (int)Result;
	}
	return (int)Socket;
}

int HostSend(int Socket, const void *Data, size_t Length)
{
	const char *Next = Data;
	int64_t Sent;

	for (; Length; Next += Sent, Length -= (size_t)Sent) {
		do {
			Sent = linux_syscall(
				LINUX_SENDTO, (uint64_t)Socket, (uintptr_t)Next, Length, LINUX_MSG_NOSIGNAL, 0, 0);
		} while (Sent == LINUX_EINTR);
		if (Sent < 0)
			return (int)Sent;
	}
	return 0;
}

int HostReceive(int Socket, void *Data, size_t Length, uint64_t TimeoutNs)
{
	struct linux_pollfd Poll = {Socket, LINUX_POLLIN, 0};
	uint64_t End = TimeoutNs == HOST_FOREVER ? 0 : HostNow() + TimeoutNs;
	int64_t Result;

	if (TimeoutNs != HOST_FOREVER) {
		do {
			uint64_t Now = HostNow(), Left = End > Now ? End - Now : 0;
			struct linux_timespec Timeout = {
				(int64_t)(Left / NS_PER_SECOND), (int64_t)(Left % NS_PER_SECOND)};

			Result = linux_syscall(LINUX_PPOLL, (uintptr_t)&Poll, 1, (uintptr_t)&Timeout, 0, 8, 0);
		} while (Result == LINUX_EINTR);
		if (Result <= 0)
			return Result == 0 ? -ETIMEDOUT : (int)Result;
	}
	do {
		Result = linux_syscall(LINUX_RECVFROM, (uint64_t)Socket, (uintptr_t)Data, Length, 0, 0, 0);
	} while (Result == LINUX_EINTR);
	return (int)Result;
}

void HostCloseDescriptor(int Descriptor)
{
	linux_syscall(LINUX_CLOSE, (uint64_t)Descriptor, 0, 0, 0, 0, 0);
}
