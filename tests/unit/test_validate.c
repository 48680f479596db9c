/*
 * test_validate.c: each rule refuses what it is there for and nothing else,
 * and what is good passes them all.
 */
#include "cert/validate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "tests/unit/lineages.h"

enum { DAY_S = 24 * 60 * 60 };

static struct validate_policy
policy_of_today(void)
{
	struct validate_policy policy = {
	    .now_s = time(NULL),
	    .clock_tolerance_s = 300,
	};

	return policy;
}

/* The rules with findings of one weight, a bit each. */
static unsigned
rules_of(const struct validate_report *report, enum validate_weight weight)
{
	unsigned rules = 0;

	for (size_t i = 0; i < report->count; i++) {
		if (report->findings[i].weight == weight)
			rules |= 1U << report->findings[i].rule;
	}
	return rules;
}

static const char *
text_of(const struct validate_report *report, enum validate_rule rule)
{
	for (size_t i = 0; i < report->count; i++) {
		if (report->findings[i].rule == rule)
			return report->findings[i].text;
	}
	return "";
}

static void
run(void **state, const char *lineage, const struct validate_policy *policy,
    struct validate_report *ret)
{
	struct bundle bundle;
	size_t refusals = 0;

	lineages_build(state, lineage, &bundle);
	validate_bundle(policy, &bundle, NULL, ret);
	bundle_free(&bundle);
	for (size_t i = 0; i < ret->count; i++) {
		refusals += ret->findings[i].weight == VALIDATE_REFUSAL;
		assert_true(ret->findings[i].text[0] != '\0');
	}
	assert_int_equal(ret->refusals, refusals);
}

static void
what_is_good_is_not_refused(void **state)
{
	static const struct {
		const char *lineage;
		unsigned warnings;
	} rows[] = {
	    {"good-p256", 0},
	    {"good-p384", 0},
	    {"good-p521", 0},
	    {"good-ed25519", 0},
	    {"good-ed25519-ca", 0},
	    {"good-rsa2048", 0},
	    {"good-rsa3072", 0},
	    {"good-compressed", 0},
	    {"good-wildcard", 0},
	    {"good-many", 0},
	    {"good-chain3", 0},
	    {"good-root", 0},
	    {"good-by-root", 0},
	    {"good-text", 0},
	    {"good-renewed", 0},
	    {"good-traditional", 0},
	    {"good-traditional-rsa", 0},
	    /* With nothing installed, a test certificate replaces none. */
	    {"good-staging", 0},
	    {"good-pebble", 0},
	    {"good-self-signed", 1U << VALIDATE_CHAIN_PRESENT},
	    /* Nobody checks what one says about himself. */
	    {"good-self-sha1", 1U << VALIDATE_CHAIN_PRESENT},
	    {"good-no-san", 1U << VALIDATE_NAMES_COVER},
	};
	struct validate_policy policy = policy_of_today();
	struct validate_report report;

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		run(state, rows[i].lineage, &policy, &report);
		if (report.refusals > 0)
			fail_msg(
			    "%s: %s", rows[i].lineage, report.findings[0].text);
		assert_int_equal(
		    rules_of(&report, VALIDATE_WARNING), rows[i].warnings);
	}
}

