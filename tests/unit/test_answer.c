/*
 * test_answer.c: what became of a revocation, from the engine's words and from
 * its log.
 */
#include "wrapper/answer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "tests/unit/scratch.h"

#define URN "urn:ietf:params:acme:error:"
#define POST "DEBUG:acme.client:Sending POST request to https://ca/revoke:\n"

/* How the log comes to be what it is. */
enum turn { GOES_ON, ROTATED, ROTATED_TWICE };

static struct conf
site(void **state, char *dir, size_t size)
{
	(void)snprintf(dir, size, "%s", scratch_path(state, ""));
	dir[strlen(dir) - 1] = '\0'; /* the slash */
	return (struct conf){.letsencrypt = {dir, dir, dir}};
}

static void
write_log(void **state, const char *name, const char *text)
{
	scratch_write(state, name, text, strlen(text), 0600);
}

static enum answer_verdict
verdict(void **state, const char *before, enum turn turn, const char *after,
    const char *said, int status)
{
	char dir[LIMIT_PATH_BYTES], text[300];
	const struct conf conf = site(state, dir, sizeof(dir));
	struct answer answer;

	(void)remove(scratch_path(state, "letsencrypt.log"));
	(void)remove(scratch_path(state, "letsencrypt.log.1"));
	if (before != NULL)
		write_log(state, "letsencrypt.log", before);
	answer_init(&answer, &conf);
	if (turn != GOES_ON && before != NULL)
		assert_int_equal(rename(scratch_path(state, "letsencrypt.log"),
				     scratch_path(state, "letsencrypt.log.1")),
		    0);
	if (turn == ROTATED_TWICE)
		write_log(state, "letsencrypt.log.1.new", POST);
	if (turn == ROTATED_TWICE)
		assert_int_equal(
		    rename(scratch_path(state, "letsencrypt.log.1.new"),
			scratch_path(state, "letsencrypt.log.1")),
		    0);
	(void)snprintf(text, sizeof(text), "%s%s",
	    turn == GOES_ON && before != NULL ? before : "",
	    after == NULL ? "" : after);
	if (after != NULL)
		write_log(state, "letsencrypt.log", text);
	assert_true(answer_line(&answer, said));
	return answer_judge(&answer, status);
}

/* Without a log there are the engine's words. */
static void
only_a_refusal_says_that_it_was_not_done(void **state)
{
	static const struct {
		const char *said;
		int status;
		enum answer_verdict verdict;
	} rows[] = {
	    {"", 1, ANSWER_LOST},
	    {"", -1, ANSWER_LOST},
	    {"", 2, ANSWER_NOT_DONE},
	    {"Remote end closed connection", 1, ANSWER_LOST},
	    {URN "alreadyRevoked :: it is", 1, ANSWER_ALREADY},
	    {URN "alreadyRevokedNot", 1, ANSWER_LOST},
	    {URN "unauthorized :: no", 1, ANSWER_NOT_DONE},
	    {"\"type\": \"" URN "malformed\"", 1, ANSWER_NOT_DONE},
	    {URN "badRevocationReason", 1, ANSWER_NOT_DONE},
	    {URN "accountDoesNotExist", 1, ANSWER_NOT_DONE},
	    {URN "rateLimited", 1, ANSWER_NOT_DONE},
	    {URN "serverInternal :: timed out", 1, ANSWER_LOST},
	    {URN "serverInternal :: Connection refused", 1, ANSWER_LOST},
	    {URN "unauthorized, " URN "serverInternal", 1, ANSWER_LOST},
	    {URN "badNonce", 1, ANSWER_LOST},
	    {URN "badNonce, " URN "unauthorized", 1, ANSWER_NOT_DONE},
	    {URN "compound", 1, ANSWER_LOST},
	    {"[Errno 111] Connection refused", 1, ANSWER_NOT_DONE},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++)
		assert_int_equal(verdict(state, NULL, GOES_ON, NULL,
				     rows[i].said, rows[i].status),
		    rows[i].verdict);
}

static void
what_the_ca_answered_is_in_this_runs_log(void **state)
{
	static const char already[] = POST "\"" URN "alreadyRevoked\"\n";

	assert_int_equal(
	    verdict(state, NULL, GOES_ON, already, "", 1), ANSWER_ALREADY);
	/* It was an earlier run's, and this one's log is another. */
	assert_int_equal(
	    verdict(state, already, ROTATED, POST, "", 1), ANSWER_LOST);
	assert_int_equal(
	    verdict(state, "b\n", ROTATED, already, "", 1), ANSWER_ALREADY);
	/* One log for all runs: what was there before does not count. */
	assert_int_equal(
	    verdict(state, already, GOES_ON, POST, "", 1), ANSWER_LOST);
	assert_int_equal(
	    verdict(state, "b\n", GOES_ON, already, "", 1), ANSWER_ALREADY);
	assert_int_equal(verdict(state, "b\n", GOES_ON,
			     POST "\"" URN "unauthorized\"\n", "", 1),
	    ANSWER_NOT_DONE);
}

