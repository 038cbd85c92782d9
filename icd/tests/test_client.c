/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fake_os.h"
#include "vgpu_client.h"

static struct vgpu_client *client;

static int setup(void **state)
{
	(void)state;
	fake_os_reset();
	return vgpu_client_open(0, &client) == VGPU_OK ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	fake_os.handler = NULL;
	vgpu_client_close(client);
	client = NULL;
	return fake_os.open_devices || fake_os.live_pins ? -1 : 0;
}

static uint32_t answer_error;

static uint32_t fail_with(uint32_t code, const void *input, size_t input_size, void *output, size_t output_size,
	size_t *returned, uint32_t timeout_ms)
{
	(void)code, (void)input, (void)input_size, (void)output, (void)output_size, (void)returned, (void)timeout_ms;
	return answer_error;
}

static enum vgpu_result submit_failing_with(uint32_t error)
{
	struct vgpu_submit submit = {.context_id = 1};

	answer_error = error;
	fake_os.handler = fail_with;
	return vgpu_submit(client, &submit);
}

static void test_errors_have_a_meaning(void **state)
{
	(void)state;
	assert_int_equal(submit_failing_with(VGPU_OS_INVALID_PARAMETER), VGPU_INVALID);
	assert_int_equal(submit_failing_with(VGPU_OS_BAD_LENGTH), VGPU_INVALID);
	assert_int_equal(submit_failing_with(VGPU_OS_INVALID_HANDLE), VGPU_NOT_OWNED);
	assert_int_equal(submit_failing_with(VGPU_OS_NOT_SUPPORTED), VGPU_NOT_SUPPORTED);
	assert_int_equal(submit_failing_with(VGPU_OS_NO_SYSTEM_RESOURCES), VGPU_NO_MEMORY);
	assert_int_equal(submit_failing_with(VGPU_OS_NOT_ENOUGH_QUOTA), VGPU_NO_MEMORY);
	assert_int_equal(submit_failing_with(VGPU_OS_DEVICE_REQUIRES_CLEANING), VGPU_LOST);
	assert_int_equal(submit_failing_with(VGPU_OS_OPERATION_ABORTED), VGPU_CANCELLED);
	assert_int_equal(submit_failing_with(VGPU_OS_IO_DEVICE), VGPU_REFUSED);
	assert_int_equal(submit_failing_with(4242), VGPU_FAILED);
	assert_false(vgpu_client_gone(client));
}

static void test_gone_is_sticky(void **state)
{
	struct vgpu_submit submit = {.context_id = 1};
	struct vgpu_memory *memory;
	unsigned calls;

	(void)state;
	assert_int_equal(submit_failing_with(VGPU_OS_DEVICE_REMOVED), VGPU_GONE);
	assert_true(vgpu_client_gone(client));
	fake_os.handler = NULL;
	calls = fake_os.calls;
	assert_int_equal(vgpu_submit(client, &submit), VGPU_GONE);
	assert_int_equal(vgpu_memory_pin(client, (void *)0x10000, VGPU_PAGE_SIZE, &memory), VGPU_GONE);
	assert_int_equal(fake_os.calls, calls);
}

static void test_open_failures(void **state)
{
	struct vgpu_client *other = (void *)1;

	(void)state;
	fake_os_reset();
	assert_int_equal(vgpu_client_open(1, &other), VGPU_NO_DEVICE);
	assert_null(other);
	fake_os.open_error = VGPU_OS_ACCESS_DENIED;
	assert_int_equal(vgpu_client_open(0, &other), VGPU_ACCESS_DENIED);
	fake_os.open_error = 0;
	fake_os.handler = fail_with;
	answer_error = VGPU_OS_REVISION_MISMATCH;
	assert_int_equal(vgpu_client_open(0, &other), VGPU_VERSION_MISMATCH);
	assert_null(other);
	assert_int_equal(fake_os.open_devices, 0);
}

static uint32_t short_answer(uint32_t code, const void *input, size_t input_size, void *output, size_t output_size,
	size_t *returned, uint32_t timeout_ms)
{
	(void)code, (void)input, (void)input_size, (void)output, (void)timeout_ms;
	*returned = output_size - 8;
	return 0;
}

static void test_an_answer_of_the_wrong_size_fails(void **state)
{
	struct vgpu_statistics statistics;

	(void)state;
	fake_os.handler = short_answer;
	assert_int_equal(vgpu_statistics(client, VGPU_SCOPE_HANDLE, &statistics), VGPU_FAILED);
}

