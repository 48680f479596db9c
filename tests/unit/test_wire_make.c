/*
 * test_wire_make.c: payloads and account files, byte for byte.
 */
#include "acme/wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

/* Fails unless the last call went well and made `text`. */
static void
expect(int rc, struct buf *made, const char *text)
{
	assert_int_equal(rc, 0);
	assert_string_equal(buf_text(made), text);
	assert_int_equal(made->len, strlen(text));
}

static void
makes_the_payloads(void **state)
{
	static const char *const contacts[] = {"mailto:a@a.example"};
	static const char *const names[] = {
	    "*.a.example", "192.0.2.1", "2001:db8::1"};
	struct buf made = BUF_INIT(4096), eab = BUF_INIT(64);
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(buf_puts(&eab, "{\"payload\":\"x\"}", &err), 0);
	expect(wire_make_account(contacts, 1, true, false, &eab, &made, &err),
	    &made,
	    "{\"contact\":[\"mailto:a@a.example\"],"
	    "\"termsOfServiceAgreed\":true,"
	    "\"externalAccountBinding\":{\"payload\":\"x\"}}");
	expect(wire_make_account(NULL, 0, false, false, NULL, &made, &err),
	    &made, "{}");
	expect(wire_make_account(contacts, 1, true, true, &eab, &made, &err),
	    &made, "{\"onlyReturnExisting\":true}");
	expect(wire_make_contacts(contacts, 1, &made, &err), &made,
	    "{\"contact\":[\"mailto:a@a.example\"]}");
	expect(wire_make_contacts(NULL, 0, &made, &err), &made,
	    "{\"contact\":[]}");
	expect(wire_make_deactivate(&made, &err), &made,
	    "{\"status\":\"deactivated\"}");
	expect(wire_make_order(names, 3, "short", &made, &err), &made,
	    "{\"identifiers\":[{\"type\":\"dns\",\"value\":\"*.a.example\"},"
	    "{\"type\":\"ip\",\"value\":\"192.0.2.1\"},"
	    "{\"type\":\"ip\",\"value\":\"2001:db8::1\"}],"
	    "\"profile\":\"short\"}");
	expect(wire_make_order(names, 1, NULL, &made, &err), &made,
	    "{\"identifiers\":[{\"type\":\"dns\","
	    "\"value\":\"*.a.example\"}]}");
	expect(wire_make_finalize("MIH-_", &made, &err), &made,
	    "{\"csr\":\"MIH-_\"}");
	expect(wire_make_revoke("MII", 4, &made, &err), &made,
	    "{\"certificate\":\"MII\",\"reason\":4}");
	expect(wire_make_revoke("MII", -1, &made, &err), &made,
	    "{\"certificate\":\"MII\"}");
	buf_free(&made);
	buf_free(&eab);
}

static void
what_cannot_be_made_is_an_error(void **state)
{
	static const char *const names[] = {"\xff.example"};
	struct buf made = BUF_INIT(8), eab = BUF_INIT(64);
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(buf_puts(&eab, "{\"payload\":", &err), 0);
	assert_int_equal(
	    wire_make_account(NULL, 0, true, false, &eab, &made, &err),
	    ERR_SYNTAX);
	assert_int_equal(
	    wire_make_finalize("0123456789", &made, &err), ERR_LIMIT);
	/* No UTF-8, so no JSON; never a half of it. */
	err_clear(&err);
	assert_true(wire_make_order(names, 1, NULL, &made, &err) < 0);
	assert_int_equal(made.len, 0);
	buf_free(&made);
	buf_free(&eab);
}

