/* SPDX-License-Identifier: MIT */
/* fake_config.c - the model's configuration space, where its device memory lies, and its interrupts: virtio 1.x
 * section 4.1. */
#include "fake_internal.h"

#include <string.h>

#define MSIX_CAPABILITY 0x40u
#define NOTIFY_CAPABILITY 0x8cu
#define REGION_CAPABILITY 0xa0u
#define REGION_ID 1u

void FakeConfigPut(FAKE_VIRTIO *Fake, unsigned Offset, unsigned Width, uint32_t Value)
{
	memcpy(Fake->Config + Offset, &Value, Width);
}

uint32_t FakeConfigGet(const FAKE_VIRTIO *Fake, unsigned Offset, unsigned Width)
{
	uint32_t Value = 0;

	memcpy(&Value, Fake->Config + Offset, Width);
	return Value;
}

static void PutCapability(
	FAKE_VIRTIO *Fake, unsigned At, unsigned Next, unsigned Type, unsigned Offset, unsigned Length)
{
	unsigned Size = Type == 2 ? 20 : 16;

	FakeConfigPut(Fake, At, 4, 0x09u | Next << 8 | Size << 16 | Type << 24);
	FakeConfigPut(Fake, At + 4, 4, FAKE_VIRTIO_BAR);
	FakeConfigPut(Fake, At + 8, 4, Offset);
	FakeConfigPut(Fake, At + 12, 4, Length);
	if (Type == 2)
		FakeConfigPut(Fake, At + 16, 4, FAKE_NOTIFY_MULTIPLIER);
}

void FakeConfigFillMvisor(FAKE_VIRTIO *Fake)
{
	FakeConfigPut(Fake, 0x02, 2, FAKE_MVISOR_DEVICE);
	FakeConfigPut(Fake, 0x3d, 1, 0); /* no line */
}

void FakeConfigFill(FAKE_VIRTIO *Fake)
{
	FakeConfigPut(Fake, 0x00, 4, FAKE_VIRTIO_DEVICE << 16 | FAKE_VIRTIO_VENDOR);
	FakeConfigPut(Fake, 0x06, 2, 0x10); /* has capabilities */
	FakeConfigPut(Fake, 0x08, 4, 0x03800001);
	FakeConfigPut(Fake, 0x20, 4, 0xc); /* BAR 4: 64 bits, prefetchable */
	FakeConfigPut(Fake, 0x2c, 4, 0x1100u << 16 | FAKE_VIRTIO_VENDOR);
	FakeConfigPut(Fake, 0x34, 1, MSIX_CAPABILITY);
	FakeConfigPut(Fake, 0x3d, 1, 1); /* INTA */
	FakeConfigPut(Fake, MSIX_CAPABILITY, 4, 0x11 | 0x50 << 8 | (FAKE_VECTORS - 1) << 16);
	FakeConfigPut(Fake, MSIX_CAPABILITY + 4, 4, FAKE_MSIX_BAR);
	FakeConfigPut(Fake, MSIX_CAPABILITY + 8, 4, FAKE_MSIX_BAR | 0x800);
	PutCapability(Fake, 0x50, 0x64, 1, FAKE_COMMON, 0x1000);
	PutCapability(Fake, 0x64, 0x78, 3, FAKE_ISR, 0x1000);
	PutCapability(Fake, 0x78, 0x8c, 4, FAKE_DEVICE, 0x1000);
	PutCapability(Fake, NOTIFY_CAPABILITY, 0, 2, FAKE_NOTIFY, 0x1000);
}

