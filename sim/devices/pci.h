/* SPDX-License-Identifier: MIT */
/* pci.h - the PCI function: configuration space, where its BARs are, and MSI-X. */
#ifndef MV_PCI_H
#define MV_PCI_H

#include "memory.h"

#define MV_PCI_CONFIG_SIZE 256
#define MV_PCI_VECTORS 4
#define MV_PCI_NO_VECTOR 0xffffu
#define MV_PCI_MSIX_BAR 1
#define MV_PCI_VIRTIO_BAR 4
/* Offsets in the virtio BAR; each part has 0x1000 bytes. */
#define MV_PCI_COMMON 0x0000u
#define MV_PCI_ISR 0x1000u
#define MV_PCI_DEVICE 0x2000u
#define MV_PCI_NOTIFY 0x3000u
#define MV_PCI_NOTIFY_STRIDE 4u

typedef struct MV_PCI {
	MV_MEMORY *Memory;
	uint8_t Config[MV_PCI_CONFIG_SIZE];
	unsigned MsixCapability; /* offset */
	uint8_t Msix[MV_PCI_VECTORS * 16]; /* the table: address, data, control */
	uint64_t Messages; /* stored so far */
	uint32_t Pending; /* a bit a vector that was signalled while masked */
} MV_PCI;

void MvPciInit(MV_PCI *Pci, MV_MEMORY *Memory);
uint32_t MvPciConfigRead(const MV_PCI *Pci, unsigned Offset, unsigned Width);
void MvPciConfigWrite(MV_PCI *Pci, unsigned Offset, unsigned Width, uint32_t Value);
/* Which BAR decodes the memory address, and the offset in it; -1: none. */
int MvPciDecode(const MV_PCI *Pci, uint64_t Address, uint64_t *Offset);
uint64_t MvPciMsixRead(const MV_PCI *Pci, uint64_t Offset, unsigned Width);
void MvPciMsixWrite(MV_PCI *Pci, uint64_t Offset, unsigned Width, uint64_t Value);
void MvPciSignal(MV_PCI *Pci, unsigned Vector);

#endif /* MV_PCI_H */
