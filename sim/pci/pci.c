/* SPDX-License-Identifier: MIT */
/* pci.c - what is on bus 0: BARs, message interrupts, and the resources that a driver is started with. */
#include <stdlib.h>
#include <string.h>

#include "../nt/nt.h"
#include "pci.h"

#define SLOTS 32
#define WINDOW_32 0xc0000000ull /* where firmware would put 32-bit BARs, below the chip set's own registers */
#define WINDOW_32_END 0xe0000000ull
#define WINDOW_64 0x800000000ull
#define LARGE_BAR (64ull << 20) /* BARs of this size go above 4 GiB when they can */
#define MESSAGE_STRIDE 64
#define MESSAGE_DATA 0x4d530000u /* not zero, whatever the message */

#define CONFIG_COMMAND 0x04
#define COMMAND_MEMORY 0x0002u
#define COMMAND_MASTER 0x0004u
#define COMMAND_NO_LINE 0x0400u
#define CONFIG_STATUS 0x06
#define STATUS_CAPABILITIES 0x0010u
#define CONFIG_HEADER_TYPE 0x0e
#define CONFIG_BARS 0x10
#define CONFIG_CAPABILITIES 0x34
#define CAPABILITY_MSIX 0x11
#define MSIX_CONTROL 2
#define MSIX_TABLE 4
#define MSIX_ENABLE 0x8000u
#define MSIX_ENTRY 16
#define CONFIG_SIZE 256

static struct {
	SIM_BUS *Bus;
	LONG Detached; /* may be read at any time */
	SIM_PCI_FUNCTION Functions[SIM_MAX_FUNCTIONS];
	ULONG Count;
	ULONG64 Next32, Next64;
} Pci; /* written by start, stop and detach only, which the PnP manager serialises */

static ULONG Read(const SIM_PCI_FUNCTION *Function, ULONG Offset, ULONG Width)
{
	if (ReadAcquire(&Pci.Detached))
		return MAXULONG >> (32 - 8 * Width);
	return Pci.Bus->Operations->ConfigRead(Pci.Bus, Function->DeviceFunction, Offset, Width);
}

static void Write(const SIM_PCI_FUNCTION *Function, ULONG Offset, ULONG Width, ULONG Value)
{
	if (!ReadAcquire(&Pci.Detached))
		Pci.Bus->Operations->ConfigWrite(Pci.Bus, Function->DeviceFunction, Offset, Width, Value);
}

/* ---- finding ---- */

/* Writes ones to a BAR and looks which of them stay. */
static ULONG SizeMask(const SIM_PCI_FUNCTION *Function, ULONG Offset)
{
	ULONG Old = Read(Function, Offset, 4);
	ULONG Mask;

	Write(Function, Offset, 4, MAXULONG);
	Mask = Read(Function, Offset, 4);
	Write(Function, Offset, 4, Old);
	return Mask;
}

static void FindBars(SIM_PCI_FUNCTION *Function)
{
	for (ULONG Index = 0; Index < 6; Index++) {
		ULONG Offset = CONFIG_BARS + 4 * Index;
		ULONG Mask = SizeMask(Function, Offset);
		SIM_PCI_BAR *Bar = &Function->Bars[Index];

		if (Mask == 0 || Mask == MAXULONG || (Mask & 1) != 0)
			continue;
		Bar->Prefetchable = (Mask & 8) != 0;
		Bar->Is64 = (Mask & 6) == 4;
		if (!Bar->Is64) {
			Bar->Size = (ULONG) ~(Mask & ~0xfu) + 1ull;
			continue;
		}
		Bar->Size = ~((ULONG64)SizeMask(Function, Offset + 4) << 32 | (Mask & ~0xfu)) + 1;
		Index++;
	}
}

static ULONG FindCapability(const SIM_PCI_FUNCTION *Function, ULONG Id)
{
	ULONG Offset;

	if (!(Read(Function, CONFIG_STATUS, 2) & STATUS_CAPABILITIES))
		return 0;
	Offset = Read(Function, CONFIG_CAPABILITIES, 1) & 0xfc;
	for (ULONG Steps = 0; Offset && Steps < CONFIG_SIZE / 4; Steps++) {
		if (Read(Function, Offset, 1) == Id)
			return Offset;
		Offset = Read(Function, Offset + 1, 1) & 0xfc;
	}
	return 0;
}

