/*
 * test_observe_judge.c: one phrase and one gravity for each thing that can be
 * off, and nothing to say of what is well.
 */
#include "wrapper/observe.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/observations.h"

enum { DAY_S = OBSERVATIONS_DAY_S, NOW_S = OBSERVATIONS_NOW_S };

static void
expect(const struct observation *item, enum observe_gravity gravity,
    const char *phrase)
{
	char text[300];

	observation_problem(item, NOW_S, text, sizeof(text));
	if (*phrase == '\0')
		assert_string_equal(text, "");
	else if (strstr(text, phrase) == NULL)
		assert_string_equal(text, phrase);
	assert_int_equal(observation_gravity(item, NOW_S), gravity);
	assert_int_equal(observation_ok(item, NOW_S), gravity == OBSERVE_WELL);
}

static void
what_is_well_has_no_problem(void **state)
{
	struct observation item = observations_well("a.example");

	(void)state;
	expect(&item, OBSERVE_WELL, "");
	assert_true(observation_served(&item));
	item.at[OBSERVE_WIRE].verdict = OBSERVE_UNKNOWN;
	expect(&item, OBSERVE_WELL, "");
	assert_true(observation_served(&item));
	item.at[OBSERVE_MEMORY].verdict = OBSERVE_UNKNOWN;
	expect(&item, OBSERVE_WELL, "");
	assert_false(observation_served(&item));
	item.at[OBSERVE_WIRE].verdict = OBSERVE_SAME;
	assert_true(observation_served(&item));
}

/* Where no memory is read, the last handshake is all there is to go by. */
static void
what_was_proved_last_is_served(void **state)
{
	struct observation item = observations_well("a.example");

	(void)state;
	item.at[OBSERVE_MEMORY].verdict = OBSERVE_UNKNOWN;
	item.at[OBSERVE_WIRE].verdict = OBSERVE_UNKNOWN;
	item.vouched = true;
	expect(&item, OBSERVE_WELL, "");
	assert_true(observation_served(&item));
	item.at[OBSERVE_BUNDLE].verdict = OBSERVE_OTHER;
	assert_false(observation_served(&item));
	item.at[OBSERVE_BUNDLE].verdict = OBSERVE_SAME;
	item.vouched = false;
	item.unproved = true;
	expect(&item, OBSERVE_WARNING, "not known to be served");
	assert_false(observation_served(&item));
	item.at[OBSERVE_WIRE].verdict = OBSERVE_SAME;
	expect(&item, OBSERVE_WELL, "");
}

