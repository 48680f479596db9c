/*
 * test_client_refused.c: what the client does when the CA refuses, is broken,
 * or is hostile: it says so, soon, and nothing of it goes further.
 */
#include "acme/client.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/proc.h"
#include "tests/unit/acme_run.h"
#include "tests/unit/scratch.h"
#include "tests/unit/scriptedca.h"

static const char *const one_name[] = {"a.example", NULL};
static const char *const two_names[] = {"a.example", "b.example", NULL};

static void
says_what_is_wrong(void **state)
{
	static const struct {
		const char *scene;
		int code;
		const char *words;
	} rows[] = {
	    {"nonce-hostile", ERR_SYNTAX, "no Replay-Nonce"},
	    {"subproblems", ERR_REFUSED_INPUT,
		"two of them (rejectedIdentifier); a.example: first (caa); "
		"b.example: second (dns)"},
	    {"new-terms", ERR_REFUSED_INPUT, "/new-terms/terms/2"},
	    {"limit-forever", ERR_REFUSED_CA, "too many"},
	    {"paused", ERR_REFUSED_INPUT, "https://ca.example/un"},
	    {"internal", ERR_REFUSED_CA, "oops (serverInternal)"},
	    {"html", ERR_REFUSED_CA, "HTTP status 502: <html> <h1>Bad"},
	    {"redirect", ERR_REFUSED_CA, "/plain/newOrder"},
	    {"redirect-loop", ERR_REFUSED_CA, "/redirect-loop/dir"},
	    {"redirect-plain", ERR_REFUSED_CA, "that is not followed"},
	    {"no-account", ERR_REFUSED_INPUT, "register again"},
	    {"dir-html", ERR_SYNTAX, "ACME server's directory?"},
	    {"dir-empty", ERR_SYNTAX, "`newNonce` is missing"},
	    {"dir-plain-url", ERR_SYNTAX, "no absolute https URL"},
	    {"order-list", ERR_SYNTAX, "no JSON object"},
	    {"order-deep", ERR_SYNTAX, "no JSON"},
	    {"order-bare", ERR_SYNTAX, "no Location"},
	    {"order-elsewhere", ERR_SYNTAX, "no Location"},
	    {"cut", ERR_DOWN, "/cut/newOrder"},
	    {"cut-looks-forever", ERR_DOWN, "/cut-looks-forever/dir"},
	    {"endless", ERR_LIMIT, "1048576 bytes"},
	    {"many-headers", ERR_LIMIT, "header lines"},
	    {"other-name", ERR_SYNTAX, "evil.example, which was not asked"},
	    {"not-ready", ERR_REFUSED_CA, "stays ready"},
	    {"invalid-at-last", ERR_REFUSED_INPUT, "CAA forbids it (caa)"},
	    {"no-certificate", ERR_SYNTAX, "names no certificate"},
	    {"only-dns", ERR_REFUSED_INPUT, "does not offer http-01"},
	    {"token-path", ERR_SYNTAX, "`token` is no base64url"},
	    {"token-short", ERR_SYNTAX, "`token` is no base64url"},
	    {"token-line", ERR_SYNTAX, "`token` is no base64url"},
	    {"token-none", ERR_SYNTAX, "has no token"},
	    {"slow-order", ERR_REFUSED_CA, "a.example"},
	    {"chain-large", ERR_LIMIT, "196608"},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct acme_run run;

		acme_run_begin(state, &run, rows[i].scene, one_name);
		acme_run_fails(state, &run, rows[i].code, rows[i].words);
		/* What went up came down, and nothing was stored. */
		assert_int_equal(strstr(run.lines, "publish") != NULL,
		    strstr(run.lines, "withdraw") != NULL);
		assert_null(strstr(run.lines, "\nchain "));
		acme_run_end(&run);
	}
}

static void
a_storm_of_bad_nonces_ends(void **state)
{
	unsigned before = scriptedca_count(state, "badnonce-storm", "newOrder");
	struct acme_run run;

	acme_run_begin(state, &run, "badnonce-storm", one_name);
	acme_run_fails(state, &run, ERR_REFUSED_CA, "badNonce");
	assert_int_equal(scriptedca_count(state, "badnonce-storm", "newOrder"),
	    before + LIMIT_BADNONCE_RETRIES + 1);
	acme_run_end(&run);
}

/* Which names it was: for who goes on without them. */
static void
names_what_is_refused(void **state)
{
	struct acme_run run;

	acme_run_begin(state, &run, "subproblems", two_names);
	acme_run_fails(state, &run, ERR_REFUSED_INPUT, "two of them");
	assert_string_equal(run.err.on, "a.example b.example");
	acme_run_end(&run);
}

/* A long Retry-After is handed up, not waited for; in either form. */
static void
does_not_wait_for_hours(void **state)
{
	static const struct {
		const char *scene;
		int code;
		long least_s, most_s;
	} rows[] = {
	    {"limit-long", ERR_REFUSED_CA, 3600, 3600},
	    {"limit-date", ERR_REFUSED_CA, 7000, 7200},
	    {"processing-long", ERR_TIMEOUT, 86400, 86400},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		int64_t begun_ms = clock_mono_ms();
		struct acme_run run;

		acme_run_begin(state, &run, rows[i].scene, one_name);
		acme_run_fails(state, &run, rows[i].code, "");
		assert_in_range(
		    run.err.retry_after_s, rows[i].least_s, rows[i].most_s);
		assert_true(clock_mono_ms() - begun_ms < 20 * 1000);
		acme_run_end(&run);
	}
}

