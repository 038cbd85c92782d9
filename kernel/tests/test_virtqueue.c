/* SPDX-License-Identifier: MIT */
/* The queue against a device that this file plays, by the rings in memory alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "virtqueue.h"

typedef struct _FIXTURE {
	VIRTQUEUE Queue;
	VIRTQUEUE_LAYOUT Layout;
	PUCHAR Memory;
	VIRTQUEUE_TOKEN *Tokens;
	USHORT SeenByDevice; /* of the available ring */
} FIXTURE;

static void Start(FIXTURE *Fixture, USHORT Size, BOOLEAN EventIdx)
{
	VirtqueueLayout(Size, &Fixture->Layout);
	Fixture->Memory = malloc(Fixture->Layout.Total); /* exact: the sanitizer sees a byte too far */
	Fixture->Tokens = malloc(Size * sizeof(*Fixture->Tokens));
	Fixture->SeenByDevice = 0;
	VirtqueueInit(&Fixture->Queue, Size, EventIdx, Fixture->Memory, Fixture->Tokens);
}

static void End(FIXTURE *Fixture)
{
	free(Fixture->Memory);
	free(Fixture->Tokens);
}

static USHORT *Available(FIXTURE *Fixture)
{
	return (USHORT *)(Fixture->Memory + Fixture->Layout.Available);
}

static USHORT *Used(FIXTURE *Fixture)
{
	return (USHORT *)(Fixture->Memory + Fixture->Layout.Used);
}

/* A request of 32 bytes and an answer of 24. */
static BOOLEAN Add(FIXTURE *Fixture, ULONG64 Table, uintptr_t Token)
{
	VIRTQUEUE_DESC Chain[2] = {{0x1000, 32, 0, 0}, {0x2000, 24, VIRTQUEUE_DESC_WRITE, 0}};

	return VirtqueueAdd(&Fixture->Queue, Chain, 2, Table, (PVOID)Token);
}

static USHORT DeviceFetch(FIXTURE *Fixture)
{
	assert_int_not_equal(Available(Fixture)[1], Fixture->SeenByDevice);
	return Available(Fixture)[2 + Fixture->SeenByDevice++ % Fixture->Queue.Size];
}

static void DeviceAnswer(FIXTURE *Fixture, ULONG Id, ULONG Written)
{
	ULONG *Element = (ULONG *)&Used(Fixture)[2 + 4 * (Used(Fixture)[1] % Fixture->Queue.Size)];

	Element[0] = Id;
	Element[1] = Written;
	Used(Fixture)[1]++;
}

static void TakeExpect(FIXTURE *Fixture, uintptr_t Token, ULONG Written)
{
	PVOID Got;
	ULONG Bytes;

	assert_true(VirtqueueTake(&Fixture->Queue, &Got, &Bytes));
	assert_int_equal((uintptr_t)Got, Token);
	assert_int_equal(Bytes, Written);
}

static void TakeNothing(FIXTURE *Fixture, BOOLEAN Broken)
{
	PVOID Got;
	ULONG Bytes;

	assert_false(VirtqueueTake(&Fixture->Queue, &Got, &Bytes));
	assert_int_equal(Fixture->Queue.Broken, Broken);
}

static void DirectChain(void **State)
{
	FIXTURE Fixture;
	VIRTQUEUE_DESC *Table;
	USHORT Head;

	(void)State;
	Start(&Fixture, 8, FALSE);
	assert_true(Add(&Fixture, 0, 5));
	assert_int_equal(Available(&Fixture)[1], 0); /* not before it is published */
	assert_true(VirtqueuePublish(&Fixture.Queue));
	assert_false(VirtqueuePublish(&Fixture.Queue));
	Head = DeviceFetch(&Fixture);
	Table = (VIRTQUEUE_DESC *)Fixture.Memory;
	assert_int_equal(Table[Head].Address, 0x1000);
	assert_int_equal(Table[Head].Flags, VIRTQUEUE_DESC_NEXT);
	assert_int_equal(Table[Table[Head].Next].Address, 0x2000);
	assert_int_equal(Table[Table[Head].Next].Flags, VIRTQUEUE_DESC_WRITE);
	DeviceAnswer(&Fixture, Head, 24);
	TakeExpect(&Fixture, 5, 24);
	TakeNothing(&Fixture, FALSE);
	End(&Fixture);
}

