/* SPDX-License-Identifier: MIT */
/* fake_virtio.c - the model as a bus, and what tests tell it; see fake_virtio.h. */
#include "fake_internal.h"

#include <string.h>

/* Pages of its own: of its large tables, only what is used costs anything. */
#define FAKE_BYTES ((sizeof(FAKE_VIRTIO) + HOST_PAGE_SIZE - 1) & ~(size_t)(HOST_PAGE_SIZE - 1))

static void Attach(SIM_BUS *Bus, uint8_t *Ram, uint64_t RamSize)
{
	((FAKE_VIRTIO *)Bus)->Ram = Ram;
	((FAKE_VIRTIO *)Bus)->RamSize = RamSize;
	if (((FAKE_VIRTIO *)Bus)->Temper)
		FakeTemperStart((FAKE_VIRTIO *)Bus);
}

static void Close(SIM_BUS *Bus)
{
	FAKE_VIRTIO *Fake = (FAKE_VIRTIO *)Bus;

	if (Fake->Thread)
		FakeTemperStop(Fake);
	FakeReset(Fake, false);
	FakeQueueFree(Fake);
	if (Fake->Region)
		HostUnmap(Fake->Region - FAKE_REGION_OFFSET, FAKE_REGION_BAR_SIZE);
	HostConditionDestroy(&Fake->Doorbell);
	HostLockDestroy(&Fake->Lock);
	HostUnmap(Fake, FAKE_BYTES);
}

static void Detach(SIM_BUS *Bus)
{
	FakeVirtioFault(Bus, FakeFaultGone);
}

static uint8_t *Memory(SIM_BUS *Bus, uint64_t Address, uint64_t Length)
{
	FAKE_VIRTIO *Fake = (FAKE_VIRTIO *)Bus;
	uint64_t At;

	if (!Fake->Region)
		return NULL;
	HostLockAcquire(&Fake->Lock);
	At = Address - FakeBarAddress(Fake, FAKE_REGION_BAR);
	HostLockRelease(&Fake->Lock);
	return At <= FAKE_REGION_BAR_SIZE && Length <= FAKE_REGION_BAR_SIZE - At
		       ? Fake->Region - FAKE_REGION_OFFSET + At
		       : NULL;
}

static const SIM_BUS_OPERATIONS Operations = {.Attach = Attach,
	.ConfigRead = FakeConfigRead,
	.ConfigWrite = FakeConfigWrite,
	.MmioRead = FakeMmioRead,
	.MmioWrite = FakeMmioWrite,
	.Memory = Memory,
	.LineAsserted = FakeLineAsserted,
	.Listen = FakeListen,
	.Touches = FakeTouches,
	.Close = Close,
	.Detach = Detach};

SIM_BUS *FakeVirtioCreateMvisor(void)
{
	FAKE_VIRTIO *Fake = (FAKE_VIRTIO *)FakeVirtioCreate();

	if (!Fake)
		return NULL;
	Fake->Mvisor = true;
	FakeConfigFillMvisor(Fake);
	return &Fake->Bus;
}

void FakeVirtioMoment(SIM_BUS *Bus, unsigned Access, void (*Moment)(void *Context), void *Context)
{
	FAKE_VIRTIO *Fake = (FAKE_VIRTIO *)Bus;

	Fake->MomentAt = Access;
	Fake->Moment = Moment;
	Fake->MomentContext = Context;
}

unsigned FakeVirtioAccesses(SIM_BUS *Bus)
{
	return __atomic_load_n(&((FAKE_VIRTIO *)Bus)->Accesses, __ATOMIC_RELAXED);
}

void FakeVirtioComeRound(SIM_BUS *Bus)
{
	FAKE_VIRTIO *Fake = (FAKE_VIRTIO *)Bus;

	HostLockAcquire(&Fake->Lock);
	Fake->Round = true;
	HostConditionSignalAll(&Fake->Doorbell);
	HostLockRelease(&Fake->Lock);
}

SIM_BUS *FakeVirtioCreate(void)
{
	FAKE_VIRTIO *Fake;
	void *Memory;

	if (HostMapPrivate(FAKE_BYTES, HOST_ACCESS_READ_WRITE, NULL, &Memory) != 0)
		return NULL;
	Fake = Memory;
	Fake->Bus.Operations = &Operations;
	HostLockInit(&Fake->Lock);
	HostConditionInit(&Fake->Doorbell);
	FakeConfigFill(Fake);
	Fake->MapInfo = 1;
	FakeReset(Fake, false);
	Fake->Counts.Resets = 0;
	return &Fake->Bus;
}

