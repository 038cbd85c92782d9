/* SPDX-License-Identifier: MIT */
/*
 * qtest.c - the bus of another process that speaks QEMU's qtest protocol: lines of text, one answer a command, in
 * order, with "IRQ raise N" and "IRQ lower N" in between.
 *
 * Writes to device memory are posted: the answer is counted, not waited for, and taken in with the next answer that
 * somebody does wait for. Port I/O makes configuration cycles (mechanism #1).
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../host/host.h"
#include "../nt/nt.h"
#include "bus.h"

#define ANSWER_TIMEOUT_NS (20ull * 1000 * 1000 * 1000) /* a device that says nothing for so long is dead */
#define MAX_POSTED 64
#define MAX_LINE 256
#define CONFIG_ADDRESS 0xcf8
#define CONFIG_DATA 0xcfc
#define FIRST_PCI_LINE 16 /* of the I/O APIC; lower ones belong to the board */
#define MAX_LINES 64 /* interrupt lines told apart */

typedef struct QTEST {
	SIM_BUS Bus;
	HOST_LOCK Lock; /* guards all below, and that commands and answers keep their order */
	int Socket;
	BOOLEAN Dead;
	ULONG Posted; /* answers that nobody waits for */
	ULONG64 Raised; /* interrupt lines, a bit each */
	char Buffer[4096];
	size_t Used, Parsed;
} QTEST;

static QTEST *FromBus(SIM_BUS *Bus)
{
	return CONTAINING_RECORD(Bus, QTEST, Bus);
}

static void Die(QTEST *Qtest, const char *Why)
{
	if (!Qtest->Dead)
		SimLog("bus: the device process is gone (%s)", Why);
	Qtest->Dead = TRUE;
	Qtest->Raised = 0;
}

static void TakeInterrupt(QTEST *Qtest, const char *Line)
{
	unsigned Number;

	if (sscanf(Line, "IRQ raise %u", &Number) == 1 && Number >= FIRST_PCI_LINE && Number < MAX_LINES) {
		Qtest->Raised |= 1ull << Number;
	} else if (sscanf(Line, "IRQ lower %u", &Number) == 1 && Number < MAX_LINES) {
		Qtest->Raised &= ~(1ull << Number);
	}
}

/* The next whole line in the buffer, or NULL. */
static char *NextLine(QTEST *Qtest)
{
	char *Start = Qtest->Buffer + Qtest->Parsed;
	char *End = memchr(Start, '\n', Qtest->Used - Qtest->Parsed);

	if (!End) {
		memmove(Qtest->Buffer, Start, Qtest->Used - Qtest->Parsed);
		Qtest->Used -= Qtest->Parsed;
		Qtest->Parsed = 0;
		return NULL;
	}
	*End = 0;
	Qtest->Parsed = (size_t)(End + 1 - Qtest->Buffer);
	return Start;
}

/* Reads more bytes. FALSE: nothing came in time, or the device is dead. */
static BOOLEAN Fill(QTEST *Qtest, ULONG64 TimeoutNs)
{
	int Got;

	if (Qtest->Used == sizeof(Qtest->Buffer)) {
		Die(Qtest, "a line of its answer is too long");
		return FALSE;
	}
	Got = HostReceive(Qtest->Socket, Qtest->Buffer + Qtest->Used, sizeof(Qtest->Buffer) - Qtest->Used, TimeoutNs);
	if (Got > 0) {
		Qtest->Used += (size_t)Got;
		return TRUE;
	}
	if (Got != -ETIMEDOUT)
		Die(Qtest, Got == 0 ? "it closed the socket" : "the socket failed");
	return FALSE;
}

/* The next answer, without interrupts' lines; NULL when none came in time. */
static char *NextAnswer(QTEST *Qtest, ULONG64 TimeoutNs)
{
	for (;;) {
		char *Line = NextLine(Qtest);

		if (!Line && !Fill(Qtest, TimeoutNs))
			return NULL;
		if (!Line)
			continue;
		if (strncmp(Line, "IRQ ", 4) != 0)
			return Line;
		TakeInterrupt(Qtest, Line);
	}
}

static void DrainPosted(QTEST *Qtest, ULONG Leave, ULONG64 TimeoutNs)
{
	while (!Qtest->Dead && Qtest->Posted > Leave) {
		char *Answer = NextAnswer(Qtest, TimeoutNs);

		if (!Answer && TimeoutNs && !Qtest->Dead)
			Die(Qtest, "it does not answer");
		if (!Answer)
			return;
		if (strncmp(Answer, "OK", 2) != 0)
			SimLog("bus: a write was refused: %s", Answer);
		Qtest->Posted--;
	}
}

static void Send(QTEST *Qtest, const char *Command)
{
	if (!Qtest->Dead && HostSend(Qtest->Socket, Command, strlen(Command)) != 0)
		Die(Qtest, "the socket failed");
}

static void Post(QTEST *Qtest, const char *Command)
{
	Send(Qtest, Command);
	if (Qtest->Dead)
		return;
	Qtest->Posted++;
	if (Qtest->Posted > MAX_POSTED)
		DrainPosted(Qtest, MAX_POSTED / 2, ANSWER_TIMEOUT_NS);
}

/* Sends a command and gives the number in its answer; all ones when there is none. */
static ULONG64 Ask(QTEST *Qtest, const char *Command)
{
	ULONG64 Value = UINT64_MAX;
	char *Answer;

	Send(Qtest, Command);
	DrainPosted(Qtest, 0, ANSWER_TIMEOUT_NS);
	if (Qtest->Dead)
		return Value;
	Answer = NextAnswer(Qtest, ANSWER_TIMEOUT_NS);
	if (!Answer && !Qtest->Dead)
		Die(Qtest, "it does not answer");
	if (!Answer)
		return Value;
	if (strncmp(Answer, "OK", 2) != 0)
		SimLog("bus: \"%.*s\" was refused: %s", (int)strcspn(Command, "\n"), Command, Answer);
	else if (Answer[2] == ' ')
		Value = strtoull(Answer + 3, NULL, 16);
	return Value;
}

