/* SPDX-License-Identifier: MIT */
/* Showing frames: swap intervals as arithmetic, and the presenter with a window system in which the test decides when
 * pixels arrive and when the screen is ready. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <pthread.h>
#include <unistd.h>

#include "thread_posix.h"
#include "vgpu_pacer.h"
#include "vgpu_presenter.h"

#define PERIOD UINT64_C(1000)
#define START UINT64_C(1000000)
#define MAX_FRAMES 64

/* ---- pacer ---- */

static void test_first_frame_is_shown_at_once(void **state)
{
	struct vgpu_pacer pacer = {0};

	(void)state;
	assert_int_equal(vgpu_pacer_due(&pacer, START, PERIOD, 1), START);
	assert_int_equal(vgpu_pacer_due(&pacer, START, PERIOD, -1), START);
}

static void test_interval_0_never_waits(void **state)
{
	struct vgpu_pacer pacer = {0};

	(void)state;
	vgpu_pacer_shown(&pacer, START);
	for (uint64_t now = START; now < START + 3 * PERIOD; now += 7)
		assert_int_equal(vgpu_pacer_due(&pacer, now, PERIOD, 0), now);
}

/* A program that is fast enough, whatever the interval: a frame each so many refreshes. */
static void test_fast_program_has_the_pace_of_the_screen(void **state)
{
	(void)state;
	for (int interval = -3; interval <= 3; interval++) {
		const uint64_t count = (uint64_t)abs(interval);
		struct vgpu_pacer pacer = {0};
		uint64_t now = START;

		if (!interval)
			continue;
		vgpu_pacer_shown(&pacer, now);
		for (unsigned frame = 1; frame < 20; frame++) {
			now = vgpu_pacer_due(&pacer, now + frame * 5, PERIOD, interval);
			assert_int_equal(now, START + frame * count * PERIOD);
			vgpu_pacer_shown(&pacer, now);
		}
	}
}

static void test_late_frame_waits_for_a_refresh(void **state)
{
	struct vgpu_pacer pacer = {0};

	(void)state;
	vgpu_pacer_shown(&pacer, START);
	assert_int_equal(vgpu_pacer_due(&pacer, START + PERIOD + PERIOD / 2, PERIOD, 1), START + 2 * PERIOD);
	assert_int_equal(vgpu_pacer_due(&pacer, START + 2 * PERIOD + PERIOD / 2, PERIOD, 2), START + 3 * PERIOD);
	assert_int_equal(vgpu_pacer_due(&pacer, START + 100 * PERIOD + 999, PERIOD, 1), START + 101 * PERIOD);
	/* so little that it is the thread which woke up late */
	assert_int_equal(vgpu_pacer_due(&pacer, START + PERIOD + 10, PERIOD, 1), START + PERIOD + 10);
}

static void test_late_frame_may_tear(void **state)
{
	struct vgpu_pacer pacer = {0};

	(void)state;
	vgpu_pacer_shown(&pacer, START);
	assert_int_equal(vgpu_pacer_due(&pacer, START + PERIOD + PERIOD / 2, PERIOD, -1), START + PERIOD + PERIOD / 2);
	assert_int_equal(vgpu_pacer_due(&pacer, START + PERIOD / 2, PERIOD, -1), START + PERIOD);
}

static void test_odd_values(void **state)
{
	struct vgpu_pacer pacer = {0};

	(void)state;
	vgpu_pacer_shown(&pacer, START);
	assert_int_equal(vgpu_pacer_due(&pacer, START + 1, 0, 1), START + 1); /* no period is known */
	assert_int_equal(vgpu_pacer_due(&pacer, START - 1, PERIOD, 1), START - 1); /* the clock was set back */
	assert_true(vgpu_pacer_due(&pacer, START, PERIOD, INT32_MAX) < START + 100 * PERIOD);
	assert_true(vgpu_pacer_due(&pacer, START, PERIOD, INT32_MIN) < START + 100 * PERIOD);
}

/* ---- presenter ---- */

struct frame {
	unsigned number;
	bool arrived, lost;
	bool dropped;
	int interval;
};

/* One window. Guarded by its mutex. */
static struct {
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	struct frame frames[MAX_FRAMES];
	unsigned waiting; /* for pixels */
	bool hold_screen;
	unsigned pacing;
	unsigned shown[MAX_FRAMES], num_shown;
	bool hold_show;
	bool is_showing;
	unsigned drops, releases;
} window;

static void lock(void)
{
	pthread_mutex_lock(&window.mutex);
}

static void unlock(void)
{
	pthread_cond_broadcast(&window.changed);
	pthread_mutex_unlock(&window.mutex);
}

#define WAIT_UNTIL(Condition) \
	do { \
		while (!(Condition)) \
			pthread_cond_wait(&window.changed, &window.mutex); \
	} while (0)

static bool wait_frame(void *data)
{
	struct frame *frame = data;
	bool arrived;

	lock();
	window.waiting++;
	pthread_cond_broadcast(&window.changed);
	WAIT_UNTIL(frame->arrived || frame->lost);
	window.waiting--;
	arrived = frame->arrived;
	unlock();
	return arrived;
}

