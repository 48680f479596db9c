/*
 * test_client.c: what the client does when the CA does as it should, or nearly.
 */
#include "acme/client.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/unit/acme_run.h"
#include "tests/unit/scriptedca.h"

static const char *const one_name[] = {"a.example", NULL};
static const char *const two_names[] = {"a.example", "b.example", NULL};

#define TOKEN "evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA"

static void
one_name_takes_the_least_requests(void **state)
{
	struct acme_run run;

	acme_run_begin(state, &run, "plain", one_name);
	/* directory, nonce, newOrder, authorization, challenge, order,
	 * finalize, certificate. */
	acme_run_well(state, &run, 8);
	assert_non_null(strstr(run.lines, "/plain/order/1\npublish "));
	assert_non_null(strstr(run.lines,
	    "publish a.example 0 " TOKEN "0 0\nup\nprepare\n"
	    "withdraw a.example 0 " TOKEN "0\nchain 0 "));
	acme_run_end(&run);
}

static void
each_further_name_takes_two(void **state)
{
	struct acme_run run;

	acme_run_begin(state, &run, "plain", two_names);
	acme_run_well(state, &run, 10);
	assert_non_null(strstr(run.lines,
	    "publish a.example 0 " TOKEN "0 1\n"
	    "publish b.example 0 " TOKEN "1 0\nup\nprepare\n"));
	acme_run_end(&run);
}

static int
listen_on_loopback(struct job *job)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_true(fd >= 0);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(
	    bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 16), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	job->listeners[job->listener_count++] = fd;
	return ntohs(address.sin_port);
}

static void
standalone_answers_all_names_itself(void **state)
{
	struct acme_run run;

	acme_run_begin(state, &run, "plain", two_names);
	run.job.answer = JOB_STANDALONE;
	run.port = listen_on_loopback(&run.job);
	/* How many requests is the CA's pace: it is asked when it has come. */
	acme_run_well(state, &run, 0);
	assert_null(strstr(run.lines, "publish"));
	/* Closed before it told its end: the next job may want the port. */
	assert_int_equal(close(run.job.listeners[0]), -1);
	acme_run_end(&run);
}

static void
a_wildcard_and_its_base_are_two(void **state)
{
	static const char *const names[] = {
	    "*.a.example", "a.example", "b.example", NULL};
	struct acme_run run;

	acme_run_begin(state, &run, "backwards", names);
	run.job.challenge = JOB_DNS_01;
	acme_run_well(state, &run, 12);
	assert_non_null(strstr(run.lines,
	    "publish b.example 0 " TOKEN "2 2\n"
	    "publish a.example 0 " TOKEN "1 1\n"
	    "publish a.example 1 " TOKEN "0 0\n"));
	acme_run_end(&run);
}

/* What a CA may do, and how many requests it takes with one name then. */
static void
bears_what_cas_do(void **state)
{
	static const struct {
		const char *scene;
		unsigned requests;
	} rows[] = {
	    {"badnonce-once", 9}, {"badnonce-bare", 10}, {"badnonce-half", 14},
	    {"nonce-busy", 9}, {"limit-short", 9}, {"ready-at-once", 5},
	    {"processing", 11}, {"not-ready-once", 10}, {"conflict", 8},
	    {"unknown-challenges", 8},
	    {"redirect-dir", 1}, /* to another scene */
	    {"cut-looks", 14}, /* a nonce is lost with each */
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct acme_run run;

		acme_run_begin(state, &run, rows[i].scene, one_name);
		acme_run_well(state, &run, rows[i].requests);
		acme_run_end(&run);
	}
}

static void
a_valid_authorization_is_left_alone(void **state)
{
	struct acme_run run;

	acme_run_begin(state, &run, "first-is-valid", two_names);
	acme_run_well(state, &run, 9);
	assert_null(strstr(run.lines, "publish a.example"));
	assert_non_null(strstr(run.lines, "publish b.example"));
	acme_run_end(&run);
}

/* ... nor given up for a dry run, where the broker does not sign that. */
static void
a_proof_that_cannot_be_given_up_is_told(void **state)
{
	struct acme_run run;

	acme_run_begin(state, &run, "first-is-valid", two_names);
	run.job.dry_run = true;
	run.script.decline = IPC_DEACTIVATE_AUTHORIZATION;
	acme_run_well(state, &run, 10);
	assert_non_null(strstr(run.lines, "not that one"));
	assert_null(strstr(run.lines, "publish a.example"));
	assert_non_null(strstr(run.lines, "publish b.example"));
	acme_run_end(&run);
}

