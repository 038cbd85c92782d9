/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fake_os.h"
#include "vgpu_client.h"
#include "vgpu_heap.h"
#include "vgpu_pool.h"
#include "vgpu_timeline.h"

#define HEAP_SIZE (1u << 20)
#define MiB (1u << 20)

/* ---- heap ---- */

static void test_heap_alignment(void **state)
{
	struct vgpu_heap heap;
	struct vgpu_range_node *small, *page;

	(void)state;
	assert_true(vgpu_heap_init(&heap, HEAP_SIZE));
	small = vgpu_heap_alloc(&heap, vgpu_heap_round(1));
	page = vgpu_heap_alloc(&heap, vgpu_heap_round(VGPU_HEAP_PAGE + 1));
	assert_int_equal(small->size, VGPU_HEAP_ALIGNMENT);
	assert_int_equal(page->offset % VGPU_HEAP_PAGE, 0);
	assert_int_equal(page->size, 2 * VGPU_HEAP_PAGE);
	assert_true(page->offset >= small->offset + small->size);
	vgpu_heap_free(small);
	vgpu_heap_free(page);
	assert_int_equal(heap.used, 0);
	vgpu_heap_fini(&heap);
}

static void test_heap_is_whole_after_everything_was_freed(void **state)
{
	struct vgpu_range_node *nodes[64], *whole;
	struct vgpu_heap heap;

	(void)state;
	assert_true(vgpu_heap_init(&heap, HEAP_SIZE));
	for (unsigned i = 0; i < 64; i++)
		assert_non_null(nodes[i] = vgpu_heap_alloc(&heap, HEAP_SIZE / 64));
	assert_null(vgpu_heap_alloc(&heap, VGPU_HEAP_ALIGNMENT));
	for (unsigned i = 0; i < 64; i += 2)
		vgpu_heap_free(nodes[i]);
	assert_null(vgpu_heap_alloc(&heap, HEAP_SIZE / 32)); /* free, but in pieces */
	for (unsigned i = 1; i < 64; i += 2)
		vgpu_heap_free(nodes[i]);
	whole = vgpu_heap_alloc(&heap, HEAP_SIZE);
	assert_non_null(whole);
	assert_int_equal(whole->offset, 0);
	vgpu_heap_free(whole);
	vgpu_heap_fini(&heap);
}

/* Random requests against a map of what is taken. */
static void test_heap_never_gives_a_byte_twice(void **state)
{
	enum { SLOTS = 128, UNIT = VGPU_HEAP_ALIGNMENT };
	static uint8_t taken[HEAP_SIZE / UNIT];
	struct vgpu_range_node *nodes[SLOTS] = {0};
	struct vgpu_heap heap;
	uint32_t seed = 12345;

	(void)state;
	memset(taken, 0, sizeof(taken));
	assert_true(vgpu_heap_init(&heap, HEAP_SIZE));
	for (unsigned step = 0; step < 20000; step++) {
		struct vgpu_range_node **node;
		uint64_t size;

		seed = seed * 1664525u + 1013904223u;
		node = &nodes[seed >> 8 & (SLOTS - 1)];
		size = vgpu_heap_round(seed >> 16 & 0x3fff);
		if (*node) {
			memset(&taken[(*node)->offset / UNIT], 0, (*node)->size / UNIT);
			vgpu_heap_free(*node);
			*node = NULL;
		} else if ((*node = vgpu_heap_alloc(&heap, size))) {
			assert_true((*node)->size >= size);
			assert_true((*node)->offset + (*node)->size <= HEAP_SIZE);
			for (uint64_t i = 0; i < (*node)->size / UNIT; i++)
				assert_int_equal(taken[(*node)->offset / UNIT + i]++, 0);
		}
	}
	for (unsigned i = 0; i < SLOTS; i++) {
		if (nodes[i])
			vgpu_heap_free(nodes[i]);
	}
	assert_int_equal(heap.used, 0);
	assert_int_equal(heap.first->size, HEAP_SIZE);
	vgpu_heap_fini(&heap);
}

