/*
 * test_pki.c: a certificate means what OpenSSL says it means, and one that is
 * damaged is not taken for whole.
 */
#define _GNU_SOURCE /* memmem() */
#include "cert/pki.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <openssl/bn.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "tests/unit/lineages.h"
#include "tests/unit/scratch.h"

static time_t
time_of(const ASN1_TIME *time)
{
	struct tm utc;

	assert_int_equal(ASN1_TIME_to_tm(time, &utc), 1);
	return timegm(&utc);
}

/* As the facts have them: of a kind that we do not know, 0. */
static int
bits_of(const char *name, X509 *cert)
{
	static const char *const unknown[] = {
	    "ED448", "RSASSA-PSS", "unnamed curve"};

	for (size_t i = 0; i < COUNT_OF(unknown); i++) {
		if (strcasecmp(name, unknown[i]) == 0)
			return 0;
	}
	return strncmp(name, "Ed", 2) == 0
	    ? 256
	    : EVP_PKEY_get_bits(X509_get0_pubkey(cert));
}

/* What OpenSSL says about the certificate is what the facts say. */
static void
compare_with_openssl(const struct pki_block *block, const char *file)
{
	const unsigned char *at = block->der;
	unsigned char digest[PKI_SHA256_BYTES];
	const struct pki_facts *facts = NULL;
	struct pki_cert *cert = NULL;
	struct err err = ERR_INIT;
	char line[256], *serial;
	BIGNUM *number = NULL;
	X509 *other = NULL;

	assert_int_equal(pki_cert_parse(block, file, &cert, &err), 0);
	facts = pki_cert_facts(cert);
	other = d2i_X509(NULL, &at, (long)block->len);
	assert_non_null(other);
	assert_int_equal(
	    facts->not_before_s, time_of(X509_get0_notBefore(other)));
	assert_int_equal(
	    facts->not_after_s, time_of(X509_get0_notAfter(other)));
	assert_int_equal(facts->self_signed, X509_self_signed(other, 1) == 1);
	assert_int_equal(
	    facts->is_ca, (X509_get_extension_flags(other) & EXFLAG_CA) != 0);
	number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(other), NULL);
	serial = BN_bn2hex(number);
	assert_string_equal(facts->serial, serial);
	assert_int_equal(facts->key.bits, bits_of(facts->key.name, other));
	assert_int_equal(X509_digest(other, EVP_sha1(), digest, NULL), 1);
	assert_memory_equal(facts->sha1, digest, PKI_SHA1_BYTES);
	assert_int_equal(X509_digest(other, EVP_sha256(), digest, NULL), 1);
	assert_memory_equal(facts->sha256, digest, PKI_SHA256_BYTES);
	if (X509_NAME_get_text_by_NID(X509_get_issuer_name(other),
		NID_commonName, line, sizeof(line)) >= 0)
		assert_string_equal(facts->issuer_cn, line);
	OPENSSL_free(serial);
	BN_free(number);
	X509_free(other);
	pki_cert_free(cert);
}

static void
agrees_with_openssl_about_every_certificate(void **state)
{
	char file[NAME_MAX + 4];
	struct pki_blocks blocks;
	struct dirent *entry = NULL;
	unsigned count = 0;
	DIR *dir = NULL;

	dir = opendir(scratch_path(state, "lineages/ca"));
	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL) {
		if (strstr(entry->d_name, ".pem") == NULL)
			continue;
		(void)snprintf(file, sizeof(file), "ca/%s", entry->d_name);
		lineages_blocks(state, file, &blocks);
		compare_with_openssl(&blocks.items[0], file);
		pki_blocks_free(&blocks);
		count++;
	}
	assert_true(count > 20);
	assert_int_equal(closedir(dir), 0);
}

