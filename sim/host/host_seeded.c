/* SPDX-License-Identifier: MIT */
/* host_seeded.c - see host_seeded.h. Threads are stacks, switched by hand; memory and streams are host_linux_*.c. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "host.h"
#include "host_seeded.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1 /* as gcc says it */
#endif
#endif

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

#define STACK_BYTES (512u << 10)
#define SPARE_STACKS 32
#define POINT_NS 40 /* by which the clock rises with each decision */
#define YIELD_NS 500
#define DEFAULT_STEPS 50000000ull
#define DEFAULT_NS 3600000000000ull
#define EPOCH_NS 1700000000000000000ull /* of the wall clock */

typedef struct HOST_THREAD FIBER;
struct HOST_THREAD {
	FIBER *Next;
	void *StackPointer;
	uint8_t *Stack; /* NULL: the process' own thread */
	const void *StackBottom; /* for the sanitizer */
	size_t StackSize;
	void *FakeStack;
	HOST_THREAD_ROUTINE Routine;
	void *Context;
	const char *Name;
	uint64_t Id;
	void *Value;
	const void *WaitsFor; /* NULL: it can run */
	uint64_t Wakes; /* virtual time; HOST_FOREVER: nothing but a signal */
	bool TimedOut;
	bool Ended;
	uint32_t Weight; /* in the choice of who goes on */
};

typedef struct LOCK {
	FIBER *Owner;
} LOCK;

static FIBER Main = {.Name = "main", .Id = 1, .Wakes = HOST_FOREVER, .Weight = 1};
static struct {
	HOST_SEEDED_OPTIONS Options;
	bool Running;
	FIBER *Current;
	FIBER *All;
	uint64_t LastId;
	uint64_t Now;
	uint64_t MostNow;
	uint64_t Random;
	uint64_t Hash;
	uint64_t Steps;
	uint32_t SwitchOneIn; /* how often a thread that could go on does not */
	uint32_t JumpOneIn; /* how often a sleeper wakes though others run */
	uint8_t *Spare[SPARE_STACKS];
	unsigned Spares;
} Seeded = {.Current = &Main};

/* ---- decisions ---- */
static void Mix(uint64_t Value)
{
	Seeded.Hash = (Seeded.Hash ^ Value) * 0x100000001b3ull;
}

static uint64_t Next64(void)
{
	uint64_t Mixed = Seeded.Random += 0x9e3779b97f4a7c15ull;

	Mixed = (Mixed ^ (Mixed >> 30)) * 0xbf58476d1ce4e5b9ull;
	Mixed = (Mixed ^ (Mixed >> 27)) * 0x94d049bb133111ebull;
	return Mixed ^ (Mixed >> 31);
}

uint32_t HostSeededChoose(uint32_t Limit)
{
	uint32_t Value;

	if (Limit < 2)
		return 0;
	if (Seeded.Options.Choose)
		Value = Seeded.Options.Choose(Seeded.Options.Context, Limit);
	else
		Value = (uint32_t)(Next64() >> 32) % Limit;
	Mix(Value);
	return Value;
}

bool HostSeededOneIn(uint32_t Count)
{
	return HostSeededChoose(Count) == Count - 1; /* a chooser that has run dry gives zeros */
}

uint64_t HostSeededSteps(void)
{
	return Seeded.Steps;
}

static _Noreturn void Stuck(const char *Why)
{
	fprintf(stderr, "host: %s after %llu decisions, at %llu us\n", Why, (unsigned long long)Seeded.Steps,
		(unsigned long long)(Seeded.Now / 1000));
	for (const FIBER *Fiber = Seeded.All; Fiber; Fiber = Fiber->Next) {
		if (!Fiber->Ended)
			fprintf(stderr, "host:   thread %llu (%s) %s%p\n", (unsigned long long)Fiber->Id, Fiber->Name,
				Fiber->WaitsFor ? "waits for " : "can run ", Fiber->WaitsFor);
	}
	abort();
}

