/*
 * test_pki_key.c: a key matches its certificate and no other, and only where
 * its private half is right: what it says of its public half proves nothing.
 */
#include "cert/pki.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "tests/unit/lineages.h"

static const struct {
	const char *name;
	const char *facts;
	enum pki_key_type type;
	int bits;
} kinds[] = {
    {"p256", "P-256", PKI_KEY_EC, 256},
    {"p384", "P-384", PKI_KEY_EC, 384},
    {"p521", "P-521", PKI_KEY_EC, 521},
    {"k1", "secp256k1", PKI_KEY_EC, 256},
    {"short", "P-256", PKI_KEY_EC, 256},
    {"ed25519", "Ed25519", PKI_KEY_ED25519, 256},
    {"rsa1024", "RSA-1024", PKI_KEY_RSA, 1024},
    {"rsa2048", "RSA-2048", PKI_KEY_RSA, 2048},
    {"rsa3072", "RSA-3072", PKI_KEY_RSA, 3072},
};

/* A file of the CA for one of them. */
static const char *
file_of(const char *form, const char *kind)
{
	static char file[64];
	const char *part = strchr(form, '*');

	(void)snprintf(file, sizeof(file), "ca/%.*s%s%s", (int)(part - form),
	    form, kind, part + 1);
	return file;
}

static void
says_what_kind_of_key_it_is(void **state)
{
	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		struct pki_cert *cert =
		    lineages_cert(state, file_of("leaf.*.pem", kinds[i].name));
		struct pki_key *key =
		    lineages_key(state, file_of("*.key", kinds[i].name));
		const struct pki_key_facts *both[] = {
		    &pki_cert_facts(cert)->key, pki_key_facts(key)};

		for (size_t j = 0; j < COUNT_OF(both); j++) {
			assert_int_equal(both[j]->type, kinds[i].type);
			assert_int_equal(both[j]->bits, kinds[i].bits);
			assert_string_equal(both[j]->name, kinds[i].facts);
		}
		pki_cert_free(cert);
		pki_key_free(key);
	}
}

/* "short" is the key of "p256", its certificate has the point compressed. */
static bool
is_same_key(const char *a, const char *b)
{
	return strcmp(a, b) == 0 ||
	    (strcmp(a, "p256") == 0 && strcmp(b, "short") == 0) ||
	    (strcmp(b, "p256") == 0 && strcmp(a, "short") == 0);
}

static void
matches_its_own_certificate_and_no_other(void **state)
{
	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		struct pki_cert *cert =
		    lineages_cert(state, file_of("leaf.*.pem", kinds[i].name));

		for (size_t j = 0; j < COUNT_OF(kinds); j++) {
			struct pki_key *key = lineages_key(
			    state, file_of("*.key", kinds[j].name));

			assert_int_equal(pki_key_matches(cert, key),
			    is_same_key(kinds[i].name, kinds[j].name));
			pki_key_free(key);
		}
		pki_cert_free(cert);
	}
}

static void
reads_the_traditional_forms(void **state)
{
	static const struct {
		const char *cert, *key;
	} rows[] = {
	    {"ca/leaf.p256.pem", "etc/live/good-traditional/privkey.pem"},
	    {"ca/leaf.rsa2048.pem",
		"etc/live/good-traditional-rsa/privkey.pem"},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct pki_cert *cert = lineages_cert(state, rows[i].cert);
		struct pki_key *key = lineages_key(state, rows[i].key);

		assert_true(pki_key_matches(cert, key));
		pki_cert_free(cert);
		pki_key_free(key);
	}
}

static void
a_key_that_lies_about_its_public_half_does_not_match(void **state)
{
	struct pki_cert *cert = lineages_cert(state, "ca/leaf.p256.pem");
	struct pki_key *key =
	    lineages_key(state, "etc/live/bad-lying-key/privkey.pem");

	assert_string_equal(pki_key_facts(key)->name, "P-256");
	assert_false(pki_key_matches(cert, key));
	pki_cert_free(cert);
	pki_key_free(key);
}