/* ---- timeline and pool ---- */

struct fixture {
	struct vgpu_client *client;
	struct vgpu_timeline timeline;
	struct vgpu_pool pool;
	uint64_t completed; /* what the driver writes */
};

static struct fixture fixture;

static int setup(void **state)
{
	(void)state;
	fake_os_reset();
	fixture.completed = 0;
	if (vgpu_client_open(0, &fixture.client) != VGPU_OK)
		return -1;
	vgpu_timeline_init(&fixture.timeline, fixture.client, 1, &fixture.completed);
	vgpu_pool_init(&fixture.pool, fixture.client);
	fixture.pool.timeline = &fixture.timeline;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fake_os.handler = NULL;
	fake_os.hold_pins = false;
	vgpu_pool_fini(&fixture.pool);
	vgpu_client_close(fixture.client);
	return fake_os.live_pins || fake_os.live_pages || fake_os.live_chunks ? -1 : 0;
}

static uint32_t wait_answer;

static uint32_t answer_wait(uint32_t code, const void *input, size_t input_size, void *output, size_t output_size,
	size_t *returned, uint32_t timeout_ms)
{
	(void)input, (void)input_size, (void)output, (void)output_size, (void)returned, (void)timeout_ms;
	return code == VGPU_IOCTL_WAIT ? wait_answer : FAKE_DEFAULT;
}

static void test_asking_costs_no_request(void **state)
{
	const unsigned calls = fake_os.calls;

	(void)state;
	assert_true(vgpu_timeline_done(&fixture.timeline, 0));
	assert_false(vgpu_timeline_done(&fixture.timeline, 1));
	assert_false(vgpu_timeline_wait(&fixture.timeline, 1, 0));
	fixture.completed = UINT64_C(0x100000002);
	assert_int_equal(vgpu_timeline_completed(&fixture.timeline), fixture.completed);
	assert_true(vgpu_timeline_wait(&fixture.timeline, UINT64_C(0x100000002), VGPU_TIMEOUT_INFINITE));
	assert_false(vgpu_timeline_done(&fixture.timeline, UINT64_C(0x100000003)));
	assert_int_equal(fake_os.calls, calls);
}

static void test_waits(void **state)
{
	(void)state;
	fake_os.handler = answer_wait;
	wait_answer = VGPU_OS_SEM_TIMEOUT;
	assert_false(vgpu_timeline_wait(&fixture.timeline, 1, 1000));
	assert_false(fixture.timeline.lost);
	wait_answer = 0;
	assert_true(vgpu_timeline_wait(&fixture.timeline, 1, VGPU_TIMEOUT_INFINITE));
	assert_false(fixture.timeline.lost);
}

static void test_a_lost_device_ends_every_wait(void **state)
{
	(void)state;
	fake_os.handler = answer_wait;
	wait_answer = VGPU_OS_DEVICE_REQUIRES_CLEANING;
	assert_true(vgpu_timeline_wait(&fixture.timeline, 5, 1000));
	assert_true(fixture.timeline.lost);
	assert_true(vgpu_timeline_done(&fixture.timeline, UINT64_MAX));
	assert_false(vgpu_timeline_lose(&fixture.timeline)); /* it was known */
}

static void test_a_silent_driver_counts_as_lost(void **state)
{
	(void)state;
	fake_os.handler = answer_wait;
	wait_answer = VGPU_OS_SEM_TIMEOUT;
	assert_true(vgpu_timeline_wait(&fixture.timeline, 5, VGPU_TIMEOUT_INFINITE));
	assert_true(fixture.timeline.lost);
}

static uint32_t answer_wait_slowly(uint32_t code, const void *input, size_t input_size, void *output,
	size_t output_size, size_t *returned, uint32_t timeout_ms)
{
	(void)input, (void)input_size, (void)output, (void)output_size, (void)returned, (void)timeout_ms;
	if (code != VGPU_IOCTL_WAIT)
		return FAKE_DEFAULT;
	return ++fixture.completed < 5 ? VGPU_OS_SEM_TIMEOUT : 0;
}

