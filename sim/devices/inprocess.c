/* SPDX-License-Identifier: MIT */
#include "inprocess.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bus.h"
#include "rules.h"

#define TICK_NS 1000000u /* fences are looked at */
#define SECOND_NS 1000000000u
#define MAX_POSTED 256u
#define CONFIG_ADDRESS 0xcf8u
#define CONFIG_DATA 0xcfcu
#define CONFIG_ENABLE 0x80000000u

typedef enum KIND { ConfigReadKind, ConfigWriteKind, MemoryReadKind, MemoryWriteKind, WindowKind, TouchesKind } KIND;

typedef struct ACCESS {
	KIND Kind;
	unsigned Width;
	unsigned DeviceFunction;
	uint64_t Address; /* or offset in configuration space */
	uint64_t Value; /* written; or a length */
	uint64_t *Read; /* where the answer goes */
	bool *Done; /* NULL: nobody waits */
} ACCESS;

typedef struct INPROCESS {
	SIM_BUS Bus; /* first */
	MV_DEVICE Device; /* the thread's alone, once it runs */
	MV_BUS Processor;
	MV_OPTIONS Options;
	pthread_t Thread;
	bool Attached;
	uint64_t Tick; /* the last that was looked at */
	pthread_mutex_t ListenLock; /* guards Arrived, held while it runs */
	void (*Arrived)(void);
	pthread_mutex_t Lock; /* guards what follows */
	pthread_cond_t Work; /* there is an access, or the end */
	pthread_cond_t Progress; /* an access was taken, or answered */
	ACCESS Queue[MAX_POSTED];
	unsigned First, Count;
	bool Started; /* the thread said whether there is a device */
	bool Present;
	bool Stop;
} INPROCESS;

/* ---- the device's thread ---- */

static uint64_t Now(void)
{
	struct timespec Time;

	clock_gettime(CLOCK_MONOTONIC, &Time);
	return (uint64_t)Time.tv_sec * SECOND_NS + (uint64_t)Time.tv_nsec;
}

static void SelectConfig(INPROCESS *Inprocess, const ACCESS *Access)
{
	MvBusPortWrite(&Inprocess->Processor, CONFIG_ADDRESS, 4,
		CONFIG_ENABLE | Access->DeviceFunction << 8 | ((uint32_t)Access->Address & 0xfcu));
}

static uint64_t Execute(INPROCESS *Inprocess, const ACCESS *Access)
{
	uint64_t Port = CONFIG_DATA + (Access->Address & 3u);

	switch (Access->Kind) {
	case ConfigReadKind:
		SelectConfig(Inprocess, Access);
		return MvBusPortRead(&Inprocess->Processor, Port, Access->Width);
	case ConfigWriteKind:
		SelectConfig(Inprocess, Access);
		MvBusPortWrite(&Inprocess->Processor, Port, Access->Width, (uint32_t)Access->Value);
		break;
	case MemoryReadKind:
		return MvBusMemoryRead(&Inprocess->Processor, Access->Address, Access->Width);
	case MemoryWriteKind:
		MvBusMemoryWrite(&Inprocess->Processor, Access->Address, Access->Width, Access->Value);
		break;
	case WindowKind:
		return (uintptr_t)MvMemoryWindow(&Inprocess->Device.Memory, Access->Address, Access->Value);
	case TouchesKind:
		return MvDeviceTouches(&Inprocess->Device, Access->Address, Access->Value);
	}
	return 0;
}

/* The next access; false: the tick came first. Caller holds the lock. */
static bool WaitForWork(INPROCESS *Inprocess)
{
	uint64_t Until = (Now() / TICK_NS + 1) * TICK_NS;
	struct timespec Tick = {(time_t)(Until / SECOND_NS), (long)(Until % SECOND_NS)};
	bool Waits = MvDeviceWaits(&Inprocess->Device);
	int Error = 0;

	while (Inprocess->Count == 0 && !Inprocess->Stop && Error == 0) {
		if (Waits)
			Error = pthread_cond_timedwait(&Inprocess->Work, &Inprocess->Lock, &Tick);
		else
			pthread_cond_wait(&Inprocess->Work, &Inprocess->Lock);
	}
	return Inprocess->Count > 0;
}

static void Answer(INPROCESS *Inprocess, const ACCESS *Access, uint64_t Value)
{
	pthread_mutex_lock(&Inprocess->Lock);
	*Access->Read = Value;
	*Access->Done = true;
	pthread_cond_broadcast(&Inprocess->Progress);
	pthread_mutex_unlock(&Inprocess->Lock);
}

