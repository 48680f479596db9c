/*
 * test_validate_compare.c: names that were asked for, names that are lost,
 * what is older, and test certificates in the place of public ones.
 */
#include "cert/validate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>
#include <time.h>

#include "tests/unit/lineages.h"

/* `lineage` judged where `installed` (or NULL) is: the one finding of `rule`,
 * or NULL. Nothing else is found. */
static const struct validate_finding *
judge(void **state, const char *lineage, const char *installed,
    struct validate_policy policy, enum validate_rule rule)
{
	static struct validate_report report;
	struct bundle bundle, old;

	policy.now_s = time(NULL);
	lineages_build(state, lineage, &bundle);
	memset(&old, 0, sizeof(old));
	if (installed != NULL)
		lineages_build(state, installed, &old);
	validate_bundle(
	    &policy, &bundle, installed != NULL ? &old : NULL, &report);
	bundle_free(&bundle);
	bundle_free(&old);
	for (size_t i = 0; i < report.count; i++) {
		if (report.findings[i].rule == rule) {
			assert_int_equal(report.refusals,
			    report.findings[i].weight == VALIDATE_REFUSAL);
			return &report.findings[i];
		}
	}
	assert_int_equal(report.refusals, 0);
	return NULL;
}

static const struct validate_finding *
judge_names(void **state, const char *lineage, const char *const *expected)
{
	struct validate_policy policy = {.expected = expected};

	return judge(state, lineage, NULL, policy, VALIDATE_NAMES_COVER);
}

static void
names_that_are_covered_are_no_finding(void **state)
{
	static const char *const none[] = {NULL};
	static const char *const both[] = {
	    "p256.example", "WWW.p256.example", NULL};
	static const char *const wild[] = {
	    "wild.example", "*.wild.example", "a.wild.example", NULL};

	assert_null(judge_names(state, "good-p256", NULL));
	assert_null(judge_names(state, "good-p256", none));
	assert_null(judge_names(state, "good-p256", both));
	assert_null(judge_names(state, "good-wildcard", wild));
}

static void
names_that_are_not_covered_are_refused_and_listed(void **state)
{
	static const char *const some[] = {
	    "p256.example", "a.example", "b.example", NULL};
	static const char *const deep[] = {"a.b.wild.example", NULL};
	static const char *const star[] = {"*.p256.example", NULL};
	const struct validate_finding *finding = NULL;

	finding = judge_names(state, "good-p256", some);
	assert_non_null(finding);
	assert_int_equal(finding->weight, VALIDATE_REFUSAL);
	assert_non_null(strstr(finding->text, "a.example, b.example,"));
	assert_null(strstr(finding->text, "p256.example"));
	finding = judge_names(state, "good-wildcard", deep);
	assert_non_null(finding);
	assert_int_equal(finding->weight, VALIDATE_REFUSAL);
	finding = judge_names(state, "good-p256", star);
	assert_non_null(finding);
	assert_int_equal(finding->weight, VALIDATE_REFUSAL);
}

static void
lost_names_are_listed_and_refused_where_asked(void **state)
{
	struct validate_policy policy = {.lost_names_refuse = false};
	const struct validate_finding *finding = NULL;

	finding = judge(
	    state, "good-names", "good-p256", policy, VALIDATE_NAMES_LOST);
	assert_non_null(finding);
	assert_int_equal(finding->weight, VALIDATE_WARNING);
	assert_non_null(
	    strstr(finding->text, "p256.example, www.p256.example,"));
	policy.lost_names_refuse = true;
	finding = judge(
	    state, "good-names", "good-p256", policy, VALIDATE_NAMES_LOST);
	assert_non_null(finding);
	assert_int_equal(finding->weight, VALIDATE_REFUSAL);
	assert_null(judge(
	    state, "good-p256", "good-p256", policy, VALIDATE_NAMES_LOST));
	assert_null(
	    judge(state, "good-p256", NULL, policy, VALIDATE_NAMES_LOST));
	/* One that has more loses none. */
	assert_null(judge(
	    state, "good-p256", "good-staging", policy, VALIDATE_NAMES_LOST));
}

