/*
 * test_problem.c: the table of the CA's errors, the pool of nonces, and the
 * pace of looking: what decides when something is tried again.
 */
#include "acme/problem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "acme/nonce.h"
#include "acme/poll.h"
#include "base/clock.h"

static void
each_kind_is_known_by_its_whole_urn(void **state)
{
	(void)state;
	for (int i = PROBLEM_OTHER + 1; i < PROBLEM_KINDS; i++) {
		const char *urn = problem_urn((enum problem_kind)i);

		assert_true(
		    strncmp(urn, "urn:ietf:params:acme:error:", 27) == 0);
		assert_int_equal(problem_kind(urn), i);
	}
	assert_int_equal(problem_kind("badNonce"), PROBLEM_OTHER);
	assert_int_equal(
	    problem_kind("urn:acme:error:badNonce"), PROBLEM_OTHER);
	assert_int_equal(problem_kind("urn:ietf:params:acme:error:badNonceX"),
	    PROBLEM_OTHER);
	assert_int_equal(problem_kind(""), PROBLEM_OTHER);
}

static void
when_to_try_again(void **state)
{
	static const struct {
		enum problem_kind kind;
		long status, wait_s;
		const char *text;
		enum problem_retry retry;
	} rows[] = {
	    {PROBLEM_BAD_NONCE, 400, -1, "", PROBLEM_RETRY_NOW},
	    {PROBLEM_RATE_LIMITED, 429, 5, "https://x/", PROBLEM_RETRY_WAIT},
	    {PROBLEM_RATE_LIMITED, 429, 0, "", PROBLEM_RETRY_WAIT},
	    {PROBLEM_RATE_LIMITED, 429, -1, "", PROBLEM_RETRY_RUN},
	    {PROBLEM_RATE_LIMITED, 429, -1, "paused, see https://x/",
		PROBLEM_RETRY_MENDED},
	    {PROBLEM_OTHER, 429, 3, "", PROBLEM_RETRY_WAIT},
	    {PROBLEM_OTHER, 503, 3, "", PROBLEM_RETRY_WAIT},
	    {PROBLEM_OTHER, 503, -1, "https://x/", PROBLEM_RETRY_RUN},
	    {PROBLEM_SERVER_INTERNAL, 503, 3, "", PROBLEM_RETRY_WAIT},
	    {PROBLEM_SERVER_INTERNAL, 500, 3, "", PROBLEM_RETRY_RUN},
	    {PROBLEM_CAA, 403, 3, "", PROBLEM_RETRY_MENDED},
	    {PROBLEM_USER_ACTION_REQUIRED, 403, -1, "", PROBLEM_RETRY_MENDED},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct http_reply http = {
		    .status = rows[i].status, .retry_after_s = rows[i].wait_s};
		struct wire_problem problem = {.present = true};

		(void)snprintf(
		    problem.text, sizeof(problem.text), "%s", rows[i].text);
		assert_int_equal(problem_retry(rows[i].kind, &problem, &http),
		    rows[i].retry);
	}
}

static void
words_say_what_to_do(void **state)
{
	struct http_reply http = {.status = 403, .retry_after_s = 7};
	struct wire_problem problem = {.present = true,
	    .type = "urn:ietf:params:acme:error:caa",
	    .text = "CAA forbids (caa)",
	    .instance = "https://ca.example/doc"};
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(
	    problem_err(&problem, &http, "ordering", "a.example", &err),
	    ERR_REFUSED_INPUT);
	assert_string_equal(err.on, "a.example");
	assert_non_null(strstr(err.detail, "CAA forbids (caa): a CAA record"));
	assert_non_null(strstr(err.detail, " https://ca.example/doc"));
	assert_int_equal(err.retry_after_s, 7);
	problem = (struct wire_problem){.present = true,
	    .type = "urn:ietf:params:acme:error:userActionRequired",
	    .text = "new terms"};
	(void)snprintf(
	    http.terms, sizeof(http.terms), "https://ca.example/terms");
	assert_int_equal(problem_err(&problem, &http, "ordering", "x", &err),
	    ERR_REFUSED_INPUT);
	assert_string_equal(err.detail,
	    "new terms: the terms have changed; to agree to them, see "
	    "https://ca.example/terms");
	problem = (struct wire_problem){.present = true, .text = "oops"};
	assert_int_equal(
	    problem_err(&problem, NULL, "ordering", "x", &err), ERR_REFUSED_CA);
	assert_string_equal(err.detail, "oops");
	assert_int_equal(err.retry_after_s, 0);
}

