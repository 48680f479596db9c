/*
 * test_transaction.c: `set ssl cert` against every reply that HAProxy was seen
 * to give, and against a peer that breaks off: whatever happens, no transaction
 * of ours is left open but one that is said to be.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "haproxy/transaction.h"
#include "tests/unit/fakeproxy.h"
#include "tests/unit/transaction_words.h"

/* `set` of A with a small payload, from sending to the verdict. */
static int
set_a(const struct process *process, struct err *err)
{
	static const char text[] = "-----BEGIN\nkey\n";
	struct buf pem = BUF_SECRET(100);
	struct transaction *transaction = NULL;
	int rc;

	assert_int_equal(buf_puts(&pem, text, err), 0);
	rc = transaction_set_send(process, A, &pem, &transaction, err);
	if (rc == 0)
		rc = transaction_set_wait(transaction, err);
	assert_string_equal(pem.data, text);
	buf_free(&pem);
	return rc;
}

/* Plays a script against a set; returns the verdict, all steps played. */
static int
play_set(
    void **state, const struct fake_step *steps, size_t count, struct err *err)
{
	struct fake *fake = fake_start(state, steps, count);
	struct process process = fake_process(fake);
	int rc = set_a(&process, err);

	fake_played(fake);
	return rc;
}

static void
a_set_that_is_created_for_us_opens_the_transaction(void **state)
{
	static const struct fake_step steps[] = {STEP(SET_A, CREATED_A)};
	struct err err = ERR_INIT;

	assert_int_equal(play_set(state, steps, 1, &err), 0);
}

static void
a_payload_goes_to_the_master_with_its_prefix(void **state)
{
	static const struct fake_step steps[] = {
	    STEP("@1 " SET_A, CREATED_A),
	};
	struct fake *fake = fake_start(state, steps, COUNT_OF(steps));
	struct process process = fake_master(fake);
	struct err err = ERR_INIT;

	assert_int_equal(set_a(&process, &err), 0);
	assert_string_equal(fake_received(fake, 0), "@1 " SET_A);
	fake_played(fake);
}

/* H1: on 2.6 the set went into B's transaction. */
static void
a_set_that_updated_another_store_aborts_that_one_at_once(void **state)
{
	static const struct fake_step steps[] = {
	    STEP(SET_A, UPDATED(B)),
	    STEP(ABORT_B, ABORTED(B)),
	    STEP(SET_A, CREATED_A),
	};
	struct err err = ERR_INIT;

	assert_int_equal(play_set(state, steps, COUNT_OF(steps), &err), 0);
}

static void
our_own_left_over_transaction_is_aborted_at_once(void **state)
{
	static const struct fake_step steps[] = {
	    STEP(SET_A, UPDATED(A)),
	    STEP(ABORT_A, ABORTED(A)),
	    STEP(SET_A, CREATED_A),
	};
	struct err err = ERR_INIT;

	assert_int_equal(play_set(state, steps, COUNT_OF(steps), &err), 0);
}

/* A look-alike of our name is another store. */
static void
a_set_created_for_a_longer_name_is_not_ours(void **state)
{
	static const struct fake_step steps[] = {
	    STEP(SET_A, "Transaction created for certificate " A ".rsa!\n\n"),
	    STEP("abort ssl cert " A ".rsa\n", ABORTED(A ".rsa")),
	    STEP(SET_A, CREATED_A),
	};
	struct err err = ERR_INIT;

	assert_int_equal(play_set(state, steps, COUNT_OF(steps), &err), 0);
}

static void
a_left_over_in_our_directory_is_aborted_without_a_wait(void **state)
{
	static const struct fake_step steps[] = {
	    STEP(SET_A,
		FOREIGN("/etc/ssl/z.pem", "set '" A "'") "Can't update " A
							 "!\n\n"),
	    STEP("abort ssl cert /etc/ssl/z.pem\n", ABORTED("/etc/ssl/z.pem")),
	    STEP(SET_A, CREATED_A),
	};
	struct err err = ERR_INIT;

	assert_int_equal(play_set(state, steps, COUNT_OF(steps), &err), 0);
}

