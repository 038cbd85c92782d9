/* SPDX-License-Identifier: MIT */
/* driver_threads.c - several threads use the driver at once, each with handles of its own. On the model device. */
#include "driver.h"

#include <pthread.h>
#include <string.h>
#include <sys/mman.h>

#define THREADS 4
#define ROUNDS 40
#define SUBMITS 8
#define ARENA_SIZE 32768
#define ARENA_ID 3

static void Round(UCHAR *Arena, int Number)
{
	SIM_USER_FILE *File = DriverOpen();
	uint32_t Context = DriverContext(File);
	struct vgpu_resource Resource = {0};
	HARNESS_REQUEST Pin;
	uint64_t Fence = 0;

	DriverPin(File, ARENA_ID, Arena, ARENA_SIZE, &Pin);
	Resource.resource_id = DriverTexture(File, Context, 32, 32, ARENA_ID, 4096);
	for (int i = 0; i < SUBMITS; i++)
		Fence = DriverSubmit(File, Context, ARENA_ID, 0, 64);
	if (Number % 2) {
		DriverFenceWait(File, Context, Fence);
		assert_int_equal(Fence, SUBMITS);
		assert_int_equal(
			DriverTell(File, VGPU_IOCTL_RESOURCE_DESTROY, &Resource, sizeof(Resource)), STATUS_SUCCESS);
	}
	SimUserClose(File); /* every other time with all of it in flight */
	HarnessWait(&Pin);
}

static void *Work(void *Unused)
{
	UCHAR *Arena = mmap(NULL, ARENA_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)Unused;
	assert_true(Arena != MAP_FAILED);
	memset(Arena, 0x77, ARENA_SIZE);
	for (int i = 0; i < ROUNDS; i++)
		Round(Arena, i);
	for (int i = 0; i < ARENA_SIZE; i++)
		assert_int_equal(Arena[i], 0x77);
	munmap(Arena, ARENA_SIZE);
	SimUserThreadEnd();
	return NULL;
}

static void Run(SIM_INTERRUPTS Interrupts)
{
	SIM_BUS *Bus = HarnessStartFake(Interrupts, 5000);
	pthread_t Threads[THREADS];
	FAKE_COUNTS Counts;

	assert_int_equal(SimLoadDriver(FxDriverEntry, FAKE_VIRTIO_VENDOR, FAKE_VIRTIO_DEVICE), STATUS_SUCCESS);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&Threads[i], NULL, Work, NULL), 0);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(Threads[i], NULL), 0);
	assert_int_equal(SimPowerDown(), STATUS_SUCCESS);
	Counts = FakeVirtioCounts(Bus);
	assert_int_equal(Counts.Errors, 0);
	assert_int_equal(Counts.Contexts, 0);
	assert_int_equal(Counts.Resources, 0);
	assert_int_equal(SimStop(), 0);
}

static void Messages(void **State)
{
	(void)State;
	Run(SimInterruptsMessage);
}

static void Line(void **State)
{
	(void)State;
	Run(SimInterruptsLine);
}

int main(void)
{
	const struct CMUnitTest Tests[] = {
		cmocka_unit_test(Messages),
		cmocka_unit_test(Line),
	};

	return cmocka_run_group_tests_name("driver threads", Tests, NULL, NULL);
}