static void IndirectChain(void **State)
{
	VIRTQUEUE_DESC Chain[3] = {{0x1000, 32, 0, 9}, {0x5000, 64, 0, 9}, {0x2000, 24, VIRTQUEUE_DESC_WRITE, 9}};
	VIRTQUEUE_DESC *Table;
	FIXTURE Fixture;
	USHORT Head;

	(void)State;
	Start(&Fixture, 4, FALSE);
	assert_true(VirtqueueAdd(&Fixture.Queue, Chain, 3, 0x777000, &Fixture));
	(void)VirtqueuePublish(&Fixture.Queue);
	Head = DeviceFetch(&Fixture);
	Table = (VIRTQUEUE_DESC *)Fixture.Memory;
	assert_int_equal(Table[Head].Address, 0x777000);
	assert_int_equal(Table[Head].Length, 48);
	assert_int_equal(Table[Head].Flags, VIRTQUEUE_DESC_INDIRECT);
	assert_int_equal(Chain[0].Flags, VIRTQUEUE_DESC_NEXT);
	assert_int_equal(Chain[0].Next, 1);
	assert_int_equal(Chain[1].Next, 2);
	assert_int_equal(Chain[2].Flags, VIRTQUEUE_DESC_WRITE);
	assert_int_equal(Fixture.Queue.FreeCount, 3);
	DeviceAnswer(&Fixture, Head, 0);
	TakeExpect(&Fixture, (uintptr_t)&Fixture, 0);
	assert_int_equal(Fixture.Queue.FreeCount, 4);
	End(&Fixture);
}

static void FullRing(void **State)
{
	FIXTURE Fixture;

	(void)State;
	Start(&Fixture, 8, FALSE);
	for (uintptr_t Token = 1; Token <= 4; Token++)
		assert_true(Add(&Fixture, 0, Token));
	assert_false(Add(&Fixture, 0, 9));
	assert_false(Add(&Fixture, 0x4000, 9));
	(void)VirtqueuePublish(&Fixture.Queue);
	DeviceAnswer(&Fixture, DeviceFetch(&Fixture), 24);
	TakeExpect(&Fixture, 1, 24);
	assert_true(Add(&Fixture, 0x4000, 5));
	assert_false(Add(&Fixture, 0, 9)); /* one descriptor is left, two are needed */
	assert_true(Add(&Fixture, 0x5000, 6));
	assert_false(Add(&Fixture, 0x5000, 9));
	End(&Fixture);
}

/* Past 65536 entries, answered out of order, direct and indirect mixed. */
static void WrapAround(void **State)
{
	FIXTURE Fixture;
	USHORT Heads[3];

	(void)State;
	Start(&Fixture, 8, TRUE);
	for (uintptr_t Round = 0; Round < 30000; Round++) {
		for (uintptr_t Index = 0; Index < 3; Index++)
			assert_true(Add(&Fixture, Index == 1 ? 0x9000 : 0, 3 * Round + Index + 1));
		(void)VirtqueuePublish(&Fixture.Queue);
		for (int Index = 0; Index < 3; Index++)
			Heads[Index] = DeviceFetch(&Fixture);
		DeviceAnswer(&Fixture, Heads[2], 1);
		DeviceAnswer(&Fixture, Heads[0], 2);
		TakeExpect(&Fixture, 3 * Round + 3, 1);
		DeviceAnswer(&Fixture, Heads[1], 3);
		TakeExpect(&Fixture, 3 * Round + 1, 2);
		TakeExpect(&Fixture, 3 * Round + 2, 3);
		assert_true(VirtqueueArm(&Fixture.Queue));
		assert_int_equal(Fixture.Queue.FreeCount, 8);
	}
	End(&Fixture);
}

static void BadAnswers(void **State)
{
	static const struct {
		ULONG Id;
		ULONG Written;
	} Answers[] = {{8, 0}, {0xffffffff, 0}, {7, 0}, {0, 25}, {0, 0xffffffff}, {1, 24} /* not a head */};
	FIXTURE Fixture;

	(void)State;
	for (size_t Index = 0; Index < RTL_NUMBER_OF(Answers); Index++) {
		Start(&Fixture, 8, FALSE);
		assert_true(Add(&Fixture, 0, 1));
		(void)VirtqueuePublish(&Fixture.Queue);
		assert_int_equal(DeviceFetch(&Fixture), 0);
		DeviceAnswer(&Fixture, Answers[Index].Id, Answers[Index].Written);
		TakeNothing(&Fixture, TRUE);
		TakeNothing(&Fixture, TRUE);
		assert_false(Add(&Fixture, 0, 2));
		assert_true(VirtqueueArm(&Fixture.Queue)); /* nothing more to look at */
		End(&Fixture);
	}
}

static void AnswerTwice(void **State)
{
	FIXTURE Fixture;
	USHORT Head;

	(void)State;
	Start(&Fixture, 8, FALSE);
	assert_true(Add(&Fixture, 0, 1));
	(void)VirtqueuePublish(&Fixture.Queue);
	Head = DeviceFetch(&Fixture);
	DeviceAnswer(&Fixture, Head, 24);
	DeviceAnswer(&Fixture, Head, 24);
	TakeExpect(&Fixture, 1, 24);
	TakeNothing(&Fixture, TRUE);
	End(&Fixture);
}

static void IndexTooFar(void **State)
{
	FIXTURE Fixture;

	(void)State;
	Start(&Fixture, 8, FALSE);
	Used(&Fixture)[1] = 9;
	TakeNothing(&Fixture, TRUE);
	End(&Fixture);
}