static void
says_what_the_certificate_says(void **state)
{
	struct pki_cert *cert = lineages_cert(state, "ca/leaf.many.pem");
	const struct pki_facts *facts = pki_cert_facts(cert);

	assert_string_equal(facts->subject, "CN=Many.Example");
	assert_string_equal(facts->issuer, "O=Certhaul Test,CN=Test E1");
	assert_string_equal(facts->issuer_cn, "Test E1");
	assert_string_equal(facts->issuer_org, "Certhaul Test");
	assert_string_equal(facts->signature, "ecdsa-with-SHA256");
	assert_string_equal(facts->key.name, "P-256");
	assert_int_equal(facts->name_count, 103);
	assert_string_equal(facts->names[0], "many.example");
	assert_string_equal(facts->names[1], "n001.many.example");
	assert_string_equal(facts->names[101], "192.0.2.1");
	assert_string_equal(facts->names[102], "2001:db8::1");
	assert_true(facts->server_auth);
	assert_false(facts->signature_weak);
	pki_cert_free(cert);
	cert = lineages_cert(state, "ca/leaf.client.pem");
	assert_false(pki_cert_facts(cert)->server_auth);
	pki_cert_free(cert);
	cert = lineages_cert(state, "ca/leaf.nosan.pem");
	assert_true(pki_cert_facts(cert)->server_auth);
	assert_int_equal(pki_cert_facts(cert)->name_count, 0);
	pki_cert_free(cert);
	cert = lineages_cert(state, "ca/leaf.sha1.pem");
	assert_true(pki_cert_facts(cert)->signature_weak);
	pki_cert_free(cert);
}

static void
knows_who_issued_whom(void **state)
{
	static const struct {
		const char *cert, *issuer;
		bool issued;
	} rows[] = {
	    {"ca/leaf.p256.pem", "ca/e1.pem", true},
	    {"ca/leaf.rsa2048.pem", "ca/e1.pem", true},
	    {"ca/leaf.byweak.pem", "ca/weak.pem", true},
	    {"ca/leaf.pss.pem", "ca/weak.pem", true},
	    {"ca/leaf.byed.pem", "ca/ed25519.pem", true},
	    {"ca/e1.pem", "ca/root.pem", true},
	    {"ca/root.pem", "ca/root.pem", true},
	    {"ca/leaf.self.pem", "ca/leaf.self.pem", true},
	    {"ca/leaf.p256.pem", "ca/e2.pem", false},
	    {"ca/leaf.pss.pem", "ca/e1.pem", false},
	    {"ca/leaf.p256.pem", "ca/root.pem", false},
	    {"ca/leaf.p256.pem", "ca/leaf.p256.pem", false},
	    {"ca/e1.pem", "ca/leaf.p256.pem", false},
	    /* The right name, the wrong key; then the other way round. */
	    {"ca/leaf.p256.pem", "ca/e1.false.pem", false},
	    {"ca/leaf.p256.pem", "ca/e1.pebble.pem", false},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct pki_cert *cert = lineages_cert(state, rows[i].cert);
		struct pki_cert *issuer = lineages_cert(state, rows[i].issuer);

		assert_int_equal(
		    pki_cert_issued_by(cert, issuer), rows[i].issued);
		pki_cert_free(cert);
		pki_cert_free(issuer);
	}
}

/* Whatever bit of it is turned over: no certificate, or not the issuer's. */
static void
damage_is_never_taken_for_issued(void **state)
{
	struct pki_cert *issuer = lineages_cert(state, "ca/e1.pem");
	struct err err = ERR_INIT;
	struct pki_blocks blocks;
	struct pki_block *block = NULL;
	unsigned refused = 0;

	lineages_blocks(state, "ca/leaf.p256.pem", &blocks);
	block = &blocks.items[0];
	for (size_t i = 0; i < block->len; i++) {
		struct pki_cert *cert = NULL;
		unsigned char bit = (unsigned char)(1U << i % 8);

		block->der[i] ^= bit;
		if (pki_cert_parse(block, "damaged", &cert, &err) == 0)
			assert_false(pki_cert_issued_by(cert, issuer));
		else
			refused++;
		pki_cert_free(cert);
		block->der[i] ^= bit;
	}
	assert_true(refused > block->len / 4);
	pki_blocks_free(&blocks);
	pki_cert_free(issuer);
}

static void
refuses_what_is_cut_or_has_a_tail(void **state)
{
	struct pki_cert *cert = NULL;
	struct err err = ERR_INIT;
	struct pki_blocks blocks;
	struct pki_block part;

	lineages_blocks(state, "ca/leaf.p256.pem", &blocks);
	part = blocks.items[0];
	/* A copy of just that size, so that a sanitizer sees a step beyond. */
	for (size_t len = 0; len < blocks.items[0].len; len++) {
		part.der = malloc(len + 1);
		assert_non_null(part.der);
		memcpy(part.der, blocks.items[0].der, len);
		part.len = len;
		assert_int_equal(
		    pki_cert_parse(&part, "cut", &cert, &err), ERR_SYNTAX);
		free(part.der);
	}
	part.len = blocks.items[0].len + 1;
	part.der = calloc(1, part.len);
	assert_non_null(part.der);
	memcpy(part.der, blocks.items[0].der, part.len - 1);
	assert_int_equal(
	    pki_cert_parse(&part, "tail", &cert, &err), ERR_SYNTAX);
	assert_null(cert);
	free(part.der);
	pki_blocks_free(&blocks);
}