static uint64_t seen_timeout_ns;
static uint32_t seen_limit_ms;

static uint32_t watch_wait(uint32_t code, const void *input, size_t input_size, void *output, size_t output_size,
	size_t *returned, uint32_t timeout_ms)
{
	(void)input_size, (void)output, (void)output_size, (void)returned;
	assert_int_equal(code, VGPU_IOCTL_WAIT);
	seen_timeout_ns = ((const struct vgpu_wait *)input)->timeout_ns;
	seen_limit_ms = timeout_ms;
	return answer_error;
}

static void test_waits_are_limited(void **state)
{
	const struct vgpu_fence fence = {.context_id = 1, .number = 7};

	(void)state;
	fake_os.handler = watch_wait;
	answer_error = 0;
	assert_int_equal(vgpu_wait(client, &fence, VGPU_WAIT_FOREVER), VGPU_OK);
	assert_int_not_equal(seen_timeout_ns, VGPU_WAIT_FOREVER);
	assert_in_range(seen_limit_ms, 2 * fake_os.info.timeout_ms, 60000);
	assert_true(seen_timeout_ns / 1000000u >= 2 * fake_os.info.timeout_ms);
	/* the client's own limit comes after the driver's */
	assert_true((uint64_t)seen_limit_ms * 1000000u > seen_timeout_ns);

	answer_error = VGPU_OS_SEM_TIMEOUT;
	assert_int_equal(vgpu_wait(client, &fence, 1000000), VGPU_TIMEOUT);
	assert_int_equal(seen_timeout_ns, 1000000);
	/* cancelled by the client's own limit */
	answer_error = VGPU_OS_OPERATION_ABORTED;
	assert_int_equal(vgpu_wait(client, &fence, 1000000), VGPU_TIMEOUT);
}

static void test_memory_is_the_callers_only_when_the_device_let_go(void **state)
{
	static uint8_t pages[VGPU_PAGE_SIZE] __attribute__((aligned(VGPU_PAGE_SIZE)));
	struct vgpu_memory *first, *second;

	(void)state;
	assert_int_equal(vgpu_memory_pin(client, pages, sizeof(pages), &first), VGPU_OK);
	assert_int_equal(vgpu_memory_pin(client, pages, sizeof(pages), &second), VGPU_OK);
	assert_int_not_equal(first->id, second->id);
	assert_int_not_equal(first->id, 0);
	assert_true(vgpu_memory_pinned(client, first));

	fake_os.hold_pins = true;
	assert_int_equal(vgpu_memory_unpin(client, first, 0), VGPU_TIMEOUT);
	assert_int_equal(fake_os.last_code, VGPU_IOCTL_MEMORY_RELEASE);
	assert_int_equal(fake_os.live_pins, 2);
	fake_os_complete_pins(); /* also of the second, by the driver's own decision */
	assert_int_equal(vgpu_memory_unpin(client, first, 0), VGPU_OK);
	assert_false(vgpu_memory_pinned(client, second));
	assert_int_equal(vgpu_memory_unpin(client, second, 0), VGPU_OK);
}

static void test_pin_failure(void **state)
{
	struct vgpu_memory *memory = (void *)1;

	(void)state;
	fake_os.pin_error = VGPU_OS_WORKING_SET_QUOTA;
	assert_int_equal(vgpu_memory_pin(client, (void *)0x10000, VGPU_PAGE_SIZE, &memory), VGPU_NO_MEMORY);
	assert_null(memory);
}

static void test_every_result_has_a_text(void **state)
{
	(void)state;
	for (int result = VGPU_OK; result <= VGPU_FAILED; result++) {
		assert_non_null(vgpu_result_text(result));
		assert_int_not_equal(strlen(vgpu_result_text(result)), 0);
	}
	assert_string_equal(vgpu_result_text(VGPU_FAILED + 1), "unknown result");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_errors_have_a_meaning, setup, teardown),
		cmocka_unit_test_setup_teardown(test_gone_is_sticky, setup, teardown),
		cmocka_unit_test(test_open_failures),
		cmocka_unit_test_setup_teardown(test_an_answer_of_the_wrong_size_fails, setup, teardown),
		cmocka_unit_test_setup_teardown(test_waits_are_limited, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_memory_is_the_callers_only_when_the_device_let_go, setup, teardown),
		cmocka_unit_test_setup_teardown(test_pin_failure, setup, teardown),
		cmocka_unit_test(test_every_result_has_a_text),
	};

	return cmocka_run_group_tests_name("client", tests, NULL, NULL);
}