void FakeSetFault(FAKE_VIRTIO *Fake, FAKE_FAULT Fault)
{
	if (Fault == FakeFaultGone) { /* should it ever come back, it has forgotten everything */
		FakeConfigPut(Fake, 4, 2, 0x400);
		FakeReset(Fake, false);
	}
	Fake->Fault = Fault;
}

void FakeVirtioOffer(SIM_BUS *Bus, unsigned Offers)
{
	FAKE_VIRTIO *Fake = (FAKE_VIRTIO *)Bus;

	Fake->Offers = Offers;
	if (Offers & FAKE_OFFER_REGION)
		FakeConfigOfferRegion(Fake);
}

void FakeVirtioReplace(SIM_BUS *Bus, unsigned Offers)
{
	FAKE_VIRTIO *Fake = (FAKE_VIRTIO *)Bus;

	HostLockAcquire(&Fake->Lock);
	FakeReset(Fake, false);
	memset(Fake->Msix, 0, sizeof(Fake->Msix));
	Fake->Offers = Offers;
	HostLockRelease(&Fake->Lock);
}

void FakeVirtioMapInfo(SIM_BUS *Bus, uint32_t MapInfo)
{
	FAKE_VIRTIO *Fake = (FAKE_VIRTIO *)Bus;

	HostLockAcquire(&Fake->Lock);
	Fake->MapInfo = MapInfo;
	HostLockRelease(&Fake->Lock);
}

void FakeVirtioHoldRing(SIM_BUS *Bus, unsigned Ring, bool Hold)
{
	FAKE_VIRTIO *Fake = (FAKE_VIRTIO *)Bus;

	HostLockAcquire(&Fake->Lock);
	if (Hold)
		Fake->HeldRings |= 1ull << Ring;
	else
		Fake->HeldRings &= ~(1ull << Ring);
	FakeTemperRelease(Fake, &Fake->Queues[0]);
	FakeChanged(Fake);
	HostLockRelease(&Fake->Lock);
}

void FakeVirtioFault(SIM_BUS *Bus, FAKE_FAULT Fault)
{
	FAKE_VIRTIO *Fake = (FAKE_VIRTIO *)Bus;

	HostLockAcquire(&Fake->Lock);
	FakeSetFault(Fake, Fault);
	HostLockRelease(&Fake->Lock);
}

void FakeVirtioAnswer(SIM_BUS *Bus, unsigned Count)
{
	FAKE_VIRTIO *Fake = (FAKE_VIRTIO *)Bus;

	HostLockAcquire(&Fake->Lock);
	Fake->Held = false;
	FakeQueueRunSome(Fake, 0, Count);
	Fake->Held = true;
	FakeChanged(Fake);
	HostLockRelease(&Fake->Lock);
}

void FakeVirtioHold(SIM_BUS *Bus, bool Hold)
{
	FAKE_VIRTIO *Fake = (FAKE_VIRTIO *)Bus;

	HostLockAcquire(&Fake->Lock);
	Fake->Held = Hold;
	for (unsigned i = 0; i < FAKE_QUEUES && !Hold && !Fake->Temper; i++)
		FakeQueueRun(Fake, i);
	FakeChanged(Fake);
	HostLockRelease(&Fake->Lock);
}

void FakeVirtioRaise(SIM_BUS *Bus)
{
	FAKE_VIRTIO *Fake = (FAKE_VIRTIO *)Bus;

	HostLockAcquire(&Fake->Lock);
	Fake->Isr |= 1;
	FakeInterrupt(Fake, Fake->Queues[0].Vector);
	HostLockRelease(&Fake->Lock);
}

void FakeVirtioTemper(SIM_BUS *Bus, const FAKE_TEMPER *Temper)
{
	((FAKE_VIRTIO *)Bus)->Temper = Temper;
}

FAKE_COUNTS FakeVirtioCounts(SIM_BUS *Bus)
{
	FAKE_VIRTIO *Fake = (FAKE_VIRTIO *)Bus;
	FAKE_COUNTS Counts;

	HostLockAcquire(&Fake->Lock);
	Counts = Fake->Counts;
	HostLockRelease(&Fake->Lock);
	return Counts;
}
