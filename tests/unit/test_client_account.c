/*
 * test_client_account.c: the jobs about accounts, and revocation.
 */
#include "acme/client.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "tests/unit/acme_run.h"
#include "tests/unit/scriptedca.h"

static const char *const no_name[] = {NULL};
static const char *const one_name[] = {"a.example", NULL};

static void
begin(void **state, struct acme_run *run, const char *scene, enum job_kind kind)
{
	acme_run_begin(
	    state, run, scene, kind == JOB_ISSUE ? one_name : no_name);
	run->job.kind = kind;
}

static void
an_account_is_made_or_found(void **state)
{
	static const struct {
		bool agree;
		const char *purpose;
	} rows[] = {{true, " new-account\n"}, {false, " find\n"}};
	struct acme_run run;

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		unsigned before =
		    scriptedca_count(state, "plain", rows[i].purpose);

		begin(state, &run, "plain", JOB_REGISTER);
		run.job.account_url[0] = '\0';
		run.job.agree_tos = rows[i].agree;
		acme_run_well(state, &run, 3);
		assert_int_equal(
		    scriptedca_count(state, "plain", rows[i].purpose),
		    before + 1);
		assert_non_null(strstr(run.lines, "/plain/acct/1\nend 0"));
		acme_run_end(&run);
	}
	/* One that is known costs nothing. */
	begin(state, &run, "plain", JOB_REGISTER);
	acme_run_well(state, &run, 1);
	acme_run_end(&run);
	/* An order comes with one where there is none. */
	begin(state, &run, "plain", JOB_ISSUE);
	run.job.account_url[0] = '\0';
	run.job.agree_tos = true;
	acme_run_well(state, &run, 9);
	assert_non_null(strstr(run.lines, "account https"));
	acme_run_end(&run);
}

static void
none_is_made_without_leave(void **state)
{
	static const struct {
		const char *scene;
		enum job_kind kind;
		bool agree;
		int code;
		const char *words;
	} rows[] = {
	    {"terms", JOB_REGISTER, false, ERR_USAGE,
		"https://ca.example/terms"},
	    {"terms", JOB_ISSUE, false, ERR_USAGE, "--agree-tos"},
	    {"eab", JOB_REGISTER, true, ERR_USAGE, "--eab-kid"},
	    {"terms", JOB_UPDATE, true, ERR_REFUSED_INPUT, "register again"},
	    {"account-bare", JOB_REGISTER, true, ERR_SYNTAX, "no Location"},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct acme_run run;

		begin(state, &run, rows[i].scene, rows[i].kind);
		run.job.account_url[0] = '\0';
		run.job.agree_tos = rows[i].agree;
		acme_run_fails(state, &run, rows[i].code, rows[i].words);
		assert_null(strstr(run.lines, "account"));
		acme_run_end(&run);
	}
}

static void
an_external_account_is_bound(void **state)
{
	struct acme_run run;

	begin(state, &run, "eab", JOB_REGISTER);
	run.job.account_url[0] = '\0';
	run.job.agree_tos = true;
	run.job.eab = true;
	acme_run_well(state, &run, 3);
	acme_run_end(&run);
}

/* The account's URL is the scripted CA's, which answers at acct/1. */
static void
an_account_is_shown_changed_and_closed(void **state)
{
	static const struct {
		enum job_kind kind;
		const char *purpose;
	} rows[] = {
	    {JOB_SHOW, "acct get"},
	    {JOB_UPDATE, "acct update"},
	    {JOB_DEACTIVATE, "acct deactivate"},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		unsigned before =
		    scriptedca_count(state, "plain", rows[i].purpose);
		struct acme_run run;

		begin(state, &run, "plain", rows[i].kind);
		memcpy(run.job.account_url, scriptedca_url("plain/acct/1"),
		    strlen(scriptedca_url("plain/acct/1")) + 1);
		acme_run_well(state, &run, 3);
		assert_int_equal(
		    scriptedca_count(state, "plain", rows[i].purpose),
		    before + 1);
		assert_int_equal(
		    strstr(run.lines,
			"show valid\ncontact mailto:a@a.example\n") != NULL,
		    rows[i].kind == JOB_SHOW);
		acme_run_end(&run);
	}
}

static void
revokes(void **state)
{
	struct acme_run run;

	begin(state, &run, "plain", JOB_REVOKE);
	acme_run_well(state, &run, 3);
	acme_run_end(&run);
	/* By the certificate's key: no account is looked for. */
	begin(state, &run, "plain", JOB_REVOKE);
	run.job.account_url[0] = '\0';
	run.job.thumbprint[0] = '\0';
	acme_run_well(state, &run, 3);
	acme_run_end(&run);
	/* By an account whose URL was lost. */
	begin(state, &run, "plain", JOB_REVOKE);
	run.job.account_url[0] = '\0';
	acme_run_well(state, &run, 4);
	acme_run_end(&run);
	begin(state, &run, "revoked-before", JOB_REVOKE);
	acme_run_well(state, &run, 3);
	assert_non_null(strstr(run.lines, "had been revoked before"));
	acme_run_end(&run);
}

static void
notes_each_request(void **state)
{
	struct acme_run run;

	begin(state, &run, "plain", JOB_REVOKE);
	run.script.notes = true;
	acme_run_well(state, &run, 3);
	assert_non_null(strstr(
	    run.lines, "note Sending POST request to https://127.0.0.1:"));
	assert_non_null(strstr(run.lines, "note POST https://127.0.0.1:"));
	assert_non_null(
	    strstr(run.lines, "revokeCert: status 200, 0 bytes (request 3)"));
	acme_run_end(&run);
	begin(state, &run, "revoked-before", JOB_REVOKE);
	run.script.notes = true;
	acme_run_well(state, &run, 3);
	assert_non_null(strstr(run.lines,
	    "note problem urn:ietf:params:acme:error:alreadyRevoked"));
	acme_run_end(&run);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_account_is_made_or_found),
	    cmocka_unit_test(none_is_made_without_leave),
	    cmocka_unit_test(an_external_account_is_bound),
	    cmocka_unit_test(an_account_is_shown_changed_and_closed),
	    cmocka_unit_test(revokes),
	    cmocka_unit_test(notes_each_request),
	};

	return cmocka_run_group_tests(
	    tests, scriptedca_setup, scriptedca_teardown);
}