/* ---- stacks ---- */
/* Saves the callee's registers on this stack, its pointer at *Save, and goes on with the other stack. */
void HostSeededSwap(void **Save, void *Load);
__asm__(".text\n"
	".globl HostSeededSwap\n"
	".type HostSeededSwap, @function\n"
	"HostSeededSwap:\n"
	"	pushq %rbp\n"
	"	pushq %rbx\n"
	"	pushq %r12\n"
	"	pushq %r13\n"
	"	pushq %r14\n"
	"	pushq %r15\n"
	"	movq %rsp, (%rdi)\n"
	"	movq %rsi, %rsp\n"
	"	popq %r15\n"
	"	popq %r14\n"
	"	popq %r13\n"
	"	popq %r12\n"
	"	popq %rbx\n"
	"	popq %rbp\n"
	"	ret\n"
	".size HostSeededSwap, .-HostSeededSwap\n");

/* On the new stack, first of all. */
static void Arrived(void)
{
#if defined(__SANITIZE_ADDRESS__)
	const void *Bottom;
	size_t Size;

	__sanitizer_finish_switch_fiber(Seeded.Current->FakeStack, &Bottom, &Size);
	if (!Main.StackBottom) { /* the first switch is away from it */
		Main.StackBottom = Bottom;
		Main.StackSize = Size;
	}
#endif
}

static void SwitchTo(FIBER *To)
{
	FIBER *From = Seeded.Current;

	Mix(To->Id << 32);
	if (Seeded.Options.Trace)
		fprintf(stderr, "host: %llu us: %s %llu\n", (unsigned long long)(Seeded.Now / 1000), To->Name,
			(unsigned long long)To->Id);
	if (To == From)
		return;
	Seeded.Current = To;
#if defined(__SANITIZE_ADDRESS__)
	__sanitizer_start_switch_fiber(From->Ended ? NULL : &From->FakeStack, To->StackBottom, To->StackSize);
#endif
	HostSeededSwap(&From->StackPointer, To->StackPointer);
	Arrived();
}

/* ---- who goes on ---- */
static uint64_t EarliestWake(void)
{
	uint64_t Earliest = HOST_FOREVER;

	for (const FIBER *Fiber = Seeded.All; Fiber; Fiber = Fiber->Next) {
		if (Fiber->WaitsFor && !Fiber->Ended && Fiber->Wakes < Earliest)
			Earliest = Fiber->Wakes;
	}
	return Earliest;
}

static void Wake(FIBER *Fiber, bool TimedOut)
{
	Fiber->WaitsFor = NULL;
	Fiber->Wakes = HOST_FOREVER;
	Fiber->TimedOut = TimedOut;
}

static void WakeDue(void)
{
	for (FIBER *Fiber = Seeded.All; Fiber; Fiber = Fiber->Next) {
		if (Fiber->WaitsFor && !Fiber->Ended && Fiber->Wakes <= Seeded.Now)
			Wake(Fiber, true);
	}
}

static void PassTime(uint64_t Until)
{
	if (Until > Seeded.Now)
		Seeded.Now = Until;
	if (Seeded.Now > Seeded.MostNow)
		Stuck("too much time has passed");
	WakeDue();
}

static uint32_t ReadyWeight(const FIBER *But)
{
	uint32_t Weight = 0;

	for (const FIBER *Fiber = Seeded.All; Fiber; Fiber = Fiber->Next) {
		if (!Fiber->WaitsFor && !Fiber->Ended && Fiber != But)
			Weight += Fiber->Weight;
	}
	return Weight;
}

static FIBER *ChooseReady(uint32_t Total, const FIBER *But)
{
	uint32_t Which = HostSeededChoose(Total);
	FIBER *Fiber = Seeded.All;

	for (;; Fiber = Fiber->Next) {
		if (Fiber->WaitsFor || Fiber->Ended || Fiber == But)
			continue;
		if (Which < Fiber->Weight)
			return Fiber;
		Which -= Fiber->Weight;
	}
}

/* Some thread goes on: another than But if there is one. */
static void GoOn(const FIBER *But)
{
	uint32_t Total = ReadyWeight(But);

	if (Total == 0 && But) {
		PassTime(Seeded.Now + YIELD_NS);
		return;
	}
	while (Total == 0) {
		uint64_t Earliest = EarliestWake();

		if (Earliest == HOST_FOREVER)
			Stuck("every thread waits");
		PassTime(Earliest);
		Total = ReadyWeight(But);
	}
	SwitchTo(ChooseReady(Total, But));
}