/* Every period brings it a fence further: it is waited for. */
static void test_a_slow_device_is_not_lost(void **state)
{
	(void)state;
	fake_os.handler = answer_wait_slowly;
	assert_true(vgpu_timeline_wait(&fixture.timeline, 5, VGPU_TIMEOUT_INFINITE));
	assert_int_equal(fixture.completed, 5);
	assert_false(fixture.timeline.lost);
}

static void test_blocks_share_an_arena(void **state)
{
	struct vgpu_block *blocks[32];
	uint32_t memory_id;

	(void)state;
	for (unsigned i = 0; i < 32; i++) {
		blocks[i] = vgpu_pool_alloc(&fixture.pool, 1000);
		assert_non_null(blocks[i]);
		memset(blocks[i]->ptr, (int)i, 1000);
	}
	assert_int_equal(fake_os.live_pins, 1);
	memory_id = blocks[0]->memory_id;
	for (unsigned i = 0; i < 32; i++) {
		assert_int_equal(blocks[i]->memory_id, memory_id);
		assert_int_equal(*(uint8_t *)blocks[i]->ptr, i);
		vgpu_pool_free(&fixture.pool, blocks[i], 0);
	}
	assert_int_equal(fake_os.live_pins, 1); /* kept for the next */
}

static void test_a_block_is_reused_when_the_device_is_done(void **state)
{
	struct vgpu_block *first = vgpu_pool_alloc(&fixture.pool, 4096);
	const uint64_t offset = first->offset;
	struct vgpu_block *second, *third;

	(void)state;
	vgpu_pool_free(&fixture.pool, first, 3);
	fixture.completed = 2;
	second = vgpu_pool_alloc(&fixture.pool, 4096);
	assert_int_not_equal(second->offset, offset);
	fixture.completed = 3;
	third = vgpu_pool_alloc(&fixture.pool, 4096);
	assert_int_equal(third->offset, offset);
	vgpu_pool_free(&fixture.pool, second, 0);
	vgpu_pool_free(&fixture.pool, third, 0);
}

static void test_a_large_block_has_memory_of_its_own(void **state)
{
	struct vgpu_block *small = vgpu_pool_alloc(&fixture.pool, 64);
	struct vgpu_block *large = vgpu_pool_alloc(&fixture.pool, 9 * MiB + 1);

	(void)state;
	assert_int_not_equal(large->memory_id, small->memory_id);
	assert_int_equal(large->offset, 0);
	assert_int_equal(fake_os.live_pins, 2);

	/* The device still reads it after the release: the pages must stay. */
	fake_os.hold_pins = true;
	vgpu_pool_free(&fixture.pool, large, 0);
	assert_int_equal(fake_os.live_pages, 2);
	fake_os_complete_pins();
	vgpu_pool_free(&fixture.pool, small, 0);
	assert_int_equal(fake_os.live_pages, 1);
	assert_int_equal(fake_os.live_pins, 1);
}

static void test_out_of_memory(void **state)
{
	(void)state;
	fake_os.pin_error = VGPU_OS_WORKING_SET_QUOTA;
	assert_null(vgpu_pool_alloc(&fixture.pool, 64));
	assert_int_equal(fake_os.live_pages, 0);
}

static void test_a_lost_device_leaves_plain_memory(void **state)
{
	struct vgpu_block *block;

	(void)state;
	vgpu_timeline_lose(&fixture.timeline);
	fake_os.pin_error = VGPU_OS_DEVICE_REMOVED;
	block = vgpu_pool_alloc(&fixture.pool, 64);
	assert_non_null(block);
	assert_int_equal(block->memory_id, 0);
	memset(block->ptr, 1, 64);
	vgpu_pool_free(&fixture.pool, block, 99);
}