/* Who may not ask for a thing is not who could not prove a name. */
static void
advice_is_on_what_was_asked(void **state)
{
	struct wire_problem problem = {.present = true,
	    .type = "urn:ietf:params:acme:error:unauthorized",
	    .text = "no"};
	struct http_reply http = {.status = 403};
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(problem_err(&problem, &http, "ordering", "x", &err),
	    ERR_REFUSED_INPUT);
	assert_non_null(strstr(err.detail, "deactivated"));
	assert_null(strstr(err.detail, "AAAA"));
	assert_int_equal(problem_err(&problem, NULL, "proving", "x", &err),
	    ERR_REFUSED_INPUT);
	assert_non_null(strstr(err.detail, "AAAA"));
}

static void
the_newest_nonces_are_kept(void **state)
{
	struct nonce_pool pool = {.count = 0};
	char nonce[LIMIT_NONCE_BYTES], longest[LIMIT_NONCE_BYTES + 1];

	(void)state;
	assert_false(nonce_take(&pool, nonce));
	for (int i = 0; i < LIMIT_NONCES + 3; i++) {
		(void)snprintf(nonce, sizeof(nonce), "n%d", i);
		nonce_put(&pool, nonce);
	}
	nonce_put(&pool, "");
	memset(longest, 'a', sizeof(longest));
	longest[LIMIT_NONCE_BYTES] = '\0';
	nonce_put(&pool, longest);
	for (int i = LIMIT_NONCES + 2; i >= 3; i--) {
		char expected[16];

		(void)snprintf(expected, sizeof(expected), "n%d", i);
		assert_true(nonce_take(&pool, nonce));
		assert_string_equal(nonce, expected);
	}
	assert_false(nonce_take(&pool, nonce));
	nonce_put(&pool, "x");
	nonce_clear(&pool);
	assert_false(nonce_take(&pool, nonce));
}

static void
pauses_begin_short_and_grow(void **state)
{
	struct poll_pace pace;
	struct loop *loop = NULL;
	struct err err = ERR_INIT;
	int64_t begun_ms;
	long ms = LIMIT_POLL_LEAST_MS;

	(void)state;
	assert_int_equal(loop_new(&loop, &err), 0);
	poll_begin(&pace, 60, clock_mono_ms(), NULL);
	for (int i = 0; i < 4; i++) {
		begun_ms = clock_mono_ms();
		assert_int_equal(pace.next_ms, ms);
		assert_int_equal(
		    poll_wait(&pace, loop, 0, "waiting", "x", &err), 0);
		assert_true(clock_mono_ms() - begun_ms >= ms - 1);
		ms += ms / 2;
	}
	pace.next_ms = LIMIT_POLL_MOST_MS - 1;
	pace.until_ms = clock_mono_ms() + 20;
	assert_int_equal(poll_wait(&pace, loop, 0, "waiting", "x", &err), 0);
	assert_int_equal(pace.next_ms, LIMIT_POLL_MOST_MS);
	assert_true(clock_mono_ms() >= pace.until_ms - 1);
	pace.until_ms = clock_mono_ms() - 1;
	assert_int_equal(
	    poll_wait(&pace, loop, 0, "waiting", "x", &err), ERR_TIMEOUT);
	poll_begin(&pace, 20, clock_mono_ms(), NULL);
	/* What the CA says is kept to the second, or not begun. */
	begun_ms = clock_mono_ms();
	assert_int_equal(poll_wait(&pace, loop, 1, "waiting", "x", &err), 0);
	assert_true(clock_mono_ms() - begun_ms >= 999);
	assert_int_equal(
	    poll_wait(&pace, loop, 30, "waiting", "x", &err), ERR_TIMEOUT);
	assert_int_equal(err.retry_after_s, 30);
	poll_begin(&pace, 0, clock_mono_ms(), NULL);
	assert_int_equal(pace.patience_s, LIMIT_ISSUANCE_TIMEOUT_S);
	assert_int_equal(poll_wait(&pace, loop, LIMIT_RETRY_AFTER_S + 1,
			     "waiting", "x", &err),
	    ERR_TIMEOUT);
	loop_free(loop);
}

