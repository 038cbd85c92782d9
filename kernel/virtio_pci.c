/* SPDX-License-Identifier: MIT */
#include "virtio_pci.h"
#include "io_map.h"
#include <initguid.h>
#include <wdmguid.h>

/* 4.1.4.3 Common configuration structure layout: offsets */
#define COMMON_DEVICE_FEATURE_SELECT 0
#define COMMON_DEVICE_FEATURE 4
#define COMMON_DRIVER_FEATURE_SELECT 8
#define COMMON_DRIVER_FEATURE 12
#define COMMON_CONFIG_VECTOR 16
#define COMMON_NUM_QUEUES 18
#define COMMON_STATUS 20
#define COMMON_GENERATION 21
#define COMMON_QUEUE_SELECT 22
#define COMMON_QUEUE_SIZE 24
#define COMMON_QUEUE_VECTOR 26
#define COMMON_QUEUE_ENABLE 28
#define COMMON_QUEUE_NOTIFY_OFFSET 30
#define COMMON_QUEUE_DESCRIPTORS 32
#define COMMON_QUEUE_AVAILABLE 40
#define COMMON_QUEUE_USED 48

/* 2.1 Device status field */
#define STATUS_ACKNOWLEDGE 1u
#define STATUS_DRIVER 2u
#define STATUS_DRIVER_OK 4u
#define STATUS_FEATURES_OK 8u
#define STATUS_NEEDS_RESET 64u
#define STATUS_ALL_ONES 0xffu /* no device answers */

#define RESET_POLLS 1000u /* of a millisecond */

/* PCI configuration space */
#define PCI_VENDOR 0x00
#define PCI_DEVICE 0x02
#define PCI_COMMAND 0x04
#define PCI_REVISION 0x08
#define PCI_SUBSYSTEM_VENDOR 0x2c
#define PCI_SUBSYSTEM_DEVICE 0x2e
#define PCI_COMMAND_BUS_MASTER 4u
#define PCI_NO_DEVICE 0xffffu
#define PCI_CONFIG_SPACE 0u /* PCI_WHICHSPACE_CONFIG */

static UCHAR Read8(PUCHAR Base, ULONG Offset)
{
	return READ_REGISTER_UCHAR(Base + Offset);
}

static USHORT Read16(PUCHAR Base, ULONG Offset)
{
	return READ_REGISTER_USHORT((volatile USHORT *)(Base + Offset));
}

static ULONG Read32(PUCHAR Base, ULONG Offset)
{
	return READ_REGISTER_ULONG((volatile ULONG *)(Base + Offset));
}

static VOID Write8(PUCHAR Base, ULONG Offset, UCHAR Value)
{
	WRITE_REGISTER_UCHAR(Base + Offset, Value);
}

static VOID Write16(PUCHAR Base, ULONG Offset, USHORT Value)
{
	WRITE_REGISTER_USHORT((volatile USHORT *)(Base + Offset), Value);
}

static VOID Write32(PUCHAR Base, ULONG Offset, ULONG Value)
{
	WRITE_REGISTER_ULONG((volatile ULONG *)(Base + Offset), Value);
}

/* 4.1.3.1: 64-bit fields are written as two halves. */
static VOID Write64(PUCHAR Base, ULONG Offset, ULONG64 Value)
{
	Write32(Base, Offset, (ULONG)Value);
	Write32(Base, Offset + 4, (ULONG)(Value >> 32));
}

static USHORT ConfigRead16(const UCHAR *Config, ULONG Offset)
{
	return (USHORT)(Config[Offset] | Config[Offset + 1] << 8);
}

static NTSTATUS VirtioPciReadConfig(VIRTIO_PCI *Pci, WDFDEVICE Device, UCHAR *Config)
{
	BUS_INTERFACE_STANDARD *Bus = &Pci->Bus;
	NTSTATUS Status;
	ULONG Read;

	Status = WdfFdoQueryForInterface(Device, &GUID_BUS_INTERFACE_STANDARD, (PINTERFACE)Bus, sizeof(*Bus), 1, NULL);
	if (!NT_SUCCESS(Status)) {
		Bus->Context = NULL;
		return Status;
	}
	Read = Bus->GetBusData(Bus->Context, PCI_CONFIG_SPACE, Config, 0, PCI_CONFIG_BYTES);
	return Read == PCI_CONFIG_BYTES ? STATUS_SUCCESS : STATUS_DEVICE_NOT_CONNECTED;
}