static const struct {
	const char *lineage;
	unsigned refusals;
	enum validate_rule rule;
	const char *word;
} bad[] = {
#define ONE(rule) 1U << (rule), (rule)
    {"bad-truncated", ONE(VALIDATE_READABLE), "does not end"},
    {"bad-empty", ONE(VALIDATE_READABLE), "no certificate"},
    {"bad-garbage", ONE(VALIDATE_READABLE), "no certificate"},
    {"bad-der", ONE(VALIDATE_READABLE), "no X.509"},
    {"bad-foreign", ONE(VALIDATE_READABLE), "PRIVATE KEY"},
    {"bad-no-key", ONE(VALIDATE_READABLE), "no private key"},
    {"bad-two-keys", ONE(VALIDATE_READABLE), "more than one"},
    {"bad-encrypted", ONE(VALIDATE_READABLE), "encrypted"},
    {"bad-encrypted-rfc1421", ONE(VALIDATE_READABLE), "encrypted"},
    {"bad-not-fullchain", ONE(VALIDATE_READABLE), "cert.pem"},
    {"bad-many-blocks", ONE(VALIDATE_READABLE), "blocks"},
    {"bad-mismatch", ONE(VALIDATE_KEY_MATCHES), "P-256"},
    {"bad-mismatch-kind", ONE(VALIDATE_KEY_MATCHES), "RSA-2048"},
    {"bad-mismatch-rsa", ONE(VALIDATE_KEY_MATCHES), "RSA-3072"},
    {"bad-lying-key", ONE(VALIDATE_KEY_MATCHES), "not that of"},
    {"bad-rsa1024", ONE(VALIDATE_KEY_STRENGTH), "RSA-1024"},
    {"bad-secp256k1", ONE(VALIDATE_KEY_STRENGTH), "secp256k1"},
    {"bad-ed448", ONE(VALIDATE_KEY_STRENGTH), "ED448"},
    {"bad-psskey", ONE(VALIDATE_KEY_STRENGTH), "RSASSA-PSS"},
    {"bad-explicit", ONE(VALIDATE_KEY_STRENGTH), "unnamed curve"},
    {"bad-weak-chain", ONE(VALIDATE_KEY_STRENGTH), "Test Weak"},
    {"bad-sha1", ONE(VALIDATE_KEY_STRENGTH), "SHA1"},
    {"bad-order", ONE(VALIDATE_CHAIN_LINKS), "not signed by"},
    {"bad-root-first", ONE(VALIDATE_CHAIN_LINKS), "not signed by"},
    {"bad-false-issuer", ONE(VALIDATE_CHAIN_LINKS), "not signed by"},
    {"bad-no-ca", ONE(VALIDATE_CHAIN_LINKS), "no CA"},
    {"bad-expired", ONE(VALIDATE_NOT_EXPIRED), "expired on"},
    {"bad-expired-chain", ONE(VALIDATE_NOT_EXPIRED), "Test E1"},
    {"bad-future", ONE(VALIDATE_ALREADY_VALID), "not valid before"},
    {"bad-client-auth", ONE(VALIDATE_SERVER_AUTH), "serverAuth"},
    {"bad-no-chain", ONE(VALIDATE_CHAIN_PRESENT), "Test E1"},
#undef ONE
    {"bad-long-chain", 1U << VALIDATE_READABLE | 1U << VALIDATE_CHAIN_LINKS,
	VALIDATE_READABLE, "more than 10"},
    {"bad-ca-first",
	1U << VALIDATE_KEY_MATCHES | 1U << VALIDATE_CHAIN_LINKS |
	    1U << VALIDATE_LEAF_FIRST,
	VALIDATE_LEAF_FIRST, "must come first"},
};

static void
what_is_bad_is_refused_by_its_own_rule(void **state)
{
	struct validate_policy policy = policy_of_today();
	struct validate_report report;

	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		run(state, bad[i].lineage, &policy, &report);
		if (rules_of(&report, VALIDATE_REFUSAL) != bad[i].refusals)
			fail_msg("%s: refused by %#x, not %#x: %s",
			    bad[i].lineage, rules_of(&report, VALIDATE_REFUSAL),
			    bad[i].refusals,
			    report.count > 0 ? report.findings[0].text : "");
		assert_non_null(
		    strstr(text_of(&report, bad[i].rule), bad[i].word));
	}
}

static void
tells_all_that_it_finds_and_not_the_first(void **state)
{
	static const char *const expected[] = {"x.example", NULL};
	struct validate_policy policy = policy_of_today();
	struct validate_report report;
	struct bundle bundle;

	lineages_build(state, "bad-client-auth", &bundle);
	bundle.chain_count--;
	policy.expected = expected;
	policy.now_s += 200 * DAY_S;
	validate_bundle(&policy, &bundle, NULL, &report);
	assert_int_equal(rules_of(&report, VALIDATE_REFUSAL),
	    1U << VALIDATE_NOT_EXPIRED | 1U << VALIDATE_SERVER_AUTH |
		1U << VALIDATE_NAMES_COVER | 1U << VALIDATE_CHAIN_PRESENT);
	bundle.chain_count++;
	bundle_free(&bundle);
}