/* A handle that is closed lets go of everything at once: nothing is waited for. */
static void test_a_lost_device_is_left_without_waiting(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		struct vgpu_block *block = vgpu_pool_alloc(&fixture.pool, 20 * MiB);

		assert_non_null(block);
		vgpu_pool_free(&fixture.pool, block, 99);
	}
	fake_os.hold_pins = true;
	vgpu_client_disconnect(fixture.client);
	assert_true(fake_os.disconnected);
	vgpu_pool_fini(&fixture.pool);
	assert_int_equal(fake_os.live_pins, 0);
	assert_int_equal(fake_os.live_pages, 0);
	vgpu_pool_init(&fixture.pool, fixture.client);
}

/* ---- memory of the kernel's ---- */

static int setup_with(void **state, uint32_t capabilities)
{
	const int result = setup(state);

	vgpu_client_close(fixture.client);
	fake_os.info.capabilities = VGPU_CAP_3D | capabilities;
	if (result != 0 || vgpu_client_open(0, &fixture.client) != VGPU_OK)
		return -1;
	fixture.timeline.client = fixture.client;
	vgpu_pool_init(&fixture.pool, fixture.client);
	fixture.pool.timeline = &fixture.timeline;
	return 0;
}

static int setup_alloc(void **state)
{
	return setup_with(state, VGPU_CAP_ALLOC);
}

static int setup_either(void **state)
{
	return setup_with(state, VGPU_CAP_ALLOC | VGPU_CAP_PIN);
}

static void test_arenas_of_the_kernels_memory(void **state)
{
	struct vgpu_block *small = vgpu_pool_alloc(&fixture.pool, 1000);
	struct vgpu_block *large = vgpu_pool_alloc(&fixture.pool, 9 * MiB);

	(void)state;
	assert_int_equal(fake_os.live_pins, 0);
	assert_int_equal(fake_os.live_chunks, 2);
	assert_int_not_equal(small->memory_id, 0);
	assert_int_not_equal(small->memory_id, large->memory_id);
	memset(small->ptr, 1, 1000);
	memset(large->ptr, 2, 9 * MiB);
	vgpu_pool_free(&fixture.pool, large, 0);
	assert_int_equal(fake_os.live_chunks, 1);
	vgpu_pool_free(&fixture.pool, small, 0);
}

static void test_fragmented_memory_gives_smaller_arenas(void **state)
{
	struct vgpu_block *blocks[100], *whole;

	(void)state;
	fake_os.largest_chunk = 256 << 10;
	for (unsigned i = 0; i < 100; i++) {
		blocks[i] = vgpu_pool_alloc(&fixture.pool, 20000);
		assert_non_null(blocks[i]);
		memset(blocks[i]->ptr, (int)i, 20000);
	}
	assert_in_range(fake_os.live_chunks, 8, 12);
	whole = vgpu_pool_alloc(&fixture.pool, 256 << 10);
	assert_non_null(whole);
	/* No chunk holds it, and a block is never put together from several. */
	assert_null(vgpu_pool_alloc(&fixture.pool, (256 << 10) + 1));
	for (unsigned i = 0; i < 100; i++) {
		assert_int_equal(((uint8_t *)blocks[i]->ptr)[19999], i);
		vgpu_pool_free(&fixture.pool, blocks[i], 0);
	}
	vgpu_pool_free(&fixture.pool, whole, 0);

	/* Memory is whole again: arenas grow. */
	fake_os.largest_chunk = UINT64_MAX;
	for (unsigned i = 0; i < 100; i++)
		blocks[i] = vgpu_pool_alloc(&fixture.pool, 100000);
	assert_in_range(fake_os.live_chunks, 1, 8);
	for (unsigned i = 0; i < 100; i++)
		vgpu_pool_free(&fixture.pool, blocks[i], 0);
}

static void test_what_is_free_is_given_back_before_memory_runs_out(void **state)
{
	struct vgpu_block *small, *large;

	(void)state;
	fake_os.budget = 8 * MiB;
	small = vgpu_pool_alloc(&fixture.pool, 1000); /* 4 MiB */
	assert_null(vgpu_pool_alloc(&fixture.pool, 8 * MiB));
	vgpu_pool_free(&fixture.pool, small, 0);
	assert_int_equal(fake_os.live_chunks, 1); /* kept, but not at any price */
	large = vgpu_pool_alloc(&fixture.pool, 8 * MiB);
	assert_non_null(large);
	assert_int_equal(fake_os.live_chunks, 1);
	assert_null(vgpu_pool_alloc(&fixture.pool, 64));
	vgpu_pool_free(&fixture.pool, large, 0);
}

