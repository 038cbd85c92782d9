/* SPDX-License-Identifier: MIT */
/*
 * virtio_caps.h - finds a virtio device's register blocks in its PCI configuration space (virtio 1.x section 4.1.4).
 * Pure: bytes in, places out. What configuration space says is checked against itself and the BARs' sizes.
 */
#ifndef VGPU_VIRTIO_CAPS_H
#define VGPU_VIRTIO_CAPS_H

#include "nt.h"

#define PCI_CONFIG_BYTES 256u
#define PCI_BARS 6u

/* A range of one BAR. */
typedef struct _VIRTIO_REGION {
	ULONG64 Offset; /* bytes into the BAR */
	ULONG64 Length; /* bytes; 0: there is none */
	UCHAR Bar;
} VIRTIO_REGION;

typedef struct _VIRTIO_CAPS {
	VIRTIO_REGION Common;
	VIRTIO_REGION Notify;
	VIRTIO_REGION Isr;
	VIRTIO_REGION Device;
	VIRTIO_REGION HostVisible; /* shared memory with id 1 */
	ULONG NotifyMultiplier;
	ULONG64 BarAddress[PCI_BARS]; /* bus address of a memory BAR, 0 for none */
} VIRTIO_CAPS;

/* STATUS_DEVICE_CONFIGURATION_ERROR: a needed block is missing, twisted or too small. DeviceBytes: the least that the
 * driver reads of device configuration. The first capability of each type counts (4.1.4.1). */
_Must_inspect_result_
NTSTATUS VirtioCapsParse(
	_In_reads_bytes_(PCI_CONFIG_BYTES) const UCHAR *Config, _In_ ULONG DeviceBytes, _Out_ VIRTIO_CAPS *Caps);

/* Whether a region lies within a BAR of that many bytes. */
BOOLEAN VirtioRegionFits(_In_ const VIRTIO_REGION *Region, _In_ ULONG64 BarLength);

#endif /* VGPU_VIRTIO_CAPS_H */
