/*
 * test_clock.c: the clock can be set, the pause ends, the dice roll.
 */
#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <string.h>
#include <sys/time.h>

static void
now_is_what_was_set_until_zero(void **state)
{
	time_t before = time(NULL);

	(void)state;
	clock_set(1000);
	assert_int_equal(clock_now_s(), 1000);
	clock_set(0);
	assert_true(clock_now_s() >= before);
	assert_true(clock_now_s() <= time(NULL));
}

static void
setting_the_time_leaves_deadlines_alone(void **state)
{
	int64_t before = clock_mono_ms();

	(void)state;
	clock_set(1);
	assert_true(clock_mono_ms() >= before);
	assert_true(clock_mono_ms() < before + 60000);
	clock_set(0);
}

static void
on_alarm(int number)
{
	(void)number;
}

static void
a_pause_is_whole_though_signals_come(void **state)
{
	struct itimerval often = {{0, 5000}, {0, 5000}}, never;
	struct sigaction action;
	int64_t began;

	(void)state;
	memset(&never, 0, sizeof(never));
	memset(&action, 0, sizeof(action));
	action.sa_handler = on_alarm;
	assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
	assert_int_equal(setitimer(ITIMER_REAL, &often, NULL), 0);
	began = clock_mono_ms();
	clock_pause_ms(60);
	assert_true(clock_mono_ms() - began >= 59);
	assert_int_equal(setitimer(ITIMER_REAL, &never, NULL), 0);
	/* Valgrind may still hold one back. */
	action.sa_handler = SIG_IGN;
	assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
}

static void
no_pause_is_no_pause(void **state)
{
	int64_t began = clock_mono_ms();

	(void)state;
	for (int i = 0; i < 1000; i++) {
		clock_pause_ms(0);
		clock_pause_ms(-1000000);
	}
	assert_true(clock_mono_ms() - began < 60000);
}

static void
iso_is_utc_and_fits_21_bytes(void **state)
{
	char text[21];

	(void)state;
	assert_string_equal(
	    clock_iso(1795485519, text, sizeof(text)), "2026-11-24T01:58:39Z");
	assert_string_equal(
	    clock_iso(0, text, sizeof(text)), "1970-01-01T00:00:00Z");
}

static void
iso_of_what_has_no_date_is_still_text(void **state)
{
	char text[21];

	(void)state;
	assert_string_equal(
	    clock_iso((time_t)INT64_MAX, text, sizeof(text)), "out of range");
	assert_string_equal(
	    clock_iso((time_t)1 << 40, text, sizeof(text)), "out of range");
}

static void
random_bytes_fill_all_and_differ(void **state)
{
	unsigned char a[64] = {0}, b[64] = {0}, guard[3] = {1, 2, 3};
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(clock_random(a, sizeof(a), &err), 0);
	assert_int_equal(clock_random(b, sizeof(b), &err), 0);
	assert_memory_not_equal(a, b, sizeof(a));
	assert_memory_not_equal(a + 48, b + 48, 16);
	assert_int_equal(clock_random(guard + 1, 0, &err), 0);
	assert_int_equal(guard[1], 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(now_is_what_was_set_until_zero),
	    cmocka_unit_test(setting_the_time_leaves_deadlines_alone),
	    cmocka_unit_test(a_pause_is_whole_though_signals_come),
	    cmocka_unit_test(no_pause_is_no_pause),
	    cmocka_unit_test(iso_is_utc_and_fits_21_bytes),
	    cmocka_unit_test(iso_of_what_has_no_date_is_still_text),
	    cmocka_unit_test(random_bytes_fill_all_and_differ),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