/* Fences are looked at on the ticks of a timer, never in between. */
static void Tick(INPROCESS *Inprocess)
{
	uint64_t Current = Now() / TICK_NS;

	if (Current != Inprocess->Tick)
		MvDeviceTick(&Inprocess->Device);
	Inprocess->Tick = Current;
}

static void TellOfMessages(INPROCESS *Inprocess, uint64_t Before)
{
	if (Inprocess->Device.Pci.Messages == Before)
		return;
	pthread_mutex_lock(&Inprocess->ListenLock);
	if (Inprocess->Arrived)
		Inprocess->Arrived();
	pthread_mutex_unlock(&Inprocess->ListenLock);
}

static void Serve(INPROCESS *Inprocess)
{
	ACCESS Access;
	uint64_t Messages, Value;
	bool Have, Stop;

	for (;;) {
		pthread_mutex_lock(&Inprocess->Lock);
		Have = WaitForWork(Inprocess);
		if (Have) {
			Access = Inprocess->Queue[Inprocess->First];
			Inprocess->First = (Inprocess->First + 1) % MAX_POSTED;
			Inprocess->Count--;
			pthread_cond_broadcast(&Inprocess->Progress);
		}
		Stop = Inprocess->Stop;
		pthread_mutex_unlock(&Inprocess->Lock);
		if (!Have && Stop)
			return;
		Messages = Inprocess->Device.Pci.Messages;
		Tick(Inprocess);
		if (Have) {
			Value = Execute(Inprocess, &Access);
			if (Access.Done)
				Answer(Inprocess, &Access, Value);
			/* The answer first: a doorbell does not wait for the work that it asks for. */
			MvDeviceRunQueues(&Inprocess->Device);
		}
		TellOfMessages(Inprocess, Messages);
	}
}

static void *DeviceThread(void *Context)
{
	INPROCESS *Inprocess = Context;
	bool Present = MvDeviceStart(&Inprocess->Device, &Inprocess->Options) == 0;

	pthread_mutex_lock(&Inprocess->Lock);
	Inprocess->Present = Present;
	Inprocess->Started = true;
	pthread_cond_broadcast(&Inprocess->Progress);
	pthread_mutex_unlock(&Inprocess->Lock);
	if (Present) {
		Serve(Inprocess);
		MvDeviceStop(&Inprocess->Device);
	}
	return NULL;
}

/* ---- the bus ---- */

static INPROCESS *FromBus(SIM_BUS *Bus)
{
	return (INPROCESS *)Bus;
}

/* Caller holds the lock. */
static void Put(INPROCESS *Inprocess, const ACCESS *Access)
{
	while (Inprocess->Count == MAX_POSTED)
		pthread_cond_wait(&Inprocess->Progress, &Inprocess->Lock);
	Inprocess->Queue[(Inprocess->First + Inprocess->Count++) % MAX_POSTED] = *Access;
	pthread_cond_signal(&Inprocess->Work);
}

static void Post(SIM_BUS *Bus, const ACCESS *Access)
{
	INPROCESS *Inprocess = FromBus(Bus);

	if (!Inprocess->Present)
		return;
	pthread_mutex_lock(&Inprocess->Lock);
	Put(Inprocess, Access);
	pthread_mutex_unlock(&Inprocess->Lock);
}

static uint64_t Ask(SIM_BUS *Bus, ACCESS *Access)
{
	INPROCESS *Inprocess = FromBus(Bus);
	uint64_t Value = UINT64_MAX;
	bool Done = false;

	if (!Inprocess->Present)
		return UINT64_MAX >> (64 - 8 * Access->Width);
	Access->Read = &Value;
	Access->Done = &Done;
	pthread_mutex_lock(&Inprocess->Lock);
	Put(Inprocess, Access);
	while (!Done)
		pthread_cond_wait(&Inprocess->Progress, &Inprocess->Lock);
	pthread_mutex_unlock(&Inprocess->Lock);
	return Value;
}

static void Attach(SIM_BUS *Bus, uint8_t *Ram, uint64_t RamSize)
{
	INPROCESS *Inprocess = FromBus(Bus);

	MvMemoryUse(&Inprocess->Device.Memory, Ram, RamSize);
	if (pthread_create(&Inprocess->Thread, NULL, DeviceThread, Inprocess) != 0) {
		MvLog("there is no thread for the device");
		return;
	}
	Inprocess->Attached = true;
	pthread_mutex_lock(&Inprocess->Lock);
	while (!Inprocess->Started)
		pthread_cond_wait(&Inprocess->Progress, &Inprocess->Lock);
	pthread_mutex_unlock(&Inprocess->Lock);
}

