/*
 * Unit tests of acme/jws: the vectors of RFC 7515, 7518, 7638 and 8555; and
 * numbers with a zero byte in front, which about one in 128 has.
 */
#include "acme/jws.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include <openssl/ecdsa.h>
#include <openssl/evp.h>

#include "acme/jws_private.h"

#define MOST LIMIT_ACME_REPLY_BYTES

static struct err err;

/* RFC 7638, 3.1: the key, and its thumbprint. */
static const char rfc7638_n[] =
    "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPF"
    "FxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93l"
    "qt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHz"
    "u6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPks"
    "INHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
static const char rfc7638_thumbprint[] =
    "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs";

/* RFC 7515, A.3: an EC key. */
static const char rfc7515_x[] = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
static const char rfc7515_y[] = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";
static const char rfc7515_d[] = "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI";

static void
set(char *member, const char *text)
{
	assert_true(strlen(text) < LIMIT_JWK_MEMBER_BYTES);
	memcpy(member, text, strlen(text) + 1);
}

static struct wire_jwk
rfc_ec(void)
{
	struct wire_jwk jwk;

	memset(&jwk, 0, sizeof(jwk));
	memcpy(jwk.kty, "EC", 3);
	memcpy(jwk.crv, "P-256", 6);
	set(jwk.member[WIRE_JWK_X], rfc7515_x);
	set(jwk.member[WIRE_JWK_Y], rfc7515_y);
	set(jwk.member[WIRE_JWK_D], rfc7515_d);
	return jwk;
}

/* --- keys ----------------------------------------------------------------- */

static void
test_thumbprint_of_the_rfc(void **state)
{
	struct wire_jwk jwk;
	struct buf text = BUF_INIT(MOST), digest = BUF_INIT(MOST);
	unsigned char sha256[EVP_MAX_MD_SIZE];
	unsigned int len = 0;

	(void)state;
	/* The public half alone, as the RFC has no private one. */
	memset(&jwk, 0, sizeof(jwk));
	memcpy(jwk.kty, "RSA", 4);
	set(jwk.member[WIRE_JWK_N], rfc7638_n);
	set(jwk.member[WIRE_JWK_E], "AQAB");
	assert_int_equal(wire_make_jwk(&jwk, &text, &err), 0);
	assert_int_equal(
	    EVP_Digest(text.data, text.len, sha256, &len, EVP_sha256(), NULL),
	    1);
	assert_int_equal(jws_b64_encode(sha256, len, &digest, &err), 0);
	assert_string_equal(buf_text(&digest), rfc7638_thumbprint);
	buf_free(&text);
	buf_free(&digest);
}

static void
test_ec_public_is_canonical(void **state)
{
	struct wire_jwk jwk = rfc_ec();
	struct buf text = BUF_INIT(MOST), wanted = BUF_INIT(MOST);
	struct jws_key *key = NULL;

	(void)state;
	assert_int_equal(jws_key_from_jwk(&jwk, &key, &err), 0);
	assert_int_equal(jws_key_public(key, &text, &err), 0);
	assert_int_equal(
	    buf_printf(&wanted, &err,
		"{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"%s\",\"y\":\"%s\"}",
		rfc7515_x, rfc7515_y),
	    0);
	assert_string_equal(buf_text(&text), buf_text(&wanted));
	jws_key_free(key);
	buf_free(&text);
	buf_free(&wanted);
}

/* Out to a JWK and in again: the same public key, every member there. */
static void
round_trip(const char *kind)
{
	struct jws_key *key = NULL, *back = NULL;
	char one[LIMIT_THUMBPRINT_BYTES], two[LIMIT_THUMBPRINT_BYTES];
	struct wire_jwk jwk;

	assert_int_equal(jws_key_make(kind, &key, &err), 0);
	assert_int_equal(jws_key_to_jwk(key, &jwk, &err), 0);
	assert_string_not_equal(jwk.member[WIRE_JWK_D], "");
	assert_int_equal(jws_key_from_jwk(&jwk, &back, &err), 0);
	assert_int_equal(jws_thumbprint(key, one, sizeof(one), &err), 0);
	assert_int_equal(jws_thumbprint(back, two, sizeof(two), &err), 0);
	assert_string_equal(one, two);
	jws_key_free(key);
	jws_key_free(back);
}

static void
test_round_trips(void **state)
{
	(void)state;
	round_trip("rsa2048");
	round_trip("P-256");
	round_trip("P-384");
}

