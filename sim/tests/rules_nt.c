/* SPDX-License-Identifier: MIT */
/* rules_nt.c - the rules of the Ke, Ex, Mm and Io functions. */
#include "rules.h"

#include <stdlib.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static PHYSICAL_ADDRESS Physical(LONGLONG Value)
{
	PHYSICAL_ADDRESS Address = {.QuadPart = Value};

	return Address;
}

static void IrqlTooHigh(void **State)
{
	KSPIN_LOCK Lock;
	KIRQL Irql;

	(void)State;
	RulesStart();
	KeInitializeSpinLock(&Lock);
	KeAcquireSpinLock(&Lock, &Irql);
	ExFreePoolWithTag(ExAllocatePoolWithTag(PagedPool, 8, TAG), TAG);
	KeReleaseSpinLock(&Lock, Irql);
	BROKEN(IrqlTooHigh);
}

static void IrqlTooLow(void **State)
{
	KSPIN_LOCK Lock;

	(void)State;
	RulesStart();
	KeInitializeSpinLock(&Lock);
	KeAcquireSpinLockAtDpcLevel(&Lock);
	KeReleaseSpinLockFromDpcLevel(&Lock);
	BROKEN(IrqlTooLow);
}

static void LockRecursive(void **State)
{
	KSPIN_LOCK Lock;
	KIRQL Irql, Inner;

	(void)State;
	RulesStart();
	KeInitializeSpinLock(&Lock);
	KeAcquireSpinLock(&Lock, &Irql);
	KeAcquireSpinLock(&Lock, &Inner);
	KeReleaseSpinLock(&Lock, Irql);
	BROKEN(LockRecursive);
}

static void LockNotOwned(void **State)
{
	KSPIN_LOCK Lock;

	(void)State;
	RulesStart();
	KeInitializeSpinLock(&Lock);
	KeReleaseSpinLock(&Lock, PASSIVE_LEVEL);
	BROKEN(LockNotOwned);
}

static void LockReleaseOrder(void **State)
{
	KSPIN_LOCK A, B;
	KIRQL Irql;

	(void)State;
	RulesStart();
	KeInitializeSpinLock(&A);
	KeInitializeSpinLock(&B);
	KeAcquireSpinLock(&A, &Irql);
	KeAcquireSpinLockAtDpcLevel(&B);
	KeReleaseSpinLock(&A, Irql);
	KeReleaseSpinLockFromDpcLevel(&B);
	BROKEN(LockReleaseOrder);
}

static void ReleaseToAnotherIrql(void **State)
{
	KSPIN_LOCK Lock;
	KIRQL Irql;

	(void)State;
	RulesStart();
	KeInitializeSpinLock(&Lock);
	KeAcquireSpinLock(&Lock, &Irql);
	KeReleaseSpinLock(&Lock, APC_LEVEL);
	BROKEN(LockReleaseOrder);
}

static void LockOrder(void **State)
{
	FAST_MUTEX A, B;

	(void)State;
	RulesStart();
	ExInitializeFastMutex(&A);
	ExInitializeFastMutex(&B);
	ExAcquireFastMutex(&A);
	ExAcquireFastMutex(&B);
	ExReleaseFastMutex(&B);
	ExReleaseFastMutex(&A);
	assert_int_equal(SimViolations(), 0);
	ExAcquireFastMutex(&B);
	ExAcquireFastMutex(&A);
	ExReleaseFastMutex(&A);
	ExReleaseFastMutex(&B);
	BROKEN(LockOrder);
}

static void LockLeaked(void **State)
{
	FAST_MUTEX Mutex;

	(void)State;
	RulesStart();
	ExInitializeFastMutex(&Mutex);
	ExAcquireFastMutex(&Mutex);
	BROKEN(LockLeaked);
}

static void WaitAtRaisedIrql(void **State)
{
	LARGE_INTEGER Timeout = {.QuadPart = -10};
	KSPIN_LOCK Lock;
	KEVENT Event;
	KIRQL Irql;

	(void)State;
	RulesStart();
	KeInitializeSpinLock(&Lock);
	KeInitializeEvent(&Event, NotificationEvent, FALSE);
	KeAcquireSpinLock(&Lock, &Irql);
	KeWaitForSingleObject(&Event, Executive, KernelMode, FALSE, &Timeout);
	KeReleaseSpinLock(&Lock, Irql);
	BROKEN(WaitAtRaisedIrql);
}

static void ObjectNotInitialized(void **State)
{
	KEVENT Event = {0};

	(void)State;
	RulesStart();
	KeSetEvent(&Event, IO_NO_INCREMENT, FALSE);
	BROKEN(ObjectNotInitialized);
}

static void CriticalRegion(void **State)
{
	(void)State;
	RulesStart();
	KeLeaveCriticalRegion();
	BROKEN(CriticalRegion);
}