/* Finds `what` in the block, after the first `skip` bytes. */
static unsigned char *
find_in(
    const struct pki_block *block, size_t skip, const void *what, size_t len)
{
	unsigned char *at =
	    memmem(block->der + skip, block->len - skip, what, len);

	assert_non_null(at);
	return at;
}

static void
two_signature_algorithms_that_differ_are_refused(void **state)
{
	/* ecdsa-with-SHA256; with a 3 at its end it is SHA384. */
	static const char oid[] = "\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02";
	struct pki_cert *cert = NULL;
	struct err err = ERR_INIT;
	struct pki_blocks blocks;
	unsigned char *at = NULL;

	lineages_blocks(state, "ca/leaf.p256.pem", &blocks);
	at = find_in(&blocks.items[0], 0, oid, strlen(oid));
	at[strlen(oid) - 1] = 3;
	assert_int_equal(
	    pki_cert_parse(&blocks.items[0], "x", &cert, &err), ERR_SYNTAX);
	pki_blocks_free(&blocks);
}

static void
the_zero_in_front_of_a_serial_number_is_only_its_sign(void **state)
{
	/* [0] version 3, then the serial number's header. */
	static const char head[] = "\xa0\x03\x02\x01\x02\x02";
	struct pki_cert *cert = NULL;
	struct err err = ERR_INIT;
	struct pki_blocks blocks;
	unsigned char *at = NULL;

	lineages_blocks(state, "ca/leaf.p256.pem", &blocks);
	at = find_in(&blocks.items[0], 0, head, strlen(head)) + strlen(head);
	assert_true(at[0] >= 4);
	memcpy(at + 1, "\x00\x9a\xbc", 3);
	assert_int_equal(pki_cert_parse(&blocks.items[0], "x", &cert, &err), 0);
	assert_int_equal(strncmp(pki_cert_facts(cert)->serial, "9ABC", 4), 0);
	assert_int_equal(
	    strlen(pki_cert_facts(cert)->serial), 2 * (size_t)(at[0] - 1));
	pki_cert_free(cert);
	pki_blocks_free(&blocks);
}

static void
a_name_with_a_nul_is_no_name(void **state)
{
	static const char name[] = "p256.example";
	struct pki_cert *cert = NULL;
	struct err err = ERR_INIT;
	struct pki_blocks blocks;
	unsigned char *at = NULL;

	lineages_blocks(state, "ca/leaf.p256.pem", &blocks);
	/* The first is the subject's, the second in the SAN. */
	at = find_in(&blocks.items[0], 0, name, strlen(name));
	at = find_in(&blocks.items[0], (size_t)(at + 1 - blocks.items[0].der),
	    name, strlen(name));
	at[4] = '\0';
	assert_int_equal(
	    pki_cert_parse(&blocks.items[0], "nul", &cert, &err), 0);
	assert_int_equal(pki_cert_facts(cert)->name_count, 1);
	assert_string_equal(pki_cert_facts(cert)->names[0], "www.p256.example");
	pki_cert_free(cert);
	pki_blocks_free(&blocks);
}

static void
sha256_is_sha256(void **state)
{
	static const unsigned char abc[] =
	    "\xba\x78\x16\xbf\x8f\x01\xcf\xea"
	    "\x41\x41\x40\xde\x5d\xae\x22\x23\xb0\x03\x61\xa3\x96\x17\x7a\x9c"
	    "\xb4\x10\xff\x61\xf2\x00\x15\xad";
	unsigned char made[PKI_SHA256_BYTES];

	(void)state;
	pki_sha256("abc", 3, made);
	assert_memory_equal(made, abc, sizeof(made));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(agrees_with_openssl_about_every_certificate),
	    cmocka_unit_test(says_what_the_certificate_says),
	    cmocka_unit_test(knows_who_issued_whom),
	    cmocka_unit_test(damage_is_never_taken_for_issued),
	    cmocka_unit_test(refuses_what_is_cut_or_has_a_tail),
	    cmocka_unit_test(two_signature_algorithms_that_differ_are_refused),
	    cmocka_unit_test(
		the_zero_in_front_of_a_serial_number_is_only_its_sign),
	    cmocka_unit_test(a_name_with_a_nul_is_no_name),
	    cmocka_unit_test(sha256_is_sha256),
	};

	return cmocka_run_group_tests(tests, lineages_setup, lineages_teardown);
}