/* 4.1.4.7: with the upper halves of offset and length */
void FakeConfigOfferRegion(FAKE_VIRTIO *Fake)
{
	void *Memory;

	if (HostMapShared(FAKE_REGION_BAR_SIZE, &Memory) != 0)
		HostAbort();
	Fake->Region = (uint8_t *)Memory + FAKE_REGION_OFFSET;
	FakeConfigPut(Fake, 0x10 + 4 * FAKE_REGION_BAR, 4, 0xc);
	FakeConfigPut(Fake, NOTIFY_CAPABILITY + 1, 1, REGION_CAPABILITY);
	FakeConfigPut(Fake, REGION_CAPABILITY, 4, 0x09u | 24u << 16 | 8u << 24);
	FakeConfigPut(Fake, REGION_CAPABILITY + 4, 4, FAKE_REGION_BAR | REGION_ID << 8);
	FakeConfigPut(Fake, REGION_CAPABILITY + 8, 4, FAKE_REGION_OFFSET);
	FakeConfigPut(Fake, REGION_CAPABILITY + 12, 4, FAKE_REGION_SIZE);
}

uint64_t FakeBarAddress(const FAKE_VIRTIO *Fake, unsigned Bar)
{
	uint64_t Base = FakeConfigGet(Fake, 0x10 + 4 * Bar, 4) & ~15u;

	return Bar == FAKE_MSIX_BAR ? Base : Base | (uint64_t)FakeConfigGet(Fake, 0x14 + 4 * Bar, 4) << 32;
}

uint64_t FakeRegionAddress(const FAKE_VIRTIO *Fake)
{
	return FakeBarAddress(Fake, FAKE_REGION_BAR) + FAKE_REGION_OFFSET;
}

/* ---- configuration space ---- */
void FakeAccess(FAKE_VIRTIO *Fake)
{
	if (__atomic_add_fetch(&Fake->Accesses, 1, __ATOMIC_RELAXED) == Fake->MomentAt)
		Fake->Moment(Fake->MomentContext);
}

uint32_t FakeConfigRead(SIM_BUS *Bus, unsigned DeviceFunction, unsigned Offset, unsigned Width)
{
	FAKE_VIRTIO *Fake = (FAKE_VIRTIO *)Bus;
	uint32_t Value = UINT32_MAX;

	FakeAccess(Fake);
	HostLockAcquire(&Fake->Lock);
	if (DeviceFunction == FAKE_VIRTIO_FUNCTION && Offset + Width <= 256 && Fake->Fault != FakeFaultGone)
		Value = FakeConfigGet(Fake, Offset, Width);
	HostLockRelease(&Fake->Lock);
	return Value;
}

/* The bus takes everything away only when the device loses power, and its state with it. */
static void WriteCommand(FAKE_VIRTIO *Fake, unsigned Offset, unsigned Width, uint32_t Value)
{
	bool Powered = (FakeConfigGet(Fake, 4, 2) & 6) != 0;

	FakeConfigPut(Fake, Offset, Width < 2 ? Width : 2, Value);
	/* Mvisor's device does not know that it has lost power, and forgets nothing. */
	if (Powered && (FakeConfigGet(Fake, 4, 2) & 6) == 0 && !Fake->Mvisor) {
		FakeReset(Fake, true);
		Fake->Held = false;
	}
}

void FakeConfigWrite(SIM_BUS *Bus, unsigned DeviceFunction, unsigned Offset, unsigned Width, uint32_t Value)
{
	FAKE_VIRTIO *Fake = (FAKE_VIRTIO *)Bus;

	if (DeviceFunction != FAKE_VIRTIO_FUNCTION)
		return;
	FakeAccess(Fake);
	HostLockAcquire(&Fake->Lock);
	if (Offset == 0x14)
		FakeConfigPut(Fake, Offset, 4, Value & ~(FAKE_MSIX_BAR_SIZE - 1));
	else if (Offset == 0x20)
		FakeConfigPut(Fake, Offset, 4, (Value & ~(FAKE_VIRTIO_BAR_SIZE - 1)) | 0xc);
	else if (Offset == 0x10 + 4 * FAKE_REGION_BAR && Fake->Region)
		FakeConfigPut(Fake, Offset, 4, (Value & ~(FAKE_REGION_BAR_SIZE - 1)) | 0xc);
	else if (Offset == 0x24 || (Offset == 0x14 + 4 * FAKE_REGION_BAR && Fake->Region))
		FakeConfigPut(Fake, Offset, 4, Value);
	else if (Offset == 0x04 || Offset == 0x05)
		WriteCommand(Fake, Offset, Width, Value);
	else if (Offset == MSIX_CAPABILITY + 2)
		FakeConfigPut(Fake, Offset, 2, (Value & 0xc000) | (FAKE_VECTORS - 1));
	FakeChanged(Fake);
	HostLockRelease(&Fake->Lock);
}