/* Counts a decision and lets a little time pass. */
static void Step(void)
{
	if (++Seeded.Steps > Seeded.Options.MostSteps)
		Stuck("too many decisions");
	PassTime(Seeded.Now + POINT_NS);
	if (HostSeededOneIn(Seeded.JumpOneIn)) {
		uint64_t Earliest = EarliestWake();

		if (Earliest != HOST_FOREVER && Earliest - Seeded.Now <= Seeded.Options.MostJumpNs)
			PassTime(Earliest);
	}
}

void HostPoint(void)
{
	if (!Seeded.Running)
		return;
	Step();
	if (HostSeededOneIn(Seeded.SwitchOneIn))
		GoOn(NULL);
}

static bool Block(const void *WaitsFor, uint64_t Wakes)
{
	FIBER *Self = Seeded.Current;

	if (!Seeded.Running)
		Stuck("a wait of the only thread");
	Step();
	Self->WaitsFor = WaitsFor;
	Self->Wakes = Wakes;
	Self->TimedOut = false;
	GoOn(NULL);
	return !Self->TimedOut;
}

static void WakeAll(const void *WaitsFor)
{
	for (FIBER *Fiber = Seeded.All; Fiber; Fiber = Fiber->Next) {
		if (Fiber->WaitsFor == WaitsFor && !Fiber->Ended)
			Wake(Fiber, false);
	}
}

/* ---- start and stop ---- */
void HostSeededAgain(const HOST_SEEDED_OPTIONS *Options)
{
	Seeded.Options = *Options;
	if (!Seeded.Options.MostSteps)
		Seeded.Options.MostSteps = DEFAULT_STEPS;
	Seeded.MostNow = Seeded.Now + (Options->MostNs ? Options->MostNs : DEFAULT_NS);
	Seeded.Random = Options->Seed;
	Seeded.Hash = 0xcbf29ce484222325ull;
	Seeded.Steps = 0;
	Seeded.SwitchOneIn = 1u << HostSeededChoose(6);
	Seeded.JumpOneIn = 16u << HostSeededChoose(6);
}

void HostSeededStart(const HOST_SEEDED_OPTIONS *Options)
{
	Seeded.Now = 0;
	Seeded.LastId = Main.Id;
	Seeded.All = Seeded.Current = &Main;
	Main.Next = NULL;
	Main.Value = NULL;
	HostSeededAgain(Options);
	Seeded.Running = true;
}

uint64_t HostSeededStop(void)
{
	if (Main.Next || Seeded.All != &Main)
		Stuck("threads are left at the end");
	Seeded.Running = false;
	return Seeded.Hash;
}

/* ---- threads ---- */
static void (*OnThreadEnd)(void);

void HostOnThreadEnd(void (*Ended)(void))
{
	OnThreadEnd = Ended;
}

static void ThreadMain(void)
{
	FIBER *Self = Seeded.Current;

	Arrived();
	Self->Routine(Self->Context);
	if (OnThreadEnd)
		OnThreadEnd();
	Self->Ended = true;
	WakeAll(Self);
	GoOn(NULL);
	abort();
}

static uint8_t *StackGet(void)
{
	void *Stack;

	if (Seeded.Spares > 0)
		return Seeded.Spare[--Seeded.Spares];
	Stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
	if (Stack == MAP_FAILED)
		abort();
	mprotect(Stack, HOST_PAGE_SIZE, PROT_NONE);
	return Stack;
}

static void StackGive(uint8_t *Stack)
{
#if defined(__SANITIZE_ADDRESS__)
	__asan_unpoison_memory_region(Stack, STACK_BYTES);
#endif
	if (Seeded.Spares < SPARE_STACKS)
		Seeded.Spare[Seeded.Spares++] = Stack;
	else
		munmap(Stack, STACK_BYTES);
}