static void test_own_pages_when_the_kernel_has_no_more(void **state)
{
	struct vgpu_block *first, *second, *large;

	(void)state;
	large = vgpu_pool_alloc(&fixture.pool, 17 * MiB); /* more than is asked for in one piece */
	assert_int_equal(fake_os.live_pins, 1);
	assert_int_equal(fake_os.live_chunks, 0);
	fake_os.budget = 8 * MiB;
	first = vgpu_pool_alloc(&fixture.pool, 6 * MiB);
	assert_int_equal(fake_os.live_chunks, 1);
	assert_int_equal(fake_os.live_pins, 1);
	second = vgpu_pool_alloc(&fixture.pool, 6 * MiB);
	assert_non_null(second);
	assert_int_equal(fake_os.live_pins, 2);
	vgpu_pool_free(&fixture.pool, first, 0);
	vgpu_pool_free(&fixture.pool, second, 0);
	vgpu_pool_free(&fixture.pool, large, 0);
}

static uint32_t finish_when_waited_for(uint32_t code, const void *input, size_t input_size, void *output,
	size_t output_size, size_t *returned, uint32_t timeout_ms)
{
	(void)input_size, (void)output, (void)output_size, (void)returned, (void)timeout_ms;
	if (code != VGPU_IOCTL_WAIT)
		return FAKE_DEFAULT;
	fixture.completed = ((const struct vgpu_wait *)input)->fence.number;
	return 0;
}

static void test_what_is_in_use_is_waited_for_before_memory_runs_out(void **state)
{
	struct vgpu_block *first, *second;

	(void)state;
	fake_os.handler = finish_when_waited_for;
	fake_os.budget = 12 * MiB;
	first = vgpu_pool_alloc(&fixture.pool, 8 * MiB);
	vgpu_pool_free(&fixture.pool, first, 7);
	assert_int_equal(fixture.completed, 0);
	second = vgpu_pool_alloc(&fixture.pool, 12 * MiB);
	assert_int_equal(fixture.completed, 7);
	assert_non_null(second);
	vgpu_pool_free(&fixture.pool, second, 0);
}

#define ALLOC_TEST(Name) cmocka_unit_test_setup_teardown(Name, setup_alloc, teardown)
#define POOL_TEST(Name) cmocka_unit_test_setup_teardown(Name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_heap_alignment),
		cmocka_unit_test(test_heap_is_whole_after_everything_was_freed),
		cmocka_unit_test(test_heap_never_gives_a_byte_twice),
		POOL_TEST(test_asking_costs_no_request),
		POOL_TEST(test_waits),
		POOL_TEST(test_a_lost_device_ends_every_wait),
		POOL_TEST(test_a_silent_driver_counts_as_lost),
		POOL_TEST(test_a_slow_device_is_not_lost),
		POOL_TEST(test_blocks_share_an_arena),
		POOL_TEST(test_a_block_is_reused_when_the_device_is_done),
		POOL_TEST(test_a_large_block_has_memory_of_its_own),
		POOL_TEST(test_out_of_memory),
		POOL_TEST(test_a_lost_device_leaves_plain_memory),
		POOL_TEST(test_a_lost_device_is_left_without_waiting),
		ALLOC_TEST(test_arenas_of_the_kernels_memory),
		ALLOC_TEST(test_fragmented_memory_gives_smaller_arenas),
		ALLOC_TEST(test_what_is_free_is_given_back_before_memory_runs_out),
		cmocka_unit_test_setup_teardown(test_own_pages_when_the_kernel_has_no_more, setup_either, teardown),
		ALLOC_TEST(test_what_is_in_use_is_waited_for_before_memory_runs_out),
	};

	return cmocka_run_group_tests_name("memory", tests, NULL, NULL);
}
