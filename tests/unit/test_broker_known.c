/*
 * test_broker_known.c: a client has no more than its job needs: the account
 * that is known already stays, and lines have a most that an honest one never
 * comes to.
 */
#include "acme/broker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "acme/broker_private.h"
#include "tests/unit/brokerpair.h"

#define URL "https://ca.example/x"

/* --- the account ---------------------------------------------------------- */

static int
account_of_its_own(int fd)
{
	struct buf fields = BUF_INIT(LIMIT_IPC_BYTES);
	struct err err = ERR_INIT;
	int rc = ipc_put_text(&fields, URL, &err);

	if (rc == 0)
		rc = brokerpair_ask(fd, IPC_ACCOUNT, &fields);
	buf_free(&fields);
	return rc;
}

static int
other_account(int fd)
{
	return brokerpair_status(account_of_its_own(fd));
}

static int
first_account(int fd)
{
	int rc = account_of_its_own(fd);

	return brokerpair_status(rc == 0 ? brokerpair_finish(fd) : rc);
}

/* A URL that is on disk is not written over; one that is not, is kept. */
static void
test_a_known_account_stays(void **state)
{
	static const enum job_kind kinds[] = {
	    JOB_SHOW, JOB_UPDATE, JOB_DEACTIVATE, JOB_REGISTER};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		struct brokerpair pair;
		int status = 1;

		brokerpair_refuses(kinds[i], other_account, "another account");
		brokerpair_begin(&pair, kinds[i]);
		pair.job.account_url[0] = '\0';
		assert_int_equal(
		    brokerpair_serve(&pair, first_account, &status), 0);
		assert_int_equal(status, 0);
		assert_int_equal(pair.accounts, 1);
		assert_string_equal(pair.last, URL);
		brokerpair_end(&pair);
	}
}

/* --- how much ------------------------------------------------------------- */

static unsigned wanted; /* lines */
static enum ipc_op means; /* by which they are told */
static unsigned told; /* of them, to the operator or the log */

static int
say_often(int fd)
{
	struct buf line = BUF_INIT(LIMIT_LOG_LINE_BYTES + 4);
	char text[LIMIT_LOG_LINE_BYTES];
	struct err err = ERR_INIT;
	int rc;

	memset(text, 'a', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	rc = ipc_put_text(&line, text, &err);
	for (unsigned i = 0; rc == 0 && i < wanted; i++)
		rc = brokerpair_ask(fd, means, &line);
	buf_free(&line);
	return brokerpair_status(rc == 0 ? brokerpair_finish(fd) : rc);
}

/* A job of 160 names; the broker's code. */
static int
serve_lines(enum ipc_op op, unsigned count)
{
	struct brokerpair pair;
	const char *names[160];
	int status = 1, rc;

	wanted = count;
	means = op;
	brokerpair_begin(&pair, JOB_SHOW);
	for (size_t i = 0; i < COUNT_OF(names); i++)
		names[i] = "a.example";
	pair.job.names = names;
	pair.job.name_count = COUNT_OF(names);
	rc = brokerpair_serve(&pair, say_often, &status);
	assert_int_equal(status, brokerpair_status(rc));
	told = pair.said;
	brokerpair_end(&pair);
	return rc;
}

/* 160 names that fail have a report of four lines each, and one of what is
 * not taken down; each request is noted, and after some thousand none. None is
 * too long that can be made. */
static void
test_as_many_lines_as_names_and_requests_need(void **state)
{
	(void)state;
	assert_int_equal(serve_lines(IPC_SAY, 5 * 160 + 10), 0);
	assert_int_equal(serve_lines(IPC_SAY, 3000), ERR_UNSAFE);
	assert_int_equal(serve_lines(IPC_NOTE, 3000), 0);
	assert_int_equal(told, 3000);
	assert_int_equal(serve_lines(IPC_NOTE, 2 * LIMIT_IPC_NOTES), 0);
	assert_int_equal(told, LIMIT_IPC_NOTES + 1);
	assert_int_equal(
	    serve_lines(IPC_NOTE, 4 * LIMIT_IPC_FRAMES), ERR_UNSAFE);
	assert_int_equal(told, LIMIT_IPC_NOTES + 1);
}

/* A CA that takes its time is looked at as long as the operator waits: at
 * order and names, with the longest pause between two looks. */
static void
test_as_many_looks_as_patience_needs(void **state)
{
	struct job job = {.name_count = 160, .patience_s = 7200};

	(void)state;
	assert_true(broker_most_looks(&job) >=
	    LIMIT_IPC_FRAMES + 7200 * 1000 / LIMIT_POLL_MOST_MS * 160);
	job = (struct job){.name_count = 1};
	assert_true(broker_most_looks(&job) < LIMIT_IPC_FRAMES + 100);
}

static int
say_key(int fd)
{
	struct buf fields = BUF_INIT(LIMIT_IPC_BYTES);
	struct err err = ERR_INIT;
	int rc = ipc_put_text(&fields, "one\ntwo\033[31m", &err);

	if (rc == 0)
		rc = brokerpair_ask(fd, IPC_SAY, &fields);
	buf_free(&fields);
	return rc == 0 ? brokerpair_status(brokerpair_finish(fd)) : 1;
}

/* A line for the operator is one line, and moves no cursor. */
static void
test_lines_are_cleaned(void **state)
{
	struct brokerpair pair;
	int status = 1;

	(void)state;
	brokerpair_begin(&pair, JOB_REVOKE);
	assert_int_equal(brokerpair_serve(&pair, say_key, &status), 0);
	assert_int_equal(pair.said, 1);
	assert_null(strchr(pair.last, '\n'));
	assert_null(strchr(pair.last, '\033'));
	brokerpair_end(&pair);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_known_account_stays),
	    cmocka_unit_test(test_as_many_lines_as_names_and_requests_need),
	    cmocka_unit_test(test_as_many_looks_as_patience_needs),
	    cmocka_unit_test(test_lines_are_cleaned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
