/* SPDX-License-Identifier: MIT */
/* Several threads of user programs that do anything, on the model device and the machine's own scheduler. */
#include "actor.h"
#include "driver_test.h"
#include "../../sim/host/host.h"

#define THREADS 4
#define STEPS 1500

typedef struct PROGRAM {
	ACTOR_WORLD *World;
	uint64_t Random;
} PROGRAM;

static uint32_t Choose(void *Context, uint32_t Limit)
{
	uint64_t *Random = Context;

	*Random = *Random * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)(*Random >> 33) % Limit;
}

static void Run(void *Context)
{
	PROGRAM *Program = Context;

	for (unsigned Step = 0; Step < STEPS; Step++)
		ActorStep(Program->World, Choose, &Program->Random);
	ActorThreadEnd(Program->World);
}

static void RunAll(const ACTOR_OPTIONS *Options)
{
	SIM_BUS *Bus = DriverStartFake(SimInterruptsMessage);
	ACTOR_WORLD *World = ActorWorldCreate(Options);
	PROGRAM Programs[THREADS];
	HOST_THREAD *Threads[THREADS];

	for (unsigned i = 0; i < THREADS; i++) {
		Programs[i] = (PROGRAM){World, i + 1};
		assert_int_equal(HostThreadCreate(&Threads[i], "actor", Run, &Programs[i]), 0);
	}
	for (unsigned i = 0; i < THREADS; i++)
		HostThreadJoin(Threads[i]);
	ActorWorldEnd(World);
	assert_true(FakeVirtioCounts(Bus).Commands > STEPS / 4);
	assert_int_equal(FakeVirtioCounts(Bus).Contexts, 0);
	assert_int_equal(FakeVirtioCounts(Bus).Resources, 0);
	DriverStop();
}

static void RightAndWrong(void **State)
{
	(void)State;
	RunAll(&(ACTOR_OPTIONS){.Strict = true, .Calm = true});
}

static void Anything(void **State)
{
	(void)State;
	RunAll(&(ACTOR_OPTIONS){.Strict = false});
}

/* With a name: that test alone. */
int main(int Arguments, char **Argument)
{
	const struct CMUnitTest Tests[] = {
		cmocka_unit_test(RightAndWrong),
		cmocka_unit_test(Anything),
	};

	if (Arguments > 1)
		cmocka_set_test_filter(Argument[1]);
	return cmocka_run_group_tests(Tests, NULL, NULL);
}