static VOID VirtioPciReadIdentity(PCI_IDENTITY *Identity, WDFDEVICE Device, const UCHAR *Config)
{
	ULONG Value, Length;

	Identity->Vendor = ConfigRead16(Config, PCI_VENDOR);
	Identity->Device = ConfigRead16(Config, PCI_DEVICE);
	Identity->SubsystemVendor = ConfigRead16(Config, PCI_SUBSYSTEM_VENDOR);
	Identity->SubsystemDevice = ConfigRead16(Config, PCI_SUBSYSTEM_DEVICE);
	Identity->Revision = Config[PCI_REVISION];
	if (NT_SUCCESS(WdfDeviceQueryProperty(Device, DevicePropertyBusNumber, sizeof(Value), &Value, &Length)))
		Identity->Bus = (UCHAR)Value;
	if (NT_SUCCESS(WdfDeviceQueryProperty(Device, DevicePropertyAddress, sizeof(Value), &Value, &Length))) {
		Identity->Slot = (UCHAR)(Value >> 16);
		Identity->Function = (UCHAR)Value;
	}
}

static VOID VirtioPciSetBusMaster(VIRTIO_PCI *Pci, BOOLEAN Enable)
{
	BUS_INTERFACE_STANDARD *Bus = &Pci->Bus;
	USHORT Command = PCI_NO_DEVICE;

	if (!Bus->Context ||
		Bus->GetBusData(Bus->Context, PCI_CONFIG_SPACE, &Command, PCI_COMMAND, sizeof(Command)) !=
			sizeof(Command) ||
		Command == PCI_NO_DEVICE)
		return;
	if (Enable)
		Command |= PCI_COMMAND_BUS_MASTER;
	else
		Command &= (USHORT)~PCI_COMMAND_BUS_MASTER;
	(VOID) Bus->SetBusData(Bus->Context, PCI_CONFIG_SPACE, &Command, PCI_COMMAND, sizeof(Command));
}

/* Bytes of a memory resource; 0: it is none. Those of 4 GiB and more have a type of their own. */
static ULONG64 VirtioPciMemoryBytes(PCM_PARTIAL_RESOURCE_DESCRIPTOR Resource)
{
	if (Resource->Type == CmResourceTypeMemory)
		return Resource->u.Memory.Length;
	if (Resource->Type != CmResourceTypeMemoryLarge)
		return 0;
	if (Resource->Flags & CM_RESOURCE_MEMORY_LARGE_40)
		return (ULONG64)Resource->u.Memory.Length << 8;
	if (Resource->Flags & CM_RESOURCE_MEMORY_LARGE_48)
		return (ULONG64)Resource->u.Memory.Length << 16;
	return Resource->Flags & CM_RESOURCE_MEMORY_LARGE_64 ? (ULONG64)Resource->u.Memory.Length << 32 : 0;
}

/* Resources come without the number of their BAR: the raw list holds bus addresses, as the BARs do, and the translated
 * list has the same order. 0 bytes: there is no such BAR. */
static VIRTIO_WINDOW VirtioPciFindBar(const VIRTIO_PCI *Pci, ULONG Bar, WDFCMRESLIST Raw, WDFCMRESLIST Translated)
{
	ULONG Count = WdfCmResourceListGetCount(Raw);
	VIRTIO_WINDOW Found = {0};

	for (ULONG Index = 0; Index < Count && !Found.Bytes; Index++) {
		PCM_PARTIAL_RESOURCE_DESCRIPTOR Bus = WdfCmResourceListGetDescriptor(Raw, Index);
		PCM_PARTIAL_RESOURCE_DESCRIPTOR Cpu = WdfCmResourceListGetDescriptor(Translated, Index);

		if (!Bus || !Cpu || !VirtioPciMemoryBytes(Bus) ||
			(ULONG64)Bus->u.Memory.Start.QuadPart != Pci->Caps.BarAddress[Bar])
			continue;
		Found.Bytes = VirtioPciMemoryBytes(Cpu);
		Found.Address = (ULONG64)Cpu->u.Memory.Start.QuadPart;
	}
	return Found;
}