/* x, y and d keep their width where they begin with a zero byte. */
static void
test_ec_members_are_full_width(void **state)
{
	bool seen = false;

	(void)state;
	for (int i = 0; !seen && i < 5000; i++) {
		struct jws_key *key = NULL;
		struct wire_jwk jwk;

		assert_int_equal(jws_key_make("P-256", &key, &err), 0);
		assert_int_equal(jws_key_to_jwk(key, &jwk, &err), 0);
		/* 32 bytes are 43 letters; "AA" to "AP" begin with a zero. */
		for (int m = WIRE_JWK_X; m <= WIRE_JWK_Y; m++) {
			const char *text = jwk.member[m];

			assert_int_equal(strlen(text), 43);
			seen = seen ||
			    (text[0] == 'A' && text[1] >= 'A' &&
				text[1] <= 'P');
		}
		assert_int_equal(strlen(jwk.member[WIRE_JWK_D]), 43);
		jws_key_free(key);
	}
	assert_true(seen);
}

static void
test_bad_keys(void **state)
{
	struct wire_jwk jwk = rfc_ec();
	struct jws_key *key = NULL;

	(void)state;
	/* Another key's private half. */
	set(jwk.member[WIRE_JWK_D],
	    "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LA");
	assert_int_equal(jws_key_from_jwk(&jwk, &key, &err), ERR_SYNTAX);
	jwk = rfc_ec();
	jwk.member[WIRE_JWK_X][42] = '\0'; /* a byte short */
	assert_int_equal(jws_key_from_jwk(&jwk, &key, &err), ERR_SYNTAX);
	jwk = rfc_ec();
	memcpy(jwk.crv, "P-999", 6);
	assert_int_equal(jws_key_from_jwk(&jwk, &key, &err), ERR_SYNTAX);
	jwk = rfc_ec();
	memcpy(jwk.kty, "oct", 4);
	assert_int_equal(jws_key_from_jwk(&jwk, &key, &err), ERR_SYNTAX);
	jwk = rfc_ec();
	jwk.member[WIRE_JWK_D][0] = '\0';
	assert_int_equal(jws_key_from_jwk(&jwk, &key, &err), ERR_SYNTAX);
	assert_null(key);
}

/* --- signatures ----------------------------------------------------------- */

/* The member `name` of flat JSON without escapes, into `ret`. */
static void
member(const struct buf *json, const char *name, struct buf *ret)
{
	char start[64];
	const char *at;

	(void)snprintf(start, sizeof(start), "\"%s\":\"", name);
	at = strstr(buf_text(json), start);
	assert_non_null(at);
	at += strlen(start);
	assert_int_equal(buf_add(ret, at, strcspn(at, "\""), &err), 0);
}

/* Verifies r||s by OpenSSL's own DER form. */
static bool
verifies(const struct jws_key *key, const struct buf *input,
    const unsigned char *flat)
{
	ECDSA_SIG *pair = ECDSA_SIG_new();
	unsigned char *der = NULL;
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	int len, good;

	ECDSA_SIG_set0(
	    pair, BN_bin2bn(flat, 32, NULL), BN_bin2bn(flat + 32, 32, NULL));
	len = i2d_ECDSA_SIG(pair, &der);
	assert_int_equal(
	    EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key->pkey),
	    1);
	good = EVP_DigestVerify(context, der, (size_t)len,
	    (const unsigned char *)input->data, input->len);
	EVP_MD_CTX_free(context);
	OPENSSL_free(der);
	ECDSA_SIG_free(pair);
	return good == 1;
}

/* One JWS; true where r or s begins with a zero byte. */
static bool
sign_and_verify(const struct jws_key *key, const struct buf *payload)
{
	struct buf jws = BUF_INIT(MOST), input = BUF_INIT(MOST);
	struct buf text = BUF_INIT(MOST), flat = BUF_INIT(MOST);
	const unsigned char *bytes;
	bool zero;

	assert_int_equal(jws_sign(key, "https://ca.example/acct/1", "nonce",
			     "https://ca.example/order", payload, &jws, &err),
	    0);
	member(&jws, "protected", &input);
	assert_int_equal(buf_puts(&input, ".", &err), 0);
	member(&jws, "payload", &input);
	member(&jws, "signature", &text);
	assert_int_equal(jws_b64_decode(buf_text(&text), &flat, &err), 0);
	assert_int_equal(flat.len, 64);
	bytes = (const unsigned char *)flat.data;
	assert_true(verifies(key, &input, bytes));
	zero = bytes[0] == 0 || bytes[32] == 0;
	buf_free(&jws);
	buf_free(&input);
	buf_free(&text);
	buf_free(&flat);
	return zero;
}

