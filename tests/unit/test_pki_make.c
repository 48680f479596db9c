/*
 * test_pki_make.c: the certificate of our own making is one that our own
 * reading, and validation's questions, are content with.
 */
#include "cert/pki.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "cert/bundle.h"

static void
it_is_a_bundle_that_we_read(void **state)
{
	struct buf pem = BUF_INIT(65536), again = BUF_INIT(65536);
	struct bundle bundle = {.leaf = NULL};
	const struct pki_facts *facts;
	struct err err = ERR_INIT;

	(void)state;
	clock_set(1900000000);
	assert_int_equal(
	    pki_make_self_signed("default.invalid", 10, &pem, &err), 0);
	assert_true(pem.secret);
	assert_int_equal(
	    bundle_parse(pem.data, pem.len, "made", &bundle, &err), 0);
	assert_int_equal(bundle.problem_count, 0);
	facts = pki_cert_facts(bundle.leaf);
	assert_true(facts->self_signed);
	assert_true(facts->server_auth);
	assert_false(facts->is_ca);
	assert_false(facts->signature_weak);
	assert_string_equal(facts->key.name, "P-256");
	assert_string_equal(facts->subject, "CN=default.invalid");
	assert_int_equal(facts->name_count, 1);
	assert_string_equal(facts->names[0], "default.invalid");
	assert_int_equal(facts->not_before_s, 1900000000);
	assert_int_equal(facts->not_after_s, 1900000000 + 10 * 86400);
	assert_true(pki_key_matches(bundle.leaf, bundle.key));
	/* Another key and serial at each call. */
	assert_int_equal(
	    pki_make_self_signed("default.invalid", 10, &again, &err), 0);
	assert_string_not_equal(pem.data, again.data);
	clock_set(0);
	bundle_free(&bundle);
	buf_free(&again);
	buf_free(&pem);
}

static void
it_keeps_to_the_buffers_maximum(void **state)
{
	struct buf pem = BUF_INIT(700);
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(
	    pki_make_self_signed("a.invalid", 1, &pem, &err), ERR_LIMIT);
	buf_free(&pem);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(it_is_a_bundle_that_we_read),
	    cmocka_unit_test(it_keeps_to_the_buffers_maximum),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