static void
time_is_judged_to_the_second(void **state)
{
	struct validate_policy policy = policy_of_today();
	struct validate_report report;
	const struct pki_facts *leaf = NULL;
	struct bundle bundle;

	lineages_build(state, "good-p256", &bundle);
	leaf = pki_cert_facts(bundle.leaf);
	policy.now_s = leaf->not_after_s;
	validate_bundle(&policy, &bundle, NULL, &report);
	assert_int_equal(report.refusals, 0);
	policy.now_s++;
	validate_bundle(&policy, &bundle, NULL, &report);
	assert_int_equal(
	    rules_of(&report, VALIDATE_REFUSAL), 1U << VALIDATE_NOT_EXPIRED);
	policy.now_s = leaf->not_before_s - policy.clock_tolerance_s;
	validate_bundle(&policy, &bundle, NULL, &report);
	assert_int_equal(report.refusals, 0);
	policy.now_s--;
	validate_bundle(&policy, &bundle, NULL, &report);
	assert_int_equal(
	    rules_of(&report, VALIDATE_REFUSAL), 1U << VALIDATE_ALREADY_VALID);
	bundle_free(&bundle);
}

/* Nothing that was not looked at passes. */
static void
an_empty_bundle_is_refused(void **state)
{
	struct validate_policy policy = policy_of_today();
	struct validate_report report;
	struct bundle bundle;

	(void)state;
	memset(&bundle, 0, sizeof(bundle));
	memset(&report, 0x5a, sizeof(report));
	validate_bundle(&policy, &bundle, NULL, &report);
	assert_int_equal(report.count, 1);
	assert_int_equal(report.refusals, 1);
	assert_int_equal(
	    rules_of(&report, VALIDATE_REFUSAL), 1U << VALIDATE_READABLE);
}

static void
a_leaf_without_its_key_is_refused(void **state)
{
	struct validate_policy policy = policy_of_today();
	struct validate_report report;
	struct bundle bundle;

	lineages_build(state, "good-p256", &bundle);
	pki_key_free(bundle.key);
	bundle.key = NULL;
	validate_bundle(&policy, &bundle, NULL, &report);
	assert_int_equal(
	    rules_of(&report, VALIDATE_REFUSAL), 1U << VALIDATE_READABLE);
	bundle_free(&bundle);
}

/* However much is wrong: the list is bounded, and still refuses. */
static void
more_findings_than_fit_still_refuse(void **state)
{
	struct validate_policy policy = policy_of_today();
	struct validate_report report;
	struct bundle bundle;

	lineages_build(state, "bad-long-chain", &bundle);
	while (bundle.problem_count < COUNT_OF(bundle.problems))
		bundle.problems[bundle.problem_count++] = bundle.problems[0];
	validate_bundle(&policy, &bundle, NULL, &report);
	assert_int_equal(report.count, LIMIT_FINDINGS);
	assert_int_equal(report.refusals, LIMIT_FINDINGS);
	bundle_free(&bundle);
}

static void
every_rule_has_a_name_of_its_own(void **state)
{
	(void)state;
	for (int i = 0; i < VALIDATE_RULES; i++) {
		const char *name = validate_rule_name((enum validate_rule)i);

		assert_int_equal(
		    strspn(name, "abcdefghijklmnopqrstuvwxyz-"), strlen(name));
		assert_true(name[0] != '\0');
		for (int j = 0; j < i; j++)
			assert_string_not_equal(
			    name, validate_rule_name((enum validate_rule)j));
	}
	assert_string_equal(
	    validate_rule_name(VALIDATE_KEY_MATCHES), "key-matches");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_good_is_not_refused),
	    cmocka_unit_test(what_is_bad_is_refused_by_its_own_rule),
	    cmocka_unit_test(tells_all_that_it_finds_and_not_the_first),
	    cmocka_unit_test(time_is_judged_to_the_second),
	    cmocka_unit_test(an_empty_bundle_is_refused),
	    cmocka_unit_test(a_leaf_without_its_key_is_refused),
	    cmocka_unit_test(more_findings_than_fit_still_refuse),
	    cmocka_unit_test(every_rule_has_a_name_of_its_own),
	};

	return cmocka_run_group_tests(tests, lineages_setup, lineages_teardown);
}