static void
alternates_are_fetched_until_one_is_enough(void **state)
{
	static const char *const chains[] = {
	    "chain 0 ", "chain 1 ", "chain 2 "};
	struct acme_run run;

	for (unsigned enough = 0; enough < 4; enough++) {
		acme_run_begin(state, &run, "alternates", one_name);
		run.job.alternates = true;
		run.script.enough_at = enough;
		acme_run_well(state, &run, 8 + (enough < 2 ? enough : 2));
		for (unsigned i = 0; i < COUNT_OF(chains); i++)
			assert_int_equal(
			    strstr(run.lines, chains[i]) != NULL, i <= enough);
		acme_run_end(&run);
	}
	/* Nobody prefers another chain. */
	acme_run_begin(state, &run, "alternates", one_name);
	run.script.enough_at = 9;
	acme_run_well(state, &run, 8);
	acme_run_end(&run);
}

static void
a_chain_goes_to_the_broker_as_it_came(void **state)
{
	struct acme_run run;

	/* It is the broker who looks for keys in it, and refuses. */
	acme_run_begin(state, &run, "key-inside", one_name);
	acme_run_well(state, &run, 8);
	assert_non_null(strstr(run.lines,
	    "-----END CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----\nMC4=\n"));
	acme_run_end(&run);
	acme_run_begin(state, &run, "key-inside", one_name);
	run.script.refuse = IPC_CHAIN;
	acme_run_fails(state, &run, ERR_UNSAFE, "not this");
	acme_run_end(&run);
}

static void
goes_on_with_an_order(void **state)
{
	static const struct {
		const char *scene;
		unsigned requests;
		bool opened;
	} rows[] = {
	    {"plain", 8, false},
	    {"valid-before", 4, false},
	    {"forgotten", 9, true},
	    {"expired-before", 9, true},
	    {"late", 9, true},
	    {"late-but-valid", 4, false},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct acme_run run;
		char path[64];

		acme_run_begin(state, &run, rows[i].scene, one_name);
		(void)snprintf(path, sizeof(path), "%s/order/9", rows[i].scene);
		(void)snprintf(run.job.order_url, sizeof(run.job.order_url),
		    "%s", scriptedca_url(path));
		acme_run_well(state, &run, rows[i].requests);
		assert_int_equal(
		    strstr(run.lines, "order https") != NULL, rows[i].opened);
		acme_run_end(&run);
	}
}

static void
a_profile_is_asked_for_where_it_is_offered(void **state)
{
	static const struct {
		const char *scene, *profile, *purpose;
		unsigned orders;
	} rows[] = {
	    {"profiles", "short", " new-order\n", 1},
	    {"profiles", "long", " new-order-plain\n", 1},
	    {"profiles", "", " new-order-plain\n", 1},
	    {"profile-refused", "short", " new-order-plain\n", 2},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const char *scene = rows[i].scene, *word = rows[i].purpose;
		unsigned all = scriptedca_count(state, scene, "newOrder"),
			 such = scriptedca_count(state, scene, word);
		struct acme_run run;

		acme_run_begin(state, &run, scene, one_name);
		run.job.profile = rows[i].profile;
		acme_run_well(state, &run, 0);
		assert_int_equal(scriptedca_count(state, scene, "newOrder"),
		    all + rows[i].orders);
		assert_int_equal(
		    scriptedca_count(state, scene, word), such + 1);
		acme_run_end(&run);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(one_name_takes_the_least_requests),
	    cmocka_unit_test(each_further_name_takes_two),
	    cmocka_unit_test(standalone_answers_all_names_itself),
	    cmocka_unit_test(a_wildcard_and_its_base_are_two),
	    cmocka_unit_test(bears_what_cas_do),
	    cmocka_unit_test(a_valid_authorization_is_left_alone),
	    cmocka_unit_test(a_proof_that_cannot_be_given_up_is_told),
	    cmocka_unit_test(alternates_are_fetched_until_one_is_enough),
	    cmocka_unit_test(a_chain_goes_to_the_broker_as_it_came),
	    cmocka_unit_test(goes_on_with_an_order),
	    cmocka_unit_test(a_profile_is_asked_for_where_it_is_offered),
	};

	return cmocka_run_group_tests(
	    tests, scriptedca_setup, scriptedca_teardown);
}