static uint32_t ConfigRead(SIM_BUS *Bus, unsigned DeviceFunction, unsigned Offset, unsigned Width)
{
	ACCESS Access = {.Kind = ConfigReadKind, .Width = Width, .DeviceFunction = DeviceFunction, .Address = Offset};

	return (uint32_t)Ask(Bus, &Access);
}

static void ConfigWrite(SIM_BUS *Bus, unsigned DeviceFunction, unsigned Offset, unsigned Width, uint32_t Value)
{
	const ACCESS Access = {.Kind = ConfigWriteKind,
		.Width = Width,
		.DeviceFunction = DeviceFunction,
		.Address = Offset,
		.Value = Value};

	Post(Bus, &Access);
}

static uint64_t MmioRead(SIM_BUS *Bus, uint64_t Address, unsigned Width)
{
	ACCESS Access = {.Kind = MemoryReadKind, .Width = Width, .Address = Address};

	return Ask(Bus, &Access);
}

static void MmioWrite(SIM_BUS *Bus, uint64_t Address, unsigned Width, uint64_t Value)
{
	const ACCESS Access = {.Kind = MemoryWriteKind, .Width = Width, .Address = Address, .Value = Value};

	Post(Bus, &Access);
}

/* Registers and RAM are not what a program is to see. */
static uint8_t *Memory(SIM_BUS *Bus, uint64_t Address, uint64_t Length)
{
	ACCESS Access = {.Kind = WindowKind, .Width = 8, .Address = Address, .Value = Length};

	return FromBus(Bus)->Present ? (uint8_t *)(uintptr_t)Ask(Bus, &Access) : NULL;
}

static bool Touches(SIM_BUS *Bus, uint64_t Address, uint64_t Length)
{
	ACCESS Access = {.Kind = TouchesKind, .Width = 8, .Address = Address, .Value = Length};

	return FromBus(Bus)->Present && Ask(Bus, &Access);
}

/* The device has messages only. */
static bool LineAsserted(SIM_BUS *Bus)
{
	(void)Bus;
	return false;
}

static void Listen(SIM_BUS *Bus, void (*Arrived)(void))
{
	INPROCESS *Inprocess = FromBus(Bus);

	pthread_mutex_lock(&Inprocess->ListenLock);
	Inprocess->Arrived = Arrived;
	pthread_mutex_unlock(&Inprocess->ListenLock);
}

static void Close(SIM_BUS *Bus)
{
	INPROCESS *Inprocess = FromBus(Bus);

	if (Inprocess->Attached) {
		pthread_mutex_lock(&Inprocess->Lock);
		Inprocess->Stop = true;
		pthread_cond_signal(&Inprocess->Work);
		pthread_mutex_unlock(&Inprocess->Lock);
		pthread_join(Inprocess->Thread, NULL);
	}
	pthread_cond_destroy(&Inprocess->Progress);
	pthread_cond_destroy(&Inprocess->Work);
	pthread_mutex_destroy(&Inprocess->ListenLock);
	pthread_mutex_destroy(&Inprocess->Lock);
	free(Inprocess);
}

int MvInprocessOpen(const MV_OPTIONS *Options, SIM_BUS **Bus)
{
	static const SIM_BUS_OPERATIONS Operations = {
		.Attach = Attach,
		.ConfigRead = ConfigRead,
		.ConfigWrite = ConfigWrite,
		.MmioRead = MmioRead,
		.MmioWrite = MmioWrite,
		.LineAsserted = LineAsserted,
		.Memory = Memory,
		.Listen = Listen,
		.Touches = Touches,
		.Close = Close,
	};
	INPROCESS *Inprocess = calloc(1, sizeof(*Inprocess));
	pthread_condattr_t Attributes;

	*Bus = NULL;
	if (!Inprocess)
		return -ENOMEM;
	Inprocess->Bus.Operations = &Operations;
	Inprocess->Options = *Options;
	Inprocess->Processor.Device = &Inprocess->Device;
	pthread_mutex_init(&Inprocess->Lock, NULL);
	pthread_mutex_init(&Inprocess->ListenLock, NULL);
	pthread_condattr_init(&Attributes);
	pthread_condattr_setclock(&Attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&Inprocess->Work, &Attributes);
	pthread_cond_init(&Inprocess->Progress, &Attributes);
	pthread_condattr_destroy(&Attributes);
	*Bus = &Inprocess->Bus;
	return 0;
}
