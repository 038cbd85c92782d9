/* SPDX-License-Identifier: MIT */
/*
 * mmio_trap.c - carries out the driver's loads and stores of device registers.
 *
 * The simulator maps a BAR at addresses that fault. A vectored handler comes before the driver's own __try blocks, as
 * the hardware would.
 */
#include "nt.h"

#include <stddef.h>
#include <stdint.h>

#include "mmio_decode.h"
#include "mmio_trap.h"
#include "../host/host.h"

#define ACCESS_EXECUTE 8 /* ExceptionInformation[0] */
#define REGISTERS 16

/* CONTEXT holds rax to r15 in the order of their numbers. */
_Static_assert(offsetof(CONTEXT, R15) - offsetof(CONTEXT, Rax) == (REGISTERS - 1) * sizeof(DWORD64), "register order");

#define CODE_64 0x33 /* the segment of 64-bit code; a 32-bit program's own has another */
#define NO_WIDTH 0 /* the simulator reports an access of this width as a broken rule */

static LONG CALLBACK OnException(EXCEPTION_POINTERS *Exception)
{
	const EXCEPTION_RECORD *Record = Exception->ExceptionRecord;
	CONTEXT *Context = Exception->ContextRecord;
	uint8_t Code[MMIO_MAX_INSTRUCTION];
	size_t Available = sizeof(Code);
	MMIO_ACCESS Access;
	ULONG64 Value = 0;
	BOOLEAN Done;
	void *Address;

	if (Record->ExceptionCode != (DWORD)EXCEPTION_ACCESS_VIOLATION || Record->NumberParameters < 2 ||
		Record->ExceptionInformation[0] == ACCESS_EXECUTE || Context->SegCs != CODE_64)
		return EXCEPTION_CONTINUE_SEARCH;
	Address = (void *)Record->ExceptionInformation[1];
	while (Available && !HostTryCopy(Code, (const void *)(ULONG_PTR)Context->Rip, Available))
		Available--;
	if (!MmioDecode(Code, Available, &Access)) {
		SimMmioRead(Address, NO_WIDTH, &Value);
		return EXCEPTION_CONTINUE_SEARCH;
	}
	if (Access.Operation == MmioStore)
		Done = SimMmioWrite(Address, Access.Width, MmioStoreValue(&Access, &Context->Rax));
	else
		Done = SimMmioRead(Address, Access.Width, &Value);
	if (!Done)
		return EXCEPTION_CONTINUE_SEARCH;
	MmioFinishLoad(&Access, Value, &Context->Rax, (uint32_t *)&Context->EFlags);
	Context->Rip += Access.Length;
	return EXCEPTION_CONTINUE_EXECUTION;
}

bool MmioTrapInstall(void)
{
	return AddVectoredExceptionHandler(TRUE, OnException) != NULL;
}
