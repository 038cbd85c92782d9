/* SPDX-License-Identifier: MIT */
/* rules_wdf.c - the rules of the framework, of files and of requests. */
#include "rules.h"

#define BUFFERED CTL_CODE(FILE_DEVICE_UNKNOWN, 0x900, METHOD_BUFFERED, FILE_ANY_ACCESS)

static WDFREQUEST Kept;
static KSPIN_LOCK Lock, OtherLock;

static void Run(void (*Ioctl)(WDFREQUEST, size_t, size_t, ULONG))
{
	UCHAR Output[16];
	SIM_USER_FILE *File;

	Tiny.Ioctl = Ioctl;
	RulesStartDriver();
	KeInitializeSpinLock(&Lock);
	KeInitializeSpinLock(&OtherLock);
	File = HarnessOpen(&TinyClass);
	HarnessIoctl(File, BUFFERED, "in", 2, Output, sizeof(Output), NULL);
	SimUserClose(File);
}

static void CompleteTwice(WDFREQUEST Request, size_t Out, size_t In, ULONG Code)
{
	(void)Out;
	(void)In;
	(void)Code;
	WdfObjectReference(Request);
	WdfRequestComplete(Request, STATUS_SUCCESS);
	WdfRequestComplete(Request, STATUS_SUCCESS);
	WdfObjectDereference(Request);
}

static void RequestCompletedTwice(void **State)
{
	(void)State;
	Run(CompleteTwice);
	BROKEN(RequestCompletedTwice);
}

static void UseCompleted(WDFREQUEST Request, size_t Out, size_t In, ULONG Code)
{
	PVOID Buffer;

	(void)Out;
	(void)In;
	(void)Code;
	WdfObjectReference(Request);
	WdfRequestComplete(Request, STATUS_SUCCESS);
	assert_false(NT_SUCCESS(WdfRequestRetrieveInputBuffer(Request, 1, &Buffer, NULL)));
	WdfObjectDereference(Request);
}

static void RequestNotOwned(void **State)
{
	(void)State;
	Run(UseCompleted);
	BROKEN(RequestNotOwned);
}

static VOID CancelNothing(WDFREQUEST Request)
{
	(void)Request;
}

static void CompleteCancelable(WDFREQUEST Request, size_t Out, size_t In, ULONG Code)
{
	(void)Out;
	(void)In;
	(void)Code;
	assert_int_equal(WdfRequestMarkCancelableEx(Request, CancelNothing), STATUS_SUCCESS);
	WdfRequestComplete(Request, STATUS_SUCCESS);
}

static void CompletedWhileCancelable(void **State)
{
	(void)State;
	Run(CompleteCancelable);
	BROKEN(RequestNotOwned);
}

static void UseDestroyed(WDFREQUEST Request, size_t Out, size_t In, ULONG Code)
{
	(void)Out;
	(void)In;
	(void)Code;
	WdfRequestComplete(Request, STATUS_SUCCESS);
	Kept = Request;
}

static void WdfHandle(void **State)
{
	(void)State;
	Run(UseDestroyed);
	assert_null(WdfRequestGetFileObject(Kept));
	BROKEN(WdfHandle);
}

static void ReturnTooMuch(WDFREQUEST Request, size_t Out, size_t In, ULONG Code)
{
	(void)In;
	(void)Code;
	WdfRequestCompleteWithInformation(Request, STATUS_SUCCESS, Out + 1);
}

static void RequestInformation(void **State)
{
	(void)State;
	Run(ReturnTooMuch);
	BROKEN(RequestInformation);
}

static void ReturnPending(WDFREQUEST Request, size_t Out, size_t In, ULONG Code)
{
	(void)Out;
	(void)In;
	(void)Code;
	WdfRequestComplete(Request, STATUS_PENDING);
}

static void RequestStatus(void **State)
{
	UCHAR Output[16];
	HARNESS_REQUEST Sent;
	SIM_USER_FILE *File;

	(void)State;
	Tiny.Ioctl = ReturnPending;
	RulesStartDriver();
	File = HarnessOpen(&TinyClass);
	(void)SimUserIoctl(File, BUFFERED, NULL, 0, Output, sizeof(Output), FALSE, NULL, &Sent, &Sent.Information);
	SimUserClose(File);
	BROKEN(RequestStatus);
}

