/* SPDX-License-Identifier: MIT */
#include "pci.h"

#include <string.h>

#include "mvisor_vgpu.h"
#include "rules.h"

/* PCI Local Bus Specification 3.0, 6.1 and 6.8.2 */
#define CONFIG_COMMAND 0x04
#define COMMAND_IO 0x0001u
#define COMMAND_MEMORY 0x0002u
#define COMMAND_MASTER 0x0004u
#define COMMAND_WRITABLE 0x0547u
#define CONFIG_STATUS 0x06
#define STATUS_CAPABILITIES 0x0010u
#define CONFIG_REVISION 0x08
#define CONFIG_BARS 0x10
#define BARS 6
#define BAR_IO 1u
#define CONFIG_SUBSYSTEM 0x2c
#define CONFIG_CAPABILITIES 0x34
#define CONFIG_INTERRUPT_LINE 0x3c
#define CAPABILITY_VENDOR 0x09
#define CAPABILITY_MSIX 0x11
#define MSIX_CONTROL 2
#define MSIX_ENABLE 0x8000u
#define MSIX_MASK_ALL 0x4000u
#define MSIX_PENDING 0x800u /* offset of the pending bits in the BAR */
#define VECTOR_MASKED 1u

static const uint32_t BarSizes[BARS] = {0x80, 0x1000, 0, 0, 0x4000, 0};

static void Put(MV_PCI *Pci, unsigned Offset, unsigned Width, uint32_t Value)
{
	memcpy(Pci->Config + Offset, &Value, Width);
}

static uint32_t Get(const MV_PCI *Pci, unsigned Offset, unsigned Width)
{
	uint32_t Value = 0;

	memcpy(&Value, Pci->Config + Offset, Width);
	return Value;
}

/* Adds a capability behind the last one; the offset behind it. */
static unsigned AddCapability(MV_PCI *Pci, unsigned *Link, unsigned At, const uint8_t *Bytes, unsigned Length)
{
	Pci->Config[*Link] = (uint8_t)At;
	memcpy(Pci->Config + At, Bytes, Length);
	*Link = At + 1;
	return (At + Length + 3) & ~3u;
}

/* virtio 1.2, 4.1.4: where a part of the interface is. */
static unsigned AddVirtio(MV_PCI *Pci, unsigned *Link, unsigned At, uint8_t Type, uint32_t Offset, uint32_t Size)
{
	uint8_t Bytes[20] = {CAPABILITY_VENDOR, 0, 16, Type, Size ? MV_PCI_VIRTIO_BAR : 0};
	uint32_t Multiplier = MV_PCI_NOTIFY_STRIDE;

	memcpy(Bytes + 8, &Offset, 4);
	memcpy(Bytes + 12, &Size, 4);
	if (Type == 2)
		memcpy(Bytes + 16, &Multiplier, 4);
	if (Type == 2 || Type == 5)
		Bytes[2] = 20;
	return AddCapability(Pci, Link, At, Bytes, Bytes[2]);
}

void MvPciInit(MV_PCI *Pci, MV_MEMORY *Memory)
{
	uint8_t Msix[12] = {CAPABILITY_MSIX, 0, MV_PCI_VECTORS - 1, 0, MV_PCI_MSIX_BAR};
	uint32_t PendingAt = MSIX_PENDING | MV_PCI_MSIX_BAR;
	unsigned Link = CONFIG_CAPABILITIES;
	unsigned At = 0x40;

	memset(Pci, 0, sizeof(*Pci));
	Pci->Memory = Memory;
	Put(Pci, 0, 4, MVISOR_VGPU_VENDOR | MVISOR_VGPU_DEVICE << 16);
	Put(Pci, CONFIG_COMMAND, 2, COMMAND_IO | COMMAND_MEMORY | COMMAND_MASTER);
	Put(Pci, CONFIG_STATUS, 2, STATUS_CAPABILITIES);
	Put(Pci, CONFIG_REVISION, 1, MVISOR_VGPU_REVISION);
	Put(Pci, CONFIG_BARS, 4, BAR_IO);
	Put(Pci, CONFIG_SUBSYSTEM, 4, MVISOR_VGPU_SUBSYSTEM_VENDOR | MVISOR_VGPU_SUBSYSTEM_DEVICE << 16);
	At = AddVirtio(Pci, &Link, At, 1, MV_PCI_COMMON, 0x1000);
	At = AddVirtio(Pci, &Link, At, 3, MV_PCI_ISR, 0x1000);
	At = AddVirtio(Pci, &Link, At, 4, MV_PCI_DEVICE, 0x1000);
	At = AddVirtio(Pci, &Link, At, 2, MV_PCI_NOTIFY, 0x1000);
	At = AddVirtio(Pci, &Link, At, 5, 0, 0);
	memcpy(Msix + 8, &PendingAt, 4);
	Pci->MsixCapability = At;
	AddCapability(Pci, &Link, At, Msix, sizeof(Msix));
	for (unsigned Vector = 0; Vector < MV_PCI_VECTORS; Vector++)
		Pci->Msix[16 * Vector + 12] = VECTOR_MASKED;
}