/* A script around the engine may hide how that ended. */
static void
an_end_that_is_well_is_not_believed_against_the_log(void **state)
{
	assert_int_equal(
	    verdict(state, NULL, GOES_ON, NULL, "", 0), ANSWER_DONE);
	assert_int_equal(
	    verdict(state, NULL, GOES_ON, POST, "", 0), ANSWER_DONE);
	assert_int_equal(
	    verdict(state, NULL, GOES_ON, "b\n", "", 0), ANSWER_NOT_DONE);
	assert_int_equal(verdict(state, NULL, GOES_ON,
			     POST "\"" URN "unauthorized\"\n", "", 0),
	    ANSWER_NOT_DONE);
	assert_int_equal(verdict(state, NULL, GOES_ON,
			     POST "\"" URN "serverInternal\"\n", "", 0),
	    ANSWER_LOST);
}

/* Whatever became of the engine behind that. */
static void
only_a_revocation_that_was_answered_well_is_done(void **state)
{
	static const struct {
		const char *log;
		enum answer_verdict verdict;
	} rows[] = {
	    {"https://ca:1 \"POST /acme/revoke-cert HTTP/1.1\" 200 0\n",
		ANSWER_DONE},
	    {"POST https://ca/revokeCert: status 200, 0 bytes (request 4)\n",
		ANSWER_DONE},
	    {"https://ca:1 \"POST /acme/new-acct HTTP/1.1\" 200 0\n",
		ANSWER_LOST},
	    {"https://ca:1 \"POST /revoke-cert HTTP/1.1\" 500 0\n",
		ANSWER_LOST},
	    {"POST https://ca/acct: status 200, 0 bytes (revoke)\n",
		ANSWER_LOST},
	    {"https://ca:1 \"GET /revoke-cert HTTP/1.1\" 200 0\n", ANSWER_LOST},
	};
	char log[300];

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		(void)snprintf(log, sizeof(log), POST "%s", rows[i].log);
		assert_int_equal(
		    verdict(state, NULL, GOES_ON, log, "", 1), rows[i].verdict);
		assert_int_equal(
		    verdict(state, log, ROTATED, POST, "", -1), ANSWER_LOST);
	}
	assert_int_equal(
	    verdict(state, NULL, GOES_ON, NULL,
		"Congratulations! You have successfully revoked the "
		"certificate that was located at X.",
		-1),
	    ANSWER_DONE);
}

static void
a_log_without_a_post_is_that_of_a_run_that_asked_nothing(void **state)
{
	static const char get[] = "Sending GET request to https://ca/dir.\n";

	assert_int_equal(
	    verdict(state, NULL, GOES_ON, get, "", 1), ANSWER_NOT_DONE);
	assert_int_equal(
	    verdict(state, POST, GOES_ON, get, "", 1), ANSWER_NOT_DONE);
	assert_int_equal(
	    verdict(state, POST, ROTATED, get, "", -1), ANSWER_NOT_DONE);
	assert_int_equal(
	    verdict(state, get, ROTATED, POST, "", 2), ANSWER_LOST);
	/* Nothing was added, and so nothing is known. */
	assert_int_equal(verdict(state, get, GOES_ON, "", "", 1), ANSWER_LOST);
	/* Another run's, which came behind. */
	assert_int_equal(
	    verdict(state, get, ROTATED_TWICE, get, "", 1), ANSWER_LOST);
	assert_int_equal(
	    verdict(state, NULL, ROTATED_TWICE, get, "", 1), ANSWER_LOST);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		only_a_refusal_says_that_it_was_not_done, scratch_setup,
		scratch_teardown),
	    cmocka_unit_test_setup_teardown(
		an_end_that_is_well_is_not_believed_against_the_log,
		scratch_setup, scratch_teardown),
	    cmocka_unit_test_setup_teardown(
		what_the_ca_answered_is_in_this_runs_log, scratch_setup,
		scratch_teardown),
	    cmocka_unit_test_setup_teardown(
		only_a_revocation_that_was_answered_well_is_done, scratch_setup,
		scratch_teardown),
	    cmocka_unit_test_setup_teardown(
		a_log_without_a_post_is_that_of_a_run_that_asked_nothing,
		scratch_setup, scratch_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