static BOOLEAN AssignBar(SIM_PCI_BAR *Bar)
{
	ULONG64 *Next = Bar->Is64 && Bar->Size >= LARGE_BAR ? &Pci.Next64 : &Pci.Next32;
	ULONG64 Start = (*Next + Bar->Size - 1) & ~(Bar->Size - 1);

	if (Next == &Pci.Next32 && Start + Bar->Size > WINDOW_32_END)
		return FALSE;
	Bar->Address = Start;
	*Next = Start + Bar->Size;
	return TRUE;
}

static BOOLEAN AssignBars(SIM_PCI_FUNCTION *Function)
{
	for (ULONG Index = 0; Index < 6; Index++) {
		SIM_PCI_BAR *Bar = &Function->Bars[Index];

		if (!Bar->Size)
			continue;
		if (!AssignBar(Bar))
			return FALSE;
		Write(Function, CONFIG_BARS + 4 * Index, 4, (ULONG)Bar->Address);
		if (Bar->Is64)
			Write(Function, CONFIG_BARS + 4 * Index + 4, 4, (ULONG)(Bar->Address >> 32));
	}
	return TRUE;
}

static void GrantMessages(SIM_PCI_FUNCTION *Function, ULONG Limit)
{
	ULONG Capability = FindCapability(Function, CAPABILITY_MSIX);
	ULONG64 Got;
	ULONG Table, Entries;

	if (!Capability)
		return;
	Table = Read(Function, Capability + MSIX_TABLE, 4);
	Entries = (Read(Function, Capability + MSIX_CONTROL, 2) & 0x7ff) + 1;
	if ((Table & 7) >= 6 || !Function->Bars[Table & 7].Address)
		return;
	Function->MessageFrame = SimFramesTake(1, 0x100000, TRUE, &Got);
	if (!Function->MessageFrame)
		return;
	memset(SimRamBase() + (Function->MessageFrame << PAGE_SHIFT), 0, PAGE_SIZE);
	Function->MsixCapability = Capability;
	Function->MsixTable = Function->Bars[Table & 7].Address + (Table & ~7u);
	Function->Messages = min(Entries, SIM_MAX_MESSAGES);
	if (Limit && Limit < Function->Messages)
		Function->Messages = Limit;
}

static BOOLEAN FindFunction(ULONG DeviceFunction, SIM_INTERRUPTS Interrupts, ULONG MessageLimit)
{
	SIM_PCI_FUNCTION *Function = &Pci.Functions[Pci.Count];
	ULONG Ids;

	memset(Function, 0, sizeof(*Function));
	Function->DeviceFunction = DeviceFunction;
	Ids = Read(Function, 0, 4);
	if (Ids == MAXULONG || Ids == 0 || (Read(Function, CONFIG_HEADER_TYPE, 1) & 0x7f) != 0)
		return TRUE;
	Function->Vendor = (USHORT)Ids;
	Function->Device = (USHORT)(Ids >> 16);
	FindBars(Function);
	if (!AssignBars(Function)) {
		SimLog("bus: no room for the BARs of %04x:%04x", Function->Vendor, Function->Device);
		return FALSE;
	}
	if (Interrupts == SimInterruptsMessage)
		GrantMessages(Function, MessageLimit);
	Pci.Count++;
	return TRUE;
}

ULONG SimPciFunctions(USHORT Vendor, USHORT Device, SIM_PCI_FUNCTION *Found[SIM_MAX_FUNCTIONS])
{
	ULONG Count = 0;

	for (ULONG At = 0; At < Pci.Count; At++) {
		if (Pci.Functions[At].Vendor == Vendor && Pci.Functions[At].Device == Device)
			Found[Count++] = &Pci.Functions[At];
	}
	return Count;
}

/* ---- starting ---- */

static void BusWrite(ULONG64 Physical, ULONG Width, ULONG64 Value)
{
	if (!ReadAcquire(&Pci.Detached))
		Pci.Bus->Operations->MmioWrite(Pci.Bus, Physical, Width, Value);
}

static void ProgramMessages(const SIM_PCI_FUNCTION *Function)
{
	for (ULONG Message = 0; Message < Function->Messages; Message++) {
		ULONG64 Entry = Function->MsixTable + MSIX_ENTRY * Message;
		ULONG64 Target = (Function->MessageFrame << PAGE_SHIFT) + MESSAGE_STRIDE * Message;

		BusWrite(Entry, 4, (ULONG)Target);
		BusWrite(Entry + 4, 4, Target >> 32);
		BusWrite(Entry + 8, 4, MESSAGE_DATA | Message);
		BusWrite(Entry + 12, 4, 0);
	}
}

