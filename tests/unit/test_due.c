/*
 * test_due.c: when a certificate is due, by its life and by what the operator
 * wrote.
 */
#include "cert/due.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

enum { DAY = 24 * 60 * 60 };

/* 2026-03-31 00:00:00. */
static const time_t end_s = 1774915200;

static void
is_days_before(const char *text, double days)
{
	struct err err = ERR_INIT;
	time_t due_s = 0;

	assert_int_equal(due_moment(0, end_s, text, &due_s, &err), 0);
	assert_int_equal(end_s - due_s, (time_t)(days * DAY));
}

static void
a_third_of_a_long_life_and_half_of_a_short_one(void **state)
{
	struct err err = ERR_INIT;
	time_t due_s = 0;

	(void)state;
	assert_int_equal(due_moment(0, 90 * DAY, NULL, &due_s, &err), 0);
	assert_int_equal(due_s, 60 * DAY);
	assert_int_equal(due_moment(0, 10 * DAY, NULL, &due_s, &err), 0);
	assert_int_equal(due_s, 10 * DAY - 10 * DAY / 3);
	assert_int_equal(due_moment(0, 10 * DAY - 2, NULL, &due_s, &err), 0);
	assert_int_equal(due_s, 5 * DAY - 1);
	assert_int_equal(due_moment(0, 0, NULL, &due_s, &err), 0);
	assert_int_equal(due_s, 0);
}

static void
intervals_are_read_as_certbot_reads_them(void **state)
{
	(void)state;
	is_days_before("30 days", 30);
	is_days_before("30", 30);
	is_days_before(" 30 ", 30);
	is_days_before("30d", 30);
	is_days_before("30 Days", 30);
	is_days_before("2 weeks", 14);
	is_days_before("2w", 14);
	is_days_before("720 hours", 30);
	is_days_before("3 days 12 hours", 3.5);
	is_days_before("3 days, 12 hours", 3.5);
	is_days_before("90 min", 0.0625);
	is_days_before("0 days", 0);
	is_days_before("1 month", 31); /* to the last of February */
	is_days_before("1 year", 365);
	is_days_before("6 months 1 week", 182 + 7);
}

static void
what_is_no_interval_is_refused(void **state)
{
	static const char *const wrong[] = {"", " ", "days", "soon", "-3 days",
	    "30 foo", "1.5 days", "30 days ago", "99999999999999999999 days",
	    "100001 days", "3 days x", "30 \xff", "0x10 days",
	    "100000 years 100000 years"};
	struct err err = ERR_INIT;
	time_t due_s = 7;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(wrong); i++)
		assert_int_equal(
		    due_moment(0, end_s, wrong[i], &due_s, &err), ERR_SYNTAX);
	assert_int_equal(due_s, 7);
}

/* Half of what is left when the last of the rules has it due. */
static void
whatever_the_life_an_end_comes_to_waiting(void **state)
{
	static const struct {
		long life_days, all_hours; /* from the start on */
	} rows[] = {
	    {6, 108}, /* 3 days */
	    {45, 37 * 24 + 12}, /* 30 */
	    {90, 75 * 24}, /* 60 */
	    {365, 350 * 24}, /* 335 */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		time_t life_s = rows[i].life_days * DAY;

		assert_int_equal(due_by_all(due_by_life(0, life_s), 0, life_s),
		    rows[i].all_hours * 60 * 60);
		assert_int_equal(due_by_all(due_by_days(0, life_s), 0, life_s),
		    rows[i].all_hours * 60 * 60);
	}
	/* What the conf says, each goes by at once. */
	assert_int_equal(due_by_all(DAY, 0, 90 * DAY), DAY);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_third_of_a_long_life_and_half_of_a_short_one),
	    cmocka_unit_test(intervals_are_read_as_certbot_reads_them),
	    cmocka_unit_test(what_is_no_interval_is_refused),
	    cmocka_unit_test(whatever_the_life_an_end_comes_to_waiting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