static void
a_long_list_of_names_is_cut_and_counted(void **state)
{
	struct validate_policy policy = {.lost_names_refuse = true};
	const struct validate_finding *finding = NULL;

	finding =
	    judge(state, "good-p256", "good-many", policy, VALIDATE_NAMES_LOST);
	assert_non_null(finding);
	assert_non_null(strstr(finding->text, "many.example, n001."));
	assert_non_null(strstr(finding->text, " and 8"));
	assert_non_null(strstr(finding->text, " more, this one is not"));
}

static void
what_is_older_is_refused_unless_forced(void **state)
{
	struct validate_policy policy = {.force = false};
	const struct validate_finding *finding = NULL;

	policy.lost_names_refuse = false;
	finding =
	    judge(state, "good-older", "good-p256", policy, VALIDATE_NOT_OLDER);
	assert_non_null(finding);
	assert_int_equal(finding->weight, VALIDATE_REFUSAL);
	policy.force = true;
	finding =
	    judge(state, "good-older", "good-p256", policy, VALIDATE_NOT_OLDER);
	assert_non_null(finding);
	assert_int_equal(finding->weight, VALIDATE_WARNING);
	policy.force = false;
	assert_null(judge(
	    state, "good-p256", "good-older", policy, VALIDATE_NOT_OLDER));
	assert_null(
	    judge(state, "good-p256", "good-p256", policy, VALIDATE_NOT_OLDER));
	assert_null(
	    judge(state, "good-older", NULL, policy, VALIDATE_NOT_OLDER));
}

/* By another CA, or in the place of a stand-in: dates tell nothing then. */
static void
what_a_ca_dated_back_is_not_older(void **state)
{
	static const struct {
		const char *lineage, *installed;
		bool renewed, refused;
	} rows[] = {
	    /* A day earlier, and it ends later. */
	    {"good-dated", "good-p256", false, false},
	    {"good-dated", "good-p256", true, false},
	    /* Two months, and it ends that much earlier: from a backup. */
	    {"good-older", "good-p256", false, true},
	    {"good-older", "good-p256", true, true},
	    /* Two months, and it ends later. */
	    {"good-older-long", "good-p256", false, true},
	    {"good-older-long", "good-p256", true, false},
	    /* A day, and it ends earlier: one with a short life. */
	    {"good-dated-short", "good-p256", false, true},
	    {"good-dated-short", "good-p256", true, false},
	    /* A stand-in. */
	    {"good-older", "good-self-signed", false, false},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct validate_policy policy = {.renewed = rows[i].renewed};

		assert_int_equal(
		    judge(state, rows[i].lineage, rows[i].installed, policy,
			VALIDATE_NOT_OLDER) != NULL,
		    rows[i].refused);
	}
}

/* An operator goes back: older is what was asked for, names may be forced. */
static void
going_back_is_to_what_is_older(void **state)
{
	struct validate_policy policy = {.going_back = true};
	const struct validate_finding *finding = NULL;

	finding =
	    judge(state, "good-older", "good-p256", policy, VALIDATE_NOT_OLDER);
	assert_non_null(finding);
	assert_int_equal(finding->weight, VALIDATE_WARNING);
	assert_null(strstr(finding->text, "--force"));
	policy.lost_names_refuse = true;
	finding = judge(
	    state, "good-names", "good-p256", policy, VALIDATE_NAMES_LOST);
	assert_non_null(finding);
	assert_int_equal(finding->weight, VALIDATE_REFUSAL);
	policy.force = true;
	finding = judge(
	    state, "good-names", "good-p256", policy, VALIDATE_NAMES_LOST);
	assert_non_null(finding);
	assert_int_equal(finding->weight, VALIDATE_WARNING);
}

/* What a root issued has no chain in a bundle, and yet was installed. */
static void
going_back_needs_no_chain(void **state)
{
	struct validate_policy policy = {.going_back = true};
	const struct validate_finding *finding = NULL;

	finding =
	    judge(state, "bad-no-chain", NULL, policy, VALIDATE_CHAIN_PRESENT);
	assert_non_null(finding);
	assert_int_equal(finding->weight, VALIDATE_WARNING);
}