static void PoolTag(void **State)
{
	(void)State;
	RulesStart();
	ExFreePoolWithTag(ExAllocatePoolWithTag(NonPagedPoolNx, 16, TAG), TAG + 1);
	BROKEN(PoolTag);
}

static void PoolNoTag(void **State)
{
	(void)State;
	RulesStart();
	ExFreePoolWithTag(ExAllocatePoolWithTag(NonPagedPoolNx, 16, 0), 0);
	BROKEN(PoolTag);
}

static void PoolType(void **State)
{
	(void)State;
	RulesStart();
	ExFreePoolWithTag(ExAllocatePoolWithTag(NonPagedPool, 16, TAG), TAG);
	BROKEN(PoolType);
}

static void PoolSize(void **State)
{
	(void)State;
	RulesStart();
	ExFreePoolWithTag(ExAllocatePoolWithTag(NonPagedPoolNx, 0, TAG), TAG);
	BROKEN(PoolSize);
}

static void PoolBadFree(void **State)
{
	PVOID Memory;

	(void)State;
	RulesStart();
	Memory = ExAllocatePoolWithTag(NonPagedPoolNx, 16, TAG);
	ExFreePoolWithTag(Memory, TAG);
	ExFreePoolWithTag(Memory, TAG);
	BROKEN(PoolBadFree);
}

/* The sanitizer would end the test before the simulator's own guard bytes are looked at. */
static __attribute__((noinline, no_sanitize("address"))) void Poke(volatile UCHAR *Byte)
{
	*Byte = 0;
}

static void PoolOverrun(void **State)
{
	UCHAR *Memory;

	(void)State;
	RulesStart();
	Memory = ExAllocatePoolWithTag(NonPagedPoolNx, 24, TAG);
	Poke(Memory + 24);
	ExFreePoolWithTag(Memory, TAG);
	BROKEN(PoolOverrun);
}

static void PoolWriteAfterFree(void **State)
{
	UCHAR *Memory;

	(void)State;
	RulesStart();
	Memory = ExAllocatePoolWithTag(NonPagedPoolNx, 24, TAG);
	ExFreePoolWithTag(Memory, TAG);
	Poke(Memory + 3);
	BROKEN(PoolOverrun);
}

static void PoolLeak(void **State)
{
	(void)State;
	RulesStart();
	assert_non_null(ExAllocatePoolWithTag(NonPagedPoolNx, 40, TAG));
	BROKEN(PoolLeak);
}