static void CompleteLocked(WDFREQUEST Request, size_t Out, size_t In, ULONG Code)
{
	KIRQL Irql;

	(void)Out;
	(void)In;
	(void)Code;
	KeAcquireSpinLock(&Lock, &Irql);
	WdfRequestComplete(Request, STATUS_SUCCESS);
	KeReleaseSpinLock(&Lock, Irql);
}

static void RequestWithLock(void **State)
{
	(void)State;
	Run(CompleteLocked);
	BROKEN(RequestWithLock);
}

static void KeepRequest(WDFREQUEST Request, size_t Out, size_t In, ULONG Code)
{
	(void)Out;
	(void)In;
	(void)Code;
	Kept = Request;
}

static void RequestLeak(void **State)
{
	UCHAR Output[16];
	HARNESS_REQUEST Sent;
	SIM_USER_FILE *File;

	(void)State;
	Tiny.Ioctl = KeepRequest;
	RulesStartDriver();
	File = HarnessOpen(&TinyClass);
	assert_int_equal(HarnessSend(File, BUFFERED, NULL, 0, Output, sizeof(Output), &Sent), STATUS_PENDING);
	SimUserClose(File);
	BROKEN(RequestLeak);
}

static void FileLeak(void **State)
{
	(void)State;
	RulesStartDriver();
	HarnessOpen(&TinyClass);
	BROKEN(FileLeak);
}

static void HoldLock(WDFREQUEST Request, size_t Out, size_t In, ULONG Code)
{
	KIRQL Irql;

	(void)Out;
	(void)In;
	(void)Code;
	WdfRequestComplete(Request, STATUS_SUCCESS);
	KeAcquireSpinLock(&Lock, &Irql);
}

static void LockHeldAfterCallback(void **State)
{
	(void)State;
	Run(HoldLock);
	BROKEN(LockLeaked);
}

static void StayRaised(WDFREQUEST Request, size_t Out, size_t In, ULONG Code)
{
	KIRQL Irql;

	(void)Out;
	(void)In;
	(void)Code;
	WdfRequestComplete(Request, STATUS_SUCCESS);
	KeAcquireSpinLock(&Lock, &Irql);
	KeAcquireSpinLockAtDpcLevel(&OtherLock);
	KeReleaseSpinLock(&Lock, Irql); /* and this lowers the IRQL too early: the next raises it again */
	KeReleaseSpinLockFromDpcLevel(&OtherLock);
}

static void IrqlNotRestored(void **State)
{
	(void)State;
	Run(StayRaised);
	BROKEN(IrqlNotRestored);
}

static void WdfParameter(void **State)
{
	WDF_TIMER_CONFIG Config;
	WDFTIMER Timer;

	(void)State;
	RulesStartDriver();
	WDF_TIMER_CONFIG_INIT(&Config, NULL);
	Config.Size--;
	assert_false(NT_SUCCESS(WdfTimerCreate(&Config, WDF_NO_OBJECT_ATTRIBUTES, &Timer)));
	BROKEN(WdfParameter);
}

static void WdfReference(void **State)
{
	(void)State;
	RulesStartDriver();
	WdfObjectReference(TinyQueue);
	WdfObjectDereference(TinyQueue);
	WdfObjectDereference(TinyQueue); /* its existence */
	WdfObjectReference(TinyQueue);
	BROKEN(WdfReference);
}

static void WdfLeak(void **State)
{
	(void)State;
	RulesStartDriver();
	WdfObjectReference(TinyQueue);
	BROKEN(WdfLeak);
}

static void WdfNotImplemented(void **State)
{
	(void)State;
	RulesStartDriver();
	WdfFunctions[0]();
	BROKEN(WdfNotImplemented);
}

static void LockInterrupt(WDFDEVICE Device, WDFCMRESLIST Translated)
{
	(void)Device;
	(void)Translated;
	WdfInterruptAcquireLock(TinyInterrupt);
	WdfInterruptReleaseLock(TinyInterrupt);
}

static void InterruptState(void **State)
{
	(void)State;
	Tiny.Prepare = LockInterrupt; /* interrupts are connected later */
	RulesStartDriver();
	BROKEN(InterruptState);
}

static PUCHAR Registers;

static void MapRegisters(WDFDEVICE Device, WDFCMRESLIST Translated)
{
	PCM_PARTIAL_RESOURCE_DESCRIPTOR Memory = WdfCmResourceListGetDescriptor(Translated, 1);

	(void)Device;
	assert_int_equal(Memory->Type, CmResourceTypeMemory);
	Registers = MmMapIoSpaceEx(Memory->u.Memory.Start, Memory->u.Memory.Length, PAGE_READWRITE | PAGE_NOCACHE);
	assert_non_null(Registers);
}