/* Of the first pause alone. */
static void
a_sign_or_what_has_passed_shortens_one_pause(void **state)
{
	struct poll_pace pace;
	struct loop *loop = NULL;
	struct err err = ERR_INIT;
	const bool sign = true;
	int64_t begun_ms = clock_mono_ms();

	(void)state;
	assert_int_equal(loop_new(&loop, &err), 0);
	poll_begin(&pace, 60, begun_ms, &sign);
	pace.next_ms = LIMIT_POLL_MOST_MS;
	assert_int_equal(poll_wait(&pace, loop, 0, "waiting", "x", &err), 0);
	assert_true(clock_mono_ms() - begun_ms < LIMIT_POLL_MOST_MS);
	begun_ms = clock_mono_ms();
	pace.next_ms = LIMIT_POLL_LEAST_MS;
	assert_int_equal(poll_wait(&pace, loop, 0, "waiting", "x", &err), 0);
	assert_true(clock_mono_ms() - begun_ms >= LIMIT_POLL_LEAST_MS - 1);
	begun_ms = clock_mono_ms();
	poll_begin(&pace, 60, begun_ms - LIMIT_POLL_MOST_MS, NULL);
	pace.next_ms = LIMIT_POLL_MOST_MS;
	assert_int_equal(poll_wait(&pace, loop, 0, "waiting", "x", &err), 0);
	assert_true(clock_mono_ms() - begun_ms < LIMIT_POLL_MOST_MS);
	/* The CA's own word counts more. */
	begun_ms = clock_mono_ms();
	poll_begin(&pace, 60, begun_ms - LIMIT_POLL_MOST_MS, &sign);
	assert_int_equal(poll_wait(&pace, loop, 1, "waiting", "x", &err), 0);
	assert_true(clock_mono_ms() - begun_ms >= 999);
	loop_free(loop);
}

/* An order is not given up for what is no word of the CA's on it. */
static void
what_passes_is_told_apart(void **state)
{
	(void)state;
	assert_true(problem_is_passing(PROBLEM_OTHER, 404));
	assert_true(problem_is_passing(PROBLEM_OTHER, 403));
	assert_true(problem_is_passing(PROBLEM_MALFORMED, 503));
	assert_true(problem_is_passing(PROBLEM_RATE_LIMITED, 400));
	assert_true(problem_is_passing(PROBLEM_USER_ACTION_REQUIRED, 403));
	assert_false(problem_is_passing(PROBLEM_MALFORMED, 404));
	assert_false(problem_is_passing(PROBLEM_UNAUTHORIZED, 403));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_kind_is_known_by_its_whole_urn),
	    cmocka_unit_test(when_to_try_again),
	    cmocka_unit_test(what_passes_is_told_apart),
	    cmocka_unit_test(words_say_what_to_do),
	    cmocka_unit_test(advice_is_on_what_was_asked),
	    cmocka_unit_test(the_newest_nonces_are_kept),
	    cmocka_unit_test(pauses_begin_short_and_grow),
	    cmocka_unit_test(a_sign_or_what_has_passed_shortens_one_pause),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
