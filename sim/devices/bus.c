/* SPDX-License-Identifier: MIT */
#include "bus.h"

#include <string.h>

#define CONFIG_ADDRESS 0xcf8u
#define CONFIG_DATA 0xcfcu
#define CONFIG_ENABLE 0x80000000u
#define SLOT 2u /* of bus 0 */

/* The offset in our configuration space that a data port means; -1: it is another function's, or none's. */
static int ConfigOffset(const MV_BUS *Bus, uint64_t Port, unsigned Width)
{
	uint32_t Function = (Bus->ConfigAddress & ~CONFIG_ENABLE) >> 8;

	if (Port < CONFIG_DATA || Port + Width > CONFIG_DATA + 4 || !(Bus->ConfigAddress & CONFIG_ENABLE))
		return -1;
	return Function == SLOT << 3 ? (int)((Bus->ConfigAddress & 0xfc) + (Port - CONFIG_DATA)) : -1;
}

uint32_t MvBusPortRead(MV_BUS *Bus, uint64_t Port, unsigned Width)
{
	int Offset = ConfigOffset(Bus, Port, Width);

	if (Port == CONFIG_ADDRESS && Width == 4)
		return Bus->ConfigAddress;
	if (Offset < 0)
		return UINT32_MAX >> (32 - 8 * Width);
	return MvPciConfigRead(&Bus->Device->Pci, (unsigned)Offset, Width);
}

void MvBusPortWrite(MV_BUS *Bus, uint64_t Port, unsigned Width, uint32_t Value)
{
	int Offset = ConfigOffset(Bus, Port, Width);

	if (Port == CONFIG_ADDRESS && Width == 4)
		Bus->ConfigAddress = Value;
	else if (Offset >= 0)
		MvPciConfigWrite(&Bus->Device->Pci, (unsigned)Offset, Width, Value);
}

uint64_t MvBusMemoryRead(MV_BUS *Bus, uint64_t Address, unsigned Width)
{
	MV_DEVICE *Device = Bus->Device;
	uint64_t Ones = UINT64_MAX >> (64 - 8 * Width);
	uint64_t Value = 0;
	const void *Host = MvMemoryAny(&Device->Memory, Address, Width);

	if (Host) {
		memcpy(&Value, Host, Width);
		return Value;
	}
	switch (MvPciDecode(&Device->Pci, Address, &Address)) {
	case MV_PCI_VIRTIO_BAR:
		return MvDeviceRead(Device, Address, Width) & Ones;
	case MV_PCI_MSIX_BAR:
		return MvPciMsixRead(&Device->Pci, Address, Width) & Ones;
	}
	return Ones;
}

void MvBusMemoryWrite(MV_BUS *Bus, uint64_t Address, unsigned Width, uint64_t Value)
{
	MV_DEVICE *Device = Bus->Device;
	void *Host = MvMemoryAny(&Device->Memory, Address, Width);

	if (Host) {
		memcpy(Host, &Value, Width);
		return;
	}
	switch (MvPciDecode(&Device->Pci, Address, &Address)) {
	case MV_PCI_VIRTIO_BAR:
		MvDeviceWrite(Device, Address, Width, Value);
		break;
	case MV_PCI_MSIX_BAR:
		MvPciMsixWrite(&Device->Pci, Address, Width, Value);
		break;
	}
}