static void
patience_has_an_end(void **state)
{
	struct acme_run run;

	acme_run_begin(state, &run, "processing-forever", one_name);
	run.job.patience_s = 1;
	acme_run_fails(state, &run, ERR_TIMEOUT, "not done after 1 s");
	/* Its URL is known, so that the next run can go on. */
	assert_non_null(strstr(run.lines, "order https"));
	acme_run_end(&run);
}

/* Both names, and the answer for the one was up until it was looked at. */
static void
all_that_failed_is_told_at_once(void **state)
{
	int64_t begun_ms = clock_mono_ms();
	struct acme_run run;

	acme_run_begin(state, &run, "both-fail", two_names);
	acme_run_fails(
	    state, &run, ERR_REFUSED_INPUT, "wrong answer 0 (unauthorized)");
	assert_non_null(
	    strstr(run.err.detail, "b.example: wrong answer 1 (unauthorized)"));
	assert_string_equal(run.err.on, "a.example b.example");
	assert_true(clock_mono_ms() - begun_ms >= 500);
	acme_run_end(&run);
}

static void
a_name_that_is_there_twice_is_refused(void **state)
{
	struct acme_run run;

	acme_run_begin(state, &run, "name-twice", two_names);
	acme_run_fails(state, &run, ERR_SYNTAX, "names a.example twice");
	assert_null(strstr(run.lines, "publish"));
	acme_run_end(&run);
}

static void
a_required_profile_must_be_offered(void **state)
{
	unsigned before = scriptedca_count(state, "profiles", "newOrder");
	struct acme_run run;

	acme_run_begin(state, &run, "profiles", one_name);
	run.job.profile = "long";
	run.job.profile_required = true;
	acme_run_fails(state, &run, ERR_USAGE, "offers classic and others");
	assert_int_equal(
	    scriptedca_count(state, "profiles", "newOrder"), before);
	acme_run_end(&run);
	acme_run_begin(state, &run, "profile-refused", one_name);
	run.job.profile = "short";
	run.job.profile_required = true;
	acme_run_fails(state, &run, ERR_REFUSED_INPUT, "not for you");
	acme_run_end(&run);
}

static void
what_the_broker_refuses_ends_the_job(void **state)
{
	static const enum ipc_op ops[] = {
	    IPC_SIGN, IPC_ORDER, IPC_PREPARE, IPC_PUBLISH, IPC_UP, IPC_CHAIN};
	struct acme_run run;

	for (size_t i = 0; i < COUNT_OF(ops); i++) {
		acme_run_begin(state, &run, "plain", one_name);
		run.script.refuse = ops[i];
		acme_run_fails(state, &run, ERR_UNSAFE, "not this");
		acme_run_end(&run);
		acme_run_begin(state, &run, "plain", one_name);
		run.script.die_at = ops[i];
		acme_run_fails(state, &run, ERR_NOENT, "it has ended");
		acme_run_end(&run);
	}
	/* That a challenge stays up is told, and not more. */
	acme_run_begin(state, &run, "plain", one_name);
	run.script.refuse = IPC_WITHDRAW;
	acme_run_well(state, &run, 8);
	assert_non_null(strstr(run.lines, "say serving the client: not this"));
	acme_run_end(&run);
}

static void
the_ca_must_show_a_certificate_that_we_trust(void **state)
{
	struct acme_run run;

	acme_run_begin(state, &run, "plain", one_name);
	run.job.ca_file = "";
	acme_run_fails(state, &run, ERR_DOWN, "REQUESTS_CA_BUNDLE");
	acme_run_end(&run);
	acme_run_begin(state, &run, "plain", one_name);
	run.job.ca_file = "/nonexistent/ca.pem";
	acme_run_fails(state, &run, ERR_DOWN, "/nonexistent/ca.pem");
	acme_run_end(&run);
	acme_run_begin(state, &run, "plain", one_name);
	run.job.ca_file = "";
	run.job.verify_ssl = false;
	acme_run_well(state, &run, 8);
	acme_run_end(&run);
}

/* REQUESTS_CA_BUNDLE may be a directory with hashed names. */
static void
certificates_may_come_from_a_directory(void **state)
{
	const char *dir = scratch_path(state, "hashed");
	const char *const copy[] = {"cp", scriptedca_file(state), dir, NULL};
	const char *const hash[] = {"openssl", "rehash", dir, NULL};
	const char *const *const commands[] = {copy, hash};
	struct acme_run run;

	assert_int_equal(mkdir(dir, 0700), 0);
	for (size_t i = 0; i < COUNT_OF(commands); i++) {
		struct proc_result result = {.exit_status = -1};
		struct err err = ERR_INIT;

		assert_int_equal(
		    proc_run(commands[i], 60 * 1000, &result, &err), 0);
		assert_int_equal(result.exit_status, 0);
		proc_result_free(&result);
		acme_run_begin(state, &run, "plain", one_name);
		run.job.ca_file = dir;
		if (i == 0)
			acme_run_fails(state, &run, ERR_DOWN, "not trusted");
		else
			acme_run_well(state, &run, 8);
		acme_run_end(&run);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(says_what_is_wrong),
	    cmocka_unit_test(a_storm_of_bad_nonces_ends),
	    cmocka_unit_test(names_what_is_refused),
	    cmocka_unit_test(does_not_wait_for_hours),
	    cmocka_unit_test(patience_has_an_end),
	    cmocka_unit_test(all_that_failed_is_told_at_once),
	    cmocka_unit_test(a_name_that_is_there_twice_is_refused),
	    cmocka_unit_test(a_required_profile_must_be_offered),
	    cmocka_unit_test(what_the_broker_refuses_ends_the_job),
	    cmocka_unit_test(the_ca_must_show_a_certificate_that_we_trust),
	    cmocka_unit_test(certificates_may_come_from_a_directory),
	};

	return cmocka_run_group_tests(
	    tests, scriptedca_setup, scriptedca_teardown);
}