static void
each_place_that_differs_is_told(void **state)
{
	static const struct {
		enum observe_place place;
		enum observe_verdict verdict;
		const char *phrase;
	} rows[] = {
	    {OBSERVE_LINEAGE, OBSERVE_BROKEN, "lineage cannot be read: why"},
	    {OBSERVE_LINEAGE, OBSERVE_ABSENT, "lineage cannot be read: why"},
	    {OBSERVE_BUNDLE, OBSERVE_ABSENT, "there is no bundle"},
	    {OBSERVE_BUNDLE, OBSERVE_OTHER,
		"the bundle has an older certificate: why"},
	    {OBSERVE_BUNDLE, OBSERVE_BROKEN, "the bundle is broken: why"},
	    {OBSERVE_MEMORY, OBSERVE_ABSENT, "not in HAProxy's memory: why"},
	    {OBSERVE_MEMORY, OBSERVE_OTHER,
		"HAProxy's memory has an older certificate"},
	    {OBSERVE_WIRE, OBSERVE_OTHER,
		"the handshake has an older certificate"},
	    {OBSERVE_WIRE, OBSERVE_ABSENT, "no handshake could be made: why"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct observation item = observations_well("a.example");
		struct observe_at *at = &item.at[rows[i].place];

		at->verdict = rows[i].verdict;
		at->not_after_s -= DAY_S;
		(void)snprintf(at->why, sizeof(at->why), "why");
		expect(&item, OBSERVE_CRITICAL, rows[i].phrase);
		assert_int_equal(
		    observation_served(&item), rows[i].place < OBSERVE_MEMORY);
	}
}

static void
another_certificate_need_not_be_older(void **state)
{
	struct observation item = observations_well("a.example");

	(void)state;
	item.at[OBSERVE_BUNDLE].verdict = OBSERVE_OTHER;
	expect(&item, OBSERVE_CRITICAL, "the bundle has another certificate");
	item.at[OBSERVE_BUNDLE].not_after_s = 0;
	expect(&item, OBSERVE_CRITICAL, "the bundle has another certificate");
}

static void
what_the_rest_follows_from_comes_first(void **state)
{
	struct observation item = observations_well("a.example");

	(void)state;
	item.at[OBSERVE_WIRE].verdict = OBSERVE_OTHER;
	item.at[OBSERVE_MEMORY].verdict = OBSERVE_OTHER;
	expect(&item, OBSERVE_CRITICAL, "HAProxy's memory has another");
	item.reload_due = true;
	expect(&item, OBSERVE_WARNING, "waits for a reload");
	item.at[OBSERVE_BUNDLE].verdict = OBSERVE_OTHER;
	expect(&item, OBSERVE_CRITICAL, "the bundle has another");
	item.failures = 3;
	(void)snprintf(item.failure, sizeof(item.failure), "its words");
	expect(&item, OBSERVE_CRITICAL, "failed 3 times: its words");
	item.held = true;
	expect(&item, OBSERVE_CRITICAL, "failed 3 times: its words");
	item.at[OBSERVE_WIRE].not_after_s = NOW_S;
	expect(&item, OBSERVE_CRITICAL, "rolled back by hand, to what has exp");
	observations_left(&item, -3L * DAY_S);
	expect(&item, OBSERVE_CRITICAL, "expired 3 days ago");
	item.out = true;
	expect(&item, OBSERVE_WARNING, "detached by hand");
	(void)snprintf(item.begun, sizeof(item.begun), "revoke");
	expect(&item, OBSERVE_CRITICAL, "a revoke of it was begun and has not");
	expect(&item, OBSERVE_CRITICAL, "\"certhaul revoke a.example\" again");
	item.begun[0] = '\0';
	item.gone = true;
	item.at[OBSERVE_LINEAGE].verdict = OBSERVE_ABSENT;
	item.failures = 0;
	expect(&item, OBSERVE_WARNING, "the lineage is gone");
	item.failures = 3;
	expect(&item, OBSERVE_CRITICAL, "failed 3 times: its words");
}

/* A rollback that holds is a warning, and hides nothing that is graver. */
static void
what_is_held_hides_nothing(void **state)
{
	static const struct {
		enum observe_place place;
		enum observe_verdict verdict;
		const char *phrase;
	} rows[] = {
	    {OBSERVE_BUNDLE, OBSERVE_ABSENT, "there is no bundle"},
	    {OBSERVE_BUNDLE, OBSERVE_BROKEN, "the bundle is broken"},
	    {OBSERVE_MEMORY, OBSERVE_ABSENT, "not in HAProxy's memory"},
	    {OBSERVE_WIRE, OBSERVE_ABSENT, "no handshake could be made"},
	};
	struct observation held = observations_well("a.example"), item;

	(void)state;
	held.held = true;
	(void)snprintf(held.held_serial, sizeof(held.held_serial), "0A1A");
	for (int p = OBSERVE_BUNDLE; p < OBSERVE_PLACES; p++) {
		held.at[p].verdict = OBSERVE_OTHER;
		held.at[p].not_after_s -= DAY_S;
		(void)snprintf(
		    held.at[p].serial, sizeof(held.at[p].serial), "0A1A");
	}
	expect(&held, OBSERVE_WARNING, "rolled back by hand; held until");
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		item = held;
		item.at[rows[i].place].verdict = rows[i].verdict;
		expect(&item, OBSERVE_CRITICAL, rows[i].phrase);
	}
	/* Neither the lineage's nor that one. */
	item = held;
	item.at[OBSERVE_WIRE].serial[0] = '9';
	expect(&item, OBSERVE_CRITICAL, "the handshake has an older");
	item.held_serial[0] = '\0';
	expect(&item, OBSERVE_WARNING, "rolled back by hand; held until");
	item = held;
	item.at[OBSERVE_WIRE].not_after_s = NOW_S + DAY_S;
	expect(&item, OBSERVE_CRITICAL, "to what has 1 day left");
	item = held;
	observations_left(&item, 26L * DAY_S);
	expect(&item, OBSERVE_WARNING, "rolled back by hand; held until");
	observations_left(&item, 2L * DAY_S);
	expect(&item, OBSERVE_CRITICAL, "2 days left");
}