uint32_t MvPciConfigRead(const MV_PCI *Pci, unsigned Offset, unsigned Width)
{
	return Offset + Width <= MV_PCI_CONFIG_SIZE ? Get(Pci, Offset, Width) : UINT32_MAX;
}

static void SendPending(MV_PCI *Pci)
{
	uint32_t Pending = Pci->Pending;

	Pci->Pending = 0;
	for (unsigned Vector = 0; Vector < MV_PCI_VECTORS; Vector++) {
		if (Pending >> Vector & 1)
			MvPciSignal(Pci, Vector);
	}
}

/* The bits of a byte of configuration space that a write changes. */
static uint8_t Writable(const MV_PCI *Pci, unsigned At)
{
	unsigned Bar = (At - CONFIG_BARS) / 4;

	if (At >= CONFIG_BARS && Bar < BARS)
		return BarSizes[Bar] ? (uint8_t)(~(BarSizes[Bar] - 1) >> (8 * (At & 3))) : 0;
	if (At == CONFIG_COMMAND || At == CONFIG_COMMAND + 1)
		return (uint8_t)(COMMAND_WRITABLE >> (8 * (At - CONFIG_COMMAND)));
	if (At == Pci->MsixCapability + MSIX_CONTROL + 1)
		return (MSIX_ENABLE | MSIX_MASK_ALL) >> 8;
	return At == CONFIG_INTERRUPT_LINE ? 0xff : 0;
}

void MvPciConfigWrite(MV_PCI *Pci, unsigned Offset, unsigned Width, uint32_t Value)
{
	for (unsigned i = 0; i < Width && Offset + i < MV_PCI_CONFIG_SIZE; i++) {
		uint8_t Mask = Writable(Pci, Offset + i);
		uint8_t *Byte = &Pci->Config[Offset + i];

		*Byte = (uint8_t)((*Byte & ~Mask) | ((Value >> (8 * i)) & Mask));
	}
	SendPending(Pci);
}

int MvPciDecode(const MV_PCI *Pci, uint64_t Address, uint64_t *Offset)
{
	if (!(Get(Pci, CONFIG_COMMAND, 2) & COMMAND_MEMORY))
		return -1;
	for (int Bar = 0; Bar < BARS; Bar++) {
		uint32_t Base = Get(Pci, CONFIG_BARS + 4 * (unsigned)Bar, 4);

		if (!BarSizes[Bar] || (Base & BAR_IO) || Base == 0 || Address < Base || Address - Base >= BarSizes[Bar])
			continue;
		*Offset = Address - Base;
		return Bar;
	}
	return -1;
}

uint64_t MvPciMsixRead(const MV_PCI *Pci, uint64_t Offset, unsigned Width)
{
	uint64_t Value = 0;

	if (Offset + Width <= sizeof(Pci->Msix))
		memcpy(&Value, Pci->Msix + Offset, Width);
	else if (Offset == MSIX_PENDING)
		Value = Pci->Pending;
	return Value;
}

void MvPciMsixWrite(MV_PCI *Pci, uint64_t Offset, unsigned Width, uint64_t Value)
{
	if (Offset + Width > sizeof(Pci->Msix))
		return;
	memcpy(Pci->Msix + Offset, &Value, Width);
	SendPending(Pci);
}

void MvPciSignal(MV_PCI *Pci, unsigned Vector)
{
	uint32_t Control = Get(Pci, Pci->MsixCapability + MSIX_CONTROL, 2);
	const uint8_t *Entry = Pci->Msix + 16 * (size_t)Vector;
	uint64_t Address;
	uint32_t Data;
	void *Target;

	if (!(Control & MSIX_ENABLE) || Vector >= MV_PCI_VECTORS)
		return;
	if ((Control & MSIX_MASK_ALL) || (Entry[12] & VECTOR_MASKED)) {
		Pci->Pending |= 1u << Vector;
		return;
	}
	memcpy(&Address, Entry, sizeof(Address));
	Target = Address % 4 == 0 ? MvMemoryRam(Pci->Memory, Address, 4) : NULL;
	if (!Target) {
		MvLog("the message of vector %u goes nowhere", Vector);
		return;
	}
	memcpy(&Data, Entry + 8, sizeof(Data));
	__atomic_store_n((uint32_t *)Target, Data, __ATOMIC_RELEASE);
	Pci->Messages++;
}