static void
a_foreign_transaction_may_end_by_itself(void **state)
{
	static const struct fake_step steps[] = {
	    STEP(SET_A, FOREIGN_B),
	    STEP(SET_A, CREATED_A),
	};
	struct err err = ERR_INIT;

	assert_int_equal(play_set(state, steps, COUNT_OF(steps), &err), 0);
}

/* A patience of 1 ms, and a pause that is longer: one more try, then abort. */
static void
a_foreign_transaction_that_stays_is_aborted_in_the_end(void **state)
{
	static const struct fake_step steps[] = {
	    STEP(SET_A, FOREIGN_B),
	    STEP(SET_A, FOREIGN_B),
	    STEP(ABORT_B, ABORTED(B)),
	    STEP(SET_A, CREATED_A),
	};
	struct fake *fake = fake_start(state, steps, COUNT_OF(steps));
	struct process process = fake_process(fake);
	struct err err = ERR_INIT;

	process.patience.foreign_ms = 1;
	assert_int_equal(set_a(&process, &err), 0);
	fake_played(fake);
}

static void
another_client_that_never_gives_way_ends_the_set(void **state)
{
	static struct fake_step steps[18];
	struct err err = ERR_INIT;

	for (size_t i = 0; i < 8; i++) {
		steps[2 * i] = (struct fake_step)STEP(SET_A, UPDATED(B));
		steps[2 * i + 1] = (struct fake_step)STEP(ABORT_B, ABORTED(B));
	}
	steps[16] = (struct fake_step)STEP(SET_A, UPDATED(B));
	steps[17] = (struct fake_step)STEP(
	    ABORT_A, FOREIGN(B, "abort a transaction for '" A "'") "\n");
	assert_int_equal(play_set(state, steps, 18, &err), ERR_HAPROXY);
	assert_non_null(strstr(err.detail, B));
}

static void
a_lock_that_ends_is_waited_for(void **state)
{
	static const struct fake_step steps[] = {
	    STEP(SET_A, LOCKED("Can't update the certificate!")),
	    STEP(SET_A, LOCKED("Can't update the certificate!")),
	    STEP(SET_A, UPDATED(A)),
	    STEP(ABORT_A, LOCKED("Can't abort!")),
	    STEP(ABORT_A, ABORTED(A)),
	    STEP(SET_A, CREATED_A),
	};
	struct err err = ERR_INIT;

	assert_int_equal(play_set(state, steps, COUNT_OF(steps), &err), 0);
}

static void
a_lock_that_does_not_end_is_said_in_haproxys_words(void **state)
{
	static struct fake_step steps[LIMIT_CLI_BUSY_RETRIES + 2];
	struct err err = ERR_INIT;

	for (size_t i = 0; i < COUNT_OF(steps) - 1; i++)
		steps[i] = (struct fake_step)STEP(
		    SET_A, LOCKED("Can't update the certificate!"));
	steps[COUNT_OF(steps) - 1] =
	    (struct fake_step)STEP(ABORT_A, NOTHING_OPEN);
	assert_int_equal(
	    play_set(state, steps, COUNT_OF(steps), &err), ERR_HAPROXY);
	assert_non_null(strstr(err.detail, "currently locked"));
}

static void
a_refused_set_leaves_nothing_open_and_repeats_the_words(void **state)
{
	static const struct {
		const char *reply, *words;
	} rows[] = {
	    {"unable to load certificate from file '" A "'.\nCan't load the "
	     "payload\nCan't update " A "!\n\n",
		"unable to load certificate from file '" A "'.; Can't load"},
	    {"Can't replace a certificate which is not referenced by the "
	     "configuration!\nCan't update " A "!\n\n",
		"not referenced by the configuration"},
	    {"'set ssl cert expects a filename and a certificate as a "
	     "payload\n\n",
		"expects a filename"},
	    {"\n", "nothing"},
	    {"Transaction created for certificate !\n\n", "Transaction"},
	    {"Transaction created for certificate " A "\n\n", "Transaction"},
	    {"Transaction created for certificate " A "!\nFailed!\n\n",
		"Failed!"},
	    {NOTHING_OPEN, "No ongoing"},
	    {SUCCESS_A, "Success!"},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct fake_step steps[] = {
		    STEP(SET_A, rows[i].reply), STEP(ABORT_A, NOTHING_OPEN)};
		struct err err = ERR_INIT;
		void *lab = NULL;

		assert_int_equal(fake_setup(&lab), 0);
		assert_int_equal(play_set(&lab, steps, 2, &err), ERR_HAPROXY);
		assert_non_null(strstr(err.detail, rows[i].words));
		assert_string_equal(err.on, A);
		fake_teardown(&lab);
	}
	(void)state;
}