/* ---- device memory ---- */
bool FakeInside(const FAKE_VIRTIO *Fake, uint64_t Address, unsigned Bar, uint32_t Size, unsigned *Offset)
{
	uint64_t Base = FakeBarAddress(Fake, Bar);

	*Offset = (unsigned)(Address - Base);
	return (FakeConfigGet(Fake, 4, 2) & 2) && Address >= Base && Address - Base < Size;
}

bool FakeDecodes(FAKE_VIRTIO *Fake, uint64_t Address)
{
	unsigned Offset;
	bool Decodes;

	HostLockAcquire(&Fake->Lock);
	Decodes = FakeInside(Fake, Address, FAKE_MSIX_BAR, FAKE_MSIX_BAR_SIZE, &Offset) ||
		  FakeInside(Fake, Address, FAKE_VIRTIO_BAR, FAKE_VIRTIO_BAR_SIZE, &Offset);
	HostLockRelease(&Fake->Lock);
	return Decodes;
}

/* ---- interrupts ---- */
bool FakeIsBusMaster(const FAKE_VIRTIO *Fake)
{
	return FakeConfigGet(Fake, 4, 2) & 4;
}

static void Message(FAKE_VIRTIO *Fake, uint16_t Vector)
{
	uint32_t Address, Data, Mask;
	uint32_t *Word;

	if (!(FakeConfigGet(Fake, MSIX_CAPABILITY + 2, 2) & 0x8000) || Vector >= FAKE_VECTORS)
		return;
	memcpy(&Address, Fake->Msix + 16 * Vector, 4);
	memcpy(&Data, Fake->Msix + 16 * Vector + 8, 4);
	memcpy(&Mask, Fake->Msix + 16 * Vector + 12, 4);
	Word = FakeIsBusMaster(Fake) ? FakeRam(Fake, Address, 4) : NULL;
	if (Word && !(Mask & 1))
		__atomic_store_n(Word, Data, __ATOMIC_RELEASE);
}

void FakeInterrupt(FAKE_VIRTIO *Fake, uint16_t Vector)
{
	Message(Fake, Vector);
	if (Fake->Arrived)
		Fake->Arrived();
}

void FakeListen(SIM_BUS *Bus, void (*Arrived)(void))
{
	FAKE_VIRTIO *Fake = (FAKE_VIRTIO *)Bus;

	HostLockAcquire(&Fake->Lock);
	Fake->Arrived = Arrived;
	HostLockRelease(&Fake->Lock);
}

/* Something was written that may matter to the device's thread, or to who listens. */
void FakeChanged(FAKE_VIRTIO *Fake)
{
	if (Fake->Temper)
		HostConditionSignalAll(&Fake->Doorbell);
	if ((Fake->Isr & 3) && Fake->Arrived)
		Fake->Arrived();
}

bool FakeLineAsserted(SIM_BUS *Bus)
{
	FAKE_VIRTIO *Fake = (FAKE_VIRTIO *)Bus;
	bool Asserted;

	HostLockAcquire(&Fake->Lock);
	Asserted = Fake->Fault != FakeFaultGone && (Fake->Isr & 3) && !(FakeConfigGet(Fake, 4, 2) & 0x400) &&
		   !(FakeConfigGet(Fake, MSIX_CAPABILITY + 2, 2) & 0x8000);
	HostLockRelease(&Fake->Lock);
	return Asserted;
}
