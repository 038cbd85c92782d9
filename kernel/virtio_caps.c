/* SPDX-License-Identifier: MIT */
#include "virtio_caps.h"

/* PCI Local Bus 3.0, sections 6.1 and 6.7 */
#define PCI_STATUS_OFFSET 0x06u
#define PCI_STATUS_HAS_CAPABILITIES 0x10u
#define PCI_BAR_OFFSET 0x10u
#define PCI_CAPABILITY_POINTER 0x34u
#define PCI_FIRST_CAPABILITY 0x40u
#define PCI_MAX_CAPABILITIES 48u /* of 4 bytes at least, in 192 bytes */
#define PCI_CAPABILITY_VENDOR 0x09u

/* 4.1.4: struct virtio_pci_cap and its extensions */
#define CAP_LENGTH 2u
#define CAP_TYPE 3u
#define CAP_BAR 4u
#define CAP_ID 5u
#define CAP_OFFSET 8u
#define CAP_REGION_LENGTH 12u
#define CAP_BYTES 16u
#define CAP_NOTIFY_MULTIPLIER 16u
#define CAP_NOTIFY_BYTES 20u
#define CAP64_OFFSET_HIGH 16u
#define CAP64_LENGTH_HIGH 20u
#define CAP64_BYTES 24u

#define CAP_TYPE_COMMON 1u
#define CAP_TYPE_NOTIFY 2u
#define CAP_TYPE_ISR 3u
#define CAP_TYPE_DEVICE 4u
#define CAP_TYPE_SHARED_MEMORY 8u
#define SHARED_MEMORY_HOST_VISIBLE 1u

#define COMMON_BYTES 56u /* 4.1.4.3, up to queue_device */
#define NOTIFY_BYTES 2u
#define ISR_BYTES 1u

static ULONG ConfigRead32(const UCHAR *Config, ULONG Offset)
{
	return Config[Offset] | (ULONG)Config[Offset + 1] << 8 | (ULONG)Config[Offset + 2] << 16 |
	       (ULONG)Config[Offset + 3] << 24;
}

static VOID VirtioCapsReadBars(const UCHAR *Config, VIRTIO_CAPS *Caps)
{
	for (ULONG Bar = 0; Bar < PCI_BARS; Bar++) {
		ULONG Low = ConfigRead32(Config, PCI_BAR_OFFSET + 4 * Bar);

		if (Low & 1) /* I/O space */
			continue;
		Caps->BarAddress[Bar] = Low & ~0xfu;
		if ((Low & 6) == 4 && Bar + 1 < PCI_BARS) {
			Caps->BarAddress[Bar] |= (ULONG64)ConfigRead32(Config, PCI_BAR_OFFSET + 4 * Bar + 4) << 32;
			Bar++;
		}
	}
}

static VOID VirtioCapsTake(const UCHAR *Config, ULONG At, VIRTIO_REGION *Region)
{
	if (Region->Length)
		return;
	Region->Bar = Config[At + CAP_BAR];
	Region->Offset = ConfigRead32(Config, At + CAP_OFFSET);
	Region->Length = ConfigRead32(Config, At + CAP_REGION_LENGTH);
}

static VOID VirtioCapsTakeShared(const UCHAR *Config, ULONG At, VIRTIO_REGION *Region)
{
	if (Region->Length || Config[At + CAP_ID] != SHARED_MEMORY_HOST_VISIBLE)
		return;
	VirtioCapsTake(Config, At, Region);
	Region->Offset |= (ULONG64)ConfigRead32(Config, At + CAP64_OFFSET_HIGH) << 32;
	Region->Length |= (ULONG64)ConfigRead32(Config, At + CAP64_LENGTH_HIGH) << 32;
}

static VOID VirtioCapsOne(const UCHAR *Config, ULONG At, VIRTIO_CAPS *Caps)
{
	ULONG Length = Config[At + CAP_LENGTH];

	if (Length < CAP_BYTES || At + Length > PCI_CONFIG_BYTES || Config[At + CAP_BAR] >= PCI_BARS)
		return;
	switch (Config[At + CAP_TYPE]) {
	case CAP_TYPE_COMMON:
		VirtioCapsTake(Config, At, &Caps->Common);
		break;
	case CAP_TYPE_NOTIFY:
		if (Length < CAP_NOTIFY_BYTES || Caps->Notify.Length)
			break;
		VirtioCapsTake(Config, At, &Caps->Notify);
		Caps->NotifyMultiplier = ConfigRead32(Config, At + CAP_NOTIFY_MULTIPLIER);
		break;
	case CAP_TYPE_ISR:
		VirtioCapsTake(Config, At, &Caps->Isr);
		break;
	case CAP_TYPE_DEVICE:
		VirtioCapsTake(Config, At, &Caps->Device);
		break;
	case CAP_TYPE_SHARED_MEMORY:
		if (Length >= CAP64_BYTES)
			VirtioCapsTakeShared(Config, At, &Caps->HostVisible);
		break;
	default:
		break;
	}
}

_Use_decl_annotations_
NTSTATUS VirtioCapsParse(const UCHAR *Config, ULONG DeviceBytes, VIRTIO_CAPS *Caps)
{
	ULONG At;

	RtlZeroMemory(Caps, sizeof(*Caps));
	if (!(Config[PCI_STATUS_OFFSET] & PCI_STATUS_HAS_CAPABILITIES))
		return STATUS_DEVICE_CONFIGURATION_ERROR;
	VirtioCapsReadBars(Config, Caps);
	At = Config[PCI_CAPABILITY_POINTER] & ~3u;
	for (ULONG Count = 0; At >= PCI_FIRST_CAPABILITY && Count < PCI_MAX_CAPABILITIES; Count++) {
		if (Config[At] == PCI_CAPABILITY_VENDOR)
			VirtioCapsOne(Config, At, Caps);
		At = Config[At + 1] & ~3u;
	}
	if (Caps->Common.Length < COMMON_BYTES || Caps->Notify.Length < NOTIFY_BYTES || Caps->Isr.Length < ISR_BYTES ||
		Caps->Device.Length < DeviceBytes)
		return STATUS_DEVICE_CONFIGURATION_ERROR;
	if (Caps->Common.Offset % 4 || Caps->Device.Offset % 4 || Caps->Notify.Offset % 2 || Caps->NotifyMultiplier % 2)
		return STATUS_DEVICE_CONFIGURATION_ERROR; /* 4.1.4.3 to 4.1.4.6 */
	return STATUS_SUCCESS;
}

_Use_decl_annotations_
BOOLEAN VirtioRegionFits(const VIRTIO_REGION *Region, ULONG64 BarLength)
{
	return Region->Offset <= BarLength && Region->Length <= BarLength - Region->Offset;
}
