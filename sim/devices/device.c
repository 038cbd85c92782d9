/* SPDX-License-Identifier: MIT */
#include "device.h"

#include <stddef.h>
#include <string.h>

#include "options.h"
#include "recording.h"
#include "rules.h"

/* virtio 1.2, 4.1.4.3: the common registers' offsets */
#define DEVICE_FEATURE_SELECT 0
#define DEVICE_FEATURE 4
#define DRIVER_FEATURE_SELECT 8
#define DRIVER_FEATURE 12
#define CONFIG_VECTOR 16
#define NUM_QUEUES 18
#define STATUS 20
#define GENERATION 21
#define QUEUE_SELECT 22
#define QUEUE_SIZE 24
#define QUEUE_VECTOR 26
#define QUEUE_ENABLE 28
#define QUEUE_NOTIFY_OFFSET 30
#define QUEUE_DESCRIPTORS 32
#define QUEUE_AVAILABLE 40
#define QUEUE_USED 48

#define FEATURE_VERSION_1 (1ull << 32)
#define OFFERED (FEATURE_VERSION_1 | MV_RING_INDIRECT | MV_RING_EVENT_IDX)

/* ---- buffers ---- */

static void Signal(MV_DEVICE *Device, MV_QUEUE *Queue)
{
	if (!MvQueueWantsSignal(Queue, Device->Features))
		return;
	Device->Isr = 1;
	if (Queue->Vector == MV_PCI_NO_VECTOR)
		MvLog("a queue has no vector");
	else
		MvPciSignal(&Device->Pci, Queue->Vector);
}

/* Everything up to the number is done. A reset does not forget what was in flight, the rings it did. */
static void FencesRetired(void *Owner, uint32_t Fence)
{
	MV_DEVICE *Device = Owner;
	MV_FENCED Item;

	while (MvFencesTake(&Device->Fences, Fence, &Item)) {
		MV_QUEUE *Queue = &Device->Queues[Item.Queue];

		if (!Queue->Used)
			MvPanic(MvRuleResetInFlight, "fence %llu of queue %u", (unsigned long long)Item.Fence,
				Item.Queue);
		MvQueuePush(Queue, Item.Id, Item.Written);
		Signal(Device, Queue);
	}
}

static void RunQueue(MV_DEVICE *Device, unsigned Index)
{
	MV_QUEUE *Queue = &Device->Queues[Index];
	MV_ELEMENT Element;
	bool Any = false;

	while (MvQueuePop(Queue, Device->Features, &Element)) {
		uint64_t Fence = MvCommandsRun(&Device->Commands, &Element);

		if (Fence) {
			const MV_FENCED Item = {Fence, Index, Element.Id, Element.Written};

			MvFencesAdd(&Device->Fences, &Item);
			continue;
		}
		MvQueuePush(Queue, Element.Id, Element.Written);
		Any = true;
	}
	if (Any)
		Signal(Device, Queue);
}

void MvDeviceRunQueues(MV_DEVICE *Device)
{
	for (unsigned Index = 0; Index < MV_USED_QUEUES; Index++) {
		if (!Device->Queues[Index].Kicked)
			continue;
		Device->Queues[Index].Kicked = false;
		RunQueue(Device, Index);
	}
}

void MvDeviceRest(MV_DEVICE *Device)
{
	MvRecordingPoll(Device->Commands.Recording);
}

bool MvDeviceWaits(const MV_DEVICE *Device)
{
	return Device->Fences.Count > 0;
}

void MvDeviceTick(MV_DEVICE *Device)
{
	if (MvDeviceWaits(Device))
		MvCommandsPoll(&Device->Commands);
}

/* ---- registers ---- */

static uint16_t Common16(const MV_DEVICE *Device, unsigned Offset)
{
	return (uint16_t)(Device->Common[Offset] | Device->Common[Offset + 1] << 8);
}

static uint32_t Common32(const MV_DEVICE *Device, unsigned Offset)
{
	return Common16(Device, Offset) | (uint32_t)Common16(Device, Offset + 2) << 16;
}

static uint64_t Common64(const MV_DEVICE *Device, unsigned Offset)
{
	return Common32(Device, Offset) | (uint64_t)Common32(Device, Offset + 4) << 32;
}

