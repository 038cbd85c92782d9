/* SPDX-License-Identifier: MIT */
/* fake_virtio.c - the PCI function of the model: configuration space and registers, virtio 1.x section 4.1. */
#include "fake_internal.h"

#include <stdlib.h>
#include <string.h>

#define MSIX_BAR 1u
#define MSIX_BAR_SIZE 0x1000u
#define VIRTIO_BAR 4u
#define VIRTIO_BAR_SIZE 0x4000u
#define MSIX_CAPABILITY 0x40u
#define COMMON 0x0000u
#define ISR 0x1000u
#define DEVICE 0x2000u
#define NOTIFY 0x3000u
#define NOTIFY_MULTIPLIER 4u
#define STATUS_FEATURES_OK 8u
/* Pages of its own: of its large tables, only what is used costs anything. */
#define FAKE_BYTES ((sizeof(FAKE_VIRTIO) + HOST_PAGE_SIZE - 1) & ~(size_t)(HOST_PAGE_SIZE - 1))
/* VIRGL, EDID, INDIRECT_DESC, EVENT_IDX, VERSION_1 */
#define FEATURES (1ull << 0 | 1ull << 1 | 1ull << 28 | 1ull << 29 | 1ull << 32)
#define NOTIFY_CAPABILITY 0x8cu
#define REGION_CAPABILITY 0xa0u
#define REGION_BAR 2u
#define REGION_BAR_SIZE (64u << 20)
#define REGION_OFFSET 0x100000u /* in the BAR */
#define REGION_ID 1u

static uint64_t Features(const FAKE_VIRTIO *Fake)
{
	if (Fake->Mvisor)
		return FEATURES & ~3ull;
	return FEATURES | (Fake->Offers & FAKE_OFFER_BLOB ? 1ull << FAKE_FEATURE_BLOB : 0) |
	       (Fake->Offers & FAKE_OFFER_CONTEXT_INIT ? 1ull << FAKE_FEATURE_CONTEXT_INIT : 0);
}

static void Put(FAKE_VIRTIO *Fake, unsigned Offset, unsigned Width, uint32_t Value)
{
	memcpy(Fake->Config + Offset, &Value, Width);
}

static uint32_t Get(const FAKE_VIRTIO *Fake, unsigned Offset, unsigned Width)
{
	uint32_t Value = 0;

	memcpy(&Value, Fake->Config + Offset, Width);
	return Value;
}

static void PutCapability(
	FAKE_VIRTIO *Fake, unsigned At, unsigned Next, unsigned Type, unsigned Offset, unsigned Length)
{
	unsigned Size = Type == 2 ? 20 : 16;

	Put(Fake, At, 4, 0x09u | Next << 8 | Size << 16 | Type << 24);
	Put(Fake, At + 4, 4, VIRTIO_BAR);
	Put(Fake, At + 8, 4, Offset);
	Put(Fake, At + 12, 4, Length);
	if (Type == 2)
		Put(Fake, At + 16, 4, NOTIFY_MULTIPLIER);
}

static void FillMvisorConfig(FAKE_VIRTIO *Fake)
{
	Put(Fake, 0x02, 2, FAKE_MVISOR_DEVICE);
	Put(Fake, 0x3d, 1, 0); /* no line */
}

static void FillConfig(FAKE_VIRTIO *Fake)
{
	Put(Fake, 0x00, 4, FAKE_VIRTIO_DEVICE << 16 | FAKE_VIRTIO_VENDOR);
	Put(Fake, 0x06, 2, 0x10); /* has capabilities */
	Put(Fake, 0x08, 4, 0x03800001);
	Put(Fake, 0x20, 4, 0xc); /* BAR 4: 64 bits, prefetchable */
	Put(Fake, 0x2c, 4, 0x1100u << 16 | FAKE_VIRTIO_VENDOR);
	Put(Fake, 0x34, 1, MSIX_CAPABILITY);
	Put(Fake, 0x3d, 1, 1); /* INTA */
	Put(Fake, MSIX_CAPABILITY, 4, 0x11 | 0x50 << 8 | (FAKE_VECTORS - 1) << 16);
	Put(Fake, MSIX_CAPABILITY + 4, 4, MSIX_BAR);
	Put(Fake, MSIX_CAPABILITY + 8, 4, MSIX_BAR | 0x800);
	PutCapability(Fake, 0x50, 0x64, 1, COMMON, 0x1000);
	PutCapability(Fake, 0x64, 0x78, 3, ISR, 0x1000);
	PutCapability(Fake, 0x78, 0x8c, 4, DEVICE, 0x1000);
	PutCapability(Fake, NOTIFY_CAPABILITY, 0, 2, NOTIFY, 0x1000);
}