/* The device scribbles over the table that it may only read: the driver's own list holds. */
static void TableOverwritten(void **State)
{
	FIXTURE Fixture;

	(void)State;
	Start(&Fixture, 8, FALSE);
	for (int Round = 0; Round < 20; Round++) {
		assert_true(Add(&Fixture, 0, 1));
		(void)VirtqueuePublish(&Fixture.Queue);
		memset(Fixture.Memory, 0xff, Fixture.Layout.Available);
		DeviceAnswer(&Fixture, DeviceFetch(&Fixture), 24);
		TakeExpect(&Fixture, 1, 24);
		assert_int_equal(Fixture.Queue.FreeCount, 8);
	}
	End(&Fixture);
}

static void NotifyFlag(void **State)
{
	FIXTURE Fixture;

	(void)State;
	Start(&Fixture, 8, FALSE);
	assert_true(Add(&Fixture, 0x4000, 1));
	assert_true(VirtqueuePublish(&Fixture.Queue));
	Used(&Fixture)[0] = 1;
	assert_true(Add(&Fixture, 0x4000, 2));
	assert_false(VirtqueuePublish(&Fixture.Queue));
	End(&Fixture);
}

/* The device names in avail_event the entry that it wants to be told of. */
static void NotifyEvent(void **State)
{
	FIXTURE Fixture;
	USHORT *Event;

	(void)State;
	Start(&Fixture, 8, TRUE);
	Event = &Used(&Fixture)[2 + 4 * 8];
	Used(&Fixture)[0] = 1; /* counts for nothing now */
	*Event = 0;
	assert_true(Add(&Fixture, 0x4000, 1));
	assert_true(VirtqueuePublish(&Fixture.Queue));
	assert_true(Add(&Fixture, 0x4000, 2));
	assert_false(VirtqueuePublish(&Fixture.Queue)); /* it is still at work on the first */
	*Event = 3;
	assert_true(Add(&Fixture, 0x4000, 3));
	assert_false(VirtqueuePublish(&Fixture.Queue));
	assert_true(Add(&Fixture, 0x4000, 4));
	assert_true(Add(&Fixture, 0x4000, 5));
	assert_true(VirtqueuePublish(&Fixture.Queue)); /* the fourth entry is among the two */
	End(&Fixture);
}

static void InterruptEvent(void **State)
{
	FIXTURE Fixture;
	USHORT *Event;

	(void)State;
	Start(&Fixture, 8, TRUE);
	Event = &Available(&Fixture)[2 + 8];
	assert_true(Add(&Fixture, 0x4000, 1));
	assert_true(Add(&Fixture, 0x4000, 2));
	(void)VirtqueuePublish(&Fixture.Queue);
	DeviceAnswer(&Fixture, DeviceFetch(&Fixture), 24);
	TakeExpect(&Fixture, 1, 24);
	DeviceAnswer(&Fixture, DeviceFetch(&Fixture), 24); /* between the last look and arming */
	assert_false(VirtqueueArm(&Fixture.Queue));
	TakeExpect(&Fixture, 2, 24);
	assert_true(VirtqueueArm(&Fixture.Queue));
	assert_int_equal(*Event, 2);
	End(&Fixture);
}

static void LargestSize(void **State)
{
	FIXTURE Fixture;

	(void)State;
	Start(&Fixture, VIRTQUEUE_MAX_SIZE, TRUE);
	for (uintptr_t Token = 1; Token <= VIRTQUEUE_MAX_SIZE; Token++)
		assert_true(Add(&Fixture, 0x4000, Token));
	assert_false(Add(&Fixture, 0x4000, 1));
	(void)VirtqueuePublish(&Fixture.Queue);
	for (uintptr_t Token = 1; Token <= VIRTQUEUE_MAX_SIZE; Token++)
		DeviceAnswer(&Fixture, DeviceFetch(&Fixture), 24);
	for (uintptr_t Token = 1; Token <= VIRTQUEUE_MAX_SIZE; Token++)
		TakeExpect(&Fixture, Token, 24);
	TakeNothing(&Fixture, FALSE);
	End(&Fixture);
}

int main(void)
{
	const struct CMUnitTest Tests[] = {
		cmocka_unit_test(DirectChain),
		cmocka_unit_test(IndirectChain),
		cmocka_unit_test(FullRing),
		cmocka_unit_test(WrapAround),
		cmocka_unit_test(BadAnswers),
		cmocka_unit_test(AnswerTwice),
		cmocka_unit_test(IndexTooFar),
		cmocka_unit_test(TableOverwritten),
		cmocka_unit_test(NotifyFlag),
		cmocka_unit_test(NotifyEvent),
		cmocka_unit_test(InterruptEvent),
		cmocka_unit_test(LargestSize),
	};

	return cmocka_run_group_tests(Tests, NULL, NULL);
}
