/*
 * test_broker_known.c: a client has no more than its job needs: the account
 * that is known already stays.
 */
#include "acme/broker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_known_account_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
