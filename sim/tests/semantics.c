/* SPDX-License-Identifier: MIT */
/* semantics.c - what the simulated kernel and framework do when nobody breaks a rule. */
#include "harness.h"
#include "tiny_driver.h"

#include <string.h>
#include <sys/mman.h>

#define CODE(Method) CTL_CODE(FILE_DEVICE_UNKNOWN, 0x900, Method, FILE_ANY_ACCESS)
#define TAG 0x74736554u
#define SECOND (-10000000ll)

static int Clean(void **State)
{
	(void)State;
	assert_int_equal(SimStop(), 0);
	memset(&Tiny, 0, sizeof(Tiny));
	return 0;
}

static int WithoutDevice(void **State)
{
	const SIM_OPTIONS Options = {.RamPath = HarnessRam(), .Seed = 11, .CollectViolations = TRUE};

	(void)State;
	assert_int_equal(SimStart(&Options), 0);
	HarnessRamRemove();
	return 0;
}

static void Load(void)
{
	HarnessStartFake(SimInterruptsMessage, 1000);
	assert_int_equal(SimLoadDriver(TinyDriverEntry, FAKE_VIRTIO_VENDOR, FAKE_VIRTIO_DEVICE), STATUS_SUCCESS);
}

/* ---- events ---- */
static void Events(void **State)
{
	LARGE_INTEGER Now = {.QuadPart = 0}, Short = {.QuadPart = -20000};
	KEVENT Manual, Automatic;

	(void)State;
	KeInitializeEvent(&Manual, NotificationEvent, FALSE);
	KeInitializeEvent(&Automatic, SynchronizationEvent, TRUE);
	assert_int_equal(KeWaitForSingleObject(&Manual, Executive, KernelMode, FALSE, &Short), STATUS_TIMEOUT);
	assert_int_equal(KeSetEvent(&Manual, 0, FALSE), 0);
	assert_int_equal(KeSetEvent(&Manual, 0, FALSE), 1);
	assert_int_equal(KeWaitForSingleObject(&Manual, Executive, KernelMode, FALSE, NULL), STATUS_SUCCESS);
	assert_int_equal(KeReadStateEvent(&Manual), 1);
	assert_int_equal(KeResetEvent(&Manual), 1);
	assert_int_equal(KeWaitForSingleObject(&Automatic, Executive, KernelMode, FALSE, NULL), STATUS_SUCCESS);
	assert_int_equal(KeWaitForSingleObject(&Automatic, Executive, KernelMode, FALSE, &Now), STATUS_TIMEOUT);
}

/* ---- exceptions ---- */
static NTSTATUS Catch(NTSTATUS Raised)
{
	volatile NTSTATUS Status = STATUS_SUCCESS;

	__try {
		if (Raised)
			ExRaiseStatus(Raised);
		Status = STATUS_ALERTED;
	} __except (EXCEPTION_EXECUTE_HANDLER) {
		Status = GetExceptionCode();
	}
	return Status;
}

static void Exceptions(void **State)
{
	volatile NTSTATUS Outer = STATUS_SUCCESS;

	(void)State;
	assert_int_equal(Catch(STATUS_SUCCESS), STATUS_ALERTED);
	assert_int_equal(Catch(STATUS_NO_MEMORY), STATUS_NO_MEMORY);
	__try {
		assert_int_equal(Catch(STATUS_ACCESS_VIOLATION), STATUS_ACCESS_VIOLATION);
		ProbeForRead((PVOID)1, 4, 4);
	} __except (EXCEPTION_EXECUTE_HANDLER) {
		Outer = GetExceptionCode();
	}
	assert_int_equal(Outer, STATUS_DATATYPE_MISALIGNMENT);
}