static void
a_header_has_a_jwk_or_a_kid(void **state)
{
	static const char jwk[] =
	    "{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"x\",\"y\":\"y\"}";
	struct buf made = BUF_INIT(4096);
	struct err err = ERR_INIT;

	(void)state;
	expect(wire_make_protected("ES256", jwk, NULL, "n-1",
		   "https://a/\xc3\xa4", &made, &err),
	    &made,
	    "{\"alg\":\"ES256\",\"jwk\":{\"crv\":\"P-256\",\"kty\":\"EC\","
	    "\"x\":\"x\",\"y\":\"y\"},\"nonce\":\"n-1\","
	    "\"url\":\"https://a/\xc3\xa4\"}");
	expect(wire_make_protected(
		   "HS256", NULL, "kid/1", "", "https://a/", &made, &err),
	    &made,
	    "{\"alg\":\"HS256\",\"kid\":\"kid/1\",\"url\":\"https://a/\"}");
	assert_int_equal(wire_make_protected("ES256", jwk, "kid", "n",
			     "https://a/", &made, &err),
	    ERR_USAGE);
	assert_int_equal(wire_make_protected("ES256", NULL, NULL, "n",
			     "https://a/", &made, &err),
	    ERR_USAGE);
	err_clear(&err);
	expect(wire_make_jws("cA", "", "cw", &made, &err), &made,
	    "{\"protected\":\"cA\",\"payload\":\"\",\"signature\":\"cw\"}");
	buf_free(&made);
}

/* RFC 7517, A.2; certbot writes the same members. */
static void
keys_are_read_and_written(void **state)
{
	static const char text[] =
	    "{\"crv\":\"P-256\",\"d\":\"870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj"
	    "3eAE\",\"kty\":\"EC\",\"x\":\"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6K"
	    "PAqv7D4\",\"y\":\"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM\"}";
	struct buf key = BUF_SECRET(4096), made = BUF_SECRET(4096);
	struct wire_jwk *jwk = calloc(1, sizeof(*jwk));
	struct wire_jwk *again = calloc(1, sizeof(*again));
	struct err err = ERR_INIT;

	(void)state;
	assert_true(jwk != NULL && again != NULL);
	assert_int_equal(buf_puts(&key, text, &err), 0);
	assert_int_equal(wire_read_jwk(&key, jwk, &err), 0);
	assert_string_equal(jwk->kty, "EC");
	assert_string_equal(jwk->crv, "P-256");
	assert_string_equal(jwk->member[WIRE_JWK_D],
	    "870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE");
	assert_string_equal(jwk->member[WIRE_JWK_N], "");
	assert_int_equal(wire_make_jwk(jwk, &made, &err), 0);
	assert_int_equal(wire_read_jwk(&made, again, &err), 0);
	assert_memory_equal(jwk, again, sizeof(*jwk));
	buf_reset(&key);
	assert_int_equal(
	    buf_puts(&key, "{\"kty\":\"RSA\",\"n\":\"a+b\"}", &err), 0);
	assert_int_equal(wire_read_jwk(&key, jwk, &err), ERR_SYNTAX);
	assert_string_equal(jwk->kty, "");
	buf_free(&key);
	buf_free(&made);
	free(jwk);
	free(again);
}

static void
account_files_are_as_certbot_writes_them(void **state)
{
	struct buf made = BUF_INIT(4096);
	struct err err = ERR_INIT;
	char url[LIMIT_URL_BYTES], small[8];

	(void)state;
	expect(wire_make_meta("2026-11-25T07:00:00Z", "host", &made, &err),
	    &made,
	    "{\"creation_dt\": \"2026-11-25T07:00:00Z\", "
	    "\"creation_host\": \"host\"}");
	expect(wire_make_regr("https://a.example/acct/1", &made, &err), &made,
	    "{\"body\": {}, \"uri\": \"https://a.example/acct/1\"}");
	assert_int_equal(wire_read_regr(&made, url, sizeof(url), &err), 0);
	assert_string_equal(url, "https://a.example/acct/1");
	assert_int_equal(
	    wire_read_regr(&made, small, sizeof(small), &err), ERR_SYNTAX);
	buf_reset(&made);
	assert_int_equal(buf_puts(&made, "{\"body\": {}}", &err), 0);
	assert_int_equal(
	    wire_read_regr(&made, url, sizeof(url), &err), ERR_SYNTAX);
	buf_free(&made);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(makes_the_payloads),
	    cmocka_unit_test(what_cannot_be_made_is_an_error),
	    cmocka_unit_test(a_header_has_a_jwk_or_a_kid),
	    cmocka_unit_test(keys_are_read_and_written),
	    cmocka_unit_test(account_files_are_as_certbot_writes_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