static void
a_set_that_is_cut_or_not_answered_is_aborted(void **state)
{
	static const struct fake_step steps[] = {
	    {SET_A, CREATED_A, FAKE_CUT, 20},
	    STEP(ABORT_A, ABORTED(A)),
	    {SET_A, NULL, FAKE_RESET, 0},
	    STEP(ABORT_A, NOTHING_OPEN),
	    {SET_A, NULL, FAKE_STALL, 0},
	    STEP(ABORT_A, NOTHING_OPEN),
	    STEP(SET_A, "Permission denied\n\n"),
	};
	struct fake *fake = fake_start(state, steps, COUNT_OF(steps));
	struct process process = fake_process(fake);
	struct err err = ERR_INIT;

	process.patience.answer_ms = FAKE_PATIENCE_MS;
	assert_int_equal(set_a(&process, &err), ERR_IO);
	assert_int_equal(set_a(&process, &err), ERR_IO);
	assert_int_equal(set_a(&process, &err), ERR_TIMEOUT);
	assert_int_equal(err.code, ERR_TIMEOUT);
	assert_int_equal(set_a(&process, &err), ERR_PERM);
	assert_non_null(strstr(err.detail, "level admin"));
	fake_played(fake);
}

static void
what_cannot_be_said_to_haproxy_is_not_sent(void **state)
{
	static const struct {
		const char *store, *pem;
		size_t len;
	} rows[] = {
	    {A, "-----BEGIN\n\nkey\n", 16},
	    {A, "\n-----BEGIN\n", 12},
	    {A, "-----BEGIN\nkey\n\n", 16},
	    {A, "-----BEGIN\r\nkey\r\n", 17},
	    {A, "-----BEGIN\n\0key\n", 16},
	    {A, "", 0},
	    {"/a b.pem", "x\n", 2},
	    {"/a;b.pem", "x\n", 2},
	    {"", "x\n", 2},
	    {"/a.pem.", "x\n", 2},
	};
	struct fake *fake = fake_start(state, NULL, 0);
	struct process process = fake_process(fake);

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct buf pem = BUF_SECRET(100);
		struct transaction *transaction = NULL;
		struct err err = ERR_INIT;

		assert_int_equal(
		    buf_add(&pem, rows[i].pem, rows[i].len, &err), 0);
		assert_int_equal(transaction_set_send(&process, rows[i].store,
				     &pem, &transaction, &err),
		    ERR_INVALID);
		assert_null(transaction);
		buf_free(&pem);
	}
	fake_played(fake);
}

int
main(void)
{
#define LAB(test)                                                              \
	cmocka_unit_test_setup_teardown(test, fake_setup, fake_teardown)
	const struct CMUnitTest tests[] = {
	    LAB(a_set_that_is_created_for_us_opens_the_transaction),
	    LAB(a_payload_goes_to_the_master_with_its_prefix),
	    LAB(a_set_that_updated_another_store_aborts_that_one_at_once),
	    LAB(our_own_left_over_transaction_is_aborted_at_once),
	    LAB(a_set_created_for_a_longer_name_is_not_ours),
	    LAB(a_left_over_in_our_directory_is_aborted_without_a_wait),
	    LAB(a_foreign_transaction_may_end_by_itself),
	    LAB(a_foreign_transaction_that_stays_is_aborted_in_the_end),
	    LAB(another_client_that_never_gives_way_ends_the_set),
	    LAB(a_lock_that_ends_is_waited_for),
	    LAB(a_lock_that_does_not_end_is_said_in_haproxys_words),
	    LAB(a_refused_set_leaves_nothing_open_and_repeats_the_words),
	    LAB(a_set_that_is_cut_or_not_answered_is_aborted),
	    LAB(what_cannot_be_said_to_haproxy_is_not_sent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