static void
time_runs_out(void **state)
{
	/* Renewed 30 days before its end; late a twentieth of 90 days on. */
	static const struct {
		long left_s;
		enum observe_gravity gravity;
		const char *phrase;
	} rows[] = {
	    {29L * DAY_S, OBSERVE_WELL, ""},
	    {26L * DAY_S, OBSERVE_WELL, ""},
	    {25L * DAY_S, OBSERVE_WARNING, "25 days left; it should have been"},
	    {8L * DAY_S, OBSERVE_WARNING, "8 days left"},
	    {6L * DAY_S, OBSERVE_CRITICAL, "6 days left"},
	    {1L * DAY_S, OBSERVE_CRITICAL, "1 day left"},
	    {0, OBSERVE_CRITICAL, "expired today"},
	    {-1L * DAY_S, OBSERVE_CRITICAL, "expired 1 day ago"},
	    {-400L * DAY_S, OBSERVE_CRITICAL, "expired 400 days ago"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct observation item = observations_well("a.example");

		observations_left(&item, rows[i].left_s);
		expect(&item, rows[i].gravity, rows[i].phrase);
		item.autorenew = false;
		if (rows[i].gravity == OBSERVE_WARNING)
			expect(&item, OBSERVE_WARNING, "nobody renews it");
		/* Nobody knows when: by the rule that certbot has. */
		item.autorenew = true;
		item.renew_s = 0;
		expect(&item, rows[i].gravity, rows[i].phrase);
	}
}

static void
what_cannot_be_renewed_is_told_in_time(void **state)
{
	static const struct {
		long left_s;
		enum observe_gravity gravity;
		const char *phrase;
	} rows[] = {
	    {89L * DAY_S, OBSERVE_WARNING, "it cannot be renewed: why"},
	    {25L * DAY_S, OBSERVE_WARNING,
		"25 days left; it cannot be renewed"},
	    {6L * DAY_S, OBSERVE_CRITICAL, "6 days left; it cannot be renewed"},
	    {-1L * DAY_S, OBSERVE_CRITICAL, "expired 1 day ago"},
	};
	char text[300];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct observation item = observations_well("a.example");

		observations_left(&item, rows[i].left_s);
		item.renew_s = 0;
		(void)snprintf(item.obstacle, sizeof(item.obstacle), "why");
		expect(&item, rows[i].gravity, rows[i].phrase);
		assert_int_equal(
		    observation_life(&item, NOW_S, text, sizeof(text)),
		    rows[i].gravity);
	}
}

/* What failed once is not said to be impossible. */
static void
an_attempt_that_failed_is_told_as_one(void **state)
{
	struct observation item = observations_well("a.example");

	(void)state;
	item.failing = true;
	(void)snprintf(item.obstacle, sizeof(item.obstacle), "why");
	expect(&item, OBSERVE_WARNING, "its renewal fails: why");
}

