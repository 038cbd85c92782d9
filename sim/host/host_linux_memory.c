/* SPDX-License-Identifier: MIT */
/* host_linux_memory.c - host.h on Linux: mappings, and access to memory that may not be there. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "host.h"

int HostOpenFile(const char *Path, uint64_t *Size)
{
	struct stat Stat;
	int File = open(Path, O_RDWR | O_CLOEXEC);
	int Error;

	if (File < 0)
		return -errno;
	if (fstat(File, &Stat) != 0) {
		Error = -errno;
		close(File);
		return Error;
	}
	*Size = (uint64_t)Stat.st_size;
	return File;
}

static int Map(int File, uint64_t Offset, size_t Length, int Access, int Flags, void *Address, void **Mapped)
{
	int Protection = (Access & HOST_ACCESS_READ ? PROT_READ : 0) | (Access & 2 ? PROT_WRITE : 0);
	void *At = mmap(Address, Length, Protection, Flags | (Address ? MAP_FIXED : 0), File, (off_t)Offset);

	if (At == MAP_FAILED)
		return -errno;
	if (Mapped)
		*Mapped = At;
	return 0;
}

int HostMapFile(int File, uint64_t Offset, size_t Length, int Access, void *Address, void **Mapped)
{
	/* What replaces other memory is about to be used; all of the file need not be. */
	return Map(File, Offset, Length, Access, MAP_SHARED | (Address ? MAP_POPULATE : 0), Address, Mapped);
}

int HostReserve(size_t Length, void **Address)
{
	return Map(-1, 0, Length, HOST_ACCESS_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, NULL, Address);
}

int HostReserveUser(size_t Length, void **Address)
{
	return HostReserve(Length, Address);
}

void HostReleaseUser(void *Address, size_t Length)
{
	HostUnmap(Address, Length);
}

int HostMapPrivate(size_t Length, int Access, void *Address, void **Mapped)
{
	return Map(-1, 0, Length, Access, MAP_PRIVATE | MAP_ANONYMOUS, Address, Mapped);
}

int HostMapShared(size_t Length, void **Mapped)
{
	return Map(-1, 0, Length, HOST_ACCESS_READ_WRITE, MAP_SHARED | MAP_ANONYMOUS, NULL, Mapped);
}

/* An old length of 0 asks for a second mapping. */
int HostAlias(void *Address, size_t Length, void **Alias)
{
	void *At = mremap(Address, 0, Length, MREMAP_MAYMOVE);

	if (At == MAP_FAILED)
		return -errno;
	*Alias = At;
	return 0;
}

int HostProtect(void *Address, size_t Length, int Access)
{
	int Protection = (Access & HOST_ACCESS_READ ? PROT_READ : 0) | (Access & 2 ? PROT_WRITE : 0);

	return mprotect(Address, Length, Protection) == 0 ? 0 : -errno;
}

int HostUnmap(void *Address, size_t Length)
{
	return munmap(Address, Length) == 0 ? 0 : -errno;
}

int HostMove(void *From, size_t Length, void *To)
{
	return mremap(From, Length, Length, MREMAP_MAYMOVE | MREMAP_FIXED, To) == To ? 0 : -errno;
}

/* The kernel copies, so that neither a fault nor a sanitizer's shadow memory is met. */
bool HostTryCopy(void *Target, const void *Source, size_t Length)
{
	struct iovec Local = {Target, Length};
	struct iovec Remote = {(void *)(uintptr_t)Source, Length};

	if (Length == 0)
		return true;
	return syscall(SYS_process_vm_readv, getpid(), &Local, 1ul, &Remote, 1ul, 0ul) == (long)Length;
}

/* The kernel adds 0 to the word: nothing changes, and a page that cannot be written says so. */
static bool ProbeWrite(uintptr_t Page)
{
	uint32_t Unused = 0;
	unsigned Add0 = FUTEX_OP(FUTEX_OP_ADD, 0, FUTEX_OP_CMP_EQ, 0);

	return syscall(SYS_futex, &Unused, FUTEX_WAKE_OP_PRIVATE, 0, 0ul, Page, Add0) >= 0;
}

bool HostProbe(const void *Address, size_t Length, bool Write)
{
	uintptr_t Page = (uintptr_t)Address & ~(uintptr_t)(HOST_PAGE_SIZE - 1);
	uintptr_t End = (uintptr_t)Address + Length;
	char Byte;

	if (End < (uintptr_t)Address)
		return false;
	for (; Page < End; Page += HOST_PAGE_SIZE) {
		if (!HostTryCopy(&Byte, (const void *)Page, 1) || (Write && !ProbeWrite(Page)))
			return false;
	}
	return true;
}

/* ---- faults ---- */
static void (*FaultHandler)(void);
static struct sigaction FaultBefore;

static void OnSignal(int Signal, siginfo_t *Info, void *Context)
{
	void (*Handler)(void) = __atomic_load_n(&FaultHandler, __ATOMIC_ACQUIRE);

	if (Handler)
		Handler();
	if (FaultBefore.sa_flags & SA_SIGINFO)
		FaultBefore.sa_sigaction(Signal, Info, Context);
	else if (FaultBefore.sa_handler != SIG_DFL && FaultBefore.sa_handler != SIG_IGN)
		FaultBefore.sa_handler(Signal);
	else
		sigaction(Signal, &FaultBefore, NULL); /* the access is made again, and ends the process */
}

void HostOnFault(void (*Handler)(void))
{
	struct sigaction Action = {.sa_sigaction = OnSignal, .sa_flags = SA_SIGINFO | SA_NODEFER};
	struct sigaction Now;

	__atomic_store_n(&FaultHandler, Handler, __ATOMIC_RELEASE);
	if (sigaction(SIGSEGV, NULL, &Now) != 0 || Now.sa_sigaction == OnSignal)
		return;
	FaultBefore = Now;
	sigaction(SIGSEGV, &Action, NULL);
}
