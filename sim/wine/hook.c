/* SPDX-License-Identifier: MIT */
/*
 * hook.c - replaces ntdll's system-call stubs in memory.
 *
 * A stub of Wine's x86-64 ntdll is 32 bytes and position independent, the same in Wine 8 and 10:
 *	mov r10, rcx; mov eax, NUMBER; test byte [0x7ffe0308], 1; jne; syscall; ret; ...; call [0x7ffe1000]; ret
 * A copy of it serves as the original; the stub itself is overwritten with a jump.
 */
#include <windows.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "hook.h"
#include "../host/host.h"

#define STUB_SIZE 32u
#define STUB_NUMBER 4u /* offset of the system-call number, which differs from stub to stub */

static const uint8_t StubPattern[STUB_SIZE] = {0x4c, 0x8b, 0xd1, 0xb8, 0, 0, 0, 0, 0xf6, 0x04, 0x25, 0x08, 0x03, 0xfe,
	0x7f, 0x01, 0x75, 0x03, 0x0f, 0x05, 0xc3, 0xeb, 0x01, 0xc3, 0xff, 0x14, 0x25, 0x00, 0x10, 0xfe, 0x7f, 0xc3};

static bool IsStub(const uint8_t *Code)
{
	return memcmp(Code, StubPattern, STUB_NUMBER) == 0 &&
	       memcmp(Code + STUB_NUMBER + 4, StubPattern + STUB_NUMBER + 4, STUB_SIZE - STUB_NUMBER - 4) == 0;
}

static void WriteJump(uint8_t *Code, const void *Target)
{
	static const uint8_t Jump[6] = {0xff, 0x25, 0, 0, 0, 0}; /* jmp [rip + 0] */

	memcpy(Code, Jump, sizeof(Jump));
	memcpy(Code + sizeof(Jump), &Target, sizeof(Target));
}

static bool Check(HMODULE Ntdll, const HOOK *Hooks, unsigned Count)
{
	unsigned i;

	for (i = 0; i < Count; i++) {
		const uint8_t *Stub = (const uint8_t *)GetProcAddress(Ntdll, Hooks[i].Name);

		if (!Stub || !IsStub(Stub)) {
			char Line[200];

			snprintf(Line, sizeof(Line),
				"simulator: ntdll's %s does not have the form that Wine 8 to 10 give it; is another "
				"Wine installed?",
				Hooks[i].Name);
			HostLog(Line);
			return false;
		}
	}
	return true;
}

bool HookInstall(const HOOK *Hooks, unsigned Count)
{
	HMODULE Ntdll = GetModuleHandleW(L"ntdll.dll");
	uint8_t *Copies;
	unsigned i;

	if (!Check(Ntdll, Hooks, Count))
		return false;
	Copies = VirtualAlloc(NULL, (SIZE_T)Count * STUB_SIZE, MEM_COMMIT | MEM_RESERVE, PAGE_EXECUTE_READWRITE);
	if (!Copies) {
		HostLog("simulator: no memory for the system-call stubs");
		return false;
	}
	for (i = 0; i < Count; i++) {
		uint8_t *Stub = (uint8_t *)GetProcAddress(Ntdll, Hooks[i].Name);
		uint8_t *Copy = Copies + (size_t)i * STUB_SIZE;
		DWORD Protection;

		memcpy(Copy, Stub, STUB_SIZE);
		*Hooks[i].Original = Copy;
		if (!VirtualProtect(Stub, STUB_SIZE, PAGE_EXECUTE_READWRITE, &Protection)) {
			HostLog("simulator: the system-call stubs cannot be written");
			return false;
		}
		WriteJump(Stub, Hooks[i].Replacement);
		VirtualProtect(Stub, STUB_SIZE, Protection, &Protection);
	}
	return true;
}