static NTSTATUS VirtioPciMapBar(VIRTIO_PCI *Pci, ULONG Bar, WDFCMRESLIST Raw, WDFCMRESLIST Translated)
{
	PHYSICAL_ADDRESS Address;
	VIRTIO_WINDOW Found;

	if (Pci->Bars[Bar])
		return STATUS_SUCCESS;
	Found = VirtioPciFindBar(Pci, Bar, Raw, Translated);
	if (!Found.Bytes)
		return STATUS_DEVICE_CONFIGURATION_ERROR;
	Address.QuadPart = (LONGLONG)Found.Address;
	Pci->BarLengths[Bar] = (SIZE_T)Found.Bytes;
	Pci->Bars[Bar] = IoMap(Address, (SIZE_T)Found.Bytes);
	return Pci->Bars[Bar] ? STATUS_SUCCESS : STATUS_INSUFFICIENT_RESOURCES;
}

static NTSTATUS VirtioPciMapRegion(
	VIRTIO_PCI *Pci, const VIRTIO_REGION *Region, WDFCMRESLIST Raw, WDFCMRESLIST Translated, PUCHAR *Address)
{
	NTSTATUS Status = VirtioPciMapBar(Pci, Region->Bar, Raw, Translated);

	if (!NT_SUCCESS(Status))
		return Status;
	if (!VirtioRegionFits(Region, Pci->BarLengths[Region->Bar]))
		return STATUS_DEVICE_CONFIGURATION_ERROR;
	*Address = Pci->Bars[Region->Bar] + Region->Offset;
	return STATUS_SUCCESS;
}

/* Nobody can do without registers, but without this: one that is twisted counts as none. It has a BAR of its own, for
 * programs see whole pages of it. */
static VOID VirtioPciFindHostVisible(VIRTIO_PCI *Pci, WDFCMRESLIST Raw, WDFCMRESLIST Translated)
{
	const VIRTIO_REGION *Region = &Pci->Caps.HostVisible;
	VIRTIO_WINDOW Bar;

	if (!Region->Length || Pci->Bars[Region->Bar] || Region->Offset % VGPU_PAGE_BYTES)
		return;
	Bar = VirtioPciFindBar(Pci, Region->Bar, Raw, Translated);
	if (!VirtioRegionFits(Region, Bar.Bytes) || Bar.Address % VGPU_PAGE_BYTES)
		return;
	Pci->HostVisible.Address = Bar.Address + Region->Offset;
	Pci->HostVisible.Bytes = Region->Length & ~(ULONG64)(VGPU_PAGE_BYTES - 1);
}

_Use_decl_annotations_
NTSTATUS VirtioPciMap(VIRTIO_PCI *Pci, WDFDEVICE Device, WDFCMRESLIST Raw, WDFCMRESLIST Translated,
	ULONG (*ConfigBytes)(const PCI_IDENTITY *Identity))
{
	UCHAR Config[PCI_CONFIG_BYTES];
	NTSTATUS Status;
	ULONG Bytes;

	RtlZeroMemory(Pci, sizeof(*Pci));
	Status = VirtioPciReadConfig(Pci, Device, Config);
	if (!NT_SUCCESS(Status))
		goto Unmap;
	VirtioPciReadIdentity(&Pci->Identity, Device, Config);
	Bytes = ConfigBytes(&Pci->Identity);
	Status = Bytes ? VirtioCapsParse(Config, Bytes, &Pci->Caps) : STATUS_NOT_SUPPORTED;
	if (NT_SUCCESS(Status))
		Status = VirtioPciMapRegion(Pci, &Pci->Caps.Common, Raw, Translated, &Pci->Common);
	if (NT_SUCCESS(Status))
		Status = VirtioPciMapRegion(Pci, &Pci->Caps.Isr, Raw, Translated, &Pci->Isr);
	if (NT_SUCCESS(Status))
		Status = VirtioPciMapRegion(Pci, &Pci->Caps.Device, Raw, Translated, &Pci->Device);
	if (NT_SUCCESS(Status))
		Status = VirtioPciMapRegion(Pci, &Pci->Caps.Notify, Raw, Translated, &Pci->Notify);
	if (NT_SUCCESS(Status)) {
		VirtioPciFindHostVisible(Pci, Raw, Translated);
		return STATUS_SUCCESS;
	}
Unmap:
	VirtioPciUnmap(Pci);
	return Status;
}