void SimPciEnable(SIM_PCI_FUNCTION *Function)
{
	ULONG Capability = Function->MsixCapability;

	Write(Function, CONFIG_COMMAND, 2,
		COMMAND_MEMORY | COMMAND_MASTER | (Function->Messages ? COMMAND_NO_LINE : 0));
	if (!Function->Messages)
		return;
	ProgramMessages(Function);
	Write(Function, Capability + MSIX_CONTROL, 2, MSIX_ENABLE);
}

void SimPciDisable(SIM_PCI_FUNCTION *Function)
{
	if (Function->Messages)
		Write(Function, Function->MsixCapability + MSIX_CONTROL, 2, 0);
	Write(Function, CONFIG_COMMAND, 2, COMMAND_NO_LINE);
}

static void DescribeInterrupt(const SIM_PCI_FUNCTION *Function, ULONG Message, PCM_PARTIAL_RESOURCE_DESCRIPTOR Raw,
	PCM_PARTIAL_RESOURCE_DESCRIPTOR Translated)
{
	ULONG Vector = 0x50 + 2 * Function->DeviceFunction + Message;

	Raw->Type = CmResourceTypeInterrupt;
	Raw->ShareDisposition = Function->Messages ? CmResourceShareDeviceExclusive : CmResourceShareShared;
	Raw->Flags = Function->Messages ? CM_RESOURCE_INTERRUPT_LATCHED | CM_RESOURCE_INTERRUPT_MESSAGE
					: CM_RESOURCE_INTERRUPT_LEVEL_SENSITIVE;
	*Translated = *Raw;
	Translated->u.Interrupt.Level = SIM_DEVICE_IRQL;
	Translated->u.Interrupt.Vector = Vector;
	Translated->u.Interrupt.Affinity = 1;
	if (Function->Messages) {
		Raw->u.MessageInterrupt.Raw.MessageCount = 1;
		Raw->u.MessageInterrupt.Raw.Vector = Vector;
		Raw->u.MessageInterrupt.Raw.Affinity = 1;
	} else {
		Raw->u.Interrupt.Level = Raw->u.Interrupt.Vector = Vector;
		Raw->u.Interrupt.Affinity = 1;
	}
}

ULONG SimPciResources(const SIM_PCI_FUNCTION *Function, PCM_PARTIAL_RESOURCE_DESCRIPTOR Raw,
	PCM_PARTIAL_RESOURCE_DESCRIPTOR Translated)
{
	ULONG Count = 0;

	memset(Raw, 0, SIM_MAX_RESOURCES * sizeof(*Raw));
	memset(Translated, 0, SIM_MAX_RESOURCES * sizeof(*Translated));
	for (ULONG Index = 0; Index < 6; Index++) {
		const SIM_PCI_BAR *Bar = &Function->Bars[Index];

		if (!Bar->Size)
			continue;
		Raw[Count].Type = CmResourceTypeMemory;
		Raw[Count].ShareDisposition = CmResourceShareDeviceExclusive;
		Raw[Count].Flags = Bar->Prefetchable ? CM_RESOURCE_MEMORY_PREFETCHABLE : CM_RESOURCE_MEMORY_READ_WRITE;
		Raw[Count].u.Memory.Start.QuadPart = (LONGLONG)Bar->Address;
		Raw[Count].u.Memory.Length = (ULONG)Bar->Size;
		if (Bar->Size > MAXULONG) {
			Raw[Count].Type = CmResourceTypeMemoryLarge;
			Raw[Count].Flags |= CM_RESOURCE_MEMORY_LARGE_40;
			Raw[Count].u.Memory.Length = (ULONG)(Bar->Size >> 8);
		}
		Translated[Count] = Raw[Count];
		Count++;
	}
	for (ULONG Message = 0; Message < (Function->Messages ? Function->Messages : 1); Message++, Count++)
		DescribeInterrupt(Function, Message, &Raw[Count], &Translated[Count]);
	return Count;
}

/* ---- configuration space for drivers ---- */

static ULONG Clamp(ULONG Offset, ULONG Length)
{
	return Offset >= CONFIG_SIZE ? 0 : min(Length, CONFIG_SIZE - Offset);
}

ULONG SimPciConfigRead(const SIM_PCI_FUNCTION *Function, ULONG Offset, PVOID Buffer, ULONG Length)
{
	UCHAR *Bytes = Buffer;
	ULONG Width;

	Length = Clamp(Offset, Length);
	for (ULONG Done = 0; Done < Length; Done += Width) {
		ULONG Value;

		Width = (Offset + Done) % 4 == 0 && Length - Done >= 4 ? 4 : 1;
		Value = Read(Function, Offset + Done, Width);
		memcpy(Bytes + Done, &Value, Width);
	}
	return Length;
}

