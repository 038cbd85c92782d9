/* SPDX-License-Identifier: MIT */
/* fake_registers.c - the model's registers: virtio 1.x section 4.1.4. */
#include "fake_internal.h"

#include <string.h>

#define STATUS_FEATURES_OK 8u
/* VIRGL, EDID, INDIRECT_DESC, EVENT_IDX, VERSION_1 */
#define FEATURES (1ull << 0 | 1ull << 1 | 1ull << 28 | 1ull << 29 | 1ull << 32)

static uint64_t Features(const FAKE_VIRTIO *Fake)
{
	if (Fake->Mvisor)
		return FEATURES & ~3ull;
	return FEATURES | (Fake->Offers & FAKE_OFFER_BLOB ? 1ull << FAKE_FEATURE_BLOB : 0) |
	       (Fake->Offers & FAKE_OFFER_CONTEXT_INIT ? 1ull << FAKE_FEATURE_CONTEXT_INIT : 0);
}

void FakeReset(FAKE_VIRTIO *Fake, bool Asked)
{
	memset(Fake->Queues, 0, sizeof(Fake->Queues));
	for (unsigned i = 0; i < FAKE_QUEUES; i++) {
		Fake->Queues[i].Size = FAKE_QUEUE_SIZE;
		Fake->Queues[i].Vector = 0xffff;
	}
	FakeTemperForget(Fake);
	FakeGpuForget(Fake);
	FakeBlobForget(Fake, Asked);
	Fake->Counts.Resets++;
	Fake->DriverFeatures = 0;
	Fake->ConfigVector = 0xffff;
	Fake->Status = Fake->Isr = 0;
	Fake->Lied = false;
}

/* ---- the common configuration ---- */
static FAKE_QUEUE *Selected(FAKE_VIRTIO *Fake)
{
	static FAKE_QUEUE None;

	None = (FAKE_QUEUE){0};
	return Fake->QueueSelect < FAKE_QUEUES ? &Fake->Queues[Fake->QueueSelect] : &None;
}

static uint64_t CommonRead(FAKE_VIRTIO *Fake, unsigned Offset)
{
	const FAKE_QUEUE *Queue = Selected(Fake);

	if (Fake->Mvisor)
		FakeMvisorReadsCommon(Offset);
	switch (Offset) {
	case 0:
		return Fake->DeviceFeatureSelect;
	case 4:
		return Fake->DeviceFeatureSelect < 2 ? (uint32_t)(Features(Fake) >> 32 * Fake->DeviceFeatureSelect) : 0;
	case 8:
		return Fake->DriverFeatureSelect;
	case 12:
		return Fake->DriverFeatureSelect < 2
			       ? (uint32_t)(Fake->DriverFeatures >> 32 * Fake->DriverFeatureSelect)
			       : 0;
	case 16:
		return Fake->ConfigVector;
	case 18:
		return FAKE_QUEUES;
	case 20:
		Fake->Counts.StatusReads++;
		return Fake->Status;
	case 22:
		return Fake->QueueSelect;
	case 24:
		return Queue->Size;
	case 26:
		return Queue->Vector;
	case 28:
		return Queue->Enabled;
	case 30:
		return Fake->QueueSelect;
	case 32:
		return Queue->Descriptors;
	case 40:
		return Queue->Available;
	case 48:
		return Queue->Used;
	default:
		return 0;
	}
}

static void WriteStatus(FAKE_VIRTIO *Fake, uint8_t Status)
{
	if (Status == 0 && Fake->Fault == FakeFaultNoReset)
		return;
	if (Status == 0 && Fake->Mvisor)
		FakeMvisorResets(Fake);
	if (Status == 0)
		FakeReset(Fake, true);
	else if ((Fake->DriverFeatures & ~Features(Fake)) || Fake->Fault == FakeFaultNoFeaturesOk)
		Fake->Status = Status & (uint8_t)~STATUS_FEATURES_OK;
	else
		Fake->Status = Status;
}

static void WriteHalf(uint64_t *Field, unsigned Offset, unsigned Width, uint64_t Value)
{
	memcpy((uint8_t *)Field + (Offset & 4), &Value, Width);
}