/* A locked MDL of two fresh user pages. */
static PMDL Locked(UCHAR **Pages)
{
	PMDL Mdl;

	*Pages = mmap(NULL, 2 * PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_true(*Pages != MAP_FAILED);
	Mdl = IoAllocateMdl(*Pages, 2 * PAGE_SIZE, FALSE, FALSE, NULL);
	assert_non_null(Mdl);
	MmProbeAndLockPages(Mdl, UserMode, IoWriteAccess);
	return Mdl;
}

static void MdlState(void **State)
{
	UCHAR *Pages;
	PMDL Mdl;

	(void)State;
	RulesStart();
	Mdl = Locked(&Pages);
	MmUnlockPages(Mdl);
	MmUnlockPages(Mdl);
	IoFreeMdl(Mdl);
	munmap(Pages, 2 * PAGE_SIZE);
	BROKEN(MdlState);
}

static void MdlLeak(void **State)
{
	UCHAR *Pages;

	(void)State;
	RulesStart();
	MmUnlockPages(Locked(&Pages));
	munmap(Pages, 2 * PAGE_SIZE);
	BROKEN(MdlLeak);
}

static void PagesLeak(void **State)
{
	UCHAR *Pages;

	(void)State;
	RulesStart();
	Locked(&Pages);
	Pages[5] = 99;
	BROKEN(PagesLeak);
	assert_int_equal(Pages[5], 99); /* the program keeps its memory all the same */
	munmap(Pages, 2 * PAGE_SIZE);
}

static void MappingLeak(void **State)
{
	UCHAR *Pages;
	PMDL Mdl;

	(void)State;
	RulesStart();
	Mdl = Locked(&Pages);
	assert_non_null(MmGetSystemAddressForMdlSafe(Mdl, NormalPagePriority));
	BROKEN(MappingLeak);
	munmap(Pages, 2 * PAGE_SIZE);
}

static void MappingBad(void **State)
{
	UCHAR *Pages;
	PVOID Address;
	PMDL Mdl;

	(void)State;
	RulesStart();
	Mdl = Locked(&Pages);
	Address = MmGetSystemAddressForMdlSafe(Mdl, NormalPagePriority);
	MmUnmapLockedPages(Address, Mdl);
	MmUnmapLockedPages(Address, Mdl);
	MmUnlockPages(Mdl);
	IoFreeMdl(Mdl);
	munmap(Pages, 2 * PAGE_SIZE);
	BROKEN(MappingBad);
}

static PVOID Contiguous(void)
{
	return MmAllocateContiguousMemorySpecifyCache(5000, Physical(0), Physical(-1), Physical(0), MmCached);
}

static void ContiguousLeak(void **State)
{
	(void)State;
	RulesStart();
	assert_non_null(Contiguous());
	BROKEN(ContiguousLeak);
}

static void ContiguousBadFree(void **State)
{
	(void)State;
	RulesStart();
	MmFreeContiguousMemorySpecifyCache(Contiguous(), 4096, MmCached);
	BROKEN(ContiguousBadFree);
}

static void PhysicalAddressBad(void **State)
{
	int Stack;

	(void)State;
	RulesStart();
	MmGetPhysicalAddress(&Stack);
	BROKEN(PhysicalAddressBad);
}

/* Nothing can go on after this one, so that it is shown in a process of its own. */
static void ExceptionUnhandled(void **State)
{
	pid_t Child = fork();
	int Status;

	(void)State;
	if (Child == 0) {
		freopen("/dev/null", "w", stderr);
		RulesStart();
		ExRaiseStatus(STATUS_ACCESS_VIOLATION);
	}
	assert_int_equal(waitpid(Child, &Status, 0), Child);
	assert_true(WIFSIGNALED(Status) || WEXITSTATUS(Status) != 0);
	RulesMark(SimRuleExceptionUnhandled);
}

/* ---- a device that holds on to memory ---- */
static uint32_t NoFunction(SIM_BUS *Bus, unsigned DeviceFunction, unsigned Offset, unsigned Width)
{
	(void)Bus;
	(void)DeviceFunction;
	(void)Offset;
	(void)Width;
	return UINT32_MAX;
}

static bool TouchesAll(SIM_BUS *Bus, uint64_t Address, uint64_t Length)
{
	(void)Bus;
	(void)Address;
	(void)Length;
	return true;
}

static void NothingToClose(SIM_BUS *Bus)
{
	(void)Bus;
}

static void DeviceMemory(void **State)
{
	const SIM_BUS_OPERATIONS Operations = {
		.ConfigRead = NoFunction, .Touches = TouchesAll, .Close = NothingToClose};
	const PHYSICAL_ADDRESS Zero = {.QuadPart = 0}, Highest = {.QuadPart = MAXLONG};
	SIM_BUS Bus = {&Operations};
	const SIM_OPTIONS Options = {.RamPath = HarnessRam(), .Seed = 7, .CollectViolations = TRUE, .Bus = &Bus};
	void *Memory;

	(void)State;
	assert_int_equal(SimStart(&Options), 0);
	HarnessRamRemove();
	Memory = MmAllocateContiguousMemorySpecifyCache(PAGE_SIZE, Zero, Highest, Zero, MmCached);
	assert_non_null(Memory);
	assert_int_equal(SimViolations(), 0);
	MmFreeContiguousMemorySpecifyCache(Memory, PAGE_SIZE, MmCached);
	RulesBroken(SimRuleDeviceMemory, "DeviceMemory");
}

const struct CMUnitTest NtRuleTests[] = {
	cmocka_unit_test(DeviceMemory),
	cmocka_unit_test(IrqlTooHigh),
	cmocka_unit_test(IrqlTooLow),
	cmocka_unit_test(LockRecursive),
	cmocka_unit_test(LockNotOwned),
	cmocka_unit_test(LockReleaseOrder),
	cmocka_unit_test(ReleaseToAnotherIrql),
	cmocka_unit_test(LockOrder),
	cmocka_unit_test(LockLeaked),
	cmocka_unit_test(WaitAtRaisedIrql),
	cmocka_unit_test(ObjectNotInitialized),
	cmocka_unit_test(CriticalRegion),
	cmocka_unit_test(PoolTag),
	cmocka_unit_test(PoolNoTag),
	cmocka_unit_test(PoolType),
	cmocka_unit_test(PoolSize),
	cmocka_unit_test(PoolBadFree),
	cmocka_unit_test(PoolOverrun),
	cmocka_unit_test(PoolWriteAfterFree),
	cmocka_unit_test(PoolLeak),
	cmocka_unit_test(MdlState),
	cmocka_unit_test(MdlLeak),
	cmocka_unit_test(PagesLeak),
	cmocka_unit_test(MappingLeak),
	cmocka_unit_test(MappingBad),
	cmocka_unit_test(ContiguousLeak),
	cmocka_unit_test(ContiguousBadFree),
	cmocka_unit_test(PhysicalAddressBad),
	cmocka_unit_test(ExceptionUnhandled),
};
const size_t NtRuleTestCount = ARRAYSIZE(NtRuleTests);