static void RegisterAccess(void **State)
{
	(void)State;
	Tiny.Prepare = MapRegisters;
	RulesStartDriver();
	assert_int_equal(READ_REGISTER_USHORT((PUSHORT)(Registers + 18)), 2);
	assert_int_equal(SimViolations(), 0);
	(void)SimMmioWrite(Registers + 3, 2, 0); /* unaligned */
	MmUnmapIoSpace(Registers, 0x4000);
	BROKEN(RegisterAccess);
}

static void InterruptUnclaimed(void **State)
{
	SIM_BUS *Bus;

	(void)State;
	Tiny.Prepare = MapRegisters;
	Bus = HarnessStartFake(SimInterruptsLine, 0);
	assert_int_equal(SimLoadDriver(TinyDriverEntry, FAKE_VIRTIO_VENDOR, FAKE_VIRTIO_DEVICE), STATUS_SUCCESS);
	FakeVirtioRaise(Bus);
	for (int i = 0; i < 400 && SimViolationsOf(SimRuleInterruptUnclaimed) == 0; i++) {
		LARGE_INTEGER Pause = {.QuadPart = -100000};
		KEVENT Never;

		KeInitializeEvent(&Never, NotificationEvent, FALSE);
		KeWaitForSingleObject(&Never, Executive, KernelMode, FALSE, &Pause);
	}
	MmUnmapIoSpace(Registers, 0x4000);
	BROKEN(InterruptUnclaimed);
}

static KEVENT Ran;

static VOID StopMyself(WDFTIMER Timer)
{
	WdfTimerStop(Timer, TRUE);
	KeSetEvent(&Ran, IO_NO_INCREMENT, FALSE);
}

static WDFTIMER MakeTimer(PFN_WDF_TIMER Function)
{
	WDF_OBJECT_ATTRIBUTES Attributes;
	WDF_TIMER_CONFIG Config;
	WDFTIMER Timer;

	WDF_OBJECT_ATTRIBUTES_INIT(&Attributes);
	Attributes.ParentObject = TinyDevice;
	Attributes.ExecutionLevel = WdfExecutionLevelPassive;
	WDF_TIMER_CONFIG_INIT(&Config, Function);
	Config.AutomaticSerialization = FALSE;
	assert_int_equal(WdfTimerCreate(&Config, &Attributes, &Timer), STATUS_SUCCESS);
	return Timer;
}

static void WorkDeadlock(void **State)
{
	LARGE_INTEGER Timeout = {.QuadPart = -50000000};

	(void)State;
	RulesStartDriver();
	KeInitializeEvent(&Ran, NotificationEvent, FALSE);
	WdfTimerStart(MakeTimer(StopMyself), WDF_REL_TIMEOUT_IN_MS(1));
	assert_int_equal(KeWaitForSingleObject(&Ran, Executive, KernelMode, FALSE, &Timeout), STATUS_SUCCESS);
	BROKEN(WorkDeadlock);
}

static void TimerState(void **State)
{
	(void)State;
	RulesStartDriver();
	WdfTimerStart(MakeTimer(StopMyself), 1);
	BROKEN(TimerState);
}

const struct CMUnitTest WdfRuleTests[] = {
	cmocka_unit_test(RequestCompletedTwice),
	cmocka_unit_test(RequestNotOwned),
	cmocka_unit_test(CompletedWhileCancelable),
	cmocka_unit_test(WdfHandle),
	cmocka_unit_test(RequestInformation),
	cmocka_unit_test(RequestStatus),
	cmocka_unit_test(RequestWithLock),
	cmocka_unit_test(RequestLeak),
	cmocka_unit_test(FileLeak),
	cmocka_unit_test(LockHeldAfterCallback),
	cmocka_unit_test(IrqlNotRestored),
	cmocka_unit_test(WdfParameter),
	cmocka_unit_test(WdfReference),
	cmocka_unit_test(WdfLeak),
	cmocka_unit_test(WdfNotImplemented),
	cmocka_unit_test(InterruptState),
	cmocka_unit_test(RegisterAccess),
	cmocka_unit_test(InterruptUnclaimed),
	cmocka_unit_test(WorkDeadlock),
	cmocka_unit_test(TimerState),
};
const size_t WdfRuleTestCount = ARRAYSIZE(WdfRuleTests);
