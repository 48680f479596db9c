/*
 * test_domain.c: which names go to a CA, in which form, and what is said about
 * those that do not.
 */
#include "wrapper/domain.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"

static char ascii[LIMIT_DNS_NAME_BYTES + 1];

static void
names_become_lower_case_ascii(void **state)
{
	static const struct {
		const char *typed, *wanted;
	} cases[] = {
	    {"a.example", "a.example"},
	    {"WWW.Example.COM", "www.example.com"},
	    {"a.example.", "a.example"},
	    {"xn--mnchen-3ya.de", "xn--mnchen-3ya.de"},
	    {"m\xc3\xbcnchen.de", "xn--mnchen-3ya.de"},
	    {"M\xc3\x9cNCHEN.DE.", "xn--mnchen-3ya.de"},
	    /* u and a diaeresis apart: one name all the same. */
	    {"mu\xcc\x88nchen.de", "xn--mnchen-3ya.de"},
	    /* Non-transitional: a sharp s is a letter of its own. */
	    {"stra\xc3\x9f"
	     "e.de",
		"xn--strae-oqa.de"},
	    /* The ideographic full stop parts labels, too. */
	    {"\xe4\xbe\x8b\xe3\x80\x82\xe4\xb8\xad\xe5\x9b\xbd",
		"xn--fsq.xn--fiqs8s"},
	    {"a-b.9.example", "a-b.9.example"},
	};
	struct err err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		if (domain_ascii(
			cases[i].typed, false, ascii, sizeof(ascii), &err) < 0)
			fail_msg("%s: %s", cases[i].typed, err.detail);
		assert_string_equal(ascii, cases[i].wanted);
	}
}

static void
wildcards_are_for_dns_01(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(domain_ascii("*.M\xc3\xbcnchen.de", true, ascii,
			     sizeof(ascii), &err),
	    0);
	assert_string_equal(ascii, "*.xn--mnchen-3ya.de");
	assert_int_equal(
	    domain_ascii("*.a.example", false, ascii, sizeof(ascii), &err),
	    ERR_USAGE);
	assert_non_null(strstr(err.detail, "dns-01"));
	assert_string_equal(err.on, "*.a.example");
}

static void
what_is_no_name_is_told_apart(void **state)
{
	static const struct {
		const char *typed, *words;
	} cases[] = {
	    {"", "empty"},
	    {"https://a.example/x", "URL"},
	    {"a.example/x", "path"},
	    {"192.0.2.1", "IP address"},
	    {"2001:db8::1", "IP address"},
	    {"[2001:db8::1]", "IP address"},
	    {"a.example:443", "port"},
	    {"me@a.example", "e-mail"},
	    {"localhost", "single label"},
	    {"*.com", "single label"},
	    {"a.*.example", "first label"},
	    {"*a.example", "first label"},
	    {"-a.example", "no DNS name"},
	    {"a-.example", "no DNS name"},
	    {"a..example", "no DNS name"},
	    {".a.example", "no DNS name"},
	    {"a_b.example", "no DNS name"},
	    {"a b.example", "no DNS name"},
	    {"a.example\n", "no DNS name"},
	    {"--staging", "no DNS name"},
	    {"a.1", "is a number"},
	    {"\xf0\x9f\x98\x80.example", "IDNA"},
	    {"m\xfcnchen.de", "IDNA"},
	    {"xn--\xc3\xbc.de", "IDNA"},
	    {"xn--a.example", "IDNA"},
	};
	struct err err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		if (domain_ascii(cases[i].typed, true, ascii, sizeof(ascii),
			&err) != ERR_USAGE)
			fail_msg("'%s' is let through", cases[i].typed);
		if (strstr(err.detail, cases[i].words) == NULL)
			fail_msg("'%s': %s", cases[i].typed, err.detail);
	}
}

/* Labels of 63 letters, the last one cut so that `len` is the whole. */
static void
long_name(char *ret, size_t len)
{
	memset(ret, 'a', len);
	for (size_t i = 63; i < len; i += 64)
		ret[i] = '.';
	ret[len] = '\0';
}

static void
a_name_has_253_bytes_at_most(void **state)
{
	char name[LIMIT_DNS_NAME_BYTES * 5];
	struct err err = ERR_INIT;

	(void)state;
	long_name(name, 253);
	assert_int_equal(
	    domain_ascii(name, false, ascii, sizeof(ascii), &err), 0);
	assert_string_equal(ascii, name);
	for (size_t len = 254; len < sizeof(name); len += 100) {
		long_name(name, len);
		assert_int_equal(
		    domain_ascii(name, false, ascii, sizeof(ascii), &err),
		    ERR_USAGE);
		assert_non_null(strstr(err.detail, "longer"));
	}
	memset(name, 'a', 64);
	memcpy(name + 64, ".example", sizeof(".example"));
	assert_int_equal(
	    domain_ascii(name, false, ascii, sizeof(ascii), &err), ERR_USAGE);
	/* Never cut to fit. */
	assert_int_equal(
	    domain_ascii("a.example", false, ascii, 9, &err), ERR_USAGE);
	memcpy(name, "*.", 2);
	long_name(name + 2, 252);
	assert_int_equal(
	    domain_ascii(name, true, ascii, sizeof(ascii), &err), ERR_USAGE);
}

static void
a_lineage_is_named_by_its_first_name(void **state)
{
	(void)state;
	domain_lineage_name("a.example", ascii, sizeof(ascii));
	assert_string_equal(ascii, "a.example");
	domain_lineage_name("*.a.example", ascii, sizeof(ascii));
	assert_string_equal(ascii, "a.example");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_become_lower_case_ascii),
	    cmocka_unit_test(wildcards_are_for_dns_01),
	    cmocka_unit_test(what_is_no_name_is_told_apart),
	    cmocka_unit_test(a_name_has_253_bytes_at_most),
	    cmocka_unit_test(a_lineage_is_named_by_its_first_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
