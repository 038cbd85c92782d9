/* SPDX-License-Identifier: MIT */
#include "tampering.h"
#include "../../sim/pci/fake_virtio.h"

#include <stdlib.h>
#include <string.h>

#define MOST_CHANGES 6u
#define CONFIG_COMMAND 0x04u
#define COMMAND_MASTER 4u
#define CONFIG_BAR4 0x20u
#define CONFIG_POINTER 0x34u
#define CONFIG_CAPABILITIES 0x40u /* from here on */
#define BAR_MASK 0x3fffu
#define COMMON_BYTES 64u
#define COMMON_STATUS 20u
#define COMMON_QUEUE_SELECT 22u
#define COMMON_QUEUE_SIZE 24u
#define COMMON_QUEUE_USED 48u
#define ISR 0x1000u
#define DEVICE 0x2000u
#define DEVICE_BYTES 16u

/* One byte that the driver reads, from its n-th read on and for so many reads. */
typedef struct CHANGE {
	bool Config; /* in configuration space, else in the registers */
	unsigned Offset;
	uint8_t Mask;
	uint8_t Value;
	uint32_t After;
	uint32_t For;
} CHANGE;

typedef struct TAMPERING {
	SIM_BUS Bus;
	SIM_BUS *Inner;
	uint8_t *Ram;
	uint64_t RamSize;
	unsigned QueueSelect;
	unsigned QueueSize;
	uint32_t Used[2]; /* the control queue's used ring, low and high; 0: none */
	unsigned Changes;
	CHANGE Change[MOST_CHANGES];
} TAMPERING;

static uint64_t Tamper(TAMPERING *Tampering, bool Config, unsigned Offset, unsigned Width, uint64_t Value)
{
	for (unsigned i = 0; i < Tampering->Changes; i++) {
		CHANGE *Change = &Tampering->Change[i];
		unsigned Shift = 8 * (Change->Offset - Offset);

		if (Change->Config != Config || Change->Offset < Offset || Change->Offset >= Offset + Width)
			continue;
		if (Change->After > 0) {
			Change->After--;
		} else if (Change->For > 0) {
			Change->For--;
			Value &= ~((uint64_t)Change->Mask << Shift);
			Value |= (uint64_t)(Change->Value & Change->Mask) << Shift;
		}
	}
	return Value;
}

/* ---- the bus ---- */
static SIM_BUS *Inner(SIM_BUS *Bus)
{
	return ((TAMPERING *)Bus)->Inner;
}

static void Attach(SIM_BUS *Bus, uint8_t *Ram, uint64_t RamSize)
{
	((TAMPERING *)Bus)->Ram = Ram;
	((TAMPERING *)Bus)->RamSize = RamSize;
	Inner(Bus)->Operations->Attach(Inner(Bus), Ram, RamSize);
}

static uint32_t ConfigRead(SIM_BUS *Bus, unsigned DeviceFunction, unsigned Offset, unsigned Width)
{
	uint32_t Value = Inner(Bus)->Operations->ConfigRead(Inner(Bus), DeviceFunction, Offset, Width);

	if (DeviceFunction != FAKE_VIRTIO_FUNCTION)
		return Value;
	return (uint32_t)Tamper((TAMPERING *)Bus, true, Offset, Width, Value);
}

static void ConfigWrite(SIM_BUS *Bus, unsigned DeviceFunction, unsigned Offset, unsigned Width, uint32_t Value)
{
	Inner(Bus)->Operations->ConfigWrite(Inner(Bus), DeviceFunction, Offset, Width, Value);
}

/* Whether the address is in the registers' BAR. */
static bool Register(SIM_BUS *Bus, uint64_t Address)
{
	uint64_t Low = Inner(Bus)->Operations->ConfigRead(Inner(Bus), FAKE_VIRTIO_FUNCTION, CONFIG_BAR4, 4);
	uint64_t High = Inner(Bus)->Operations->ConfigRead(Inner(Bus), FAKE_VIRTIO_FUNCTION, CONFIG_BAR4 + 4, 4);

	return (Address & ~(uint64_t)BAR_MASK) == (High << 32 | (Low & ~15u));
}

static uint64_t MmioRead(SIM_BUS *Bus, uint64_t Address, unsigned Width)
{
	uint64_t Value = Inner(Bus)->Operations->MmioRead(Inner(Bus), Address, Width);

	return Register(Bus, Address) ? Tamper((TAMPERING *)Bus, false, Address & BAR_MASK, Width, Value) : Value;
}