/* 4.1.4.7: with the upper halves of offset and length */
static void OfferRegion(FAKE_VIRTIO *Fake)
{
	void *Memory;

	if (HostMapShared(REGION_BAR_SIZE, &Memory) != 0)
		HostAbort();
	Fake->Region = (uint8_t *)Memory + REGION_OFFSET;
	Put(Fake, 0x10 + 4 * REGION_BAR, 4, 0xc);
	Put(Fake, NOTIFY_CAPABILITY + 1, 1, REGION_CAPABILITY);
	Put(Fake, REGION_CAPABILITY, 4, 0x09u | 24u << 16 | 8u << 24);
	Put(Fake, REGION_CAPABILITY + 4, 4, REGION_BAR | REGION_ID << 8);
	Put(Fake, REGION_CAPABILITY + 8, 4, REGION_OFFSET);
	Put(Fake, REGION_CAPABILITY + 12, 4, FAKE_REGION_SIZE);
}

static uint64_t BarAddress(const FAKE_VIRTIO *Fake, unsigned Bar)
{
	uint64_t Base = Get(Fake, 0x10 + 4 * Bar, 4) & ~15u;

	return Bar == MSIX_BAR ? Base : Base | (uint64_t)Get(Fake, 0x14 + 4 * Bar, 4) << 32;
}

uint64_t FakeRegionAddress(const FAKE_VIRTIO *Fake)
{
	return BarAddress(Fake, REGION_BAR) + REGION_OFFSET;
}

static void Changed(FAKE_VIRTIO *Fake);
static void Reset(FAKE_VIRTIO *Fake, bool Asked);

/* ---- configuration space ---- */
static void Access(FAKE_VIRTIO *Fake)
{
	if (__atomic_add_fetch(&Fake->Accesses, 1, __ATOMIC_RELAXED) == Fake->MomentAt)
		Fake->Moment(Fake->MomentContext);
}

static uint32_t ConfigRead(SIM_BUS *Bus, unsigned DeviceFunction, unsigned Offset, unsigned Width)
{
	FAKE_VIRTIO *Fake = (FAKE_VIRTIO *)Bus;
	uint32_t Value = UINT32_MAX;

	Access(Fake);
	HostLockAcquire(&Fake->Lock);
	if (DeviceFunction == FAKE_VIRTIO_FUNCTION && Offset + Width <= 256 && Fake->Fault != FakeFaultGone)
		Value = Get(Fake, Offset, Width);
	HostLockRelease(&Fake->Lock);
	return Value;
}

/* The bus takes everything away only when the device loses power, and its state with it. */
static void WriteCommand(FAKE_VIRTIO *Fake, unsigned Offset, unsigned Width, uint32_t Value)
{
	bool Powered = (Get(Fake, 4, 2) & 6) != 0;

	Put(Fake, Offset, Width < 2 ? Width : 2, Value);
	/* Mvisor's device does not know that it has lost power, and forgets nothing. */
	if (Powered && (Get(Fake, 4, 2) & 6) == 0 && !Fake->Mvisor) {
		Reset(Fake, true);
		Fake->Held = false;
	}
}

static void ConfigWrite(SIM_BUS *Bus, unsigned DeviceFunction, unsigned Offset, unsigned Width, uint32_t Value)
{
	FAKE_VIRTIO *Fake = (FAKE_VIRTIO *)Bus;

	if (DeviceFunction != FAKE_VIRTIO_FUNCTION)
		return;
	Access(Fake);
	HostLockAcquire(&Fake->Lock);
	if (Offset == 0x14)
		Put(Fake, Offset, 4, Value & ~(MSIX_BAR_SIZE - 1));
	else if (Offset == 0x20)
		Put(Fake, Offset, 4, (Value & ~(VIRTIO_BAR_SIZE - 1)) | 0xc);
	else if (Offset == 0x10 + 4 * REGION_BAR && Fake->Region)
		Put(Fake, Offset, 4, (Value & ~(REGION_BAR_SIZE - 1)) | 0xc);
	else if (Offset == 0x24 || (Offset == 0x14 + 4 * REGION_BAR && Fake->Region))
		Put(Fake, Offset, 4, Value);
	else if (Offset == 0x04 || Offset == 0x05)
		WriteCommand(Fake, Offset, Width, Value);
	else if (Offset == MSIX_CAPABILITY + 2)
		Put(Fake, Offset, 2, (Value & 0xc000) | (FAKE_VECTORS - 1));
	Changed(Fake);
	HostLockRelease(&Fake->Lock);
}

