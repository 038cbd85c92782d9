/* SPDX-License-Identifier: MIT */
/* fake_pair.c - see fake_pair.h. */
#include "fake_pair.h"

#include <stdlib.h>

#include "fake_internal.h"

#define SLOT 8u /* device and function of the next slot */

typedef struct FAKE_PAIR {
	SIM_BUS Bus;
	SIM_BUS *Each[2];
} FAKE_PAIR;

#define EACH(Pair) for (unsigned i = 0; i < 2; i++)
#define CALL(Pair, Operation, ...) (Pair)->Each[i]->Operations->Operation(__VA_ARGS__)

static void Attach(SIM_BUS *Bus, uint8_t *Ram, uint64_t RamSize)
{
	FAKE_PAIR *Pair = (FAKE_PAIR *)Bus;

	EACH(Pair)
	CALL(Pair, Attach, Pair->Each[i], Ram, RamSize);
}

static uint32_t ConfigRead(SIM_BUS *Bus, unsigned DeviceFunction, unsigned Offset, unsigned Width)
{
	FAKE_PAIR *Pair = (FAKE_PAIR *)Bus;
	unsigned i = DeviceFunction == FAKE_VIRTIO_FUNCTION + SLOT;

	return CALL(Pair, ConfigRead, Pair->Each[i], DeviceFunction - i * SLOT, Offset, Width);
}

static void ConfigWrite(SIM_BUS *Bus, unsigned DeviceFunction, unsigned Offset, unsigned Width, uint32_t Value)
{
	FAKE_PAIR *Pair = (FAKE_PAIR *)Bus;
	unsigned i = DeviceFunction == FAKE_VIRTIO_FUNCTION + SLOT;

	CALL(Pair, ConfigWrite, Pair->Each[i], DeviceFunction - i * SLOT, Offset, Width, Value);
}

static uint64_t MmioRead(SIM_BUS *Bus, uint64_t Address, unsigned Width)
{
	FAKE_PAIR *Pair = (FAKE_PAIR *)Bus;
	unsigned i = FakeDecodes((FAKE_VIRTIO *)Pair->Each[1], Address);

	return CALL(Pair, MmioRead, Pair->Each[i], Address, Width);
}

static void MmioWrite(SIM_BUS *Bus, uint64_t Address, unsigned Width, uint64_t Value)
{
	FAKE_PAIR *Pair = (FAKE_PAIR *)Bus;
	unsigned i = FakeDecodes((FAKE_VIRTIO *)Pair->Each[1], Address);

	CALL(Pair, MmioWrite, Pair->Each[i], Address, Width, Value);
}

static bool LineAsserted(SIM_BUS *Bus)
{
	FAKE_PAIR *Pair = (FAKE_PAIR *)Bus;
	bool Asserted = false;

	EACH(Pair)
	Asserted |= CALL(Pair, LineAsserted, Pair->Each[i]);
	return Asserted;
}

static void Listen(SIM_BUS *Bus, void (*Arrived)(void))
{
	FAKE_PAIR *Pair = (FAKE_PAIR *)Bus;

	EACH(Pair)
	CALL(Pair, Listen, Pair->Each[i], Arrived);
}

static bool Touches(SIM_BUS *Bus, uint64_t Address, uint64_t Length)
{
	FAKE_PAIR *Pair = (FAKE_PAIR *)Bus;
	bool Any = false;

	EACH(Pair)
	Any |= CALL(Pair, Touches, Pair->Each[i], Address, Length);
	return Any;
}

static void Close(SIM_BUS *Bus)
{
	FAKE_PAIR *Pair = (FAKE_PAIR *)Bus;

	EACH(Pair)
	CALL(Pair, Close, Pair->Each[i]);
	free(Pair);
}

static void Detach(SIM_BUS *Bus)
{
	FAKE_PAIR *Pair = (FAKE_PAIR *)Bus;

	EACH(Pair)
	CALL(Pair, Detach, Pair->Each[i]);
}

static const SIM_BUS_OPERATIONS Operations = {.Attach = Attach,
	.ConfigRead = ConfigRead,
	.ConfigWrite = ConfigWrite,
	.MmioRead = MmioRead,
	.MmioWrite = MmioWrite,
	.LineAsserted = LineAsserted,
	.Listen = Listen,
	.Touches = Touches,
	.Close = Close,
	.Detach = Detach};

SIM_BUS *FakePairCreate(SIM_BUS *First, SIM_BUS *Second)
{
	FAKE_PAIR *Pair = calloc(1, sizeof(*Pair));

	if (!Pair)
		return NULL;
	Pair->Bus.Operations = &Operations;
	Pair->Each[0] = First;
	Pair->Each[1] = Second;
	return &Pair->Bus;
}