/* Where the driver puts the used ring, for TamperingPoke; a reset takes it back. */
static void Watch(TAMPERING *Tampering, unsigned Offset, uint32_t Value)
{
	if (Offset == COMMON_STATUS && Value == 0)
		Tampering->Used[0] = Tampering->Used[1] = 0;
	else if (Offset == COMMON_QUEUE_SELECT)
		Tampering->QueueSelect = Value;
	else if (Tampering->QueueSelect != 0)
		return;
	else if (Offset == COMMON_QUEUE_SIZE)
		Tampering->QueueSize = Value;
	else if (Offset == COMMON_QUEUE_USED || Offset == COMMON_QUEUE_USED + 4)
		Tampering->Used[(Offset - COMMON_QUEUE_USED) / 4] = Value;
}

static void MmioWrite(SIM_BUS *Bus, uint64_t Address, unsigned Width, uint64_t Value)
{
	if (Register(Bus, Address))
		Watch((TAMPERING *)Bus, Address & BAR_MASK, (uint32_t)Value);
	Inner(Bus)->Operations->MmioWrite(Inner(Bus), Address, Width, Value);
}

/* A line that the driver cannot clear, since it is told the wrong register, would only stop the machine. */
static bool LineAsserted(SIM_BUS *Bus)
{
	return ((TAMPERING *)Bus)->Changes == 0 && Inner(Bus)->Operations->LineAsserted(Inner(Bus));
}

static void Listen(SIM_BUS *Bus, void (*Arrived)(void))
{
	Inner(Bus)->Operations->Listen(Inner(Bus), Arrived);
}

static void Close(SIM_BUS *Bus)
{
	Inner(Bus)->Operations->Close(Inner(Bus));
	free(Bus);
}

/* ---- what is changed ---- */
static unsigned RegisterOffset(ACTOR_CHOOSE Choose, void *Context)
{
	switch (Choose(Context, 4)) {
	case 0:
		return DEVICE + Choose(Context, DEVICE_BYTES);
	case 1:
		return ISR;
	default:
		return Choose(Context, COMMON_BYTES);
	}
}

SIM_BUS *TamperingCreate(SIM_BUS *InnerBus, ACTOR_CHOOSE Choose, void *Context)
{
	/* Touches is missing: after a confirmation that was tampered with, the device may touch what it should not. */
	static const SIM_BUS_OPERATIONS Operations = {.Attach = Attach,
		.ConfigRead = ConfigRead,
		.ConfigWrite = ConfigWrite,
		.MmioRead = MmioRead,
		.MmioWrite = MmioWrite,
		.LineAsserted = LineAsserted,
		.Listen = Listen,
		.Close = Close};
	TAMPERING *New = calloc(1, sizeof(*New));

	if (!New)
		abort();
	New->Bus.Operations = &Operations;
	New->Inner = InnerBus;
	New->Changes = Choose(Context, MOST_CHANGES + 1);
	for (unsigned i = 0; i < New->Changes; i++) {
		CHANGE *Change = &New->Change[i];

		Change->Config = Choose(Context, 2);
		if (!Change->Config)
			Change->Offset = RegisterOffset(Choose, Context);
		else if (Choose(Context, 8) == 7)
			Change->Offset = CONFIG_POINTER;
		else
			Change->Offset = CONFIG_CAPABILITIES + Choose(Context, 256 - CONFIG_CAPABILITIES);
		Change->Mask = Choose(Context, 2) ? 0xff : (uint8_t)(1u << Choose(Context, 8));
		Change->Value = (uint8_t)Choose(Context, 256);
		Change->After = Choose(Context, 2) ? Choose(Context, 64) : 0;
		Change->For = Choose(Context, 2) ? Choose(Context, 64) : UINT32_MAX;
	}
	return &New->Bus;
}

void TamperingPoke(SIM_BUS *Bus, ACTOR_CHOOSE Choose, void *Context)
{
	TAMPERING *Tampering = (TAMPERING *)Bus;
	uint64_t Used = (uint64_t)Tampering->Used[1] << 32 | Tampering->Used[0];
	unsigned Words = 3 + 4 * Tampering->QueueSize; /* flags, index, elements, the event */
	uint16_t *Ring;

	if (!Used || Used >= Tampering->RamSize || 2 * Words > Tampering->RamSize - Used)
		return;
	if (!(Inner(Bus)->Operations->ConfigRead(Inner(Bus), FAKE_VIRTIO_FUNCTION, CONFIG_COMMAND, 2) & COMMAND_MASTER))
		return;
	Ring = (uint16_t *)(void *)(Tampering->Ram + Used);
	switch (Choose(Context, 4)) {
	case 0:
		Ring[1] = (uint16_t)(Ring[1] + Choose(Context, 256));
		break;
	case 1:
		Ring[Words - 1] = (uint16_t)Choose(Context, 65536);
		break;
	case 2: /* an element that the driver reads soon */
		Ring[2 + 4 * (Ring[1] % Tampering->QueueSize) + Choose(Context, 4)] = (uint16_t)Choose(Context, 65536);
		break;
	default:
		Ring[Choose(Context, Words)] = (uint16_t)Choose(Context, 65536);
		break;
	}
}