/* ---- interrupts ---- */
bool FakeIsBusMaster(const FAKE_VIRTIO *Fake)
{
	return Get(Fake, 4, 2) & 4;
}

static void Message(FAKE_VIRTIO *Fake, uint16_t Vector)
{
	uint32_t Address, Data, Mask;
	uint32_t *Word;

	if (!(Get(Fake, MSIX_CAPABILITY + 2, 2) & 0x8000) || Vector >= FAKE_VECTORS)
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

static void Listen(SIM_BUS *Bus, void (*Arrived)(void))
{
	FAKE_VIRTIO *Fake = (FAKE_VIRTIO *)Bus;

	HostLockAcquire(&Fake->Lock);
	Fake->Arrived = Arrived;
	HostLockRelease(&Fake->Lock);
}

/* Something was written that may matter to the device's thread, or to who listens. */
static void Changed(FAKE_VIRTIO *Fake)
{
	if (Fake->Temper)
		HostConditionSignalAll(&Fake->Doorbell);
	if ((Fake->Isr & 3) && Fake->Arrived)
		Fake->Arrived();
}

static bool LineAsserted(SIM_BUS *Bus)
{
	FAKE_VIRTIO *Fake = (FAKE_VIRTIO *)Bus;
	bool Asserted;

	HostLockAcquire(&Fake->Lock);
	Asserted = Fake->Fault != FakeFaultGone && (Fake->Isr & 3) && !(Get(Fake, 4, 2) & 0x400) &&
		   !(Get(Fake, MSIX_CAPABILITY + 2, 2) & 0x8000);
	HostLockRelease(&Fake->Lock);
	return Asserted;
}

/* ---- the common configuration ---- */
static void Reset(FAKE_VIRTIO *Fake, bool Asked)
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
		Reset(Fake, true);
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

/* ---- device memory ---- */
static bool Inside(const FAKE_VIRTIO *Fake, uint64_t Address, unsigned Bar, uint32_t Size, unsigned *Offset)
{
	uint64_t Base = BarAddress(Fake, Bar);

	*Offset = (unsigned)(Address - Base);
	return (Get(Fake, 4, 2) & 2) && Address >= Base && Address - Base < Size;
}

bool FakeDecodes(FAKE_VIRTIO *Fake, uint64_t Address)
{
	unsigned Offset;
	bool Decodes;

	HostLockAcquire(&Fake->Lock);
	Decodes = Inside(Fake, Address, MSIX_BAR, MSIX_BAR_SIZE, &Offset) ||
		  Inside(Fake, Address, VIRTIO_BAR, VIRTIO_BAR_SIZE, &Offset);
	HostLockRelease(&Fake->Lock);
	return Decodes;
}

static uint64_t MmioRead(SIM_BUS *Bus, uint64_t Address, unsigned Width)
{
	FAKE_VIRTIO *Fake = (FAKE_VIRTIO *)Bus;
	/* events, -, scanouts, capsets */
	const uint32_t DeviceConfig[4] = {0, 0, 1, Fake->Offers & FAKE_OFFER_CONTEXT_INIT ? 2 : 1};
	uint64_t Value = UINT64_MAX;
	unsigned Offset;

	Access(Fake);
	HostLockAcquire(&Fake->Lock);
	if (Fake->Fault == FakeFaultGone) {
		Value = UINT64_MAX;
	} else if (Inside(Fake, Address, MSIX_BAR, MSIX_BAR_SIZE, &Offset)) {
		Value = 0;
		if (Offset + Width <= sizeof(Fake->Msix))
			memcpy(&Value, Fake->Msix + Offset, Width);
	} else if (Inside(Fake, Address, VIRTIO_BAR, VIRTIO_BAR_SIZE, &Offset)) {
		Value = 0;
		if (Offset < ISR) {
			Value = CommonRead(Fake, Offset);
		} else if (Offset == ISR) {
			Value = Fake->Isr;
			Fake->Isr = 0;
		} else if (Offset >= DEVICE && Offset < NOTIFY && Fake->Mvisor) {
			Value = FakeMvisorReadConfig(Offset - DEVICE, Width);
		} else if (Offset >= DEVICE && Offset + Width <= DEVICE + sizeof(DeviceConfig)) {
			memcpy(&Value, (const uint8_t *)DeviceConfig + (Offset - DEVICE), Width);
		}
	}
	HostLockRelease(&Fake->Lock);
	return Value;
}

static void MmioWrite(SIM_BUS *Bus, uint64_t Address, unsigned Width, uint64_t Value)
{
	FAKE_VIRTIO *Fake = (FAKE_VIRTIO *)Bus;
	unsigned Offset;

	Access(Fake);
	HostLockAcquire(&Fake->Lock);
	if (Fake->Fault == FakeFaultGone) {
		Offset = 0;
	} else if (Inside(Fake, Address, MSIX_BAR, MSIX_BAR_SIZE, &Offset)) {
		if (Offset + Width <= sizeof(Fake->Msix))
			memcpy(Fake->Msix + Offset, &Value, Width);
	} else if (Inside(Fake, Address, VIRTIO_BAR, VIRTIO_BAR_SIZE, &Offset)) {
		if (Offset < ISR) {
			CommonWrite(Fake, Offset, Width, Value);
		} else if (Offset >= NOTIFY && (Offset - NOTIFY) / NOTIFY_MULTIPLIER < FAKE_QUEUES) {
			Fake->Counts.Notifications++;
			if (!Fake->Temper)
				FakeQueueRun(Fake, (Offset - NOTIFY) / NOTIFY_MULTIPLIER);
		}
	}
	Changed(Fake);
	HostLockRelease(&Fake->Lock);
}

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
	Reset(Fake, false);
	FakeQueueFree(Fake);
	if (Fake->Region)
		HostUnmap(Fake->Region - REGION_OFFSET, REGION_BAR_SIZE);
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
	At = Address - BarAddress(Fake, REGION_BAR);
	HostLockRelease(&Fake->Lock);
	return At <= REGION_BAR_SIZE && Length <= REGION_BAR_SIZE - At ? Fake->Region - REGION_OFFSET + At : NULL;
}