ULONG SimPciConfigWrite(const SIM_PCI_FUNCTION *Function, ULONG Offset, const VOID *Buffer, ULONG Length)
{
	const UCHAR *Bytes = Buffer;
	ULONG Width;

	Length = Clamp(Offset, Length);
	for (ULONG Done = 0; Done < Length; Done += Width) {
		ULONG Value = 0;

		Width = (Offset + Done) % 4 == 0 && Length - Done >= 4 ? 4 : 1;
		memcpy(&Value, Bytes + Done, Width);
		Write(Function, Offset + Done, Width, Value);
	}
	return Length;
}

/* ---- device memory, for mm_io.c ---- */

static ULONG64 IoRead(void *Context, ULONG64 Physical, ULONG Width)
{
	(void)Context;
	if (ReadAcquire(&Pci.Detached))
		return MAXULONG64;
	return Pci.Bus->Operations->MmioRead(Pci.Bus, Physical, Width);
}

static void IoWrite(void *Context, ULONG64 Physical, ULONG Width, ULONG64 Value)
{
	(void)Context;
	BusWrite(Physical, Width, Value);
	SimInterruptActivity();
}

static ULONG64 IoExtent(void *Context, ULONG64 Physical)
{
	(void)Context;
	for (ULONG At = 0; At < Pci.Count; At++) {
		for (ULONG Index = 0; Index < 6; Index++) {
			const SIM_PCI_BAR *Bar = &Pci.Functions[At].Bars[Index];

			if (Bar->Size && Physical >= Bar->Address && Physical - Bar->Address < Bar->Size)
				return Bar->Size - (Physical - Bar->Address);
		}
	}
	return 0;
}

static UCHAR *IoMemory(void *Context, ULONG64 Physical, ULONG64 Length)
{
	(void)Context;
	if (!Pci.Bus->Operations->Memory)
		return NULL;
	return Pci.Bus->Operations->Memory(Pci.Bus, Physical, Length);
}

static BOOLEAN DeviceTouches(ULONG64 Address, ULONG64 Length)
{
	return !ReadAcquire(&Pci.Detached) && Pci.Bus->Operations->Touches(Pci.Bus, Address, Length);
}

NTSTATUS SimPciStart(SIM_BUS *Bus, SIM_INTERRUPTS Interrupts, ULONG MessageLimit)
{
	const SIM_IO_TARGET Target = {IoRead, IoWrite, IoExtent, IoMemory, NULL};

	memset(&Pci, 0, sizeof(Pci));
	Pci.Bus = Bus;
	Pci.Next32 = WINDOW_32;
	Pci.Next64 = WINDOW_64;
	if (!Bus) /* an empty bus */
		return STATUS_SUCCESS;
	if (Bus->Operations->Attach)
		Bus->Operations->Attach(Bus, SimRamBase(), SimRamSize());
	SimInterruptStart(Bus);
	SimIoSpaceTarget(&Target);
	SimFramesWatch(Bus->Operations->Touches ? DeviceTouches : NULL);
	for (ULONG Slot = 0; Slot < SLOTS && Pci.Count < SIM_MAX_FUNCTIONS; Slot++) {
		if (!FindFunction(Slot << 3, Interrupts, MessageLimit)) {
			SimPciStop();
			return STATUS_INSUFFICIENT_RESOURCES;
		}
	}
	return STATUS_SUCCESS;
}

void SimPciDetach(void)
{
	WriteRelease(&Pci.Detached, 1);
	if (Pci.Bus && Pci.Bus->Operations->Detach)
		Pci.Bus->Operations->Detach(Pci.Bus);
}

BOOLEAN SimPciDetached(void)
{
	return ReadAcquire(&Pci.Detached) != 0;
}

void SimPciStop(void)
{
	if (!Pci.Bus)
		return;
	SimInterruptStop();
	SimIoSpaceTarget(NULL);
	SimFramesWatch(NULL);
	for (ULONG At = 0; At < Pci.Count; At++) {
		if (Pci.Functions[At].MessageFrame)
			SimFramesFree(Pci.Functions[At].MessageFrame, 1);
	}
	Pci.Bus->Operations->Close(Pci.Bus);
	memset(&Pci, 0, sizeof(Pci));
}