static void
a_life_is_judged_whatever_is_served(void **state)
{
	struct observation item = observations_well("a.example");
	char text[300];

	(void)state;
	item.at[OBSERVE_MEMORY].verdict = OBSERVE_OTHER;
	item.failures = 1;
	assert_int_equal(
	    observation_life(&item, NOW_S, text, sizeof(text)), OBSERVE_WELL);
	assert_string_equal(text, "");
	observations_left(&item, -1L * DAY_S);
	assert_int_equal(observation_life(&item, NOW_S, text, sizeof(text)),
	    OBSERVE_CRITICAL);
	assert_string_equal(text, "expired 1 day ago");
	item.gone = true;
	assert_int_equal(observation_life(&item, NOW_S, text, sizeof(text)),
	    OBSERVE_WARNING);
}

static void
a_renewal_conf_alone_is_told(void **state)
{
	struct observation item = {.name = "a.example", .obstacle = "why"};

	(void)state;
	for (int p = 0; p < OBSERVE_PLACES; p++)
		item.at[p].verdict = OBSERVE_ABSENT;
	assert_true(observation_is_stub(&item));
	expect(&item, OBSERVE_WARNING, "why");
	/* What is served goes on, until it expires. */
	item.at[OBSERVE_BUNDLE].verdict = OBSERVE_OTHER;
	assert_false(observation_is_stub(&item));
	expect(&item, OBSERVE_CRITICAL, "why");
}

/* certbot before 4.0 waits until 30 days before: no alarm before that. */
static void
a_long_life_is_not_late_when_certbot_may_wait(void **state)
{
	struct observation item = observations_well("a.example");

	(void)state;
	item.not_before_s = item.not_after_s - 365L * DAY_S;
	observations_left(&item, 60L * DAY_S);
	item.renew_s = item.not_after_s - 121L * DAY_S;
	expect(&item, OBSERVE_WELL, "");
	observations_left(&item, 11L * DAY_S);
	item.renew_s = item.not_after_s - 121L * DAY_S;
	expect(&item, OBSERVE_WARNING, "11 days left");
}

static void
what_each_run_renews_is_not_late_at_once(void **state)
{
	struct observation item = observations_well("a.example");

	(void)state;
	item.not_before_s = item.not_after_s - 20L * DAY_S;
	observations_left(&item, 10L * DAY_S);
	item.not_before_s = item.not_after_s - 20L * DAY_S;
	item.renew_s = item.not_before_s;
	expect(&item, OBSERVE_WELL, "");
}

static void
a_clock_that_is_wrong_is_told(void **state)
{
	struct observation item = observations_well("a.example");

	(void)state;
	item.not_before_s = NOW_S + 60;
	expect(&item, OBSERVE_CRITICAL, "is the clock right?");
}

static void
haproxy_must_answer_on_every_socket(void **state)
{
	struct observation item = observations_well("a.example");
	struct observed observed = {&item, 1, {.sockets = 2, .up = 2}};

	(void)state;
	assert_true(observed_ok(&observed, NOW_S));
	observed.haproxy.up = 1;
	assert_false(observed_ok(&observed, NOW_S));
	observed.haproxy.up = 2;
	item.reload_due = true;
	assert_false(observed_ok(&observed, NOW_S));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_well_has_no_problem),
	    cmocka_unit_test(what_was_proved_last_is_served),
	    cmocka_unit_test(each_place_that_differs_is_told),
	    cmocka_unit_test(another_certificate_need_not_be_older),
	    cmocka_unit_test(what_the_rest_follows_from_comes_first),
	    cmocka_unit_test(what_is_held_hides_nothing),
	    cmocka_unit_test(time_runs_out),
	    cmocka_unit_test(what_cannot_be_renewed_is_told_in_time),
	    cmocka_unit_test(an_attempt_that_failed_is_told_as_one),
	    cmocka_unit_test(a_life_is_judged_whatever_is_served),
	    cmocka_unit_test(a_renewal_conf_alone_is_told),
	    cmocka_unit_test(a_long_life_is_not_late_when_certbot_may_wait),
	    cmocka_unit_test(what_each_run_renews_is_not_late_at_once),
	    cmocka_unit_test(a_clock_that_is_wrong_is_told),
	    cmocka_unit_test(haproxy_must_answer_on_every_socket),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