_Use_decl_annotations_
VOID VirtioPciUnmap(VIRTIO_PCI *Pci)
{
	for (ULONG Bar = 0; Bar < PCI_BARS; Bar++) {
		if (Pci->Bars[Bar])
			IoUnmap(Pci->Bars[Bar], Pci->BarLengths[Bar]);
		Pci->Bars[Bar] = NULL;
	}
	Pci->Common = NULL;
	Pci->Isr = NULL;
	Pci->Device = NULL;
	Pci->Notify = NULL;
	if (Pci->Bus.Context)
		Pci->Bus.InterfaceDereference(Pci->Bus.Context);
	Pci->Bus.Context = NULL;
}

_Use_decl_annotations_
NTSTATUS VirtioPciReset(VIRTIO_PCI *Pci)
{
	LARGE_INTEGER Millisecond = {.QuadPart = -10000};
	UCHAR Status;

	if (!Pci->Common)
		return STATUS_DEVICE_NOT_CONNECTED;
	Write8(Pci->Common, COMMON_STATUS, 0);
	for (ULONG Poll = 0; Poll < RESET_POLLS; Poll++) {
		Status = Read8(Pci->Common, COMMON_STATUS);
		if (Status == 0)
			return STATUS_SUCCESS;
		if (Status == STATUS_ALL_ONES)
			return STATUS_DEVICE_REMOVED;
		(VOID) KeDelayExecutionThread(KernelMode, FALSE, &Millisecond);
	}
	VirtioPciSetBusMaster(Pci, FALSE);
	return STATUS_IO_TIMEOUT;
}

_Use_decl_annotations_
NTSTATUS VirtioPciNegotiate(VIRTIO_PCI *Pci, ULONG64 Wanted)
{
	PUCHAR Common = Pci->Common;
	UCHAR Progress = STATUS_ACKNOWLEDGE | STATUS_DRIVER;
	ULONG64 Offered;

	VirtioPciSetBusMaster(Pci, TRUE);
	Write8(Common, COMMON_STATUS, STATUS_ACKNOWLEDGE);
	Write8(Common, COMMON_STATUS, Progress);
	Write32(Common, COMMON_DEVICE_FEATURE_SELECT, 0);
	Offered = Read32(Common, COMMON_DEVICE_FEATURE);
	Write32(Common, COMMON_DEVICE_FEATURE_SELECT, 1);
	Offered |= (ULONG64)Read32(Common, COMMON_DEVICE_FEATURE) << 32;
	/* Requests look at them while a device restarts, which then has the same ones. */
	if (Pci->OfferedFeatures != Offered)
		Pci->OfferedFeatures = Offered;
	if (Pci->Features != (Offered & Wanted))
		Pci->Features = Offered & Wanted;
	if (!VirtioPciHas(Pci, VIRTIO_F_VERSION_1))
		return STATUS_NOT_SUPPORTED;
	Write32(Common, COMMON_DRIVER_FEATURE_SELECT, 0);
	Write32(Common, COMMON_DRIVER_FEATURE, (ULONG)Pci->Features);
	Write32(Common, COMMON_DRIVER_FEATURE_SELECT, 1);
	Write32(Common, COMMON_DRIVER_FEATURE, (ULONG)(Pci->Features >> 32));
	Progress |= STATUS_FEATURES_OK;
	Write8(Common, COMMON_STATUS, Progress);
	return Read8(Common, COMMON_STATUS) == Progress ? STATUS_SUCCESS : STATUS_NOT_SUPPORTED;
}

_Use_decl_annotations_
USHORT VirtioPciQueueSize(VIRTIO_PCI *Pci, USHORT Index)
{
	if (Index >= Read16(Pci->Common, COMMON_NUM_QUEUES))
		return 0;
	Write16(Pci->Common, COMMON_QUEUE_SELECT, Index);
	return Read16(Pci->Common, COMMON_QUEUE_SIZE);
}

