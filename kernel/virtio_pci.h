/* SPDX-License-Identifier: MIT */
/*
 * virtio_pci.h - a virtio device on PCI (virtio 1.x section 4.1): finding, resetting, negotiating, queues, doorbell.
 *
 * The device may vanish at any time; registers then read as all ones, which every wait here ends on.
 */
#ifndef VGPU_VIRTIO_PCI_H
#define VGPU_VIRTIO_PCI_H

#include "virtio_caps.h"
#include <wdf.h>

/* 6 Reserved feature bits */
#define VIRTIO_F_INDIRECT_DESC 28u
#define VIRTIO_F_EVENT_IDX 29u
#define VIRTIO_F_VERSION_1 32u
#define VIRTIO_F_ACCESS_PLATFORM 33u

#define VIRTIO_NO_VECTOR 0xffffu
#define VIRTIO_MAX_CONFIG 32u /* bytes of device configuration that the driver keeps */

typedef struct _PCI_IDENTITY {
	USHORT Vendor;
	USHORT Device;
	USHORT SubsystemVendor;
	USHORT SubsystemDevice;
	UCHAR Revision;
	UCHAR Bus; /* where it is, for display: 0 when the bus driver does not say */
	UCHAR Slot;
	UCHAR Function;
} PCI_IDENTITY;

/* Device memory that the host maps its own into. */
typedef struct _VIRTIO_WINDOW {
	ULONG64 Address; /* physical, page aligned */
	ULONG64 Bytes; /* whole pages; 0: there is none */
} VIRTIO_WINDOW;

typedef struct _VIRTIO_PCI {
	PCI_IDENTITY Identity;
	BUS_INTERFACE_STANDARD Bus; /* configuration space; Context is NULL while nothing is mapped */
	VIRTIO_CAPS Caps;
	PUCHAR Bars[PCI_BARS]; /* mapped, or NULL */
	SIZE_T BarLengths[PCI_BARS];
	PUCHAR Common;
	PUCHAR Isr;
	PUCHAR Device;
	PUCHAR Notify;
	UCHAR DeviceConfig[VIRTIO_MAX_CONFIG]; /* as it was when the device started */
	VIRTIO_WINDOW HostVisible; /* not mapped */
	ULONG64 OfferedFeatures;
	ULONG64 Features; /* negotiated */
} VIRTIO_PCI;

/* Addresses of one queue's parts, and what came back. */
typedef struct _VIRTIO_QUEUE_SETUP {
	USHORT Index;
	USHORT Size;
	USHORT Vector; /* MSI-X message, or VIRTIO_NO_VECTOR */
	ULONG64 Descriptors; /* guest-physical */
	ULONG64 Available;
	ULONG64 Used;
	PUCHAR Doorbell; /* out */
} VIRTIO_QUEUE_SETUP;

/* Reads configuration space and maps the BARs that are needed. On failure nothing stays mapped. ConfigBytes: of device
 * configuration that are read; 0: STATUS_NOT_SUPPORTED, not a device for this driver. */
_IRQL_requires_max_(PASSIVE_LEVEL)
_Must_inspect_result_
NTSTATUS VirtioPciMap(_Out_ VIRTIO_PCI *Pci, _In_ WDFDEVICE Device, _In_ WDFCMRESLIST Raw, _In_ WDFCMRESLIST Translated,
	_In_ ULONG (*ConfigBytes)(_In_ const PCI_IDENTITY *Identity));

_IRQL_requires_max_(PASSIVE_LEVEL)
VOID VirtioPciUnmap(_Inout_ VIRTIO_PCI *Pci);

/* Resets and waits, a second at most. STATUS_DEVICE_REMOVED: registers read as all ones. STATUS_IO_TIMEOUT: the device
 * ignored it, and is cut off from memory and from message interrupts, until VirtioPciNegotiate. */
_IRQL_requires_max_(PASSIVE_LEVEL)
NTSTATUS VirtioPciReset(_In_ VIRTIO_PCI *Pci);

/* From a reset device to FEATURES_OK with Wanted as far as offered. */
_IRQL_requires_max_(PASSIVE_LEVEL)
_Must_inspect_result_
NTSTATUS VirtioPciNegotiate(_Inout_ VIRTIO_PCI *Pci, _In_ ULONG64 Wanted);

/* The most entries that the device takes for a queue; 0: there is no such queue. */
_IRQL_requires_max_(PASSIVE_LEVEL)
USHORT VirtioPciQueueSize(_In_ VIRTIO_PCI *Pci, _In_ USHORT Index);

_IRQL_requires_max_(PASSIVE_LEVEL)
_Must_inspect_result_
NTSTATUS VirtioPciSetQueue(_In_ VIRTIO_PCI *Pci, _Inout_ VIRTIO_QUEUE_SETUP *Setup);

/* The vector of configuration changes, then DRIVER_OK. */
_IRQL_requires_max_(PASSIVE_LEVEL)
_Must_inspect_result_
NTSTATUS VirtioPciStart(_In_ VIRTIO_PCI *Pci, _In_ USHORT ConfigVector);

/* Whether the device is there and has not given up: its status is what the driver set. Any IRQL. */
BOOLEAN VirtioPciAlive(_In_ VIRTIO_PCI *Pci);

/* Reads and thereby clears the interrupt status: 0 means the interrupt is another device's. Any IRQL. */
UCHAR VirtioPciInterruptStatus(_In_ VIRTIO_PCI *Pci);

/* Bytes of device configuration to DeviceConfig, byte by byte, read until they stay. */
VOID VirtioPciReadDeviceConfig(_Inout_ VIRTIO_PCI *Pci, _In_ ULONG Bytes);

/* The device is not there any more: its registers read as all ones. Any IRQL. */
BOOLEAN VirtioPciGone(_In_ VIRTIO_PCI *Pci);

/* A 32-bit field of device configuration, read twice until it stays. */
ULONG VirtioPciDeviceConfig32(_In_ VIRTIO_PCI *Pci, _In_ ULONG Offset);

FORCEINLINE BOOLEAN VirtioPciHas(_In_ const VIRTIO_PCI *Pci, _In_ ULONG Feature)
{
	return (BOOLEAN)(Pci->Features >> Feature & 1);
}

/* Any IRQL. */
FORCEINLINE VOID VirtioPciRing(_In_ PUCHAR Doorbell, _In_ USHORT Queue)
{
	WRITE_REGISTER_USHORT((volatile USHORT *)Doorbell, Queue);
}

#endif /* VGPU_VIRTIO_PCI_H */