/* HAProxy compares what the file says, and would not start. */
static void
the_public_half_of_another_key_in_the_file_does_not_match(void **state)
{
	enum { POINT_BYTES = 65 };
	struct pki_cert *cert = lineages_cert(state, "ca/leaf.p256.pem");
	struct pki_blocks own, other;
	struct err err = ERR_INIT;
	struct pki_key *key = NULL;
	struct pki_block *block;

	lineages_blocks(state, "ca/p256.key", &own);
	lineages_blocks(state, "ca/other.key", &other);
	block = &own.items[0];
	assert_int_equal(block->len, other.items[0].len);
	memcpy(block->der + block->len - POINT_BYTES,
	    other.items[0].der + block->len - POINT_BYTES, POINT_BYTES);
	assert_int_equal(pki_key_parse(block, "half", &key, &err), 0);
	assert_false(pki_key_matches(cert, key));
	pki_key_free(key);
	pki_blocks_free(&own);
	pki_blocks_free(&other);
	pki_cert_free(cert);
}

/* PKCS#8 names the curve, and may name it within once more (RFC 5915, 3). */
static void
a_curve_within_that_is_not_the_one_without_is_refused(void **state)
{
	static const unsigned char head[] = {0x30, 0x81, 0x93, 2, 1, 0, 0x30,
	    0x13, 6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1, 6, 8, 0x2a, 0x86,
	    0x48, 0xce, 0x3d, 3, 1, 7, 4, 0x79};
	enum { HEAD = sizeof(head), INNER = 121, CURVE = HEAD + 50 };
	struct pki_cert *cert = lineages_cert(state, "ca/leaf.p256.pem");
	unsigned char der[HEAD + INNER];
	struct pki_block block = {.label = PKI_LABEL_PRIVATE_KEY,
	    .text = "PRIVATE KEY",
	    .der = der,
	    .len = sizeof(der)};
	struct err err = ERR_INIT;
	struct pki_key *key = NULL;
	struct pki_blocks own;

	/* Its parameters are a block of their own in front. */
	lineages_blocks(state, "etc/live/good-traditional/privkey.pem", &own);
	assert_int_equal(own.count, 2);
	assert_int_equal(own.items[1].len, INNER);
	memcpy(der, head, HEAD);
	memcpy(der + HEAD, own.items[1].der, INNER);
	assert_int_equal(pki_key_parse(&block, "same", &key, &err), 0);
	assert_true(pki_key_matches(cert, key));
	pki_key_free(key);
	key = NULL;
	assert_int_equal(der[CURVE], 7);
	der[CURVE] = 1; /* prime192v1 */
	assert_int_equal(
	    pki_key_parse(&block, "other", &key, &err), ERR_SYNTAX);
	assert_null(key);
	pki_blocks_free(&own);
	pki_cert_free(cert);
}

/* The modulus of the certificate, everything else of another key. */
static void
an_rsa_key_that_lies_does_not_match_either(void **state)
{
	static const char file[] = "etc/live/good-traditional-rsa/privkey.pem";
	struct pki_cert *cert = lineages_cert(state, "ca/leaf.rsa2048.pem");
	EVP_PKEY *other = EVP_RSA_gen(2048);
	struct pki_block lie = {
	    .label = PKI_LABEL_PRIVATE_KEY, .text = "RSA PRIVATE KEY"};
	struct pki_key *key = NULL;
	struct err err = ERR_INIT;
	struct pki_blocks own;
	int len;

	lineages_blocks(state, file, &own);
	assert_non_null(other);
	len = i2d_PrivateKey(other, &lie.der);
	assert_true(len > 11 + 257);
	lie.len = (size_t)len;
	/* SEQUENCE, version, then the modulus: 4 + 3 + 4 bytes of header. */
	assert_memory_equal(lie.der + 7, "\x02\x82\x01\x01", 4);
	assert_memory_equal(own.items[0].der + 7, "\x02\x82\x01\x01", 4);
	memcpy(lie.der + 11, own.items[0].der + 11, 257);
	assert_int_equal(pki_key_parse(&lie, "lie", &key, &err), 0);
	assert_string_equal(pki_key_facts(key)->name, "RSA-2048");
	assert_false(pki_key_matches(cert, key));
	pki_key_free(key);
	OPENSSL_free(lie.der);
	EVP_PKEY_free(other);
	pki_blocks_free(&own);
	pki_cert_free(cert);
}

/*
 * Turns a bit of each byte; with none of them may the key still match. Returns
 * how many were refused at once.
 */