static MV_QUEUE *Selected(MV_DEVICE *Device)
{
	unsigned Index = Common16(Device, QUEUE_SELECT);

	if (Index >= MV_QUEUES)
		MvPanic(MvRuleQueueSelect, "%u", Index);
	return &Device->Queues[Index];
}

static uint64_t ReadCommon(MV_DEVICE *Device, uint64_t Offset)
{
	switch (Offset) {
	case DEVICE_FEATURE:
		return Common32(Device, DEVICE_FEATURE_SELECT) ? OFFERED >> 32 : (uint32_t)OFFERED;
	case CONFIG_VECTOR:
		return Common16(Device, CONFIG_VECTOR);
	case NUM_QUEUES:
		return MV_QUEUES;
	case STATUS:
		return Device->Common[STATUS];
	case GENERATION:
		return 0;
	case QUEUE_SIZE:
		return Selected(Device)->Size;
	case QUEUE_VECTOR:
		return Selected(Device)->Vector;
	case QUEUE_ENABLE:
		return Selected(Device)->Enabled;
	case QUEUE_NOTIFY_OFFSET:
		return Common16(Device, QUEUE_SELECT);
	default:
		MvPanic(MvRuleCommonRead, "offset %#llx", (unsigned long long)Offset);
	}
}

static void Reset(MV_DEVICE *Device)
{
	Device->Isr = 0;
	for (unsigned Index = 0; Index < MV_QUEUES; Index++)
		MvQueueReset(&Device->Queues[Index], Index < MV_USED_QUEUES ? MVISOR_VGPU_QUEUE_SIZE : 0);
	MvCommandsReset(&Device->Commands);
}

static void SetFeatures(MV_DEVICE *Device)
{
	uint32_t Half = Common32(Device, DRIVER_FEATURE);

	if (Common32(Device, DRIVER_FEATURE_SELECT))
		Device->Features = (uint32_t)Device->Features | (uint64_t)Half << 32;
	else
		Device->Features = (Device->Features & ~(uint64_t)UINT32_MAX) | Half;
}

static void WriteQueueRegister(MV_DEVICE *Device, uint64_t Offset)
{
	MV_QUEUE *Queue = Selected(Device);

	switch (Offset) {
	case QUEUE_SIZE:
		Queue->Size = Common16(Device, QUEUE_SIZE);
		break;
	case QUEUE_VECTOR:
		Queue->Vector = Common16(Device, QUEUE_VECTOR);
		break;
	case QUEUE_ENABLE:
		if (Common16(Device, QUEUE_ENABLE) != 1)
			MvPanic(MvRuleQueueDisable, "%u is written", Common16(Device, QUEUE_ENABLE));
		MvQueueEnable(Queue);
		break;
	case QUEUE_DESCRIPTORS:
	case QUEUE_DESCRIPTORS + 4:
		Queue->DescriptorAddress = Common64(Device, QUEUE_DESCRIPTORS);
		break;
	case QUEUE_AVAILABLE:
	case QUEUE_AVAILABLE + 4:
		Queue->AvailableAddress = Common64(Device, QUEUE_AVAILABLE);
		break;
	case QUEUE_USED:
	case QUEUE_USED + 4:
		Queue->UsedAddress = Common64(Device, QUEUE_USED);
		break;
	}
}

static void WriteCommon(MV_DEVICE *Device, uint64_t Offset, unsigned Width, uint64_t Value)
{
	if (Offset + Width > sizeof(Device->Common))
		MvPanic(MvRuleCommonWrite, "%u bytes at %#llx", Width, (unsigned long long)Offset);
	memcpy(Device->Common + Offset, &Value, Width);
	if (Offset == STATUS && !Device->Common[STATUS])
		Reset(Device);
	else if (Offset == DRIVER_FEATURE)
		SetFeatures(Device);
	else if (Offset >= QUEUE_SIZE)
		WriteQueueRegister(Device, Offset);
}

static uint64_t ReadConfig(const MV_DEVICE *Device, uint64_t Offset, unsigned Width)
{
	uint64_t Value = 0;

	if (Offset + Width > sizeof(Device->Config))
		MvPanic(MvRuleConfigRead, "%u bytes at %llu", Width, (unsigned long long)Offset);
	memcpy(&Value, (const uint8_t *)&Device->Config + Offset, Width);
	return Value;
}

