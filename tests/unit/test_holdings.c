/*
 * test_holdings.c: which names a running HAProxy holds certificates for, from
 * its answers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "haproxy/holdings.h"
#include "tests/unit/fakeproxy.h"
#include "tests/unit/transaction_words.h"

/* What a walk saw, "STORE NAME rsa|other", a line each. */
static char seen[2000];

static bool
all_but_ours(void *context, const char *store)
{
	(void)context;
	return strcmp(store, "/ours.pem") != 0;
}

static int
note(void *context, const struct holding *holding, struct err *err)
{
	size_t used = strlen(seen);

	(void)context;
	(void)err;
	assert_true(snprintf(seen + used, sizeof(seen) - used, "%s %s %s\n",
			holding->store, holding->name,
			holding->rsa ? "rsa" : "other") > 0);
	return 0;
}

static int
stop(void *context, const struct holding *holding, struct err *err)
{
	(void)note(context, holding, err);
	return err_set(err, ERR_LIMIT, "test", "", "enough");
}

/* 2.6.12's answers, shortened to the keys around those that are read. */
static const struct fake_step steps[] = {
    STEP("show ssl cert\n",
	"# transaction\n*/open.pem\n\n# filename\n/a.pem\n/ours.pem\n"
	"two words\n/b.pem\n/none.pem\n/empty.pem\n/idle.pem\n\n"),
    STEP("show ssl cert /a.pem;show ssl cert /b.pem;"
	 "show ssl cert /none.pem;show ssl cert /empty.pem;show ssl cert "
	 "/idle.pem\n",
	"Filename: /a.pem\nStatus: Used\nSerial: 01\n"
	"Subject Alternative Name: DNS:a.example, DNS:WWW.a.example, "
	"IP Address:127.0.0.1\n"
	"Algorithm: EC256\nSubject: /CN=A.example\nIssuer: /CN=no.example\n"
	"Chain Subject: /CN=no.example\n\n"
	"Filename: /b.pem\nStatus: Used\n"
	"Algorithm: RSA2048\nSubject: /C=DE/CN=b.example/O=x\n\n"
	"Filename: /none.pem\nStatus: Used\n"
	"Algorithm: EC256\nSubject: /O=Intranet\n\n"
	"Filename: /empty.pem\nStatus: Empty\n\n"
	"Filename: /idle.pem\nStatus: Unused\n"
	"Subject Alternative Name: DNS:idle.example\n"
	"Algorithm: EC256\nSubject: /CN=idle.example\n\n"),
};

static void
each_name_is_told_with_its_store(void **state)
{
	struct process process = fake_process(fake_start(state, steps, 2));
	struct err err = ERR_INIT;

	seen[0] = '\0';
	assert_int_equal(
	    holdings_each(&process, all_but_ours, note, NULL, &err), 0);
	assert_string_equal(seen,
	    "/a.pem a.example other\n/a.pem www.a.example other\n"
	    "/a.pem a.example other\n/b.pem b.example rsa\n"
	    "/none.pem  other\n");
}

static void
an_error_ends_the_walk(void **state)
{
	struct process process = fake_process(fake_start(state, steps, 2));
	struct err err = ERR_INIT;

	seen[0] = '\0';
	assert_int_equal(
	    holdings_each(&process, all_but_ours, stop, NULL, &err), ERR_LIMIT);
	assert_string_equal(seen, "/a.pem a.example other\n");
}

static void
a_refusal_is_passed_on(void **state)
{
	static const struct fake_step step =
	    STEP("show ssl cert\n", "Permission denied\n\n");
	struct process process = fake_process(fake_start(state, &step, 1));
	struct err err = ERR_INIT;

	seen[0] = '\0';
	assert_true(
	    holdings_each(&process, all_but_ours, note, NULL, &err) < 0);
	assert_non_null(strstr(err.detail, "Permission denied"));
	assert_string_equal(seen, "");
}

/* 2.6.12, on a proxy without https. */
static void
an_empty_answer_is_none(void **state)
{
	static const struct fake_step step = STEP("show ssl cert\n", "\n");
	struct process process = fake_process(fake_start(state, &step, 1));
	struct err err = ERR_INIT;

	seen[0] = '\0';
	assert_int_equal(
	    holdings_each(&process, all_but_ours, note, NULL, &err), 0);
	assert_string_equal(seen, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		each_name_is_told_with_its_store, fake_setup, fake_teardown),
	    cmocka_unit_test_setup_teardown(
		an_error_ends_the_walk, fake_setup, fake_teardown),
	    cmocka_unit_test_setup_teardown(
		a_refusal_is_passed_on, fake_setup, fake_teardown),
	    cmocka_unit_test_setup_teardown(
		an_empty_answer_is_none, fake_setup, fake_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