static void
test_signatures_are_padded(void **state)
{
	struct buf payload = BUF_INIT(MOST);
	struct jws_key *key = NULL;
	bool seen = false;

	(void)state;
	assert_int_equal(buf_puts(&payload, "{}", &err), 0);
	assert_int_equal(jws_key_make("P-256", &key, &err), 0);
	for (int i = 0; !seen && i < 5000; i++)
		seen = sign_and_verify(key, &payload);
	assert_true(seen);
	jws_key_free(key);
	buf_free(&payload);
}

/* jwk or kid, never both; an empty payload is "" and not left out. */
static void
test_headers(void **state)
{
	struct buf payload = BUF_INIT(MOST), jws = BUF_INIT(MOST);
	struct buf text = BUF_INIT(MOST), head = BUF_INIT(MOST);
	struct wire_jwk jwk = rfc_ec();
	struct jws_key *key = NULL;

	(void)state;
	assert_int_equal(jws_key_from_jwk(&jwk, &key, &err), 0);
	for (int with_kid = 0; with_kid < 2; with_kid++) {
		buf_reset(&jws);
		buf_reset(&text);
		buf_reset(&head);
		assert_int_equal(
		    jws_sign(key, with_kid ? "https://ca.example/a/1" : NULL,
			"n0", "https://ca.example/x", &payload, &jws, &err),
		    0);
		assert_non_null(strstr(buf_text(&jws), "\"payload\":\"\""));
		member(&jws, "protected", &text);
		assert_int_equal(
		    jws_b64_decode(buf_text(&text), &head, &err), 0);
		assert_non_null(strstr(buf_text(&head), "\"ES256\""));
		assert_non_null(strstr(buf_text(&head), "\"nonce\":\"n0\""));
		assert_int_equal(
		    strstr(buf_text(&head), "\"kid\"") != NULL, with_kid);
		assert_int_equal(
		    strstr(buf_text(&head), "\"jwk\"") != NULL, !with_kid);
	}
	jws_key_free(key);
	buf_free(&jws);
	buf_free(&text);
	buf_free(&head);
}

/* RFC 8555, 7.3.4: HS256 over the account's JWK, no nonce, the same URL. */
static void
test_eab(void **state)
{
	struct wire_jwk jwk = rfc_ec();
	struct buf eab = BUF_INIT(MOST), text = BUF_INIT(MOST);
	struct buf part = BUF_INIT(MOST), public = BUF_INIT(MOST);
	struct jws_key *key = NULL;

	(void)state;
	assert_int_equal(jws_key_from_jwk(&jwk, &key, &err), 0);
	assert_int_equal(
	    jws_eab(key, "HS256", "kid-1",
		"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN"
		"3Yj0iPS4hcgUuTwjAzZr1Z9CAow",
		"https://ca.example/new-acct", &eab, &err),
	    0);
	member(&eab, "protected", &text);
	assert_int_equal(jws_b64_decode(buf_text(&text), &part, &err), 0);
	assert_null(strstr(buf_text(&part), "nonce"));
	assert_non_null(strstr(buf_text(&part), "\"kid\":\"kid-1\""));
	assert_non_null(strstr(buf_text(&part), "\"alg\":\"HS256\""));
	buf_reset(&text);
	buf_reset(&part);
	member(&eab, "payload", &text);
	assert_int_equal(jws_b64_decode(buf_text(&text), &part, &err), 0);
	assert_int_equal(jws_key_public(key, &public, &err), 0);
	assert_string_equal(buf_text(&part), buf_text(&public));
	assert_int_equal(
	    jws_eab(key, "HS256", "k", "not base64!", "u", &eab, &err),
	    ERR_USAGE);
	assert_int_equal(
	    jws_eab(key, "none", "k", "AAAA", "u", &eab, &err), ERR_USAGE);
	jws_key_free(key);
	buf_free(&eab);
	buf_free(&text);
	buf_free(&part);
	buf_free(&public);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_thumbprint_of_the_rfc),
	    cmocka_unit_test(test_ec_public_is_canonical),
	    cmocka_unit_test(test_round_trips),
	    cmocka_unit_test(test_ec_members_are_full_width),
	    cmocka_unit_test(test_bad_keys),
	    cmocka_unit_test(test_signatures_are_padded),
	    cmocka_unit_test(test_headers),
	    cmocka_unit_test(test_eab),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