static void pace(void *opaque, void *data, int interval)
{
	struct frame *frame = data;

	(void)opaque;
	lock();
	frame->interval = interval;
	window.pacing++;
	pthread_cond_broadcast(&window.changed);
	WAIT_UNTIL(!window.hold_screen);
	window.pacing--;
	unlock();
}

static void show(void *opaque, void *data)
{
	const struct frame *frame = data;

	lock();
	assert_ptr_equal(opaque, &window);
	assert_int_equal(window.releases, 0);
	assert_false(frame->dropped);
	window.is_showing = true;
	pthread_cond_broadcast(&window.changed);
	WAIT_UNTIL(!window.hold_show);
	window.is_showing = false;
	window.shown[window.num_shown++] = frame->number;
	unlock();
}

static void drop(void *data)
{
	struct frame *frame = data;

	lock();
	assert_false(frame->dropped);
	frame->dropped = true;
	window.drops++;
	unlock();
}

static void release(void *opaque)
{
	lock();
	assert_ptr_equal(opaque, &window);
	window.releases++;
	unlock();
}

static const struct vgpu_presenter_ops ops = {
	.wait = wait_frame,
	.pace = pace,
	.show = show,
	.drop = drop,
	.release = release,
};

static int set_up(void **state)
{
	memset(&window, 0, sizeof(window));
	pthread_mutex_init(&window.mutex, NULL);
	pthread_cond_init(&window.changed, NULL);
	for (unsigned i = 0; i < MAX_FRAMES; i++)
		window.frames[i].number = i;
	thread_posix_refuses = false;
	*state = vgpu_presenter_create(&ops, &window);
	return *state ? 0 : -1;
}

/* Whatever happened, nothing is left, and each frame that was given away was dropped. */
static void end(struct vgpu_presenter *presenter, unsigned frames)
{
	vgpu_presenter_destroy(presenter);
	lock();
	for (unsigned i = 0; i < MAX_FRAMES; i++)
		window.frames[i].arrived = true;
	window.hold_screen = false;
	pthread_cond_broadcast(&window.changed);
	WAIT_UNTIL(window.releases == 1);
	assert_int_equal(window.drops, frames);
	unlock();
	while (thread_posix_live) /* the thread has let go of everything by now */
		usleep(1000);
	pthread_cond_destroy(&window.changed);
	pthread_mutex_destroy(&window.mutex);
}

static void arrive(unsigned frame)
{
	lock();
	window.frames[frame].arrived = true;
	unlock();
}

static void test_frames_are_shown_in_order_one_behind(void **state)
{
	struct vgpu_presenter *presenter = *state;

	for (unsigned i = 0; i < 20; i++) {
		window.frames[i].arrived = true;
		assert_true(vgpu_presenter_queue(presenter, &window.frames[i], (int)i, false));
		lock();
		assert_true(window.num_shown >= i); /* all before this one */
		unlock();
	}
	vgpu_presenter_finish(presenter);
	assert_int_equal(window.num_shown, 20);
	for (unsigned i = 0; i < 20; i++) {
		assert_int_equal(window.shown[i], i);
		assert_int_equal(window.frames[i].interval, i);
	}
	end(presenter, 20);
}

static void test_swap_does_not_wait_for_its_own_frame(void **state)
{
	struct vgpu_presenter *presenter = *state;

	assert_true(vgpu_presenter_queue(presenter, &window.frames[0], 0, false));
	lock();
	WAIT_UNTIL(window.waiting == 1);
	assert_int_equal(window.num_shown, 0);
	unlock();
	arrive(0);
	/* The last frame comes onto the screen without another swap. */
	lock();
	WAIT_UNTIL(window.num_shown == 1);
	unlock();
	end(presenter, 1);
}

static void *swap_second(void *argument)
{
	assert_true(vgpu_presenter_queue(argument, &window.frames[1], 0, false));
	return NULL;
}

static void test_swap_waits_for_the_frame_before(void **state)
{
	struct vgpu_presenter *presenter = *state;
	pthread_t thread;

	assert_true(vgpu_presenter_queue(presenter, &window.frames[0], 0, false));
	arrive(1);
	pthread_create(&thread, NULL, swap_second, presenter);
	arrive(0);
	pthread_join(thread, NULL);
	lock();
	assert_true(window.num_shown >= 1);
	assert_int_equal(window.shown[0], 0);
	unlock();
	end(presenter, 2);
}

static void test_synchronous_swap(void **state)
{
	struct vgpu_presenter *presenter = *state;

	arrive(0);
	assert_true(vgpu_presenter_queue(presenter, &window.frames[0], 0, true));
	assert_int_equal(window.num_shown, 1);
	end(presenter, 1);
}

static void *finish(void *argument)
{
	vgpu_presenter_finish(argument);
	return NULL;
}

static void *drain(void *argument)
{
	vgpu_presenter_drain(argument);
	return NULL;
}