static void CommonWrite(FAKE_VIRTIO *Fake, unsigned Offset, unsigned Width, uint64_t Value)
{
	FAKE_QUEUE *Queue = Selected(Fake);

	switch (Offset) {
	case 0:
		Fake->DeviceFeatureSelect = (uint32_t)Value;
		break;
	case 8:
		Fake->DriverFeatureSelect = (uint32_t)Value;
		break;
	case 12:
		if (Fake->DriverFeatureSelect < 2)
			WriteHalf(&Fake->DriverFeatures, 4 * Fake->DriverFeatureSelect, 4, Value);
		break;
	case 16:
		Fake->ConfigVector = Value < FAKE_VECTORS ? (uint16_t)Value : 0xffff;
		break;
	case 20:
		WriteStatus(Fake, (uint8_t)Value);
		break;
	case 22:
		Fake->QueueSelect = (uint16_t)Value;
		break;
	case 24:
		Queue->Size = (uint16_t)Value;
		break;
	case 26:
		Queue->Vector = Value < FAKE_VECTORS ? (uint16_t)Value : 0xffff;
		break;
	case 28:
		if (Fake->Mvisor)
			FakeMvisorEnables(Queue, Value);
		Queue->Enabled = Value == 1;
		break;
	case 32:
	case 36:
		WriteHalf(&Queue->Descriptors, Offset, Width, Value);
		break;
	case 40:
	case 44:
		WriteHalf(&Queue->Available, Offset, Width, Value);
		break;
	case 48:
	case 52:
		WriteHalf(&Queue->Used, Offset, Width, Value);
		break;
	default:
		Fake->Counts.Errors++;
	}
}

/* ---- all registers ---- */
uint64_t FakeMmioRead(SIM_BUS *Bus, uint64_t Address, unsigned Width)
{
	FAKE_VIRTIO *Fake = (FAKE_VIRTIO *)Bus;
	/* events, -, scanouts, capsets */
	const uint32_t DeviceConfig[4] = {0, 0, 1, Fake->Offers & FAKE_OFFER_CONTEXT_INIT ? 2 : 1};
	uint64_t Value = UINT64_MAX;
	unsigned Offset;

	FakeAccess(Fake);
	HostLockAcquire(&Fake->Lock);
	if (Fake->Fault == FakeFaultGone) {
		Value = UINT64_MAX;
	} else if (FakeInside(Fake, Address, FAKE_MSIX_BAR, FAKE_MSIX_BAR_SIZE, &Offset)) {
		Value = 0;
		if (Offset + Width <= sizeof(Fake->Msix))
			memcpy(&Value, Fake->Msix + Offset, Width);
	} else if (FakeInside(Fake, Address, FAKE_VIRTIO_BAR, FAKE_VIRTIO_BAR_SIZE, &Offset)) {
		Value = 0;
		if (Offset < FAKE_ISR) {
			Value = CommonRead(Fake, Offset);
		} else if (Offset == FAKE_ISR) {
			Value = Fake->Isr;
			Fake->Isr = 0;
		} else if (Offset >= FAKE_DEVICE && Offset < FAKE_NOTIFY && Fake->Mvisor) {
			Value = FakeMvisorReadConfig(Offset - FAKE_DEVICE, Width);
		} else if (Offset >= FAKE_DEVICE && Offset + Width <= FAKE_DEVICE + sizeof(DeviceConfig)) {
			memcpy(&Value, (const uint8_t *)DeviceConfig + (Offset - FAKE_DEVICE), Width);
		}
	}
	HostLockRelease(&Fake->Lock);
	return Value;
}

void FakeMmioWrite(SIM_BUS *Bus, uint64_t Address, unsigned Width, uint64_t Value)
{
	FAKE_VIRTIO *Fake = (FAKE_VIRTIO *)Bus;
	unsigned Offset;

	FakeAccess(Fake);
	HostLockAcquire(&Fake->Lock);
	if (Fake->Fault == FakeFaultGone) {
		Offset = 0;
	} else if (FakeInside(Fake, Address, FAKE_MSIX_BAR, FAKE_MSIX_BAR_SIZE, &Offset)) {
		if (Offset + Width <= sizeof(Fake->Msix))
			memcpy(Fake->Msix + Offset, &Value, Width);
	} else if (FakeInside(Fake, Address, FAKE_VIRTIO_BAR, FAKE_VIRTIO_BAR_SIZE, &Offset)) {
		if (Offset < FAKE_ISR) {
			CommonWrite(Fake, Offset, Width, Value);
		} else if (Offset >= FAKE_NOTIFY && (Offset - FAKE_NOTIFY) / FAKE_NOTIFY_MULTIPLIER < FAKE_QUEUES) {
			Fake->Counts.Notifications++;
			if (!Fake->Temper)
				FakeQueueRun(Fake, (Offset - FAKE_NOTIFY) / FAKE_NOTIFY_MULTIPLIER);
		}
	}
	FakeChanged(Fake);
	HostLockRelease(&Fake->Lock);
}
