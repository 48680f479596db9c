/*
 * test_broker_sign.c: what the half that has the keys signs, and what it does
 * not: each client below is one that was taken over.
 */
#include "acme/broker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include <unistd.h>

#include "tests/unit/brokerpair.h"

#define URL "https://ca.example/x"
#define NONCE "bm9uY2U"

static int
sign_revocation(int fd)
{
	return brokerpair_status(brokerpair_sign(fd, IPC_REVOKE, URL, NONCE));
}

static int
sign_deactivation(int fd)
{
	return brokerpair_status(
	    brokerpair_sign(fd, IPC_DEACTIVATE_ACCOUNT, URL, NONCE));
}

static int
forget_proof(int fd)
{
	return brokerpair_status(
	    brokerpair_sign(fd, IPC_DEACTIVATE_AUTHORIZATION, URL, NONCE));
}

/* Whose proof is given up; the client is forked from us. */
static const char *forgotten;

static int
forget_that(int fd)
{
	return brokerpair_status(brokerpair_sign(
	    fd, IPC_DEACTIVATE_AUTHORIZATION, forgotten, NONCE));
}

static int
sign_new_account(int fd)
{
	return brokerpair_status(
	    brokerpair_sign(fd, IPC_NEW_ACCOUNT, URL, NONCE));
}

static int
sign_no_purpose(int fd)
{
	return brokerpair_status(brokerpair_sign(fd, 4711, URL, NONCE));
}

static int
sign_plain_url(int fd)
{
	return brokerpair_status(
	    brokerpair_sign(fd, IPC_POST_AS_GET, "http://127.0.0.1/x", NONCE));
}

static int
sign_split_url(int fd)
{
	return brokerpair_status(brokerpair_sign(
	    fd, IPC_POST_AS_GET, "https://ca.example/x\r\nHost: y", NONCE));
}

static int
sign_bad_nonce(int fd)
{
	return brokerpair_status(
	    brokerpair_sign(fd, IPC_POST_AS_GET, URL, "a b\"c"));
}

static int
sign_too_often(int fd)
{
	int rc = 0;

	for (int i = 0; rc == 0 && i < 1000; i++)
		rc = brokerpair_sign(fd, IPC_NEW_ORDER, URL, NONCE);
	return brokerpair_status(rc);
}

static void
test_signatures_that_are_refused(void **state)
{
	(void)state;
	brokerpair_refuses(JOB_ISSUE, sign_revocation, "purpose");
	brokerpair_refuses(JOB_ISSUE, sign_deactivation, "purpose");
	brokerpair_refuses(JOB_ISSUE, sign_new_account, "purpose");
	brokerpair_refuses(JOB_SHOW, sign_revocation, "purpose");
	brokerpair_refuses(JOB_ISSUE, forget_proof, "giving up a proof");
	brokerpair_refuses(JOB_SHOW, forget_proof, "purpose");
	brokerpair_refuses(JOB_ISSUE, sign_no_purpose, "purpose");
	brokerpair_refuses(JOB_ISSUE, sign_plain_url, "URL");
	brokerpair_refuses(JOB_ISSUE, sign_split_url, "URL");
	brokerpair_refuses(JOB_ISSUE, sign_bad_nonce, "nonce");
	brokerpair_refuses(JOB_ISSUE, sign_too_often, "too many");
}

/* In a dry run a proof may be given up; by no such words the account.
 * What looks like it is passed over: the job goes on. */
static void
test_a_dry_run_gives_up_proofs_alone(void **state)
{
	/* The account is https://ca.example/acct/1. */
	static const struct {
		const char *url;
		int status;
	} rows[] = {
	    {"https://ca.example/x", 0},
	    {"https://ca.example/authz/1", 0},
	    {"https://ca.example/authz/acct/1", 0},
	    {"https://ca.example/acct/1", ERR_INVALID},
	    {"https://ca.example/acct/01", ERR_INVALID},
	    {"https://ca.example/acct/+1", ERR_INVALID},
	    {"https://ca.example/acct/1.", ERR_INVALID},
	    {"https://ca.example/acct/2", ERR_INVALID},
	    {"https://ca.example/ACCT/1", ERR_INVALID},
	    {"https://CA.example:443/acct/1", ERR_INVALID},
	    {"https://ca.example/acct/1/", ERR_INVALID},
	    {"https://ca.example//acct/1", ERR_INVALID},
	    {"https://ca.example/./acct/1", ERR_INVALID},
	    {"https://ca.example/x/../acct/1", ERR_INVALID},
	    {"https://ca.example/%61cct/1", ERR_INVALID},
	    {"https://ca.example/acct/1?x/y", ERR_INVALID},
	    {"https://ca.example/acct/1;x/y", ERR_INVALID},
	    {"https://ca.example/acct/1#/y", ERR_INVALID},
	    {"https://ca.example/", ERR_INVALID},
	    {"https://ca.example", ERR_INVALID},
	    {"https://ca.example/authz/1/", 0},
	    {"https://ca.example/authz?id=1", ERR_INVALID},
	    {"https://ca.example/acct/1//", ERR_INVALID},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct brokerpair pair;
		int status = 0;

		/* Some CAs have a slash at the end of all that they name. */
		for (int slash = 0; slash < 2; slash++) {
			forgotten = rows[i].url;
			brokerpair_begin(&pair, JOB_ISSUE);
			pair.job.dry_run = true;
			(void)snprintf(pair.job.account_url,
			    sizeof(pair.job.account_url),
			    "https://ca.example/acct/1%s", slash ? "/" : "");
			(void)!brokerpair_serve(&pair, forget_that, &status);
			if (status != brokerpair_status(rows[i].status))
				fail_msg("%s: %d", rows[i].url, status);
			brokerpair_end(&pair);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_signatures_that_are_refused),
	    cmocka_unit_test(test_a_dry_run_gives_up_proofs_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