static void test_finish_is_for_the_thread_that_swapped(void **state)
{
	struct vgpu_presenter *presenter = *state;
	pthread_t thread;

	assert_true(vgpu_presenter_queue(presenter, &window.frames[0], 0, false));
	pthread_create(&thread, NULL, finish, presenter); /* comes back although the frame does not arrive */
	pthread_join(thread, NULL);
	arrive(0);
	vgpu_presenter_finish(presenter);
	assert_int_equal(window.num_shown, 1);
	arrive(1);
	assert_true(vgpu_presenter_queue(presenter, &window.frames[1], 0, false));
	pthread_create(&thread, NULL, drain, presenter);
	pthread_join(thread, NULL);
	assert_int_equal(window.num_shown, 2);
	end(presenter, 2);
}

static void test_lost_frame(void **state)
{
	struct vgpu_presenter *presenter = *state;

	window.frames[0].lost = true;
	(void)vgpu_presenter_queue(presenter, &window.frames[0], 1, false);
	vgpu_presenter_finish(presenter);
	window.frames[1].lost = true;
	assert_false(vgpu_presenter_queue(presenter, &window.frames[1], 1, true));
	assert_int_equal(window.num_shown, 0);
	/* with a new device, it goes on */
	arrive(2);
	assert_true(vgpu_presenter_queue(presenter, &window.frames[2], 1, true));
	assert_int_equal(window.num_shown, 1);
	end(presenter, 3);
}

static void test_no_thread_can_be_made(void **state)
{
	struct vgpu_presenter *presenter = *state;

	thread_posix_refuses = true;
	for (unsigned i = 0; i < 3; i++) {
		arrive(i);
		assert_true(vgpu_presenter_queue(presenter, &window.frames[i], 0, false));
		assert_int_equal(window.num_shown, i + 1);
	}
	end(presenter, 3);
}

/* A thread that was idle for too long ends; another takes its place. */
static void test_idle_thread_ends(void **state)
{
	struct vgpu_presenter *presenter = *state;

	arrive(0);
	arrive(1);
	assert_true(vgpu_presenter_queue(presenter, &window.frames[0], 0, true));
	while (thread_posix_live)
		usleep(1000);
	assert_true(vgpu_presenter_queue(presenter, &window.frames[1], 0, true));
	assert_int_equal(window.num_shown, 2);
	end(presenter, 2);
}

static void test_window_ends_while_pixels_are_awaited(void **state)
{
	assert_true(vgpu_presenter_queue(*state, &window.frames[0], 0, false));
	lock();
	WAIT_UNTIL(window.waiting == 1);
	unlock();
	end(*state, 1); /* does not wait for the frame */
	assert_int_equal(window.num_shown, 0);
}

static void test_window_ends_while_the_screen_is_awaited(void **state)
{
	window.hold_screen = true;
	arrive(0);
	assert_true(vgpu_presenter_queue(*state, &window.frames[0], 1, false));
	lock();
	WAIT_UNTIL(window.pacing == 1);
	unlock();
	end(*state, 1);
	assert_int_equal(window.num_shown, 0);
}

static void *let_it_be_shown(void *argument)
{
	(void)argument;
	lock();
	window.hold_show = false;
	unlock();
	return NULL;
}

static void test_window_ends_while_a_frame_is_shown(void **state)
{
	pthread_t thread;

	window.hold_show = true;
	arrive(0);
	assert_true(vgpu_presenter_queue(*state, &window.frames[0], 0, false));
	lock();
	WAIT_UNTIL(window.is_showing);
	unlock();
	pthread_create(&thread, NULL, let_it_be_shown, NULL);
	vgpu_presenter_destroy(*state);
	lock();
	assert_false(window.is_showing); /* the window is not in use any more */
	assert_int_equal(window.num_shown, 1);
	WAIT_UNTIL(window.releases == 1);
	assert_int_equal(window.drops, 1);
	unlock();
	pthread_join(thread, NULL);
	while (thread_posix_live)
		usleep(1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_frame_is_shown_at_once),
		cmocka_unit_test(test_interval_0_never_waits),
		cmocka_unit_test(test_fast_program_has_the_pace_of_the_screen),
		cmocka_unit_test(test_late_frame_waits_for_a_refresh),
		cmocka_unit_test(test_late_frame_may_tear),
		cmocka_unit_test(test_odd_values),
		cmocka_unit_test_setup(test_frames_are_shown_in_order_one_behind, set_up),
		cmocka_unit_test_setup(test_swap_does_not_wait_for_its_own_frame, set_up),
		cmocka_unit_test_setup(test_swap_waits_for_the_frame_before, set_up),
		cmocka_unit_test_setup(test_synchronous_swap, set_up),
		cmocka_unit_test_setup(test_finish_is_for_the_thread_that_swapped, set_up),
		cmocka_unit_test_setup(test_lost_frame, set_up),
		cmocka_unit_test_setup(test_no_thread_can_be_made, set_up),
		cmocka_unit_test_setup(test_idle_thread_ends, set_up),
		cmocka_unit_test_setup(test_window_ends_while_pixels_are_awaited, set_up),
		cmocka_unit_test_setup(test_window_ends_while_the_screen_is_awaited, set_up),
		cmocka_unit_test_setup(test_window_ends_while_a_frame_is_shown, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