int HostThreadCreate(HOST_THREAD **Thread, const char *Name, HOST_THREAD_ROUTINE Routine, void *Context)
{
	FIBER *New = calloc(1, sizeof(*New));
	void **Top;

	if (!New || !Seeded.Running)
		abort();
	New->Stack = StackGet();
	New->StackBottom = New->Stack + HOST_PAGE_SIZE;
	New->StackSize = STACK_BYTES - HOST_PAGE_SIZE;
	Top = (void **)(void *)(New->Stack + STACK_BYTES);
	*--Top = NULL; /* the stack is aligned as after a call when the routine starts */
	*--Top = (void *)(uintptr_t)ThreadMain;
	New->StackPointer = Top - 6; /* registers, all zero */
	memset(New->StackPointer, 0, 6 * sizeof(void *));
	New->Routine = Routine;
	New->Context = Context;
	New->Name = Name;
	New->Id = ++Seeded.LastId;
	New->Wakes = HOST_FOREVER;
	New->Weight = 1u << 3 * HostSeededChoose(3);
	New->Next = Seeded.All;
	Seeded.All = New;
	*Thread = New;
	HostPoint();
	return 0;
}

void HostThreadJoin(HOST_THREAD *Thread)
{
	FIBER **Link = &Seeded.All;

	while (!Thread->Ended)
		Block(Thread, HOST_FOREVER);
	while (*Link != Thread)
		Link = &(*Link)->Next;
	*Link = Thread->Next;
	StackGive(Thread->Stack);
	free(Thread);
}

uint64_t HostThreadId(void)
{
	return Seeded.Current->Id;
}

void *HostThreadValue(void)
{
	return Seeded.Current->Value;
}

void HostThreadSetValue(void *Value)
{
	Seeded.Current->Value = Value;
}

void HostThreadYield(void)
{
	if (!Seeded.Running)
		return;
	Step();
	GoOn(Seeded.Current);
}

void HostSleep(uint64_t Nanoseconds)
{
	if (Nanoseconds > 0 && Seeded.Running)
		Block(&Seeded, Seeded.Now + Nanoseconds);
	else
		HostThreadYield();
}

uint64_t HostNow(void)
{
	return Seeded.Now;
}

uint64_t HostWallTime(void)
{
	return EPOCH_NS + Seeded.Now;
}

/* ---- locks and conditions ---- */
void HostLockInit(HOST_LOCK *Lock)
{
	((LOCK *)Lock)->Owner = NULL;
}

void HostLockDestroy(HOST_LOCK *Lock)
{
	if (((LOCK *)Lock)->Owner)
		Stuck("a lock is destroyed while it is held");
}

void HostLockAcquire(HOST_LOCK *Handle)
{
	LOCK *Lock = (LOCK *)Handle;

	HostPoint();
	if (Lock->Owner == Seeded.Current)
		Stuck("a lock is taken twice");
	while (Lock->Owner)
		Block(Lock, HOST_FOREVER);
	Lock->Owner = Seeded.Current;
}

void HostLockRelease(HOST_LOCK *Handle)
{
	LOCK *Lock = (LOCK *)Handle;

	if (Lock->Owner != Seeded.Current)
		Stuck("a lock is released by another thread");
	Lock->Owner = NULL;
	WakeAll(Lock);
	HostPoint();
}

void HostConditionInit(HOST_CONDITION *Condition)
{
	(void)Condition;
}

void HostConditionDestroy(HOST_CONDITION *Condition)
{
	(void)Condition;
}

bool HostConditionWait(HOST_CONDITION *Condition, HOST_LOCK *Handle, uint64_t TimeoutNs)
{
	LOCK *Lock = (LOCK *)Handle;
	uint64_t Wakes = TimeoutNs > HOST_FOREVER - Seeded.Now ? HOST_FOREVER : Seeded.Now + TimeoutNs;
	bool Signalled;

	if (Lock->Owner != Seeded.Current)
		Stuck("a condition is waited for without its lock");
	Lock->Owner = NULL;
	WakeAll(Lock);
	Signalled = Block(Condition, Wakes);
	while (Lock->Owner)
		Block(Lock, HOST_FOREVER);
	Lock->Owner = Seeded.Current;
	return Signalled;
}

void HostConditionSignalAll(HOST_CONDITION *Condition)
{
	WakeAll(Condition);
	HostPoint();
}