static const SIM_BUS_OPERATIONS Operations = {.Attach = Attach,
	.ConfigRead = ConfigRead,
	.ConfigWrite = ConfigWrite,
	.MmioRead = MmioRead,
	.MmioWrite = MmioWrite,
	.Memory = Memory,
	.LineAsserted = LineAsserted,
	.Listen = Listen,
	.Touches = FakeTouches,
	.Close = Close,
	.Detach = Detach};

SIM_BUS *FakeVirtioCreateMvisor(void)
{
	FAKE_VIRTIO *Fake = (FAKE_VIRTIO *)FakeVirtioCreate();

	if (!Fake)
		return NULL;
	Fake->Mvisor = true;
	FillMvisorConfig(Fake);
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
	FillConfig(Fake);
	Fake->MapInfo = 1;
	Reset(Fake, false);
	Fake->Counts.Resets = 0;
	return &Fake->Bus;
}

void FakeSetFault(FAKE_VIRTIO *Fake, FAKE_FAULT Fault)
{
	if (Fault == FakeFaultGone) { /* should it ever come back, it has forgotten everything */
		Put(Fake, 4, 2, 0x400);
		Reset(Fake, false);
	}
	Fake->Fault = Fault;
}

void FakeVirtioOffer(SIM_BUS *Bus, unsigned Offers)
{
	FAKE_VIRTIO *Fake = (FAKE_VIRTIO *)Bus;

	Fake->Offers = Offers;
	if (Offers & FAKE_OFFER_REGION)
		OfferRegion(Fake);
}

void FakeVirtioReplace(SIM_BUS *Bus, unsigned Offers)
{
	FAKE_VIRTIO *Fake = (FAKE_VIRTIO *)Bus;

	HostLockAcquire(&Fake->Lock);
	Reset(Fake, false);
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
	Changed(Fake);
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
	Changed(Fake);
	HostLockRelease(&Fake->Lock);
}

void FakeVirtioHold(SIM_BUS *Bus, bool Hold)
{
	FAKE_VIRTIO *Fake = (FAKE_VIRTIO *)Bus;

	HostLockAcquire(&Fake->Lock);
	Fake->Held = Hold;
	for (unsigned i = 0; i < FAKE_QUEUES && !Hold && !Fake->Temper; i++)
		FakeQueueRun(Fake, i);
	Changed(Fake);
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