static unsigned
damage(struct pki_block *block, const struct pki_cert *cert)
{
	struct err err = ERR_INIT;
	unsigned refused = 0;

	for (size_t i = 0; i < block->len; i++) {
		struct pki_key *key = NULL;

		block->der[i] ^= 0x10;
		if (pki_key_parse(block, "damaged", &key, &err) == 0)
			assert_false(pki_key_matches(cert, key));
		else
			refused++;
		pki_key_free(key);
		block->der[i] ^= 0x10;
	}
	return refused;
}

static void
no_damaged_byte_of_a_key_goes_unseen(void **state)
{
	static const struct {
		const char *cert, *key;
	} rows[] = {
	    {"ca/leaf.rsa2048.pem",
		"etc/live/good-traditional-rsa/privkey.pem"},
	    {"ca/leaf.p256.pem", "etc/live/good-traditional/privkey.pem"},
	    {"ca/leaf.p256.pem", "ca/p256.key"},
	    {"ca/leaf.ed25519.pem", "ca/ed25519.key"},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct pki_cert *cert = lineages_cert(state, rows[i].cert);
		struct pki_blocks blocks;
		struct pki_block *block = NULL;

		lineages_blocks(state, rows[i].key, &blocks);
		block = &blocks.items[blocks.count - 1];
		assert_true(damage(block, cert) > 3);
		/* Undone, it is well again. */
		struct pki_key *key = NULL;
		struct err err = ERR_INIT;

		assert_int_equal(pki_key_parse(block, "whole", &key, &err), 0);
		assert_true(pki_key_matches(cert, key));
		pki_key_free(key);
		pki_blocks_free(&blocks);
		pki_cert_free(cert);
	}
}

static void
refuses_what_is_no_unencrypted_key(void **state)
{
	static const char *const files[] = {"ca/e1.pem",
	    "etc/live/bad-encrypted/privkey.pem",
	    "etc/live/bad-encrypted-rfc1421/privkey.pem"};
	struct pki_key *key = NULL;
	struct err err = ERR_INIT;
	struct pki_blocks blocks;

	for (size_t i = 0; i < COUNT_OF(files); i++) {
		lineages_blocks(state, files[i], &blocks);
		assert_int_equal(
		    pki_key_parse(&blocks.items[0], "x", &key, &err),
		    ERR_SYNTAX);
		pki_blocks_free(&blocks);
	}
	lineages_blocks(state, "ca/rsa2048.key", &blocks);
	for (size_t len = 0; len < blocks.items[0].len; len += 7) {
		struct pki_block cut = blocks.items[0];

		cut.len = len;
		assert_int_equal(
		    pki_key_parse(&cut, "cut", &key, &err), ERR_SYNTAX);
	}
	assert_null(key);
	pki_blocks_free(&blocks);
}

static void
a_kind_it_does_not_know_matches_nothing(void **state)
{
	struct pki_cert *cert = lineages_cert(state, "ca/leaf.p256.pem");
	struct pki_key *key = NULL;
	struct err err = ERR_INIT;
	struct pki_blocks blocks;

	lineages_blocks(state, "ca/p256.key", &blocks);
	(void)snprintf(blocks.items[0].text, sizeof(blocks.items[0].text),
	    "DSA PRIVATE KEY");
	assert_int_equal(pki_key_parse(&blocks.items[0], "dsa", &key, &err), 0);
	assert_int_equal(pki_key_facts(key)->type, PKI_KEY_OTHER);
	assert_false(pki_key_matches(cert, key));
	pki_key_free(key);
	pki_cert_free(cert);
	pki_blocks_free(&blocks);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(says_what_kind_of_key_it_is),
	    cmocka_unit_test(matches_its_own_certificate_and_no_other),
	    cmocka_unit_test(reads_the_traditional_forms),
	    cmocka_unit_test(
		a_key_that_lies_about_its_public_half_does_not_match),
	    cmocka_unit_test(
		the_public_half_of_another_key_in_the_file_does_not_match),
	    cmocka_unit_test(
		a_curve_within_that_is_not_the_one_without_is_refused),
	    cmocka_unit_test(an_rsa_key_that_lies_does_not_match_either),
	    cmocka_unit_test(no_damaged_byte_of_a_key_goes_unseen),
	    cmocka_unit_test(refuses_what_is_no_unencrypted_key),
	    cmocka_unit_test(a_kind_it_does_not_know_matches_nothing),
	};

	return cmocka_run_group_tests(tests, lineages_setup, lineages_teardown);
}