static void RingDoorbell(MV_DEVICE *Device, uint64_t Offset)
{
	uint64_t Index = Offset / MV_PCI_NOTIFY_STRIDE;

	if (Index >= MV_QUEUES)
		MvPanic(MvRuleNotify, "queue %llu", (unsigned long long)Index);
	if (Device->Queues[Index].Enabled)
		Device->Queues[Index].Kicked = true;
	else
		MvLog("the doorbell of queue %llu, which is not enabled", (unsigned long long)Index);
}

uint64_t MvDeviceRead(MV_DEVICE *Device, uint64_t Offset, unsigned Width)
{
	uint8_t Isr;

	if (Offset < MV_PCI_ISR)
		return ReadCommon(Device, Offset);
	if (Offset >= MV_PCI_NOTIFY)
		return 0;
	if (Offset >= MV_PCI_DEVICE)
		return ReadConfig(Device, Offset - MV_PCI_DEVICE, Width);
	Isr = Device->Isr;
	Device->Isr = 0;
	return Isr;
}

void MvDeviceWrite(MV_DEVICE *Device, uint64_t Offset, unsigned Width, uint64_t Value)
{
	if (Offset < MV_PCI_ISR)
		WriteCommon(Device, Offset, Width, Value);
	else if (Offset >= MV_PCI_NOTIFY)
		RingDoorbell(Device, Offset - MV_PCI_NOTIFY);
	else if (Offset >= MV_PCI_DEVICE)
		MvPanic(MvRuleConfigWrite, "%u bytes at %llu", Width, (unsigned long long)(Offset - MV_PCI_DEVICE));
}

int MvDeviceStart(MV_DEVICE *Device, const MV_OPTIONS *Options)
{
	MV_RECORDING *Recording = Options->Record ? MvRecordingOpen(Options->Record) : NULL;
	int Error = MvCommandsStart(&Device->Commands, &Device->Memory, FencesRetired, Device);
	if (Error) {
		MvLog("virglrenderer does not start (%d): is there an EGL that needs no display?", Error);
		return Error;
	}
	Device->Commands.RefuseAt = Options->RefuseAt;
	Device->Commands.MapAt = Options->MapAt;
	Device->Commands.MapSize = Options->MapSize;
	Device->Commands.Recording = Recording;
	MvPciInit(&Device->Pci, &Device->Memory);
	for (unsigned Index = 0; Index < MV_QUEUES; Index++)
		Device->Queues[Index].Memory = &Device->Memory;
	Reset(Device);
	Device->Config.staging = Options->Staging;
	Device->Config.num_queues = MV_USED_QUEUES;
	Device->Config.num_capsets = MvCommandsCapsets();
	Device->Config.memory_size = Options->MemorySize;
	Device->Config.capabilities = MVISOR_VGPU_CAP_3D | MVISOR_VGPU_CAP_CAPSET_FIX | MVISOR_VGPU_CAP_CONTEXT_INIT |
				      MVISOR_VGPU_CAP_CAPSET_IDS;
	if (Options->Blob)
		Device->Config.capabilities |= MVISOR_VGPU_CAP_BLOB | MVISOR_VGPU_CAP_HOST_VISIBLE;
	return 0;
}

void MvDeviceStop(MV_DEVICE *Device)
{
	MvCommandsStop(&Device->Commands);
	MvFencesFree(&Device->Fences);
}

static bool Meets(uint64_t Address, uint64_t Length, uint64_t Other, uint64_t OtherLength)
{
	return Address < Other + OtherLength && Other < Address + Length;
}

bool MvDeviceTouches(const MV_DEVICE *Device, uint64_t Address, uint64_t Length)
{
	for (unsigned Index = 0; Index < MV_USED_QUEUES; Index++) {
		const MV_QUEUE *Queue = &Device->Queues[Index];

		if (Queue->Enabled && (Meets(Address, Length, Queue->DescriptorAddress, 16ull * Queue->Size) ||
					      Meets(Address, Length, Queue->AvailableAddress, 4 + 2ull * Queue->Size) ||
					      Meets(Address, Length, Queue->UsedAddress, 4 + 8ull * Queue->Size)))
			return true;
	}
	return MvCommandsTouch(&Device->Commands, Address, Length);
}
