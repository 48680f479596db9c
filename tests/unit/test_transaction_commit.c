/*
 * test_transaction_commit.c: `commit` and `abort ssl cert` against every reply
 * that HAProxy was seen to give, and against a peer that breaks off.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "haproxy/transaction.h"
#include "tests/unit/fakeproxy.h"
#include "tests/unit/transaction_words.h"

static int
commit_a(const struct process *process, struct err *err)
{
	struct transaction *transaction = NULL;
	int rc;

	rc = transaction_commit_send(process, A, &transaction, err);
	return rc < 0 ? rc : transaction_commit_wait(transaction, err);
}

static int
play_commit(
    void **state, const struct fake_step *steps, size_t count, struct err *err)
{
	struct fake *fake = fake_start(state, steps, count);
	struct process process = fake_process(fake);
	int rc = commit_a(&process, err);

	fake_played(fake);
	return rc;
}

static void
the_master_gets_its_prefix(void **state)
{
	static const struct fake_step steps[] = {
	    STEP("@1 " COMMIT_A, SUCCESS_A),
	    STEP("@1 " ABORT_A, NOTHING_OPEN),
	};
	struct fake *fake = fake_start(state, steps, COUNT_OF(steps));
	struct process process = fake_master(fake);
	struct err err = ERR_INIT;

	assert_int_equal(commit_a(&process, &err), 0);
	assert_int_equal(transaction_abort(&process, A, &err), 0);
	fake_played(fake);
}

static void
a_commit_is_a_success_for_our_store_alone(void **state)
{
	static const char *const replies[] = {
	    "Committing " A "\nSuccess!\n\n",
	    "Committing " A ".\nSuccess!\n\n",
	    "Committing " A "..............................\nSuccess!\n\n",
	    "Committing " A "..\nwarning: no OCSP responder\nSuccess!\n\n",
	    "Can't show!\nCommitting " A "..\nSuccess!\n\n",
	};

	for (size_t i = 0; i < COUNT_OF(replies); i++) {
		struct fake_step steps[] = {STEP(COMMIT_A, replies[i])};
		struct err err = ERR_INIT;
		void *lab = NULL;

		assert_int_equal(fake_setup(&lab), 0);
		assert_int_equal(play_commit(&lab, steps, 1, &err), 0);
		fake_teardown(&lab);
	}
	(void)state;
}

static void
a_refused_commit_is_aborted_since_haproxy_keeps_it(void **state)
{
	static const struct {
		const char *reply, *words;
	} rows[] = {
	    {"inconsistencies between private key and certificate loaded '" A
	     "'.\nCan't commit " A "!\n\n",
		"inconsistencies between private key"},
	    {FOREIGN(B, "set '" A "'") "Can't commit " A "!\n\n", B},
	    {"Committing " B "..\nSuccess!\n\n", B},
	    {"Committing " A ".rsa.\nSuccess!\n\n", ".rsa"},
	    {"Committing " A "..\nFailed!\n\n", "Failed!"},
	    {"Committing " A "..\n", "Committing"},
	    {"Success!\n\n", "Success!"},
	    {"", "nothing"},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct fake_step steps[] = {
		    STEP(COMMIT_A, rows[i].reply), STEP(ABORT_A, ABORTED(A))};
		struct err err = ERR_INIT;
		void *lab = NULL;

		assert_int_equal(fake_setup(&lab), 0);
		assert_int_equal(
		    play_commit(&lab, steps, 2, &err), ERR_HAPROXY);
		assert_non_null(strstr(err.detail, rows[i].words));
		fake_teardown(&lab);
	}
	(void)state;
}

static void
a_commit_that_finds_no_transaction_is_told_apart(void **state)
{
	static const struct fake_step steps[] = {STEP(
	    COMMIT_A, "No ongoing transaction! !\nCan't commit " A "!\n\n")};
	struct err err = ERR_INIT;

	assert_int_equal(play_commit(state, steps, 1, &err), ERR_NOENT);
	assert_int_equal(err.code, ERR_NOENT);
	assert_non_null(strstr(err.detail, "No ongoing transaction!"));
}

static void
a_commit_that_finds_a_lock_is_sent_again(void **state)
{
	static const struct fake_step steps[] = {
	    STEP(COMMIT_A, LOCKED("Can't commit the certificate!")),
	    STEP(COMMIT_A, SUCCESS_A),
	};
	struct err err = ERR_INIT;

	assert_int_equal(play_commit(state, steps, 2, &err), 0);
}

static void
a_commit_that_breaks_off_is_aborted_and_one_at_work_is_not(void **state)
{
	static const struct fake_step steps[] = {
	    {COMMIT_A, SUCCESS_A, FAKE_CUT, 18},
	    STEP(ABORT_A, NOTHING_OPEN),
	    {COMMIT_A, NULL, FAKE_RESET, 0},
	    STEP(ABORT_A, NOTHING_OPEN),
	    {COMMIT_A, NULL, FAKE_STALL, 0},
	};
	struct fake *fake = fake_start(state, steps, COUNT_OF(steps));
	struct process process = fake_process(fake);
	struct err err = ERR_INIT;

	process.patience.commit_ms = FAKE_PATIENCE_MS;
	assert_int_equal(commit_a(&process, &err), ERR_IO);
	assert_int_equal(commit_a(&process, &err), ERR_IO);
	assert_int_equal(commit_a(&process, &err), ERR_TIMEOUT);
	fake_played(fake);
}

static void
an_abort_is_well_where_nothing_of_ours_is_open(void **state)
{
	static const struct fake_step steps[] = {
	    STEP(ABORT_A, ABORTED(A)),
	    STEP(ABORT_A, NOTHING_OPEN),
	    STEP(ABORT_A, FOREIGN(B, "abort a transaction for '" A "'") "\n"),
	    STEP(ABORT_A, LOCKED("Can't abort!")),
	    STEP(ABORT_A, ABORTED(A)),
	    STEP(ABORT_A, ABORTED(B)),
	    STEP(ABORT_A, "\n"),
	};
	struct fake *fake = fake_start(state, steps, COUNT_OF(steps));
	struct process process = fake_process(fake);
	struct err err = ERR_INIT;

	for (size_t i = 0; i < 4; i++)
		assert_int_equal(transaction_abort(&process, A, &err), 0);
	assert_int_equal(transaction_abort(&process, A, &err), ERR_HAPROXY);
	assert_int_equal(transaction_abort(&process, A, &err), ERR_HAPROXY);
	assert_int_equal(transaction_abort(&process, "a b", &err), ERR_INVALID);
	fake_played(fake);
}

int
main(void)
{
#define LAB(test)                                                              \
	cmocka_unit_test_setup_teardown(test, fake_setup, fake_teardown)
	const struct CMUnitTest tests[] = {
	    LAB(the_master_gets_its_prefix),
	    LAB(a_commit_is_a_success_for_our_store_alone),
	    LAB(a_refused_commit_is_aborted_since_haproxy_keeps_it),
	    LAB(a_commit_that_finds_no_transaction_is_told_apart),
	    LAB(a_commit_that_finds_a_lock_is_sent_again),
	    LAB(a_commit_that_breaks_off_is_aborted_and_one_at_work_is_not),
	    LAB(an_abort_is_well_where_nothing_of_ours_is_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