/* ---- memory ---- */
static void ContiguousLimits(void **State)
{
	PHYSICAL_ADDRESS Low = {.QuadPart = 0}, High = {.QuadPart = 0x1ffffff}, Boundary = {.QuadPart = 0x10000};

	(void)State;
	for (int i = 0; i < 50; i++) {
		UCHAR *Memory = MmAllocateContiguousMemorySpecifyCache(0x5000, Low, High, Boundary, MmCached);
		ULONG64 First;

		assert_non_null(Memory);
		First = (ULONG64)MmGetPhysicalAddress(Memory).QuadPart;
		assert_true(First >= 0x100000 && First + 0x5000 <= 0x2000000);
		assert_int_equal(First / 0x10000, (First + 0x4fff) / 0x10000);
		assert_int_equal(MmGetPhysicalAddress(Memory + 0x4321).QuadPart, First + 0x4321);
		MmFreeContiguousMemorySpecifyCache(Memory, 0x5000, MmCached);
	}
}

/* Two locks overlap by a page; each mapping is the program's own memory, and the last unlock gives it back whole. */
static void OverlappingLocks(void **State)
{
	UCHAR *Pages = mmap(NULL, 8 * PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	PMDL First = IoAllocateMdl(Pages, 5 * PAGE_SIZE, FALSE, FALSE, NULL);
	PMDL Second = IoAllocateMdl(Pages + 4 * PAGE_SIZE + 100, 3 * PAGE_SIZE, FALSE, FALSE, NULL);
	PMDL Part = IoAllocateMdl(Pages, 2 * PAGE_SIZE, FALSE, FALSE, NULL);
	UCHAR *Mapped, *PartMapped;

	(void)State;
	memset(Pages, 0x11, 8 * PAGE_SIZE);
	MmProbeAndLockPages(First, UserMode, IoModifyAccess);
	MmProbeAndLockPages(Second, UserMode, IoWriteAccess);
	assert_int_equal(MmGetMdlPfnArray(First)[4], MmGetMdlPfnArray(Second)[0]);
	Mapped = MmGetSystemAddressForMdlSafe(Second, NormalPagePriority);
	assert_non_null(Mapped);
	Mapped[0] = 0x22;
	assert_int_equal(Pages[4 * PAGE_SIZE + 100], 0x22);
	IoBuildPartialMdl(First, Part, Pages + 3 * PAGE_SIZE + 7, PAGE_SIZE);
	PartMapped = MmGetSystemAddressForMdlSafe(Part, NormalPagePriority);
	PartMapped[0] = 0x33;
	assert_int_equal(Pages[3 * PAGE_SIZE + 7], 0x33);
	IoFreeMdl(Part);
	MmUnlockPages(First);
	Pages[4 * PAGE_SIZE + 101] = 0x44;
	assert_int_equal(Mapped[1], 0x44);
	MmUnlockPages(Second);
	IoFreeMdl(Second);
	IoFreeMdl(First);
	assert_int_equal(Pages[4 * PAGE_SIZE + 100], 0x22);
	assert_int_equal(Pages[3 * PAGE_SIZE + 7], 0x33);
	assert_int_equal(Pages[7 * PAGE_SIZE], 0x11);
	munmap(Pages, 8 * PAGE_SIZE);
}

static void LockBadMemory(void **State)
{
	UCHAR *Pages = mmap(NULL, 2 * PAGE_SIZE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	PMDL Mdl = IoAllocateMdl(Pages, 2 * PAGE_SIZE, FALSE, FALSE, NULL);
	volatile NTSTATUS Status = STATUS_SUCCESS;

	(void)State;
	__try {
		MmProbeAndLockPages(Mdl, UserMode, IoWriteAccess);
	} __except (EXCEPTION_EXECUTE_HANDLER) {
		Status = GetExceptionCode();
	}
	assert_int_equal(Status, STATUS_ACCESS_VIOLATION);
	MmProbeAndLockPages(Mdl, UserMode, IoReadAccess);
	MmUnlockPages(Mdl);
	IoFreeMdl(Mdl);
	munmap(Pages, 2 * PAGE_SIZE);
}

/* ---- PnP and files ---- */
static void LifeOrder(void **State)
{
	SIM_USER_FILE *File;

	(void)State;
	Load();
	File = HarnessOpen(&TinyClass);
	SimUserClose(File);
	assert_int_equal(SimPowerDown(), STATUS_SUCCESS);
	assert_int_equal(SimPowerUp(), STATUS_SUCCESS);
	assert_int_equal(SimStop(), 0);
	assert_string_equal(TinyTrace, "APEICULiXEIiXRDdV");
}

static void SurpriseOrder(void **State)
{
	(void)State;
	Load();
	assert_int_equal(SimSurpriseRemove(), STATUS_SUCCESS);
	assert_int_equal(SimStop(), 0);
	assert_string_equal(TinyTrace, "APEISiXRDdV");
}

/* ---- requests ---- */
static void Echo(WDFREQUEST Request, size_t Out, size_t In, ULONG Code)
{
	PVOID Input, Output;
	size_t Length;

	(void)In;
	(void)Code;
	assert_int_equal(WdfRequestRetrieveInputBuffer(Request, 5, &Input, &Length), STATUS_BUFFER_TOO_SMALL);
	assert_int_equal(WdfRequestRetrieveInputBuffer(Request, 4, &Input, &Length), STATUS_SUCCESS);
	assert_int_equal(Length, 4);
	assert_int_equal(WdfRequestRetrieveOutputBuffer(Request, 1, &Output, &Length), STATUS_SUCCESS);
	assert_int_equal(Length, Out);
	((UCHAR *)Output)[0] = (UCHAR)(((UCHAR *)Input)[0] + 1);
	WdfRequestCompleteWithInformation(Request, STATUS_SUCCESS, 2);
}

static UCHAR Output[PAGE_SIZE]; /* not on the stack: pages in use by the locking code cannot be locked */

static void Methods(void **State)
{
	static const ULONG Codes[] = {CODE(METHOD_BUFFERED), CODE(METHOD_OUT_DIRECT)};

	(void)State;
	Tiny.Ioctl = Echo;
	Load();
	for (ULONG i = 0; i < ARRAYSIZE(Codes); i++) {
		SIM_USER_FILE *File = HarnessOpen(&TinyClass);
		ULONG_PTR Information;

		memset(Output, 9, 8);
		assert_int_equal(HarnessIoctl(File, Codes[i], "abc", 4, Output, 6, &Information), STATUS_SUCCESS);
		assert_int_equal(Information, 2);
		assert_int_equal(Output[0], 'b');
		assert_int_equal(Output[6], 9);
		if (i == 0) /* two bytes were said to be there, so that two are copied */
			assert_int_equal(Output[2], 9);
		assert_int_equal(
			HarnessIoctl(File, Codes[i], "abc", 4, (void *)0x10000, 6, NULL), STATUS_ACCESS_VIOLATION);
		SimUserClose(File);
	}
}

static WDFREQUEST Held[4];
static LONG HeldCount;

static VOID CancelHeld(WDFREQUEST Request)
{
	WdfRequestComplete(Request, STATUS_CANCELLED);
}

static void Hold(WDFREQUEST Request, size_t Out, size_t In, ULONG Code)
{
	(void)Out;
	(void)In;
	(void)Code;
	Held[InterlockedIncrement(&HeldCount) - 1] = Request;
	assert_int_equal(WdfRequestMarkCancelableEx(Request, CancelHeld), STATUS_SUCCESS);
}

static void Cancel(void **State)
{
	HARNESS_REQUEST A, B;
	SIM_USER_FILE *File;

	(void)State;
	HeldCount = 0;
	Tiny.Ioctl = Hold;
	Load();
	File = HarnessOpen(&TinyClass);
	assert_int_equal(HarnessSend(File, CODE(METHOD_BUFFERED), "x", 1, NULL, 0, &A), STATUS_PENDING);
	assert_int_equal(HarnessSend(File, CODE(METHOD_BUFFERED), "x", 1, NULL, 0, &B), STATUS_PENDING);
	assert_int_equal(HeldCount, 2);
	assert_int_equal(SimUserCancel(File, &B), STATUS_SUCCESS);
	assert_int_equal(HarnessWait(&B), STATUS_CANCELLED);
	assert_int_equal(A.Completions, 0);
	assert_int_equal(WdfRequestUnmarkCancelable(Held[0]), STATUS_SUCCESS);
	WdfRequestComplete(Held[0], STATUS_NO_MORE_ENTRIES);
	assert_int_equal(HarnessWait(&A), STATUS_NO_MORE_ENTRIES);
	assert_int_equal(SimUserCancel(File, NULL), STATUS_NOT_FOUND);
	SimUserClose(File);
}

static void SequentialQueue(void **State)
{
	HARNESS_REQUEST A, B, C;
	SIM_USER_FILE *File;

	(void)State;
	HeldCount = 0;
	Tiny.Ioctl = Hold;
	Tiny.Dispatch = WdfIoQueueDispatchSequential;
	Load();
	File = HarnessOpen(&TinyClass);
	HarnessSend(File, CODE(METHOD_BUFFERED), "x", 1, NULL, 0, &A);
	HarnessSend(File, CODE(METHOD_BUFFERED), "x", 1, NULL, 0, &B);
	HarnessSend(File, CODE(METHOD_BUFFERED), "x", 1, NULL, 0, &C);
	assert_int_equal(HeldCount, 1);
	assert_int_equal(SimUserCancel(File, &B), STATUS_SUCCESS); /* the driver never sees it */
	assert_int_equal(HarnessWait(&B), STATUS_CANCELLED);
	assert_int_equal(SimUserCancel(File, &A), STATUS_SUCCESS);
	HarnessWait(&A);
	for (int i = 0; i < 1000 && ReadAcquire(&HeldCount) < 2; i++) {
		LARGE_INTEGER Pause = {.QuadPart = -10000};

		KeDelayExecutionThread(KernelMode, FALSE, &Pause);
	}
	assert_int_equal(ReadAcquire(&HeldCount), 2);
	SimUserThreadEnd();
	assert_int_equal(HarnessWait(&C), STATUS_CANCELLED);
	SimUserClose(File);
}

/* ---- interrupts, timers, work items ---- */
static KEVENT Happened;
static KIRQL IsrIrql, DpcIrql, TimerIrql, WorkIrql;

static BOOLEAN ClaimIsr(WDFINTERRUPT Interrupt, ULONG Message)
{
	(void)Message;
	IsrIrql = KeGetCurrentIrql();
	WdfInterruptQueueDpcForIsr(Interrupt);
	return TRUE;
}

static void SignalDpc(WDFINTERRUPT Interrupt)
{
	(void)Interrupt;
	DpcIrql = KeGetCurrentIrql();
	KeSetEvent(&Happened, IO_NO_INCREMENT, FALSE);
}

static PUCHAR Registers;

/* Queue 0 gets interrupt vector 0, so that the device has where to send to. */
static void SetVector(WDFDEVICE Device)
{
	(void)Device;
	WRITE_REGISTER_USHORT((PUSHORT)(Registers + 22), 0);
	WRITE_REGISTER_USHORT((PUSHORT)(Registers + 26), 0);
}

static void MapRegisters(WDFDEVICE Device, WDFCMRESLIST Translated)
{
	PCM_PARTIAL_RESOURCE_DESCRIPTOR Memory = WdfCmResourceListGetDescriptor(Translated, 1);

	(void)Device;
	Registers = MmMapIoSpaceEx(Memory->u.Memory.Start, Memory->u.Memory.Length, PAGE_READWRITE | PAGE_NOCACHE);
}

static void WaitHappened(void)
{
	LARGE_INTEGER Timeout = {.QuadPart = 5 * SECOND};

	assert_int_equal(KeWaitForSingleObject(&Happened, Executive, KernelMode, FALSE, &Timeout), STATUS_SUCCESS);
	KeClearEvent(&Happened);
}

static void Interrupts(void **State)
{
	SIM_BUS *Bus;

	(void)State;
	Tiny.Prepare = MapRegisters;
	Tiny.D0Entry = SetVector;
	Tiny.Isr = ClaimIsr;
	Tiny.Dpc = SignalDpc;
	Bus = HarnessStartFake(SimInterruptsMessage, 0);
	KeInitializeEvent(&Happened, NotificationEvent, FALSE);
	assert_int_equal(SimLoadDriver(TinyDriverEntry, FAKE_VIRTIO_VENDOR, FAKE_VIRTIO_DEVICE), STATUS_SUCCESS);
	FakeVirtioRaise(Bus);
	WaitHappened();
	assert_true(IsrIrql > DISPATCH_LEVEL);
	assert_int_equal(DpcIrql, DISPATCH_LEVEL);
	MmUnmapIoSpace(Registers, 0x4000);
}

static VOID TimerRan(WDFTIMER Timer)
{
	assert_ptr_equal(WdfTimerGetParentObject(Timer), TinyDevice);
	TimerIrql = KeGetCurrentIrql();
	KeSetEvent(&Happened, IO_NO_INCREMENT, FALSE);
}

static VOID WorkRan(WDFWORKITEM Item)
{
	(void)Item;
	WorkIrql = KeGetCurrentIrql();
	KeSetEvent(&Happened, IO_NO_INCREMENT, FALSE);
}

static void TimersAndWork(void **State)
{
	WDF_OBJECT_ATTRIBUTES Attributes;
	WDF_WORKITEM_CONFIG WorkConfig;
	WDF_TIMER_CONFIG TimerConfig;
	WDFWORKITEM Item;
	WDFTIMER Timer;

	(void)State;
	Load();
	KeInitializeEvent(&Happened, NotificationEvent, FALSE);
	WDF_OBJECT_ATTRIBUTES_INIT(&Attributes);
	Attributes.ParentObject = TinyDevice;
	WDF_TIMER_CONFIG_INIT(&TimerConfig, TimerRan);
	assert_int_equal(WdfTimerCreate(&TimerConfig, &Attributes, &Timer), STATUS_SUCCESS);
	assert_false(WdfTimerStart(Timer, SECOND * 1000));
	assert_true(WdfTimerStart(Timer, -1000));
	WaitHappened();
	assert_int_equal(TimerIrql, DISPATCH_LEVEL);
	WdfTimerStart(Timer, SECOND * 1000);
	assert_true(WdfTimerStop(Timer, TRUE));
	WDF_WORKITEM_CONFIG_INIT(&WorkConfig, WorkRan);
	assert_int_equal(WdfWorkItemCreate(&WorkConfig, &Attributes, &Item), STATUS_SUCCESS);
	WdfWorkItemEnqueue(Item);
	WdfWorkItemFlush(Item);
	assert_int_equal(KeReadStateEvent(&Happened), 1);
	assert_int_equal(WorkIrql, PASSIVE_LEVEL);
}

#define PLAIN(Name) cmocka_unit_test_setup_teardown(Name, WithoutDevice, Clean)
#define DEVICE(Name) cmocka_unit_test_teardown(Name, Clean)

int main(void)
{
	const struct CMUnitTest Tests[] = {
		PLAIN(Events),
		PLAIN(Exceptions),
		PLAIN(ContiguousLimits),
		PLAIN(OverlappingLocks),
		PLAIN(LockBadMemory),
		DEVICE(LifeOrder),
		DEVICE(SurpriseOrder),
		DEVICE(Methods),
		DEVICE(Cancel),
		DEVICE(SequentialQueue),
		DEVICE(Interrupts),
		DEVICE(TimersAndWork),
	};

	return cmocka_run_group_tests_name("simulator semantics", Tests, NULL, NULL);
}
