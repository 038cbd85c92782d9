/* SPDX-License-Identifier: MIT */
/* seh.c - exceptions, and access to user memory. */
#include "../host/host.h"
#include "nt.h"

#ifdef _WIN32
DECLSPEC_NORETURN VOID NTAPI ExRaiseStatus(NTSTATUS Status)
{
	HostRaise((uint32_t)Status);
}
#else
static void Fault(void);

SIM_TRY_FRAME *SimTryEnter(SIM_TRY_FRAME *Frame)
{
	SIM_THREAD *Thread = SimThread();

	HostOnFault(Fault);
	Frame->Outer = Thread->Try;
	Thread->Try = Frame;
	return Frame;
}

void SimTryLeave(SIM_TRY_FRAME *Frame)
{
	SIM_THREAD *Thread = SimThread();

	if (Thread->Try == Frame)
		Thread->Try = Frame->Outer;
}

DECLSPEC_NORETURN VOID NTAPI ExRaiseStatus(NTSTATUS Status)
{
	SIM_THREAD *Thread = SimThread();
	SIM_TRY_FRAME *Frame = Thread->Try;

	if (!Frame) {
		SimViolation(SimRuleExceptionUnhandled, "status %#x raised outside every __try", (unsigned)Status);
		HostAbort();
	}
	Thread->Try = Frame->Outer;
	Frame->Code = Status;
	longjmp(Frame->Jump, 1);
}

/* A fault inside a __try is an exception, as on Windows. */
static void Fault(void)
{
	if (SimThread()->Try)
		ExRaiseStatus(STATUS_ACCESS_VIOLATION);
}

#endif

#define USER_ADDRESS_END 0x7fffffff0000ull

static void Probe(const volatile void *Address, SIZE_T Length, ULONG Alignment, const char *Function)
{
	ULONG_PTR Start = (ULONG_PTR)Address;

	SimIrqlMax(Function, APC_LEVEL);
	if (Length == 0)
		return;
	if (Start & (Alignment - 1))
		ExRaiseStatus(STATUS_DATATYPE_MISALIGNMENT);
	if (Start + Length < Start || Start + Length > USER_ADDRESS_END)
		ExRaiseStatus(STATUS_ACCESS_VIOLATION);
}

/* As on Windows, only the range is looked at: the memory may still not be there. */
VOID NTAPI ProbeForRead(const volatile VOID *Address, SIZE_T Length, ULONG Alignment)
{
	Probe(Address, Length, Alignment, "ProbeForRead");
}

VOID NTAPI ProbeForWrite(volatile VOID *Address, SIZE_T Length, ULONG Alignment)
{
	Probe(Address, Length, Alignment, "ProbeForWrite");
	if (Length > 0 && !HostProbe((const void *)Address, Length, true))
		ExRaiseStatus(STATUS_ACCESS_VIOLATION);
}

BOOLEAN SimCopyFromUser(void *Target, const void *Source, SIZE_T Length)
{
	return Length == 0 || HostTryCopy(Target, Source, Length);
}

BOOLEAN SimCopyToUser(void *Target, const void *Source, SIZE_T Length)
{
	return Length == 0 || (HostProbe(Target, Length, true) && HostTryCopy(Target, Source, Length));
}
