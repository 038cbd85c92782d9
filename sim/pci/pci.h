/* SPDX-License-Identifier: MIT */
/*
 * pci.h - the PCI bus driver: finds functions, gives them addresses and interrupts, and describes that as resources.
 */
#ifndef SIM_PCI_H
#define SIM_PCI_H

#include "../sim.h"
#include "bus.h"

#define SIM_MAX_FUNCTIONS 4
#define SIM_MAX_MESSAGES 64
#define SIM_MAX_RESOURCES (6 + SIM_MAX_MESSAGES)

typedef struct SIM_PCI_BAR {
	ULONG64 Address;
	ULONG64 Size; /* bytes, 0: none */
	BOOLEAN Is64;
	BOOLEAN Prefetchable;
} SIM_PCI_BAR;

typedef struct SIM_PCI_FUNCTION {
	ULONG DeviceFunction;
	USHORT Vendor;
	USHORT Device;
	SIM_PCI_BAR Bars[6];
	ULONG MsixCapability; /* offset in configuration space, 0: none */
	ULONG64 MsixTable; /* physical */
	ULONG Messages; /* granted; 0: a line interrupt */
	ULONG64 MessageFrame; /* where the messages are stored */
} SIM_PCI_FUNCTION;

/* Takes the bus over. Called between SimMmStart and the first use. */
NTSTATUS SimPciStart(SIM_BUS *Bus, SIM_INTERRUPTS Interrupts, ULONG MessageLimit);
void SimPciStop(void); /* closes the bus */
ULONG SimPciFunctions(USHORT Vendor, USHORT Device, SIM_PCI_FUNCTION *Found[SIM_MAX_FUNCTIONS]);
void SimPciDetach(void); /* as if the devices were pulled out: reads give all ones */
BOOLEAN SimPciDetached(void);

/* Decoding and bus mastering on, message interrupts programmed; and all off. */
void SimPciEnable(SIM_PCI_FUNCTION *Function);
void SimPciDisable(SIM_PCI_FUNCTION *Function);

/* The resources of a function, raw and translated alike: memory in BAR order, then interrupts. Their number. */
ULONG SimPciResources(const SIM_PCI_FUNCTION *Function, PCM_PARTIAL_RESOURCE_DESCRIPTOR Raw,
	PCM_PARTIAL_RESOURCE_DESCRIPTOR Translated);
/* Bytes that were read or written. */
ULONG SimPciConfigRead(const SIM_PCI_FUNCTION *Function, ULONG Offset, PVOID Buffer, ULONG Length);
ULONG SimPciConfigWrite(const SIM_PCI_FUNCTION *Function, ULONG Offset, const VOID *Buffer, ULONG Length);

/* ---- interrupt.c: delivery on a thread of its own ---- */
/* At SIM_DEVICE_IRQL; TRUE: the interrupt was this routine's. */
typedef BOOLEAN (*SIM_INTERRUPT_ROUTINE)(void *Context, ULONG Message);
void SimInterruptStart(SIM_BUS *Bus);
void SimInterruptStop(void);
/* Message: one of the function's, or 0 for its line. Disconnecting waits for a delivery in progress. */
void SimInterruptConnect(const SIM_PCI_FUNCTION *Function, ULONG Message, SIM_INTERRUPT_ROUTINE Routine, void *Context);
void SimInterruptDisconnect(SIM_INTERRUPT_ROUTINE Routine, void *Context);
void SimInterruptActivity(void); /* the driver spoke to the device: an answer may come soon */

#endif /* SIM_PCI_H */
