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
 * Turns a bit of each of the first `count` bytes; with none of them may the
 * key still match. Returns how many were refused at once.
 */
static unsigned
damage(struct pki_block *block, size_t count, const struct pki_cert *cert)
{
	struct err err = ERR_INIT;
	unsigned refused = 0;

	for (size_t i = 0; i < count; i++) {
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
		size_t count; /* 0: all */
	} rows[] = {
	    {"ca/leaf.rsa2048.pem", "etc/live/good-traditional-rsa/privkey.pem",
		0},
	    /* Behind its secret is only its copy of the public key. */
	    {"ca/leaf.p256.pem", "ca/p256.key", 68},
	    {"ca/leaf.ed25519.pem", "ca/ed25519.key", 0},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct pki_cert *cert = lineages_cert(state, rows[i].cert);
		struct pki_blocks blocks;
		struct pki_block *block = NULL;
		size_t count = rows[i].count;

		lineages_blocks(state, rows[i].key, &blocks);
		block = &blocks.items[0];
		count = count == 0 ? block->len : count;
		assert_true(count <= block->len);
		assert_true(damage(block, count, cert) > 3);
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
	    cmocka_unit_test(an_rsa_key_that_lies_does_not_match_either),
	    cmocka_unit_test(no_damaged_byte_of_a_key_goes_unseen),
	    cmocka_unit_test(refuses_what_is_no_unencrypted_key),
	    cmocka_unit_test(a_kind_it_does_not_know_matches_nothing),
	};

	return cmocka_run_group_tests(tests, lineages_setup, lineages_teardown);
}