/* What has expired may come back by force, and is never deployed by it. */
static void
only_who_goes_back_may_force_what_has_expired(void **state)
{
	static const struct {
		bool going_back, force;
		enum validate_weight weight;
	} rows[] = {
	    {false, false, VALIDATE_REFUSAL},
	    {false, true, VALIDATE_REFUSAL},
	    {true, false, VALIDATE_REFUSAL},
	    {true, true, VALIDATE_WARNING},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct validate_policy policy = {
		    .going_back = rows[i].going_back, .force = rows[i].force};
		const struct validate_finding *finding = NULL;

		policy.now_s = time(NULL);
		finding = judge(
		    state, "bad-expired", NULL, policy, VALIDATE_NOT_EXPIRED);
		assert_non_null(finding);
		assert_int_equal(finding->weight, rows[i].weight);
		assert_int_equal(strstr(finding->text, "--force") != NULL,
		    rows[i].going_back);
	}
}

static void
a_test_issuer_does_not_replace_a_public_one(void **state)
{
	static const char *const tests[] = {"good-staging", "good-pebble"};
	struct validate_policy policy = {.force = false};
	struct validate_policy forced = {.force = true};
	const struct validate_finding *finding = NULL;

	for (size_t i = 0; i < COUNT_OF(tests); i++) {
		finding = judge(
		    state, tests[i], "good-p256", policy, VALIDATE_NOT_STAGING);
		assert_non_null(finding);
		assert_int_equal(finding->weight, VALIDATE_REFUSAL);
		assert_non_null(strstr(finding->text, "Test E1"));
		finding = judge(
		    state, tests[i], "good-p256", forced, VALIDATE_NOT_STAGING);
		assert_non_null(finding);
		assert_int_equal(finding->weight, VALIDATE_WARNING);
		/* The way back, and one test after another, are open. */
		assert_null(judge(state, "good-p256", tests[i], policy,
		    VALIDATE_NOT_STAGING));
		assert_null(judge(state, tests[i], tests[1 - i], policy,
		    VALIDATE_NOT_STAGING));
		assert_null(
		    judge(state, tests[i], NULL, policy, VALIDATE_NOT_STAGING));
		/* A self-signed stand-in was trusted by nobody. */
		assert_null(judge(state, tests[i], "good-self-signed", policy,
		    VALIDATE_NOT_STAGING));
	}
}

static void
knows_a_test_issuer(void **state)
{
	static const struct {
		const char *file;
		bool test;
	} rows[] = {
	    {"ca/leaf.staging.pem", true},
	    {"ca/leaf.pebble.pem", true},
	    {"ca/leaf.p256.pem", false},
	    {"ca/leaf.self.pem", false},
	    /* It is one, but a public root issued it. */
	    {"ca/e1.staging.pem", false},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct pki_cert *cert = lineages_cert(state, rows[i].file);

		assert_int_equal(validate_is_test_issuer(cert), rows[i].test);
		pki_cert_free(cert);
	}
}

/* A bundle without a leaf that lies in the way is nothing to compare with. */
static void
what_is_installed_and_broken_is_not_compared_with(void **state)
{
	struct validate_policy policy = {.lost_names_refuse = true};

	assert_null(judge(
	    state, "good-p256", "bad-garbage", policy, VALIDATE_NAMES_LOST));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(going_back_needs_no_chain),
	    cmocka_unit_test(names_that_are_covered_are_no_finding),
	    cmocka_unit_test(names_that_are_not_covered_are_refused_and_listed),
	    cmocka_unit_test(lost_names_are_listed_and_refused_where_asked),
	    cmocka_unit_test(a_long_list_of_names_is_cut_and_counted),
	    cmocka_unit_test(what_is_older_is_refused_unless_forced),
	    cmocka_unit_test(what_a_ca_dated_back_is_not_older),
	    cmocka_unit_test(going_back_is_to_what_is_older),
	    cmocka_unit_test(only_who_goes_back_may_force_what_has_expired),
	    cmocka_unit_test(a_test_issuer_does_not_replace_a_public_one),
	    cmocka_unit_test(knows_a_test_issuer),
	    cmocka_unit_test(what_is_installed_and_broken_is_not_compared_with),
	};

	return cmocka_run_group_tests(tests, lineages_setup, lineages_teardown);
}