static char WidthLetter(ULONG Width)
{
	return Width == 1 ? 'b' : Width == 2 ? 'w' : Width == 4 ? 'l' : 'q';
}

static void SelectConfig(QTEST *Qtest, unsigned DeviceFunction, unsigned Offset)
{
	char Command[MAX_LINE];

	snprintf(Command, sizeof(Command), "outl %#x %#x\n", CONFIG_ADDRESS,
		0x80000000u | DeviceFunction << 8 | (Offset & 0xfcu));
	Post(Qtest, Command);
}

/* What has arrived by itself. */
static void TakeIn(QTEST *Qtest)
{
	char *Answer;

	if (Qtest->Posted) {
		DrainPosted(Qtest, 0, 0);
		return;
	}
	Answer = Qtest->Dead ? NULL : NextAnswer(Qtest, 0);
	if (Answer)
		SimLog("bus: an answer that nobody asked for: %s", Answer);
}

static uint32_t ConfigRead(SIM_BUS *Bus, unsigned DeviceFunction, unsigned Offset, unsigned Width)
{
	QTEST *Qtest = FromBus(Bus);
	char Command[MAX_LINE];
	ULONG Value;

	snprintf(Command, sizeof(Command), "in%c %#x\n", WidthLetter(Width), CONFIG_DATA + (Offset & 3u));
	HostLockAcquire(&Qtest->Lock);
	SelectConfig(Qtest, DeviceFunction, Offset);
	Value = (ULONG)Ask(Qtest, Command);
	HostLockRelease(&Qtest->Lock);
	return Value;
}

static void ConfigWrite(SIM_BUS *Bus, unsigned DeviceFunction, unsigned Offset, unsigned Width, uint32_t Value)
{
	QTEST *Qtest = FromBus(Bus);
	char Command[MAX_LINE];

	snprintf(Command, sizeof(Command), "out%c %#x %#x\n", WidthLetter(Width), CONFIG_DATA + (Offset & 3u),
		(unsigned)Value);
	HostLockAcquire(&Qtest->Lock);
	SelectConfig(Qtest, DeviceFunction, Offset);
	Post(Qtest, Command);
	HostLockRelease(&Qtest->Lock);
}

static uint64_t MmioRead(SIM_BUS *Bus, uint64_t Physical, unsigned Width)
{
	QTEST *Qtest = FromBus(Bus);
	char Command[MAX_LINE];
	ULONG64 Value;

	snprintf(Command, sizeof(Command), "read%c %#" PRIx64 "\n", WidthLetter(Width), Physical);
	HostLockAcquire(&Qtest->Lock);
	Value = Ask(Qtest, Command);
	HostLockRelease(&Qtest->Lock);
	return Value & (UINT64_MAX >> (64 - 8 * Width));
}

static void MmioWrite(SIM_BUS *Bus, uint64_t Physical, unsigned Width, uint64_t Value)
{
	QTEST *Qtest = FromBus(Bus);
	char Command[MAX_LINE];

	snprintf(Command, sizeof(Command), "write%c %#" PRIx64 " %#" PRIx64 "\n", WidthLetter(Width), Physical, Value);
	HostLockAcquire(&Qtest->Lock);
	Post(Qtest, Command);
	HostLockRelease(&Qtest->Lock);
}

static bool LineAsserted(SIM_BUS *Bus)
{
	QTEST *Qtest = FromBus(Bus);
	bool Raised;

	HostLockAcquire(&Qtest->Lock);
	TakeIn(Qtest);
	Raised = Qtest->Raised != 0;
	HostLockRelease(&Qtest->Lock);
	return Raised;
}

/* Notices the end of a device process that nobody asks anything. */
static void Poll(SIM_BUS *Bus)
{
	QTEST *Qtest = FromBus(Bus);

	HostLockAcquire(&Qtest->Lock);
	TakeIn(Qtest);
	HostLockRelease(&Qtest->Lock);
}

static void Close(SIM_BUS *Bus)
{
	QTEST *Qtest = FromBus(Bus);

	HostCloseDescriptor(Qtest->Socket);
	HostLockDestroy(&Qtest->Lock);
	free(Qtest);
}

static const SIM_BUS_OPERATIONS Operations = {
	.ConfigRead = ConfigRead,
	.ConfigWrite = ConfigWrite,
	.MmioRead = MmioRead,
	.MmioWrite = MmioWrite,
	.LineAsserted = LineAsserted,
	.Poll = Poll,
	.Close = Close,
};

int SimQtestOpen(const char *Path, bool Lines, SIM_BUS **Bus)
{
	QTEST *Qtest = calloc(1, sizeof(*Qtest));

	*Bus = NULL;
	if (!Qtest)
		return -ENOMEM;
	Qtest->Socket = HostConnect(Path);
	if (Qtest->Socket < 0) {
		int Error = Qtest->Socket;

		SimLog("bus: cannot connect to %s (error %d): is the device process running?", Path, -Error);
		free(Qtest);
		return Error;
	}
	Qtest->Bus.Operations = &Operations;
	HostLockInit(&Qtest->Lock);
	if (Lines)
		Post(Qtest, "irq_intercept_in ioapic\n");
	*Bus = &Qtest->Bus;
	return 0;
}