_Use_decl_annotations_
NTSTATUS VirtioPciSetQueue(VIRTIO_PCI *Pci, VIRTIO_QUEUE_SETUP *Setup)
{
	PUCHAR Common = Pci->Common;
	ULONG64 Doorbell;

	Write16(Common, COMMON_QUEUE_SELECT, Setup->Index);
	Write16(Common, COMMON_QUEUE_SIZE, Setup->Size);
	Write16(Common, COMMON_QUEUE_VECTOR, Setup->Vector);
	if (Read16(Common, COMMON_QUEUE_VECTOR) != Setup->Vector)
		return STATUS_DEVICE_CONFIGURATION_ERROR; /* 4.1.5.1.3: it could not */
	Doorbell = (ULONG64)Read16(Common, COMMON_QUEUE_NOTIFY_OFFSET) * Pci->Caps.NotifyMultiplier;
	if (Doorbell + sizeof(USHORT) > Pci->Caps.Notify.Length)
		return STATUS_DEVICE_CONFIGURATION_ERROR;
	Setup->Doorbell = Pci->Notify + Doorbell;
	Write64(Common, COMMON_QUEUE_DESCRIPTORS, Setup->Descriptors);
	Write64(Common, COMMON_QUEUE_AVAILABLE, Setup->Available);
	Write64(Common, COMMON_QUEUE_USED, Setup->Used);
	Write16(Common, COMMON_QUEUE_ENABLE, 1);
	return STATUS_SUCCESS;
}

_Use_decl_annotations_
NTSTATUS VirtioPciStart(VIRTIO_PCI *Pci, USHORT ConfigVector)
{
	UCHAR Ready = STATUS_ACKNOWLEDGE | STATUS_DRIVER | STATUS_FEATURES_OK | STATUS_DRIVER_OK;

	Write16(Pci->Common, COMMON_CONFIG_VECTOR, ConfigVector);
	if (Read16(Pci->Common, COMMON_CONFIG_VECTOR) != ConfigVector)
		return STATUS_DEVICE_CONFIGURATION_ERROR;
	Write8(Pci->Common, COMMON_STATUS, Ready);
	return VirtioPciAlive(Pci) ? STATUS_SUCCESS : STATUS_DEVICE_CONFIGURATION_ERROR;
}

_Use_decl_annotations_
BOOLEAN VirtioPciAlive(VIRTIO_PCI *Pci)
{
	UCHAR Status = Read8(Pci->Common, COMMON_STATUS);

	return (Status & STATUS_DRIVER_OK) && !(Status & STATUS_NEEDS_RESET);
}

_Use_decl_annotations_
UCHAR VirtioPciInterruptStatus(VIRTIO_PCI *Pci)
{
	UCHAR Status = Read8(Pci->Isr, 0);

	return Status == STATUS_ALL_ONES ? 0 : Status;
}

_Use_decl_annotations_
ULONG VirtioPciDeviceConfig32(VIRTIO_PCI *Pci, ULONG Offset)
{
	ULONG Value = 0;
	UCHAR Before;

	for (ULONG Try = 0; Try < 16; Try++) {
		Before = Read8(Pci->Common, COMMON_GENERATION);
		Value = Read32(Pci->Device, Offset);
		if (Read8(Pci->Common, COMMON_GENERATION) == Before)
			break;
	}
	return Value;
}

_Use_decl_annotations_
VOID VirtioPciReadDeviceConfig(VIRTIO_PCI *Pci, ULONG Bytes)
{
	UCHAR Before, Byte;

	for (ULONG Try = 0; Try < 16; Try++) {
		Before = Read8(Pci->Common, COMMON_GENERATION);
		for (ULONG Offset = 0; Offset < Bytes && Offset < VIRTIO_MAX_CONFIG; Offset++) {
			Byte = Read8(Pci->Device, Offset);
			if (Pci->DeviceConfig[Offset] != Byte) /* requests look at them, too */
				Pci->DeviceConfig[Offset] = Byte;
		}
		if (Read8(Pci->Common, COMMON_GENERATION) == Before)
			break;
	}
}

_Use_decl_annotations_
BOOLEAN VirtioPciGone(VIRTIO_PCI *Pci)
{
	return !Pci->Common || Read8(Pci->Common, COMMON_STATUS) == STATUS_ALL_ONES;
}
